# What the Kafka scripts share. Sourced.
# shellcheck shell=bash

source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

# shellcheck disable=SC2034 # all read by the scripts that source this one
{
    kafka_version=$(sed -n 's/.*<kafka.version>\(.*\)<.*/\1/p' "$root/scripts/kafka/pom.xml")
    kafka_home=$cache/kafka-$kafka_version
    kafka_port=${KAFKA_PORT:-9092}
}

# Sets `jvm` to the command that runs a class of Kafka: quick to start, and quiet.
kafka_jvm() {
    local java
    java=$("$root/scripts/java.sh")
    jvm=("$java" -cp "$kafka_home/libs/*" "-Dlog4j2.configurationFile=$root/scripts/kafka/log4j2.properties" -XX:+UseSerialGC)
    # Classes as the JVM keeps them in memory, made by warm.sh for this very JVM: saves about three seconds a start.
    classes=$kafka_home/classes-$(echo "$java" "$(stat -c %Y "$java")" | cksum | cut -d' ' -f1).jsa
    if [[ -f $classes ]]; then jvm+=("-XX:SharedArchiveFile=$classes" -Xlog:disable -Xlog:all=error:stderr); fi
}

# How many nodes have their data in .orderline/kafka: 0 before the first start.
kafka_kept() {
    local folders
    folders=$(compgen -G "$state/kafka/[0-9]*/" || true)
    wc -w <<<"${folders//$state/}"
}

# kafka_ports FIRST COUNT: that many ports from FIRST on, separated by commas.
kafka_ports() { seq -s, "$1" $(($1 + $2 - 1)); }
