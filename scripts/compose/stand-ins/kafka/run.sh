#!/usr/bin/env bash
# run.sh: stands in for /etc/kafka/docker/run of apache/kafka.
#
# The environment is turned into server.properties, and the folder formatted, by the class of Kafka that the
# image calls too, so that a variable that the image does not know is not known here either.
set -euo pipefail

export CLUSTER_ID=${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}
if ! said=$(java -cp '/opt/kafka/libs/*' kafka.docker.KafkaDockerWrapper setup --default-configs-dir /etc/kafka/docker \
    --mounted-configs-dir /mnt/shared/config --final-configs-dir /opt/kafka/config 2>&1); then
    if [[ ${said,,} != *"already formatted"* ]]; then
        printf '%s\n' "$said" >&2
        exit 1
    fi
fi
# shellcheck disable=SC2086 # several options in one variable, as in Kafka's own scripts
exec java ${KAFKA_HEAP_OPTS:--Xmx1G -Xms1G} -cp '/opt/kafka/libs/*' \
    -Dlog4j2.configurationFile=/opt/kafka/config/log4j2.yaml kafka.Kafka /opt/kafka/config/server.properties
