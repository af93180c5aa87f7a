load helper
load send

# What a dry run tells beyond the outcomes: why, how much, how long, what.

local_setup() {
	export TOKEN=sandbox-auth-token
	SANDBOX=http://127.0.0.1:9 # that nobody is sent to, until one is started
}

dry() { rc-send -n -k spring -m Hello "$@"; }

# detail NUMBER: of that person's record in "out", times as T.
detail() {
	awk -F'\t' -v to="$1" '$1 == to { print $5 }' out |
		sed -E 's/[0-9-]{10}T[0-9:.]{12}Z/T/g'
}

# --- why ---------------------------------------------------------------------

@test "who is not opted in: whether never, no more on the list, or by what event" {
	add_channel sms
	printf '%s\n' 12025550001 12025550002 12025550003 12025550006 | import
	rc-optin -q out --source 'web form' 12025550003
	rc-optin -q out --source shop 12025550006
	printf '%s\n' 12025550001 12025550005 | import
	rc-optin -q out 12025550001
	seq 12025550001 12025550006 >people
	dry -v people >out 2>err
	[ "$(detail 12025550002)" = "removed by the sync of T" ]
	[ "$(detail 12025550003)" = "opted out T by web form" ]
	[ "$(detail 12025550001)" = "opted out T by rc-optin" ]
	[ "$(detail 12025550004)" = "never opted in" ]
	[ "$(detail 12025550005)" = "" ]
	rc-import -q --undo >/dev/null
	dry -v people >out 2>err
	[ "$(detail 12025550005)" = "removed when a sync was taken back T" ]
}

@test "who is suppressed: since when, and what the provider or the person said" {
	start_sandbox
	add_channel sms
	rc-optin -q in 15005550004
	echo 15005550004 | rc-send -q -k first -m Hello >sent
	dry -v - <<<15005550004 >out 2>err
	[ "$(detail 15005550004)" = \
		"since T: refused (provider: campaign first, error 21610)" ]
}

@test "who is capped: how many got through in the window, and when the next may" {
	start_sandbox
	add_channel sms
	rc-channel set sms --cap 2/1h >set
	rc-optin -q in 12025550001
	for name in a b c; do
		rc-send -q -k "$name" -m Hello - <<<12025550001 >sent
	done
	dry -v - <<<12025550001 >out 2>err
	[ "$(detail 12025550001)" = "2 since T, the next from T" ]
	next=$(sed 's/.*from //; s/	.*//' out)
	left=$(($(date -d "$next" +%s) - $(date +%s)))
	[ "$left" -gt 3400 ]
	[ "$left" -le 3602 ]
}

@test "where it is quiet: the zone, what its clocks show, and when it opens" {
	from=$(TZ=America/New_York date -d '-2 hours' +%H:%M)
	until=$(TZ=America/New_York date -d '2 hours' +%H:%M)
	add_channel sms --quiet-hours "$from-$until"
	rc-optin -q in 12125550100 881612345678
	run -75 --separate-stderr dry -v - <<<$'12125550100\n881612345678'
	printf '%s\n' "$output" >out
	[[ $(detail 12125550100) =~ \
		^America/New_York\ [0-9]{2}:[0-9]{2},\ opens\ T$ ]]
	opens=$(sed -n 's/.*opens \([^	]*\).*/\1/p' out | head -1)
	[ "$(TZ=America/New_York date -d "$opens" +%H:%M)" = "$until" ]
	[ "$(detail 881612345678)" = "no known place, never opens" ]
}

@test "who has a message: its state, when, and the provider's id" {
	start_sandbox
	add_channel sms
	rc-optin -q in 12025550001
	rc-send -q -k spring -m Hello - <<<12025550001 >sent
	dry -j - <<<12025550001 >out 2>err
	jq -r .detail out | sed -E 's/[0-9-]{10}T[0-9:.]{12}Z/T/g' >detail
	[ "$(cat detail)" = \
		"accepted T, claimed T, provider id $(cut -f4 sent)" ]
	[ "$(jq -r .message_id out)" = "$(cut -f3 sent)" ]
}

@test "a duplicate names the line that came first, over all files" {
	add_channel sms
	seq 12025550001 12025550009 | import
	rc-optin -q in 13035550001
	printf '\n%s\n' 12025550001 13035550001 >one
	printf '%s\n\n' 12025550002 12025550001 13035550001 12025550002 >two
	dry -v one two >out 2>err
	[ "$(awk -F'\t' '$2 == "duplicate" { print $1, $5 }' out)" = \
"12025550001 first on line 2
13035550001 first on line 4
12025550002 first on line 5" ]
}

@test "without -v and -j nobody looks for reasons" {
	add_channel sms
	echo 12025550001 | import
	printf '%s\n' 12025550001 12025550001 12025550002 >in
	dry in >out 2>err
	[ "$(cut -f2,5- out)" = $'would send\t\nduplicate\t\nnot opted in\t' ]
}

# --- the forecast ------------------------------------------------------------

# said LABEL: what the summary in "err" says behind a label, times as T.
said() {
	sed -nE "s/^  $1 +//p" err | sed -E 's/[0-9-]{10}T[0-9:.]{12}Z/T/g'
}

@test "the summary counts texts, segments, cost and time" {
	add_channel sms --price 0.0079 --rate 50
	seq 12025550000 12025550999 | import
	{
		seq 12025550000 12025550899
		seq 12025550900 12025550989 |
			jq -c '{to:tostring,vars:{name:"Łukasz"}}'
		seq 12025550990 12025550999 | jq -c '{to:tostring,vars:{name:
			("’" + "x" * 70)}}'
		echo 12025550000
	} >in
	rc-send -n -k spring -m 'Hi ${name:-you}' in >out 2>err
	head -9 err >block
	cat >expected <<-'END'
		rc-send: dry run of campaign 'spring' on channel 'sms':
		  would send  1000 of 1001 recipients
		  GSM-7       900 texts of 1 segment
		  UCS-2       90 texts of 1 segment
		  UCS-2       10 texts of 2 segments
		  because of  Ł (U+0141) in 90, ’ (U+2019) in 10
		  segments    1010
		  cost        7.979 at 0.0079 a segment
		  duration    20 s at 50 a second
	END
	diff expected block
	[ "$(tail -1 err)" = \
		"rc-send: 1001 recipients = 1 duplicate + 1000 would send" ]
	rc-send -n -k spring -m Hi --rate 0.01 in >out 2>err
	[ "$(said duration)" = "1 d 3 h at 0.01 a second" ]
}

@test "samples are of different sizes and cannot steer the terminal" {
	add_channel sms
	seq 12025550000 12025550009 | import
	{
		seq 12025550000 12025550006
		printf '{"to":"12025550008","vars":{"name":"a\\u001b[2Jb\\nc"}}\n'
		printf '{"to":"12025550009","vars":{"name":"Łukasz"}}\n'
	} >in
	rc-send -n -k spring -m 'Hi ${name:-you}' in >out 2>err
	sed -n '/samples/,/^rc-send/p' err >samples
	cat >expected <<-'END'
		  samples     12025550000, GSM-7, 1 segment:
		              Hi you
		              12025550008, UCS-2, 1 segment:
		              Hi a?[2Jb
		              c
		              12025550002, GSM-7, 1 segment:
		              Hi you
		rc-send: 9 recipients = 9 would send
	END
	diff expected samples
}

@test "without a price nothing costs, without a text nothing is counted" {
	rc-channel add push --provider http --url http://127.0.0.1:9/x \
		--auth none --concurrency 7 </dev/null
	rc-optin -q in 12025550001
	echo '{"to":"${User identifier}"}' >push.json
	rc-send -n -k spring -t push.json - <<<12025550001 >out 2>err
	[[ $(said segments) == "not known"* ]]
	[ -z "$(said cost)" ]
	[ "$(said duration)" = \
		"without a rate: as fast as 7 requests at once are answered" ]
	rc-channel set push --price 0.05 >set
	rc-send -n -k spring -t push.json - <<<12025550001 >out 2>err
	[ "$(said cost)" = "at least 0.05 at 0.05 a segment" ]
}

@test "the summary tells who came and went since the last run" {
	start_sandbox
	add_channel sms
	seq 12025550000 12025550099 | import
	seq 12025550000 12025550109 >people
	dry people >out 2>err
	absent 'last run|since then' err
	head -50 people | rc-send -q -k spring -m Hello >sent
	seq 12025550090 12025550093 | rc-optin -q out -
	seq 12025550100 12025550102 | rc-optin -q in -
	rc-optin -q in 13035550000 # is not on the input
	dry people >out 2>err
	[ "$(said 'last run')" = "T, with the same text" ]
	[ "$(said 'since then')" = "3 opted in and 4 withdrew of these; 46 more have no message yet" ]
	seq 12025550000 12025550091 | import # 90 and 91 are in again
	tac people >in
	rc-send -n -k spring -m Changed --amend in >out 2>err
	[ "$(said 'last run')" = "T, with another text" ]
	[ "$(said 'since then')" = "2 opted in and 11 withdrew of these; 40 more have no message yet" ]
}

@test "the summary tells who waits for quiet hours, and until when" {
	from=$(TZ=America/New_York date -d '-2 hours' +%H:%M)
	until=$(TZ=America/New_York date -d '2 hours' +%H:%M)
	add_channel sms --quiet-hours "$from-$until"
	seq 12125550100 12125550102 | rc-optin -q in - 881612345678 447700900123
	{ seq 12125550100 12125550102; echo 881612345678; echo 447700900123; } >in
	run -75 --separate-stderr dry in
	printf '%s\n' "$stderr" >err
	[ "$(said wait)" = "3 until T, 1 at all times" ]
	[ "$(said 'quiet hours')" = "$from-$until" ]
	[ "$(said 'would send')" = "1 of 5 recipients" ]
}

@test "the summary names variants and limits" {
	add_channel sms --cap 3/7d --price 0.1
	seq 12025550000 12025550099 | import
	seq 12025550000 12025550099 >people
	echo 'Hi from A' >a
	echo 'Hi from B' >b
	run -75 --separate-stderr rc-send -n -k spring --variant one=a \
		--variant two=b:3 --max 50 --max-cost 100 people
	printf '%s\n' "$stderr" >err
	[ "$(said cap)" = "3 a person in 7 d" ]
	[ "$(said --max)" = 50 ]
	[ "$(said --max-cost)" = 100 ]
	[[ $(said variants) =~ ^([0-9]+)\ texts?\ of\ \'one\'$ ]]
	one=${BASH_REMATCH[1]}
	grep -qx "              $((50 - one)) texts of 'two'" err
	grep -q "1 segment, 'one':" err
	grep -q "1 segment, 'two':" err
}

@test "-q silences the summary, -j leaves it on stderr" {
	add_channel sms
	rc-optin -q in 12025550001 12025550002
	printf '%s\n' 12025550001 12025550003 >in
	dry -q in >out 2>err
	[ ! -s err ]
	dry -j in >out 2>err
	[ "$(said 'would send')" = "1 of 2 recipients" ]
	[ "$(jq -c '[.to, .rendered, .segments, .encoding]' out)" = \
'["12025550001","Hello",1,"GSM-7"]
["12025550003","",null,null]' ]
	dry -v in >out 2>err
	[ "$(cut -f6- out)" = $'Hello\t1\tGSM-7\n\t\t' ]
}
