#!/usr/bin/env bash
# run.sh [ROUNDS]: the engine beside a plain StreamConsumer loop, in turn, on one topic of one broker.
# Prints each run's JSON line and then the medians. RECORDS and KEYS change the topic.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [[ -z ${ORDERLINE_TEST_BROKERS:-} ]]; then
    cd "$root"
    cargo build --release -p bench
    exec "$root/scripts/with-broker.sh" "$root/bench/run.sh" "$@"
fi
rounds=${1:-4}
records=${RECORDS:-1000000}
slow=$((records / 5))
bin=${CARGO_TARGET_DIR:-$root/target}/release
out=$(mktemp)
trap 'rm -f "$out"' EXIT
"$bin/bench-seed" --bootstrap "$ORDERLINE_TEST_BROKERS" --topic bench --records "$records" --keys "${KEYS:-10000}"
"$bin/bench-seed" --bootstrap "$ORDERLINE_TEST_BROKERS" --topic bench-slow --records "$slow" --keys "${KEYS:-10000}"
run() { # peer topic records delay
    "$bin/$1" --bootstrap "$ORDERLINE_TEST_BROKERS" --topic "$2" --group "$1-$2-$RANDOM$RANDOM" \
        --records "$3" --delay-us "$4" | tee -a "$out"
}
for ((i = 0; i < rounds; i++)); do
    run bench-pipeline bench "$records" 0
    run bench-stream-consumer bench "$records" 0
    run bench-pipeline bench-slow "$slow" 2000
done
python3 - "$out" <<'PY'
import json, statistics, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
print(f"{'peer':16} {'delay µs':>8} {'CPU µs/record':>14} {'records/s':>11} {'busy':>6} {'MiB':>5} {'order':>6}")
for peer, delay in sorted({(r["peer"], r["delay_us"]) for r in rows}):
    of = [r for r in rows if (r["peer"], r["delay_us"]) == (peer, delay)]
    m = lambda f: statistics.median(f(r) for r in of)
    cpu = m(lambda r: (r["cpu_user_s"] + r["cpu_sys_s"]) / r["records"] * 1e6)
    rate = m(lambda r: r["records"] / r["wall_s"])
    busy = rate * delay / 1e6
    rss = m(lambda r: r["max_rss_kb"] / 1024)
    print(f"{peer:16} {delay:8} {cpu:14.2f} {rate:11,.0f} {busy:6.1f} {rss:5.0f} {sum(r['order_violations'] for r in of):6}")
PY
