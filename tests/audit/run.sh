#!/usr/bin/env bash
# run.sh SCRIPT.py ARGS...: runs one of this folder's programs with the client that fetch.sh keeps.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHONPATH=$("$here/fetch.sh")
export PYTHONPATH PYTHONDONTWRITEBYTECODE=1
script=$1
shift
exec python3 "$here/$script" "$@"
