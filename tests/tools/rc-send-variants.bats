load helper
load send

# People 12025550000 and up, who all opted in, a sandbox that remembers what it
# was asked to send, and two texts that tell themselves apart.

PEOPLE=500

local_setup() {
	export TOKEN=sandbox-auth-token
	echo 'Short https://shop.example/' >short
	echo 'Long https://shop.example/ https://shop.example/?to=${User identifier}' \
		>long
	AB=(--variant short=short:3 --variant long=long)
}

# begin [SANDBOX-ARGS...]: sandbox, channel sms, list of $PEOPLE people.
begin() {
	start_sandbox "$@"
	add_channel sms --short-base "${HTTPD:-https://s.example}"
	add_people "$PEOPLE"
}

send() {
	rc-send -k spring "${AB[@]}" "$@"
}

# Number and first word of each message the provider took, sorted.
texts() {
	jq -r 'select(.event == "message") |
		[(.to | ltrimstr("+")), (.body | ascii_downcase | .[:5])] |
		@tsv' sandbox.ndjson | sed 's/ $//' | sort
}

nobody_twice() {
	[ -z "$(texts | cut -f1 | uniq -d)" ]
}

# given FILE [OUTCOME]: number and variant of its records, sorted.
given() {
	awk -F'\t' -v want="${2-}" 'want == "" || $2 == want {
		print $1 "\t" $6 }' "$1" | sort
}

ids() { # FILE OUTCOME: number and message id
	awk -F'\t' -v want="$2" '$2 == want { print $1 "\t" $3 }' "$1" | sort
}

stat() { # FILTER over the rows by variant
	rc-stats -j --by variant spring | jq -cs "$1"
}

# The rows by variant add up to the campaign's own.
variants_add_up() {
	rc-stats -j spring >all
	rc-stats -j --by variant spring | jq -es --slurpfile all all '
		[["recipients", "accepted", "rejected", "deferred", "unknown",
		  "held", "open", "delivered", "undelivered", "segments",
		  "clickers"][] as $n | (map(.[$n]) | add) == $all[0][$n]] | all'
}

@test "everybody gets the text of their variant, whatever order, run or process" {
	begin
	send -n people >dry 2>balance
	shuf people | send -n - >shuffled 2>/dev/null
	diff <(given dry) <(given shuffled)
	head -100 people | send >first 2>/dev/null
	shuf people | rc-send -k spring --variant long=long:1 \
		--variant short=short:3 >second 2>/dev/null &
	PIDS+=($!)
	shuf people | send >third 2>/dev/null || [ $? -eq 75 ]
	wait "${PIDS[-1]}" || [ $? -eq 75 ]
	cat first second third >all
	diff <(given dry) <(given all accepted)
	diff <(given dry) <(texts)
	# Far from chance if it were not three to one.
	[ "$(given dry | grep -c short)" -ge 330 ]
	[ "$(given dry | grep -c short)" -le 420 ]
	send people >again 2>balance
	[ "$(cat balance)" = 'rc-send: 500 recipients = 500 already sent' ]
	diff <(given dry) <(given again)
	[ "$(texts | wc -l)" -eq 500 ]
}

@test "another campaign holds back others" {
	local n
	begin
	for n in spring summer; do
		rc-send -n -k $n -m Hello --holdout 30 people 2>/dev/null |
			awk -F'\t' '$2 == "held" { print $1 }' | sort >$n
		[ "$(wc -l <$n)" -ge 100 ]
		[ "$(wc -l <$n)" -le 200 ]
	done
	n=$(comm -12 spring summer | wc -l)
	[ "$n" -gt 0 ]
	[ "$n" -lt 90 ]
}

@test "who is held back is never texted, also without the holdout" {
	begin
	send -n --holdout 12.5 people >dry 2>/dev/null
	send --holdout 12.5 people >sent 2>balance
	diff <(given dry held) <(given sent held)
	n=$(given sent held | wc -l)
	[ "$n" -ge 30 ]
	ids sent held >ids
	[ "$(cat balance)" = "rc-send: 500 recipients = $((500 - n)) accepted + $n held" ]
	[ "$(awk -F'\t' '$2 == "held" && $3 == ""' sent | wc -l)" -eq 0 ]
	send --holdout 12.50 people >again 2>balance
	[ "$(cat balance)" = "rc-send: 500 recipients = $n held + $((500 - n)) already sent" ]
	run --separate-stderr send people
	[ "$status" -eq 78 ]
	[[ $stderr == *"other variants or another holdout"*"--amend"* ]]
	for amended in '' '-n'; do
		send --amend $amended people >again 2>balance
		[ "$(tail -1 balance)" = "rc-send: 500 recipients = $n held + $((500 - n)) already sent" ]
		diff <(given sent held) <(given again held)
		diff ids <(ids again held)
	done
	rc-send -k spring --amend --variant new=short people >again \
		2>balance
	diff <(given sent held) <(given again held)
	send -n -v --amend people 2>/dev/null | awk -F'\t' '$2 == "held"' |
		head -1 | cut -f5 | grep -q '^since 20.*Z$'
	rc-send -k spring --amend -m 'Quite another text' people >again 2>balance
	[ "$(cat balance)" = "rc-send: 500 recipients = $n held + $((500 - n)) already sent" ]
	[ "$(texts | wc -l)" -eq $((500 - n)) ]
	[ "$(stat 'map(.held) | add')" -eq "$n" ]
	variants_add_up
}

@test "only who would have been texted is held, and stays so without consent" {
	local held
	begin
	rc-send -n -k spring -m Hello --holdout 50 people 2>/dev/null |
		awk -F'\t' '$2 == "held" { print $1 }' >held
	rc-optin out -q "$(head -1 held)"
	rc-send -k spring -m Hello --holdout 50 people 2>/dev/null >sent
	[ "$(grep "$(head -1 held)" sent | cut -f2)" = 'not opted in' ]
	[ "$(rc-stats -j spring | jq .held)" -eq $(($(wc -l <held) - 1)) ]
	rc-optin out -q "$(tail -1 held)"
	rc-optin in -q "$(head -1 held)"
	rc-send -k spring -m Hello --holdout 50 held >sent 2>balance
	held=$(wc -l <held)
	[ "$(cat balance)" = "rc-send: $held recipients = $held held" ]
	{ head -1 held; head -1 held; } |
		rc-send -k spring -m Hello --holdout 50 >sent 2>balance
	[ "$(cat balance)" = "rc-send: 2 recipients = 2 held" ]
	echo 12025559999 >stranger
	rc-optin in -q 12025559999
	{ cat stranger stranger; } | rc-send -k summer -m Hello --holdout 99.99 \
		2>balance >sent
	[ "$(cut -f2 sent | xargs)" = 'held duplicate' ]
}

@test "the holdout takes neither rate nor the limit of a run" {
	begin
	rc-send -k spring -m Hello --holdout 90 --rate 1000 --max 5 people \
		>sent 2>balance || [ $? -eq 75 ]
	[ "$(texts | wc -l)" -eq 5 ]
	[ "$(awk -F'\t' '$2 == "held"' sent | wc -l)" -gt 5 ]
	rc-send -n -k summer -m Hello --holdout 50 people 2>/dev/null |
		awk -F'\t' '$2 == "held" { print $1 }' >held
	# With a rate of their own they would take hours.
	timeout 60 rc-send -k summer -m Hello --holdout 50 --rate 0.01 held \
		>sent 2>balance
	[ "$(cut -f2 sent | sort -u)" = held ]
}

@test "rc-stats by variant equals a recount of the records" {
	local variant outcome
	start_httpd
	PEOPLE=200
	begin --callback "$HTTPD" --fault 400:20%
	head -20 people | rc-send -q -k spring -m 'Plain https://shop.example/' \
		--public-url "$HTTPD" >plain || :
	send --amend --holdout 20 --public-url "$HTTPD" people >sent 2>balance
	[ "$(given sent 'already sent' | cut -f2 | sort -u)" = '' ]
	delivered() { [ "$(stat 'map(.delivered) | add')" = "$(stat 'map(.accepted) | add')" ]; }
	wait_for delivered
	[ "$(awk -F'\t' '$2 == "rejected"' sent | wc -l)" -gt 0 ]
	for variant in Short:3 Plain:1; do
		jq -r 'select(.event == "message").body' sandbox.ndjson |
			grep "^${variant%:*}" | head "-${variant#*:}" |
			grep -o 'http[^ ]*'
	done >links
	[ "$(wc -l <links)" -eq 4 ]
	xargs -n1 curl -s -o /dev/null -A 'Mozilla/5.0 (iPhone)' <links
	for variant in short long; do
		for outcome in accepted rejected held; do
			[ "$(stat ".[] | select(.variant == \"$variant\").$outcome")" -eq \
				"$(given sent $outcome | grep -c "$variant$")" ]
		done
	done
	[ "$(stat 'map([.variant, .weight, .clickers])')" = \
		'[["short",3,3],["long",1,0],["",0,1]]' ]
	[ "$(stat '.[0] | .ctr == .clickers / .accepted')" = true ]
	[ "$(stat '.[1] | .segments == .accepted and .unknown == 0')" = true ]
	variants_add_up
	kill "$HTTPD_PID"
	wait "$HTTPD_PID" || :
	variants_add_up
}

@test "killed at any moment, nobody held is texted and the variants add up" {
	local n
	begin --fault latency=5ms-20ms
	# What kills make unknown must leave somebody to wait for.
	rc-channel set sms --concurrency 4
	send -n --holdout 20 people 2>/dev/null >dry
	for ((n = 0; n < 10; n++)); do
		hold_open people
		rc-send -k spring "${AB[@]}" --holdout 20 <held \
			>/dev/null 2>&1 &
		wait_for log_has $((20 * n + 1 + RANDOM % 20))
		kill -9 $!
		wait $! || :
		variants_add_up
	done
	send --holdout 20 people >sent 2>balance || [ $? -eq 75 ]
	send --holdout 20 people >sent 2>balance || [ $? -eq 75 ]
	nobody_twice
	diff <(given dry held) <(given sent held)
	[ -z "$(comm -12 <(given dry held | cut -f1) <(texts | cut -f1))" ]
	[ -z "$(comm -13 <(given dry 'would send') <(texts))" ]
	variants_add_up
	[ "$(rc-stats -j spring | jq .recipients)" -eq 500 ]
}

@test "changed weights text nobody twice, and the deferred keep their variant" {
	PEOPLE=100
	begin --fault 429:retry-after=100:50%
	send people >sent 2>balance || [ $? -eq 75 ]
	given sent deferred >deferred
	[ "$(wc -l <deferred)" -gt 2 ]
	texts >before
	start_sandbox
	rc-channel set sms --base-url "$SANDBOX"
	rc-send -k spring --amend --variant short=short:1 --variant long=long:30 \
		--variant new=short:30 people >sent 2>balance
	[ -z "$(texts | cut -f1 | comm -12 - <(cut -f1 before))" ]
	diff deferred <(given sent accepted)
	diff deferred <(texts)
	variants_add_up
}

@test "a variant that was dropped is counted on, its deferred get another" {
	PEOPLE=100
	begin --fault 429:retry-after=100:50%
	send people >sent 2>balance || [ $? -eq 75 ]
	given sent deferred >deferred
	texts >before
	start_sandbox
	rc-channel set sms --base-url "$SANDBOX"
	rc-send -k spring --amend --variant other=short people >sent 2>balance
	[ "$(given sent accepted | cut -f2 | sort -u)" = other ]
	[ "$(given sent 'already sent')" = "$(cat before)" ]
	[ "$(stat 'map([.variant, .weight])')" = \
		'[["short",0],["long",0],["other",1]]' ]
	variants_add_up
	rc-send -k spring --amend -m Hello people >sent 2>balance
	[ "$(cat balance)" = 'rc-send: 100 recipients = 100 already sent' ]
	rc-optin in -q 12025559999
	echo 12025559999 | rc-send -k spring -m Hello >sent 2>balance
	[ "$(stat '.[3] | [.variant, .weight, .recipients]')" = '["",0,1]' ]
	variants_add_up
}

@test "with a template a variant is its text, and each has its own links" {
	PEOPLE=40
	start_httpd
	begin
	echo 'All: ${Message text} Bye' >frame
	send -t frame people >sent 2>balance
	[ "$(jq -r 'select(.event == "message").body' sandbox.ndjson |
		grep -cE '^All: (Short|Long) .* Bye$')" -eq 40 ]
	# URLs that texts share are one link.
	rc-shorten --list -j | jq -r .url | sort | uniq -c >links
	[ "$(wc -l <links)" -eq 2 ]
	[ "$(awk '{ print $1 }' links | sort -u | wc -l)" -eq 1 ]
	link=$(jq -r 'select(.event == "message").body' sandbox.ndjson |
		sed -n 's/^All: Long [^ ]* \([^ ]*\) Bye$/\1/p' | head -1)
	[[ $(curl -s -o /dev/null -w '%{redirect_url}' "$link") == \
		https://shop.example/?to=1202555* ]]
	run --separate-stderr send -t frame -m Text people
	[ "$status" -eq 64 ]
	[[ $stderr == *"with a template, the variants are the message text"* ]]
}

@test "without a template a variant is one, with a place for the text" {
	PEOPLE=4
	begin
	echo 'Dear: ${Message text}' >dear
	rc-send -k spring --variant dear=dear -m 'Hello' people >sent 2>balance
	[ "$(jq -r 'select(.event == "message").body' sandbox.ndjson |
		sort -u)" = 'Dear: Hello' ]
	run --separate-stderr rc-send -k summer --variant dear=dear \
		--variant short=short -m Hello people
	[ "$status" -eq 64 ]
	[[ $stderr == *"variant 'short': "*'no ${Message text}'* ]]
}

@test "the records name the variant only when there are any" {
	PEOPLE=2
	begin
	rc-send -n -k spring -m Hello people >plain 2>/dev/null
	[ "$(head -1 plain | tr -cd '\t' | wc -c)" -eq 4 ]
	rc-send -n -j -k spring -m Hello people 2>/dev/null |
		jq -e 'has("variant") | not'
	rc-send -n -v -k spring --variant a=short --no-shorten people \
		2>/dev/null >dry
	[ "$(head -1 dry | cut -f2,6,7)" = \
		$'would send\ta\tShort https://shop.example/' ]
	echo hello | rc-send -n -j -k spring --variant a=short 2>/dev/null |
		jq -e '.outcome == "invalid" and .variant == ""'
}

# refused CODE TEXT ARGS...: one clear line, and nothing is sent.
refused() {
	local code=$1 text=$2
	shift 2
	run --separate-stderr rc-send -k spring "$@" people
	[ "$status" -eq "$code" ] || { echo "$* exits $status: $stderr"; return 1; }
	[[ $stderr == *"$text"* ]] || { echo "$*: no '$text' in $stderr"; return 1; }
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	[ -z "$output" ]
}

@test "wrong variants and holdouts are refused with one clear line" {
	local n many=()
	PEOPLE=1
	begin
	: >empty
	echo 'Hello ${name' >broken
	cp short 'with:colon'
	refused 64 "'short' is no variant" --variant short
	refused 64 "'=short' is no variant" --variant =short
	refused 64 "'a=' is no variant" --variant a=
	refused 64 "'a b' is no name of a variant" --variant 'a b=short'
	refused 64 'is no name of a variant' \
		--variant "$(printf '%033d' 0)=short"
	refused 64 "variant 'a' is given twice" --variant a=short \
		--variant a=long
	refused 64 'a weight is a whole number from 1' --variant a=short:0
	refused 64 'a weight is a whole number from 1' --variant a=short:1000001
	refused 64 'a weight is a whole number from 1' \
		--variant a=short:99999999999999999999
	for n in {1..101}; do many+=(--variant "v$n=short"); done
	refused 64 'more than 100 variants' "${many[@]}"
	refused 66 'missing' --variant a=missing
	refused 66 'short:x' --variant a=short:x
	refused 65 "'empty' is empty" --variant a=empty
	refused 65 "variant 'b': " --variant a=short --variant b=broken
	for n in 0 100 -1 101 0.001 12.345 x '' nan inf 1e400; do
		refused 64 'is no holdout' -m Hello --holdout "$n"
	done
	refused 64 'nothing to send' --holdout 5
	rc-send -q -k spring --variant a=with:colon:2 people
	refused 78 'another template' -m Hello
	refused 78 'other variants' --variant a=with:colon
	refused 78 'other variants' --variant b=with:colon:2
	refused 78 'another holdout' --variant a=with:colon:2 --holdout 1
	[ "$(texts | wc -l)" -eq 1 ]
}
