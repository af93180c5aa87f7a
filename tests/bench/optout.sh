#!/bin/bash
# How long one opt-out takes beside bulk jobs (a large sync, then bulk opt-ins),
# against the same on an idle state; whole processes, start to exit.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

ROWS=${ROWS:-5000000}
N=${N:-100}

# measure NAME: N opt-outs; prints the median and the worst in milliseconds.
measure() {
	local i begin
	for ((i = 0; i < N; i++)); do
		begin=$(date +%s%N)
		rc-optin -q out $((12025000000 + i)) >/dev/null
		echo $((($(date +%s%N) - begin) / 1000))
	done | sort -n | awk -v name="$1" '{ v[NR] = $1 } END {
		printf "opt-out %s: median %.1f ms, worst %.1f ms\n", name,
		    v[int((NR + 1) / 2)] / 1000, v[NR] / 1000 }'
}

add_channel
"$BUILD/tests/bench/genlist" -n "$ROWS" >list.csv
rc-import -q list.csv >/dev/null
measure 'on an idle state'
while :; do rc-import -q --override-all list.csv >/dev/null; done &
PIDS=$!
measure "beside syncs of $ROWS rows"
kill "$PIDS"
wait "$PIDS" 2>/dev/null || :
while :; do tail -n +2 list.csv | rc-optin -q in >/dev/null; done &
PIDS=$!
measure "beside bulk opt-ins"
