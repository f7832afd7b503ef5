#!/usr/bin/env bash
# with-broker.sh COMMAND...: runs COMMAND with a fresh broker of its own, named in ORDERLINE_TEST_BROKERS.
#
# The broker and its data are gone when this script ends, however it ends. A broker that
# ORDERLINE_TEST_BROKERS already names is used as it is.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

if [[ -n ${ORDERLINE_TEST_BROKERS:-} ]]; then
    say "broker: $ORDERLINE_TEST_BROKERS, as the environment says"
    exec "$@"
fi

"$root/scripts/kafka/fetch.sh"

# Two neighbours out of the range that the system hands out by itself.
port=$((20000 + 2 * (RANDOM % 5000)))
while port_taken "$port" || port_taken $((port + 1)); do port=$((port + 2)); done

dir=$(mktemp -d "${TMPDIR:-/tmp}/orderline-kafka.XXXXXX")
log=$dir/kafka.log
touch "$log"
# The supervisor's standard input is a pipe that only this script holds.
coproc SUPERVISOR {
    exec "$root/scripts/supervise.sh" --remove "$dir" "$log" "$root/scripts/kafka/run.sh" "$dir/data" "$port"
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
until grep -q "Kafka Server started" "$log" 2>/dev/null; do
    if ! kill -0 "$supervisor" 2>/dev/null; then die "the broker for the tests ended at once" "try: make up"; fi
    if ((SECONDS >= end)); then
        tail -n 20 "$log" >&2
        die "the broker for the tests did not answer in 90 s"
    fi
    sleep 0.05
done

export ORDERLINE_TEST_BROKERS=127.0.0.1:$port
say "broker: Apache Kafka $kafka_version on $ORDERLINE_TEST_BROKERS, for this run alone"
"$@"
