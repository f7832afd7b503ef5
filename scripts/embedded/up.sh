#!/usr/bin/env bash
# up.sh: starts the embedded broker in the background on KAFKA_PORT (9092) and waits until it answers.
#
# Its data is in .orderline/embedded and survives a restart.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

background=$root/scripts/background.sh
log=$state/log/embedded.log
port=${KAFKA_PORT:-9092}

if "$background" status embedded >/dev/null; then
    say "embedded: already running on $(cat "$state/run/brokers")"
    exit 0
fi
if port_taken "$port"; then
    die "port $port is taken by another program" "stop that one, or take another port: make up KAFKA_PORT=19092"
fi

"$root/scripts/embedded/fetch.sh"
rm -f "$log"
"$background" start embedded "$root/scripts/embedded/run.sh" "$state/embedded" "$port"
mkdir -p "$state/run"
echo "127.0.0.1:$port" >"$state/run/brokers"

end=$((SECONDS + 60))
until grep -q "$nisshi_ready" "$log" 2>/dev/null; do
    if ! "$background" status embedded >/dev/null; then
        tail -n 20 "$log" >&2
        die "the embedded broker did not start" "its whole output is in $log"
    fi
    if ((SECONDS >= end)); then
        "$background" stop embedded
        die "the embedded broker did not answer in 60 s" "its output is in $log"
    fi
    sleep 0.05
done
say "embedded: Nisshi $nisshi_version on 127.0.0.1:$port, data in $state/embedded"
