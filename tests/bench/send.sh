#!/bin/bash
# rc-send, every message claimed and settled durably, against curlloop, which
# keeps nothing: both post the same body to an nginx that answers 201.
# usage: send.sh [MESSAGES] [CONCURRENCY] [ROUNDS]
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
bin=${RC_BIN:-$top/bin} build=${RC_BUILD:-$top/build}
messages=${1:-200000} concurrency=${2:-64} rounds=${3:-3}
dir=$(mktemp -d)
server=
finish() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || :
	rm -rf "$dir"
}
trap finish EXIT

# start_nginx: on a free port; sets url.
start_nginx() {
	local port
	for _ in 1 2 3 4 5; do
		port=$((20000 + RANDOM % 20000))
		cat >"$dir/nginx.conf" <<-CONF
			daemon off;
			worker_processes 1;
			pid $dir/nginx.pid;
			error_log $dir/nginx.err;
			events { worker_connections 4096; }
			http {
			  access_log off;
			  keepalive_requests 1000000000;
			  client_body_temp_path $dir/body;
			  proxy_temp_path $dir/proxy;
			  fastcgi_temp_path $dir/fastcgi;
			  uwsgi_temp_path $dir/uwsgi;
			  scgi_temp_path $dir/scgi;
			  server {
			    listen 127.0.0.1:$port;
			    location / { return 201; }
			  }
			}
		CONF
		nginx -p "$dir" -e "$dir/nginx.err" -c "$dir/nginx.conf" &
		server=$!
		url=http://127.0.0.1:$port/messages
		for _ in $(seq 100); do
			curl -sfo "$dir/null" -d x "$url" && return
			kill -0 "$server" 2>/dev/null || break
			sleep 0.05
		done
	done
	cat "$dir/nginx.err" >&2
	return 1
}

# Seconds from the clock of this shell, with microseconds.
now() { echo "$EPOCHREALTIME"; }

export RC_STATE=$dir/state.mdb RC_KEY_FILE=$dir/key PATH=$bin:$PATH
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY
start_nginx
seq 15550000000 $((15550000000 + messages - 1)) >"$dir/people"
{ echo 'phone numbers'; cat "$dir/people"; } >"$dir/list.csv"
# shellcheck disable=SC2016 # the template's, not the shell's
body='{"to":"${User identifier}","text":"Hello, the spring collection is here"}'
printf '%s' "$body" >"$dir/payload.json"
rc-channel add bench --provider http --url "$url" --auth none --cap none \
	--concurrency "$concurrency" </dev/null >"$dir/channel.out"
rc-import -c bench "$dir/list.csv" >"$dir/import.out" 2>&1

printf 'round\tcurlloop/s\trc-send/s\tratio\tpeak_kB\tstate_MB\n'
for round in $(seq "$rounds"); do
	peer=$("$build/tests/bench/curlloop" "$url" "$messages" "$concurrency" \
		'{"to":"15550000000","text":"Hello, the spring collection is here"}' \
		application/json | cut -f2)
	began=$(now)
	/usr/bin/env time -f %M -o "$dir/memory" rc-send -q -c bench \
		-k "bench$round" -t "$dir/payload.json" \
		<"$dir/people" >"$dir/out"
	ended=$(now)
	[ "$(grep -c '	accepted	' "$dir/out")" -eq "$messages" ]
	awk -v n="$messages" -v b="$began" -v e="$ended" -v p="$peer" \
		-v m="$(cat "$dir/memory")" -v r="$round" \
		-v s="$(stat -c %s "$RC_STATE")" 'BEGIN {
		ours = n / (e - b)
		printf "%d\t%.0f\t%.0f\t%.2f\t%d\t%.1f\n", r, p, ours,
			ours / p, m, s / 1e6 }'
done
