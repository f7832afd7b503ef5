#!/usr/bin/env bash
# clean-data.sh: removes the broker's topics, the services' databases and the logs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
for pidfile in "$state"/run/*.pid; do
    name=$(basename "$pidfile" .pid)
    if [[ -f $pidfile ]] && "$root/scripts/background.sh" status "$name" >/dev/null; then
        die "$name is running on this data" "stop it first: make down"
    fi
done
rm -rf "$state"
say "removed $state"
