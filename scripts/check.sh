#!/usr/bin/env bash
# check.sh: everything that is to be true of a commit besides its tests. Runs all of it, then says what failed.
set -uo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$root" || exit 1
"$root/scripts/need.sh" rust cc shellcheck || exit 1

failed=()
step() {
    local name=$1
    shift
    if ! show "$@"; then failed+=("$name"); fi
}

step format cargo fmt --all --check
step clippy cargo clippy --workspace --all-targets -- -D warnings
RUSTDOCFLAGS="-D warnings" step rustdoc cargo doc --workspace --no-deps
step dependencies "$root/scripts/deny.sh"
step schemas "$root/scripts/run.sh" orderline schemas check
step compose "$root/scripts/compose/check.sh"
step shellcheck shellcheck -x -P SCRIPTDIR scripts/*.sh scripts/*/*.sh scripts/*/*/*.sh scripts/*/*/*/*.sh bench/*.sh tests/*/*.sh crates/registry/tests/conformance/*.sh .ci/run

if ((${#failed[@]})); then die "make check failed: ${failed[*]}" "what each said is above"; fi
say "make check: all is well"
