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
add_channel() {
	rc-channel add bench --provider http --url http://127.0.0.1:9/x \
	    --identifier phoneNumber
}
