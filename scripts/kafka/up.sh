#!/usr/bin/env bash
# up.sh: starts the local broker in the background, or BROKERS=3 of them, and waits until they answer.
#
# Brokers listen on KAFKA_PORT (9092) and the ports that follow, their controllers on those after them.
# The data is in .orderline/kafka, a folder for each, and survives a restart. What runs already is left alone.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

background=$root/scripts/background.sh

kept=$(kafka_kept)
nodes=${BROKERS:-$((kept > 0 ? kept : 1))}
begin_anew="begin anew: make down, then make clean-data"
if ((kept > 0 && kept != nodes)); then
    die "the data in $state/kafka is that of BROKERS=$kept, not of BROKERS=$nodes" "keep it: make up BROKERS=$kept; or $begin_anew"
fi
if [[ -f $state/kafka/meta.properties ]]; then
    die "the data in $state/kafka is from before there was a folder for each broker" "$begin_anew"
fi

missing=()
for ((node = 1; node <= nodes; node++)); do
    "$background" status "kafka-$node" >/dev/null || missing+=("$node")
done
if ((${#missing[@]} == 0)); then
    say "kafka: already running on $(cat "$state/run/brokers")"
    exit 0
fi
# One that was killed comes back to where the others expect it.
if ((${#missing[@]} < nodes)); then
    first=$(cut -d, -f1 "$state/run/brokers")
    kafka_port=${first##*:}
fi
for node in "${missing[@]}"; do
    for port in $((kafka_port + node - 1)) $((kafka_port + nodes + node - 1)); do
        if port_taken "$port"; then
            die "port $port is taken by another program" \
                "stop that one, or take other ports: make up KAFKA_PORT=19092 ($((2 * nodes)) ports from there on)"
        fi
    done
done

"$root/scripts/kafka/fetch.sh"
ports=$(kafka_ports "$kafka_port" "$nodes")
# All folders before any node: they tell later how many there are.
mkdir -p "$state/run"
for ((node = 1; node <= nodes; node++)); do mkdir -p "$state/kafka/$node"; done
echo "127.0.0.1:${ports//,/,127.0.0.1:}" >"$state/run/brokers"
for node in "${missing[@]}"; do
    rm -f "$state/log/kafka-$node.log"
    "$background" start "kafka-$node" "$root/scripts/kafka/run.sh" "$state/kafka/$node" "$ports" "" "$node"
done

end=$((SECONDS + 90))
for node in "${missing[@]}"; do
    log=$state/log/kafka-$node.log
    until grep -q "Kafka Server started" "$log" 2>/dev/null; do
        if ! "$background" status "kafka-$node" >/dev/null; then
            tail -n 20 "$log" >&2
            die "Kafka did not start" "its whole output is in $log; what did start is stopped by make down"
        fi
        if ((SECONDS >= end)); then
            "$root/scripts/down.sh"
            die "Kafka did not answer in 90 s" "its output is in $log"
        fi
        sleep 0.05
    done
done
say "kafka: Apache Kafka $kafka_version on $(cat "$state/run/brokers"), data in $state/kafka"
