#!/usr/bin/env bash
# test.sh ARGS...: every test of the workspace, on a fresh broker of its own, the one that BROKER asks for, and
# a fresh PostgreSQL; ARGS go to cargo test.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
"$root/scripts/need.sh" rust cc python postgres
cd "$root"
# Tests start services as processes, by their binaries.
cargo build --workspace --bins
which=(--workspace)
if [[ " $* " == *" -p "* ]]; then which=(); fi
exec "$root/scripts/with-broker.sh" "$root/scripts/postgres/with-postgres.sh" cargo test "${which[@]}" "$@"
