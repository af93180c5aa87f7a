load helper
load send
bats_require_minimum_version 1.5.0

# How a campaign stands, from its tallies, while it runs and after.

local_setup() {
	export TOKEN=sandbox-auth-token
}

begin() { # [CHANNEL-OPTION...] after --: of the sandbox before it
	local sandbox=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do sandbox+=("$1"); shift; done
	start_sandbox "${sandbox[@]}"
	add_channel sms "${@:2}"
	add_people 100
}

send() { rc-send -k spring -m Hello "$@"; }
status() { rc-send -q -k spring --status "$@"; }
field() { status -j | jq ".$1"; }

# adds_up: the newest record is a true sum.
adds_up() {
	status -j | jq -e '.recipients == .accepted + .rejected + .deferred +
		.unknown + .held + .open and .accepted >= .sent + .delivered +
		.undelivered and .undelivered >= .failed'
}

@test "the status of a campaign adds up and knows its price" {
	begin --fault 500=at:3 --fault 404=at:5 -- --price 0.0079
	send <people >out 2>err || [ $? -eq 75 ]
	adds_up
	run --separate-stderr rc-send -k spring --status -j
	[ "$status" -eq 0 ]
	jq -e '.campaign == "spring" and .channel == "sms" and .runs == 0 and
		.recipients == 100 and .accepted == 98 and .rejected == 1 and
		.unknown == 1 and .segments == 98 and .cost > 0.774 and
		.cost < 0.775 and .clickers == 0' <<<"$output"
	[ "$stderr" = "rc-send: 1 unknown, perhaps sent: ask the provider with --reconcile" ]
}

@test "TSV has the fields of JSON in the same order" {
	begin -- --price 0.5
	send <people >/dev/null 2>&1
	status >tsv
	status -j | jq -r '[.[] | tostring] | @tsv' | diff - tsv
	[ "$(status -j | jq -r 'keys_unsorted | join(" ")')" = "campaign channel first_run last_run runs recipients accepted sent delivered undelivered failed rejected deferred unknown held open segments cost clickers" ]
}

@test "a channel without a price has no cost" {
	begin
	send <people >/dev/null 2>&1
	[ "$(field cost)" = null ]
	[ "$(status | cut -f18)" = "" ]
}

# push: a channel of a provider that counts no segments.
push() {
	rc-channel add push --url "$SANDBOX/json/none" --price 0.5 \
		--cap none --id-pointer /id --lookup-id-pointer /id \
		--lookup-url "$SANDBOX"'/json/none/${Message ID}' </dev/null
	{ echo 'phone numbers'; cat people; } | rc-import -q -c push - >/dev/null
	echo '{"to":"${User identifier}","text":"${Message text}",
		"ref":"${Message ID}"}' >t.json
}

@test "segments of a text that only the provider knows have no cost, and not 0" {
	begin
	push
	echo '{"to":"${User identifier}","text":"Hi"}' >t.json
	rc-send -k spring -c push -t t.json <people >/dev/null 2>&1
	[ "$(field accepted)" = 100 ]
	[ "$(field segments)" = 0 ]
	[ "$(field cost)" = null ]
	run script -qec 'rc-send -k spring --status' /dev/null </dev/null
	[[ $output != *cost* ]]
	# And a part of them is no cost either.
	echo 12025550100 | rc-optin in -c push -
	echo '{"to":"${User identifier}","text":"${Message text}"}' >t.json
	echo 12025550100 | send --amend -c push -t t.json >/dev/null 2>&1
	[ "$(field accepted)" = 101 ]
	[ "$(field segments)" = 1 ]
	[ "$(field cost)" = null ]
}

@test "where the provider counts no segments, ours are counted" {
	begin
	push
	long=$(printf '%0161d' 0)
	head -3 people | jq -R --arg long "$long" \
		'{to: ., vars: {t: (if . == "12025550001" then $long
			else "Hi" end)}}' -c >in
	rc-send -c push -k spring -t t.json -m '${t}' in >/dev/null 2>&1
	[ "$(field segments)" = 4 ]
	[ "$(field cost)" = 2 ]
	[ "$(rc-stats -j spring | jq .segments)" = 4 ]
	rc-send -c push -k ab -t t.json --variant a=<(echo "$long") \
		--variant b=<(echo Hi) people >/dev/null 2>&1
	rc-stats -j --by variant ab | jq -e '.accepted > 0 and
		.segments == .accepted * (if .variant == "a" then 2 else 1 end)'
}

@test "segments of unknown messages count once the provider is known to have them" {
	begin --fault close-after=at:2
	push
	head -3 people | send -c push -t t.json >/dev/null 2>&1 || [ $? -eq 75 ]
	[ "$(field 'unknown, .segments' | xargs)" = "1 2" ]
	run -0 rc-send -k spring --reconcile
	[ "$(field 'unknown, .segments' | xargs)" = "0 3" ]
}

@test "a cost has all its digits" {
	begin -- --price 0.0079
	head -13 people | send >/dev/null 2>&1
	[ "$(status -j | grep -o '"cost":[^,]*')" = '"cost":0.1027' ]
	[ "$(status | cut -f18)" = 0.1027 ]
	rc-channel set sms --price 95012.3457 >/dev/null
	[ "$(status | cut -f18)" = 1235160.4941 ]
}

@test "a running campaign is under way, a killed one has unknown messages" {
	begin --fault latency=1h
	rc-send -k spring -m Hello <people >out 2>err &
	pid=$!
	wait_for on_the_wire 64
	[ "$(field runs)" -eq 1 ]
	[ "$(field open)" -ge 64 ]
	[ "$(field unknown)" -eq 0 ]
	adds_up
	kill -9 "$pid"
	wait "$pid" || :
	[ "$(field runs)" -eq 0 ]
	[ "$(field open)" -eq 0 ]
	[ "$(field unknown)" -ge 64 ]
	adds_up
}

@test "receipts show as sent, delivered, undelivered and failed" {
	begin
	start_httpd
	echo 12025530003 >>people # undelivered, by its number
	echo 12025530003 | rc-optin in -
	send --public-url "$HTTPD" <people >/dev/null 2>&1
	done_() { [ "$(field delivered)" -eq 100 ]; }
	wait_for done_
	wait_for eval '[ "$(field undelivered)" -eq 1 ]'
	adds_up
	[ "$(field accepted)" -eq 101 ]
	[ "$(field failed)" -eq 0 ]
}

@test "deferred messages come with a word what to do" {
	begin --fault 429
	head -1 people | send >/dev/null 2>&1 || [ $? -eq 75 ]
	run --separate-stderr rc-send -k spring --status
	[ "$status" -eq 0 ]
	[ "$stderr" = "rc-send: 1 deferred, certainly not sent: run the campaign again" ]
	run --separate-stderr rc-send -q -k spring --status
	[ -z "$stderr" ]
}

@test "on a terminal the status is a table" {
	begin -- --price 2
	send <people >/dev/null 2>&1
	run script -qec 'rc-send -k spring --status' /dev/null </dev/null
	[ "$status" -eq 0 ]
	tr -d '\r' <<<"$output" >table
	grep -q '^spring  (channel sms, last run 20' table
	grep -Eq '^  accepted +100  100.0 %$' table
	grep -Eq '^    delivered +0    0.0 %$' table
	grep -Eq '^  cost +200.00$' table
	absent '.{81}' table
}

@test "an unknown campaign, another channel or a run's option is one clear line" {
	begin
	run rc-send -k spring --status
	err_is 66 "no campaign 'spring'"
	send <people >/dev/null 2>&1
	run rc-send -k spring -c other --status
	err_is 78 "campaign 'spring' belongs to channel 'sms'"
	run rc-send -k spring -c sms --status
	[ "$status" -eq 0 ]
	RC_CHANNEL=other run rc-send -k spring --status
	[ "$status" -eq 0 ]
	run rc-send -k spring --status -m Hello
	err_is 64 "--message does not go with --status"
	run rc-send -k spring --status -n
	err_is 64 "--dry-run does not go with --status"
	run rc-send -k spring --status people
	err_is 64 "--status takes no recipients, as 'people'"
	run rc-send --status
	err_is 64 "-k CAMPAIGN is missing"
}
