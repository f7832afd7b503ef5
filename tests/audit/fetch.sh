#!/usr/bin/env bash
# fetch.sh: makes sure that the Python client of the audit is in the cache, and prints where.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/env.sh"

requirements=$root/tests/audit/requirements.txt

install() {
    "$root/scripts/need.sh" python
    say "fetching the audit's Kafka client with pip, once, into $home"
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
        --target "$1" --requirement "$requirements" >&2
}

# Named by what is in it, so that another version lands beside this one.
home=$cache/audit-$(cksum <"$requirements" | cut -d' ' -f1)
once "$home" install
echo "$home"
