load helper
load send
bats_require_minimum_version 1.5.0

# People 12025550000 and up, who all opted in, and a sandbox that texts nobody
# and remembers everybody.

PEOPLE=500

local_setup() {
	export TOKEN=sandbox-auth-token
}

# begin [SANDBOX-ARGS...]: sandbox, channel sms, list of $PEOPLE people.
begin() {
	start_sandbox "$@"
	add_channel sms
	add_people "$PEOPLE"
}

send() {
	rc-send -c sms -k spring -m 'Hello' "$@"
}

# adds_up FILE: the balance in FILE is a true sum.
adds_up() {
	sed -n 's/^rc-send: \([0-9]*\) recipients\{0,1\}/\1/p' "$1" |
		tr -d '[:alpha:]' | awk -F= '{
			n = split($2, term, "+")
			for (i = 1; i <= n; i++) sum += term[i]
			found = 1
			if (sum != $1 + 0) exit 1 }
			END { exit !found }'
}

@test "everybody who opted in gets one message, nobody else any" {
	begin
	rc-optin out -c sms 12025550003 12025550004
	{ cat people; seq 13035550000 13035550009; } >asked
	send <asked >out 2>err
	[ "$(outcomes out)" = "498 accepted, 12 not opted in" ]
	[ "$(cat err)" = \
		"rc-send: 510 recipients = 498 accepted + 12 not opted in" ]
	grep -vx -e 12025550003 -e 12025550004 people >expected
	diff <(texted) expected
	[ "$(awk -F'\t' '$2 == "accepted" && length($3) == 16 &&
		$4 ~ /^SM/' out | wc -l)" -eq 498 ]
}

@test "a second run sends nothing" {
	begin
	send <people >/dev/null 2>&1
	send <people >out 2>err
	[ "$(outcomes out)" = "500 already sent" ]
	[ "$(cut -f5 out | sort -u)" = accepted ]
	[ "$(texted | wc -l)" -eq 500 ]
	adds_up err
}

@test "somebody who is on the input twice gets one message" {
	begin
	{ cat people people; echo '+1 (202) 555-0000'; } | send >out 2>err
	[ "$(outcomes out)" = "500 accepted, 501 duplicate" ]
	diff <(texted) people
	adds_up err
}

@test "a number written in two ways gets one message, in one run and in two" {
	begin
	printf '%s\n' 525512345678 5215512345678 541123456789 5491123456789 >two
	cat people two | import
	head -3 two | rc-send -k spring -m Hi >out 2>err
	[ "$(outcomes out)" = "2 accepted, 1 duplicate" ]
	rc-send -k spring -m Hi two >out 2>err
	[ "$(outcomes out)" = "4 already sent" ]
	diff <(texted) <(printf '%s\n' 525512345678 541123456789)
}

@test "killed at any moment and run again, nobody is texted twice or lost" {
	begin --fault latency=5ms
	rc-channel set sms --concurrency 16 # 3 kills leave most of them
	local at
	for at in $((RANDOM % 60 + 1)) $((RANDOM % 100 + 80)) \
		$((RANDOM % 100 + 200)); do
		hold_open people
		rc-send -c sms -k spring -m Hello --rate 600 <held \
			>/dev/null 2>&1 &
		pid=$!
		wait_for log_has "$at"
		kill -9 "$pid"
		wait "$pid" || :
	done
	send <people >out 2>err || [ $? -eq 75 ]
	adds_up err
	[ -z "$(texted | uniq -d)" ]
	# Who got nothing, as far as the provider knows, is called unknown.
	send <people >again 2>/dev/null
	[ "$(outcomes again)" = "500 already sent" ]
	awk -F'\t' '$5 == "unknown" { print $1 }' again | sort >unknown
	diff <({ texted; cat unknown; } | sort -u) people
	[ "$(wc -l <unknown)" -le $((3 * 2 * 16)) ]
}

@test "a connection closed after the request is unknown and sent once" {
	begin --fault close-after=every:3
	run --separate-stderr send <people
	[ "$status" -eq 75 ]
	[ -z "$(texted | uniq -d)" ]
	grep -c '	unknown	' <<<"$output" >n
	[ "$(cat n)" -gt 100 ]
	run send <people
	[ "$status" -eq 0 ]
	[ -z "$(texted | uniq -d)" ]
	diff <(texted) people
}

@test "a 5xx answer is unknown and not repeated" {
	begin --fault 500=every:10
	send <people >out 2>err || [ $? -eq 75 ]
	[ "$(outcomes out)" = "450 accepted, 50 unknown" ]
	send <people >out 2>err
	[ "$(outcomes out)" = "500 already sent" ]
	[ "$(texted | wc -l)" -eq 450 ]
}

@test "who opts out between two runs is not texted by the second" {
	begin
	head -100 people | send >/dev/null 2>&1
	rc-optin out -c sms 12025550000 12025550250
	send <people >out 2>/dev/null
	[ "$(outcomes out)" = \
		"399 accepted, 100 already sent, 1 not opted in" ]
	texted >got
	absent '^12025550250$' got
}

@test "who opts out while the campaign runs is not texted" {
	begin
	mkfifo pipe
	rc-send -c sms -k spring -m Hello <pipe >out 2>err &
	pid=$!
	exec 7>pipe
	head -n 200 people >&7
	wait_for log_has 20
	rc-optin out -c sms 12025550499
	tail -n +201 people >&7
	exec 7>&-
	wait "$pid"
	texted >got
	absent '^12025550499$' got
	[ "$(outcomes out)" = "499 accepted, 1 not opted in" ]
}

@test "two senders at once share the work and never double" {
	begin --fault latency=2ms
	rc-send -c sms -k spring -m Hello <people >out1 2>err1 &
	first=$!
	tac people >people2
	rc-send -c sms -k spring -m Hello <people2 >out2 2>err2 &
	second=$!
	wait "$first" || [ $? -eq 75 ]
	wait "$second" || [ $? -eq 75 ]
	diff <(texted) people
	adds_up err1
	adds_up err2
	[ "$(cat out1 out2 | grep -c '	accepted	')" -eq 500 ]
}

@test "a 429 is tried again until the provider takes it" {
	begin --fault 429=first:40
	send <people >out 2>err
	[ "$(outcomes out)" = "500 accepted" ]
	diff <(texted) people
}

@test "who opts out between two attempts is not texted" {
	begin --fault 429=first:4
	head -1 people >one
	rc-send -c sms -k spring -m Hello one >out 2>err &
	pid=$!
	wait_for grep -q '"fault":"status"' sandbox.ndjson
	rc-optin out -c sms 12025550000
	wait "$pid" || :
	adds_up err
	[[ $(outcomes out) == "1 "[dn]* ]] # deferred, if all four came before
	send one >out 2>err
	[ "$(outcomes out)" = "1 not opted in" ]
	[ -z "$(texted)" ]
}

@test "after four refusals a message is deferred, and sent by the next run" {
	begin --fault 429=first:4
	echo 12025550000 >one
	run --separate-stderr send one
	[ "$status" -eq 75 ]
	[[ $output == "12025550000	deferred	"* ]]
	run --separate-stderr send one
	[ "$status" -eq 0 ]
	[[ $output == "12025550000	accepted	"* ]]
	[ "$(texted)" = 12025550000 ]
}

@test "wrong credentials stop the run with exit 77 and the provider's words" {
	export TOKEN=wrong
	begin
	run --separate-stderr send people
	[ "$status" -eq 77 ]
	[[ ${stderr_lines[-1]} == *"refuses to send"*20003* ]]
	[ "$(texted | wc -l)" -eq 0 ]
	[ "$(wc -l <<<"$output")" -eq 500 ]
	printf '%s\n' "$stderr" >err
	adds_up err
	[[ $stderr != *wrong* ]]
}

@test "a stopped run does not wait for a source that goes on" {
	export TOKEN=wrong
	begin
	mkfifo pipe
	rc-send -c sms -k spring -m Hello <pipe >out 2>err &
	pid=$!
	exec 7>pipe
	head -3 people >&7
	code=0
	wait "$pid" || code=$?
	exec 7>&-
	[ "$code" -eq 77 ]
	adds_up err
}

@test "a stopped run is taken up again once the credentials are right" {
	export TOKEN=wrong
	begin
	send <people >/dev/null 2>&1 || [ $? -eq 77 ]
	rc-channel remove sms --force </dev/null || skip "no --force"
	export TOKEN=sandbox-auth-token
	add_channel sms
	import <people
	rc-send -c sms -k summer -m Hello <people >out 2>/dev/null
	[ "$(outcomes out)" = "500 accepted" ]
}

@test "a provider that cannot be reached ends the run with exit 69" {
	start_sandbox
	SANDBOX=http://127.0.0.1:9 add_channel sms --concurrency 4
	seq 12025550000 12025550499 | tee people | import
	run --separate-stderr send people
	[ "$status" -eq 69 ]
	[[ ${stderr_lines[-1]} == *"cannot be reached"* ]]
	printf '%s\n' "$stderr" >err
	adds_up err
	printf '%s\n' "$output" | cut -f2 | sort -u | tr '\n' , >kinds
	[ "$(cat kinds)" = "deferred,not reached," ]
}

@test "a recipient without a needed variable is invalid, others go on" {
	begin
	cat >in <<-'END'
		{"to":"12025550000","vars":{"name":"Ada"}}
		{"to":"12025550001","vars":{}}
		12025550002
		{"to":"12025550003","vars":{"name":"Bob","n":3}}
	END
	run --separate-stderr rc-send -c sms -k v -m 'Hi ${name}' in
	[ "$status" -eq 0 ]
	[ "$(cut -f2 <<<"$output" | sort | tr '\n' ,)" = \
		accepted,accepted,invalid,invalid, ]
	[[ $stderr == *"line 2 of 'in': "*'${name}'* ]]
	[ "$(jq -r 'select(.event == "message").body' sandbox.ndjson |
		sort | tr '\n' ,)" = "Hi Ada,Hi Bob," ]
	run rc-send -c sms -k v -m 'Hi ${name}' --var name=you in
	[ "$status" -eq 0 ]
	[ "$(texted | wc -l)" -eq 4 ]
}

@test "a broken line in the middle is named, and others go on" {
	begin
	{ head -2 people; echo '{"to":"1202'; sed -n 3,4p people
	  echo hello; } >in
	run --separate-stderr send in
	[ "$status" -eq 0 ]
	[[ $stderr == *"line 3 of 'in'"*"line 6 of 'in'"* ]]
	[ "$(texted | wc -l)" -eq 4 ]
	printf '%s\n' "$output" >out
	[ "$(outcomes out)" = "4 accepted, 2 invalid" ]
}

@test "a number that would be read as another one is invalid" {
	begin
	echo '{"to":"1202555000.0"}' | send >out 2>err
	echo '+1 (0)2025550001' | send >>out 2>>err
	[ "$(outcomes out)" = "2 invalid" ]
	grep -q "'1202555000.0' is no phone number: spreadsheet decimals" err
	grep -q "'+1 (0)2025550001' is no phone number: leave out the (0)" err
	[ -z "$(texted)" ]
}

@test "a dry run tells what would happen and changes nothing" {
	begin
	head -10 people | send >/dev/null 2>&1
	rc-optin out -c sms 12025550010
	sum=$(sha256sum <state.mdb)
	lines=$(wc -l <sandbox.ndjson)
	{ cat people; head -12 people; echo nobody; } >in
	send -n in >out 2>err
	[ "$(outcomes out)" = \
		"20 already sent, 1 duplicate, 1 invalid, 2 not opted in, 489 would send" ]
	adds_up err
	rc-send -n -j -c sms -k new -m 'Hi ${User identifier}' in >out 2>err
	[ "$(jq -r 'select(.to == "12025550011" and .outcome == "would send")
		.rendered' out)" = "Hi 12025550011" ]
	[ "$sum" = "$(sha256sum <state.mdb)" ]
	[ "$lines" -eq "$(wc -l <sandbox.ndjson)" ]
}

# quiet FROM UNTIL: hours, so far from now, by the clocks of New York.
quiet() {
	TZ=America/New_York date -d "$1 hours" +%H:%M | tr '\n' -
	TZ=America/New_York date -d "$2 hours" +%H:%M
}

@test "whom quiet hours hold back is counted and taken by the next run" {
	begin
	echo 447700900123 >>people # five hours on
	import <people
	rc-channel set sms --quiet-hours "$(quiet -2 2)" >/dev/null
	run -75 --separate-stderr send -n people
	printf '%s\n' "$output" >dry
	[ "$(outcomes dry)" = "500 quiet, 1 would send" ]
	run -75 --separate-stderr send people
	printf '%s\n' "$output" >out
	printf '%s\n' "$stderr" >err
	[ "$(outcomes out)" = "1 accepted, 500 quiet" ]
	adds_up err
	grep -q '500 recipients are left' err
	[ "$(awk -F'\t' '$2 == "quiet" { print $3 $4 $5 }' out | sort -u)" = \
		America/New_York ]
	[ "$(texted)" = 447700900123 ]
	[ "$(rc-stats -j spring | jq .recipients)" = 1 ]
	rc-channel set sms --quiet-hours "$(quiet 3 4)" >/dev/null
	send people >out 2>err
	[ "$(outcomes out)" = "500 accepted, 1 already sent" ]
	[ "$(texted)" = "$(sort people)" ]
}

@test "nobody is claimed after the time for it" {
	begin
	run -75 --separate-stderr send -n \
		--not-after 2026-01-01T08:00:00+01:00 people
	printf '%s\n' "$output" >out
	[ "$(outcomes out)" = "500 not reached" ]
	run -75 --separate-stderr send --not-after 2026-01-01 people
	[[ $stderr == *"nothing is sent after 2026-01-01T00:00:00.000Z"* ]]
	[ "$(texted | wc -l)" -eq 0 ]
	# It would take 50 seconds.
	run -75 --separate-stderr send --rate 10 --not-after 1s people
	printf '%s\n' "$output" >out
	printf '%s\n' "$stderr" >err
	adds_up err
	grep -q 'not reached' err
	[ "$(awk -F'\t' '$2 == "accepted"' out | wc -l)" = \
		"$(texted | wc -l)" ]
	run -0 --separate-stderr send --not-after 1d people
	[ "$(texted)" = "$(cat people)" ]
}

@test "no other attempt is made after the time for it" {
	begin --fault 429:retry-after=4
	head -1 people >one
	run -75 --separate-stderr send --not-after 2s one
	[[ $stderr == *"nothing is sent after"* ]]
	# On a machine that needs so long to begin, not even one.
	[ "$(grep -c '"fault":"status"' sandbox.ndjson)" -le 1 ]
	[[ $output == *$'\tdeferred\t'* || $output == *"not reached"* ]]
}

@test "a time that is none is refused" {
	begin
	local time
	for time in soon 25h61 2026-02-30 -1h ''; do
		run send --not-after "$time" people
		err_is 64 --not-after
	done
	[ "$(texted | wc -l)" -eq 0 ]
}

@test "two senders at once keep the one rate of their channel" {
	begin
	head -40 people >some
	rc-channel set sms --rate 40 >/dev/null
	local begun=$EPOCHREALTIME pid
	rc-send -q -c sms -k one -m Hello some >one &
	pid=$!
	rc-send -q -c sms -k two -m Hello some >two
	wait "$pid"
	# 80 messages are 79 fortieths of a second, but for a short burst.
	awk -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN {
		exit !(b - a >= 79 / 40 - 0.1) }'
	[ "$(outcomes one) $(outcomes two)" = "40 accepted 40 accepted" ]
}

@test "without time zones a channel with quiet hours sends nothing" {
	begin
	rc-channel set sms --quiet-hours "$(quiet 3 4)" >/dev/null
	TZDIR=/nonexistent run send people
	err_is 78 "channel 'sms' has quiet hours: cannot read the time zone '/nonexistent/"
	TZDIR=/nonexistent run send -n people
	err_is 78 "package tzdata"
	[ "$(texted | wc -l)" -eq 0 ]
	TZDIR='' send people >out 2>/dev/null
	[ "$(outcomes out)" = "500 accepted" ]
}

@test "a dry run says the same as the run after it" {
	begin
	rc-optin out -c sms 12025550007
	{ cat people; head -20 people; echo x; seq 13035550000 13035550004; } >in
	send -n in >dry 2>/dev/null
	send in >wet 2>/dev/null
	[ "$(outcomes dry | tr , '\n' | sed 's/would send/accepted/; s/^ //' |
		sort)" = "$(outcomes wet | tr , '\n' | sed 's/^ //' | sort)" ]
}

@test "with stdout full what was sent is settled, and exit is 74" {
	begin
	run bash -c 'rc-send -c sms -k spring -m Hello people >/dev/full'
	err_is 74 "cannot write stdout"
	run --separate-stderr send people
	[ "$status" -eq 0 ]
	diff <(texted) people
	[[ $output != *unknown* ]]
}

@test "a reader that leaves stops the run after settling what was sent" {
	begin
	run bash -c 'rc-send -j -c sms -k spring -m Hello people 2>/dev/null |
		head -1 >/dev/null; echo "${PIPESTATUS[0]}"'
	[ "$output" = 141 ] || [ "$output" = 0 ]
	run --separate-stderr send people
	[ "$status" -eq 0 ]
	diff <(texted) people
	[[ $output != *unknown* ]]
}

@test "an interrupted run drains, and the next one finishes" {
	begin --fault latency=5ms
	foreground rc-send -c sms -k spring -m Hello --rate 50 \
		<people >out 2>err
	wait_for log_has 30
	kill -INT "$pid"
	code=0
	wait "$pid" || code=$?
	[ "$code" -eq 75 ]
	adds_up err
	absent '	unknown	' out
	send <people >out 2>err
	diff <(texted) people
}

@test "a run in the background of a script does not mind Ctrl-C" {
	begin --fault latency=5ms
	mkfifo pipe
	rc-send -c sms -k spring -m Hello <pipe >out 2>err &
	pid=$!
	exec 7>pipe
	head -30 people >&7
	wait_for log_has 30
	kill -INT "$pid"
	tail -n +31 people >&7
	exec 7>&-
	wait "$pid"
	diff <(texted) people
}

@test "a second signal leaves at once, and its claims become unknown" {
	begin --fault latency=20s
	head -3 people >in
	foreground rc-send -c sms -k spring -m Hello <in >out 2>err
	wait_for on_the_wire 3
	# Two at once may arrive as one.
	while kill -INT "$pid" 2>/dev/null; do
		pause 0.05
	done
	code=0
	wait "$pid" || code=$?
	[ "$code" -eq 75 ]
	adds_up err
	send <in >out 2>err || [ $? -eq 75 ]
	[ "$(cut -f2 out | sort -u)" = "already sent" ]
	[ "$(cut -f5 out | sort -u)" = unknown ]
	[[ $(cat err) == *"3 messages of a run that died are unknown"* ]]
	kill -9 "$SANDBOX_PID" # it would wait for its answers
	wait "$SANDBOX_PID" 2>/dev/null || :
}

@test "lines are sent as they come, half a line does not hold them back" {
	begin
	mkfifo pipe
	rc-send -c sms -k spring -m Hello <pipe >out 2>err &
	pid=$!
	exec 7>pipe
	printf '12025550000\n120255' >&7
	wait_for log_has 1
	printf '50001\n' >&7
	wait_for log_has 2
	exec 7>&-
	wait "$pid"
	[ "$(outcomes out)" = "2 accepted" ]
}

@test "each recipient gets a short link of their own" {
	begin
	head -20 people >in
	rc-send -c sms -k l -m 'See https://shop.example/a now' in >/dev/null 2>&1
	jq -r 'select(.event == "message").body' sandbox.ndjson >bodies
	[ "$(sort -u bodies | wc -l)" -eq 20 ]
	[ "$(grep -cE '^See https://s.example/[0-9A-Za-z]{8} now$' bodies)" \
		-eq 20 ]
	rc-send -c sms -k l2 --no-shorten \
		-m 'See https://shop.example/a now' in >/dev/null 2>&1
	jq -r 'select(.event == "message").body' sandbox.ndjson |
		grep -cx 'See https://shop.example/a now' >n
	[ "$(cat n)" -eq 20 ]
}

@test "a short link leads to the recipient's own expanded URL" {
	begin
	echo '{"to":"12025550001","vars":{"code":"A&B"}}' >in
	rc-send -c sms -k l -m 'https://shop.example/?c=${code}' in \
		>/dev/null 2>&1
	code=$(jq -r 'select(.event == "message").body' sandbox.ndjson |
		sed 's|.*/||')
	[ "${#code}" -eq 8 ]
	rc-shorten --expand "$code" >out
	grep -q 'https://shop.example/?c=A%26B' out
}

@test "without a short_base a URL is refused, with what to do" {
	start_sandbox
	rc-channel add sms --provider twilio --from +15005550006 \
		--account-sid AC00000000000000000000000000000000 \
		--auth-token env:TOKEN --base-url "$SANDBOX" </dev/null
	echo 12025550000 | import
	run send -k x -m 'https://shop.example/' <<<12025550000
	err_is 78 "--no-shorten"
	run send -k x --no-shorten -m 'https://shop.example/' <<<12025550000
	[ "$status" -eq 0 ]
}

@test "a text that nobody got may be mended under its name" {
	begin
	run --separate-stderr rc-send -c sms -k spring -m 'Hi ${nmae}' \
		<<<12025550000
	[[ $output == *'no value for ${nmae}'* ]]
	run rc-send -n -c sms -k spring -m 'Hi ${name:-you}' <<<12025550000
	[[ $output == *"1 would send"* ]]
	run rc-send -c sms -k spring -m 'Hi ${name:-you}' <<<12025550000
	[[ $output == *"1 accepted"* ]]
	run rc-send -c sms -k spring -m 'Hello' <<<12025550001
	err_is 78 "--amend"
	[ "$(texted | wc -l)" -eq 1 ]
}

@test "a template is named once in what is wrong with it" {
	begin
	printf 'Hi \351' >latin
	run rc-send -c sms -k spring -t latin people
	err_is 65 "rc-send: template: not UTF-8"
	run rc-send -c sms -k spring -m Hi --public-url r.example people
	err_is 64 "--public-url: 'r.example' is not a usable URL"
}

@test "a changed template needs --amend" {
	begin
	head -2 people | send >/dev/null 2>&1
	run rc-send -c sms -k spring -m 'Changed' people
	err_is 78 "--amend"
	run rc-send -n -c sms -k spring -m 'Changed' people
	err_is 78 "--amend"
	[ "$(texted | wc -l)" -eq 2 ]
	rc-send -c sms -k spring -m 'Changed' --amend people >out 2>/dev/null
	[ "$(outcomes out)" = "498 accepted, 2 already sent" ]
}

@test "who the provider says opted out is suppressed everywhere" {
	begin
	{ echo 'phone numbers'; echo 15005550004; } |
		rc-import -q -c sms --max-shrink 100 - >/dev/null
	run --separate-stderr send <<<15005550004
	[ "$status" -eq 0 ]
	[[ $output == "15005550004	rejected	"*21610* ]]
	[ "$(rc-optin list -c sms --suppressed)" = 15005550004 ]
	[ "$(rc-optin list -c sms --suppressed -j | jq -r .reason)" = refused ]
	[ "$(rc-optin log -c sms -j 15005550004 |
		jq -c 'select(.kind == "suppress") | [.source,.evidence]')" = \
		'["provider","campaign spring, error 21610"]' ]
	run --separate-stderr rc-send -c sms -k other -m x <<<15005550004
	[[ $output == "15005550004	suppressed	"* ]]
}

@test "a bad sender stops the run" {
	start_sandbox
	rc-channel add sms --provider twilio --from +15005550007 \
		--account-sid AC00000000000000000000000000000000 \
		--auth-token env:TOKEN --base-url "$SANDBOX" </dev/null
	seq 12025550000 12025550099 | tee people | import
	run --separate-stderr send people
	[ "$status" -eq 78 ]
	[[ ${stderr_lines[-1]} == *21606* ]]
}

@test "--max sends that many, the next run the rest" {
	begin
	run --separate-stderr send --max 120 people
	[ "$status" -eq 75 ]
	printf '%s\n' "$output" >out
	[ "$(outcomes out)" = "120 accepted, 380 not reached" ]
	[ "$(texted | wc -l)" -eq 120 ]
	send people >out 2>err
	[ "$(outcomes out)" = "380 accepted, 120 already sent" ]
	diff <(texted) people
}

@test "the channel's cap holds over campaigns" {
	start_sandbox
	rc-channel add sms --provider twilio --from +15005550006 --cap 2/24h \
		--account-sid AC00000000000000000000000000000000 \
		--auth-token env:TOKEN --base-url "$SANDBOX" </dev/null
	echo 12025550000 | import
	for k in a b c; do
		rc-send -c sms -k $k -m x <<<12025550000 >>out 2>/dev/null
	done
	[ "$(outcomes out)" = "2 accepted, 1 capped" ]
	[ "$(texted | wc -l)" -eq 2 ]
}

@test "people are found by dyid and by their own ids" {
	begin
	rc-identify add <<-'END' >/dev/null 2>&1
		{"user":{"dyid":"77","active_consent_accepted":true},"events":[{"name":"Login","properties":{"dyType":"login-v1","cuid":"u-1","cuidType":"crm","secondaryIdentifiers":[{"type":"phoneNumber","value":"12025550001"}]}}]}
	END
	printf '%s\n' '{"cuid":"u-1","cuidType":"crm"}' '{"dyid":"77"}' \
		'{"cuid":"u-2","cuidType":"crm"}' >in
	send in >out 2>err
	[ "$(outcomes out)" = "1 accepted, 1 duplicate, 1 unresolved" ]
	[ "$(texted)" = 12025550001 ]
	adds_up err
}

@test "a customer id is of its type, however the type is spelt" {
	begin
	rc-identify add <<-'END' >/dev/null 2>&1
		{"user":{"dyid":"1","active_consent_accepted":true},"events":[{"name":"Login","properties":{"dyType":"login-v1","cuid":"17","phoneNumber":"12025550001"}}]}
		{"user":{"dyid":"2","active_consent_accepted":true},"events":[{"name":"Login","properties":{"dyType":"login-v1","cuid":"17","cuidtype":"crm","phoneNumber":"12025550002"}}]}
	END
	printf 'shop,n\n17,crm\n' | rc-identify -q data feed --by crm
	printf 'cuid,n\n17,own\n' | rc-identify -q data other
	rc-send -n -j -k spring -m '${User data|feed|n:-}${User data|other|n:-}' >out 2>err <<-'END'
		{"cuid":"17","cuidtype":"crm"}
		{"cuid":"17","cuidtype":7}
	END
	[ "$(jq -r 'select(.outcome == "would send") | .to + .rendered' out)" = 12025550002crm ]
	[ "$(jq -r .outcome out | sort)" = $'invalid\nwould send' ]
	grep -q "line 2 of .*'cuidtype' is not a string with something in it" err
	rc-identify resolve --to phoneNumber '{"cuid":"17","cuidtype":"crm"}' >found
	[ "$(cat found)" = $'17\t12025550002' ]
}

@test "the cap counts a campaign that another process begins meanwhile" {
	start_sandbox
	add_channel sms --cap 1/24h
	add_people 3
	mkfifo input
	rc-send -q -k slow -m Hi input >slow &
	sending=$!
	PIDS+=("$sending")
	exec 7>input
	head -1 people >&7
	wait_for grep -q accepted slow
	rc-send -q -k quick -m Hi people >quick
	[ "$(outcomes quick)" = "2 accepted, 1 capped" ]
	cat people >&7
	exec 7>&-
	wait "$sending"
	[ "$(cut -f2 slow | paste -sd,)" = 'accepted,duplicate,capped,capped' ]
}

@test "an http channel sends its JSON document, the text escaped in it" {
	start_sandbox
	rc-channel add sms --provider http --url "$SANDBOX/json/none" \
		--id-pointer /id --cap none </dev/null
	echo 12025550000 | import
	printf '%s' '{"to":"+${User identifier}","text":"${Message text}"}' >p
	run send -k x <<<12025550000
	err_is 64 'a template'
	run send -t p <<<12025550000
	[ "$status" -eq 0 ]
	printf '%s' '{"to":"+${User identifier}","text":"x"}' >q
	run send -k y -t q <<<12025550000
	err_is 64 '${Message text}'
	rc-send -c sms -k z -t p -m 'say "hi"' <<<12025550000 >/dev/null 2>&1
	jq -r 'select(.event == "message").body' sandbox.ndjson | tail -1 |
		jq -e '.text == "say \"hi\""'
}

@test "an expired access token is renewed once and nobody is lost" {
	start_sandbox --token-ttl 2s
	export SECRET=sandbox-client-secret
	rc-channel add sms --provider http --url "$SANDBOX/json/bearer" \
		--auth oauth2 --token-url "$SANDBOX/oauth/token" --cap none \
		--client-id sandbox-client --client-secret env:SECRET \
		--id-pointer /id </dev/null
	seq 12025550000 12025550149 | tee people | import
	printf '%s' '{"to":"${User identifier}","text":"x"}' >p
	before=$(grep -c '"event":"token"' sandbox.ndjson)
	rc-send -c sms -k x -t p --rate 60 people >out 2>err
	[ "$(outcomes out)" = "150 accepted" ]
	[ "$(grep -c '"event":"token"' sandbox.ndjson)" -gt "$before" ]
	diff <(texted) people
}

@test "a token the provider forgot is renewed once for all" {
	export SECRET=sandbox-client-secret
	start_sandbox --listen "127.0.0.1:$(free_port)"
	rc-channel add sms --provider http --url "$SANDBOX/json/bearer" \
		--auth oauth2 --token-url "$SANDBOX/oauth/token" --cap none \
		--client-id sandbox-client --client-secret env:SECRET \
		--id-pointer /id </dev/null
	seq 12025550000 12025550099 | tee people | import
	printf '%s' '{"to":"${User identifier}","text":"x"}' >p
	# Another sandbox at the same address knows nothing of the token.
	kill "$SANDBOX_PID"
	wait "$SANDBOX_PID" || :
	rm sandbox.ndjson
	start_sandbox --listen "${SANDBOX#http://}"
	rc-send -c sms -k x -t p people >out 2>err
	[ "$(outcomes out)" = "100 accepted" ]
	diff <(texted) people
	[ "$(grep -c '"event":"token"' sandbox.ndjson)" -eq 1 ]
}

@test "delivery receipts are asked for under the public URL" {
	begin
	send --public-url https://r.example/ <<<12025550000 >out 2>/dev/null
	id=$(cut -f3 out)
	jq -r 'select(.event == "message").status_callback' sandbox.ndjson >url
	[ "$(cat url)" = "https://r.example/twilio/status/sms?m=$id" ]
}

@test "wrong options are refused before anything happens" {
	run rc-send -m x
	err_is 64 "-k CAMPAIGN is missing"
	run rc-send -k x
	err_is 64 "nothing to send"
	run rc-send -k x -m x --rate 0
	err_is 64 "'0'"
	run rc-send -k x -m x --max zero
	err_is 64 "'zero'"
	run rc-send -k x -m x --var name
	err_is 64 "NAME=VALUE"
	run rc-send -k x -t none.txt
	err_is 66 "none.txt"
	: >empty
	run rc-send -k x -t empty
	err_is 65 "empty"
}

@test "senders that amend each other's text never double, and all links lead on" {
	begin
	# The second one leaves the first nothing to do.
	rc-send -c sms -k spring -m 'A https://a.example/x' --rate 50 \
		<people >out1 2>err1 &
	first=$!
	wait_for log_has 20
	tac people | rc-send -c sms -k spring --amend \
		-m 'B https://b.example/y' >out2 2>err2 &
	second=$!
	wait "$first" || [ $? -eq 75 ]
	wait "$second" || [ $? -eq 75 ]
	diff <(texted) people
	adds_up err1
	adds_up err2
	[ "$(cat out1 out2 | grep -c '	accepted	')" -eq 500 ]
	jq -r 'select(.event == "message") | .body' sandbox.ndjson |
		sort >bodies
	[ "$(grep -c ^B bodies)" -gt 0 ]
	cut -d' ' -f2 bodies | rc-shorten --expand >expanded
	[ "$(wc -l <expanded)" -eq 500 ]
	[ "$(grep -c 'https://a.example/x' expanded)" -eq \
		"$(grep -c ^A bodies)" ]
	[ "$(grep -c 'https://b.example/y' expanded)" -eq \
		"$(grep -c ^B bodies)" ]
}

@test "a channel removed under a sender texts nobody any more and adds up" {
	begin --fault latency=20ms
	rc-send -c sms -k spring -m Hello --rate 50 <people >out 2>err &
	sender=$!
	wait_for log_has 10
	rc-channel remove --force sms </dev/null
	before=$(texted | wc -l)
	wait "$sender" || :
	adds_up err
	# Who was claimed before is still texted: at most what claims run ahead.
	[ "$(texted | wc -l)" -le $((before + 3 * 64)) ]
	[ -z "$(texted | uniq -d)" ]
	grep -q '	not opted in' out
}

@test "nobody is claimed while one of the files is not there" {
	begin
	run -66 --separate-stderr rc-send -c sms -k spring -m Hi people nosuch
	[ "$stderr" = "rc-send: cannot open 'nosuch': No such file or directory" ]
	[ -z "$output" ]
	run -66 rc-send -k spring --status
}

@test "a text for a channel of documents is refused with what to do" {
	begin
	run -64 rc-send -c sms -k spring -m "" people
	[[ $output = *'-m: the text is empty'* ]]
	rc-channel add push --url "$SANDBOX/json/none" </dev/null
	echo 'Hi {there}' >text
	run -65 rc-send -c push -k spring -t text people
	[[ $output = *"channel 'push' sends JSON"*'-t'*'${Message text}'* ]]
	run -65 rc-send -c push -k spring --variant a=text --variant b=text people
	[[ $output = *"variant 'a': a text is no document"* ]]
	echo '{"to":' >broken
	run -65 rc-send -c push -k spring -t broken people
	[[ $output = *'broken JSON at byte'* ]]
}

@test "a state replaced under a run ends it, and nobody is texted twice" {
	begin
	rc-channel set sms --concurrency 1
	# One on the wire and one claim ahead: nothing more is written then.
	kill -STOP "$SANDBOX_PID"
	rc-send -c sms -k spring -m Hi people >out 2>err &
	pid=$!
	PIDS+=("$pid")
	open_are() { [ "$(status open)" -eq "$1" ]; }
	wait_for open_are 2
	cp state.mdb new.mdb
	mv new.mdb state.mdb
	kill -CONT "$SANDBOX_PID"
	code=0
	wait "$pid" || code=$?
	[ "$code" -eq 75 ]
	grep -q "state.mdb' was replaced while it was in use: begin again" err
	adds_up err
	# Who was claimed may have got one.
	[ "$(outcomes out | grep -o '[0-9]* unknown')" = '2 unknown' ]
	rc-send -c sms -k spring -m Hi people >out 2>err || [ $? -eq 75 ]
	[ "$(outcomes out | grep -o '[0-9]* accepted')" = '498 accepted' ]
	[ -z "$(texted | uniq -d)" ]
}

@test "a clock set back while claims are written holds nobody up" {
	can_shift
	PEOPLE=40 begin
	local faults=$RC_BUILD/tests/fault
	CLOCK_SHIFT=$PWD/shift SLOW_MS=100 \
		LD_PRELOAD="$faults/slowdisk.so $faults/shiftclock.so" \
		rc-send -c sms -k spring -m Hi --rate 20 people >out 2>err &
	pid=$!
	PIDS+=("$pid")
	wait_for log_has 5
	echo -3600 >new
	mv new shift
	wait_for log_has 40
	wait "$pid"
	[ "$(outcomes out)" = '40 accepted' ]
}

@test "a claim that waited a minute is made anew, whatever the clock says" {
	can_shift
	PEOPLE=2 begin
	rc-channel set sms --concurrency 1
	kill -STOP "$SANDBOX_PID"
	MONO_SHIFT=$PWD/shift LD_PRELOAD=$RC_BUILD/tests/fault/shiftclock.so \
		rc-send -c sms -k spring -m Hi people >out 2>err &
	pid=$!
	PIDS+=("$pid")
	open_are() { [ "$(status open)" -eq 2 ]; }
	wait_for open_are
	rc-optin out -q -c sms 12025550001
	echo 60 >new
	mv new shift
	kill -CONT "$SANDBOX_PID"
	wait "$pid" || [ $? -eq 75 ]
	[ "$(cut -f1,2 out | grep 12025550001)" = \
		"12025550001	not opted in" ]
	[ "$(texted | grep -c 12025550001)" -eq 0 ]
}
