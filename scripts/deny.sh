#!/usr/bin/env bash
# deny.sh: licences, sources and known vulnerabilities of the dependencies, by cargo-deny, kept in the cache.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$root"
version=0.20.2

install() {
    say "building cargo-deny $version, once, into $cache (two or three minutes)"
    # Without optimisation: it builds in half the time and runs for a second.
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_DEBUG=0 \
        CARGO_TARGET_DIR=$1/build cargo install -q cargo-deny --locked --version "$version" --root "$1" >&2
    rm -rf "$1/build"
}

if command -v cargo-deny >/dev/null && [[ $(cargo-deny --version) == "cargo-deny $version" ]]; then
    deny=cargo-deny
else
    "$root/scripts/need.sh" rust cc
    once "$cache/cargo-deny-$version" install
    deny=$cache/cargo-deny-$version/bin/cargo-deny
fi

"$deny" check --hide-inclusion-graph licenses bans sources

# The database of advisories is a repository on the network; only a fetched one can be asked.
if "$deny" fetch db >/dev/null 2>&1; then
    "$deny" check advisories
else
    say "the advisory database cannot be reached: known vulnerabilities were NOT checked"
fi
