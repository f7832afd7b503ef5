#!/usr/bin/env bash
# front.sh ARGS...: front.py in the foreground, with nothing but Python's own library.
set -euo pipefail
"$(dirname "$0")/../need.sh" python
exec python3 "$(dirname "$0")/front.py" "$@"
