#!/usr/bin/env bash
# run.sh DATA PORT [CONTROLLER_PORT]: runs one broker in the foreground, formatting DATA the first time.
#
# Becomes the broker's process, so a signal sent to this process id reaches the broker. KAFKA_JVM adds
# options for the JVM, KAFKA_SETTINGS (NAME=VALUE, separated by spaces) for the broker, and KAFKA_SECURE names
# a folder of secure/make.sh: then it speaks TLS, asks who one is, and allows what it was told to allow.
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
if [[ -n ${KAFKA_SECURE:-} ]]; then
    umask 077
    secure=$(cd "$KAFKA_SECURE" && pwd)
    rm -f "$config.part"
    sed -e "s|@SECURE@|$secure|" -e "s|@PASSWORD@|$(<"$secure/users/broker")|g" \
        -e "s|@PORT@|$port|" -e "s|@CONTROLLER_PORT@|$controller_port|" \
        "$root/scripts/kafka/secure/server.properties" | cat "$config" - >"$config.part"
    mv "$config.part" "$config"
fi
for setting in ${KAFKA_SETTINGS:-}; do echo "$setting" >>"$config"; done

if [[ ! -f $data/meta.properties ]]; then
    format=("${jvm[@]}" -XX:TieredStopAtLevel=1 kafka.tools.StorageTool format --standalone
        --cluster-id orderline-local-kafka0 --config "$config")
    if [[ -n ${KAFKA_SECURE:-} ]]; then
        # From a file, for everyone on this machine sees a command line.
        { printf '"%s"\n' "${format[@]:1}"; "$root/scripts/kafka/secure/format.sh" "$secure"; } >"$data.format"
        format=("${format[0]}" "@$data.format")
    fi
    "${format[@]}" >/dev/null
    rm -f "$data.format"
fi

# shellcheck disable=SC2086 # several options in one variable
exec "${jvm[@]}" -Xmx512m ${KAFKA_JVM:-} kafka.Kafka "$config"
