#!/usr/bin/env bash
# status.sh: what of the local shop runs, and where it is found.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

some=
for pidfile in "$state"/run/*.pid; do
    if [[ ! -f $pidfile ]]; then continue; fi
    some=yes
    "$root/scripts/background.sh" status "$(basename "$pidfile" .pid)" || say "  make up starts it again"
done
if [[ -z $some ]]; then say "nothing runs: make up starts a broker and the schema registry"; fi
for what in brokers registry; do
    if [[ -f $state/run/$what ]]; then echo "$what: $(cat "$state/run/$what")"; fi
done
