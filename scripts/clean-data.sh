#!/usr/bin/env bash
# clean-data.sh: removes the local broker's topics, the services' databases and the logs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
for name in kafka registry; do
    if "$root/scripts/background.sh" status "$name" >/dev/null; then
        die "$name is running on this data" "stop it first: make down"
    fi
done
rm -rf "$state"
say "removed $state"
