load helper

# OAuth2 client credentials: every style, against a token endpoint that takes
# nothing but what RFC 6749 says (rc-sandbox).

STYLES='basic form json header'
PLAIN_ID=sandbox-client PLAIN_SECRET=sandbox-client-secret
# Whatever means something in a form, in JSON, in Basic or in a URL.
HARD_ID='id:/+&=%25 ?#é€😀"\'
HARD_SECRET='s:/+&=%20 ;,<>é€😀"\'"'"'~*()'

local_setup() {
	export ID=$PLAIN_ID SECRET=$PLAIN_SECRET PIN='pin:/+&=% é"\'
}

# add NAME STYLE [OPTION]...
add() {
	local style=$2 name=$1 keys=()
	shift 2
	[ "$style" != header ] ||
		keys=(--client-id-key X-Client-Id
			--client-secret-key X-Client-Secret)
	rc-channel add "$name" --url "$SANDBOX/json/bearer" --auth oauth2 \
		--token-url "$SANDBOX/oauth/token" --client-id env:ID \
		--client-secret env:SECRET --style "$style" "${keys[@]}" "$@"
}

tokens() { grep -c '"event":"token"' sandbox.ndjson; }

# hides FILE...: none of the secrets is in them, however it is written.
hides() {
	local secret form
	for secret in "$SECRET" "$PIN"; do
		form=$(printf %s "$secret" | jq -sRr @uri)
		absent_text "$secret" "$@"
		absent_text "$form" "$@"
		absent_text "$(printf %s "$secret" | jq -sR . | sed 's/^"//;s/"$//')" "$@"
		absent_text "$(printf %s "$secret" | base64 -w0 | cut -c-12)" "$@"
	done
	absent_text "$(printf %s "$ID:$SECRET" | base64 -w0)" "$@"
	absent_text "$(printf %s "$(printf %s "$ID" | jq -sRr @uri):$(printf %s \
		"$SECRET" | jq -sRr @uri)" | base64 -w0)" "$@"
}

# absent_text TEXT FILE...: no line of the files holds it.
absent_text() {
	if grep -nF -- "$@"; then
		return 1
	fi
}

@test "every style gets a token with credentials of any characters" {
	local style
	ID=$HARD_ID SECRET=$HARD_SECRET
	start_sandbox --client-id "$ID" --client-secret env:SECRET
	for style in $STYLES; do
		add "$style" "$style" --token-param 'audience:https://a/?b&c=d é' \
			--token-param pin:env:PIN --scope 'a b/c+d'
		rc-channel test "$style" --to 12025550101 >"$style.out"
		tail -1 "$style.out" | grep -q ^accepted
	done
	hides ./*.out
	jq -c 'select(.event == "token") |
		[.style, .params.audience, .params.pin, .params.scope]' \
		sandbox.ndjson >seen
	for style in $STYLES; do
		jq -nc --arg s "$style" --arg pin "$PIN" \
			'[$s, "https://a/?b&c=d é", $pin, "a b/c+d"]'
	done >wanted
	diff wanted seen
}

@test "wrong credentials save nothing, in every style" {
	local style
	start_sandbox
	for style in $STYLES; do
		SECRET=wrong-secret run add "$style" "$style"
		err_is 77 invalid_client
		[[ $output != *wrong-secret* ]]
		ID=wrong run add "$style" "$style"
		err_is 77 invalid_client
	done
	[ ! -e state.mdb ] && [ ! -e key ]
	[ "$(grep -c '"code":401' sandbox.ndjson)" -eq 8 ]
	[ "$(tokens)" -eq 0 ]
}

@test "the sandbox takes credentials in one way, once, and escaped" {
	local url
	start_sandbox
	url=$SANDBOX/oauth/token
	ask() { curl -s -o out -w '%{http_code}' "$@" "$url"; }
	id=client_id=$PLAIN_ID secret=client_secret=$PLAIN_SECRET
	grant=grant_type=client_credentials
	[ "$(ask -d "$grant&$id&$secret")" = 200 ]
	[ "$(ask -u "$PLAIN_ID:$PLAIN_SECRET" -d "$grant")" = 200 ]
	[ "$(ask -u "$PLAIN_ID:$PLAIN_SECRET" -d "$grant&$id&$secret")" = 400 ]
	[ "$(ask -d "$grant&$id&$secret&$secret")" = 400 ]
	[ "$(ask -d "$grant&$id&$secret&a=b:c")" = 400 ]
	[ "$(ask -d "$grant&$id&$secret&a=%zz")" = 400 ]
	[ "$(ask -u 'a/b:c' -d "$grant")" = 400 ]
	[ "$(ask -H 'Content-Type: text/plain' -d "$grant&$id&$secret")" = 400 ]
	[ "$(ask -H 'Content-Type: application/json' -d "$grant")" = 400 ]
	[ "$(ask -d "grant_type=password&$id&$secret")" = 400 ]
}

@test "further parameters are kept sealed, shown masked, set and taken away" {
	start_sandbox
	add push form --token-param audience:https://a.example \
		--token-param pin:env:PIN
	rc-channel show push >shown
	grep -qx $'auth.token_params\taudience: https://a.example' shown
	grep -qx $'auth.token_params\tpin: \*\*\*\*\*\*\*\*' shown
	hides shown
	absent_text "$PIN" state.mdb
	rc-channel show -j push >object
	jq -e '.auth.token_params == [{name: "audience",
		value: "https://a.example"},
		{name: "pin", value: "********", secret: true}]' object
	# What was shown can be set; the secret stays.
	jq '.auth.token_params[0].value = "other"' object | rc-channel set push \
		>changes
	grep -q $'^auth.token_params.audience\thttps://a.example\tother$' changes
	tail -1 sandbox.ndjson | jq -e --arg pin "$PIN" \
		'.params == {audience: "other", pin: $pin}'
	rc-channel set push --token-param pin: >changes
	grep -q $'^auth.token_params.pin\t\*\*\*\*\*\*\*\*' changes
	tail -1 sandbox.ndjson | jq -e '.params == {audience: "other"}'
	# A token had with other parameters is nobody's.
	[ "$(tokens)" -eq 3 ]
	rc-channel test push --to 12025550101 >/dev/null
	[ "$(tokens)" -eq 3 ]
}

@test "a parameter takes no name that is sent already" {
	start_sandbox
	run add x form --token-param scope:a
	err_is 64 "give it as 'auth.scope'"
	run add x form --token-param client_secret:a
	err_is 64 "cannot set 'client_secret'"
	run add x form --token-param a:b --token-param a:c
	err_is 64 "has 'a' twice"
	run add x form --client-id-key grant_type
	err_is 64 "'grant_type' is sent already"
	run add x form --client-id-key app --client-secret-key app
	err_is 64 'are the same'
	run add x header --client-id-key 'X: Y'
	err_is 64 'the name of a header'
	run add x header --client-id-key Host
	err_is 64 "'Host' is sent already"
	run add x basic --token-header Authorization:env:PIN
	err_is 64 "cannot set 'Authorization'"
	[ ! -e state.mdb ]
}

@test "another grant of the same kind stands in the place of the usual one" {
	start_sandbox
	run add x form --token-param grant_type:account_credentials
	err_is 77 unsupported_grant_type
	add x form --token-param grant_type:client_credentials
}
