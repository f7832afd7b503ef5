#!/usr/bin/env bash
# run.sh NAME ARGS...: builds one of the workspace's binaries and becomes it, with the local shop's settings.
#
# Variables that are already set win: ORDERLINE_BROKERS (or BROKER=HOST:PORT), ORDERLINE_SCHEMA_REGISTRY, ORDERLINE_DATA.
# PROFILE is the Cargo profile to build with, `dev` by default: what the tests use, so that nothing is built twice.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

name=${1:-}
cd "$root"
programs=()
for main in producers/*/src/main.rs consumers/*/src/main.rs crates/*/src/main.rs; do
    folder=${main%/src/main.rs}
    programs+=("${folder##*/}")
done
if ! printf '%s\n' "${programs[@]}" | grep -qxF -e "$name"; then
    die "there is no program '$name' to run" "there are: ${programs[*]}"
fi
shift
"$root/scripts/need.sh" rust cc

ORDERLINE_BROKERS=$(bootstrap)
registry=$(cat "$state/run/registry" 2>/dev/null || echo "http://127.0.0.1:${REGISTRY_PORT:-8081}")
export ORDERLINE_BROKERS ORDERLINE_SCHEMA_REGISTRY=${ORDERLINE_SCHEMA_REGISTRY:-$registry}
export ORDERLINE_REGISTRY_LISTEN=${ORDERLINE_REGISTRY_LISTEN:-127.0.0.1:${registry##*:}}
export ORDERLINE_DATA=${ORDERLINE_DATA:-$state/data}
# The sandbox's books go with the services' databases, which speak of what is in them.
export ORDERLINE_SANDBOX_LEDGER=${ORDERLINE_SANDBOX_LEDGER:-$ORDERLINE_DATA/payment-sandbox.jsonl}
export ORDERLINE_SANDBOX_WEBHOOK_URL=${ORDERLINE_SANDBOX_WEBHOOK_URL:-http://127.0.0.1:8107/webhooks/stripe}
if [[ $name == registry && " $* " != *" --listen"* ]] && port_taken "${ORDERLINE_REGISTRY_LISTEN##*:}"; then
    beside="or start another beside it: make registry ARGS='--listen 127.0.0.1:18081'"
    if running=$("$root/scripts/background.sh" status registry); then
        die "the schema registry runs already, by make up ($running)" \
            "stop that one first: scripts/background.sh stop registry" "$beside"
    fi
    die "$ORDERLINE_REGISTRY_LISTEN, where the schema registry is to listen, is taken" "stop what is there, $beside"
fi
mkdir -p "$ORDERLINE_DATA"
if [[ $(cat "$state/broker" 2>/dev/null) == embedded ]]; then
    # The embedded broker compresses again for every fetch, and LZ4 in a way that Java's clients refuse.
    export ORDERLINE_KAFKA=${ORDERLINE_KAFKA:-compression.type=none}
fi
source "$root/scripts/kafka/secure/env.sh"
if is_secure; then secure_login "$(secure_user "$name" "${1:-}")"; fi

profile=${PROFILE:-dev}
# The whole workspace at once, as the tests do: a part of it alone would be built with other features.
cargo build --profile "$profile" --workspace --bins >&2
# `dev` is the one profile whose folder has another name.
folder=${profile/#dev/debug}
exec "${CARGO_TARGET_DIR:-target}/$folder/$name" "$@"
