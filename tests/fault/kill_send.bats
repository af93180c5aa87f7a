load ../tools/helper
load fault

# kill -9 at moments nobody chose, and the same command again.

CONCURRENCY=8
KILLS=200

# Two of PEOPLE have withdrawn, and 20 on the file never consented.
PEOPLE=5000
audience() {
	people "$PEOPLE"
	seq 12025558000 12025558019 >strangers
	cat strangers >>people
	printf '%s\n' 12025550007 12025550777 | tee -a strangers |
		rc-optin out -q
}

# Anywhere between the first breath and a dozen messages.
kill_one_run() {
	local before
	before=$(messages || :)
	start_send
	die_at messages_are $((before + $(between 0 12)))
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
		# On the wire, and two a connection ahead of it, never more.
		[ $((unknown - before)) -le $((3 * CONCURRENCY)) ]
		before=$unknown
		nobody_twice
	done
	[ "$unknown" -gt 0 ] # or no kill hit anything
	# A provider that takes its time needs little ahead.
	[ "$unknown" -le $((2 * CONCURRENCY * KILLS)) ]
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
