#!/usr/bin/env bash
# fetch.sh: makes sure that Nisshi, the embedded broker, is in the cache. Builds it the first time, which takes minutes.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

build() {
    "$root/scripts/need.sh" cc
    command -v rustup >/dev/null \
        || die "the embedded broker is built with Rust $nisshi_rust, for which rustup is needed" "install rustup as https://rustup.rs says, then try again"
    local toolchains
    toolchains=$(rustup toolchain list)
    if [[ $'\n'$toolchains != *$'\n'"$nisshi_rust"* ]]; then
        show rustup toolchain install "$nisshi_rust" --profile minimal >&2
    fi
    say "building the embedded broker, Nisshi $nisshi_version, once, into $nisshi_home (about five minutes on two cores)"
    # Without optimisation: it builds in a fraction of the time, and is quick enough for a shop on one machine.
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_DEBUG=0 \
        CARGO_PROFILE_RELEASE_STRIP=symbols CARGO_TARGET_DIR=$1/build \
        rustup run "$nisshi_rust" cargo install nisshi --version "$nisshi_version" --locked \
        --no-default-features --features libsql --root "$1" >&2
    rm -rf "$1/build"
}

once "$nisshi_home" build
