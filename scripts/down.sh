#!/usr/bin/env bash
# down.sh: stops what up.sh started, the registry before the broker. The data stays.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

running=()
for pidfile in "$state"/run/*.pid; do
    if [[ -f $pidfile ]]; then running+=("$(basename "$pidfile" .pid)"); fi
done
if ((${#running[@]} == 0)); then say "nothing runs"; fi
if [[ -f $state/run/registry.pid ]]; then "$root/scripts/background.sh" stop registry; fi
# At the same time: a node of a cluster that ends in order asks the controllers first, which are the others.
stopping=()
for name in "${running[@]}"; do
    if [[ -f $state/run/$name.pid ]]; then
        "$root/scripts/background.sh" stop "$name" &
        stopping+=("$!")
    fi
done
for stop in "${stopping[@]}"; do wait "$stop"; done
rm -f "$state/run/brokers" "$state/run/registry"
