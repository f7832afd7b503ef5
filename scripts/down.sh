#!/usr/bin/env bash
# down.sh: stops what up.sh started. The data stays.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
"$root/scripts/background.sh" stop registry
"$root/scripts/background.sh" stop kafka
rm -f "$state/run/brokers"
