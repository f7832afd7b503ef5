#!/usr/bin/env bash
# matrix.sh ARGS...: the journeys on each combination of broker and database, then a table of results and times.
#
# COMBINATIONS chooses others: words joined by commas, each a line's variables joined by +, as in
# COMBINATIONS=DATABASE=postgres,BROKERS=3+SECURE=1. ARGS go to cargo test.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$root"

# The two ends: nothing but Rust, and everything that production has. `make test` runs on what lies between, one
# open Apache Kafka with SQLite.
default=BROKER=embedded,BROKERS=3+DATABASE=postgres+SECURE=1
IFS=, read -r -a combinations <<<"${COMBINATIONS:-$default}"

# Every journey, and what else speaks to a broker where that is not Apache Kafka.
journeys=()
for file in tests/tests/*.rs; do journeys+=(--test "$(basename "$file" .rs)"); done
embedded=(--test conformance --test storm --test topics --test it)

"$root/scripts/need.sh" rust cc python postgres
# Built once, and not inside the time of the first line.
cargo build --workspace --bins
cargo test --workspace --tests --no-run

table=$(printf '%-36s %-8s %8s' combination result time)
failed=()
for combination in "${combinations[@]}"; do
    IFS=+ read -r -a variables <<<"$combination"
    for variable in "${variables[@]}"; do
        if [[ ! $variable =~ ^(BROKER|BROKERS|SECURE|DATABASE)=.+$ ]]; then
            die "COMBINATIONS: '$variable' is none of BROKER=, BROKERS=, SECURE= and DATABASE= with a value"
        fi
    done
    # Only what the line says, whatever the environment says. A journey has a broker of its own; the others share one.
    run=(env -u BROKER -u BROKERS -u SECURE -u DATABASE "${variables[@]}")
    if [[ $combination == *BROKER=embedded* ]]; then
        run+=("$root/scripts/test.sh" "${journeys[@]}" "${embedded[@]}")
    else
        run+=("$root/scripts/postgres/with-postgres.sh" cargo test --workspace "${journeys[@]}")
    fi
    say "== ${variables[*]}"
    began=$SECONDS
    result=passed
    if ! "${run[@]}" "$@" </dev/null; then
        result=FAILED
        failed+=("${variables[*]}")
    fi
    took=$((SECONDS - began))
    table+=$'\n'$(printf '%-36s %-8s %5d:%02d' "${variables[*]}" "$result" $((took / 60)) $((took % 60)))
done

printf '\n%s\n' "$table"
if ((${#failed[@]})); then
    for combination in "${failed[@]}"; do say "again: make matrix COMBINATIONS='${combination// /+}'"; done
    die "the journeys failed on ${#failed[@]} of ${#combinations[@]} combinations"
fi
