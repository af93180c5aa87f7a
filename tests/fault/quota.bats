load ../tools/helper
load fault

# A quota that is used up, at each single write: a tool does what it was asked
# or says in one line that it could not, and nothing lies in between.

CALLS_MIN=4

local_setup() {
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		</dev/null
	people 300
	head -3 people >few
}

@test "rc-optin out and in" {
	fail_each 0 rc-optin out
	fail_each 0 rc-optin in
	rc-optin check - <few
	FAIL_ON=1 FAIL_SHORT=1 fail_each 0 rc-optin out
	run rc-optin check - <few
	[ "$(cut -f2 <<<"$output" | sort -u)" = out ]
}

@test "rc-channel, rc-shorten and rc-identify" {
	fail_each 0 rc-channel key add acme
	fail_each 0 rc-channel add new@ --provider http --auth none \
		--url http://127.0.0.1:9/x
	fail_each 0 rc-shorten --base http://s.example https://shop.example/@
	echo '{"user":{"dyid":"-1","active_consent_accepted":true},"events":[{"name":"Login","properties":{"dyType":"login-v1","cuid":"c1"}}]}' >few
	fail_each 0 rc-identify add
}

# A state and key of its own each time: made whole or mended by the next run.
first_channel() {
	rm -rf new
	mkdir new
	"$@" rc-channel add acme -s new/state --provider http --auth basic \
		--username u --password env:TOKEN --url http://127.0.0.1:9/x
}

@test "the first channel of all" {
	local n
	rm -f done
	export RC_KEY_FILE=$PWD/new/key
	for ((n = 1; n < CALLS_MAX; n++)); do
		first_channel fail_at "$n"
		[ -e done ] && break
		ended_well "$n" 0
		[ "$STATUS" -eq 0 ] || {
			rc-channel add acme -s new/state --provider http \
				--auth basic --username u \
				--password env:TOKEN \
				--url http://127.0.0.1:9/x </dev/null
		}
		[ "$(rc-channel list -s new/state | wc -l)" -eq 1 ]
	done
	echo "$n calls"
	[ "$n" -gt 4 ]
}

@test "rc-send texts nobody without a claim, nobody twice, and loses none" {
	local n
	start_sandbox
	rc-channel remove acme --force
	add_json --cap none
	echo '{"to":"${User identifier}","text":"${Campaign}"}' >template.json
	rc-import -q list.csv
	head -40 people >few
	rm -f done
	for ((n = 1; n < 200; n++)); do
		fail_at "$n" rc-send -k "spring$n" "${WHAT[@]}"
		[ -e done ] && break
		ended_well "$n" 0
		rc-send -k "spring$n" "${WHAT[@]}" <few >again 2>balance ||
			[ $? -eq 75 ]
		rc-stats -j "spring$n" |
			jq -e '.recipients == 40 and .accepted + .unknown == 40'
		jq -r "select(.event == \"message\") | .to + .body" \
			sandbox.ndjson | sort | uniq -d >twice
		[ ! -s twice ]
	done
	echo "$n calls"
	[ "$n" -gt 8 ]
	[ -e done ]
	verify_sound
}
