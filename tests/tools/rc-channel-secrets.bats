load helper
load odd

# Providers quote what they are told.  Against one that quotes all of it, no
# output holds a secret, in whichever of its writings.

# A long one, as what is cut off must not be told apart by chance.
SECRETS=(SECRET PIN KEY)

local_setup() {
	export SECRET='s3cr3t:/+&=% "\é-of-the-client'
	export PIN='p1n:/+&=% "\é-of-the-parameter'
	export KEY='Key k3y:/+&=% "\-of-the-header'
	ID='the client/1'
	start_odd
}

escaped() { printf %s "$1" | jq -sRr @uri; }

# writings USER SECRET: each way in which a request may have it.
writings() {
	printf '%s\n' "$2" "$(escaped "$2")"
	printf %s "$2" | jq -sR . | sed 's/^"//; s/"$//'
	printf %s "$1:$2" | base64 -w0
	echo
	printf %s "$(escaped "$1"):$(escaped "$2")" | base64 -w0
	echo
}

# hides FILE...: nor what is left of a writing when its ends are cut.
hides() {
	local name line
	for name in "${SECRETS[@]}"; do
		writings "$ID" "${!name#Key }"
	done | while IFS= read -r line; do
		printf '%s\n' "$line" "${line:0:12}" "${line:8:12}"
	done >writings
	if grep -nF -f writings -- "$@"; then
		return 1
	fi
}

# tried NAME: every way in which a channel's exchange may be shown.
tried() {
	rc-channel test "$1" --to 12025550000 >>shown 2>&1 || :
	rc-channel -j test "$1" --to 12025550000 >>shown 2>&1 || :
	rc-channel -v test "$1" --to 12025550000 >>shown 2>&1 || :
	rc-channel -n test "$1" --to 12025550000 >>shown 2>&1 || :
	rc-channel show "$1" >>shown
	rc-channel -j show "$1" >>shown
	rc-import -q -c "$1" list.csv >/dev/null
	rc-send -v -c "$1" -k "$1" -t template.json people >>shown 2>&1 || :
	rc-send -j -c "$1" -k "$1" -t template.json people >>shown 2>&1 || :
	rc-send -n -c "$1" -k "dry$1" -t template.json people >>shown 2>&1 || :
	rc-stats -j "$1" >>shown
}

@test "what is looked for is in what the provider quotes" {
	ID=user
	curl -s -u "$ID:$SECRET" "$ODD/echo/plain" >quoted
	run hides quoted
	[ "$status" -eq 1 ]
	curl -s --data-urlencode "pin=$PIN" "$ODD/echo/json" >quoted
	run hides quoted
	[ "$status" -eq 1 ]
}

@test "Basic and secret headers, quoted back, are masked everywhere" {
	local how
	: >shown
	ID=user
	for how in plain json; do
		rc-channel add "$how" --url "$ODD/echo/$how" --auth basic \
			--username "$ID" --password env:SECRET \
			--header X-Key:env:KEY --header X-Plain:seen
		tried "$how"
	done
	[ "$(grep -c 'X-Plain: seen' shown)" -ge 8 ]
	hides shown
}

@test "what a URL's query calls a key, quoted back, is masked everywhere" {
	local how
	: >shown
	SECRETS=(SECRET)
	for how in plain json; do
		rc-channel add "$how" --url \
			"$ODD/echo/$how?Api_Key=$(escaped "$SECRET")&to=seen"
		tried "$how"
		rc-channel list >>shown
		rc-channel set "$how" --url \
			"$ODD/echo/$how?to=seen;access-token=$(escaped "$SECRET")" \
			>>shown
		tried "$how"
	done
	[ "$(grep -c '[?&]to=seen' shown)" -ge 8 ]
	hides shown
	# What was shown adds no channel, and leaves the one there is as it is.
	rc-channel show -j json >object
	run rc-channel add other <object
	err_is 64 "'url' is masked, and there is no such query to keep"
	jq '.rate = 5 | .lookup_url = "https://x.example/${Message ID}?key=k"' \
		object | rc-channel set json >changes
	[ "$(cut -f1,3 changes)" = "lookup_url	https://x.example/\${Message ID}?key=********
rate	5" ]
}

@test "a header that sounds like a secret, but is none, is warned of" {
	run rc-channel add -n x --url "$ODD/echo/plain" \
		--header X-Api-Key:seen --header X-Plain:seen --header X-Token:env:KEY
	[ "$status" -eq 0 ]
	[ "$output" = "rc-channel: warning: what 'X-Api-Key' holds is kept and shown in clear: if it is a secret, give it as env:NAME" ]
	rc-channel add x --url "$ODD/echo/plain" --header X-Key:env:KEY
	run rc-channel set x --header X-Key:seen
	[[ $output == *"warning: what 'X-Key' holds"* ]]
	run rc-channel set -q x --header X-Key:seen2
	[[ $output != *warning* ]]
}

@test "Twilio's token and an API key, quoted back, are masked everywhere" {
	: >shown
	ID=AC00000000000000000000000000000000
	rc-channel add tw --account-sid "$ID" --auth-token env:SECRET \
		--from +15550100 --base-url "$ODD/echo/json"
	echo hello >template.json
	tried tw
	ID=SK00000000000000000000000000000000
	rc-channel set tw --api-key-sid "$ID" --api-key-secret env:PIN >>shown
	tried tw
	hides shown
	ID=AC00000000000000000000000000000000 hides shown
}

@test "OAuth2 credentials, quoted back by the token URL, are masked" {
	local style how
	: >shown
	for how in plain json body; do
		for style in basic form json header; do
			run rc-channel add x --url "$ODD/keep/none" \
				--auth oauth2 --token-url "$ODD/echo/$how" \
				--client-id "$ID" --client-secret env:SECRET \
				--style "$style" --client-id-key X-Id \
				--client-secret-key X-Secret \
				--token-param pin:env:PIN \
				--token-header X-Key:env:KEY
			[ "$status" -eq 77 ]
			printf '%s\n' "$output" >>shown
		done
	done
	[ ! -e state.mdb ]
	[ "$(grep -c 'gave no access token: HTTP 400' shown)" -eq 12 ]
	grep -q 'pin=\*\*\*' shown
	hides shown
}

@test "an access token, quoted back, is masked, kept sealed and shown never" {
	: >shown
	start_sandbox
	token=t0ken-of-some-length-that-nobody-is-to-see
	reply token '200 OK' "{\"access_token\":\"$token\",\"expires_in\":3600}" \
		'Content-Type: application/json'
	for how in plain json; do
		rc-channel add "$how" --url "$ODD/echo/$how" --auth oauth2 \
			--token-url "$ODD/keep/token" --client-id "$ID" \
			--client-secret env:SECRET
		tried "$how"
	done
	grep -q 'Bearer \*\*\*' shown
	absent "${token:0:12}|${token:8:12}" shown
	hides shown
	absent "${token:0:12}" state.mdb
	hides state.mdb
}

@test "a reference in an object's headers is a secret, unless it says not" {
	printf %s file-secret >held
	rc-channel add refs <<-'END'
		{"url":"https://a.example/","headers":[
		{"name":"X-Env","value":"env:PIN"},
		{"name":"X-File","value":"@held"},
		{"name":"X-Said","value":"env:SECRET","secret":true},
		{"name":"X-Open","value":"env:HOME","secret":false},
		{"name":"X-Plain","value":"plain"}]}
	END
	[ "$(rc-channel -j show refs | jq -c '[.headers[].value]')" = \
		'["********","********","********","'"$HOME"'","plain"]' ]
	rc-channel -n test refs --to 12025550101 >shown
	grep -qF 'X-Env: ********' shown
	absent 'file-secret|p1n' shown
	absent 'file-secret|p1n' state.mdb
}

@test "no tool that knows secrets leaves a core" {
	rc-channel add plain --url "$ODD/drip/silence" --header X-Key:env:KEY
	: >silence
	ulimit -c unlimited 2>/dev/null || :
	rc-channel test plain --to 12025550000 >shown 2>&1 3>&- &
	PIDS+=($!)
	wait_for grep -q ^silence asked
	grep -q '^Max core file size *0 ' "/proc/$!/limits"
}
