#!/usr/bin/env bash
# topics.sh: every topic with its partitions and settings, as Kafka's own tool tells it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

# Internal topics are left out; one line a topic, and one a partition with TOPIC=name.
if [[ -n ${TOPIC:-} ]]; then
    exec "$root/scripts/kafka/tool.sh" --show kafka-topics --describe --topic "$TOPIC"
fi
described=$("$root/scripts/kafka/tool.sh" --show kafka-topics --describe --exclude-internal)
if [[ -z $described ]]; then
    say "no topics yet: make up declares them"
else
    grep -v $'^\t' <<<"$described"
fi
