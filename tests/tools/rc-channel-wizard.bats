load helper

# rc-channel add on a terminal.  A dialogue's lines are what the terminal is to
# show, a tab, and what is typed then.

SID=AC00000000000000000000000000000000

local_setup() {
	export SECRET=sandbox-client-secret ACCOUNT=header-account
}

# wizard [OPTIONS]: adds acme by the answers of the file dialogue.
wizard() {
	tr '|' '\t' <dialogue >typed
	run "$RC_BUILD/tests/tools/pty" rc-channel "$@" add acme <typed
}

# shows TEXT: the terminal did.
shows() {
	[[ $output == *"$1"* ]] || { echo "no '$1' in: $output"; return 1; }
}

# hides TEXT: the terminal never did.
hides() {
	[[ $output != *"$1"* ]] || { echo "'$1' in: $output"; return 1; }
}

# Enter at every question from the first to the last of some.
enter() {
	local key
	for key; do printf '%s (|\n' "$key"; done
}

LIMITS='rate concurrency cap quiet_hours price short_base cacert'

# A Twilio channel of the sandbox, up to the question for its token.
twilio() {
	cat <<-END
	provider (|
	account_sid (|$SID
	from (|+15550100
	base_url (|$SANDBOX
	END
	enter $LIMITS
}

twilio_credentials() {
	printf '%s|%s\n' 'auth_token (' "${1-sandbox-auth-token}" \
		'api_key_sid (' ''
}

# An http channel of the sandbox's /json/$1, up to its auth.
http() {
	cat <<-END
	provider (|http
	identifier (|
	url (|$SANDBOX/json/$1
	content_type (|
	header (|X-Source: wizard
	header (|X-Account: env:UNSET
	'UNSET' is not set|X-Account: env:ACCOUNT
	header (|X-Key
	its value (|header-secret
	header (|
	success.status (|202
	success.pointer (|
	id_pointer (|/id
	error_pointer (|
	retry_codes (|503, 409
	retry_codes (|503
	stop_codes (|503
	'stop_codes' and 'retry_codes' both have '503'|
	optout_codes (|opted_out
	END
	enter $LIMITS
}

@test "a Twilio channel is asked for, tried, tested, shown and saved" {
	start_sandbox
	{
		twilio
		twilio_credentials
		echo 'recipient of a test message|+12025550101'
		echo '[s]?|'
	} >dialogue
	wizard
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	for step in Configure Authenticate Test Save; do shows "$step"; done
	shows '[https://api.twilio.com]'
	shows "channel 'acme' is saved"
	shows '[echo on]'
	hides sandbox-auth-token
	[ "$(grep -c '"event":"message"' sandbox.ndjson)" -eq 1 ]
	[ "$(rc-channel -j show acme | jq -r .from)" = +15550100 ]
	rc-channel test acme >shown
	tail -1 shown | grep -qx accepted
}

@test "an http channel with headers and OAuth2 is made by answers alone" {
	start_sandbox
	{
		http bearer
		cat <<-END
		auth.type (|oauth2
		auth.token_url (|$SANDBOX/oauth/token
		auth.client_id (|sandbox-client
		auth.client_secret (|sandbox-client-secret
		auth.style (|form
		auth.client_id_key (|
		auth.client_secret_key (|
		auth.scope (|
		recipient of a test message|12025550101
		template of the message|$TOP/examples/payloads/json.json
		[s]?|s
		END
	} >dialogue
	wizard
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	shows 'an access token was granted'
	shows '> X-Source: wizard'
	shows '> X-Key: ********'
	shows '< HTTP 202'
	hides sandbox-client-secret
	hides header-secret
	shows '> X-Account: ********'
	hides header-account
	[ "$(rc-channel -j show acme | jq -c '[.success.status, .id_pointer,
		.auth.style, .retry_codes, .stop_codes, .optout_codes,
		(.headers | map(.name))]')" = \
		'["202-202","/id","form","503",null,"opted_out",["X-Source","X-Account","X-Key"]]' ]
	absent 'sandbox-client-secret|header-(secret|account)' state.mdb
	rc-channel test acme --to 12025550102 | grep -q '^< HTTP 202'
}

@test "a wrong answer is asked again with the reason" {
	start_sandbox
	{
		cat <<-END
		provider (|twillio
		provider (|twilio
		account_sid (|
		'account_sid' is needed|AC12
		AC and 32 hexadecimal digits|$SID
		from (|not a sender at all
		no number such as +15550100|@nowhere
		cannot open 'nowhere'|+15550100
		base_url (|ftp://x
		base_url (|http://a.example
		plain http|$SANDBOX
		rate (|fast
		a number such as 0.5|2.5
		concurrency (|0
		a number from 1 to 1000|8
		cap (|5
		'5/24h'|3/1h
		quiet_hours (|at night
		'21:00-08:00'|21:00-08:00
		END
		enter price short_base cacert
		twilio_credentials
		echo 'recipient of a test message|'
		echo '[s]?|s'
	} >dialogue
	wizard
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	[ "$(rc-channel -j show acme | jq -c \
		'[.rate, .concurrency, .cap, .quiet_hours]')" = \
		'[2.5,8,"3/1h","21:00-08:00"]' ]
}

@test "wrong credentials are told, and others may be given" {
	start_sandbox
	{
		twilio
		twilio_credentials wrong-token
		echo '(a)uthenticate anew|a'
		twilio_credentials
		echo 'recipient of a test message|'
		echo '[s]?|s'
	} >dialogue
	wizard
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	shows '20003'
	hides wrong-token
	rc-channel test acme | tail -1 | grep -qx accepted
}

@test "a refused test leads back, where former answers stand to be taken" {
	start_sandbox
	{
		twilio
		twilio_credentials
		echo 'recipient of a test message|15005550001'
		echo '(t)est|c'
		echo 'provider (|'
		echo "[$SID]|"
		echo '[+15550100]|Acme'
		echo "[$SANDBOX]|"
		enter $LIMITS
		echo 'auth_token (Twilio auth token) [********]|'
		echo 'api_key_sid (|'
		echo 'recipient of a test message|12025550101'
		echo '[s]?|s'
	} >dialogue
	wizard
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	shows 21211
	[ "$(rc-channel -j show acme | jq -r .from)" = Acme ]
}

@test "somebody suppressed is not texted for a test of a channel to be" {
	start_sandbox
	rc-channel add other --url "$SANDBOX/json/none"
	"$RC_BUILD/tests/tools/suppress" 12025550101
	{
		twilio
		twilio_credentials
		echo 'recipient of a test message|12025550101'
		echo '(t)est|t'
		echo 'recipient of a test message|12025550102'
		echo '[s]?|s'
	} >dialogue
	wizard
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	shows "'12025550101' has opted out, and a test is a message too"
	[ "$(jq -r 'select(.event == "message").to' sandbox.ndjson)" = \
		+12025550102 ]
}

@test "Ctrl-C at a secret saves nothing, and the terminal echoes again" {
	start_sandbox
	{ twilio; echo 'auth_token (|^C'; } >dialogue
	wizard
	[ "$status" -eq 130 ] || { echo "$output"; return 1; }
	shows '[echo on]'
	[ ! -e state.mdb ]
	[ ! -e key ]
}

@test "Ctrl-C at any other question saves nothing either" {
	printf '%s\n' 'provider (|' 'account_sid (|^C' >dialogue
	wizard
	[ "$status" -eq 130 ]
	shows '[echo on]'
	start_sandbox
	{
		twilio
		twilio_credentials
		echo 'recipient of a test message|'
		echo '[s]?|^C'
	} >dialogue
	wizard
	[ "$status" -eq 130 ] || { echo "$output"; return 1; }
	[ ! -e state.mdb ]
}

@test "answers that end, and leaving, save nothing" {
	start_sandbox
	{ twilio; echo 'auth_token (|^D'; } >dialogue
	wizard
	[ "$status" -eq 64 ] || { echo "$output"; return 1; }
	shows 'nothing was saved'
	shows '[echo on]'
	{
		twilio
		twilio_credentials
		echo 'recipient of a test message|'
		echo '[s]?|q'
	} >dialogue
	wizard
	[ "$status" -eq 64 ]
	shows 'nothing was saved'
	[ ! -e state.mdb ]
}

@test "a dry run of the questions tries everything and saves nothing" {
	start_sandbox
	{
		twilio
		twilio_credentials
		echo 'recipient of a test message|12025550101'
		echo '[s]?|s'
	} >dialogue
	wizard -n
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	shows 'not sent'
	absent '"event":"message"' sandbox.ndjson
	[ ! -e state.mdb ]
}

@test "nobody is asked for a channel whose name is taken, or is none" {
	rc-channel add acme --url https://a.example/x
	: >dialogue
	wizard
	[ "$status" -eq 73 ]
	shows "there is a channel 'acme' already"
	hides provider
}
