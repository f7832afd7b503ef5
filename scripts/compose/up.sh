#!/usr/bin/env bash
# up.sh: the shop in containers. Makes .env with a password the first time, then `docker-compose up -d`.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

if [[ ! -f $root/.env ]]; then
    random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
    # Readable by its owner alone from its first moment.
    (umask 077 && sed -e "s/^POSTGRES_PASSWORD=$/&$(random)/" -e "s/^SIGNING_SECRET=$/&$(random)/" "$root/.env.example" >"$root/.env")
    say "made .env with a new password for PostgreSQL and a new signing secret; keep it as long as the volume"
fi
show "$root/scripts/compose/compose.sh" up --detach "$@"
