#!/usr/bin/env bash
# java.sh [MAJOR]: prints the path of a java of that version or newer, by default 17, which Kafka wants; fails when
# there is none.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

wanted=${1:-17}

major() {
    # The release file answers at once; starting the JVM to ask takes a tenth of a second or more.
    local home version
    home=$(dirname "$(dirname "$(readlink -f "$1")")")
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release" 2>/dev/null || true)
    if [[ -z $version ]]; then
        version=$("$1" -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p')
    fi
    echo "${version:-0}"
}

candidates=()
if [[ -n ${JAVA_HOME:-} ]]; then candidates+=("$JAVA_HOME/bin/java"); fi
if command -v java >/dev/null; then candidates+=("$(command -v java)"); fi
candidates+=(/usr/lib/jvm/*/bin/java)

for java in "${candidates[@]}"; do
    if [[ -x $java ]] && (($(major "$java") >= wanted)); then
        readlink -f "$java"
        exit
    fi
done
die "no Java $wanted or newer: not in JAVA_HOME, not on PATH, not in /usr/lib/jvm" \
    "on Debian: sudo apt-get install -y openjdk-$wanted-jre-headless, where that release has it"
