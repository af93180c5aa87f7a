load helper

# A Twilio channel, the daemon and a list; CHANNEL needs no sandbox.
local_setup() {
	export TOKEN=secret-token-of-the-account
	rc-channel add acme --provider twilio \
		--account-sid AC00000000000000000000000000000000 \
		--auth-token env:TOKEN --from +15550100 \
		--base-url http://127.0.0.1:9 --short-base http://s.example
	printf 'phone numbers\n12025550101\n12025550102\n' >list.csv
	rc-import list.csv >/dev/null 2>&1
	KEY=$(rc-channel key add acme)
}

api() { # api PATH BODY [KEY]: prints status and body
	curl -s -w '%{http_code}' -H "dy-api-key: ${3-$KEY}" -d "$2" \
		"$HTTPD/v2/$1"
}

identifier() {
	echo "{\"identifier\":{\"type\":\"${2-phoneNumber}\",\"value\":\"$1\"}}"
}

# sign URL [NAME VALUE]...: X-Twilio-Signature of a form.
sign() {
	local url=$1
	shift
	{
		printf '%s' "$url"
		while [ $# -gt 0 ]; do printf '%s\t%s\n' "$1" "$2"; shift 2; done |
			sort | tr -d '\t\n'
	} | openssl dgst -sha1 -hmac "$TOKEN" -binary | base64
}

@test "a redirect leads to the target and its click is counted" {
	start_httpd
	link=$(rc-shorten --base "$HTTPD" https://shop.example/spring | cut -f1)
	run curl -s -o /dev/null -w '%{http_code} %{redirect_url}' \
		-A 'Mozilla/5.0 (iPhone)' "$link"
	[ "$output" = "302 https://shop.example/spring" ]
	[ "$(stat -c %s state.mdb-clicks)" -gt 16 ]
}

@test "a code that was never given out is 404 and no click" {
	start_httpd
	run curl -s -o /dev/null -w '%{http_code}' "$HTTPD/AAAAAAAA"
	[ "$output" = 404 ]
	run curl -s -o /dev/null -w '%{http_code}' "$HTTPD/../../etc/passwd"
	[ "$output" = 404 ]
	[ "$(stat -c %s state.mdb-clicks)" -eq 16 ]
}

@test "a click answered just before kill -9 is counted" {
	start_httpd
	link=$(rc-shorten --base "$HTTPD" https://shop.example/x | cut -f1)
	for i in 1 2 3 4 5; do
		curl -s -o /dev/null -A "Mozilla/5.0 (phone $i)" "$link"
	done
	kill -9 "$HTTPD_PID"
	wait "$HTTPD_PID" 2>/dev/null || :
	rc-stats >/dev/null
	start_httpd
	run rc-shorten -j --expand "$link"
	[ "$(echo "$output" | jq .clicks_raw)" = 5 ]
	[ "$(echo "$output" | jq .clicks_human)" = 5 ]
}

@test "with --click-sync a redirect waits for the disk and still comes" {
	start_httpd --click-sync
	link=$(rc-shorten --base "$HTTPD" https://shop.example/y | cut -f1)
	run curl -s -o /dev/null -w '%{http_code}' "$link"
	[ "$output" = 302 ]
}

@test "opt-out and opt-in by the API are recorded before they are answered" {
	start_httpd
	run api userdata/channels/sms/opt-out "$(identifier 12025550101)"
	[[ $output == '{"error":null,"dy_trace_id":"'????????????????????????????????'"}202' ]]
	kill -9 "$HTTPD_PID"
	wait "$HTTPD_PID" 2>/dev/null || :
	run rc-optin check 12025550101
	[ "$status" -eq 1 ]
	[[ $output == *out* ]]
	start_httpd
	run api userdata/channels/sms/opt-in "$(identifier +12025550101)"
	[[ $output == *202 ]]
	run rc-optin check 12025550101
	[ "$status" -eq 0 ]
	rc-optin verify
}

@test "the API refuses a wrong key, a wrong type and broken JSON" {
	start_httpd
	run api userdata/channels/sms/opt-out "$(identifier 12025550101)" nope
	[[ $output == *'"type":"E'*401 ]]
	run api userdata/channels/sms/opt-out "$(identifier a@b.example email)"
	[[ $output == *'"error":{"message":'*400 ]]
	run api userdata/channels/sms/opt-out '{"identifier":'
	[[ $output == *400 ]]
	run api collect/user/event '{}' nope
	[ "$output" = '{"error":"401"}401' ]
	run api collect/user/event '{"events":1}'
	[[ $output == *'"type":"badRequest"'*400 ]]
	run rc-optin check 12025550101
	[ "$status" -eq 0 ]
}

@test "the API refuses a number that would be read as another one" {
	start_httpd
	run api userdata/channels/sms/opt-out "$(identifier '+1 (0)2025550101')"
	[[ $output == *"no phone number: leave out the (0)"*400 ]]
	run api userdata/channels/sms/opt-out "$(identifier 12025550101.0)"
	[[ $output == *"no phone number: spreadsheet decimals"*400 ]]
	run rc-optin log 120255501010
	[ -z "$output" ]
}

@test "events by the API tie identifiers, if the visitor consented" {
	start_httpd
	run api collect/user/event '{"user":{"dyid":"-77","active_consent_accepted":true},"session":{"dy":"s"},"events":[{"name":"Login","properties":{"dyType":"login-v1","cuid":"c1","phoneNumber":"+12025550101"}}]}'
	[ "$output" = 204 ]
	run api collect/user/event '{"user":{"dyid":"-78"},"session":{"dy":"s"},"events":[{"name":"Login","properties":{"dyType":"login-v1","cuid":"c2"}}]}'
	[ "$output" = 204 ]
	run rc-identify show -- -77
	[ "$status" -eq 0 ]
	[[ $output == *c1* ]]
	run rc-identify show -- -78
	[ "$status" -eq 1 ]
}

@test "STOP suppresses on all channels and START lifts it, if Twilio signed" {
	start_httpd
	url=$HTTPD/twilio/inbound/acme
	run curl -s -o /dev/null -w '%{http_code}' -d 'From=%2B12025550102' \
		-d 'Body=STOP' -H 'X-Twilio-Signature: bm9wZQ==' "$url"
	[ "$output" = 403 ]
	rc-optin check 12025550102
	sig=$(sign "$url" Body ' Stop ' From +12025550102)
	run curl -s -w '%{http_code}' --data-urlencode 'From=+12025550102' \
		--data-urlencode 'Body= Stop ' -H "X-Twilio-Signature: $sig" "$url"
	[ "$output" = '<Response/>200' ]
	run rc-optin check 12025550102
	[ "$status" -eq 1 ]
	[[ $output == *suppression* ]]
	sig=$(sign "$url" Body START From +12025550102)
	curl -s --data-urlencode 'From=+12025550102' -d Body=START \
		-H "X-Twilio-Signature: $sig" "$url"
	rc-optin check 12025550102
}

@test "a status callback without a signature of ours changes nothing" {
	start_httpd
	run curl -s -o /dev/null -w '%{http_code}' \
		-d MessageStatus=delivered "$HTTPD/twilio/status/acme?m=0123456789abcdef"
	[ "$output" = 403 ]
	url="$HTTPD/twilio/status/acme?m=0123456789abcdef"
	sig=$(sign "$url" MessageStatus delivered)
	run curl -s -o /dev/null -w '%{http_code}' -d MessageStatus=delivered \
		-H "X-Twilio-Signature: $sig" "$url"
	[ "$output" = 404 ]
}

@test "a second daemon on one state is refused" {
	start_httpd
	run rc-httpd --listen 127.0.0.1:0
	err_is 75 "another rc-httpd serves this state"
}

@test "an address that is taken or none is one clear line" {
	start_httpd
	export RC_STATE=$PWD/other.mdb
	run rc-httpd --listen "${HTTPD#http://}"
	err_is 69 "${HTTPD#http://}"
	run rc-httpd --listen nowhere
	err_is 64 nowhere
	export RC_STATE=$PWD/third.mdb
	run rc-httpd --public-url ftp://x --listen 127.0.0.1:0
	err_is 64 "--public-url: 'ftp://x' is not a usable URL"
	[ ! -e third.mdb ]
}

@test "SIGTERM ends it with 0" {
	start_httpd
	kill "$HTTPD_PID"
	wait "$HTTPD_PID"
}

@test "no secret shows in output or log" {
	start_httpd -v -v
	api userdata/channels/sms/opt-out "$(identifier 12025550101)" >/dev/null
	curl -s -o /dev/null -d MessageStatus=delivered \
		"$HTTPD/twilio/status/acme?m=0123456789abcdef"
	absent "$TOKEN|$KEY" httpd.out httpd.err
}

@test "many connections leave the daemon the files it needs" {
	mkdir bin
	printf '#!/bin/sh\nulimit -n 96; exec %s "$@"\n' \
		"$(command -v rc-httpd)" >bin/rc-httpd
	chmod +x bin/rc-httpd
	PATH=$PWD/bin:$PATH start_httpd
	port=${HTTPD##*:}
	exec {first}<>"/dev/tcp/127.0.0.1/$port"
	for ((i = 0; i < 100; i++)); do
		exec {fd}<>"/dev/tcp/127.0.0.1/$port"
	done
	printf 'GET /x HTTP/1.1\r\nHost: x\r\n\r\n' >&"$first"
	read -r line <&"$first"
	[[ $line == "HTTP/1.1 404"* ]]
	[ "$(find "/proc/$HTTPD_PID/fd" -type l | wc -l)" -lt 72 ]
}

# inbound [NAME VALUE]...: posts a signed form, prints the status.
inbound() {
	local url=$HTTPD/twilio/inbound/${CHANNEL-acme} form=() sig
	sig=$(sign "$url" "$@")
	while [ $# -gt 0 ]; do form+=(--data-urlencode "$1=$2"); shift 2; done
	curl -s -o /dev/null -w '%{http_code}' \
		-H "X-Twilio-Signature: $sig" "${form[@]}" "$url"
}

@test "a STOP is heard however it is written" {
	start_httpd
	for text in 'Stop.' 'STOP!' '"stop"' ' (unsubscribe) '; do
		[ "$(inbound Body "$text" From +12025550102)" = 200 ]
		run -1 rc-optin check 12025550102
		[ "$(inbound Body start From +12025550102)" = 200 ]
		rc-optin check 12025550102
	done
	[ "$(inbound Body 'no more' From +12025550102 OptOutType stop)" = 200 ]
	run -1 rc-optin check 12025550102
	[ "$(inbound Body 'do not stop' From +12025550101)" = 200 ]
	rc-optin check 12025550101
}

@test "the whole text of a STOP is kept as evidence, up to its bound" {
	local text
	start_httpd
	text="no more: $(printf 'word %.0s' {1..300}) end"
	[ "$(inbound Body "$text" From +12025550102 OptOutType STOP)" = 200 ]
	[ "$(rc-optin log -j 12025550102 | tail -n 1 | jq -r .evidence)" = \
		"+12025550102 $text" ]
	text=$(head -c 100000 /dev/zero | tr '\0' x)
	[ "$(inbound Body "$text" From +12025550101 OptOutType STOP)" = 200 ]
	rc-optin log -j 12025550101 | tail -n 1 | jq -e '.evidence | length == 65536'
}

@test "webhooks are checked on while the state gets another seal key" {
	rc-channel add beta --account-sid AC00000000000000000000000000000000 \
		--auth-token env:TOKEN --from +15550100
	start_httpd
	[ "$(inbound Body stop From +12025550102)" = 200 ]
	for channel in beta acme; do # another one is read from the state
		rc-channel rekey
		[ "$(CHANNEL=$channel inbound Body start \
			From +12025550102)" = 200 ]
	done
	rc-optin check -c acme 12025550102
}

@test "a webhook that cannot be checked is no forgery, one that can is" {
	start_httpd
	mv key key.away
	[ "$(inbound Body stop From +12025550102)" = 503 ]
	mv key.away key
	[ "$(inbound Body stop From +12025550102)" = 200 ]
	run -1 rc-optin check 12025550102
	TOKEN=another
	[ "$(inbound Body start From +12025550102)" = 403 ]
	run -1 rc-optin check 12025550102
}

@test "a receipt that says opted out suppresses, with the message as proof" {
	start_sandbox
	start_httpd
	export TOKEN=sandbox-auth-token
	rc-channel set acme --base-url "$SANDBOX" --auth-token env:TOKEN
	rc-send -k spring -m Hello --public-url "$HTTPD" <<<12025550101 \
		>sent 2>/dev/null
	url="$HTTPD/twilio/status/acme?m=$(cut -f3 sent)"
	sid=$(cut -f4 sent)
	sig=$(sign "$url" ErrorCode 21610 MessageSid "$sid" MessageStatus failed)
	run curl -s -o /dev/null -w '%{http_code}' -d ErrorCode=21610 \
		-d "MessageSid=$sid" -d MessageStatus=failed \
		-H "X-Twilio-Signature: $sig" "$url"
	[ "$output" = 204 ]
	[ "$(rc-optin list --suppressed -j | jq -r '.to, .reason')" = \
		$'12025550101\nrefused' ]
	[ "$(rc-optin log -j 12025550101 |
		jq -r 'select(.kind == "suppress") | .source, .evidence')" = \
		"provider receipt"$'\n'"message $sid, error 21610" ]
}

@test "the suppressed are listed with when and why" {
	start_httpd
	inbound Body stop From +12025550102
	run -0 rc-optin list --suppressed
	[ "$output" = 12025550102 ]
	run -0 rc-optin list --suppressed -j
	[ "$(jq -r '.to, .reason' <<<"$output")" = $'12025550102\nstop' ]
	[ "$(jq -r .since <<<"$output")" = \
		"$(rc-optin check -j 12025550102 | jq -r .since)" ]
}
