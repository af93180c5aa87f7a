load ../tools/helper
load fault

# kill -9 before each call of rc-send that changes a file or sends something,
# and with it before, within and behind each of its commits; then the same
# command again.

PEOPLE=10
CONCURRENCY=3

# What the sandbox took, a line a message: whom, and the text, which names the
# campaign.
taken() {
	sed -n 's/^{"event":"message".*"to":"+\{0,1\}\([0-9]*\)".*hello \([a-z0-9]*\).*/\1 \2/p' \
		sandbox.ndjson
}

# The same command until nothing is put off any more.
resume() { # resume CAMPAIGN
	local run
	for ((run = 0; run < 20; run++)); do
		rc-send -k "$1" "${WHAT[@]}" people >sent.tsv 2>balance ||
			[ $? -eq 75 ]
		balance_adds_up
		[ "$(outcome deferred)" -gt 0 ] || return 0
	done
	echo "put off for ever: $(cat balance)"
	return 1
}

# Kills a campaign of its own at call N, and takes it up again.  Nobody is
# texted twice, and whoever got nothing is unknown.
kill_and_resume() { # kill_and_resume N
	local campaign=each$1 unknown missing
	KILLED=0
	killed_at "$1" rc-send -k "$campaign" "${WHAT[@]}" people ||
		KILLED=$?
	# It may also end with messages that were put off.
	[ "$KILLED" -lt 2 ] || grep -q 'run it again to go on' killed.err
	resume "$campaign"
	rc-stats -j "$campaign" >stats.json
	jq -e ".recipients == .accepted + .rejected + .unknown and
		.recipients == $PEOPLE" stats.json >/dev/null || {
		echo "call $1: $(cat stats.json)"
		return 1
	}
	unknown=$(jq .unknown stats.json)
	[ "$unknown" -le $((2 * CONCURRENCY)) ] || {
		echo "call $1: $unknown unknown"
		return 1
	}
	missing=$((PEOPLE - $(taken | grep -c " $campaign$")))
	[ "$missing" -le "$unknown" ] || {
		echo "call $1: $missing got nothing, $unknown unknown"
		return 1
	}
	COST=$((COST + unknown))
}

# From the first call to the last.
kill_at_each_call() {
	local n twice
	COST=0 KILLED=0
	for ((n = 1; KILLED == 0; n++)); do
		kill_and_resume "$n"
	done
	twice=$(taken | sort | uniq -d)
	[ -z "$twice" ] || { echo "texted twice: $twice"; return 1; }
	verify_sound
	echo "$n calls, $COST unknown"
	[ "$n" -gt 25 ] # or the library was not loaded
	[ "$COST" -gt 0 ]
}

@test "killed at each call of a run, nobody is texted twice or forgotten" {
	start_sandbox
	add_twilio --concurrency "$CONCURRENCY" --cap none
	WHAT=(-m 'hello ${Campaign}')
	people "$PEOPLE"
	kill_at_each_call
}

@test "the same when messages are put off" {
	PEOPLE=6
	start_sandbox --fault 429=every:5
	add_twilio --concurrency "$CONCURRENCY" --cap none
	WHAT=(-m 'hello ${Campaign}')
	people "$PEOPLE"
	kill_at_each_call
}

@test "the same with tokens, short links and texts of their own" {
	start_sandbox --token-ttl 1h
	add_oauth2 --concurrency "$CONCURRENCY" --cap none \
		--short-base https://s.example
	cat >template.json <<-'END'
	{"to":"${User identifier}","text":"hello ${Campaign} https://shop.example/${User identifier}"}
	END
	people "$PEOPLE"
	kill_at_each_call
}
