# What the test asks of the running shop. Sourced; wants `compose`, ORDER_PORT and MAIL_PORT.
# shellcheck shell=bash

order=http://127.0.0.1:$ORDER_PORT

# field NAME...: from the JSON on standard input.
field() { python3 -c 'import functools, json, sys; print(functools.reduce(lambda o, k: o[k], sys.argv[1:], json.load(sys.stdin)))' "$@"; }

# Every service that `up` starts runs and is healthy; the one that ends by itself ended well.
healthy() {
    local id state
    for id in $(compose ps --quiet); do
        state=$(docker inspect --format '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.ExitCode}}{{end}}' "$id")
        if [[ $state != "running healthy" && $state != "exited 0" ]]; then return 1; fi
    done
}

place() { # place KEY: prints the order's id
    curl --fail --silent --show-error "$order/orders" -H "Idempotency-Key: $1" -H 'Content-Type: application/json' \
        -d '{"user_id":"0190a6c8-0000-7000-8000-000000000001","email":"'"$1"'@example.org","currency":"EUR","lines":[{"sku":"TEA-01","quantity":1}]}' \
        | field order_id
}
completed() { [[ $(curl --fail --silent "$order/orders/$1" | field state) == completed ]]; }
mails() { # mails KEY: how many were sent to whoever placed the order of this key
    curl --fail --silent "http://127.0.0.1:$MAIL_PORT/api/v1/messages?limit=500" | python3 -c '
import json, sys
messages = json.load(sys.stdin)["messages"]
print(sum(to["Address"] == sys.argv[1] + "@example.org" for message in messages for to in message["To"]))' "$1"
}
mailed() { [[ $(mails "$1") == 1 ]]; }
groups() { compose exec -T kafka /opt/kafka/bin/kafka-consumer-groups.sh --bootstrap-server kafka:9092 --describe --group "$@"; }
# What the group has committed, and what it has still to read, over all its partitions.
committed() { groups "$1" | awk '$4 ~ /^[0-9]+$/ { sum += $4 } END { print sum + 0 }'; }
caught_up() { [[ $(groups "$1" | awk '$6 ~ /^[0-9]+$/ { sum += $6; seen = 1 } END { print seen ? sum : "none" }') == 0 ]]; }
# How many members share the group's partitions, each with at least one.
sharing() { [[ $(groups email --members | awk '$1 == "email" && $NF > 0' | wc -l) == "$1" ]]; }
