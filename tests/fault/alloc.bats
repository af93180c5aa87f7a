load ../tools/helper
load fault

FAULT=failmalloc FAULT_EXIT=75

# Memory that runs out at each single allocation, one after the other: a tool
# does what it was asked or says in one line that it could not.  Lists and
# consent are in alloc_consent.bats.

local_setup() {
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		</dev/null
	people 300
	head -3 people >few
}

@test "rc-shorten: links as an operand and in a text" {
	fail_each 0 rc-shorten --base http://s.example https://shop.example/@
	echo 'see https://shop.example/x and https://shop.example/y' >few
	fail_each 0 rc-shorten --base http://s.example
}

@test "rc-channel list, show, key add and add" {
	fail_each 0 rc-channel list
	fail_each 0 rc-channel show acme
	fail_each 0 rc-channel key add acme
	print_or_fail rc-channel list
	print_or_fail rc-channel show acme
	fail_each 0 rc-channel add new@ --provider http --auth none \
		--url http://127.0.0.1:9/x
}

# OpenSSL makes thousands: every 199th, from a random one.
@test "rc-channel set and rekey: every secret opens after each" {
	local n
	rc-channel set acme --auth basic --username me --password env:SECRET \
		>/dev/null
	rm -f done
	for ((n = 1 + RANDOM % 199; n < 50000; n += 199)); do
		fail_at "$n" rc-channel set acme --rate "$n" \
			--header X-Key:env:SECRET
		[ -e done ] && break
		ended_well "$n" 0
		fail_at "$n" rc-channel rekey
		ended_well "$n" 0
		rc-channel -n test acme --to 12025550000 >/dev/null
	done
	[ "$n" -gt 1000 ]
}

@test "rc-send: a dry run" {
	echo '{"to":"${User identifier}"}' >template
	fail_each 0 rc-send -n -k spring -t template
	print_or_fail rc-send -n -v -k spring -t template
}

@test "rc-identify and rc-stats" {
	echo '{"user":{"dyid":"-1","active_consent_accepted":true},"events":[{"name":"Login","properties":{"dyType":"login-v1","cuid":"c1"}}]}' >few
	fail_each 0 rc-identify add
	fail_each 0 rc-identify show -- -1
	fail_each 0 rc-stats
}

# The libraries of the network make thousands: every 60th, from a random one.
@test "rc-send: a real run texts nobody twice and accounts for all" {
	local n runs=0
	start_sandbox
	rc-channel remove acme --force
	add_json --cap none
	rc-import -q list.csv
	rm -f done
	for ((n = 160 + RANDOM % 60; n < 20000; n += 60)); do
		fail_at "$n" rc-send -k "spring$n" "${WHAT[@]}"
		[ -e done ] && break
		[ "$STATUS" -eq 0 ] || ended_well "$n" 75
		rc-send -k "spring$n" "${WHAT[@]}" <few >again 2>balance ||
			[ $? -eq 75 ]
		rc-stats -j "spring$n" |
			jq -e '.recipients == 3 and .accepted + .unknown == 3'
		texted | sort | uniq -c >counts
		awk -v most=$((++runs)) '$1 > most { exit 1 }' counts
	done
	[ "$n" -gt 1000 ]
}

# sign URL BODY: X-Twilio-Signature of a form of fields in order of their names.
sign() {
	printf '%s' "$1$(sed 's/&//g; s/=//g; s/%2B/+/g' <<<"$2")" |
		openssl dgst -sha1 -hmac "$TOKEN" -binary | base64
}

# start_starved N: the daemon with the Nth allocation failing; false when it
# did not come to listening.
start_starved() {
	rm -f done
	: >httpd.out
	FAIL_AT=$1 FAIL_DONE=$PWD/done \
		LD_PRELOAD=$RC_BUILD/tests/fault/failmalloc.so \
		rc-httpd --listen 127.0.0.1:0 --public-url http://s.example \
		>httpd.out 2>httpd.err &
	HTTPD_PID=$!
	PIDS+=("$HTTPD_PID")
	listens_or_ended() {
		grep -q listening httpd.out || ! kill -0 "$HTTPD_PID"
	}
	wait_for listens_or_ended
	HTTPD=$(head -1 httpd.out | cut -f2)
	[ -n "$HTTPD" ]
}

# post PATH BODY HEADER: prints the status, 000 when the connection ended.
post() {
	curl -s -m 10 -o /dev/null -w '%{http_code}' -d "$2" -H "$3" "$HTTPD$1" || :
}

# inbound FROM TEXT FILE: a signed message; FROM goes to the file if it was
# acknowledged.
inbound() {
	local body="Body=$2&From=%2B$1" code
	code=$(post /twilio/inbound/tw "$body" "X-Twilio-Signature: $(sign \
		http://s.example/twilio/inbound/tw "$body")")
	[[ $code == 200 || $code == 503 || $code == 000 ]] || {
		echo "the webhook answered $code: $(cat httpd.err)"
		return 1
	}
	[ "$code" != 200 ] || echo "$1" >>"$3"
}

# An opt-out by the API, a STOP of another person, and a reply of a third that
# is to be reviewed; what was acknowledged must be recorded.
withdraw_all() {
	local api=$1 code
	code=$(post /v2/userdata/channels/sms/opt-out \
		"{\"identifier\":{\"type\":\"phoneNumber\",\"value\":\"$api\"}}" \
		"dy-api-key: $KEY")
	[[ $code == 202 || $code == 503 || $code == 000 ]] || {
		echo "the API answered $code: $(cat httpd.err)"
		return 1
	}
	[ "$code" != 202 ] || echo "$api" >>acknowledged
	inbound "$2" STOP acknowledged
	inbound "$3" unsubcribe replies
}

@test "rc-httpd: no acknowledged opt-out, STOP or reply is lost" {
	local n status
	rc-channel add tw --provider twilio --auth-token env:TOKEN \
		--account-sid AC00000000000000000000000000000000 \
		--from +15550100 --base-url http://127.0.0.1:9 </dev/null
	KEY=$(rc-channel key add acme)
	# The first ones are ours, the thousands behind them OpenSSL's.
	for ((n = 1; n < 20000; n += n < 300 ? 3 : 200)); do
		if start_starved "$n"; then
			withdraw_all $((12025551000 + n)) \
				$((12025554000 + n)) $((12025557000 + n))
			kill "$HTTPD_PID"
		fi
		status=0
		wait "$HTTPD_PID" || status=$?
		[ "$status" -lt 128 ]
		[ ! -e done ] || break
	done
	echo "$n allocations, $(wc -l <acknowledged) acknowledged"
	[ -e done ]
	run rc-optin verify
	[ "$status" -eq 0 ]
	run rc-optin check -c acme - <acknowledged
	[ "$(cut -f2 <<<"$output" | sort -u)" = out ]
	[ "${#lines[@]}" -gt 50 ]
	[ "$(wc -l <replies)" -gt 25 ]
	rc-optin review | cut -f2 | sort -u | comm -13 - <(sort -u replies) >lost
	[ ! -s lost ]
}
