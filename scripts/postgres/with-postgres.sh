#!/usr/bin/env bash
# with-postgres.sh COMMAND...: runs COMMAND with a fresh PostgreSQL of its own, named in ORDERLINE_TEST_POSTGRES.
#
# The server and its data are gone when this script ends, however it ends. A server that
# ORDERLINE_TEST_POSTGRES already names (postgres://USER:PASSWORD@HOST:PORT, a user that may create
# databases) is used as it is.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

if [[ -n ${ORDERLINE_TEST_POSTGRES:-} ]]; then
    say "database: PostgreSQL, as ORDERLINE_TEST_POSTGRES says"
    exec "$@"
fi
"$root/scripts/need.sh" postgres
bin=$("$root/scripts/postgres/bin.sh")

port=$((10000 + RANDOM % 10000))
while (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done

dir=$(mktemp -d "${TMPDIR:-/tmp}/orderline-postgres.XXXXXX")
log=$dir/postgres.log
touch "$log"
# The supervisor's standard input is a pipe that only this script holds.
coproc SUPERVISOR {
    exec "$root/scripts/supervise.sh" --signal QUIT --remove "$dir" "$log" "$root/scripts/postgres/run.sh" "$dir/data" "$port"
}
supervisor=$SUPERVISOR_PID
pipe=${SUPERVISOR[1]}
stop() {
    exec {pipe}>&-
    wait "$supervisor" 2>/dev/null || true
}
trap stop EXIT
trap 'exit 130' INT TERM

end=$((SECONDS + 90))
until grep -q "database system is ready" "$log" 2>/dev/null; do
    if ! kill -0 "$supervisor" 2>/dev/null || ((SECONDS >= end)); then
        tail -n 20 "$log" >&2
        die "PostgreSQL for the tests did not start; its last words are above"
    fi
    sleep 0.05
done

export ORDERLINE_TEST_POSTGRES=postgres://postgres@127.0.0.1:$port
say "database: $("$bin/postgres" --version) on 127.0.0.1:$port, for this run alone"
"$@"
