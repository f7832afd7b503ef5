#!/usr/bin/env bash
# certificate.sh FOLDER NAME NAMES [--expired]: FOLDER/NAME.key and FOLDER/NAME.crt, signed by the authority in
# FOLDER, for the hosts in NAMES (DNS:localhost,IP:127.0.0.1). Expired is one that was good for a day of another
# year.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

folder=$1
name=$2
names=$3
time=(-days 3650)
if [[ ${4:-} == --expired ]]; then time=(-startdate 20200101000000Z -enddate 20200102000000Z); fi
umask 077

# `openssl ca` is the only command of OpenSSL 3.0 that sets both ends of a certificate's time. It wants books.
books=$(mktemp -d "${TMPDIR:-/tmp}/orderline-certificate.XXXXXX")
trap 'rm -rf "$books"' EXIT
touch "$books/index"
cat >"$books/openssl.conf" <<CONF
[ca]
default_ca = it
[it]
database = $books/index
new_certs_dir = $books
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = supplied
CONF

openssl req -newkey rsa:2048 -noenc -subj "/CN=localhost" -keyout "$folder/$name.key" -out "$books/request" 2>/dev/null
openssl ca -batch -config "$books/openssl.conf" -cert "$folder/ca.pem" -keyfile "$folder/ca.key" -notext \
    "${time[@]}" -in "$books/request" -out "$folder/$name.crt" -extfile <(echo "subjectAltName=$names") 2>/dev/null
