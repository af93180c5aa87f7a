load ../tools/helper
load fault

# OAuth2 under load: tokens that die while thousands of messages are under way.

PEOPLE=10000

tokens() { grep -c '^{"event":"token"' sandbox.ndjson; }

# Every message once and accepted, whatever became of tokens.
all_went_once() {
	balance_adds_up
	[ "$(outcome accepted)" -eq "$PEOPLE" ]
	[ "$(messages)" -eq "$PEOPLE" ]
	nobody_twice
	accounts_agree
	[ "$(stat_of rejected)" -eq 0 ]
	[ "$(stat_of unknown)" -eq 0 ]
}

at_most_tokens() {
	[ "$(tokens)" -le "$1" ] || { echo "$(tokens) tokens"; return 1; }
}

@test "tokens of two seconds: each message once, one token a second" {
	start_sandbox --token-ttl 2s
	add_oauth2 --concurrency 64
	people "$PEOPLE"
	SECONDS=0
	send --rate 2500
	all_went_once
	# One of channel add, and one after half of each life.
	at_most_tokens $((SECONDS + 3))
	[ "$(tokens)" -ge 4 ]
	[ "$(grep -c '"code":401' sandbox.ndjson)" -eq 0 ]
}

@test "a token server slower than a token lives: messages wait, none is lost" {
	PEOPLE=2000
	start_sandbox --token-ttl 1s --fault latency=600ms:on=token
	add_oauth2 --concurrency 64
	people "$PEOPLE"
	SECONDS=0
	send --rate 500
	all_went_once
	at_most_tokens $((2 * SECONDS + 3))
}

@test "a token that is withdrawn under way is asked for anew once, by all" {
	PEOPLE=2000
	start_sandbox --listen "127.0.0.1:$(free_port)"
	add_oauth2 --concurrency 64
	people "$PEOPLE"
	# What the sandbox's next run signs is another's.
	port=${SANDBOX##*:}
	kill "$SANDBOX_PID"
	wait "$SANDBOX_PID" || :
	start_sandbox --listen "127.0.0.1:$port" --fault latency=20ms
	send
	all_went_once
	[ "$(tokens)" -eq 1 ]
	[ "$(grep -c '"code":401' sandbox.ndjson)" -le 64 ]
	# The next run has it from the state.
	seq 12025560000 12025560009 >people
	{ echo 'phone numbers'; cat people; } >list.csv
	rc-import -q --max-shrink 100 list.csv >/dev/null
	send
	[ "$(outcome accepted)" -eq 10 ]
	[ "$(tokens)" -eq 1 ]
}
