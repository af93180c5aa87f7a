#!/bin/bash
# A sync of ten million numbers, fresh, then again with 1 % changed, against
# LC_ALL=C sort -u of the same file; and its peak memory.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

ROWS=${ROWS:-10000000}

# import NAME FILE: prints its time, the ratio to the peer, and the peak.
import() {
	local used
	seconds sort -u -o sorted "$2"
	used=$SECONDS_TAKEN
	seconds env time -f %M -o peak rc-import -q "$2" >record
	printf '%s: %s s, %s x sort -u (%s s), peak %d MB\n' "$1" \
	    "$SECONDS_TAKEN" "$(ratio "$SECONDS_TAKEN" "$used")" "$used" \
	    $(($(cat peak) / 1024))
}

add_channel
"$BUILD/tests/bench/genlist" -n "$ROWS" >fresh.csv
"$BUILD/tests/bench/genlist" -n "$ROWS" -c 1 >changed.csv
printf '%d rows, %d MB\n' "$ROWS" $(($(stat -c %s fresh.csv) / 1000000))
import 'fresh list' fresh.csv
import '1 % changed' changed.csv
printf 'added %d, removed %d\n' "$(cut -f5 record)" "$(cut -f8 record)"
