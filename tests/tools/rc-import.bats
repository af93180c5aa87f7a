load helper
load import

local_setup() {
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		--identifier phoneNumber
}

# is NAME=VALUE...: checks fields of the record.
is() {
	local pair
	for pair; do
		[ "$(field "${pair%%=*}")" = "${pair#*=}" ] || {
			echo "not $pair: $output"
			return 1
		}
	done
}

@test "the counts of a real list add up" {
	run --separate-stderr rc-import -j --rejects bad.tsv \
		"$TOP/examples/data.csv"
	[ "$status" -eq 0 ]
	jq -e '.rows == .accepted + .duplicates + .rejected and
		.accepted == .added + .kept + .opted_out and
		.rows > 5000 and .rejected > 200 and .duplicates > 100 and
		.repaired > 100' <<<"$output"
	[ "$(wc -l <bad.tsv)" -eq "$(field rejected)" ]
	[ "$(rc-optin list | wc -l)" -eq "$(field accepted)" ]
	[[ $stderr == *"head $(field head)"* ]]
	rc-optin verify --head "$(field head)"
}

@test "the record is TSV in the order of the manual page" {
	list 12025550101 +12025550102 x 12025550101 1 >l
	run rc-import -q --max-bad 60 l
	[ "$status" -eq 0 ]
	[ "$(cut -f1-9 <<<"$output")" = "$(printf '5\t2\t1\t2\t2\t0\t0\t0\t1')" ]
	[ "$(cut -f14 <<<"$output")" = "$(sha256sum <l | cut -d' ' -f1)" ]
}

@test "the same file twice adds and removes nobody" {
	rc-import -q "$TOP/examples/data.csv" >/dev/null
	import "$TOP/examples/data.csv"
	is added=0 removed=0 "kept=$(field accepted)"
	rc-optin verify
}

@test "a sync replaces the list whole" {
	list 12025550101 12025550102 12025550103 >a
	list 12025550102 12025550103 12025550104 >b
	import a
	is added=3 removed=0
	import b
	is added=1 removed=1 kept=2
	run rc-optin list
	[ "$output" = $'12025550102\n12025550103\n12025550104' ]
}

@test "every kind of dirt is rejected with its line and value" {
	printf '\357\273\277"Phone Numbers"\r\n12025550101\r\n\r\n"+447700900000"\r\n' >l
	printf '4.41E+11\r\n12025\r\n1234567890123456\r\n01715550123\r\n' >>l
	printf '9991234567\r\n1202555O101\r\n1202 555 0102\r\n12025550103,x\r\n' >>l
	printf '"12025550104"\r\n   12025550105  \r\n' >>l
	import --max-bad 100 --rejects bad.tsv l
	is rows=12 accepted=4 rejected=8 repaired=1
	cat bad.tsv
	[ "$(cut -f1,3 bad.tsv)" = "$(printf '%s\n' $'5\t4.41E+11' $'6\t12025' \
		$'7\t1234567890123456' $'8\t01715550123' $'9\t9991234567' \
		$'10\t1202555O101' $'11\t1202 555 0102' $'12\t12025550103')" ]
	[ "$(cut -f2 bad.tsv | sort -u | wc -l)" -ge 6 ]
	run rc-optin list
	[ "${#lines[@]}" -eq 4 ]
}

@test "headers and line ends of all kinds are read" {
	local h
	for h in 'phone numbers' 'Phone Numbers' '"PHONE NUMBERS"' ' phone numbers '; do
		printf '%s\n12025550101\n' "$h" >l
		import l
		[ "$status" -eq 0 ]
	done
	printf 'phone numbers\r12025550101\r12025550102\r' | {
		run rc-import -q -j
		is accepted=2
	}
	printf '\n\nphone numbers\n12025550101\n12025550102' >l
	import l
	is accepted=2 rows=2
}

@test "a wrong or missing header is named with its line" {
	printf '12025550101\n12025550102\n' >l
	import l
	err_is 65 "line 1 is '12025550101', not the header 'phone numbers'"
	printf 'name;phone numbers\nAda;12025550101\n' >l
	import l
	err_is 65 semicolons
	printf 'phone numbers,x,phone numbers\n1,2,3\n' >l
	import l
	err_is 65 "2 columns are called 'phone numbers'"
}

@test "a list for a channel of another kind is called that" {
	printf 'Email\nada@example.com\n' >l
	import l
	err_is 65 "this is a list of e-mail addresses (line 1), but channel 'acme' has phone numbers"
	printf 'email,phone numbers\nada@example.com,12025550101\n' >l
	import l
	is accepted=1
	rc-channel add mail --provider http --url http://127.0.0.1:9/x \
		--identifier email
	list 12025550101 >l
	import -c mail l
	err_is 65 "this is a list of phone numbers (line 1), but channel 'mail' has e-mail addresses"
	[ -z "$(rc-optin list -c mail)" ]
}

@test "one column is taken out of a wide file" {
	printf 'name,Mobile,city\n"Ada, L.",12025550101,"New\nYork"\nBo,12025550102,x,,\n' >l
	printf 'Cy\nDi,12025550104,x,y\n' >>l
	printf 'name,city,Phone Numbers,x\nAda,Rome,12025550101,\n' >wide
	import wide
	is accepted=1
	import --column mobile --max-bad 60 --rejects bad.tsv l
	is accepted=2 rejected=2
	[ "$(cut -f1,2 bad.tsv)" = $'5\tmissing column\n6\ttoo many columns' ]
	import l
	err_is 65 "and other columns"
}

@test "e-mail addresses are told apart without case, and kept as given" {
	rc-channel add mail --provider http --url http://127.0.0.1:9/x \
		--identifier email
	printf 'email\nAda@Example.com\nada@example.com\n bo@example.com \nnope\n' >l
	import -c mail --rejects bad.tsv l
	is rows=4 accepted=2 duplicates=1 rejected=1
	run rc-optin list -c mail
	[ "$output" = $'Ada@Example.com\nbo@example.com' ]
	import -c mail l
	is added=0 removed=0
}

@test "custom identifiers differ by case" {
	rc-channel add app --provider http --url http://127.0.0.1:9/x \
		--identifier custom
	printf 'custom\nabc\nABC\nabc\nül\n' >l
	import -c app l
	is accepted=3 duplicates=1
	run rc-optin list -c app
	[ "$output" = $'ABC\nabc\nül' ]
}

@test "a list that is nearly a third bad passes, at 30 % it is refused" {
	list 12025550101 12025550102 12025550103 >ok
	import ok
	list x x 1202555010{0..4} >l
	import l
	[ "$status" -eq 0 ]
	list x y z 1202555010{0..6} >l
	import --rejects bad.tsv l
	err_is 65 "3 of 10 rows are bad, the limit is 30 %"
	[[ $output == *"line 2 has 'x'"* ]]
	[ "$(wc -l <bad.tsv)" -eq 3 ]
	[ "$(rc-optin list | wc -l)" -eq 5 ]
	import --max-bad 31 l
	[ "$status" -eq 0 ]
	list x >l
	import --max-bad 100 l
	[ "$status" -eq 65 ]
}

@test "the limits of bad rows and of shrinking are met by one row" {
	# of ROWS BAD: a list
	of() {
		echo 'phone numbers'
		seq 12025550000 $((12025550000 + $1 - $2 - 1))
		yes x | head -n "$2"
	}
	of 10000 3000 >l
	import l
	err_is 65 "3000 of 10000 rows are bad, the limit is 30 %"
	of 10000 2999 >l
	import l
	is accepted=7001 rejected=2999
	of 3500 0 >l
	import l
	err_is 65 "shrink by more than 50 %"
	of 3501 0 >l
	import l
	is accepted=3501 removed=3500
}

@test "a list that shrinks by more than half is refused" {
	list 1202555010{0..9} >l
	import l
	list 1202555010{0..3} >l
	import l
	err_is 65 "shrink by more than 50 %"
	[ "$(rc-optin list | wc -l)" -eq 10 ]
	import -n --max-shrink 60 l
	is removed=6
	list 1202555010{0..4} >l
	import l
	is removed=5
	list 12025550100 >l
	import --max-shrink 100 l
	is removed=4
}

@test "an empty list, or one with too many rows, is refused" {
	: >l
	import l
	err_is 65 "is empty"
	list >l
	import l
	err_is 65 "no rows"
	list 1202555010{0..4} >l
	import --max-rows 4 l
	err_is 65 "line 6: more than 4 rows"
	import --max-rows 5 l
	[ "$status" -eq 0 ]
}

@test "other encodings are named, with the way out" {
	local name
	list 12025550101 >m
	for name in UTF-16LE UTF-16BE UTF-32LE UTF-32BE; do
		iconv -f UTF-8 -t "$name" m >l
		import l
		err_is 65 "the list is $name, not UTF-8: iconv -f $name -t UTF-8 'l'"
		printf '\357\273\277' | cat - m | iconv -f UTF-8 -t "$name" >l
		import l
		err_is 65 "the list is $name, not UTF-8: iconv -f $name -t UTF-8 'l'"
		import - <l
		err_is 65 "pipe it through iconv -f $name -t UTF-8"
	done
	[ -z "$(rc-optin list)" ]
	bash -c "$(grep -o "iconv -f UTF-32BE.*'l'" <(rc-import l 2>&1))" >m
	import m
	is accepted=1
	printf 'name,phone numbers\nAda,12025550101\nRen\351,12025550102\n' >l
	import l
	err_is 65 "line 3 is not UTF-8 (byte 0xe9)"
	[[ $output == *"iconv -f CP1252 -t UTF-8 'l'" ]]
	iconv -f CP1252 -t UTF-8 l >m
	import m
	is accepted=2
	printf 'phone numbers\n12025550101\n\000\n' >l
	import l
	err_is 65 "line 3"
	head -c 100000 /dev/urandom >l
	import l
	[ "$status" -eq 65 ]
	[ "$(rc-optin list | wc -l)" -eq 2 ]
}

@test "an open quote is refused, not taken for the rest of the file" {
	printf 'phone numbers\n12025550101\n"12025550102\n12025550103\n' >l
	import l
	[ "$status" -eq 65 ]
	[ -z "$(rc-optin list)" ]
}

@test "what is no file is named" {
	mkdir d
	import nope
	err_is 66 "nope"
	import d
	err_is 66 "'d' has no folder upload_yyyy-MM-dd_HH-mm with a data.csv"
	list 12025550101 >d/data.csv
	import d
	err_is 66 "'d' holds a data.csv itself: name that file, or the folder above"
	import ftp://host/x
	err_is 64 "'ftp://host/x'"
	import a b
	err_is 64 "'b'"
	import --max-bad many l
	err_is 64 "many"
	import --keep-optouts --override-all l
	err_is 64 exclude
	run bash -c 'rc-import -q <&-'
	[ "$status" -eq 65 ]
	list 12025550101 >l
	import --rejects nope/bad.tsv l
	err_is 73 "nope/bad.tsv"
	import --rejects '' l
	err_is 64 "no file is named for rejected rows"
	import --changes '' l
	err_is 64 "no file is named for changes"
	import -c '' l
	err_is 66 "no channel '' (there are: acme)"
	import -c "$(printf %0600d 0)" l
	err_is 66 "no channel '000"
	[ -z "$(rc-optin list)" ]
}

@test "rejected rows never replace the list or anything but a file" {
	list 12025550101 x >l
	cp l before
	import --max-bad 90 --rejects l l
	err_is 64 "would replace the list 'l'"
	import --max-bad 90 --rejects l - <l
	err_is 64 "would replace the list"
	cmp l before
	mkdir d
	import --max-bad 90 --rejects d l
	err_is 73 "'d': it is no file"
	import --max-bad 90 --rejects /dev/null l
	err_is 73 "'/dev/null': it is no file"
	[ -c /dev/null ]
	[ -z "$(rc-optin list)" ]
}

@test "reversed opt-outs are warned of although --changes cannot be written" {
	rc-optin out -q 15550000001
	{ echo 'phone numbers'; seq 15550000000 15550099999; } >l
	touch -d '+1 hour' l # so that it counts as of its reading
	# Its room is less than the changes need, and more than the state.
	run bash -c 'trap "" XFSZ; ulimit -f 1500
		exec rc-import --changes changes.tsv l'
	err_is 74 "cannot write 'changes.tsv'"
	[[ $output == *"1 person opted out before this list's time"* ]]
	[ ! -e changes.tsv ]
	[ "$(rc-optin list | wc -l)" -eq 100000 ]
}

@test "--changes names whom a sync concerns, and with -n whom it would" {
	list 12025550101 12025550102 12025550103 12025550104 >a
	list 12025550102 12025550103 12025550104 12025550105 >b
	touch -d '2026-01-01' a
	import a
	rc-optin out -q 12025550102
	rc-optin out -q 12025550101
	"$RC_BUILD/tests/tools/suppress" 12025550104
	cp b older
	touch -d '2026-02-01' older
	touch -d '+1 hour' b # so that it counts as of its reading
	printf '%s\t%s\n' added 12025550105 opted_out 12025550102 \
		suppressed 12025550104 >want
	import -n --changes changes.tsv older
	[ "$status" -eq 0 ]
	cmp changes.tsv want
	printf '%s\t%s\n' added 12025550102 added 12025550105 \
		reversed 12025550102 suppressed 12025550104 >want
	run --separate-stderr rc-import -n --changes changes.tsv b
	[[ $stderr == *"it would reverse 1 opt-out; 1 person on the list is suppressed"* ]]
	cmp changes.tsv want
	[ "$(rc-optin list | wc -l)" -eq 1 ]
	rm changes.tsv
	import --changes changes.tsv b
	cmp changes.tsv want
	[ "$(rc-optin list | wc -l)" -eq 3 ]
	# The list before is gone from the first on.
	list 12025550102 12025550103 >c
	import --changes changes.tsv c
	[ "$(cat changes.tsv)" = $'removed\t12025550104\nremoved\t12025550105' ]
}

@test "changes are written whole or not at all, and nowhere else" {
	list 12025550101 x >l
	rc-channel add mail --provider http --url http://127.0.0.1:9/x \
		--identifier email
	echo old >changes.tsv
	import -c acme --max-bad 10 --changes changes.tsv l
	[ "$status" -eq 65 ]
	[ "$(cat changes.tsv)" = old ]
	[ "$(ls changes*)" = changes.tsv ]
	import -c acme --max-bad 60 --changes l l
	err_is 64 "changes would replace the list 'l'"
	import -c acme --changes f --rejects f l
	err_is 64 "same file"
	printf 'email\nAda@Example.com\n' >m
	import -c mail --changes changes.tsv m
	[ "$(cat changes.tsv)" = $'added\tAda@Example.com' ]
}

@test "a spreadsheet or a compressed file is called what it is" {
	list 12025550101 >l
	gzip -k l
	import l.gz
	err_is 65 "no CSV but compressed by gzip"
	printf 'PK\3\4\24\0\6\0' >book.xlsx
	import book.xlsx
	err_is 65 "no CSV but a spreadsheet or zip archive"
	printf '\320\317\021\340\241\261' >book.xls
	import book.xls
	err_is 65 "no CSV but a spreadsheet"
}

@test "a column that is not there is named" {
	printf 'name,mobile\nAda,12025550101\n' >l
	import --column mobil l
	err_is 65 "line 1 has no column 'mobil'; its first is 'name'"
}

@test "a terminal gets the summary alone, a program the record" {
	list 12025550101 >l
	run script -qec 'rc-import l' /dev/null </dev/null
	[[ $output == *"1 row = 1 accepted"* ]]
	[[ $output != *$'1\t1\t0'* ]]
	run --separate-stderr rc-import l
	[[ $output == $'1\t1\t0\t0'* ]]
}

@test "a dry run shows the difference and changes nothing" {
	list 12025550101 12025550102 >a
	list 12025550102 12025550103 >b
	import a
	sum=$(rc-optin verify 2>&1)
	import -n b
	is added=1 removed=1 kept=1 seq=0 head=
	[ "$sum" = "$(rc-optin verify 2>&1)" ]
	run rc-optin list
	[ "$output" = $'12025550101\n12025550102' ]
}

@test "an opt-out newer than the list stays, an older one is reversed" {
	list 12025550101 12025550102 12025550103 >l
	touch -d '1 hour ago' l
	import l
	rc-optin out -q 12025550101 >/dev/null
	import l
	is kept_events=1 opted_out=1 reversed_optouts=0 added=0 removed=0
	[ "$(rc-optin list | wc -l)" -eq 2 ]
	touch -d '1 hour' l
	run rc-import -n l
	[[ $output == *"warning: 1 person opted out"*"--keep-optouts"* ]]
	import --keep-optouts l
	is kept_events=1 opted_out=1 reversed_optouts=0
	[ "$(rc-optin list | wc -l)" -eq 2 ]
	import l
	is kept_events=0 opted_out=0 reversed_optouts=1 added=1
	[ "$(rc-optin list | wc -l)" -eq 3 ]
	rc-optin verify
}

@test "an opt-in newer than the list stays, unless all is overridden" {
	list 12025550101 >l
	touch -d '1 hour ago' l
	import l
	rc-optin in -q 12025550109 >/dev/null
	rc-optin out -q 12025550101 >/dev/null
	import l
	is kept_events=2 removed=0
	[ "$(rc-optin list)" = 12025550109 ]
	import --override-all l
	is kept_events=0 added=1 removed=1 reversed_optouts=1
	[ "$(rc-optin list)" = 12025550101 ]
}

# What a state tells from outside: who is listed, and the journal's check.
fingerprint() {
	rc-optin list | sha256sum
}

@test "a sync killed at any moment changes nothing or everything" {
	"$RC_BUILD/tests/bench/genlist" -n 30000 -s 1 >a
	"$RC_BUILD/tests/bench/genlist" -n 30000 -s 2 >b
	import --max-shrink 100 a
	old=$(fingerprint)
	import --max-shrink 100 b
	new=$(fingerprint)
	[ "$old" != "$new" ]
	for ((n = 0; n < 25; n++)); do
		rc-import -q a >/dev/null &
		pause "0.0$((RANDOM % 7))$((RANDOM % 10))"
		kill -9 $! 2>/dev/null || :
		wait $! || :
		now=$(fingerprint)
		[ "$now" = "$old" ] || [ "$now" = "$new" ]
		[ "$now" = "$new" ] || import b
	done
	rc-optin verify
	import a
	is accepted=30000
	[ "$(fingerprint)" = "$old" ]
}

@test "lists of many blocks are compared person by person, events between" {
	"$RC_BUILD/tests/bench/genlist" -n 20000 >a
	"$RC_BUILD/tests/bench/genlist" -n 20000 -c 10 >b
	import a
	is added=20000 removed=0
	awk 'NR % 400 == 7' a >out # of some that stay and some that go
	tail -n +2 b | awk 'NR % 300 == 5' | sort >in
	rc-optin in -q <in
	rc-optin out -q <out
	tail -n +2 a | sort - in | uniq | grep -vxFf out >before
	tail -n +2 b | sort >after
	cmp <(rc-optin list | sort) before
	import --override-all b
	is added="$(comm -13 before after | wc -l)" \
		removed="$(comm -23 before after | wc -l)" kept_events=0 \
		reversed_optouts="$(sort out | comm -12 - after | wc -l)"
	cmp <(rc-optin list | sort) after
	rc-optin verify
}

@test "two syncs at once leave one of the two lists and a whole journal" {
	"$RC_BUILD/tests/bench/genlist" -n 20000 -s 1 >a
	"$RC_BUILD/tests/bench/genlist" -n 20000 -s 2 >b
	rc-import -q a >/dev/null &
	one=$!
	rc-import -q b >/dev/null &
	two=$!
	wait $one
	wait $two
	[ "$(rc-optin list | wc -l)" -eq 20000 ]
	rc-optin verify
}

@test "opt-outs made while a sync runs are all in force after it" {
	"$RC_BUILD/tests/bench/genlist" -n 100000 >l
	touch -d '1 hour ago' l
	import l
	tail -n +2 l | head -40 >out
	for ((n = 0; n < 3; n++)); do
		rc-import -q l >/dev/null || :
	done &
	syncs=$!
	while read -r id; do
		rc-optin out -q "$id" >/dev/null
	done <out
	wait $syncs
	run rc-optin check - <out
	[ "$(grep -cw in <<<"$output")" -eq 0 ]
	[ "$(rc-optin list | wc -l)" -eq 99960 ]
	rc-optin verify
}
