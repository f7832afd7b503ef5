#!/usr/bin/env bash
# run.sh DATA PORT: the embedded broker in the foreground: Nisshi, and its supervisor, which is this script.
#
# When the broker dies it is started again on the same data, but not more than five times in a minute. SIGTERM
# ends both; whatever ends this script ends the broker too.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

mkdir -p "$1"
# The storage's URL is relative to the folder that the broker runs in.
cd "$1"
address=127.0.0.1:$2

broker=
ending=
trap 'ending=yes; if [[ -n $broker ]]; then kill -TERM "$broker" 2>/dev/null || true; fi' TERM INT

log() { printf '%(%H:%M:%S)T %s\n' -1 "$*"; }

# Waits for the broker's end, and sets `status`. A signal to this script interrupts a wait, but not this one.
end_of_broker() {
    status=0
    wait "$broker" || status=$?
    while kill -0 "$broker" 2>/dev/null; do
        status=0
        wait "$broker" || status=$?
    done
}

starts=()
while [[ -z $ending ]]; do
    starts+=("$SECONDS")
    if ((${#starts[@]} > 5)); then starts=("${starts[@]:1}"); fi
    # The broker is killed when this script is, so that none is left behind on the data.
    setpriv --pdeathsig KILL "$nisshi_home/bin/nisshi" broker --storage-engine sqlite://broker.db \
        --listener-url "tcp://$address" --advertised-listener-url "tcp://$address" \
        --group-initial-rebalance-delay 0s &
    broker=$!
    log "embedded broker: process $broker on $address"
    end_of_broker
    if [[ -n $ending ]]; then break; fi
    if ((${#starts[@]} == 5 && SECONDS - starts[0] < 60)); then
        log "embedded broker: ended with status $status, the fifth time within a minute; it is not started again"
        exit 1
    fi
    log "embedded broker: ended with status $status; it is started again"
done
log "embedded broker: stopped"
