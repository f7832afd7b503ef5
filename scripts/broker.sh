#!/usr/bin/env bash
# broker.sh [--own]: prints which broker BROKER asks for: local (Apache Kafka), embedded (Nisshi), or HOST:PORT.
#
# BROKER=auto, which nothing at all means too, is local where Java and Maven are there or can be had without
# asking, and otherwise embedded; why is said in a line. ORDERLINE_BROKERS alone means the same as BROKER=HOST:PORT.
# With --own the answer is one that can be started for a test alone: a broker that is named counts as auto.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

asked=${BROKER:-${ORDERLINE_BROKERS:-auto}}
if [[ ${1:-} == --own ]]; then asked=${BROKER:-auto}; fi
if [[ -n ${BROKER:-} && -n ${ORDERLINE_BROKERS:-} && ${1:-} != --own && $BROKER != "$ORDERLINE_BROKERS" ]]; then
    die "BROKER=$BROKER and ORDERLINE_BROKERS=$ORDERLINE_BROKERS name two brokers" "give one of them"
fi

# Whether every part of a comma-separated list is HOST:PORT.
is_address() {
    local address
    for address in ${1//,/ }; do
        if ! [[ $address =~ ^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})$ ]] \
            || ((10#${BASH_REMATCH[2]} < 1 || 10#${BASH_REMATCH[2]} > 65535)); then
            return 1
        fi
    done
}

auto() {
    local java=yes jars=yes
    "$root/scripts/java.sh" >/dev/null 2>&1 || java=
    # Maven only fetches: a cache that has the jars already needs none.
    if ! command -v mvn >/dev/null && ! compgen -G "$cache/kafka-*/libs" >/dev/null; then jars=; fi
    if [[ -n $java && -n $jars ]]; then
        say "broker: local Apache Kafka, because a JDK and Maven are here (BROKER=auto)"
        echo local
    elif "$root/scripts/need.sh" --can; then
        say "broker: local Apache Kafka, because a JDK and Maven can be installed here in seconds (BROKER=auto)"
        echo local
    else
        say "broker: embedded, because a JDK 17+ or Maven is missing and cannot be installed without asking (BROKER=auto)"
        echo embedded
    fi
}

# A cluster is of Apache Kafka.
case ${BROKERS:-1} in
    1) ;;
    3) if [[ $asked == auto ]]; then asked=local; fi ;;
    *) die "BROKERS=$BROKERS is neither 1 nor 3" "try: make up BROKERS=3" ;;
esac
if [[ ${BROKERS:-1} == 3 && $asked == embedded ]]; then
    die "BROKERS=3 is a cluster of Apache Kafka, and BROKER=embedded is one broker" "leave one of the two out"
fi

case $asked in
    local | embedded) echo "$asked" ;;
    auto)
        if [[ ${1:-} != --own && -f $state/broker ]]; then
            say "broker: $(cat "$state/broker"), as before, for its data is in $state (BROKER=auto)"
            cat "$state/broker"
        else
            auto
        fi
        ;;
    *)
        if ! is_address "$asked"; then
            die "BROKER=$asked is no broker" "it may be auto, local (Apache Kafka), embedded (Nisshi), or the HOST:PORT of yours"
        fi
        if [[ ${1:-} == --own ]]; then auto; else echo "$asked"; fi
        ;;
esac
