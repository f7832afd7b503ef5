#!/usr/bin/env bash
# registry.sh: the schema registry in the background on REGISTRY_PORT (8081), unless ORDERLINE_SCHEMA_REGISTRY
# names one that is there already.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

background=$root/scripts/background.sh
log=$state/log/registry.log

# Whatever is started in this folder later finds the registry by this file.
found=$state/run/registry
mkdir -p "$state/run"

if [[ -n ${ORDERLINE_SCHEMA_REGISTRY:-} ]]; then
    echo "$ORDERLINE_SCHEMA_REGISTRY" >"$found"
    say "registry: $ORDERLINE_SCHEMA_REGISTRY, yours; none was started"
    exit 0
fi

# answers: whether the registry says 200 to the cheapest question.
answers() {
    local stream answer
    { exec {stream}<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
    printf 'GET /subjects HTTP/1.0\r\nhost: 127.0.0.1\r\n\r\n' >&"$stream"
    read -r -t 5 answer <&"$stream" || true
    exec {stream}>&-
    [[ $answer == *" 200"* ]]
}

if "$background" status registry >/dev/null; then
    say "registry: already running on $(cat "$found")"
    exit 0
fi

port=${REGISTRY_PORT:-8081}
if port_taken "$port"; then
    die "port $port, the schema registry's, is taken by another program" "stop that one, or choose another: make up REGISTRY_PORT=18081"
fi
echo "http://127.0.0.1:$port" >"$found"
# Built here, so that a compiler error is seen and the wait below is for the start alone.
cd "$root"
cargo build --profile "${PROFILE:-dev}" --workspace --bins
"$background" start registry "$root/scripts/run.sh" registry
end=$((SECONDS + 60))
until answers; do
    if ((SECONDS >= end)) || ! "$background" status registry >/dev/null; then
        tail -n 20 "$log" >&2
        "$background" stop registry
        die "the registry does not answer on port $port" "its output is in $log"
    fi
    sleep 0.05
done
say "registry: on http://127.0.0.1:$port"
