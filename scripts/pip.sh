#!/usr/bin/env bash
# pip.sh FOLDER: makes sure that the Python packages of FOLDER/requirements.txt are in the cache, and prints where;
# that is what PYTHONPATH is to be. FOLDER is below the root of this checkout.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

requirements=$root/$1/requirements.txt

install() {
    "$root/scripts/need.sh" python
    say "fetching the packages of ${requirements#"$root/"} with pip, once, into $home"
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
        --target "$1" --requirement "$requirements" >&2 \
        || die "pip could not fetch the packages of $requirements" "look at its message above"
}

# Named by what is in it, so that another version lands beside this one.
home=$cache/$(basename "$1")-$(cksum <"$requirements" | cut -d' ' -f1)
once "$home" install
echo "$home"
