#!/bin/bash
# What a message costs on disk and in time, in the ledger alone: claimed and
# settled durably by the batch, recipients sorted and in no order; then what
# opening, asking and going on cost when so many messages are there.
# usage: ledger.sh [MESSAGES] [BATCH]
# shellcheck source=tests/bench/lib.bash
. "$(dirname "$0")/lib.bash"

messages=${1:-10000000} batch=${2:-64}

"$BUILD/tests/bench/genlist" -n "$messages" >list.csv
tail -n +2 list.csv >random
sort -n random >sorted
channel bench phoneNumber --cap none </dev/null >/dev/null
rc-import -q -c bench list.csv >/dev/null
rm list.csv

size() { stat -c %s "$RC_STATE"; }

# measure ORDER WANTED-BYTES WANTED-RATE
measure() {
	local before n rate campaign=$1
	before=$(size)
	"$BUILD/tests/bench/ledger" "$RC_STATE" "$RC_KEY_FILE" bench \
		"$campaign" "$batch" <"$1" >measured
	IFS=$'\t' read -r n _ rate <measured
	[ "$n" -eq "$messages" ]
	printf 'ledger, %d recipients %s: %.1f bytes a message (%s wanted), %d a second%s\n' \
		"$n" "$1" "$(ratio $(($(size) - before)) "$n")" "$2" "$rate" \
		"${3:+ ($3 wanted)}"
}

# cold NAME COMMAND...: from start to exit.
cold() {
	best_ms "${@:2}"
	printf '%s with %d messages: %s ms (50 wanted)\n' "$1" \
		"$((2 * messages))" "$BEST_MS"
}

measure sorted '75 or less' '20000 or more'
measure random '95 or less' '20000 or more'
cold 'rc-send --status' rc-send -k sorted --status
cold 'rc-stats CAMPAIGN' rc-stats sorted
head -n 1 sorted >one
# shellcheck disable=SC2016 # the template's, not the shell's
printf '%s' '{"to":"${User identifier}"}' >payload.json
cold 'rc-send, one recipient texted before' \
	rc-send -c bench -k sorted -t payload.json one
grep -q 'already sent' out
