#!/bin/sh
# cargo.sh: stands in for cargo where the programs were compiled outside of the container: puts them where
# `cargo build` would leave them.
mkdir -p target/debug
cp /compiled/* target/debug/
