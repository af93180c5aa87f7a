#!/bin/bash
# How long one opt-out takes beside bulk jobs (a large sync, which may hold the
# writer for 200 ms, then bulk opt-ins, 20 ms), against the same on an idle
# state; whole processes, start to exit.
# shellcheck source=tests/bench/lib.bash
. "$(dirname "$0")/lib.bash"

ROWS=${ROWS:-5000000}
N=${N:-100}

add_channel
"$BUILD/tests/bench/genlist" -n "$ROWS" >list.csv
rc-import -q list.csv >/dev/null
opt_outs 'on an idle state'
while :; do rc-import -q --override-all list.csv >/dev/null; done &
PIDS=$!
opt_outs "beside syncs of $ROWS rows" 200
kill "$PIDS"
wait "$PIDS" 2>/dev/null || :
while :; do tail -n +2 list.csv | rc-optin -q in >/dev/null; done &
PIDS=$!
opt_outs 'beside bulk opt-ins' 20
