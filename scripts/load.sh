#!/usr/bin/env bash
# load.sh ARGS...: `orderline load` on the shop that runs here; report and plot name the broker that `make up` started.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/kafka/env.sh"
source "$(dirname "${BASH_SOURCE[0]}")/embedded/env.sh"

# shellcheck disable=SC2154 # the versions are set by what is sourced
case $(cat "$state/broker" 2>/dev/null || true) in
    local) label="Apache Kafka $kafka_version" ;;
    embedded) label="Nisshi $nisshi_version, embedded" ;;
    *) label= ;;
esac
if [[ -n $label ]]; then export ORDERLINE_BROKER_LABEL=${ORDERLINE_BROKER_LABEL:-$label}; fi
exec "$root/scripts/run.sh" orderline load "$@"
