#!/usr/bin/env bash
# down.sh: stops what up.sh started, the registry before the broker. The data stays.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

running=()
for pidfile in "$state"/run/*.pid; do
    if [[ -f $pidfile ]]; then running+=("$(basename "$pidfile" .pid)"); fi
done
if ((${#running[@]} == 0)); then say "nothing runs"; fi
for name in registry "${running[@]}"; do
    if [[ -f $state/run/$name.pid ]]; then "$root/scripts/background.sh" stop "$name"; fi
done
rm -f "$state/run/brokers" "$state/run/registry"
