#!/usr/bin/env bash
# run.sh PORT DIR: a push service and its devices for tests in the foreground; see server.py.
set -euo pipefail
PYTHONPATH=$("$(dirname "$0")/../pip.sh" scripts/push)
export PYTHONPATH PYTHONDONTWRITEBYTECODE=1
exec python3 "$(dirname "$0")/server.py" "$@"
