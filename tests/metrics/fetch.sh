#!/usr/bin/env bash
# fetch.sh: makes sure that the parsers of Prometheus' formats are in the cache, and prints where.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/env.sh"

requirements=$root/tests/metrics/requirements.txt

install() {
    "$root/scripts/need.sh" python
    say "fetching parsers of Prometheus' formats with pip, once, into $home"
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
        --target "$1" --requirement "$requirements" >&2
}

# Named by what is in it, so that another version lands beside this one.
home=$cache/metrics-$(cksum <"$requirements" | cut -d' ' -f1)
once "$home" install
echo "$home"
