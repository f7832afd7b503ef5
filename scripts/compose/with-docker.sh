#!/usr/bin/env bash
# with-docker.sh COMMAND...: runs COMMAND with a Docker engine of its own, named in DOCKER_HOST.
#
# The engine, its containers and all that it stored are gone when this script ends, however it ends. With
# DOCKER_STORE=FOLDER the engine keeps what it stores there, so that a later run builds only what changed.
# It needs root and the engine itself (Debian: docker.io); it neither uses nor disturbs one that runs already.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

if [[ $(id -u) != 0 ]]; then die "a Docker engine of its own needs root" "run this as root"; fi
"$root/scripts/need.sh" docker

dir=$(mktemp -d "${TMPDIR:-/tmp}/orderline-docker.XXXXXX")
store=${DOCKER_STORE:-$dir/store}
log=$dir/log
mkdir -p "$store"
touch "$log"

# In process and mount namespaces of its own: when its first process ends, the kernel ends containerd and every
# container with it, and no mount is left that would keep the folder from being removed.
coproc SUPERVISOR {
    exec "$root/scripts/supervise.sh" --remove "$dir" "$log" \
        unshare --mount --pid --fork --kill-child --mount-proc \
        dockerd --host "unix://$dir/socket" --data-root "$store" --exec-root "$dir/run" --pidfile "$dir/pid"
}
supervisor=$SUPERVISOR_PID
pipe=${SUPERVISOR[1]}
bridge=$(ip -o link show docker0 2>/dev/null || true)
stop() {
    # The networks are on this machine, and the volumes in a store that may be kept.
    docker ps --all --quiet | xargs --no-run-if-empty docker rm --force >/dev/null 2>&1 || true
    docker network prune --force >/dev/null 2>&1 || true
    docker volume ls --quiet | xargs --no-run-if-empty docker volume rm >/dev/null 2>&1 || true
    exec {pipe}>&-
    wait "$supervisor" 2>/dev/null || true
    if [[ -z $bridge ]]; then ip link delete docker0 2>/dev/null || true; fi
}
trap stop EXIT
trap 'exit 130' INT TERM

export DOCKER_HOST=unix://$dir/socket
end=$((SECONDS + 90))
until docker version >/dev/null 2>&1; do
    if ! kill -0 "$supervisor" 2>/dev/null || ((SECONDS >= end)); then
        tail -n 20 "$log" >&2
        die "the Docker engine does not start; its last words are above"
    fi
    sleep 0.1
done
"$@"
