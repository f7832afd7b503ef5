#!/usr/bin/env bash
# demo.sh: the whole shop on a local broker: everything that is needed, then `orderline demo`.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
"$root/scripts/need.sh" rust cc java maven
"$root/scripts/up.sh"
show "$root/scripts/run.sh" orderline demo "$@"
