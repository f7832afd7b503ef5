#!/usr/bin/env bash
# run.sh DATA PORT: runs a PostgreSQL server for tests in the foreground, making DATA the first time.
#
# It listens on 127.0.0.1 and lets everyone in as the user postgres. It does not wait for its disk
# (fsync=off): a test's data may be lost with the machine. Becomes the server's process, so a signal
# sent to this process id reaches the server.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

"$root/scripts/need.sh" postgres
bin=$("$root/scripts/postgres/bin.sh")
mkdir -p "$1"
data=$(cd "$1" && pwd)
port=$2

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

if [[ ! -f $data/PG_VERSION ]]; then
    "${as[@]}" "$bin/initdb" --pgdata="$data" --username=postgres --auth=trust --encoding=UTF8 \
        --locale=C --no-sync >/dev/null
fi
exec "${as[@]}" "$bin/postgres" -D "$data" -p "$port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories='' -c max_connections=300 -c fsync=off -c full_page_writes=off
