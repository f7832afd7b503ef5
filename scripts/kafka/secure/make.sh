#!/usr/bin/env bash
# make.sh FOLDER: what a secured local broker and its users need, unless it is there already: a certificate
# authority of this shop's own, the broker's certificate for 127.0.0.1 and localhost, and a random password
# for each user of schemas/access.toml. Only the owner can read any of it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

folder=$1
umask 077
mkdir -p "$folder/users"
"$root/scripts/need.sh" openssl

if [[ ! -f $folder/ca.pem ]]; then
    openssl req -x509 -newkey rsa:2048 -noenc -days 3650 -subj "/CN=the local shop's authority" \
        -keyout "$folder/ca.key" -out "$folder/ca.pem" 2>/dev/null
fi

if [[ ! -f $folder/broker.pem ]]; then
    openssl req -newkey rsa:2048 -noenc -subj "/CN=localhost" -keyout "$folder/broker.key" -out "$folder/broker.csr" 2>/dev/null
    openssl x509 -req -in "$folder/broker.csr" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -CAcreateserial \
        -days 3650 -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") -out "$folder/broker.crt" 2>/dev/null
    # Kafka reads key and certificate from one file.
    cat "$folder/broker.key" "$folder/broker.crt" >"$folder/broker.pem"
    rm "$folder/broker.key" "$folder/broker.crt" "$folder/broker.csr"
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
