#!/bin/bash
# A rc-optin list that stands still in a pipe beside 10,000 commits, against
# the same commits without it: the state must not grow by a held snapshot.
# shellcheck source=tests/bench/lib.bash
. "$(dirname "$0")/lib.bash"

COMMITS=${COMMITS:-10000}

prepare() {
	rm -f state.mdb* key
	add_channel
	{ echo 'phone numbers'; seq 12025000000 12025499999; } |
	    rc-import -q - >/dev/null
}
# Each a process and a durable commit of its own.
commits() {
	local i
	for ((i = 0; i < COMMITS; i++)); do
		rc-optin -q out $((12025000000 + i)) >/dev/null
	done
}

prepare
commits
alone=$(stat -c %s state.mdb)

prepare
mkfifo pipe
rc-optin list >pipe &
PIDS=$!
exec 3<pipe
head -c 1000 <&3 >/dev/null
commits
stalled=$(stat -c %s state.mdb)
exec 3<&-
printf 'state after %d commits: %d bytes alone, %d beside a stalled list; ratio %s (1 wanted)\n' \
    "$COMMITS" "$alone" "$stalled" "$(ratio "$stalled" "$alone")"
