#!/usr/bin/env bash
# apicurio.sh: makes sure that Apicurio Registry is in the cache, in the version of docker-compose.yml, and prints where.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

version=$(sed -n 's|.*image: apicurio/apicurio-registry:||p' "$root/docker-compose.yml")

fetch() {
    "$root/scripts/need.sh" maven
    say "fetching Apicurio Registry $version with Maven, once, into $home"
    mvn -B -q -Dstyle.color=never dependency:copy -DoutputDirectory="$1" \
        -Dartifact="io.apicurio:apicurio-registry-app:$version:tar.gz:all" >&2 \
        || die "Maven could not fetch Apicurio Registry" "look at its message above"
    tar -xzf "$1"/*.tar.gz -C "$1"
    rm "$1"/*.tar.gz
}

home=$cache/apicurio-registry-$version
once "$home" fetch
echo "$home"
