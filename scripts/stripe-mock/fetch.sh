#!/usr/bin/env bash
# fetch.sh: makes sure that stripe-mock is in the cache, and prints where.
#
# It is Stripe's own stand-in for its API: it knows nobody and charges nothing, and checks each request by the
# OpenAPI description that comes with it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

version=v0.203.0

install() {
    "$root/scripts/need.sh" go
    say "building stripe-mock $version with go, once, into $home"
    GOBIN=$1 GOFLAGS=-trimpath go install "github.com/stripe/stripe-mock@$version" >&2
}

home=$cache/stripe-mock-$version
once "$home" install
echo "$home"
