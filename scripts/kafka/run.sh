#!/usr/bin/env bash
# run.sh DATA PORTS [CONTROLLER_PORTS [NODE]]: runs one node in the foreground, formatting DATA the first time.
#
# The ports are those of all nodes of the cluster, separated by commas: one port makes a broker alone, and
# node 2 of several takes the second. Controllers take the ports that follow, unless they are given.
# Becomes the broker's process, so a signal sent to this process id reaches the broker. KAFKA_JVM adds
# options for the JVM, KAFKA_SETTINGS (NAME=VALUE, separated by spaces) for the broker, and KAFKA_SECURE names
# a folder of secure/make.sh: then it speaks TLS, asks who one is, and allows what it was told to allow.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

mkdir -p "$1"
data=$(cd "$1" && pwd)
IFS=, read -ra ports <<<"$2"
IFS=, read -ra controller_ports <<<"${3:-$(kafka_ports $((ports[-1] + 1)) ${#ports[@]})}"
node=${4:-1}

voters=
for i in "${!controller_ports[@]}"; do voters+=,$((i + 1))@127.0.0.1:${controller_ports[i]}; done
copies=$((${#ports[@]} < 3 ? ${#ports[@]} : 3))
min_insync=$((copies > 1 ? copies - 1 : 1))

kafka_jvm
config=$data.properties
sed -e "s|@DATA@|$data|" -e "s|@NODE@|$node|" -e "s|@VOTERS@|${voters#,}|" \
    -e "s|@PORT@|${ports[node - 1]}|" -e "s|@CONTROLLER_PORT@|${controller_ports[node - 1]}|" \
    -e "s|@COPIES@|$copies|" -e "s|@MIN_INSYNC@|$min_insync|" \
    "$root/scripts/kafka/server.properties" >"$config"
if [[ -n ${KAFKA_SECURE:-} ]]; then
    umask 077
    secure=$(cd "$KAFKA_SECURE" && pwd)
    rm -f "$config.part"
    sed -e "s|@SECURE@|$secure|" -e "s|@PASSWORD@|$(<"$secure/users/broker")|g" \
        -e "s|@PORT@|${ports[node - 1]}|" -e "s|@CONTROLLER_PORT@|${controller_ports[node - 1]}|" \
        "$root/scripts/kafka/secure/server.properties" | cat "$config" - >"$config.part"
    mv "$config.part" "$config"
fi
for setting in ${KAFKA_SETTINGS:-}; do echo "$setting" >>"$config"; done

if [[ ! -f $data/meta.properties ]]; then
    format=("${jvm[@]}" -XX:TieredStopAtLevel=1 kafka.tools.StorageTool format
        --cluster-id orderline-local-kafka0 --config "$config")
    if [[ -n ${KAFKA_SECURE:-} ]]; then
        # From a file, for everyone on this machine sees a command line.
        { printf '"%s"\n' "${format[@]:1}"; "$root/scripts/kafka/secure/format.sh" "$secure"; } >"$data.format"
        format=("${format[0]}" "@$data.format")
    fi
    "${format[@]}" >/dev/null
    rm -f "$data.format"
fi

# Several nodes share the machine with the shop.
heap=$((${#ports[@]} > 1 ? 320 : 512))
# shellcheck disable=SC2086 # several options in one variable
exec "${jvm[@]}" "-Xmx${heap}m" ${KAFKA_JVM:-} kafka.Kafka "$config"
