#!/usr/bin/env bash
# run.sh DATA PORT [CONTROLLER_PORT]: runs one broker in the foreground, formatting DATA the first time.
#
# Becomes the broker's process, so a signal sent to this process id reaches the broker. KAFKA_JVM adds
# options for the JVM, KAFKA_SETTINGS (NAME=VALUE, separated by spaces) for the broker.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

mkdir -p "$1"
data=$(cd "$1" && pwd)
port=$2
controller_port=${3:-$((port + 1))}

kafka_jvm
config=$data.properties
sed -e "s|@DATA@|$data|" -e "s|@PORT@|$port|" -e "s|@CONTROLLER_PORT@|$controller_port|" \
    "$root/scripts/kafka/server.properties" >"$config"
for setting in ${KAFKA_SETTINGS:-}; do echo "$setting" >>"$config"; done

if [[ ! -f $data/meta.properties ]]; then
    "${jvm[@]}" -XX:TieredStopAtLevel=1 kafka.tools.StorageTool format --standalone \
        --cluster-id orderline-local-kafka0 --config "$config" >/dev/null
fi

# shellcheck disable=SC2086 # several options in one variable
exec "${jvm[@]}" -Xmx512m ${KAFKA_JVM:-} kafka.Kafka "$config"
