#!/usr/bin/env bash
# users.sh: prints every user of the secured local broker: its own, and those that schemas/access.toml declares.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

echo broker
sed -n 's/^name = "\(.*\)"$/\1/p' "$root/schemas/access.toml"
