#!/usr/bin/env bash
# tool.sh kafka-topics ARGS...: Kafka's own console tools, by the names they have in its distribution.
#
# With --show first, prints the command before it runs. The broker is ORDERLINE_BROKERS or
# the local one unless the arguments name one.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

# answers HOST:PORT,...: whether one of the brokers does.
answers() {
    local brokers broker
    IFS=, read -ra brokers <<<"$1"
    for broker in "${brokers[@]}"; do
        if (: <"/dev/tcp/${broker%:*}/${broker##*:}") 2>/dev/null; then return; fi
    done
    return 1
}

shown=
if [[ ${1:-} == --show ]]; then
    shown=yes
    shift
fi

tool=${1:-}
if (($#)); then shift; fi
case ${tool%.sh} in
    kafka-topics) class=org.apache.kafka.tools.TopicCommand ;;
    kafka-console-consumer) class=org.apache.kafka.tools.consumer.ConsoleConsumer ;;
    kafka-console-producer) class=org.apache.kafka.tools.ConsoleProducer ;;
    kafka-consumer-groups) class=org.apache.kafka.tools.consumer.group.ConsumerGroupCommand ;;
    kafka-get-offsets) class=org.apache.kafka.tools.GetOffsetShell ;;
    kafka-delete-records) class=org.apache.kafka.tools.DeleteRecordsCommand ;;
    kafka-configs) class=kafka.admin.ConfigCommand ;;
    kafka-acls) class=org.apache.kafka.tools.AclCommand ;;
    kafka-dump-log) class=org.apache.kafka.tools.DumpLogSegments ;;
    *) die "no tool '$tool'" "there are kafka-topics, kafka-console-consumer, kafka-console-producer, kafka-consumer-groups," \
        "kafka-get-offsets, kafka-delete-records, kafka-configs, kafka-acls and kafka-dump-log" ;;
esac

arguments=("$@")
if [[ $tool != kafka-dump-log* && " $* " != *" --bootstrap-server "* ]]; then
    bootstrap=$(bootstrap)
    # The tools themselves try for a minute before they say so.
    if ! answers "$bootstrap"; then
        die "no broker answers on $bootstrap" "start one: make up; or name yours: ORDERLINE_BROKERS=host:port"
    fi
    arguments=(--bootstrap-server "$bootstrap" "$@")
    source "$root/scripts/kafka/secure/env.sh"
    if is_secure && [[ " $* " != *" --command-config "* ]]; then
        arguments+=(--command-config "$secure/users/${KAFKA_TOOL_USER:-viewer}.properties")
    fi
fi
if [[ -n $shown ]]; then say "\$ scripts/kafka/tool.sh $tool ${arguments[*]}"; fi

"$root/scripts/kafka/fetch.sh"
kafka_jvm
exec "${jvm[@]}" -XX:TieredStopAtLevel=1 -Xmx256m "$class" "${arguments[@]}"
