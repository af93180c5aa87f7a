load ../tools/helper
load fault

# Every way in which the sandbox can misbehave, alone and all at once.

PEOPLE=10000
ADD=add_twilio
SANDBOX_OPTIONS=()
RUN_OPTIONS=()

# campaign_against FAULT...: a campaign by "$ADD", run again until nothing is
# deferred any more, and everything that must hold whatever the provider does.
campaign_against() {
	local fault=() one run
	for one; do fault+=(--fault "$one"); done
	start_sandbox "${SANDBOX_OPTIONS[@]}" "${fault[@]}"
	"$ADD" --concurrency 32
	people "$PEOPLE"
	for ((run = 1; run <= 10; run++)); do
		send "${RUN_OPTIONS[@]}" || [ $? -eq 75 ]
		balance_adds_up
		[ $(($(outcome deferred) + $(outcome 'not reached'))) -gt 0 ] ||
			break
	done
	nobody_twice
	accounts_agree
	stats_add_up
	UNKNOWN=$(stat_of unknown)
	[ $(($(stat_of accepted) + UNKNOWN)) -eq "$PEOPLE" ]
	sends_nothing_more
}

# All but those for a token, which may just have expired.
requests() { grep -vc token sandbox.ndjson; }

# Whoever has the message or may have it gets nothing from another run.
sends_nothing_more() {
	local before
	before=$(requests)
	send
	balance_adds_up
	[ "$(outcome 'already sent')" -eq "$PEOPLE" ]
	[ "$(requests)" -eq "$before" ]
}

refusals() { grep -c '^{"event":"refused"' sandbox.ndjson; }

@test "latency that varies loses and repeats nothing" {
	campaign_against latency=0ms-30ms
	[ "$UNKNOWN" -eq 0 ]
	[ "$(messages)" -eq "$PEOPLE" ]
}

@test "429 with Retry-After is waited for and sent once" {
	campaign_against 429=every:7:retry-after=1
	[ "$UNKNOWN" -eq 0 ]
	[ "$(messages)" -eq "$PEOPLE" ]
	[ "$(refusals)" -gt 1250 ]
}

@test "429 without a word when is tried again and sent once" {
	campaign_against 429=20%
	[ "$UNKNOWN" -eq 0 ]
	[ "$(messages)" -eq "$PEOPLE" ]
}

@test "after a 5xx nobody knows, whether the message was taken or not" {
	campaign_against 5xx=5% 503=5%:accepted
	[ "$UNKNOWN" -eq "$(grep -c '"fault":"status"' sandbox.ndjson)" ]
	[ "$(refusals)" -gt 0 ]
	[ "$(refusals)" -lt "$UNKNOWN" ]
}

@test "an answer that is garbage leaves the message unknown" {
	campaign_against garbage=5%
	[ "$UNKNOWN" -eq "$(grep -c '"fault":"garbage"' sandbox.ndjson)" ]
	[ "$(messages)" -eq "$PEOPLE" ]
}

@test "a connection closed instead of an answer: unknown, and once" {
	campaign_against close-after=5%
	[ "$UNKNOWN" -eq "$(grep -c '"fault":"close-after"' sandbox.ndjson)" ]
	[ "$(messages)" -eq "$PEOPLE" ]
}

@test "a connection closed before the request was read: never twice" {
	campaign_against close-before=5%
	[ "$UNKNOWN" -eq "$(grep -c '"fault":"close-before"' sandbox.ndjson)" ]
	[ "$(messages)" -eq "$((PEOPLE - UNKNOWN))" ]
}

@test "a server that closes each reused connection sees a message once" {
	PEOPLE=400
	campaign_against close-after=every:2
	[ "$UNKNOWN" -eq $((PEOPLE / 2)) ]
	[ "$(messages)" -eq "$PEOPLE" ]
}

@test "all faults at once: every account still adds up" {
	campaign_against latency=0ms-20ms 429=5%:retry-after=1 5xx=2% \
		503=2%:accepted garbage=2% close-before=2% close-after=2% \
		callback-dup callback-shuffle
	[ "$UNKNOWN" -gt 0 ]
}

@test "tokens that expire or are refused cost no message and no repetition" {
	ADD=add_oauth2
	SANDBOX_OPTIONS=(--token-ttl 2s)
	RUN_OPTIONS=(--rate 800) # several lives of a token
	campaign_against 401=every:97 close-after=1% 503=at:3:on=token
	[ "$UNKNOWN" -eq "$(grep -c '"fault":"close-after"' sandbox.ndjson)" ]
}

@test "an answer later than we wait: unknown, never asked for again" {
	PEOPLE=300
	campaign_against latency=40s:every:100
	[ "$UNKNOWN" -eq 3 ]
	[ "$(messages)" -eq "$PEOPLE" ]
}
