#!/usr/bin/env bash
# supervise.sh [--remove DIR] LOG COMMAND...: runs COMMAND, its output appended to LOG, and kills it when
# standard input closes, removing DIR then.
#
# Whoever starts it holds the other end of that pipe. However the starter ends, kill -9 included, the
# pipe closes, so nothing is left running. The first line on standard output is COMMAND's process id,
# there to be signalled; the exit status is COMMAND's.
set -euo pipefail

remove=
if [[ $1 == --remove ]]; then
    remove=$2
    shift 2
fi
log=$1
shift

"$@" </dev/null >>"$log" 2>&1 &
child=$!

closed=
trap 'closed=yes; kill -KILL "$child" 2>/dev/null || true' USR1
# One process with no child of its own, so that ending it leaves no reader behind.
{ while read -r _; do :; done; kill -USR1 $$; } <&0 >/dev/null 2>&1 &
watcher=$!
echo "$child"

status=0
{
    wait "$child" || status=$?
    # The trap interrupts the first wait.
    if [[ -n $closed ]]; then
        status=0
        wait "$child" || status=$?
    fi
} 2>/dev/null
kill "$watcher" 2>/dev/null || true
if [[ -n $closed && -n $remove ]]; then rm -rf -- "$remove"; fi
exit "$status"
