load helper
load send
bats_require_minimum_version 1.5.0

# What a text costs: segments, their limits, and typographic characters.

local_setup() {
	export TOKEN=sandbox-auth-token
}

# begin [CHANNEL-ARGS...]: sandbox, channel sms, ten people.
begin() {
	start_sandbox
	add_channel sms "$@"
	add_people 10
}

# http_channel: one that posts JSON, beside the other.
http_channel() {
	rc-channel add web --provider http --url "$SANDBOX/json/none" \
		--identifier phoneNumber --cap none --price 0.01 </dev/null
	{ echo 'phone numbers'; cat people; } | rc-import -q -c web - >/dev/null
}

# times N TEXT: TEXT N times.
times() {
	printf "%0$1d" 0 | sed "s/0/$2/g"
}

@test "a text of more segments than --max-segments is not sent, and says why" {
	begin
	jq -cn --arg long "$(times 170 x)" --arg odd "$(times 69 x)’$(times 70 x)" '
		{to: "12025550000", vars: {t: "short"}},
		{to: "12025550001", vars: {t: $long}},
		{to: "12025550002", vars: {t: $odd}}' >in
	run --separate-stderr rc-send -c sms -k a -m '${t}' --max-segments 1 in
	[ "$status" -eq 0 ]
	[ "$(cut -f1,2,5 <<<"$output" | sort)" = "12025550000	accepted	
12025550001	invalid	needs 2 segments, more than 1
12025550002	invalid	needs 3 segments, more than 1: first character outside GSM-7 is ’ (U+2019)" ]
	[[ $stderr == *"line 2 of 'in': needs 2 segments"* ]]
	[ "$(bodies)" = short ]
	rc-send -c sms -k a -m '${t}' --max-segments 2 in >out
	[ "$(outcomes out)" = "1 accepted, 1 already sent, 1 invalid" ]
	for wrong in 0 -1 x 256 ''; do
		run rc-send -c sms -k a -m x "--max-segments=$wrong" in
		err_is 64 "is no number of segments"
	done
}

@test "a text longer than the provider takes is refused before it is sent" {
	begin
	jq -cn --arg most "$(times 1600 ж)" --arg over "$(times 1601 ж)" '
		{to: "12025550000", vars: {t: $most}},
		{to: "12025550001", vars: {t: $over}},
		{to: "12025550002", vars: {t: ""}}' >in
	run rc-send -c sms -k a -m '${t}' in
	[[ $output == *"the text has 1601 characters: Twilio takes 1600"* ]]
	[[ $output == *"12025550002	invalid			the text is empty"* ]]
	[ "$(bodies | wc -m)" -eq 1601 ] # and a line feed
	http_channel
	echo '{"to":"${User identifier}","text":"${Message text}"}' >t.json
	jq -cn --arg most "$(times 17085 ж)" --arg over "$(times 17086 ж)" '
		{to: "12025550000", vars: {t: $most}},
		{to: "12025550001", vars: {t: $over}}' >in
	run rc-send -c web -k b -t t.json -m '${t}' in
	[[ $output == *"needs 256 segments, more than 255"* ]]
	[ "$(grep -c '	accepted	' <<<"$output")" -eq 1 ]
}

@test "--smart makes one segment of a text with typographic characters" {
	begin
	text="It’s “new” – only 1 000 €… ﬁne $(times 60 x)"
	run -0 rc-send -n -v -c sms -k a -m "$text" --max-segments 1 people
	[ "$(grep -c 'needs 2 segments' <<<"$output")" -ge 10 ]
	rc-send -c sms -k a -m "$text" --max-segments 1 --smart people \
		>out 2>err
	[ "$(outcomes out)" = "10 accepted" ]
	[ "$(cat err)" = "rc-send: 10 recipients = 10 accepted" ]
	[ "$(bodies | sort -u)" = \
		"It's \"new\" - only 1 000 €... fine $(times 60 x)" ]
	[ "$(jq -r 'select(.event == "message").segments // empty' \
		sandbox.ndjson | sort -u)" != 2 ]
}

@test "--smart changes values and templates, but no link, and no document" {
	begin
	echo '${Message text} – “${Campaign}”' >t
	echo '{"to":"12025550000","vars":{"name":"D’Arcy"}}' >in
	rc-send -c sms -k ’a’ -t t --smart \
		-m 'Hi ${name}: https://shop.example/–x…' in >/dev/null
	[[ $(bodies) =~ ^"Hi D'Arcy: https://s.example/"[0-9A-Za-z]{8}" -x... - \"'a'\""$ ]]
	http_channel
	echo '{"“to”":"${User identifier}","text":"${Message text}",
		"title":"“t”"}' >t.json
	rc-send -n -j -c web -k b -t t.json --smart -m 'It’s ${User identifier}' \
		people 2>/dev/null | jq -r .rendered | jq -c . | sort -u >out
	[ "$(head -1 out)" = \
		'{"“to”":"12025550000","text":"It'\''s 12025550000","title":"“t”"}' ]
}

@test "--smart leaves letters alone and says which keep a text UCS-2" {
	begin
	cat >in <<-'END'
		{"to":"12025550000","vars":{"n":"Łukasz Wał"}}
		{"to":"12025550001","vars":{"n":"François"}}
		{"to":"12025550002","vars":{"n":"Ewa Wał"}}
		{"to":"12025550003","vars":{"n":"D’Arcy"}}
		{"to":"13035550003","vars":{"n":"😀 not opted in"}}
	END
	rc-send -c sms -k a -m 'It’s you, ${n}' --smart in >out 2>err
	[ "$(outcomes out)" = "4 accepted, 1 not opted in" ]
	diff - <(bodies | sort) <<-'END'
		It's you, D'Arcy
		It’s you, Ewa Wał
		It’s you, François
		It’s you, Łukasz Wał
	END
	diff - <(sort err) <<-'END'
		rc-send: 5 recipients = 4 accepted + 1 not opted in
		rc-send: warning: 1 recipient's text stays UCS-2, 70 characters a segment, because of ç (U+00E7)
		rc-send: warning: 1 recipient's text stays UCS-2, 70 characters a segment, because of Ł (U+0141)
		rc-send: warning: 2 recipients' texts stay UCS-2, 70 characters a segment, because of ł (U+0142)
	END
}

@test "of many characters that keep texts UCS-2 twenty are named" {
	begin
	for n in {0..5}; do
		text=
		for i in {0..4}; do
			text+=$(printf "\\U$(printf %x $((0x4e00 + 5 * n + i)))")
		done
		echo "{\"to\":\"1202555000$n\",\"vars\":{\"t\":\"$text\"}}"
	done >in
	rc-send -c sms -k a -m '${t}' --smart in >out 2>err
	[ "$(outcomes out)" = "6 accepted" ]
	[ "$(grep -c 'because of' err)" -eq 20 ]
	[ "$(grep -c 'are not named' err)" -eq 1 ]
}

@test "what only the provider knows is neither counted nor changed" {
	begin
	http_channel
	echo '{"to":"${User identifier}","text":"It’s"}' >t.json
	for option in --smart --max-segments=1; do
		run rc-send -c web -k a -t t.json "$option" people
		err_is 64 'only the provider knows which part of the template'
	done
	# Of unknown size, it is one segment.
	run rc-send -c web -k a -t t.json --max-cost 0.035 people
	[ "$status" -eq 75 ]
	[ "$(grep -c '	accepted	' <<<"$output")" -eq 3 ]
}

@test "--max-cost is never passed, and is counted without drift" {
	begin --price 0.1
	run --separate-stderr rc-send -c sms -k a -m x --max-cost 0.3 people
	[ "$status" -eq 75 ]
	[ "$(bodies | wc -l)" -eq 3 ]
	[[ $stderr == *"stopped at an estimated cost of 0.3: the next message would pass 0.3"* ]]
	[[ $stderr == *"10 recipients = 3 accepted + 7 not reached"* ]]
	# Of each run; who has the message costs nothing.
	run rc-send -c sms -k a -m x --max-cost 0.39999 people
	[ "$status" -eq 75 ]
	[ "$(bodies | wc -l)" -eq 6 ]
	run -0 rc-send -c sms -k a -m x --max-cost 0.4 people
	[ "$(bodies | wc -l)" -eq 10 ]
}

@test "--max-cost counts segments, and stops at the first that does not fit" {
	begin --price 0.0079
	jq -nc --arg long "$(times 161 x)" '
		{to: (range(12025550000; 12025550004) | tostring),
			vars: {t: "x"}},
		{to: "12025550004", vars: {t: $long}},
		{to: (range(12025550005; 12025550010) | tostring),
			vars: {t: "x"}}' >in
	run --separate-stderr rc-send -n -c sms -k a -m '${t}' \
		--max-cost 0.0473 in
	[ "$status" -eq 75 ]
	[[ $stderr == *"= 6 not reached + 4 would send"* ]]
	run --separate-stderr rc-send -c sms -k a -m '${t}' \
		--max-cost 0.0473 in
	[ "$status" -eq 75 ]
	[[ $stderr == *"= 4 accepted + 6 not reached"* ]]
	[[ $stderr == *"cost of 0.0316: the next message would pass 0.0473"* ]]
}

@test "another attempt costs nothing more" {
	start_sandbox --fault 429=first:2
	add_channel sms --price 1
	add_people 5
	mkfifo pipe
	rc-send -c sms -k a -m x --max-cost 4 <pipe >out 2>err &
	pid=$!
	PIDS+=("$pid")
	exec 7>pipe
	head -2 people >&7
	wait_for eval '[ "$(bodies | wc -l)" -eq 2 ]'
	tail -3 people >&7
	exec 7>&-
	code=0
	wait "$pid" || code=$?
	[ "$code" -eq 75 ]
	[[ $(cat err) == *"5 recipients = 4 accepted + 1 not reached"* ]]
}

@test "--max-cost needs a price, and an amount that can be counted" {
	begin
	run rc-send -c sms -k a -m x --max-cost 1 people
	err_is 78 "channel 'sms' has no price to count the cost with"
	rc-channel set sms --price 0.0000000011 </dev/null >/dev/null
	run rc-send -c sms -k a -m x --max-cost 1 people
	err_is 78 "at most 9 decimals"
	for wrong in 0 0.0 -1 1e3 1,5 '' . 0.0000000001 99999999999; do
		run rc-send -c sms -k a -m x "--max-cost=$wrong" people
		err_is 64 "is no cost"
	done
	[ "$(bodies | wc -l)" -eq 0 ]
}
