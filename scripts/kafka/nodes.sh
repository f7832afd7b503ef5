#!/usr/bin/env bash
# nodes.sh DATA PORTS: runs a node for each of the ports in the foreground, its data in a folder of DATA.
#
# All of them end with this script, whatever way it ends.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

IFS=, read -ra ports <<<"$2"
for i in "${!ports[@]}"; do
    setpriv --pdeathsig KILL "$root/scripts/kafka/run.sh" "$1/$((i + 1))" "$2" "" "$((i + 1))" &
done
wait -n
