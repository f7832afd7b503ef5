#!/usr/bin/env bash
# ready.sh: what /ready of the service in this container says; fails when it is not ready.
#
# It is the image's health check. Bash speaks the little HTTP that is needed, so that the image holds no curl.
set -euo pipefail

exec 3<>"/dev/tcp/127.0.0.1/${ORDERLINE_LISTEN##*:}"
printf 'GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
answer=$(cat <&3)
printf '%s\n' "${answer##*$'\n'}"
[[ $answer == 'HTTP/1.1 200'* ]]
