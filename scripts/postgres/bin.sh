#!/usr/bin/env bash
# bin.sh: prints the folder of PostgreSQL's server programs; fails where there is none.
#
# Debian keeps them out of PATH, a folder for each version: the newest is taken.
set -euo pipefail

newest=$(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | sort -V | tail -n 1)
if [[ -x $newest ]]; then
    dirname "$newest"
elif on_path=$(command -v postgres); then
    dirname "$on_path"
else
    exit 1
fi
