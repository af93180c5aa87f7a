#!/usr/bin/env bats
load helper
bats_require_minimum_version 1.5.0

AC=AC00000000000000000000000000000000
API=/2010-04-01/Accounts/$AC/Messages.json

# post PATH CURL-ARGS...: sets $code, the HTTP status; the body is in ./answer.
post() {
	local path=$1
	shift
	code=$(curl -s -o answer -w '%{http_code}' "$SANDBOX$path" "$@")
}

# text TO [CURL-ARGS...]: a message through Twilio's API.
text() {
	local to=$1
	shift
	post "$API" -u "$AC:sandbox-auth-token" -d From=%2B15550100 -d Body=hello \
	    --data-urlencode "To=$to" "$@"
}

# json [CURL-ARGS...]: a message to the endpoint without auth.
json() {
	post /json/none -d '{"to":"15551234567","text":"hello"}' "$@"
}

# is STATUS: of the last request.
is() {
	[ "$code" = "$1" ] || { echo "status $code:"; cat answer; return 1; }
}

# events NAME: how many the log has.
events() {
	jq -s "map(select(.event == \"$1\")) | length" sandbox.ndjson
}

has_events() {
	[ "$(events "$1")" = "$2" ]
}

@test "a message is answered as Twilio does and is in the log by then" {
	start_sandbox
	text +15551234567
	is 201
	[ "$(jq -r .status answer)" = queued ]
	[ "$(jq -r .num_segments answer)" = 1 ]
	[[ $(jq -r .sid answer) =~ ^SM[0-9a-f]{32}$ ]]
	[ "$(events message)" = 1 ]
	run -0 jq -r 'select(.event == "message") | [.channel, .to, .from,
	    .body] | join(" ")' sandbox.ndjson
	[ "$output" = 'twilio +15551234567 +15550100 hello' ]
	[ "$(jq -r 'select(.event == "message").id' sandbox.ndjson)" = \
	    "$(jq -r .sid answer)" ]
}

@test "an API key is as good as the auth token, nothing else is" {
	start_sandbox
	post "$API" -u SK00000000000000000000000000000000:sandbox-api-key-secret \
	    -d To=%2B15551234567 -d From=%2B15550100 -d Body=x
	is 201
	post "$API" -u "$AC:wrong" -d To=%2B15551234567 -d From=1 -d Body=x
	is 401
	[ "$(jq .code answer)" = 20003 ]
	post "$API" -d To=%2B15551234567 -d From=%2B15550100 -d Body=x
	is 401
	post "${API/AC0/AC1}" -u "$AC:sandbox-auth-token" -d To=1
	is 401
	[ "$(events message)" = 1 ]
	[ "$(events refused)" = 3 ]
}

@test "Twilio's test numbers get Twilio's errors" {
	start_sandbox
	while read -r to from want; do
		post "$API" -u "$AC:sandbox-auth-token" -d Body=x \
		    --data-urlencode "To=$to" --data-urlencode "From=$from"
		is 400
		[ "$(jq .code answer)" = "$want" ]
		[ "$(jq .status answer)" = 400 ]
	done <<-END
		+15005550001 +15005550006 21211
		+15005550002 +15005550006 21612
		+15005550003 +15005550006 21408
		+15005550004 +15005550006 21610
		+15005550009 +15005550006 21614
		+15551234567 +15005550001 21212
		+15551234567 +15005550007 21606
		+15551234567 +15005550008 21611
		12 +15005550006 21211
	END
	text +15551234567 -d Body=
	is 400
	[ "$(jq .code answer)" = 21602 ]
	text +15551234567 -d "Body=$(printf '%1601s' x)"
	[ "$(jq .code answer)" = 21617 ]
	text +15551234567 -d StatusCallback=http://a_b.example/
	[ "$(jq .code answer)" = 21609 ]
	post "$API" -u "$AC:sandbox-auth-token" -d Body=x -d From=%2B15550100
	[ "$(jq .code answer)" = 21604 ]
	post "$API" -u "$AC:sandbox-auth-token" -d Body=x -d To=%2B15551234567
	[ "$(jq .code answer)" = 21603 ]
	[ "$(events message)" = 0 ]
}

@test "messages can be listed by recipient and day, page by page" {
	start_sandbox
	text +15551234567
	text +15551234568
	text +15551234567
	run -0 curl -s -u "$AC:sandbox-auth-token" \
	    "$SANDBOX$API?To=%2B15551234567&DateSent%3E=2020-01-01&PageSize=1"
	[ "$(jq '.messages | length' <<<"$output")" = 1 ]
	next=$(jq -r .next_page_uri <<<"$output")
	run -0 curl -s -u "$AC:sandbox-auth-token" "$SANDBOX$next"
	[ "$(jq -r '.messages[].to' <<<"$output")" = +15551234567 ]
	[ "$(jq .next_page_uri <<<"$output")" = null ]
	run -0 curl -s -u "$AC:sandbox-auth-token" \
	    "$SANDBOX$API?DateSent%3C=2020-01-01"
	[ "$(jq '.messages | length' <<<"$output")" = 0 ]
	run -0 curl -s "$SANDBOX$API"
	[ "$(jq .code <<<"$output")" = 20003 ]
}

@test "the JSON endpoints want no auth, Basic or a token" {
	start_sandbox
	json
	is 202
	[ "$(jq -r .id answer)" = \
	    "$(jq -r 'select(.event == "message").id' sandbox.ndjson)" ]
	post /json/basic -d '{"to":["15551234567"]}'
	is 401
	post /json/basic -u sandbox:sandbox-password -d '{"to":["15551234567"]}'
	is 202
	post /json/bearer -H 'Authorization: Bearer sesame' -d '{"to":1}'
	is 401
	post /json/none -d '{"to":'
	is 400
	post /json/none -d '{"to":"+15005550001"}'
	is 400
	run -0 jq -r 'select(.event == "message") | .to' sandbox.ndjson
	[ "$output" = $'15551234567\n15551234567' ]
}

@test "each way to show client credentials gets a token, wrong ones none" {
	start_sandbox
	grant=grant_type=client_credentials
	id=sandbox-client secret=sandbox-client-secret
	post /oauth/token -u $id:$secret -d $grant
	is 200
	token=$(jq -r .access_token answer)
	[ "$(jq .expires_in answer)" = 3600 ]
	post /oauth/token -d $grant -d client_id=$id -d client_secret=$secret
	is 200
	post /oauth/token -d $grant -H "client_id: $id" -H "client_secret: $secret"
	is 200
	post /oauth/token -H 'Content-Type: application/json' -d '{
	    "grant_type":"client_credentials","client_id":"'$id'",
	    "client_secret":"'$secret'"}'
	is 200
	post /oauth/token -u $id:wrong -d $grant
	is 401
	[ "$(jq -r .error answer)" = invalid_client ]
	post /oauth/token -u $id:$secret -d grant_type=password
	is 400
	[ "$(events token)" = 4 ]
	post /json/bearer -H "Authorization: Bearer $token" -d '{"to":"1"}'
	is 202
	absent "$token|$secret" sandbox.ndjson
}

@test "a token expires" {
	start_sandbox --token-ttl 1s
	post /oauth/token -u sandbox-client:sandbox-client-secret \
	    -d grant_type=client_credentials
	[ "$(jq .expires_in answer)" = 1 ]
	token=$(jq -r .access_token answer)
	refused() {
		post /json/bearer -H "Authorization: Bearer $token" -d '{}'
		[ "$code" = 401 ]
	}
	wait_for refused
}

@test "credentials can be set, by file and by environment" {
	echo filed >token
	export SECRET=from-env
	start_sandbox --auth-token @token --client-id me \
	    --client-secret env:SECRET
	post "$API" -u "$AC:filed" -d To=%2B15551234567 -d From=%2B15550100 \
	    -d Body=x
	is 201
	post /oauth/token -u me:from-env -d grant_type=client_credentials
	is 200
	run rc-sandbox --auth-token plain
	err_is 64 'a secret is given as @FILE or env:NAME'
}

@test "429 comes with Retry-After, and such a message is not taken" {
	start_sandbox --fault 429=every:3:retry-after=2
	json
	is 202
	json
	is 202
	json -D head
	is 429
	grep -i '^retry-after: 2' head
	json
	is 202
	[ "$(events message)" = 3 ]
	[ "$(jq -r 'select(.event == "refused").code' sandbox.ndjson)" = 429 ]
}

@test "5xx comes in its kinds, and taken or not as asked" {
	start_sandbox --fault 5xx=first:2 --fault 503=at:4:accepted
	json
	is 500
	json
	is 502
	[ "$(events message)" = 0 ]
	json
	is 202
	json
	is 503
	[ "$(events message)" = 2 ]
}

@test "a connection is closed before the message is read, or after" {
	start_sandbox --fault close-before=at:1 --fault close-after=at:1
	run -52 curl -s "$SANDBOX/json/none" -d '{"to":"1"}'
	[ "$(events message)" = 0 ]
	[ "$(events fault)" = 1 ]
	run -52 curl -s "$SANDBOX/json/none" -d '{"to":"1"}'
	[ "$(events message)" = 1 ]
	json
	is 202
	[ "$(events message)" = 2 ]
}

@test "garbage is a success that no JSON parser reads" {
	start_sandbox --fault garbage=first:1
	text +15551234567
	is 201
	run jq . answer
	[ "$status" -ne 0 ]
	[ "$(events message)" = 1 ]
}

@test "latency holds the answer, not the others" {
	start_sandbox --fault latency=1h:at:1
	curl -s "$SANDBOX/json/none" -d '{"to":"1"}' 3>&- &
	waiting=$!
	PIDS+=("$waiting")
	wait_for has_events message 1
	json
	is 202
	[ "$(events message)" = 2 ]
	kill "$waiting" # which had no answer
	run wait "$waiting"
	[ "$status" -ne 0 ]
}

@test "faults can be aimed at the token endpoint" {
	start_sandbox --fault 503=first:1:on=token
	json
	is 202
	post /oauth/token -u sandbox-client:sandbox-client-secret \
	    -d grant_type=client_credentials
	is 503
	post /oauth/token -u sandbox-client:sandbox-client-secret \
	    -d grant_type=client_credentials
	is 200
}

@test "a status callback goes out, and is drained before the end" {
	start_sandbox
	text +15551234567 -d "StatusCallback=$SANDBOX/callback"
	text +15551230003 -d "StatusCallback=$SANDBOX/callback"
	text +15551230006 -d "StatusCallback=$SANDBOX/callback"
	kill "$SANDBOX_PID"
	wait "$SANDBOX_PID"
	run -0 jq -r 'select(.event == "callback") | .status' sandbox.ndjson
	[ "$(sort <<<"$output" | uniq -c | tr -s ' \n' ' ')" = \
	    ' 1 delivered 3 sent 2 undelivered ' ]
}

@test "--callback is for messages that name none" {
	start_sandbox --callback http://127.0.0.1:1/all
	text +15551234567
	is 201
	wait_for has_events callback 2
	run -0 jq -r 'select(.event == "callback") | .http_status' sandbox.ndjson
	[ "$output" = $'0\n0' ]
}

@test "SIGTERM and SIGINT end it with 0" {
	start_sandbox
	kill -TERM "$SANDBOX_PID"
	wait "$SANDBOX_PID"
	[ ! -s sandbox.err ]
}

@test "what is not understood is said" {
	run rc-sandbox --fault typo
	err_is 64 "'typo' in fault 'typo' is not understood"
	run rc-sandbox --fault 429=sometimes
	err_is 64 "'sometimes' in fault"
	run rc-sandbox --listen nowhere
	err_is 64 "'nowhere' is no address to listen on"
	run rc-sandbox --callback ftp://x/
	err_is 64 callback
	run rc-sandbox --token-ttl soon
	err_is 64 "'soon'"
	run rc-sandbox operand
	err_is 64 operand
	start_sandbox
	run rc-sandbox --listen "${SANDBOX#http://}"
	err_is 69 "cannot listen on"
}

@test "a full disk behind the log ends it" {
	run bash -c 'exec rc-sandbox >/dev/full'
	err_is 74 'cannot write stdout'
}

@test "a JSON message can be asked for by the sender's reference" {
	start_sandbox --fault 503=at:5:on=list
	curl -s -o /dev/null -d '{"to":"1","ref":"a b/c"}' "$SANDBOX/json/none"
	curl -s -o /dev/null -d '{"to":"1"}' "$SANDBOX/json/none"
	lookup() { curl -s -w '\n%{http_code}' "$SANDBOX/json/$1"; }
	run lookup 'none/a%20b%2Fc'
	[ "${lines[1]}" = 200 ]
	[ "$(jq -r '[.ref, .status, .id[:2]] | join(" ")' <<<"${lines[0]}")" = \
		"a b/c accepted JM" ]
	run lookup none/other
	[ "${lines[1]}" = 404 ]
	run lookup 'none?ref=a+b%2Fc'
	[ "$(jq -r '.messages | length' <<<"${lines[0]}")" = 1 ]
	run lookup 'none?ref=1'
	[ "${lines[0]}" = '{"messages":[]}' ]
	run lookup none/other
	[ "${lines[1]}" = 503 ]
	run lookup bearer/other
	[ "${lines[1]}" = 401 ]
	run lookup none
	[ "${lines[1]}" = 400 ]
}

@test "the list of one number is quick, whatever went to others" {
	start_sandbox
	local sid=AC00000000000000000000000000000000
	messages="$SANDBOX/2010-04-01/Accounts/$sid/Messages.json"
	for to in 1 2 1 3 1; do
		curl -s -o /dev/null -u "$sid:sandbox-auth-token" \
			--data-urlencode "To=+1202555000$to" -d Body=b \
			--data-urlencode From=+15005550006 "$messages"
	done
	curl -s -o /dev/null -d '{"to":"1","ref":"12025550001"}' \
		"$SANDBOX/json/none" # another endpoint's
	run curl -s -G -u "$sid:sandbox-auth-token" -d PageSize=2 \
		--data-urlencode To=+12025550001 "$messages"
	[ "$(jq -c '[.messages[].to]' <<<"$output")" = \
		'["+12025550001","+12025550001"]' ]
	next=$(jq -r .next_page_uri <<<"$output")
	run curl -s -u "$sid:sandbox-auth-token" "$SANDBOX$next"
	[ "$(jq -c '[(.messages | length), .next_page_uri]' <<<"$output")" = \
		'[1,null]' ]
	run curl -s -u "$sid:sandbox-auth-token" "$messages"
	[ "$(jq '.messages | length' <<<"$output")" = 5 ]
}
