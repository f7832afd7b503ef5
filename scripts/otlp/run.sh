#!/usr/bin/env bash
# run.sh PORT: OtelTap, an OTLP receiver over HTTP, in the foreground. Prints each span as a line of JSON.
set -euo pipefail
PYTHONPATH=$("$(dirname "$0")/../pip.sh" scripts/otlp)
export PYTHONPATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
exec python3 -m oteltap --port "$1"
