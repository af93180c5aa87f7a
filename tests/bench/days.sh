#!/bin/bash
# What a year of daily syncs leaves on disk: each replaces one person in a
# hundred by another.  Ten million people may need 320 MB; of fewer the size is
# given as if there were as many, a tenth more than it is, since they lie
# further apart.
# shellcheck source=tests/bench/lib.bash
. "$(dirname "$0")/lib.bash"

ROWS=${ROWS:-1000000}
DAYS=${DAYS:-365}

size() { stat -c %s state.mdb; }
# report DAYS: the state's size, and that of ten million in a million bytes.
report() {
	awk -v days="$1" -v bytes="$(size)" -v rows="$ROWS" 'BEGIN {
		printf "after %d days: %d bytes, as if of 10M: %.1f MB%s\n",
		    days, bytes, bytes * 10000000 / rows / 1000000,
		    days == 365 ? " (320 wanted)" : "" }'
}

add_channel
for ((day = 0; day <= DAYS; day++)); do
	"$BUILD/tests/bench/genlist" -n "$ROWS" -o $((day * ROWS / 100)) |
	    rc-import -q - >record
	case $day in
	0 | 1 | 2 | 10 | 100 | "$DAYS") report "$day" ;;
	esac
done
printf 'added %d, removed %d on the last\n' "$(cut -f5 record)" "$(cut -f8 record)"
