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
