#!/usr/bin/env bash
# no-topic.sh NAME: says that the broker has no such topic, and which it has, and fails; unless it has come meanwhile.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

there=$("$root/scripts/kafka/tool.sh" kafka-topics --list --exclude-internal)
if grep -qxF -e "$1" <<<"$there"; then exit 0; fi
if [[ -z $there ]]; then die "there is no topic '$1', nor any other" "make up declares them"; fi
die "there is no topic '$1'" "TOPIC may be: ${there//$'\n'/ }"
