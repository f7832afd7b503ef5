#!/usr/bin/env bash
# toolchain.sh: makes sure that the Rust toolchain that rust-toolchain.toml names is installed.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' "$root/rust-toolchain.toml")

if ! command -v rustup >/dev/null; then
    if command -v cargo >/dev/null && [[ $(cargo --version) == "cargo $channel"* ]]; then exit 0; fi
    die "Rust $channel is needed and rustup is not there" "install rustup as https://rustup.rs says, then try again"
fi

cd "$root"
# Read into variables: a pipe that closes early would make rustup fail.
toolchains=$(rustup toolchain list)
if [[ $'\n'$toolchains != *$'\n'"$channel"* ]]; then
    show rustup toolchain install "$channel" --profile minimal -c rustfmt -c clippy >&2
fi
parts=$(rustup component list --toolchain "$channel" --installed)
for part in rustfmt clippy; do
    if [[ $'\n'$parts != *$'\n'"$part"* ]]; then
        show rustup component add --toolchain "$channel" "$part" >&2
    fi
done
