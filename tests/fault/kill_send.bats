load ../tools/helper
load fault

# kill -9 at moments nobody chose, and the same command again.

CONCURRENCY=8
KILLS=200
MOST=12 # messages a run sends before it is killed

# Two of PEOPLE have withdrawn, and 20 on the file never consented.
PEOPLE=5000
audience() {
	people "$PEOPLE"
	seq 12025558000 12025558019 >strangers
	cat strangers >>people
	printf '%s\n' 12025550007 12025550777 | tee -a strangers |
		rc-optin out -q
}

# Anywhere between the first breath and so many messages.
kill_one_run() {
	local before
	before=$(messages || :)
	start_send
	die_at messages_are $((before + $(between 0 "$MOST")))
}

# Kills run after run; asks after each what it cost.
kill_again_and_again() {
	local n before=0 unknown=0
	for ((n = 0; n < KILLS; n++)); do
		kill_one_run
		rc-stats -j spring >stats.json 2>stats.err || continue
		stats_add_up
		unknown=$(jq .unknown stats.json)
		echo "kill $n: $((unknown - before)) unknown"
		# Two a connection, whatever waits for wire or commit.
		[ $((unknown - before)) -le $((2 * CONCURRENCY)) ]
		before=$unknown
		nobody_twice
	done
	[ "$unknown" -gt 0 ] # or no kill hit anything
}

# What the last run, the ledger and the provider say after all of that.
all_is_accounted_for() {
	local took
	send
	balance_adds_up
	nobody_twice
	accounts_agree
	stats_add_up
	[ "$(outcome 'not opted in')" -eq 22 ]
	[ "$(stat_of recipients)" -eq $((PEOPLE - 2)) ]
	[ "$(stat_of accepted)" -eq $((PEOPLE - 2 - $(stat_of unknown))) ]
	none_texted strangers
	took=$(messages)
	send
	balance_adds_up
	[ "$(outcome 'already sent')" -eq $((PEOPLE - 2)) ]
	[ "$(messages)" -eq "$took" ]
}

@test "runs killed at any moment text nobody twice and account for all" {
	start_sandbox --fault latency=20ms-40ms
	add_twilio --concurrency "$CONCURRENCY"
	audience
	kill_again_and_again
	all_is_accounted_for
}

@test "the same with JSON and OAuth2 tokens" {
	start_sandbox --fault latency=20ms-40ms
	add_oauth2 --concurrency "$CONCURRENCY"
	KILLS=15 PEOPLE=1200
	audience
	kill_again_and_again
	all_is_accounted_for
}

# killed_often CONCURRENCY [LATENCY]: another provider and another pace.
killed_often() {
	CONCURRENCY=$1 KILLS=12 MOST=$((12 * $1 + 40))
	start_sandbox ${2:+--fault "latency=$2"}
	add_twilio --concurrency "$CONCURRENCY"
	people 12000
	kill_again_and_again
}

@test "a kill costs two messages a connection at most: 1 connection, 50 ms" {
	killed_often 1 50ms
}

@test "a kill costs two messages a connection at most: 1, at once" {
	killed_often 1
}

@test "a kill costs two messages a connection at most: 64, 50 ms" {
	killed_often 64 50ms
}

@test "a kill costs two messages a connection at most: 64, at once" {
	killed_often 64
}

# open_is_at_most N: claims without a committed result, in the ledger now.
open_is_at_most() {
	local n
	n=$(stat_of open) || return
	echo "$n open"
	[ "$n" -le "$SEEN" ] || SEEN=$n
	[ "$n" -le "$1" ]
}

@test "a slow disk lets no more claims be open, while answers come at once" {
	CONCURRENCY=8 SEEN=0
	start_sandbox
	add_twilio --concurrency "$CONCURRENCY"
	people 4000
	SLOW_MS=20 LD_PRELOAD=$RC_BUILD/tests/fault/slowdisk.so start_send
	wait_for messages_are 1
	while kill -0 "$RUN_PID" && [ "$(messages)" -lt 1200 ]; do
		open_is_at_most $((2 * CONCURRENCY))
	done
	kill -9 "$RUN_PID"
	wait "$RUN_PID" || :
	open_is_at_most $((2 * CONCURRENCY))
	[ "$SEEN" -gt "$CONCURRENCY" ] # it did run ahead
}
