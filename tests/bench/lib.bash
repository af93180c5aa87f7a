# shellcheck shell=bash disable=SC2034 # sourced; its variables are used there
# Sourced by every benchmark: a folder of its own on disk, and timing.
set -eu
TOP=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${RC_BIN:-$TOP/bin}
BUILD=${RC_BUILD:-$TOP/build}
DIR=$(mktemp -d "${TMPDIR:-/tmp}/rc-bench.XXXXXX")
PIDS=
export PATH="$BIN:$PATH" LC_ALL=C RC_STATE="$DIR/state.mdb" RC_KEY_FILE="$DIR/key"
unset RC_CHANNEL RC_PUBLIC_URL

cleanup() {
	for pid in $PIDS; do
		kill "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
	rm -rf "$DIR"
}
trap cleanup EXIT
cd "$DIR"

now() { date +%s.%N; }
# seconds COMMAND...: runs it and sets SECONDS_TAKEN.
seconds() {
	_begin=$(now)
	"$@"
	SECONDS_TAKEN=$(awk "BEGIN { printf \"%.3f\", $(now) - $_begin }")
}
ratio() { awk "BEGIN { printf \"%.3f\", $1 / $2 }"; }
# best_ms COMMAND...: best of seven from start to exit, whatever it comes to;
# sets BEST_MS, and its last output is in "out".
best_ms() {
	local best=999999999 begin took
	for _ in 1 2 3 4 5 6 7; do
		begin=$(date +%s%N)
		"$@" >out 2>&1 || :
		took=$((($(date +%s%N) - begin) / 1000))
		[ "$took" -ge "$best" ] || best=$took
	done
	BEST_MS=$(ratio "$best" 1000)
}
# opt_outs NAME [MS]: N single opt-outs on channel bench, whole processes;
# prints their median and the worst.  The first time is the peer of the others,
# which may wait for the disk once more, and the worst of them as long as the
# writer is held by what runs beside them, MS.
opt_outs() {
	local begin i median worst
	for ((i = 0; i < N; i++)); do
		begin=$(date +%s%N)
		rc-optin -q -c bench out $((12025000000 + i)) >/dev/null
		echo $((($(date +%s%N) - begin) / 1000))
	done | sort -n >waits
	median=$(ratio "$(sed -n "$(((N + 1) / 2))p" waits)" 1000)
	worst=$(ratio "$(tail -n 1 waits)" 1000)
	if [ -z "${2-}" ]; then
		IDLE=$median IDLE_WORST=$worst
		printf 'opt-out %s: median %s ms, worst %s ms\n' "$1" \
		    "$median" "$worst"
		return
	fi
	awk -v name="$1" -v median="$median" -v worst="$worst" -v held="$2" \
	    -v idle="$IDLE" -v idle_worst="$IDLE_WORST" 'BEGIN {
		printf "opt-out %s: median %.1f ms (%.1f wanted), " \
			"worst %.1f ms (%.1f wanted)\n", name, median,
			2 * idle, worst, idle_worst + held }'
}
# channel NAME TYPE [OPTION]...
channel() {
	rc-channel add "$1" --provider http --url http://127.0.0.1:9/x \
	    --identifier "$2" "${@:3}"
}
add_channel() { channel bench phoneNumber; }

# start_nginx HTTP SERVER: an nginx on a free port of loopback, with lines for
# its http and server blocks; sets NGINX, its URL.
start_nginx() {
	local port
	for _ in 1 2 3 4 5; do
		port=$((20000 + RANDOM % 20000))
		cat >nginx.conf <<-CONF
			daemon off; worker_processes 1;
			pid $DIR/nginx.pid; error_log $DIR/nginx.err;
			events { worker_connections 4096; }
			http {
			  $1
			  keepalive_requests 1000000000;
			  client_body_temp_path $DIR/body; proxy_temp_path $DIR/proxy;
			  fastcgi_temp_path $DIR/fastcgi; uwsgi_temp_path $DIR/uwsgi;
			  scgi_temp_path $DIR/scgi;
			  server { listen 127.0.0.1:$port; $2 }
			}
		CONF
		nginx -p "$DIR" -e "$DIR/nginx.err" -c "$DIR/nginx.conf" 2>nginx.out &
		PIDS="$PIDS $!"
		NGINX=http://127.0.0.1:$port
		while kill -0 $! 2>/dev/null; do
			curl -so "$DIR/null" "$NGINX/" && return
		done
	done
	cat nginx.err >&2
	return 1
}
