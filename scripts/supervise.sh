#!/usr/bin/env bash
# supervise.sh [--remove DIR] LOG COMMAND...: runs COMMAND, its output appended to LOG, and kills it when
# standard input closes.
#
# Whoever starts it holds the other end of that pipe. However the starter ends, kill -9 included, the
# pipe closes, so nothing is left running. The first line on standard output is COMMAND's process id,
# there to be signalled; the exit status is COMMAND's. DIR is removed at the end.
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
echo "$child"

# The watcher is one process with no child of its own, so ending it leaves no reader behind.
{ while read -r _; do :; done; kill -KILL "$child" 2>/dev/null; } <&0 >/dev/null &
watcher=$!

status=0
{ wait "$child" || status=$?; } 2>/dev/null
kill "$watcher" 2>/dev/null || true
if [[ -n $remove ]]; then rm -rf -- "$remove"; fi
exit "$status"
