#!/bin/bash
# Two senders at once on one campaign, each with half of the recipients, against
# one with all; and what a single opt-out waits beside a sender, which may hold
# the writer for 20 ms.
# usage: senders.sh [MESSAGES] [ROUNDS]
# shellcheck source=tests/bench/lib.bash
. "$(dirname "$0")/lib.bash"

messages=${1:-200000} rounds=${2:-3} N=50

start_nginx 'access_log off;' 'location / { return 201; }'
seq 15550000000 $((15550000000 + messages - 1)) >people
{ echo 'phone numbers'; cat people; } >list.csv
head -n $((messages / 2)) people >half1
tail -n $((messages / 2)) people >half2
# shellcheck disable=SC2016 # the template's, not the shell's
printf '%s' '{"to":"${User identifier}"}' >payload.json
rc-channel add bench --provider http --url "$NGINX/messages" --auth none \
	--cap none --concurrency 64 </dev/null >channel.out
rc-import -q -c bench list.csv >/dev/null

send() { rc-send -q -c bench -k "$1" -t payload.json <"$2" >"sent.$2"; }

both() {
	local first
	send "$1" half1 &
	first=$!
	send "$1" half2
	wait "$first"
}

accepted() { cat "$@" | grep -c '	accepted	'; }

for round in $(seq "$rounds"); do
	seconds send "one$round" people
	one=$SECONDS_TAKEN
	[ "$(accepted sent.people)" -eq "$messages" ]
	seconds both "two$round"
	[ "$(accepted sent.half1 sent.half2)" -eq "$messages" ]
	awk -v n="$messages" -v one="$one" -v two="$SECONDS_TAKEN" 'BEGIN {
		printf "one sender %d/s, two %d/s; ratio %.2f (1 wanted)\n",
			n / one, n / two, one / two }'
done

opt_outs 'on an idle state'
rc-send -q -c bench -k beside -t payload.json <people >sent.people 2>beside.err &
PIDS="$PIDS $!"
opt_outs 'beside a sender' 20
kill -0 $! || echo 'the sender was done before the opt-outs were'
