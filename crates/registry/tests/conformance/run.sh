#!/usr/bin/env bash
# run.sh [ours|apicurio ...]: runs the conformance suite against this registry and Apicurio Registry.
#
# Fetches the Python client and Apicurio Registry once, starts both registries on free ports, prints
# a line per check, and stops what it started. Fails when a check does, on either.
# shellcheck disable=SC2317 # most functions are called by `trap` or by a flavour's name
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../../../scripts/env.sh
source "$here/../../../../scripts/env.sh"

if [[ ${1:-} != --with-broker ]]; then
    "$root/scripts/need.sh" rust python java maven
    (cd "$root" && cargo build --quiet -p registry)
    exec "$root/scripts/with-broker.sh" "$0" --with-broker "$@"
fi
shift
flavours=("$@")
if ((${#flavours[@]} == 0)); then flavours=(ours apicurio); fi

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

logs=$(mktemp -d "${TMPDIR:-/tmp}/registry-conformance.XXXXXX")
pids=()
stop() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$logs"
}
trap stop EXIT
trap 'exit 130' INT TERM

# wait_for NAME PID URL
wait_for() {
    local end=$((SECONDS + 120))
    until python3 -c 'import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=5)' "$3" 2>/dev/null; do
        if ! kill -0 "$2" 2>/dev/null || ((SECONDS >= end)); then
            tail -n 20 "$logs/$1" >&2
            die "$1 did not start; its last words are above"
        fi
        sleep 0.2
    done
}

start_ours() {
    local port
    port=$(free_port)
    "${CARGO_TARGET_DIR:-$root/target}/debug/registry" --brokers "$ORDERLINE_TEST_BROKERS" \
        --topic "_schemas-conformance-$$" --listen "127.0.0.1:$port" >"$logs/ours" 2>&1 &
    pids+=($!)
    wait_for ours $! "http://127.0.0.1:$port/ready"
    url=http://127.0.0.1:$port
}

start_apicurio() {
    local port java home
    java=$("$root/scripts/java.sh" 21)
    home=$("$root/scripts/apicurio.sh")
    port=$(free_port)
    # Without these two rules it takes whatever it is given.
    "$java" -Xmx512m -Dquarkus.http.host=127.0.0.1 -Dquarkus.http.port="$port" \
        -Dapicurio.rules.global.compatibility=BACKWARD -Dapicurio.rules.global.validity=FULL \
        -jar "$home/quarkus-run.jar" >"$logs/apicurio" 2>&1 &
    pids+=($!)
    url=http://127.0.0.1:$port/apis/ccompat/v7
    wait_for apicurio $! "$url/subjects"
}

PYTHONPATH=$("$root/scripts/pip.sh" crates/registry/tests/conformance)
export PYTHONPATH PYTHONDONTWRITEBYTECODE=1

failed=0
for flavour in "${flavours[@]}"; do
    "start_$flavour"
    python3 "$here/suite.py" --url "$url" --flavour "$flavour" || failed=1
done
exit "$failed"
