#!/usr/bin/env bash
# supervise.sh [--signal NAME] [--remove DIR] LOG COMMAND...: runs COMMAND, its output appended to LOG, and
# kills it when standard input closes, removing DIR then. NAME is a signal to be tried first, for a program
# that has something to put away.
#
# Whoever starts it holds the other end of that pipe. However the starter ends, kill -9 included, the
# pipe closes, so nothing is left running. The first line on standard output is COMMAND's process id,
# there to be signalled; the exit status is COMMAND's.
set -euo pipefail

signal=KILL
if [[ $1 == --signal ]]; then
    signal=$2
    shift 2
fi
remove=
if [[ $1 == --remove ]]; then
    remove=$2
    shift 2
fi
log=$1
shift

"$@" </dev/null >>"$log" 2>&1 &
child=$!

# shellcheck disable=SC2317 # the trap calls it
end() {
    if [[ $signal != KILL ]]; then
        # What is stopped hears of it once it goes on, and what does not end by it is killed.
        kill -s "$signal" "$child" && kill -CONT "$child"
        for _ in {1..100}; do
            kill -0 "$child" || return 0
            sleep 0.05
        done
    fi
    kill -KILL "$child"
}

closed=
trap 'closed=yes; end 2>/dev/null || true' USR1
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
