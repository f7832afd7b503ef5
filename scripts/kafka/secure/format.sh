#!/usr/bin/env bash
# format.sh FOLDER: prints the arguments that make the users part of a node's data when it is formatted, in
# the form that java reads from a file: everyone on the machine could read them from a command line.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

while read -r user; do
    printf -- '--add-scram "SCRAM-SHA-512=[name=%s,password=%s]"\n' "$user" "$(<"$1/users/$user")"
done < <("$root/scripts/kafka/secure/users.sh")
