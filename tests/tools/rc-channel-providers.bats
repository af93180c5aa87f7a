load helper

# Every example of a provider, against a sandbox that answers as the provider's
# documentation says.  VARIABLE=VALUE are the secrets that the sandbox knows.

local_setup() {
	export VONAGE_API_KEY=sandbox VONAGE_API_SECRET=sandbox-password
	export SINCH_AUTHORIZATION='Bearer sandbox-password'
	export INFOBIP_AUTHORIZATION='App sandbox-password'
	export INFOBIP_CLIENT_ID=sandbox-client
	export INFOBIP_CLIENT_SECRET=sandbox-client-secret
	export PLIVO_AUTH_TOKEN=sandbox-password
	export TELNYX_AUTHORIZATION='Bearer sandbox-password'
	export MESSAGEBIRD_AUTHORIZATION='AccessKey sandbox-password'
	export EVENT_API_AUTHORIZATION='Klaviyo-API-Key sandbox-password'
	start_sandbox
}

# add_example NAME [OPTIONS]: the example's own path, at the sandbox.
add_example() {
	local name=$1 file=$TOP/examples/channels/$1.json url
	shift
	url=$(jq -r .url "$file")
	if [ "$(jq -r .auth.type "$file")" = oauth2 ]; then
		set -- --token-url \
			"$SANDBOX/$(jq -r .auth.token_url "$file" |
				cut -d/ -f4-)" "$@"
	fi
	[ "$name" != plivo ] || set -- --username sandbox "$@"
	rc-channel add "$name" - --url "$SANDBOX/$(cut -d/ -f4- <<<"$url")" \
		"$@" <"$file"
}

# try NAME TO [PAYLOAD]: a test message with the example's payload.
try() {
	run --separate-stderr rc-channel -j test "$1" --to "$2" \
		--payload "$TOP/examples/payloads/${3-$1}.json"
}

# answer_is CODE VERDICT DETAIL: of the last try.
answer_is() {
	[ "$status" -eq "$1" ] || { echo "$status: $output$stderr"; return 1; }
	[ "$(jq -r .verdict <<<"$output")" = "$2" ] || { echo "$output"; return 1; }
	[[ $(jq -r .detail <<<"$output") == *"$3"* ]] ||
		{ echo "$output"; return 1; }
}

@test "every example of a provider has a message accepted, with its id" {
	local name id
	for name in vonage vonage-legacy sinch infobip plivo telnyx messagebird; do
		add_example "$name"
		try "$name" 12025550101
		answer_is 0 accepted ''
		id=$(jq -r .provider_id <<<"$output")
		[ "$(jq -r --arg id "$id" 'select(.id == $id) | .channel' \
			sandbox.ndjson)" = "$name" ]
	done
}

@test "a recipient a provider refuses is rejected, and why is told" {
	local name why
	while read -r name why; do
		add_example "$name"
		try "$name" 15005550001
		answer_is 65 rejected "$why"
	done <<-'END'
	vonage HTTP 422: Invalid or Missing Msisdn Param
	sinch HTTP 400: must be a phone number
	plivo HTTP 400: dst parameter is invalid
	telnyx HTTP 400: The 'to' address is not a phone number.
	messagebird HTTP 422: no (correct) recipients found
	END
	absent '"event":"message"' sandbox.ndjson
}

@test "a provider that says 200 to what it rejects is not believed" {
	add_example vonage-legacy
	try vonage-legacy 15005550001
	answer_is 65 rejected 'HTTP 200: Invalid to address'
	[ "$(jq .response.status <<<"$output")" -eq 200 ]
	add_example infobip
	try infobip 15005550001
	answer_is 65 rejected 'HTTP 200: Invalid destination address.'
	[ "$(jq .response.status <<<"$output")" -eq 200 ]
	absent '"event":"message"' sandbox.ndjson
}

@test "wrong credentials at a provider stop everything, and stay unseen" {
	local name variable
	while read -r name variable; do
		export "$variable=Bearer wrong-one"
		add_example "$name"
		try "$name" 12025550101
		answer_is 77 'account or sender refused' 'HTTP 401'
		[[ $output != *wrong-one* ]]
	done <<-'END'
	vonage VONAGE_API_SECRET
	sinch SINCH_AUTHORIZATION
	infobip INFOBIP_AUTHORIZATION
	plivo PLIVO_AUTH_TOKEN
	telnyx TELNYX_AUTHORIZATION
	messagebird MESSAGEBIRD_AUTHORIZATION
	END
	absent '"event":"message"' sandbox.ndjson
}

@test "codes of a provider that mean its account, or haste, are known" {
	export VONAGE_API_SECRET=wrong-one
	add_example vonage-legacy
	try vonage-legacy 12025550101
	answer_is 78 'account or sender refused' 'HTTP 200: Bad Credentials'
	rc-channel set vonage-legacy --stop-codes '' --retry-codes 1,4
	try vonage-legacy 12025550101
	answer_is 75 'not processed' 'HTTP 200: Bad Credentials'
	rc-channel set vonage-legacy --retry-codes 40
	try vonage-legacy 12025550101
	answer_is 65 rejected 'HTTP 200: Bad Credentials'
	run rc-channel set vonage-legacy --retry-codes 1,,4
	err_is 64 "'retry_codes' is wrong: it takes codes such as '409,503'"
}

@test "a message that lacks what a provider needs is refused by it" {
	local name
	echo '{"to":"${User identifier}"}' >little.json
	for name in vonage vonage-legacy sinch infobip plivo telnyx messagebird; do
		add_example "$name"
		run rc-channel test "$name" --to 12025550101 --payload little.json
		err_is 65 'rejected the message'
	done
	absent '"event":"message"' sandbox.ndjson
}

@test "Infobip's OAuth2, whose tokens have no type, works by its example" {
	add_example infobip-oauth2
	try infobip-oauth2 12025550101 infobip
	answer_is 0 accepted ''
	[ "$(jq -r .provider_id <<<"$output")" != '' ]
	[ "$(grep -c '"event":"token"' sandbox.ndjson)" -eq 1 ]
	export INFOBIP_CLIENT_SECRET=wrong
	rc-channel remove infobip-oauth2
	run add_example infobip-oauth2
	err_is 77 'invalid_client'
}

@test "an event API takes an address, and answers without a body" {
	add_example event-api
	try event-api ada@example.com
	answer_is 0 accepted ''
	[ "$(jq -r .response.body <<<"$output")" = '' ]
	[ "$(jq -r '.request.headers["Content-Type"]' <<<"$output")" = \
		application/vnd.api+json ]
	[ "$(jq -r 'select(.event == "message") | .to' sandbox.ndjson)" = \
		ada@example.com ]
	rc-channel set event-api --header revision:
	try event-api ada@example.com
	answer_is 65 rejected 'HTTP 400: a metric and a revision are required'
	EVENT_API_AUTHORIZATION='Klaviyo-API-Key wrong' rc-channel set \
		event-api --header Authorization:env:EVENT_API_AUTHORIZATION
	try event-api ada@example.com
	answer_is 77 'account or sender refused' 'Missing or invalid'
}

@test "a campaign over a provider that says 200 on failure adds up" {
	add_example vonage-legacy
	printf 'phone numbers\n12025550101\n12025550102\n' >data.csv
	rc-import -q -c vonage-legacy data.csv >/dev/null
	rc-optin in -q 15005550001
	rc-optin list | rc-send -k spring -m Hello \
		-t "$TOP/examples/payloads/vonage-legacy.json" >sent 2>told
	cat sent told
	grep -q '3 recipients = 2 accepted + 1 rejected' told
	grep -q $'^15005550001\trejected\t.*Invalid to address' sent
}
