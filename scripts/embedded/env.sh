# What the scripts of the embedded broker share. Sourced.
# shellcheck shell=bash

source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

# shellcheck disable=SC2034 # all read by the scripts that source this one
{
    nisshi_version=0.8.1
    nisshi_home=$cache/nisshi-$nisshi_version
    # What it is built with: it wants a newer Rust than this workspace is pinned to.
    nisshi_rust=1.98.0
    # What it writes when it answers.
    nisshi_ready="ready in "
}
