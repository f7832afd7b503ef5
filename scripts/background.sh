#!/usr/bin/env bash
# background.sh start NAME COMMAND... | stop NAME | status NAME
#
# A process that outlives the shell that started it: its id in .orderline/run/NAME.pid, its output in
# .orderline/log/NAME.log. `status` prints one line and fails when it does not run.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

action=$1
name=$2
shift 2
pidfile=$state/run/$name.pid
log=$state/log/$name.log

# When the process began, in ticks since boot: tells it from a later one with the same id.
began() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

running() {
    [[ -f $pidfile ]] || return 1
    read -r pid since <"$pidfile" && [[ $(began "$pid") == "$since" ]]
}

# gone SECONDS: whether the process ends within them.
gone() {
    local end=$((SECONDS + $1))
    while running; do
        if ((SECONDS >= end)); then return 1; fi
        sleep 0.05
    done
}

case $action in
    start)
        if running; then exit 0; fi
        mkdir -p "$state/run" "$state/log"
        # A session of its own, so that Ctrl-C and a closed terminal do not reach it.
        setsid nohup "$@" </dev/null >"$log" 2>&1 &
        echo "$! $(began $!)" >"$pidfile"
        ;;
    stop)
        if ! running; then
            rm -f "$pidfile"
            say "$name: not running"
            exit 0
        fi
        kill -TERM "$pid"
        if gone 20; then
            say "$name: stopped"
        else
            kill -KILL "$pid"
            gone 5 || die "$name does not end (process $pid)"
            say "$name: did not end in 20 s, killed"
        fi
        rm -f "$pidfile"
        ;;
    status)
        if running; then
            echo "$name: running, process $pid, output in ${log#"$root"/}"
        else
            echo "$name: not running"
            exit 1
        fi
        ;;
    *) die "background.sh knows start, stop and status, not '$action'" ;;
esac
