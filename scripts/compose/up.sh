#!/usr/bin/env bash
# up.sh: the shop in containers. Makes .env with a password the first time, then `docker-compose up -d`.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

if [[ ! -f $root/.env ]]; then
    password=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
    # Readable by its owner alone from its first moment.
    (umask 077 && sed "s/^POSTGRES_PASSWORD=$/&$password/" "$root/.env.example" >"$root/.env")
    say "made .env with a new password for PostgreSQL; keep it as long as the volume"
fi
show "$root/scripts/compose/compose.sh" up --detach "$@"
