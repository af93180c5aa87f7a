load helper
load send
bats_require_minimum_version 1.5.0

# What a template, a variable and a value can be, and what cannot do harm.

local_setup() {
	export TOKEN=sandbox-auth-token
	start_sandbox
	add_channel sms
	rc-channel add web --provider http --url "$SANDBOX/json/none" \
		--identifier phoneNumber --cap none </dev/null
	seq 12025550000 12025550049 >people
	for channel in sms web; do
		list $(cat people) | rc-import -q -c $channel - >/dev/null
	done
}

# one VALUE: a recipient whose variable x it is.
one() {
	jq -cn --arg x "$1" '{to: "12025550000", vars: {x: $x}}'
}

# text TEMPLATE VALUE [ARGS...]: what would be sent.
text() {
	one "$2" | rc-send -n -j -c sms -k "$RANDOM$RANDOM" -m "$1" "${@:3}" \
		2>/dev/null | jq -j .rendered
}

@test "whatever a value holds, the document keeps it and its own form" {
	jq -cn '["\"", "\\", "\\\"", "/", "\b\f\n\r\t", "\u0001\u001f",
		"\u007f", "\u0080\u009f", "\u2028\u2029", "</script><b>",
		"🎉👨‍👩‍👧", "\u202eabc\u202c", "e\u0301\u0327", "\ufeff\ufffe\uffff",
		"${User identifier}", "$${x}", "${", "}", "\\u0041", "\\ud800",
		"\",\"to\":\"1", "\r\nX-Evil: yes\r\n\r\n", "%00%0a", "\u001b[31m",
		(" " * 3), ("x" * 60000)] | to_entries[] |
		{to: (12025550000 + .key | tostring), vars: {x: .value}}' >in
	cat >t.json <<-'END'
		{ "to": "${User identifier}", "text": "${x}",
		  "more": ["<${x}>", {"deep": "${x}${x}"}], "n": 1.50 }
	END
	rc-send -n -j -c web -k a -t t.json in >out
	[ "$(wc -l <out)" -eq 26 ]
	paste -d'\n' in out | jq -s '[_nwise(2)] | all(.[];
		.[0].vars.x as $x | .[0].to as $to | .[1].rendered | fromjson ==
		{to: $to, text: $x, more: ["<\($x)>", {deep: ($x + $x)}],
			n: 1.5})' | grep -qx true
	# And on the wire.
	rc-send -c web -k a -t t.json in >sent
	[ "$(cut -f2 sent | sort -u)" = accepted ]
	jq -s -c 'sort_by(.to)[].vars.x' in >wanted
	jq -c 'select(.event == "message").body | fromjson | [.to, .text]' \
		sandbox.ndjson | jq -s -c 'sort[][1]' >got
	diff wanted got
}

@test "a value is escaped however the type of the document is spelt" {
	rc-channel add loud --url "$SANDBOX/json/none" --cap none \
		--content-type 'Application/JSON; charset=UTF-8'
	rc-optin in -q -c loud <people
	echo '{"to":"${User identifier}","text":"${x}"}' >t.json
	one '","to":"19005550123' | rc-send -q -c loud -k a -t t.json
	[ "$(jq -r 'select(.event == "message").body | fromjson | .to' \
		sandbox.ndjson)" = 12025550000 ]
	# Without a payload, a test sends a document as well.
	rc-channel test loud --to 12025550001 >shown
	grep -q '^> {"to":"12025550001"' shown
}

@test "what is no text is refused by line, and others go on" {
	{
		printf '{"to":"12025550000","vars":{"x":"a\\u0000b"}}\n'
		printf '{"to":"12025550001","vars":{"x":"\\ud800"}}\n'
		printf '{"to":"12025550002","vars":{"x":"\\udc00\\ud800"}}\n'
		printf '{"to":"12025550003","vars":{"x":"\xff"}}\n'
		printf '{"to":"12025550004","vars":{"x":"\xc0\x80"}}\n'
		printf '{"to":"12025550005","vars":{"x":"\xed\xa0\x80"}}\n'
		printf '{"to":"12025550006","vars":{"x":["list"]}}\n'
		printf '{"to":"12025550007","vars":{"x":null}}\n'
		printf '{"to":"12025550008","vars":{"x":"a","x":"b"}}\n'
		printf '{"to":"12025550009","vars":"x"}\n'
		printf '{"to":"12025550010","vars":{"x":"\\ud83c\\udf89"}}\n'
		printf '{"to":"12025550011","vars":{"x":0.10}}\n'
		printf '{"to":"12025550012","vars":{"x":false}}\n'
	} >in
	run -0 --separate-stderr rc-send -c sms -k a -m '<${x}>' in
	[ "$(cut -f2 <<<"$output" | sort | uniq -c | xargs)" = \
		"3 accepted 10 invalid" ]
	[ "$(bodies | sort | xargs -d'\n')" = "<0.10> <false> <🎉>" ]
	for n in {1..10}; do
		[[ $stderr == *"line $n of 'in': "* ]]
	done
	# A NUL byte ends the input, since what follows may be anything.
	printf '12025550013\n{"to":"12025550014","vars":{"x":"\0"}}\n' >in
	run rc-send -c sms -k b -m '<${x:-}>' in
	err_is 65 "line 2 of 'in'"
}

@test "--var takes what the shell gives: '=', nothing, but UTF-8" {
	[ "$(text '${a}' '' --var a=b=c=)" = 'b=c=' ]
	[ "$(text '<${a}>' '' --var a=)" = '<>' ]
	[ "$(text '<${a:-none}>' '' --var a=)" = '<none>' ]
	[ "$(text '${a}' '' --var a=1 --var a=2)" = 1 ]
	[ "$(text '${x}' recipient --var x=option)" = recipient ]
	[ "$(text '${ x }' recipient --var ' x =spaces')" = spaces ]
	[ "$(text '${X}' recipient --var X=case)" = case ]
	[ "$(text '${a}' '' --var a='${x}$${')" = '${x}$${' ]
	for wrong in '' = =x x; do
		run rc-send -n -c sms -k a -m x --var "$wrong" people
		err_is 64 "is not NAME=VALUE"
	done
	run rc-send -n -c sms -k a -m '${a}' --var a=$'\xff' people
	err_is 64 "--var a: not UTF-8"
	run rc-send -n -c sms -k a -m '${a}' --var $'\xff=a' people
	err_is 64 "not UTF-8"
	for own in 'User identifier' 'Message text' 'Message ID' Campaign \
		'User data|crm|name'; do
		run rc-send -n -c sms -k a -m x --var "$own=x" people
		err_is 64 "--var $own: this name has a meaning of its own"
	done
}

@test "fallbacks, nested ones, and dollars are as the manual has them" {
	[ "$(text '${no:-there}' '')" = there ]
	[ "$(text '<${no:-}>' '')" = '<>' ]
	[ "$(text '${no:-${x}}' in)" = in ]
	[ "$(text '${no:-${nor:-last}}' '')" = last ]
	[ "$(text '${no:-a}b}' '')" = 'ab}' ]
	[ "$(text '${x:-a}' '${no}')" = '${no}' ]
	[ "$(text '$${x}' y)" = '${x}' ]
	[ "$(text '$$${x}' y)" = '$y' ]
	[ "$(text '$5 $ {x} $x' y)" = '$5 $ {x} $x' ]
	[ "$(text '${no:-$${x}}' y)" = '${x}' ]
	for wrong in '${x' '${' 'a ${x b' '${x:-${y}' '${' '${x
y}' '${}' '${:-x}'; do
		run rc-send -n -c sms -k a -m "$wrong" people
		err_is 65 "message text: template: '\${"
	done
	run rc-send -n -c sms -k a -m $'\xff' people
	err_is 65 "not UTF-8"
}

@test "a value that makes a message far too long rejects its recipient alone" {
	jq -cn '{to: "12025550000", vars: {x: ("x" * 900000)}},
		{to: "12025550001", vars: {x: "y"}},
		{to: "12025550002", vars: {x: ("\u0001" * 170000)}}' >in
	echo '{"a":"${x}${x}"}' >t.json
	run -0 --separate-stderr rc-send -c web -k a -t t.json in
	[ "$(cut -f1,2 <<<"$output" | sort | xargs)" = "12025550000 invalid \
12025550001 accepted 12025550002 invalid" ]
	[ "$(grep -c 'is larger than 1048576 bytes' <<<"$stderr")" -eq 2 ]
	# In a link, and beside it.
	jq -cn '{to: "12025550000", vars: {x: ("x" * 3000)}},
		{to: "12025550001", vars: {x: "a b/c?d&é"}}' >in
	run -0 --separate-stderr rc-send -n -j -c sms -k b \
		-m 'https://x.example/${x}?q=${x}' in --no-shorten
	[ "$(jq -r .outcome <<<"$output" | xargs)" = "invalid would send" ]
	[ "$(jq -r .rendered <<<"$output" | tail -1)" = \
		'https://x.example/a%20b/c%3Fd%26%C3%A9?q=a%20b%2Fc%3Fd%26%C3%A9' ]
	# More than a line of input may have.
	jq -cn '{to: "12025550000", vars: {x: ("x" * 1100000)}}' >in
	run rc-send -n -c sms -k c -m '${x}' in
	err_is 65 "line 1 of 'in'"
}

# capture FILE: a provider that answers one request and keeps it as it came.
capture() {
	perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(Listen => 1,
			LocalAddr => "127.0.0.1") or die;
		$| = 1;
		print $s->sockport, "\n";
		my $c = $s->accept;
		my ($all, $length) = ("", undef);
		while (!defined $length ||
		    length($all) < $length) {
			sysread($c, my $some, 65536) or last;
			$all .= $some;
			$length = $+[0] + $1 if $all =~
			    /content-length: (\d+).*?\r\n\r\n/is;
		}
		open(my $f, ">", $ARGV[0]); print $f $all; close $f;
		print $c "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" .
		    "Connection: close\r\n\r\n{}";
		close $c' "$1" >"$1.port" &
	PIDS+=($!)
	wait_for grep -q '[0-9]$' "$1.port"
	rc-channel add "$1" --provider http --identifier phoneNumber \
		--url "http://127.0.0.1:$(cat "$1.port")/x" --cap none \
		--header 'X-Fixed: ${x}' "${@:2}" </dev/null
	list 12025550000 | rc-import -q -c "$1" - >/dev/null
}

@test "a value never reaches a header, of a text neither" {
	evil=$'a\r\nX-Evil: yes\r\nContent-Length: 0\r\n\r\nPOST / HTTP/1.1'
	capture plain --content-type text/plain
	echo '${x}' >t
	one "$evil" | rc-send -q -c plain -k "$(printf 'k \xc3\xa9')" -t t
	capture document
	echo '{"t":"${x}"}' >t.json
	one "$evil" | rc-send -q -c document -k b -t t.json
	for name in plain document; do
		sed '/^\r$/q' $name | tr -d '\r' | cut -d: -f1 |
			grep -v '^POST\|^$' | sort | xargs >headers
		[ "$(cat headers)" = "Accept Content-Length Content-Type \
Host User-Agent X-Fixed" ]
		grep -q '^X-Fixed: ${x}' $name
	done
	[ "$(sed '1,/^\r$/d' plain)" = "$evil" ]
	[ "$(sed '1,/^\r$/d' document | jq -r .t)" = "$evil" ]
}

@test "a changed template needs --amend, which goes on with the others" {
	head -2 people | rc-send -q -c sms -k spring -m One >/dev/null
	for changed in '-m Two' '-t t' '-m One -t both'; do
		echo Two >t
		echo 'Hi ${Message text}' >both
		# shellcheck disable=SC2086
		run rc-send -c sms -k spring $changed people
		err_is 78 "--amend"
		# shellcheck disable=SC2086
		run rc-send -n -c sms -k spring $changed people
		err_is 78 "--amend"
	done
	echo '{"to":"${User identifier}","t":"Two"}' >t.json
	run rc-send -c web -k spring -t t.json people
	err_is 78 "belongs to another channel"
	[ "$(bodies | sort | uniq -c | xargs)" = "2 One" ]
	head -5 people | rc-send -c sms -k spring -m Two --amend >out
	[ "$(cut -f2 out | sort | uniq -c | xargs)" = \
		"3 accepted 2 already sent" ]
	[ "$(bodies | sort | uniq -c | xargs)" = "2 One 3 Two" ]
	# The new one is the campaign's now.
	run -0 rc-send -c sms -k spring -m Two people
	run rc-send -c sms -k spring -m One people
	err_is 78 "--amend"
}

@test "a template that nobody could be sent is refused before anybody is read" {
	echo '{"to":"${User identifier}","t":"${Message text}"}' >t.json
	echo 'All: ${Message text}' >t
	jq -cn '{to: "12025550000", vars: {"Message text": "x"}}' >in
	for with in '-c web -t t.json' '-c web -t t.json -n' '-c sms -t t' \
		'-c sms --variant a=t'; do
		# shellcheck disable=SC2086
		run rc-send -k spring $with in
		err_is 64 'the template wants a ${Message text}: give it with -m'
	done
	run rc-send -k spring -c sms -m 'Hi ${Message text}' in
	err_is 64 'belongs into a template'
	[ -z "$(rc-stats)" ]
	# A fallback, or a variable that a recipient may have, is no such thing.
	run -0 rc-send -k a -c sms -m 'Hi ${Message text:-you}' in
	echo 'All: ${x:-${Message text}}' >t
	run -0 rc-send -k b -c sms -t t <<<'{"to":"12025550001","vars":{"x":"y"}}'
	[ "$(bodies | xargs)" = "Hi you All: y" ]
}

@test "a document that names no recipient is refused before anybody is read" {
	rc-channel add plain --provider http --url "$SANDBOX/json/none" \
		--identifier phoneNumber --content-type text/plain \
		--cap none </dev/null
	for t in '{"to":"+12025550199","text":"${Message text}"}' \
		'{"from":"${from:-15550100}","text":"${Message text}",
		  "ref":"${Message ID}","tag":"${Campaign}"}' \
		'{"to":"${phone}","text":"${Message text}"}'; do
		echo "$t" >t.json
		for with in '-m Hi' '-m Hi -n' '--variant a=t'; do
			echo 'Hi ${name:-you}, ${User identifier}' >t
			# shellcheck disable=SC2086
			run rc-send -c web -k spring -t t.json \
				--var phone=12025550199 $with people
			err_is 65 'put ${User identifier} where the recipient belongs'
		done
	done
	run rc-send -c plain -k spring -m 'Hi all' people
	err_is 65 'names no recipient'
	[ -z "$(rc-stats)" ]
	[ -z "$(bodies)" ]
}

@test "a document may name the recipient by what is known of one" {
	rc-identify -q data f <<<$'phone,mobile\n12025550000,12025550000'
	for t in '{"to":"${mobile}"}' '{"to":"${mobile:-${User identifier}}"}' \
		'{"to":"${User data|f|mobile}"}'; do
		echo "$t" >t.json
		rc-send -n -j -c web -k spring -t t.json 2>/dev/null \
			<<<'{"to":"12025550000","vars":{"mobile":"12025550000"}}' |
			jq -e '.rendered == "{\"to\":\"12025550000\"}"'
	done
}
