#!/usr/bin/env bash
# compose.sh ARGS...: `docker compose` or `docker-compose`, whichever is there, in the project's folder.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

cd "$root"
if docker compose version >/dev/null 2>&1; then exec docker compose "$@"; fi
if command -v docker-compose >/dev/null; then exec docker-compose "$@"; fi
die "neither \`docker compose\` nor docker-compose is there" "on Debian: sudo apt-get install -y docker.io docker-compose"
