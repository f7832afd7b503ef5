#!/usr/bin/env bash
# warm.sh: makes the archive of loaded classes that lets Kafka start in a third of the time, once for each JVM.
#
# It is made by a broker that starts and stops. Without the archive everything works, only slower.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

kafka_jvm
if [[ -f $classes ]]; then exit 0; fi
exec {lock}>"$classes.lock"
flock "$lock"
if [[ -f $classes ]]; then exit 0; fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/orderline-warm.XXXXXX")
broker=
trap 'if [[ -n $broker ]]; then kill -KILL "$broker" 2>/dev/null || true; fi; rm -rf "$dir" "$classes.part"' EXIT

# A port out of the range that the system hands out by itself.
port=$((20000 + RANDOM % 10000))
KAFKA_JVM="-XX:ArchiveClassesAtExit=$classes.part -Xlog:cds=off -Xlog:cds+dynamic=off" \
    "$root/scripts/kafka/run.sh" "$dir/data" "$port" {lock}>&- >"$dir/log" 2>&1 &
broker=$!

end=$((SECONDS + 60))
until grep -q "Kafka Server started" "$dir/log"; do
    if ! kill -0 "$broker" 2>/dev/null || ((SECONDS >= end)); then
        say "Kafka's class archive could not be made; starts stay slow"
        exit 0
    fi
    sleep 0.1
done
kill -TERM "$broker"
wait "$broker" || true
broker=
if [[ -f $classes.part ]]; then mv "$classes.part" "$classes"; fi
