#!/usr/bin/env bash
# console.sh TOPIC: reads a topic with Kafka's own console consumer: time, partition, offset, headers and key.
#
# FROM=beginning (default) or latest. Ends by itself when nothing more arrives for three seconds, or goes on
# with FOLLOW=1. Values are Avro, so they are shown only with VALUES=1.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

arguments=(--topic "$1")
for part in timestamp partition offset headers key; do
    arguments+=(--formatter-property "print.$part=true")
done
if [[ ${VALUES:-0} != 1 ]]; then arguments+=(--formatter-property print.value=false); fi
# A look leaves no trace: its offsets are not committed.
arguments+=(--command-property enable.auto.commit=false)
case ${FROM:-beginning} in
    beginning) arguments+=(--from-beginning) ;;
    latest) ;;
    *) die "FROM=$FROM is neither beginning nor latest" "one place: scripts/kafka/tool.sh kafka-console-consumer --topic $1 --partition P --offset N" ;;
esac
if [[ ${FOLLOW:-0} != 1 ]]; then arguments+=(--timeout-ms 3000); fi

# The end by time-out is reported as an error in two lines, and advice on protocols is for another day.
"$root/scripts/kafka/tool.sh" --show kafka-console-consumer "${arguments[@]}" \
    2> >(grep -v -e 'Error processing message, terminating' -e '^org.apache.kafka.common.errors.TimeoutException$' \
        -e 'consumer rebalance protocol' >&2)
