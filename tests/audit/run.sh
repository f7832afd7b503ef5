#!/usr/bin/env bash
# run.sh SCRIPT.py ARGS...: runs one of this folder's programs with the packages of requirements.txt.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHONPATH=$("$here/../../scripts/pip.sh" tests/audit)
export PYTHONPATH PYTHONDONTWRITEBYTECODE=1
script=$1
shift
exec python3 "$here/$script" "$@"
