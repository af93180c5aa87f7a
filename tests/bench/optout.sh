#!/bin/bash
# How long one opt-out takes beside bulk jobs (a large sync, then bulk opt-ins),
# against the same on an idle state; whole processes, start to exit.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

ROWS=${ROWS:-5000000}
N=${N:-100}

# measure NAME: N opt-outs; prints the median and the worst in milliseconds,
# and the median's ratio to that of the first measurement.
measure() {
	local i begin median worst
	for ((i = 0; i < N; i++)); do
		begin=$(date +%s%N)
		rc-optin -q out $((12025000000 + i)) >/dev/null
		echo $((($(date +%s%N) - begin) / 1000))
	done | sort -n >waits
	median=$(sed -n "$(((N + 1) / 2))p" waits)
	worst=$(tail -n 1 waits)
	IDLE=${IDLE:-$median}
	printf 'opt-out %s: median %d us, worst %d us, %s x idle\n' "$1" \
	    "$median" "$worst" "$(ratio "$median" "$IDLE")"
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
