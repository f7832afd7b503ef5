#!/usr/bin/env bash
# test.sh: docker-compose.yml on a real Docker engine of its own: from nothing to orders and mails, `down` and
# `up` again, three instances of a service. Fails at the first line that does not hold.
#
# Where no registry of images is reached, the images are stand-ins made from packages (stand-ins/build.sh).
# DOCKER_STORE=FOLDER keeps the engine's layers, so that a second run builds only what changed; COMPILE=0 takes
# this machine's binaries instead of compiling the workspace in a container, which is most of the time.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
source "$here/../env.sh"

if [[ ${1:-} != --with-docker ]]; then
    "$root/scripts/need.sh" python curl
    exec "$here/with-docker.sh" "$0" --with-docker
fi

# Ports that nothing else on this machine has, and a project of its own; nothing is read from .env.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
for port in ORDER_PORT INVENTORY_PORT USER_PORT PRODUCT_PORT CART_PORT PAYMENT_PORT PAYMENT_SANDBOX_PORT MAIL_PORT KAFKA_PORT REGISTRY_PORT; do
    printf -v "$port" %s "$(free_port)"
    export "${port?}"
done
export PROFILE=dev COMPOSE_PROJECT_NAME=orderline-test COMPOSE_HTTP_TIMEOUT=600 DOCKER_BUILDKIT=0 COMPOSE_DOCKER_CLI_BUILD=0
empty=$(mktemp)
TOKEN_FILE=$(mktemp)
trap 'rm -f "$empty" "$TOKEN_FILE"' EXIT
compose() { "$here/compose.sh" --env-file "$empty" "$@"; }

holds() { say "holds: $*"; }
fails() {
    compose ps >&2 || true
    compose logs --tail 20 >&2 || true
    die "does not hold: $1" "the containers' last words are above"
}

up() { compose up --detach "$@" || fails "up ends well"; }

# within SECONDS WHAT COMMAND...: waits until COMMAND succeeds.
within() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" 2>/dev/null; do
        if ((SECONDS >= end)); then fails "$what"; fi
        sleep 1
    done
    holds "$what"
}

source "$here/ask.sh"

# --- nothing is guessed
unset POSTGRES_PASSWORD
if said=$(compose config 2>&1); then fails "no password, no start"; fi
if [[ $said != *POSTGRES_PASSWORD* || $said != *"cp .env.example .env"* ]]; then fails "the message names what is missing: $said"; fi
holds "without POSTGRES_PASSWORD it says so, and what to type"
export POSTGRES_PASSWORD=of-this-run-0123456789

# --- from nothing
"$here/stand-ins/build.sh"
say "building the image, PROFILE=$PROFILE"
compose build --quiet
up
within 600 "everything is healthy" healthy
if [[ $(compose exec -T order id -u) != 10001 ]]; then fails "services are not root"; fi
if compose exec -T order touch /usr/local/bin/x 2>/dev/null; then fails "their files are read-only"; fi
holds "services are not root, and cannot change their files"
say "the image: $(docker image inspect --format '{{.Size}}' orderline | numfmt --to=si)B"

# --- an order goes through
compose run --rm -T orderline catalogue load crates/orderline/demo/catalogue.csv
within 180 "the catalogue has reached the order service" place first >/dev/null
first=$(place first)
within 180 "the order is completed" completed "$first"
within 180 "its mail has come, once" mailed first
within 180 "the group that sends mails has caught up" caught_up email

# --- down and up
before=$(committed email)
started=$SECONDS
compose down
say "down took $((SECONDS - started)) s"
up
within 600 "everything is healthy again after down and up" healthy
if [[ $(place first) != "$first" ]]; then fails "the order is there, and its key gives the same one"; fi
within 180 "the order is still completed" completed "$first"
second=$(place second)
within 180 "a second order is completed" completed "$second"
within 180 "its mail has come, once" mailed second
within 180 "the group that sends mails has caught up" caught_up email
if (($(committed email) <= before)); then fails "offsets go on from $before"; fi
if ! mailed first; then fails "the first mail is there and has not come twice: $(mails first)"; fi
holds "offsets went on from $before to $(committed email), and no mail came twice"

# --- three instances
up --scale notification=3
within 300 "three instances share the partitions" sharing 3
groups email --members >&2
for number in {1..12}; do place "shared-$number" >/dev/null; done
for number in {1..12}; do within 180 "mail $number of 12 has come, once" mailed "shared-$number"; done
within 180 "the group that sends mails has caught up" caught_up email
for number in {1..12}; do mailed "shared-$number" || fails "mail $number has not come twice"; done

# --- the end
all=(order inventory notification user product cart payment payment-sandbox)
services=$(compose ps --quiet "${all[@]}")
for id in $services; do
    docker logs "$id" 2>&1 | python3 -c 'import json, sys; [json.loads(line) for line in sys.stdin]' || fails "logs are JSON"
done
holds "logs are JSON"
compose stop "${all[@]}"
for id in $services; do
    code=$(docker inspect --format '{{.State.ExitCode}}' "$id")
    if [[ $code != 0 ]]; then fails "SIGTERM ends a service well, not with $code"; fi
done
holds "SIGTERM ends every service well"
compose down --volumes
say "docker-compose.yml: every line holds"
