#!/usr/bin/env bash
# entrypoint.sh: what the image postgres does with POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB: the
# first start makes the cluster, the role and the database; every later one takes what is there.
set -euo pipefail

if [[ $(id -u) == 0 ]]; then
    install -d -o postgres -g postgres -m 0700 "$PGDATA"
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
user=${POSTGRES_USER:-postgres}
if [[ ! -s $PGDATA/PG_VERSION ]]; then
    if [[ -z ${POSTGRES_PASSWORD:-} ]]; then
        echo "Error: Database is uninitialized and superuser password is not specified." >&2
        exit 1
    fi
    initdb --username="$user" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") --auth-host=scram-sha-256 --auth-local=trust
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    # As the image does: the first server listens on its socket alone, so that nobody meets half a database.
    pg_ctl -w start -o "-c listen_addresses='' -c unix_socket_directories=/tmp"
    if [[ ${POSTGRES_DB:-$user} != postgres ]]; then createdb -h /tmp -U "$user" "${POSTGRES_DB:-$user}"; fi
    pg_ctl -w -m fast stop
fi
exec "$@" -c listen_addresses='*' -c unix_socket_directories=/tmp
