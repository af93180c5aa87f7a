load helper
load send

# Sending again, on request, to whose message is unknown or was rejected.

local_setup() {
	export TOKEN=sandbox-auth-token
}

begin() { # [SANDBOX-ARGS...]
	start_sandbox --listen "127.0.0.1:$(free_port)" "$@"
	add_channel sms
	add_people 200
}

# Another sandbox takes the first one's place.
next_sandbox() {
	mv sandbox.ndjson "before$((++BEFORE)).ndjson"
	kill "$SANDBOX_PID"
	wait "$SANDBOX_PID" || :
	start_sandbox --listen "${SANDBOX#http://}" "$@"
}

send() { rc-send -k spring -m 'See https://shop.example/' "$@"; }

@test "--retry unknown sends again to the unknown and to nobody else" {
	begin --fault 503=every:10
	send <people >out 2>err || [ $? -eq 75 ]
	of unknown out >unknown
	[ "$(wc -l <unknown)" -eq 20 ]
	next_sandbox
	{ cat people; echo 13035550000; } >all
	send --retry unknown <all >out 2>err
	[ "$(outcomes out)" = "20 accepted, 180 already sent, 1 no message" ]
	[ "$(cat err)" = "rc-send: 201 recipients = 20 accepted + 180 already sent + 1 no message" ]
	[ "$(awk -F'\t' '$2 == "already sent" { print $5 }' out | sort -u)" = accepted ]
	diff <(texted sandbox.ndjson) unknown
	[ "$(status recipients)" -eq 200 ]
	[ "$(status accepted)" -eq 200 ]
	send --retry unknown <people >out 2>err
	[ "$(outcomes out)" = "200 already sent" ]
}

@test "--retry rejected sends again to the rejected, but not who opted out at the carrier" {
	begin --fault 404=every:4
	rc-channel set sms --concurrency 1 # which is the 201st to come
	{ cat people; echo 15005550004; } >all # 21610
	echo 15005550004 | rc-optin -q in -
	send <all >out 2>err
	[ "$(outcomes out)" = "150 accepted, 51 rejected" ]
	of rejected out | grep -v 15005550004 >rejected
	next_sandbox
	send --retry rejected <all >out 2>err
	[ "$(outcomes out)" = "50 accepted, 150 already sent, 1 suppressed" ]
	diff <(texted sandbox.ndjson) rejected
}

@test "a retry that is unknown again is not repeated by a second line or by itself" {
	begin --fault 503
	head -3 people >three
	send <three >/dev/null 2>&1 || [ $? -eq 75 ]
	next_sandbox --fault close-after
	cat three three | send --retry unknown >out 2>err || [ $? -eq 75 ]
	[ "$(outcomes out)" = "3 duplicate, 3 unknown" ]
	diff <(texted sandbox.ndjson) three
	next_sandbox
	send <three >out 2>err # an ordinary run never sends them again
	[ "$(outcomes out)" = "3 already sent" ]
	[ -z "$(texted sandbox.ndjson)" ]
}

# Run PID has noted when it began: it holds its lock.
begun() { find "/proc/$1/fd" -lname "$RC_STATE-runs" | grep -q .; }

@test "two retries at once never double" {
	begin --fault 503=every:2
	send <people >out 2>/dev/null || [ $? -eq 75 ]
	of unknown out >unknown
	[ "$(wc -l <unknown)" -eq 100 ]
	next_sandbox --fault close-after=every:3 --fault latency=5ms
	mkfifo in1 in2
	rc-send -k spring -m 'See https://shop.example/' --retry unknown \
		<in1 >out1 2>err1 &
	first=$!
	rc-send -k spring -m 'See https://shop.example/' --retry unknown \
		<in2 >out2 2>err2 &
	second=$!
	PIDS+=("$first" "$second")
	exec {feed1}>in1 {feed2}>in2
	wait_for begun "$first" # or the later may well send again what the
	wait_for begun "$second" # earlier one has left unknown by then
	cat people >&"$feed1"
	tac people >&"$feed2"
	exec {feed1}>&- {feed2}>&-
	wait "$first" || [ $? -eq 75 ]
	wait "$second" || [ $? -eq 75 ]
	diff <(texted sandbox.ndjson) unknown
}

@test "killed amid a retry, nobody is lost and nobody sent to a third time" {
	begin --fault 503=every:2
	send <people >/dev/null 2>&1 || [ $? -eq 75 ]
	next_sandbox --fault latency=20ms
	hold_open people
	rc-send -k spring -m 'See https://shop.example/' --retry unknown \
		--rate 50 <held >out 2>err &
	pid=$!
	wait_for eval '[ "$(texted sandbox.ndjson | wc -l)" -gt 20 ]'
	kill -9 "$pid"
	wait "$pid" || :
	[ "$(status recipients)" -eq 200 ]
	[ "$(status accepted)" -gt 100 ]
	[ "$(status 'unknown + .accepted')" -eq 200 ]
	[ -z "$(texted sandbox.ndjson | uniq -d)" ]
}

@test "withdrawn consent, quiet hours and a dry run are as in any run" {
	begin --fault 503=every:2
	send <people >out 2>/dev/null || [ $? -eq 75 ]
	of unknown out >unknown
	next_sandbox
	head -1 unknown | rc-optin -q out -
	send -n --retry unknown <unknown >out 2>err
	[ "$(outcomes out)" = "1 not opted in, 99 would send" ]
	send --retry unknown --max 10 <unknown >out 2>err || [ $? -eq 75 ]
	[ "$(outcomes out)" = "10 accepted, 1 not opted in, 89 not reached" ]
	rc-channel set sms --quiet-hours 00:00-23:59 >/dev/null
	send --retry unknown <unknown >out 2>err || [ $? -eq 75 ]
	[[ $(outcomes out) == *"89 quiet"* ]]
}

# What rc-httpd would get from the provider for message $1 of an earlier run.
receipt() { # MESSAGE-ID STATUS
	local url="$HTTPD/twilio/status/sms?m=$1" body signature
	body="MessageSid=SM$(printf %032d 7)&MessageStatus=$2"
	signature=$(printf '%sMessageSidSM%032dMessageStatus%s' "$url" 7 "$2" |
		openssl dgst -sha1 -hmac "$TOKEN" -binary | base64)
	curl -s -o /dev/null -w '%{http_code}' -d "$body" \
		-H "X-Twilio-Signature: $signature" "$url"
}

@test "the first message arrives after all: the ledger and the log know" {
	begin --fault 503=first:1
	start_httpd
	head -1 people | send >out 2>err || [ $? -eq 75 ]
	first=$(cut -f3 out)
	head -1 people | send --retry unknown >out 2>err
	[ "$(cut -f2 out)" = accepted ]
	[ "$(cut -f3 out)" != "$first" ]
	[ "$(receipt "$first" undelivered)" = 204 ] # says nothing of the second
	[ "$(status undelivered)" -eq 0 ]
	[ "$(receipt "$first" delivered)" = 204 ]
	[ "$(status delivered)" -eq 1 ]
	grep -q 'was sent again, and now comes a receipt for the first: delivered' httpd.err
	[ "$(status recipients)" -eq 1 ]
}

@test "the link in the first message works after the second was sent" {
	begin --fault 503=first:1:accepted
	head -1 people | send >out 2>err || [ $? -eq 75 ]
	link=$(jq -r 'select(.event == "message").body' sandbox.ndjson)
	head -1 people | send --retry unknown >out 2>err
	[ "$(texted sandbox.ndjson | wc -l)" -eq 2 ]
	start_httpd
	curl -s -o /dev/null -w '%{redirect_url}' -A 'Mozilla/5.0 (iPhone)' \
		"$HTTPD/${link##*/}" >where
	[ "$(cat where)" = https://shop.example/ ]
	[ "$(status clickers)" -eq 1 ]
}

@test "a link that was clicked proves the message: it is not sent again" {
	begin --fault 503=first:1:accepted
	head -1 people | send >out 2>err || [ $? -eq 75 ]
	link=$(jq -r 'select(.event == "message").body' sandbox.ndjson)
	start_httpd
	curl -s -o /dev/null -A 'Mozilla/5.0 (iPhone)' "$HTTPD/${link##*/}"
	[ "$(status clickers)" -eq 1 ] # folded
	head -1 people | send --retry unknown >out 2>err
	[ "$(cut -f2,5 out)" = $'already sent\tunknown, but clicked' ]
}

runs_are() { [ "$(status runs)" -eq "$1" ]; }
sent_again() { log_has 2 && [ "$(status unknown)" -eq 1 ]; }

@test "a clock that is set back makes no run send again twice" {
	can_shift
	begin --fault 503=every:1:accepted
	head -1 people | send >out 2>err || [ $? -eq 75 ]
	mkfifo lines
	CLOCK_SHIFT=$PWD/shift LD_PRELOAD=$RC_BUILD/tests/fault/shiftclock.so \
		rc-send -k spring -m 'See https://shop.example/' \
		--retry unknown <lines >out 2>err &
	PIDS+=($!)
	exec {LINES_FD}>lines
	wait_for runs_are 1
	echo -60 >shift
	head -1 people >&"$LINES_FD"
	wait_for sent_again
	head -1 people >&"$LINES_FD"
	exec {LINES_FD}>&-
	wait "${PIDS[-1]}" || [ $? -eq 75 ]
	[ "$(outcomes out)" = "1 duplicate, 1 unknown" ]
	[ "$(texted | wc -l)" -eq 2 ]
}

@test "what cannot be sent again is one clear line" {
	begin
	run send --retry unknown people
	err_is 66 "no campaign 'spring'"
	run send -n --retry unknown people
	err_is 66 "no campaign 'spring'"
	run send --retry deferred people
	err_is 64 "'deferred' is nothing to send again: unknown or rejected"
	run rc-send -k spring --retry unknown --status
	err_is 64 "--retry does not go with --status"
}
