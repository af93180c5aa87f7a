load helper

# Replies come in by the webhook, as they do in life.
local_setup() {
	export TOKEN=secret-token-of-the-account
	rc-channel add acme --provider twilio \
		--account-sid AC00000000000000000000000000000000 \
		--auth-token env:TOKEN --from +15550100 \
		--base-url http://127.0.0.1:9
	printf '%s\n' 12025550101 12025550102 12025550103 | rc-optin -q in
	start_httpd
}

# inbound FROM TEXT [MESSAGESID]: posts a signed reply, prints the status.
inbound() {
	local url=$HTTPD/twilio/inbound/acme sid=${3-SM$RANDOM$RANDOM} sig
	sig=$({ printf '%sBody%sFrom+%sMessageSid%s' "$url" "$2" "$1" "$sid"; } |
		openssl dgst -sha1 -hmac "$TOKEN" -binary | base64)
	curl -s -o /dev/null -w '%{http_code}' --data-urlencode "From=+$1" \
		--data-urlencode "Body=$2" -d "MessageSid=$sid" \
		-H "X-Twilio-Signature: $sig" "$url"
}

@test "a reply that looks like a revocation waits, and is on disk when answered" {
	run -0 rc-optin review
	[ -z "$output" ]
	[ "$(inbound 12025550101 'please stop texting me')" = 200 ]
	kill -9 "$HTTPD_PID"
	wait "$HTTPD_PID" 2>/dev/null || :
	run -0 rc-optin review
	[ "$(cut -f 1-3,6 <<<"$output")" = \
		$'1\t12025550101\tacme\tplease stop texting me' ]
	rc-optin check 12025550101
}

@test "only what looks like one waits, a STOP needs nobody" {
	[ "$(inbound 12025550101 'can’t stop loving it')" = 200 ]
	[ "$(inbound 12025550101 'help')" = 200 ]
	[ "$(inbound 12025550102 'STOP')" = 200 ]
	[ "$(inbound 12025550103 'Hört auf!')" = 200 ]
	run -0 rc-optin review
	[ "$(cut -f 2,6 <<<"$output")" = $'12025550103\tHört auf!' ]
	run -1 rc-optin check 12025550102
}

@test "the same message delivered again waits once, also after the decision" {
	inbound 12025550101 'no more texts' SM1
	[ "$(inbound 12025550101 'no more texts' SM1)" = 200 ]
	run -0 rc-optin review
	[ "${#lines[@]}" -eq 1 ]
	rc-optin -q review --keep 1
	[ "$(inbound 12025550101 'no more texts' SM1)" = 200 ]
	run -0 rc-optin review
	[ -z "$output" ]
}

@test "replies are listed oldest first with the day they are due" {
	inbound 12025550101 'wrong number'
	inbound 12025550102 'no more texts'
	run -0 rc-optin -j review
	[ "$(jq -c '[.number,.id,.channel,.text]' <<<"$output")" = \
		'[1,"12025550101","acme","wrong number"]
[2,"12025550102","acme","no more texts"]' ]
	received=$(jq -r .received <<<"${lines[0]}")
	due=$(jq -r .due <<<"${lines[0]}")
	days=$(( ($(date -d "$due" +%s) - $(date -d "$received" +%s)) / 86400 ))
	# From a Saturday it is thirteen days, from a Sunday twelve.
	[ "$days" -ge 12 ]
	[ "$days" -le 14 ]
	[ "$(date -d "$due" +%u)" -le 5 ]
}

@test "tabs, line feeds and escapes of a reply stay within its field" {
	inbound 12025550101 $'stop\ttexting\nme\e[31m'
	run -0 rc-optin review
	[ "${#lines[@]}" -eq 1 ]
	[ "$(cut -f 6 <<<"$output")" = 'stop\ttexting\nme\x1b[31m' ]
	run -0 rc-optin review -j
	[ "$(jq -r .text <<<"$output")" = $'stop\ttexting\nme\e[31m' ]
}

@test "a reply taken as a revocation is a suppression with the reply as proof" {
	inbound 12025550101 'take me off your list'
	received=$(rc-optin review -j | jq -r .received)
	run -0 rc-optin review --out 1
	[[ $output == *"1 taken as a revocation; journal head 2 "* ]]
	run -1 rc-optin check 12025550101
	[[ $output == *suppression* ]]
	[ "$(rc-optin list --suppressed -j | jq -r .reason)" = review ]
	[ "$(rc-optin log -j 12025550101 |
		jq -c 'select(.kind == "suppress") | [.set,.source,.evidence,.claimed]')" = \
		"[\"removed\",\"review\",\"take me off your list\",\"$received\"]" ]
	run -0 rc-optin review
	[ -z "$output" ]
	rc-optin verify
	run -1 rc-optin review --out 1
	[[ $output == *"operand 1: no reply 1 waits"* ]]
}

@test "a dismissed reply leaves consent and journal as they were" {
	inbound 12025550101 'no more pink ones?'
	before=$(rc-optin verify)
	run -0 --separate-stderr rc-optin review -j --keep 1
	[ "$(jq -r .text <<<"$output")" = 'no more pink ones?' ]
	[ "$stderr" = "rc-optin: 1 dismissed" ]
	[ "$(rc-optin verify)" = "$before" ]
	rc-optin check 12025550101
	run -0 rc-optin review
	[ -z "$output" ]
}

@test "decisions are read from lines as they are listed" {
	inbound 12025550101 'wrong number'
	inbound 12025550102 'no more texts'
	inbound 12025550103 'stop it'
	rc-optin review | grep wrong | rc-optin -q review --out
	rc-optin review -j | grep 'no more' | rc-optin -q review --keep
	echo 3 | rc-optin -q review --out
	run -0 rc-optin review
	[ -z "$output" ]
	[ "$(rc-optin list)" = 12025550102 ]
}

@test "a line that names no reply is said, the others are decided" {
	inbound 12025550101 'stop it'
	run rc-optin review --out one 1 7 '{"id":1}'
	err_is 65 "operand 1: 'one' is no number of a reply"
	[[ $output == *"operand 3: no reply 7 waits"* ]]
	[[ $output == *"operand 4: '' is no number"* ]]
	[[ $output == *"2 of 4 lines"* ]]
	run -1 rc-optin check 12025550101
}

@test "who opted in again since is shown, and not suppressed unawares" {
	inbound 12025550101 'stop it'
	inbound 12025550102 'stop it'
	rc-optin -q in --source form 12025550101
	again=$(rc-optin log -j 12025550101 | tail -n 1 | jq -r .time)
	run -0 rc-optin review
	[ "$(cut -f 2,7 <<<"$output")" = \
		"12025550101	$again"$'\n12025550102\t' ]
	run -1 --separate-stderr rc-optin review --out 1 2
	[ "$(cut -f 1 <<<"$output")" = 2 ]
	[[ $stderr == *"operand 1: reply 1 is left: 12025550101 opted in again, $again, journal entry"* ]]
	[[ $stderr == *": 1 taken as a revocation"* ]]
	rc-optin check 12025550101
	rc-optin -q out 12025550101
	rc-optin -q review --out 1
	[ "$(rc-optin list --suppressed | wc -l)" -eq 2 ]
}

@test "START takes a reply that waits out, an import of people does not" {
	inbound 12025550101 'stop it'
	inbound 12025550102 'stop it'
	inbound 12025550103 'stop it'
	printf '%s\n' 12025550101 12025550102 12025550103 | rc-optin -q in
	run -0 rc-optin review
	[ "${#lines[@]}" -eq 3 ]
	[ "$(inbound 12025550101 'START')" = 200 ]
	rc-optin -q in --lift-stop --evidence 'signed form 17' 12025550102
	run -0 rc-optin review
	[ "$(cut -f 2 <<<"$output")" = 12025550103 ]
}

@test "a dry run decides nothing" {
	inbound 12025550101 'stop it'
	before=$(rc-optin verify)
	run -0 rc-optin review -n --out 1
	[[ $output == *"dry run: 1 taken"* ]]
	run -0 rc-optin review
	[ "${#lines[@]}" -eq 1 ]
	[ "$(rc-optin verify)" = "$before" ]
}

@test "with -q only the exit status tells that replies wait" {
	run -0 rc-optin review -q
	inbound 12025550101 'stop it'
	run -1 rc-optin review -q
	[ -z "$output" ]
}

@test "a send warns of replies that wait, in one line" {
	run -0 rc-send -n -k spring -m hello </dev/null
	[[ $output != *review* ]]
	inbound 12025550101 'stop it'
	run -0 rc-send -n -k spring -m hello </dev/null
	[[ $output == *"warning: 1 reply waits for a decision"*"'rc-optin review'"* ]]
	inbound 12025550102 'stop it'
	run -0 --separate-stderr rc-send -n -k spring -m hello </dev/null
	[ "$(grep -c review <<<"$stderr")" -eq 1 ]
	[[ $stderr == *"2 replies wait"* ]]
	run -0 rc-send -q -n -k spring -m hello </dev/null
	[[ $output != *review* ]]
}

@test "wrong command lines of review are refused" {
	run rc-optin review --out --keep 1
	err_is 64 "exclude each other"
	run rc-optin review 1
	err_is 64 "--out or --keep"
	run rc-optin list --keep
	err_is 64 "--keep"
}

@test "a reply to a channel that was removed can still be decided" {
	inbound 12025550101 'stop it'
	rc-channel add other --provider http --url http://127.0.0.1:9/
	kill "$HTTPD_PID"
	wait "$HTTPD_PID"
	rc-channel remove acme
	run -0 rc-optin review
	[ "$(cut -f 3 <<<"$output")" = '#1' ]
	rc-optin -q review --out 1
	run -1 rc-optin -c other check 12025550101
	[[ $output == *suppression* ]]
}
