#!/usr/bin/env bash
# authority.sh FOLDER: a certificate authority of one's own, FOLDER/ca.pem and its key, unless it is there already.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

folder=$1
umask 077
mkdir -p "$folder"
"$root/scripts/need.sh" openssl

if [[ ! -f $folder/ca.pem ]]; then
    openssl req -x509 -newkey rsa:2048 -noenc -days 3650 -subj "/CN=the local shop's authority" \
        -keyout "$folder/ca.key" -out "$folder/ca.pem" 2>/dev/null
fi
