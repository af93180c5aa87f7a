#!/bin/bash
# rc-optin list and filter over a list of ten million, against LC_ALL=C sort -u
# of it in no order; and one cold rc-optin check, whole processes.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

ROWS=${ROWS:-10000000}
N=${N:-100}

# against NAME WANTED: prints the time just taken and its ratio to sort -u.
against() {
	printf '%s: %s s, %s x sort -u (%s s; %s wanted)\n' "$1" \
	    "$SECONDS_TAKEN" "$(ratio "$SECONDS_TAKEN" "$SORT")" "$SORT" "$2"
}
list() { rc-optin list >list.out; }
filter() { rc-optin filter <sorted >filter.out; }
# each COMMAND...: N times, and sets MS_EACH.
each() {
	seconds eval "for _ in {1..$N}; do $* >each.out; done"
	MS_EACH=$(ratio "$SECONDS_TAKEN" "$(ratio "$N" 1000)")
}

add_channel
"$BUILD/tests/bench/genlist" -n "$ROWS" >list.csv
rc-import -q list.csv >record
tail -n +2 list.csv >rows
NUMBER=$(tail -n 1 rows)
seconds sort -u -o sorted rows
SORT=$SECONDS_TAKEN
seconds list
against list 0.1
seconds filter
against 'filter of sorted lines' 0.25
cmp filter.out sorted
each rc-optin check "$NUMBER"
printf 'check, one cold process: %s ms' "$MS_EACH"
each rc-optin --version
printf ' (5 wanted; --version: %s ms)\n' "$MS_EACH"
