#!/usr/bin/env bash
# check.sh: what can be said of Dockerfile and docker-compose.yml without running them.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$root"

# Images of others: all but our own and the stages of the build.
images=$(sed -nE 's/^ *(FROM|image:) ([^ ]+).*/\2/p' Dockerfile docker-compose.yml | grep -v '^orderline$')
for image in $images; do
    if [[ $image != *:* || $image == *:latest ]]; then die "$image has no version" "give it a tag that names one"; fi
done

# same WHAT HERE THERE
same() {
    if [[ $2 != "$3" ]]; then die "$1: $2 is not $3" "make them the same"; fi
}
rust=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
same "Rust in Dockerfile and rust-toolchain.toml" "$(grep '^rust:' <<<"$images" | sort -u)" "rust:$rust-bookworm"
kafka=$(sed -n 's|.*<kafka.version>\(.*\)<.*|\1|p' scripts/kafka/pom.xml)
same "Kafka in docker-compose.yml and scripts/kafka/pom.xml" "$(grep '^apache/kafka:' <<<"$images")" "apache/kafka:$kafka"

if command -v docker-compose >/dev/null || docker compose version >/dev/null 2>&1; then
    POSTGRES_PASSWORD=any "$root/scripts/compose/compose.sh" config --quiet
    say "docker-compose.yml: read, versions named and the same everywhere"
else
    say "docker-compose.yml: versions named and the same everywhere; not read, since docker-compose is not there"
fi
