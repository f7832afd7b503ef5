#!/usr/bin/env bash
# up.sh: the broker that BROKER asks for, the schema registry and the topics. What runs already is left alone.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

"$root/scripts/need.sh" rust cc

broker=$("$root/scripts/broker.sh")
# The services' databases go with the topics they were made from, so a state folder has one broker for good.
if [[ -f $state/broker && $(cat "$state/broker") != "$broker" ]]; then
    die "BROKER=$broker: the data in $state is of BROKER=$(cat "$state/broker")" \
        "go on with that one, or start over with the other: make down clean-data, then again" \
        "or keep both: ORDERLINE_STATE=another-folder make up BROKER=$broker"
fi
mkdir -p "$state/run"
if [[ ${SECURE:-0} == 1 ]]; then
    if [[ $broker != local ]]; then
        die "SECURE=1 is for the local Apache Kafka, and this broker is $broker" "take it: make up SECURE=1 BROKER=local"
    fi
    if [[ -d $state/kafka && ! -d $state/secure ]]; then
        die "SECURE=1: the data in $state/kafka is of a broker that asks nobody who he is" \
            "begin anew: make down, then make clean-data; or keep both: ORDERLINE_STATE=another-folder make up SECURE=1"
    fi
    "$root/scripts/kafka/secure/make.sh" "$state/secure"
fi
# Once secured, it stays so with its data.
if [[ -d $state/secure ]]; then export KAFKA_SECURE=$state/secure; fi
case $broker in
    local) "$root/scripts/kafka/up.sh" ;;
    embedded) "$root/scripts/embedded/up.sh" ;;
    *)
        echo "$broker" >"$state/run/brokers"
        say "broker: $broker, yours; nothing was started"
        ;;
esac
echo "$broker" >"$state/broker"

if [[ -n ${KAFKA_SECURE:-} ]]; then "$root/scripts/run.sh" orderline access apply; fi
"$root/scripts/registry.sh"
"$root/scripts/run.sh" orderline topics apply
