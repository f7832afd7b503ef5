#!/usr/bin/env bash
# demo.sh: the whole shop: everything that is needed, the broker that BROKER asks for, then `orderline demo`.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
"$root/scripts/up.sh"
show "$root/scripts/run.sh" orderline demo "$@"
