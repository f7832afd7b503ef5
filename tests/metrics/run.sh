#!/usr/bin/env bash
# run.sh ARGS...: check.py with the packages of requirements.txt.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHONPATH=$("$here/../../scripts/pip.sh" tests/metrics)
export PYTHONPATH PYTHONDONTWRITEBYTECODE=1
exec python3 "$here/check.py" "$@"
