#!/usr/bin/env bash
# status.sh: what of the local shop runs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
"$root/scripts/background.sh" status kafka || say "  make up starts it"
"$root/scripts/background.sh" status registry || true
if [[ -f $state/run/brokers ]]; then echo "brokers: $(cat "$state/run/brokers")"; fi
