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
case $broker in
    local) "$root/scripts/kafka/up.sh" ;;
    embedded) "$root/scripts/embedded/up.sh" ;;
    *)
        echo "$broker" >"$state/run/brokers"
        say "broker: $broker, yours; nothing was started"
        ;;
esac
echo "$broker" >"$state/broker"

"$root/scripts/registry.sh"
"$root/scripts/run.sh" orderline topics apply
