#!/usr/bin/env bash
# run.sh NAME ARGS...: builds one of the workspace's binaries and becomes it, with the local shop's settings.
#
# Variables that are already set win: ORDERLINE_BROKERS, ORDERLINE_SCHEMA_REGISTRY, ORDERLINE_DATA.
# PROFILE is the Cargo profile to build with, `dev` by default: what the tests use, so that nothing is built twice.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

name=$1
shift
"$root/scripts/need.sh" rust cc

cd "$root"
if [[ -z ${ORDERLINE_BROKERS:-} && -f $state/run/brokers ]]; then
    ORDERLINE_BROKERS=$(cat "$state/run/brokers")
fi
export ORDERLINE_BROKERS=${ORDERLINE_BROKERS:-127.0.0.1:9092}
port=$(cat "$state/run/registry.port" 2>/dev/null || echo 8081)
export ORDERLINE_SCHEMA_REGISTRY=${ORDERLINE_SCHEMA_REGISTRY:-http://127.0.0.1:$port}
export ORDERLINE_REGISTRY_LISTEN=${ORDERLINE_REGISTRY_LISTEN:-127.0.0.1:$port}
export ORDERLINE_DATA=${ORDERLINE_DATA:-$state/data}
mkdir -p "$ORDERLINE_DATA"

profile=${PROFILE:-dev}
# The whole workspace at once, as the tests do: a part of it alone would be built with other features.
cargo build --profile "$profile" --workspace --bins >&2
# `dev` is the one profile whose folder has another name.
folder=${profile/#dev/debug}
exec "${CARGO_TARGET_DIR:-target}/$folder/$name" "$@"
