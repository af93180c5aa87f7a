# Loaded by every bats file: a clean directory, a state and a key of its own,
# the tools of this build on PATH, and nothing of the user's environment.

bats_require_minimum_version 1.5.0

RC_BIN=${RC_BIN:-$(cd "$BATS_TEST_DIRNAME/../../bin" && pwd)}
TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
RC_BUILD=${RC_BUILD:-$TOP/build}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export PATH="$RC_BIN:$PATH" TZ=UTC LC_ALL=C.UTF-8
	export RC_STATE=$PWD/state.mdb RC_KEY_FILE=$PWD/key
	export XDG_STATE_HOME=$PWD XDG_CONFIG_HOME=$PWD
	export HOME=$PWD # whose .curlrc and .jq would be read
	unset RC_CHANNEL http_proxy https_proxy all_proxy no_proxy HTTP_PROXY
	unset HTTPS_PROXY ALL_PROXY NO_PROXY CURL_HOME POSIXLY_CORRECT
	umask 022
	PIDS=()
	exec {QUIET}<> <(:) # a pipe that nothing is written to
	if declare -F local_setup >/dev/null; then local_setup; fi
}

# A process that was stopped goes on to its end, one that does not end is killed.
teardown() {
	local pid n
	for pid in "${PIDS[@]}"; do
		kill "$pid" 2>/dev/null || continue
		kill -CONT "$pid" 2>/dev/null || :
		for ((n = 0; n < 200; n++)); do
			kill -0 "$pid" 2>/dev/null || break
			pause 0.05
		done
		kill -9 "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
}

# pause SECONDS: without a process, and without touching $!.
pause() { read -rt "$1" -u "$QUIET" || :; }

# wait_for COMMAND...: until it succeeds, at most a minute.
wait_for() {
	local end=$((SECONDS + 60))
	while [ "$SECONDS" -lt "$end" ]; do
		"$@" >/dev/null 2>&1 && return 0
		pause 0.05
	done
	echo "gave up waiting for: $*" >&2
	return 1
}

# foreground COMMAND >OUT 2>ERR: starts it like a terminal does, in a process
# group of its own and with SIGINT in force; its process id is $pid.
foreground() {
	set -m
	"$@" 3>&- &
	pid=$!
	set +m
	PIDS+=("$pid")
}

# hold_open FILE: the pipe "held" has its lines and no end, so that whoever reads
# it does not end before it is killed.
hold_open() {
	rm -f held
	mkfifo held
	exec 7<>held
	cat "$1" >&7
}

# err_is CODE TEXT: the last `run` ended with CODE and one line having TEXT.
err_is() {
	[ "$status" -eq "$1" ] || { echo "exit $status: $output"; return 1; }
	[[ $output == *"$2"* ]] || { echo "no '$2' in: $output"; return 1; }
}

# absent PATTERN FILE...: no line of the files matches (ERE).  Not "! grep":
# bash ignores a negated command's failure in the middle of a test.
absent() {
	if grep -nE -- "$@"; then
		return 1
	fi
}

# list NUMBERS...: a file with a header and one number a line.
list() {
	echo 'phone numbers'
	printf '%s\n' "$@"
}

# free_port: prints one that nobody listens on, and that no system gives away.
free_port() {
	local port
	while port=$((10000 + RANDOM % 20000)); do
		(: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# start_sandbox [ARGS...]: sets SANDBOX (base URL); its log is sandbox.ndjson.
start_sandbox() {
	rm -f sandbox.ndjson # an earlier one's would be taken for this one's
	rc-sandbox --listen 127.0.0.1:0 "$@" >sandbox.ndjson 2>sandbox.err &
	PIDS+=($!)
	SANDBOX_PID=$!
	wait_for grep -q '"listening"' sandbox.ndjson || return 1
	SANDBOX=$(head -1 sandbox.ndjson | jq -r .url)
}

# on_the_wire N: N connections to the sandbox are open.
on_the_wire() {
	[ "$(awk -v port=":$(printf %04X "${SANDBOX##*:}")" \
		'$3 ~ port "$" && $4 == "01"' /proc/net/tcp | wc -l)" -eq "$1" ]
}

# start_httpd [ARGS...]: sets HTTPD (base URL).
start_httpd() {
	rm -f httpd.out
	rc-httpd --listen 127.0.0.1:0 "$@" >httpd.out 2>httpd.err &
	PIDS+=($!)
	HTTPD_PID=$!
	wait_for grep -q listening httpd.out || return 1
	HTTPD=$(head -1 httpd.out | cut -f2)
}
