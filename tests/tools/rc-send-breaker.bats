load helper
load send

# A provider that is down is not fed the whole audience.

local_setup() {
	export TOKEN=sandbox-auth-token
}

# begin PEOPLE [SANDBOX-ARGS...]
begin() {
	start_sandbox --listen "127.0.0.1:$(free_port)" "${@:2}"
	add_channel sms --concurrency "${CONCURRENCY:-64}"
	add_people "$1"
}

# stop_sandbox: what it has is answered, and its log kept.
stop_sandbox() {
	kill "$SANDBOX_PID"
	wait "$SANDBOX_PID" || :
	cat sandbox.ndjson >>before.ndjson
}

back() { start_sandbox --listen "${SANDBOX#http://}" "$@"; }
send() { rc-send -k spring -m Hello "$@"; }
is_down() { grep -q 'failures in a row, nothing is sent while' err; }

@test "a provider that answers 503 to everything does not get everybody" {
	begin 10000 --fault 503
	run -69 --separate-stderr send people
	printf '%s\n' "$output" >out
	# On the wire when it opened, what opened it, and the probes.
	[ "$(of unknown out | wc -l)" -le $((64 + 20 + 4)) ]
	[ "$(of unknown out | wc -l)" -ge 20 ]
	[ "$(of 'not reached' out | wc -l)" -gt 9000 ]
	[ "$(wc -l <out)" -eq 10000 ]
	[[ $stderr == *"warning: channel 'sms': 20 failures in a row"* ]]
	[[ ${stderr_lines[-1]} == *"the provider answers nothing but errors: 20500: "* ]]
	# What was claimed and not started is not unknown, and the rest goes on.
	of unknown out >unknown
	[ "$(status unknown)" -eq "$(wc -l <unknown)" ]
	[ "$(status open)" -eq 0 ]
	stop_sandbox
	back
	send people >again 2>/dev/null
	[ "$(of accepted again | wc -l)" -eq $((10000 - $(wc -l <unknown))) ]
	diff <(texted sandbox.ndjson) <(of accepted again)
}

@test "a provider that cannot be reached makes nobody unknown" {
	begin 2000
	stop_sandbox
	run -69 --separate-stderr send people
	printf '%s\n' "$output" >out
	[ "$(cut -f2 out | sort -u | tr '\n' ,)" = "deferred,not reached," ]
	[[ ${stderr_lines[-1]} == *"the provider cannot be reached"* ]]
	back
	send people >out 2>err
	[ "$(outcomes out)" = "2000 accepted" ]
	diff <(texted sandbox.ndjson) people
}

# start_midway: a run of which a part is sent, and the rest comes later, from
# send_rest.
start_midway() {
	mkfifo pipe
	rc-send -k spring -m Hello --rate 400 <pipe >out 2>err &
	pid=$!
	PIDS+=("$pid")
	exec 7>pipe
	head -400 people >&7
	wait_for log_has 301
}

send_rest() {
	tail -n +401 people >&7
	exec 7>&-
}

@test "a provider that goes down amid a run and comes back: everybody once" {
	begin 2000 --fault latency=10ms
	start_midway
	stop_sandbox
	send_rest
	wait_for is_down
	back
	wait "$pid" || [ $? -eq 75 ]
	grep -q 'the provider answers again' err
	texted before.ndjson sandbox.ndjson >got
	[ -z "$(uniq -d got)" ]
	{ cat got; of unknown out; } | sort -u | diff - people
	[ "$(of unknown out | wc -l)" -le 64 ]
	[ "$(of 'not reached' out | wc -l)" -eq 0 ]
	[ "$(of deferred out | wc -l)" -eq 0 ]
}

# Twenty on the wire, whose answers come long before those of what is started
# after them.
slow() { CONCURRENCY=20 begin 200 --fault latency=300ms "$@"; }

@test "a provider that is well again closes it, and is fed as before" {
	slow --fault 503=first:22
	send people >out 2>err || [ $? -eq 75 ]
	is_down
	grep -q "channel 'sms': the provider answers again" err
	[ "$(outcomes out)" = "178 accepted, 22 unknown" ]
	diff <(texted sandbox.ndjson) <(of accepted out)
}

@test "a provider that has worked is waited for longer" {
	begin 2000 --fault latency=10ms
	start_midway
	stop_sandbox
	back --fault 503
	send_rest
	wait_for is_down
	stop_sandbox
	back
	wait "$pid" || [ $? -eq 75 ]
	texted before.ndjson sandbox.ndjson >got
	[ -z "$(uniq -d got)" ]
	{ cat got; of unknown out; } | sort -u | diff - people
	[ "$(of unknown out | wc -l)" -le $((64 + 64 + 20 + 8)) ]
	[ "$(of 'not reached' out | wc -l)" -eq 0 ]
}

@test "limits alone are waited out, and are no failure" {
	begin 300 --fault 429=first:200
	send people >out 2>err
	[ "$(outcomes out)" = "300 accepted" ]
	absent 'failures in a row' err
}

@test "failures with answers between them are no outage" {
	begin 400 --fault 503=every:2
	send people >out 2>err || [ $? -eq 75 ]
	[ "$(outcomes out)" = "200 accepted, 200 unknown" ]
	absent 'failures in a row' err
}

@test "who was put off counts once for --max" {
	slow --fault 503=first:22
	send --max 150 people >out 2>err || [ $? -eq 75 ]
	is_down
	[ "$(outcomes out)" = "128 accepted, 50 not reached, 22 unknown" ]
}

@test "those who need no message do not keep a probe waiting" {
	CONCURRENCY=20 begin 500
	head -400 people | send -q >/dev/null
	stop_sandbox
	back --fault latency=300ms --fault 503=first:22
	{ tail -100 people; head -400 people; } >all
	send all >out 2>err || [ $? -eq 75 ]
	is_down
	[ "$(outcomes out)" = "78 accepted, 400 already sent, 22 unknown" ]
}

@test "a kill while it waits leaves nothing unknown but what was on the wire" {
	begin 2000 --fault 503
	rc-send -k spring -m Hello --rate 400 people >out 2>err &
	pid=$!
	wait_for is_down
	wait_for eval '[ "$(status open)" -le 1 ]'
	kill -9 "$pid" 2>/dev/null || :
	wait "$pid" || :
	[ "$(status unknown)" -le $((64 + 20 + 4)) ]
	[ "$(status 'unknown + .deferred')" -eq "$(status recipients)" ]
}

@test "a signal ends the wait" {
	begin 2000 --fault 503
	foreground rc-send -k spring -m Hello --rate 400 people >out 2>err
	wait_for is_down
	kill -INT "$pid" 2>/dev/null || :
	wait "$pid" || [ $? -eq 75 ] || [ $? -eq 69 ]
	[ "$(cut -f2 out | grep -vxE 'unknown|deferred|not reached' | wc -l)" -eq 0 ]
	[ "$(status open)" -eq 0 ]
	[ "$(status 'unknown + .deferred')" -eq "$(status recipients)" ]
}
