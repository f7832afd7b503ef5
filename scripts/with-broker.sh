#!/usr/bin/env bash
# with-broker.sh COMMAND...: runs COMMAND with a fresh broker of its own, named in ORDERLINE_TEST_BROKERS.
#
# Which one, BROKER says, as broker.sh tells it, and BROKERS=3 makes a cluster of Apache Kafka; COMMAND finds it there too, for the brokers that it starts by
# itself. The broker and its data are gone when this script ends, however it ends. A broker that
# ORDERLINE_TEST_BROKERS or BROKER=HOST:PORT names is used as it is.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/kafka/env.sh"
source "$(dirname "${BASH_SOURCE[0]}")/embedded/env.sh"

if [[ -n ${ORDERLINE_TEST_BROKERS:-} ]]; then
    say "broker: $ORDERLINE_TEST_BROKERS, as the environment says"
    exec "$@"
fi
if [[ ${BROKER:-} == *:* ]]; then
    ORDERLINE_TEST_BROKERS=$("$root/scripts/broker.sh")
    BROKER=$("$root/scripts/broker.sh" --own)
    export ORDERLINE_TEST_BROKERS BROKER
    say "broker: $ORDERLINE_TEST_BROKERS; tests that need one of their own start it: $BROKER"
    exec "$@"
fi

BROKER=$("$root/scripts/broker.sh" --own)
export BROKER
dir=$(mktemp -d "${TMPDIR:-/tmp}/orderline-broker.XXXXXX")
log=$dir/broker.log
touch "$log"
# Neighbours out of the range that the system hands out by itself: one for each node and one for its controller.
nodes=${BROKERS:-1}
any_taken() {
    local port
    for ((port = $1; port < $1 + 2 * nodes; port++)); do
        if port_taken "$port"; then return; fi
    done
    return 1
}
port=$((20000 + 2 * nodes * (RANDOM % 1600)))
while any_taken "$port"; do port=$((port + 2 * nodes)); done
ports=$(kafka_ports "$port" "$nodes")

case $BROKER in
    local)
        name="Apache Kafka $kafka_version"
        ready="Kafka Server started"
        run=("$root/scripts/kafka/nodes.sh" "$dir/data" "$ports")
        "$root/scripts/kafka/fetch.sh"
        ;;
    embedded)
        name="Nisshi $nisshi_version, embedded,"
        ready=$nisshi_ready
        run=("$root/scripts/embedded/run.sh" "$dir/data" "$port")
        "$root/scripts/embedded/fetch.sh"
        ;;
esac

# The supervisor's standard input is a pipe that only this script holds.
coproc SUPERVISOR {
    exec "$root/scripts/supervise.sh" --remove "$dir" "$log" "${run[@]}"
}
supervisor=$SUPERVISOR_PID
pipe=${SUPERVISOR[1]}
stop() {
    exec {pipe}>&-
    wait "$supervisor" 2>/dev/null || true
}
trap stop EXIT
trap 'exit 130' INT TERM

end=$((SECONDS + 90))
until (($(grep -c "$ready" "$log" 2>/dev/null) >= nodes)); do
    if ! kill -0 "$supervisor" 2>/dev/null; then die "the broker for the tests ended at once" "try: make up BROKER=$BROKER"; fi
    if ((SECONDS >= end)); then
        tail -n 20 "$log" >&2
        die "the broker for the tests did not answer in 90 s"
    fi
    sleep 0.05
done

export ORDERLINE_TEST_BROKERS=127.0.0.1:${ports//,/,127.0.0.1:}
say "broker: $name on $ORDERLINE_TEST_BROKERS, for this run alone"
"$@"
