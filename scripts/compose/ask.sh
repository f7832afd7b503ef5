# What the test asks of the running shop. Sourced; wants `compose`, `TOKEN_FILE`, ORDER_PORT, USER_PORT and MAIL_PORT.
# shellcheck shell=bash

order=http://127.0.0.1:$ORDER_PORT
user=http://127.0.0.1:$USER_PORT

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

# The access token of the one customer there is. It lasts a quarter of an hour and is asked for anew after ten minutes,
# since signing in is limited.
token() {
    local account='{"email":"customer@example.org","password":"tea for the whole test"}'
    if [[ -z $(find "$TOKEN_FILE" -size +0 -mmin -10) ]]; then
        # The second time there is such an account.
        curl --silent --output /dev/null "$user/users" --json "$account"
        curl --fail --silent --show-error "$user/sessions" --json "$account" | field access_token >"$TOKEN_FILE"
    fi
    cat "$TOKEN_FILE"
}

place() { # place KEY: prints the order's id
    curl --fail --silent --show-error "$order/orders" -H "Authorization: Bearer $(token)" -H "Idempotency-Key: $1" \
        --json '{"email":"'"$1"'@example.org","currency":"EUR","lines":[{"sku":"TEA-01","quantity":1}]}' \
        | field order_id
}
completed() {
    [[ $(curl --fail --silent "$order/orders/$1" -H "Authorization: Bearer $(token)" | field state) == completed ]]
}
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
