#!/bin/bash
# A sync of ten million numbers, fresh, then again with 1 % changed, then of as
# many e-mail addresses, against LC_ALL=C sort -u of the same file; its peak
# memory, the state it leaves (45 MB of ten million numbers), how long it holds
# the writer without fsync, and sqlite3's .import into a keyed table.
# shellcheck source=tests/bench/lib.bash
. "$(dirname "$0")/lib.bash"

ROWS=${ROWS:-10000000}
SQLITE_ROWS=$((ROWS < 2000000 ? ROWS : 2000000))
genlist() { "$BUILD/tests/bench/genlist" "$@"; }

# import NAME CHANNEL FILE WANTED [PEAK [STATE]]: prints its time, the ratio to
# the peer, its peak and the state after it, in MB; beside each what is wanted.
import() {
	local used
	seconds sort -u -o sorted "$3"
	used=$SECONDS_TAKEN
	seconds env time -f %M -o peak rc-import -q -c "$2" "$3" >record
	printf '%s: %s s, %s x sort -u (%s s; %s wanted), peak %d MB%s, state %s MB%s\n' \
	    "$1" "$SECONDS_TAKEN" "$(ratio "$SECONDS_TAKEN" "$used")" "$used" "$4" \
	    $(($(cat peak) / 1024)) "${5:+ ($5 wanted)}" \
	    "$(ratio "$(stat -c %s state.mdb)" 1000000)" "${6:+ ($6 wanted)}"
}

# held: seconds from getting the writer's lock to fsync, of the longest
# transaction.
held() {
	awk '/F_OFD_SETLK,.*F_UNLCK/ { begin = $2 }
	    /fdatasync/ && $2 - begin > most { most = $2 - begin }
	    END { printf "%.3f", most }' "$1"
}

# import_sqlite: rows into a table with a primary key, and into a channel.
import_sqlite() {
	local ours
	head -n $((SQLITE_ROWS + 1)) fresh.csv >part.csv
	channel part phoneNumber
	seconds rc-import -q -c part part.csv >record
	ours=$SECONDS_TAKEN
	tail -n +2 part.csv >part
	seconds sqlite3 part.db 'CREATE TABLE list (number TEXT PRIMARY KEY)
	    WITHOUT ROWID' '.import part list'
	printf 'sqlite3 .import of %d rows: %s s, %s x ours (%s s; 60 wanted)\n' \
	    "$SQLITE_ROWS" "$SECONDS_TAKEN" \
	    "$(ratio "$SECONDS_TAKEN" "$ours")" "$ours"
}

add_channel
genlist -n "$ROWS" >fresh.csv
genlist -n "$ROWS" -c 1 >changed.csv
printf '%d rows, %d MB\n' "$ROWS" $(($(stat -c %s fresh.csv) / 1000000))
import 'fresh list' bench fresh.csv 0.15 250 \
    $(((ROWS * 45 + 9999999) / 10000000))
import '1 % changed' bench changed.csv 0.2 250
printf 'added %d, removed %d\n' "$(cut -f5 record)" "$(cut -f8 record)"
import 'the same again' bench changed.csv 0.2 250
if command -v strace >/dev/null; then
	channel held phoneNumber
	strace -f -ttt -e trace=fcntl,fdatasync -o calls \
	    rc-import -q -c held fresh.csv >record
	printf 'writer held without fsync: %s s (0.2 wanted)\n' "$(held calls)"
fi
if command -v sqlite3 >/dev/null; then
	import_sqlite
fi
rm -f fresh.csv changed.csv part*
channel mail email
genlist -e -n "$ROWS" >mail.csv
import 'fresh e-mail list' mail mail.csv 0.6
