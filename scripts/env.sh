# Where everything lives. Sourced by the other scripts; sets variables and functions, does nothing.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# What is fetched once and kept between checkouts: Kafka's jars, the test mail server, cargo-deny.
# shellcheck disable=SC2034 # read by the scripts that source this one
cache=${ORDERLINE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/orderline}

# What a run of the shop leaves behind, inside this checkout and ignored by git.
# shellcheck disable=SC2034 # read by the scripts that source this one
state=${ORDERLINE_STATE:-$root/.orderline}

say() { printf '%s\n' "$*" >&2; }

die() {
    printf 'error: %s\n' "$1" >&2
    shift
    if (($#)); then printf '  %s\n' "$@" >&2; fi
    exit 1
}

port_taken() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Where a program looks for the broker: what the environment says, or else where `up.sh` left one.
bootstrap() {
    if [[ -n ${ORDERLINE_BROKERS:-} ]]; then
        echo "$ORDERLINE_BROKERS"
    elif [[ ${BROKER:-} == *:* ]]; then
        echo "$BROKER"
    elif [[ -z ${KAFKA_PORT:-} && -f $state/run/brokers ]]; then
        cat "$state/run/brokers"
    else
        echo "127.0.0.1:${KAFKA_PORT:-9092}"
    fi
}

# Shows the command a person would type, then runs it.
show() {
    printf '$' >&2
    printf ' %s' "$@" >&2
    printf '\n' >&2
    "$@"
}

# once DIR COMMAND...: fills DIR by `COMMAND... TMPDIR`, unless it is there. All or nothing, and safe
# when several callers want it at the same time.
once() {
    local dir=$1 lock
    shift
    if [[ -d $dir ]]; then return; fi
    mkdir -p "$(dirname "$dir")"
    exec {lock}>"$dir.lock"
    flock "$lock"
    if [[ ! -d $dir ]]; then
        rm -rf "$dir.part"
        mkdir "$dir.part"
        "$@" "$dir.part" {lock}>&-
        mv "$dir.part" "$dir"
    fi
    exec {lock}>&-
}
