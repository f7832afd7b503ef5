#!/usr/bin/env bash
# demo.sh: the whole shop: everything that is needed, the local broker unless ORDERLINE_BROKERS names
# yours, then `orderline demo`.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
"$root/scripts/need.sh" rust cc
if [[ -z ${ORDERLINE_BROKERS:-} ]]; then
    "$root/scripts/need.sh" java maven
    "$root/scripts/up.sh"
fi
show "$root/scripts/run.sh" orderline demo "$@"
