# Who a program is to the secured local broker. Sourced, after scripts/env.sh.
# shellcheck shell=bash

# shellcheck disable=SC2154 # set by scripts/env.sh
secure=$state/secure

# Whether the local broker of this shop asks who one is.
is_secure() { [[ -d $secure/users && $(cat "$state/broker" 2>/dev/null || echo local) == local && -z ${ORDERLINE_KAFKA_USER:-} ]]; }

# secure_user PROGRAM [SUBCOMMAND]: the user of schemas/access.toml that it runs as.
secure_user() {
    case "$1 ${2:-}" in
        "orderline access") echo broker ;;
        "orderline topics") echo admin ;;
        "orderline catalogue" | "orderline import") echo import ;;
        "orderline demo" | "orderline up" | "orderline load") echo shop ;;
        "orderline "*) echo viewer ;;
        *) echo "$1" ;;
    esac
}

# secure_login USER: lets the programs that are started from here on be this user.
secure_login() {
    export ORDERLINE_KAFKA_CA=$secure/ca.pem ORDERLINE_KAFKA_USER=$1 ORDERLINE_KAFKA_PASSWORD_FILE=$secure/users/$1
}
