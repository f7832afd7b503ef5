#!/usr/bin/env bash
# make.sh FOLDER: what a secured local broker and its users need, unless it is there already: a certificate
# authority of this shop's own, the broker's certificate for 127.0.0.1 and localhost, and a random password
# for each user of schemas/access.toml. Only the owner can read any of it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

folder=$1
umask 077
mkdir -p "$folder/users"
"$root/scripts/tls/authority.sh" "$folder"

if [[ ! -f $folder/broker.pem ]]; then
    "$root/scripts/tls/certificate.sh" "$folder" broker DNS:localhost,IP:127.0.0.1
    # Kafka reads key and certificate from one file.
    cat "$folder/broker.key" "$folder/broker.crt" >"$folder/broker.pem"
    rm "$folder/broker.key" "$folder/broker.crt"
fi

mapfile -t users < <("$root/scripts/kafka/secure/users.sh")
for user in "${users[@]}"; do
    password=$folder/users/$user
    if [[ ! -f $password ]]; then openssl rand -hex 24 >"$password"; fi
    # The same login for Kafka's own console tools.
    cat >"$password.properties" <<PROPERTIES
security.protocol=SASL_SSL
ssl.truststore.type=PEM
ssl.truststore.location=$folder/ca.pem
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="$user" password="$(<"$password")";
PROPERTIES
done
