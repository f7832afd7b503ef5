#!/usr/bin/env bash
# need.sh THING...: makes sure that these are there: cc, rust, java, maven, python, postgres, shellcheck, curl,
# openssl, docker, debootstrap, go.
#
# As root on Debian or Ubuntu it installs what is missing. Elsewhere it stops and names the command to type.
# need.sh --can asks which of the two it would be.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

has() { command -v "$1" >/dev/null 2>&1; }

may_install() { has apt-get && [[ $(id -u) == 0 ]]; }

if [[ ${1:-} == --can ]]; then
    may_install
    exit
fi

packages=()
for thing in "$@"; do
    case $thing in
        # librdkafka is built by ./configure and make, SQLite by the C compiler; TLS everywhere is OpenSSL's.
        cc)
            if ! { has cc && has c++ && has make; }; then packages+=(g++ make); fi
            if ! { has pkg-config && pkg-config --exists openssl; }; then packages+=(libssl-dev pkg-config); fi
            ;;
        rust) "$root/scripts/toolchain.sh" ;;
        java) if ! "$root/scripts/java.sh" >/dev/null 2>&1; then packages+=(openjdk-17-jre-headless); fi ;;
        maven) if ! has mvn; then packages+=(maven); fi ;;
        python) if ! { has python3 && python3 -m pip --version >/dev/null 2>&1; }; then packages+=(python3 python3-pip); fi ;;
        postgres) if ! "$root/scripts/postgres/bin.sh" >/dev/null; then packages+=(postgresql); fi ;;
        shellcheck) if ! has shellcheck; then packages+=(shellcheck); fi ;;
        openssl) if ! has openssl; then packages+=(openssl); fi ;;
        curl) if ! has curl; then packages+=(curl ca-certificates); fi ;;
        go) if ! has go; then packages+=(golang-go); fi ;;
        docker)
            if ! { has dockerd && has docker; }; then packages+=(docker.io iptables); fi
            if ! has docker-compose; then packages+=(docker-compose); fi
            ;;
        debootstrap) if ! has debootstrap; then packages+=(debootstrap); fi ;;
        *) die "need.sh does not know '$thing'" ;;
    esac
done

if ((${#packages[@]} == 0)); then exit 0; fi

install=(apt-get install -y --no-install-recommends "${packages[@]}")
if may_install; then
    say "installing ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2
    "${install[@]}" -qq >/dev/null
elif has apt-get; then
    die "these packages are missing: ${packages[*]}" "type: sudo apt-get update && sudo ${install[*]}"
else
    die "these are missing (by their Debian names): ${packages[*]}" "install them with your package manager, then try again"
fi
