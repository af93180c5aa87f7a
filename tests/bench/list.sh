#!/bin/bash
# rc-optin list and filter over a list of ten million, against LC_ALL=C sort -u
# of it in no order; and cold, whole processes: one rc-optin check, and each
# tool's --version.
# shellcheck source=tests/bench/lib.bash
. "$(dirname "$0")/lib.bash"

ROWS=${ROWS:-10000000}

# against NAME WANTED: prints the time just taken and its ratio to sort -u.
against() {
	printf '%s: %s s, %s x sort -u (%s s; %s wanted)\n' "$1" \
	    "$SECONDS_TAKEN" "$(ratio "$SECONDS_TAKEN" "$SORT")" "$SORT" "$2"
}
list() { rc-optin list >list.out; }
filter() { rc-optin filter <sorted >filter.out; }

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
best_ms rc-optin check "$NUMBER"
printf 'check, one cold process: %s ms (5 wanted)\n' "$BEST_MS"
for tool in "$BIN"/rc-*; do
	best_ms "$tool" --version
	echo "$BEST_MS ${tool##*/}"
done | sort -n >versions
tail -n 1 versions | {
	read -r ms tool
	printf '%s --version, the slowest: %s ms (5 wanted)\n' "$tool" "$ms"
}
