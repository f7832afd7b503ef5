#!/usr/bin/env bash
# fetch.sh: makes sure that the push service of the tests is in the cache, and prints where.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

requirements=$root/scripts/push/requirements.txt

install() {
    "$root/scripts/need.sh" python
    say "fetching the tests' push service with pip, once, into $home"
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
        --target "$1" --requirement "$requirements" >&2
}

# Named by what is in it, so that another version lands beside this one.
home=$cache/push-$(cksum <"$requirements" | cut -d' ' -f1)
once "$home" install
echo "$home"
