#!/usr/bin/env bash
# topics.sh: every topic with its partitions and settings, as Kafka's own tool tells it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

# Internal topics are left out; one line a topic, and one a partition with TOPIC=name.
if [[ -n ${TOPIC:-} ]]; then
    # With --if-exists nothing is said of one that is missing, in place of a stack trace.
    described=$("$root/scripts/kafka/tool.sh" --show kafka-topics --describe --if-exists --topic "$TOPIC")
    if [[ -z $described ]]; then exec "$root/scripts/kafka/no-topic.sh" "$TOPIC"; fi
    printf '%s\n' "$described"
    exit
fi
described=$("$root/scripts/kafka/tool.sh" --show kafka-topics --describe --exclude-internal)
if [[ -z $described ]]; then
    say "no topics yet: make up declares them"
else
    grep -v $'^\t' <<<"$described"
fi
