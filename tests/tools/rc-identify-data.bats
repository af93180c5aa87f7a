load helper
load send
bats_require_minimum_version 1.5.0

# Feeds of user data, and what templates make of them.

local_setup() {
	export TOKEN=sandbox-auth-token
	start_sandbox
	add_channel sms
	add_people 10
	cat >profiles.csv <<-'END'
		phone,first name,City
		12025550000,Ada,London
		+1 (202) 555-0001,"Bob ""B"" O'Neil","Saint-Étienne, FR"
		12025550002,Cleo,
	END
}

identify() {
	local body='{"user":{"dyid":"'$1'","active_consent_accepted":true},
		"session":{"dy":"x"},"events":[{"name":"x","properties":
		{"dyType":"identify-v1",'$2'}}]}'
	tr -d '\n\t' <<<"$body" | rc-identify -q add
}

send() { # TEXT [ARGS...]
	rc-send -c sms -k "$RANDOM$RANDOM" -m "$@"
}

@test "a template is filled from a feed, whose missing values reject or fall back" {
	rc-identify data profiles profiles.csv
	run --separate-stderr send \
		'${User data|profiles|first name} of ${User data|profiles|City}' \
		people
	[ "$status" -eq 0 ]
	[ "$(bodies | sort)" = "Ada of London
Bob \"B\" O'Neil of Saint-Étienne, FR" ]
	[[ $stderr == *"line 3 of 'people': no value for \${User data|profiles|City}"* ]]
	[[ $stderr == *"line 4 of 'people': no value for \${User data|profiles|first name}"* ]]
	run --separate-stderr send \
		'Hi ${User data|profiles|first name:-you}${User data|profiles|City:-}' \
		-n -j people
	[ "$(jq -r .rendered <<<"$output" | sort | uniq -c |
		awk '{ $1 = $1 } 1')" = "1 Hi AdaLondon
1 Hi Bob \"B\" O'NeilSaint-Étienne, FR
1 Hi Cleo
7 Hi you" ]
}

@test "feeds fill documents, links and message texts alike" {
	rc-channel add web --provider http --url "$SANDBOX/json/none" \
		--identifier phoneNumber --cap none \
		--short-base https://s.example </dev/null
	list $(cat people) | rc-import -q -c web - >/dev/null
	rc-identify data profiles profiles.csv
	cat >t.json <<-'END'
		{"to":"${User identifier}","text":"${Message text}",
		 "name":"${User data|profiles|first name}",
		 "url":"https://x.example/?c=${User data|profiles|City}"}
	END
	sed -n 2p people >one
	rc-send -n -j -c web -k a -t t.json \
		-m 'In ${User data|profiles|City}: https://x.example/${User data|profiles|first name}' \
		one | jq -r .rendered | jq -c . >out
	[ "$(cat out)" = '{"to":"12025550001","text":"In Saint-Étienne, FR: https://s.example/preview0","name":"Bob \"B\" O'\''Neil","url":"https://x.example/?c=Saint-%C3%89tienne%2C%20FR"}' ]
	rc-send -c web -k a -t t.json \
		-m 'https://x.example/${User data|profiles|first name}' one >sent
	[ "$(cut -f2 sent)" = accepted ]
}

@test "a feed is found by whatever ties a recipient to it" {
	identify 77 '"cuid":"u-1","phoneNumber":"+12025550000"'
	identify 78 '"cuid":"u-2","phoneNumber":"+12025550001","email":"Eve@Example.com"'
	# An id of two people with the newest phone of one: the line's own wins.
	printf 'cuid,n\nu-1,one\nu-2,two\n' | rc-identify -q data bycuid
	printf 'dyid,n\n77,seven\n' | rc-identify -q data bydyid
	printf 'email,n\neve@example.COM,mail\n' | rc-identify -q data bymail
	printf 'hashedPhoneNumber,n\n%s,hash\n' \
		"$(printf 12025550002 | sha256sum | cut -d' ' -f1)" |
		rc-identify -q data byhash
	printf 'shop,n\ns-1,x\n' | rc-identify -q data byshop --by shopId
	text='${User data|bycuid|n:-}/${User data|bydyid|n:-}/${User data|bymail|n:-}/${User data|byhash|n:-}'
	cat >in <<-'END'
		12025550000
		12025550001
		12025550002
		12025550003
	END
	run -0 --separate-stderr send "$text" -n -j in
	[ "$(jq -r .rendered <<<"$output")" = "one/seven//
two//mail/
///hash
///" ]
	identify 79 '"cuid":"u-2","phoneNumber":"+12025550000"'
	printf 'dyid,n\n78,eight\n79,nine\n' | rc-identify -q data bydyid
	cat >in <<-'END'
		{"dyid":"78"}
		{"dyid":"79"}
		{"cuid":"u-2"}
	END
	run -0 --separate-stderr send '${User data|bydyid|n}' -n -j in
	[ "$(jq -r 'select(.outcome == "would send") | .to + .rendered' \
		<<<"$output" | head -2)" = "12025550001eight
12025550000nine" ]
}

@test "a recipient named by e-mail finds a feed of hashed addresses" {
	rc-channel add mail --provider http --url "$SANDBOX/json/none" \
		--identifier email --cap none </dev/null
	printf 'email\nEve@Example.com\n' | rc-import -q -c mail - >/dev/null
	printf 'he,n\n%s,Eve\n' \
		"$(printf eve@example.com | sha256sum | cut -d' ' -f1)" |
		rc-identify -q data byhe
	echo '{"n":"${User data|byhe|n}"}' >t.json
	run -0 --separate-stderr rc-send -n -j -c mail -k a -t t.json \
		<<<'EVE@example.com'
	[ "$(jq -r .rendered <<<"$output" | jq -r .n)" = Eve ]
}

@test "the summaries of one row and of one recipient speak of one" {
	run --separate-stderr rc-identify data f <<<$'phone\n12025550000'
	[ "$stderr" = "rc-identify: feed 'f': 1 row = 1 loaded + 0 duplicates + 0 rejected; 1 property by phoneNumber" ]
	run -0 --separate-stderr send '${User data|f|phone}' -n <<<12025550000
	[[ $stderr == *"would send  1 of 1 recipient"$'\n'* ]]
	run -65 rc-identify data g <<<$'phone,n\nx,Ada'
	[[ $output == *"1 of 1 row is bad, which is too many"* ]]
	run --separate-stderr rc-identify data f --remove
	[ "$stderr" = "rc-identify: feed 'f' of 1 row is removed" ]
}

@test "a feed that is loaded anew during a run is used from then on" {
	rc-identify -q data f <<<$'phone,n,city\n12025550000,old,a\n12025550001,old,a'
	mkfifo pipe
	rc-send -c sms -k live -m '${User data|f|n}' <pipe >out &
	pid=$!
	PIDS+=("$pid")
	exec 7>pipe
	echo 12025550000 >&7
	wait_for grep -q 12025550000 sandbox.ndjson
	rc-identify -q data f --column phone \
		<<<$'city,phone,n\na,12025550000,new\nb,12025550001,new'
	echo 12025550001 >&7
	wait_for grep -q 12025550001 sandbox.ndjson
	rc-identify -q data f --remove
	echo 12025550002 >&7
	exec 7>&-
	wait "$pid"
	[ "$(bodies | xargs)" = "old new" ]
	grep -q 'no value for' out
}

@test "a misspelt feed stops the run, a misspelt property is warned of" {
	rc-identify -q data profiles profiles.csv
	run send '${User data|profile|City:-x}' people
	err_is 78 "there is no feed 'profile', which the template names"
	run send '${User data|profiles|city:-x}' -n people
	err_is 0 "feed 'profiles' has no property 'city'"
	run send 'Hi ${x:-${User data|profiles|city}}' -n people
	err_is 0 "feed 'profiles' has no property 'city'"
	run send '${User data|profiles|city:-x} ${User data|profiles|city}' \
		-n people
	err_is 78 "feed 'profiles' has no property 'city', which the template names without a fallback"
	run send '${User data|profiles}' people
	err_is 65 "is not \${User data|FEED|PROPERTY}"
	run send '${User data||x}' people
	err_is 65 "the feed is empty"
	run send '${User data|a|b|c}' people
	err_is 65 "cannot be named in a template"
	# A variable of the line never stands in for it.
	echo '{"to":"12025550003","vars":{"User data|profiles|City":"x"}}' >in
	run send '${User data|profiles|City}' -n in
	err_is 0 "no value for"
	[ "$(bodies | wc -l)" -eq 0 ]
}

@test "a load replaces the feed whole, and a refused one changes nothing" {
	rc-identify -q data profiles profiles.csv
	rc-identify data --list | cut -f1-3,6 >before
	[ "$(cat before)" = "profiles	phoneNumber	3	phone|first name|City" ]
	[ "$(rc-identify data -j --list | jq -r .digest)" = \
		"$(sha256sum <profiles.csv | cut -d' ' -f1)" ]
	refused() { # WHAT < FILE
		run rc-identify data profiles "${@:2}" -
		err_is 65 "$1"
		diff before <(rc-identify data --list | cut -f1-3,6)
	}
	refused "it is empty" </dev/null
	refused "there is no row in it" <<<$'phone,x\n'
	refused "it has 1 person, the feed 3: it would shrink" \
		<<<$'phone,x\n12025550000,1'
	refused "1 of 3 rows is bad, which is too many (--max-bad 30); the first is line 3: 'x' is no phone number" \
		<<<$'phone,x\n12025550000,1\nx,2\n12025550002,1'
	refused "no 'mobile' in it; the first is 'phone'" --column mobile \
		<<<$'phone,x\n12025550000,1'
	refused "'vip' does not say what identifies a person" \
		<<<$'vip,x\n12025550000,1'
	refused "two columns are called 'x'" <<<$'phone,x,x\n12025550000,1,2'
	refused "the property is empty" <<<$'phone,,x\n12025550000,1,2'
	refused "the property 'a|b' cannot be named" \
		<<<$'phone,a|b\n12025550000,1'
	refused "semicolons or tabs" <<<$'phone;x\n12025550000;1'
	refused "line 2" <<<$'phone,x\n12025550000,"1'
	refused "one property too many" < <(
		seq -s, 1 101 | sed 's/^/phone,/'; echo 12025550000,1)
	rc-identify data -q profiles --max-shrink 100 <<<$'email,x\na@b.example,1'
	[ "$(rc-identify data --list | cut -f1-3,6)" = \
		"profiles	email	1	email|x" ]
	run rc-identify show '{"phoneNumber":"12025550000"}'
	[ "$status" -eq 1 ]
}

@test "how far a load is shows on a terminal alone" {
	rc-identify data profiles profiles.csv >out 2>err
	[ "$(wc -l <err)" -eq 1 ]
	absent $'\r' err
	absent '%' err
}

@test "rows that are wrong are named, counted and written to a file" {
	{
		echo 'cuid,text,more'
		echo 'u-1,one'
		echo ',nobody'
		echo 'u-2,two,2,too many'
		printf 'u-3,\xff\n'
		echo "u-4,$(printf '%01001d' 0)"
		echo "u-5,$(printf '%01000d' 0)"
		echo 'u-1,again'
		echo
		printf 'u-6,"two\nlines"\n'
		echo 'u-7,é'
	} >in.csv
	run --separate-stderr rc-identify data f in.csv --max-bad 50 \
		--rejects bad -j
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.rows, .loaded, .duplicates, .rejected, .before]' \
		<<<"$output")" = '[9,4,1,4,0]' ]
	[[ $stderr == *"9 rows = 4 loaded + 1 duplicate + 4 rejected; 3 properties by id"* ]]
	[[ $stderr == *"warning: line 4: 4 fields, the header has 3"* ]]
	[ "$(cat bad)" = "3	nothing says who it is	
4	4 fields, the header has 3	u-2
5	'text' is not UTF-8	u-3
6	'text' has 1001 bytes, at most 1000 fit	u-4" ]
	[ "$(rc-identify show '{"cuid":"u-1"}' | cut -f1-3,5)" = \
		"	User data|f|cuid	u-1	data
	User data|f|text	again	data" ]
	[ "$(rc-identify show -j '{"cuid":"u-6"}' | jq -r .value | tail -2)" = \
		"two
lines" ]
	run -0 rc-identify data f in.csv --max-bad 50 -n
	[[ $output == *"(dry run)"* ]]
}

@test "objects of JSON are a feed as well" {
	cat >in <<-'END'
		{"cuid":"u-1","first name":"Ada","points":12345678901234567890,"vip":true}

		{"vip":false,"cuid":"u-2","note":null,"late":"\ud83c\udf89"}
		{"cuid":"u-3","list":[1]}
		{"cuid":"u-4","a":1
		{"points":3}
		[1]
		{"cuid":"u-5","vip":false}
		{"cuid":"u-6","vip":false}
	END
	run --separate-stderr rc-identify data j in --max-bad 60 --rejects bad
	[ "$status" -eq 0 ]
	[[ $stderr == *"8 rows = 4 loaded + 0 duplicates + 4 rejected"* ]]
	[ "$(cut -f1 bad | xargs)" = "4 5 6 7" ]
	[ "$(rc-identify show '{"cuid":"u-1"}' | cut -f2,3)" = \
		"User data|j|cuid	u-1
User data|j|first name	Ada
User data|j|points	12345678901234567890
User data|j|vip	true" ]
	[ "$(rc-identify show '{"cuid":"u-2"}' | cut -f2,3)" = \
		"User data|j|cuid	u-2
User data|j|vip	false
User data|j|late	🎉" ]
	run rc-identify data k --column nope in
	err_is 65 "line 1: no 'nope' in it; the first is 'cuid'"
	# A mark, another column, no line feed at the end.
	printf '\xef\xbb\xbf\n {"n":1,"phoneNumber":"+12025550009"}' |
		rc-identify -q data k --column phoneNumber
	[ "$(rc-identify show '{"phoneNumber":"12025550009"}' |
		cut -f2,3 | tail -1)" = "User data|k|n	1" ]
}

@test "a feed can be removed, and nothing is left of it" {
	rc-identify -q data profiles profiles.csv
	rc-identify -q data other profiles.csv
	run rc-identify data profiles --remove -n
	err_is 0 "(dry run)"
	rc-identify -q data profiles --remove
	[ "$(rc-identify data --list | cut -f1)" = other ]
	run rc-identify data profiles --remove
	err_is 66 "no feed 'profiles'"
	[ "$(rc-identify show '{"phoneNumber":"12025550000"}' | cut -f2 |
		cut -d'|' -f2 | sort -u)" = other ]
	run rc-identify data --list --remove
	err_is 64 "go with no other option"
	run rc-identify data
	err_is 64 ""
}

@test "a load cut off leaves the feed as it was, and the next one clears up" {
	rc-identify -q data f profiles.csv
	seq -f '%.0f,x' 13035550000 13035749999 | { echo phone,x; cat; } >big
	mkfifo pipe
	rc-identify -q data f - <pipe &
	pid=$!
	PIDS+=("$pid")
	exec 7>pipe
	# More than is sorted at a time, so that rows are written.
	{ echo phone,x; seq -f "%.0f,$(printf '%0900d' 0)" 12025550000 \
		12025630000; } >&7
	wait_for eval '[ "$(stat -c %s state.mdb)" -gt 10000000 ]'
	kill -9 "$pid"
	wait "$pid" || :
	exec 7>&-
	[ "$(rc-identify data --list | cut -f1,3)" = "f	3" ]
	rc-identify -q data f big
	[ "$(rc-identify data --list | cut -f1,3)" = "f	200000" ]
	size=$(stat -c %s state.mdb)
	for n in 1 2 3; do
		rc-identify -q data f big
	done
	# What was replaced is used again.
	[ "$(stat -c %s state.mdb)" -lt $((2 * size)) ]
	[ "$(rc-identify show '{"phoneNumber":"12025550000"}' | wc -l)" -eq 0 ]
}

@test "loads at the same time keep out of each other's way" {
	seq -f '%.0f,a' 13035550000 13035569999 | { echo phone,x; cat; } >a
	seq -f '%.0f,b' 13035550000 13035569999 | { echo phone,x; cat; } >b
	for n in 1 2 3; do
		rc-identify -q data one a &
		first=$!
		rc-identify -q data two b &
		second=$!
		rc-identify -q data one b
		wait "$first"
		wait "$second"
	done
	[ "$(rc-identify data --list | cut -f1,3)" = "one	20000
two	20000" ]
	rc-identify show '{"phoneNumber":"13035569999"}' | cut -f2,3 >out
	[ "$(grep -c '|x' out)" -eq 2 ]
	[ "$(tail -1 out)" = "User data|two|x	b" ]
}
