#!/bin/bash
# A dry run over ten million people, against LC_ALL=C sort -u of them in no
# order; and its memory beyond the map, in order and in none.
# shellcheck source=tests/bench/lib.bash
. "$(dirname "$0")/lib.bash"

ROWS=${ROWS:-10000000}
TEXT='Hello! Our spring collection is here: 20 percent off everything until
Sunday, in all our shops and online. Show this message. Reply STOP to end.'

# dry INPUT: a dry run, whose largest resident memory is in "memory".
dry() {
	/usr/bin/env time -f %M -o memory \
	    rc-send -n -k spring -m "$TEXT" "$1" >records 2>summary
}

rc-channel add bench --provider twilio --from +15005550006 \
    --account-sid AC00000000000000000000000000000000 \
    --auth-token env:HOME --price 0.0079 </dev/null
"$BUILD/tests/bench/genlist" -n "$ROWS" >list.csv
rc-import -q list.csv >record
tail -n +2 list.csv >rows
seconds sort -u -o sorted rows
SORT=$SECONDS_TAKEN
MAP=$(stat -c %s "$RC_STATE")
for input in sorted rows; do
	seconds dry "$input"
	grep -q "^rc-send: $ROWS recipients = $ROWS would send\$" summary
	printf '%s: %s s, %s x sort -u (%s s; 1 wanted if sorted); ' \
	    "$input" "$SECONDS_TAKEN" "$(ratio "$SECONDS_TAKEN" "$SORT")" "$SORT"
	awk -v rss="$(cat memory)" -v map="$MAP" 'BEGIN {
		printf "%.0f MB, of which %.0f MB are the state (64 MB beyond " \
			"it wanted)\n", rss / 1e3, map / 1e6 }'
done
