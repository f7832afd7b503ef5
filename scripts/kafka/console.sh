#!/usr/bin/env bash
# console.sh TOPIC: reads a topic with Kafka's own console consumer: time, partition, offset, headers and key.
#
# FROM=beginning (default) or latest. Ends by itself when nothing more arrives for three seconds, or goes on
# with FOLLOW=1. Values are Avro, so they are shown only with VALUES=1.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

topic=$1
arguments=(--topic "$topic")
for part in timestamp partition offset headers key; do
    arguments+=(--formatter-property "print.$part=true")
done
if [[ ${VALUES:-0} != 1 ]]; then arguments+=(--formatter-property print.value=false); fi
# A look leaves no trace: its offsets are not committed, and it makes no topic, whatever the broker allows.
arguments+=(--command-property enable.auto.commit=false --command-property allow.auto.create.topics=false)
case ${FROM:-beginning} in
    beginning) arguments+=(--from-beginning) ;;
    latest) ;;
    *) die "FROM=$FROM is neither beginning nor latest" "one place: scripts/kafka/tool.sh kafka-console-consumer --topic $topic --partition P --offset N" ;;
esac
if [[ ${FOLLOW:-0} != 1 ]]; then arguments+=(--timeout-ms 3000); fi

# What the consumer says, after a first line with its process. The end by time-out is reported as an error in two
# lines, and advice on protocols is for another day. For a topic that is missing it would wait for ever.
hear() {
    local pid line
    read -r pid
    while IFS= read -r line; do
        case $line in
            *"{$topic=UNKNOWN_TOPIC_OR_PARTITION}"* | *"{$topic=INVALID_TOPIC_EXCEPTION}"*)
                kill -TERM "$pid"
                return
                ;;
            *'Error processing message, terminating'* | org.apache.kafka.common.errors.TimeoutException) ;;
            *'consumer rebalance protocol'*) ;;
            *) say "$line" ;;
        esac
    done
}

ended=0
# shellcheck disable=SC2016 # for the shell that becomes the consumer
"$BASH" -c 'echo "$$" >&2; exec "$@"' - "$root/scripts/kafka/tool.sh" --show kafka-console-consumer "${arguments[@]}" \
    2> >(hear) || ended=$?
# By the signal, that is.
if ((ended == 143)); then
    "$root/scripts/kafka/no-topic.sh" "$topic"
    exec "$0" "$topic"
fi
exit "$ended"
