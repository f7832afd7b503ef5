#!/usr/bin/env bash
# up.sh: starts the local broker in the background on KAFKA_PORT (9092) and waits until it answers.
#
# Its data is in .orderline/kafka and survives a restart.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

background=$root/scripts/background.sh
log=$state/log/kafka.log

if "$background" status kafka >/dev/null; then
    say "kafka: already running on $(cat "$state/run/brokers")"
    exit 0
fi
for port in "$kafka_port" $((kafka_port + 1)); do
    if port_taken "$port"; then
        die "port $port is taken by another program" "stop that one, or take other ports: make up KAFKA_PORT=19092 (and 19093)"
    fi
done

"$root/scripts/kafka/fetch.sh"
mkdir -p "$state/run"
rm -f "$log"
"$background" start kafka "$root/scripts/kafka/run.sh" "$state/kafka" "$kafka_port"
echo "127.0.0.1:$kafka_port" >"$state/run/brokers"

end=$((SECONDS + 90))
until grep -q "Kafka Server started" "$log" 2>/dev/null; do
    if ! "$background" status kafka >/dev/null; then
        tail -n 20 "$log" >&2
        die "Kafka did not start" "its whole output is in $log"
    fi
    if ((SECONDS >= end)); then
        "$background" stop kafka
        die "Kafka did not answer in 90 s" "its output is in $log"
    fi
    sleep 0.05
done
say "kafka: Apache Kafka $kafka_version on 127.0.0.1:$kafka_port, data in $state/kafka"
