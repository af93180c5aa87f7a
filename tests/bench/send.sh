#!/bin/bash
# rc-send, every message claimed and settled durably, against curlloop, which
# keeps nothing: both post the same body to an nginx that answers 201.
# usage: send.sh [MESSAGES] [CONCURRENCY] [ROUNDS]
# shellcheck source=tests/bench/lib.bash
. "$(dirname "$0")/lib.bash"

messages=${1:-200000} concurrency=${2:-64} rounds=${3:-3}
dir=$DIR build=$BUILD

start_nginx 'access_log off;' 'location / { return 201; }'
url=$NGINX/messages
seq 15550000000 $((15550000000 + messages - 1)) >"$dir/people"
{ echo 'phone numbers'; cat "$dir/people"; } >"$dir/list.csv"
# shellcheck disable=SC2016 # the template's, not the shell's
body='{"to":"${User identifier}","text":"Hello, the spring collection is here"}'
printf '%s' "$body" >"$dir/payload.json"
rc-channel add bench --provider http --url "$url" --auth none --cap none \
	--concurrency "$concurrency" </dev/null >"$dir/channel.out"
rc-import -c bench "$dir/list.csv" >"$dir/import.out" 2>&1

printf 'round\tcurlloop/s\trc-send/s\tratio (0.7 wanted)\tbytes a message (75 or less wanted)\n'
for round in $(seq "$rounds"); do
	peer=$("$build/tests/bench/curlloop" "$url" "$messages" "$concurrency" \
		'{"to":"15550000000","text":"Hello, the spring collection is here"}' \
		application/json | cut -f2)
	before=$(stat -c %s "$RC_STATE")
	began=$(now)
	rc-send -q -c bench \
		-k "bench$round" -t "$dir/payload.json" \
		<"$dir/people" >"$dir/out"
	ended=$(now)
	[ "$(grep -c '	accepted	' "$dir/out")" -eq "$messages" ]
	awk -v n="$messages" -v b="$began" -v e="$ended" -v p="$peer" \
		-v r="$round" \
		-v s=$(($(stat -c %s "$RC_STATE") - before)) 'BEGIN {
		ours = n / (e - b)
		printf "%d\t%.0f\t%.0f\t%.2f\t%.1f\n", r, p, ours,
			ours / p, s / n }'
done
