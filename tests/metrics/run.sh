#!/usr/bin/env bash
# run.sh ARGS...: check.py with the parsers that fetch.sh keeps.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHONPATH=$("$here/fetch.sh")
export PYTHONPATH PYTHONDONTWRITEBYTECODE=1
exec python3 "$here/check.py" "$@"
