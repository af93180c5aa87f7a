#!/bin/bash
# What rc-send holds in memory of its own (not pages of the state's file) near
# the end of a small campaign and of one ten times as large: the same.
# usage: memory.sh [MESSAGES]
# shellcheck source=tests/bench/lib.bash
. "$(dirname "$0")/lib.bash"

messages=${1:-2000000}

start_nginx 'access_log off;' 'location / { return 201; }'
seq 15550000000 $((15550000000 + messages - 1)) >people
{ echo 'phone numbers'; cat people; } >list.csv
# shellcheck disable=SC2016 # the template's, not the shell's
printf '%s' '{"to":"${User identifier}"}' >payload.json
rc-channel add bench --provider http --url "$NGINX/messages" --auth none \
	--cap none --concurrency 64 </dev/null >channel.out
rc-import -q -c bench list.csv >/dev/null

# own PID: its memory that no file backs, in kB.
own() {
	awk '$1 == "RssAnon:" { print $2 }' "/proc/$1/status" 2>/dev/null
}

# peak N: sends to the first N; prints the most kB seen at any time.
peak() {
	local most=0 now
	head -n "$1" people >part
	rc-send -q -c bench -k "n$1" -t payload.json <part >sent &
	PIDS="$PIDS $!"
	while now=$(own $!) && [ -n "$now" ]; do
		[ "$now" -le "$most" ] || most=$now
		sleep 0.02
	done
	wait $!
	[ "$(grep -c '	accepted	' sent)" -eq "$1" ]
	echo "$most"
}

small=$(peak $((messages / 10)))
large=$(peak "$messages")
printf 'rc-send: %d kB of its own for %d recipients, %d kB for %d (65536 wanted); ratio %s (1 wanted)\n' \
	"$small" $((messages / 10)) "$large" "$messages" \
	"$(ratio "$large" "$small")"
