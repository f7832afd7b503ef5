#!/usr/bin/env bash
# run.sh PORT DIR: a mail server for tests in the foreground; see server.py.
set -euo pipefail
PYTHONPATH=$("$(dirname "$0")/../pip.sh" scripts/smtp)
export PYTHONPATH PYTHONDONTWRITEBYTECODE=1
exec python3 "$(dirname "$0")/server.py" "$@"
