#!/usr/bin/env bash
# fetch.sh: makes sure that Apache Kafka's jars are in the cache, and a Java to run them. Does nothing the second time.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

copy_jars() {
    "$root/scripts/need.sh" maven
    say "fetching Apache Kafka $kafka_version with Maven, once, into $kafka_home"
    mvn -B -q -Dstyle.color=never -f "$root/scripts/kafka/pom.xml" dependency:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory="$1/libs" >&2 \
        || die "Maven could not fetch Kafka" "look at its message above; behind a proxy or mirror, set that up in ~/.m2/settings.xml"
}

"$root/scripts/need.sh" java
once "$kafka_home" copy_jars
"$root/scripts/kafka/warm.sh"
