#!/usr/bin/env bash
# tool.sh: stands in for Kafka's console tools, under the names that they have in /opt/kafka/bin.
set -euo pipefail

case ${0##*/} in
    kafka-topics.sh) class=org.apache.kafka.tools.TopicCommand ;;
    kafka-consumer-groups.sh) class=org.apache.kafka.tools.consumer.group.ConsumerGroupCommand ;;
    kafka-console-consumer.sh) class=org.apache.kafka.tools.consumer.ConsoleConsumer ;;
    *)
        echo "${0##*/} is not stood in for" >&2
        exit 1
        ;;
esac
exec java -XX:TieredStopAtLevel=1 -Xmx256m -cp '/opt/kafka/libs/*' \
    -Dlog4j2.configurationFile=/etc/kafka/docker/tools-log4j2.yaml "$class" "$@"
