#!/usr/bin/env bash
# run.sh PORT: stripe-mock in the foreground, on 127.0.0.1; its HTTPS, which it insists on, takes a free port. A
# request of another version of the API than it describes is refused.
set -euo pipefail
home=$("$(dirname "$0")/fetch.sh")
exec "$home/stripe-mock" -http-addr "127.0.0.1:$1" -https-addr 127.0.0.1:0 -strict-version-check
