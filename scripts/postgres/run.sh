#!/usr/bin/env bash
# run.sh DATA PORT [SECURE]: runs a PostgreSQL server for tests in the foreground, making DATA the first time.
#
# It listens on 127.0.0.1 and lets everyone in as the user postgres. With SECURE, a folder with server.crt,
# server.key and password, it lets that user in by TLS and with that password alone (SCRAM). It does not wait
# for its disk (fsync=off): a test's data may be lost with the machine. Becomes the server's process, so a
# signal sent to this process id reaches the server.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

"$root/scripts/need.sh" postgres
bin=$("$root/scripts/postgres/bin.sh")
mkdir -p "$1"
data=$(cd "$1" && pwd)
port=$2
secure=${3:-}

# The server refuses to run as root, and reads only what its own user may read.
as=()
if [[ $(id -u) == 0 ]]; then
    user=postgres
    if ! id "$user" >/dev/null 2>&1; then user=nobody; fi
    chown "$user" "$data"
    chmod 711 "$(dirname "$data")"
    as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups)
fi
cd "$data"

auth=(--auth=trust)
tls=()
if [[ -n $secure ]]; then
    # Copied at each start, for its own user alone to read.
    own=$data.secure
    install -d -m 700 ${user:+-o "$user"} "$own"
    install -m 600 ${user:+-o "$user"} "$secure/server.crt" "$secure/server.key" "$secure/password" "$own"
    echo "hostssl all all 127.0.0.1/32 scram-sha-256" >"$own/pg_hba.conf"
    auth=(--auth=scram-sha-256 --pwfile="$own/password")
    tls=(-c ssl=on -c ssl_cert_file="$own/server.crt" -c ssl_key_file="$own/server.key" -c hba_file="$own/pg_hba.conf")
fi

if [[ ! -f $data/PG_VERSION ]]; then
    "${as[@]}" "$bin/initdb" --pgdata="$data" --username=postgres "${auth[@]}" --encoding=UTF8 \
        --locale=C --no-sync >/dev/null
fi
exec "${as[@]}" "$bin/postgres" -D "$data" -p "$port" -c listen_addresses=127.0.0.1 "${tls[@]}" \
    -c unix_socket_directories='' -c max_connections=300 -c fsync=off -c full_page_writes=off
