bats_require_minimum_version 1.5.0
load helper

# Everybody in these tests is 1555000NNNN.
local_setup() {
	make_channel acme phoneNumber
}

# make_channel NAME TYPE
make_channel() {
	printf '{"provider":"http","identifier":"%s","url":"http://127.0.0.1:9/"}' \
		"$2" | rc-channel add "$1" >/dev/null
}

# people FIRST LAST: their numbers, one a line.
people() {
	seq -f '1555%07.0f' "$1" "$2"
}

head_of() {
	rc-optin -j verify | jq -r .head
}

@test "who opted in is listed, who opted out is not" {
	people 1 5 | rc-optin in
	rc-optin out 15550000002 15550000004
	[ "$(rc-optin list)" = "$(printf '%s\n' 15550000001 15550000003 15550000005)" ]
}

@test "numbers are taken as people write them, and as objects" {
	printf '%s\n' '+1 (555) 000-0001' '{"to":"15550000002","vars":{"a":1}}' \
		'{"identifier":{"type":"phoneNumber","value":"15550000003"}}' |
		rc-optin in
	[ "$(rc-optin list)" = "$(people 1 3)" ]
}

@test "the list can be read back by the tools as objects" {
	people 1 3 | rc-optin in
	rc-optin -j list >list.ndjson
	[ "$(jq -r .to list.ndjson)" = "$(people 1 3)" ]
	[ "$(rc-optin filter <list.ndjson)" = "$(cat list.ndjson)" ]
}

@test "list --since tells who came to be texted then or later, and still may be" {
	make_channel other phoneNumber
	export RC_CHANNEL=acme
	people 1 9 | rc-optin -q in
	rc-optin -q out 15550000002
	rc-optin -q -c other in 15550000090
	cut=$(rc-optin -j log 15550000002 | tail -1 | jq -r .time)
	wait_for eval '[ "$(date -u +%FT%T.%3NZ)" \> "$cut" ]'
	since=$(date -u +%FT%T.%3NZ)
	[ -z "$(rc-optin list --since "$since")" ]
	# Confirmed is not added; who went and came back is; who went is not.
	people 1 1 | rc-optin -q in
	rc-optin -q in 15550000002 15550000050 15550000040
	rc-optin -q out 15550000050
	rc-optin -q -c other in 15550000091
	"$RC_BUILD/tests/tools/suppress" 15550000009
	rc-optin -q in --lift-stop 15550000009
	{ echo 'phone numbers'; people 3 9; people 70 73; } >list.csv
	touch -d '+1 hour' list.csv # so that it counts as of its reading
	rc-import -q list.csv >/dev/null
	"$RC_BUILD/tests/tools/suppress" 15550000071
	[ "$(rc-optin list --since "$since")" = \
		"$(printf '%s\n' 15550000009 1555000007{0,2,3})" ]
	[ "$(rc-optin -j list --since "$since" | jq -r .to)" = \
		"$(rc-optin list --since "$since")" ]
	[ "$(rc-optin list --since 2026-01-01)" = "$(rc-optin list)" ]
	# Whom suppress suppresses, it does a millisecond after 1970 began.
	[ "$(rc-optin list --suppressed --since 1970-01-01T00:00:00.001Z)" = 15550000071 ]
	[ -z "$(rc-optin list --suppressed --since 1970-01-01T00:00:00.002Z)" ]
	run rc-optin list --since yesterday
	err_is 64 "--since: "
}

@test "list --country takes some countries alone, by letters or calling code" {
	printf '%s\n' 12025550101 14165550101 15550000001 33612345678 \
		353861234567 441481234567 447700900123 870773123456 |
		rc-optin -q in
	[ "$(rc-optin list --country US)" = 12025550101 ]
	[ "$(rc-optin list --country gb,IE)" = $'353861234567\n447700900123' ]
	[ "$(rc-optin list --country GG --country FR | xargs)" = \
		'33612345678 441481234567' ]
	[ "$(rc-optin list --country 44,001 | xargs)" = \
		'441481234567 447700900123 870773123456' ]
	[ "$(rc-optin list --country 1 | xargs)" = \
		'12025550101 14165550101 15550000001' ]
	[ -z "$(rc-optin list --country DE)" ]
	run -0 --separate-stderr rc-optin list -j --country CA
	[ "$output" = '{"to":"14165550101"}' ]
	[[ $stderr == *"warning: 1 number of +1 was left out"* ]]
	run -0 --separate-stderr rc-optin list --country 1
	[ -z "$stderr" ]
	"$RC_BUILD/tests/tools/suppress" 33612345678 447700900123
	[ "$(rc-optin list --suppressed --country GB)" = 447700900123 ]
	[ -z "$(rc-optin list --country GB)" ]
}

@test "list --country refuses what is no country, or no phone number" {
	make_channel mail email
	run rc-optin -c acme list --country UK
	err_is 64 "'UK' is no country: give ISO 3166 letters such as GB"
	run rc-optin -c acme list --country GB,
	err_is 64 "'' is no country"
	run rc-optin -c mail list --country GB
	err_is 64 "channel 'mail' has email identifiers"
	run rc-optin -c acme check --country GB 1
	err_is 64 "--country"
}

@test "check tells consent, reason and since, and exits 1 unless all are in" {
	rc-optin in 15550000001
	rc-optin out 15550000002
	run -0 rc-optin check 15550000001
	[[ $output == 15550000001$'\t'in$'\t'event$'\t'20*Z ]]
	run -1 rc-optin check 15550000001 15550000002 15550000003
	[ "$(cut -f1-3 <<<"$output")" = "$(printf '%s\t%s\t%s\n' \
		15550000001 in event 15550000002 out event 15550000003 none nothing)" ]
	run -1 rc-optin -j check 15550000003
	[ "$(jq -r '.consent, .since' <<<"$output")" = $'none\nnull' ]
}

@test "a dry run counts and changes nothing" {
	rc-optin in 15550000001
	before=$(head_of)
	run -0 rc-optin -n in 15550000001 15550000002
	[[ $output == *"1 would change, 1 would not"* ]]
	[ "$(head_of)" = "$before" ]
	[ "$(rc-optin list)" = 15550000001 ]
}

@test "counts of who is named again do not depend on how a pipe cuts them" {
	run -0 --separate-stderr rc-optin -j -n in 15550000001 +15550000001
	[ "$(jq -c '[.changed, .unchanged]' <<<"$output")" = '[1,1]' ]
	run -0 --separate-stderr rc-optin -j in 15550000001 +15550000001 15550000001
	[ "$(jq -c '[.changed, .unchanged]' <<<"$output")" = '[1,2]' ]
	mkfifo pipe
	rc-optin -j out <pipe >out 2>/dev/null &
	PIDS+=($!)
	exec 7>pipe
	echo 15550000001 >&7
	wait_for eval '[ -z "$(rc-optin list)" ]'
	printf '%s\n' 15550000001 15550000001 >&7
	exec 7>&-
	wait "${PIDS[0]}"
	[ "$(jq -c '[.changed, .unchanged]' <out)" = '[1,2]' ]
}

@test "a channel that is removed while people are read takes nobody" {
	local head status=0
	rc-channel add other --provider http --url http://127.0.0.1:9/ \
		--identifier phoneNumber </dev/null
	rc-optin -c other in -q 15550000009
	mkfifo pipe
	rc-optin -c other in <pipe 2>err &
	PIDS+=($!)
	exec 7>pipe
	echo 15550000001 >&7
	wait_for eval 'rc-optin -c other list | grep -q 15550000001'
	rc-channel remove other </dev/null
	head=$(head_of)
	echo 15550000002 >&7
	exec 7>&-
	wait "${PIDS[0]}" || status=$?
	[ "$status" -eq 66 ]
	grep -q 'the channel has been removed meanwhile' err
	grep -q ': 1 changed' err
	[ "$(head_of)" = "$head" ]
}

@test "a bad line is named and left out, the others go on, the exit tells" {
	printf '%s\n' 15550000001 0123 '{"to":15}' '{"to":"15550000002"' \
		15550000003 | { run rc-optin in; printf '%s\n' "$output" >said
		echo "$status" >code; }
	[ "$(cat code)" = 65 ]
	grep -q 'line 2 of stdin: .*0123' said
	grep -q 'line 3 of stdin: ' said
	grep -q 'line 4 of stdin: ' said
	grep -q '3 of 5 lines' said
	[ "$(rc-optin list)" = "$(printf '%s\n' 15550000001 15550000003)" ]
}

@test "a number that would be read as another one is refused" {
	people 1 2 | rc-optin -q in
	run rc-optin out '+1 (0)5550000001'
	err_is 65 "'+1 (0)5550000001' is no phone number: leave out the (0)"
	run rc-optin out 15550000001.0
	err_is 65 "'15550000001.0' is no phone number: spreadsheet decimals"
	[ "$(rc-optin list)" = "$(people 1 2)" ]
	[ -z "$(rc-optin log 155500000010)" ]
}

# bodies: what clients send to the opt-in and opt-out API, one a line.
bodies() {
	cat <<-'EOF'
	{"identifier":{"type":"phoneNumber","value":"+15550000001"}}
	 { "associatedDevice" : {"dyid":"-4350463893986789401"}, "identifier" : {"value":"1555 000-0002","type":"phoneNumber"} }
	{"identifier":{"type":"email","value":"ada@example.com"}}
	{"identifier":{"type":"phoneNumber","value":"15550000003"},"associatedDevice":{"dyid":""},"x":[{"identifier":1}]}
	{"identifier":{"type":"phonenumber","value":"15550000004"}}
	{"identifier":{"type":"phoneNumber","value":15550000005}}
	{"identifier":"15550000006"}
	EOF
}

# expect_refused: what was said names each body that is none of this channel's.
expect_refused() {
	[ "$status" -eq 65 ]
	[[ $stderr == *"line 3 of stdin: identifier type email, but the channel's is phoneNumber"* ]]
	[[ $stderr == *"line 5 of stdin: 'phonenumber' is no identifier type"* ]]
	[[ $stderr == *"line 6 of stdin: 'identifier' is no object with the strings"* ]]
	[[ $stderr == *"line 7 of stdin: 'identifier' is no object with the strings"* ]]
	[[ $stderr == *"4 of 7 lines name nobody"* ]]
}

@test "bodies of the API are taken as they are by in, check, filter and out" {
	bodies >bodies
	run --separate-stderr rc-optin -j in <bodies
	expect_refused
	[ "$(jq -c '[.changed, .invalid]' <<<"$output")" = '[3,4]' ]
	[ "$(rc-optin list)" = "$(people 1 3)" ]
	run --separate-stderr rc-optin check <bodies
	expect_refused
	[ "$(cut -f1,2 <<<"$output")" = "$(people 1 3 | sed 's/$/\tin/')" ]
	run --separate-stderr rc-optin filter <bodies
	expect_refused
	[ "$output" = "$(sed -n '1p;2p;4p' bodies)" ]
	run --separate-stderr rc-optin out <bodies
	expect_refused
	[ -z "$(rc-optin list)" ]
	run rc-optin in '{"identifier":{"type":"email","value":"a@b.com"}}'
	err_is 65 "identifier type email"
}

@test "filter passes the lines of those who are in, as they are, in order" {
	people 1 50 | rc-optin in
	printf '%s\n' 15550000050 '{"to":"15550000007","x":[1,  2]}' 15550000099 \
		'+1 555 000 0001' 15550000050 >in
	rc-optin filter <in >out
	diff out <(grep -v 99 in)
}

@test "filter answers a slow pipe line by line" {
	people 1 2 | rc-optin in
	mkfifo pipe
	rc-optin filter <pipe >out &
	PIDS+=($!)
	exec 7>pipe
	echo 15550000001 >&7
	wait_for grep -qx 15550000001 out
	rc-optin out 15550000002
	printf '%s\n' 15550000002 15550000001 >&7
	exec 7>&-
	wait "${PIDS[0]}"
	[ "$(cat out)" = $'15550000001\n15550000001' ]
}

@test "filter and check answer a full block before they wait for the next" {
	people 1 2000 >people
	rc-optin -q in <people
	mkfifo pipe other
	# All of them are there when it begins, and no more come.
	exec 7<>pipe 8<>other
	cat people >&7
	cat people >&8
	rc-optin filter <pipe >out 7>&- 8>&- &
	PIDS+=($!)
	rc-optin check <other >answers 7>&- 8>&- &
	PIDS+=($!)
	wait_for cmp out people
	wait_for eval '[ "$(wc -l <answers)" -eq 2000 ]'
	kill -0 "${PIDS[0]}"
	kill -0 "${PIDS[1]}"
}

@test "log answers a slow pipe line by line" {
	rc-optin -q in 15550000001
	mkfifo pipe
	exec 7<>pipe
	echo 15550000001 >&7
	rc-optin log <pipe >out 7>&- &
	PIDS+=($!)
	wait_for grep -q ^15550000001 out
}

@test "an opt-out that comes through a slow pipe is recorded at once" {
	people 1 2 | rc-optin in
	mkfifo pipe
	rc-optin -q out <pipe &
	PIDS+=($!)
	exec 7>pipe
	echo 15550000001 >&7
	wait_for eval '[ "$(rc-optin list)" = 15550000002 ]'
	exec 7>&-
	wait "${PIDS[0]}"
}

@test "log tells a person's story, oldest first" {
	rc-optin in --source form --evidence 'ticked "yes"' \
		--at 2026-03-01T12:00:00+01:00 15550000001
	rc-optin in 15550000002
	echo 'wrote	to us' >letter
	rc-optin out --source mail --evidence @letter 15550000001
	rc-optin -j log 15550000001 >log
	[ "$(jq -c '[.seq,.kind,.set,.channel,.source,.evidence,.claimed]' log)" = \
		'[1,"in","added","acme","form","ticked \"yes\"","2026-03-01T11:00:00.000Z"]
[3,"out","removed","acme","mail","wrote\tto us\n",null]' ]
	[ "$(jq -r .evidence_digest log | tail -1)" = \
		"$(sha256sum <letter | cut -d' ' -f1)" ]
	[ "$(jq -c '[.file_digest, .list_time]' log | uniq)" = '[null,null]' ]
	[ "$(jq -r .hash log | tail -1)" = "$(head_of)" ]
	run -0 rc-optin log 15550000001
	[ "${#lines[@]}" -eq 2 ]
	[ "$(tail -1 <<<"$output" | cut -f 8)" = 'wrote\tto us\n' ]
	[ "$(tail -1 <<<"$output" | cut -f 10-)" = "$(tail -1 log |
		jq -r '[.hash, .evidence_digest, "", "", ""] | @tsv')" ]
	run -1 rc-optin log 15550000003
	[ -z "$output" ]
}

# at_text TEXT: the places where it lies in the state file.
at_text() {
	grep -abo -- "$1" "$RC_STATE" | cut -d: -f1 >at
	[ -s at ]
}

# spoil TEXT: changes every copy of it in the state file; pages that were given
# back may hold some.
spoil() {
	local at
	at_text "$1"
	while read -r at; do
		printf X | dd of="$RC_STATE" bs=1 seek="$at" conv=notrunc status=none
	done <at
}

@test "log tells the whole story: syncs with their files, events, STOP, START, undo" {
	printf 'phone numbers\n15550000001\n' >first.csv
	printf 'phone numbers\n15550000002\n' >"second list.csv"
	touch -d 2026-03-01T12:00:00Z first.csv
	rc-import -q first.csv >/dev/null
	rc-optin -q out --source desk --evidence 'called us' 15550000001
	rc-import -q --override-all first.csv >/dev/null
	rc-import -q --override-all "second list.csv" >/dev/null
	rc-import -q --undo >/dev/null
	"$RC_BUILD/tests/tools/suppress" 15550000001
	rc-optin -q in --lift-stop --source form --at 2026-03-02 15550000001
	rc-optin -j log 15550000001 >log
	[ "$(jq -c '[.seq, .kind, .set, .channel, .source, .evidence, .claimed]' log)" = \
		'[1,"sync","added","acme","first.csv",null,null]
[2,"out","removed","acme","desk","called us",null]
[3,"sync","added","acme","first.csv","--override-all",null]
[4,"sync","removed","acme","second list.csv","--override-all",null]
[5,"undo","added","acme","rc-import --undo",null,null]
[6,"suppress","removed","*","test",null,null]
[7,"lift","added","*","form",null,"2026-03-02T00:00:00.000Z"]
[8,"in","confirmed","acme","form",null,"2026-03-02T00:00:00.000Z"]' ] ||
		{ cat log; return 1; }
	# Of files and texts the digests, of a sync its list time, of undo whose.
	[ "$(jq -r '.file_digest // empty' log)" = \
		"$(sha256sum first.csv first.csv second* | cut -d' ' -f1)" ]
	[ "$(jq -r '.list_time // empty' log | head -1)" = 2026-03-01T12:00:00.000Z ]
	[ "$(jq -r 'select(.kind == "sync") | .list_time' log | wc -l)" -eq 3 ]
	[ "$(jq -r '.evidence_digest // empty' log | head -1)" = \
		"$(printf 'called us' | sha256sum | cut -d' ' -f1)" ]
	[ "$(jq -c .undoes log | xargs)" = 'null null null null 4 null null null' ]
	# Every field of an object is a field of the line, in the same order.
	[ "$(rc-optin log 15550000001)" = "$(jq -r '[.[]] | @tsv' log)" ]
	[ "$(jq -r 'keys_unsorted[]' log | head -14 | xargs)" = "id seq time kind \
set channel source evidence claimed hash evidence_digest file_digest list_time undoes" ]
}

@test "evidence of 64 KiB is kept byte for byte and proven by its digest" {
	printf 'caf\xc3\xa9\n%065530d' 7 >wording
	rc-optin in --evidence @wording 15550000001
	people 2 200 | rc-optin in --evidence @wording
	rc-optin -j log 15550000001 | jq -j .evidence | cmp - wording
	[ "$(rc-optin -j log 15550000009 | jq -r .evidence_digest)" = \
		"$(sha256sum <wording | cut -d' ' -f1)" ]
	at_text "$(printf %020d 7)"
	[ "$(wc -l <at)" -eq 1 ]
	rc-optin verify
}

@test "evidence that was changed in the state file is no evidence any more" {
	rc-optin in 15550000001
	rc-optin in --evidence 'they-ticked-the-box' 15550000002
	spoil they-ticked-the-box
	run rc-optin verify
	err_is 1 "journal entry 2: its evidence was changed"
	run -0 --separate-stderr rc-optin -j log 15550000002
	[[ $stderr == *"warning: the evidence of journal entry 2 is lost or was changed"* ]]
	[ "$(jq -c '[.evidence, (.evidence_digest | length)]' <<<"$output")" = \
		'[null,64]' ]
}

@test "a person of a large batch is found in the log" {
	people 1 2000 >people # a pipe might bring them in two pieces
	rc-optin in <people
	rc-optin out 15550000777
	[ "$(rc-optin log 15550000777 | cut -f 2,4,5)" = \
		$'1\tin\tadded\n2\tout\tremoved' ]
	run -1 rc-optin log 15550002001
}

@test "more people than a batch become several entries" {
	people 1 25000 | tac >people
	run -0 --separate-stderr rc-optin -j in <people
	[ "$(jq -r .changed <<<"$output")" = 25000 ]
	[ "$(rc-optin list)" = "$(people 1 25000)" ]
	[ "$(rc-optin -j verify | jq .entries)" = 5 ]
}

@test "verify finds the noted head, and misses one that is not there" {
	rc-optin in 15550000001
	head=$(head_of)
	people 2 200 | rc-optin in
	rc-optin verify --head "$head"
	other=${head/%?/g}
	run rc-optin verify --head "$other"
	err_is 64 "64 hex digits"
	run rc-optin verify --head "$(tr 0-9a-f 1-9a-f0 <<<"$head")"
	err_is 1 "does not hold"
}

@test "one flipped byte of the journal in the state file is detected" {
	rc-optin in 15550000001
	rc-optin in --source 'they-ticked-the-box' 15550000002
	rc-optin out 15550000001
	rc-optin verify
	spoil they-ticked-the-box
	run rc-optin verify
	err_is 1 "journal entry 2: its record was changed"
	[[ $output == *broken* ]]
}

# recipe N: the Nth script of "Checking an export", as the page prints it.
recipe() {
	awk -v n="$1" '/^\.Ss / { on = /Checking an export/ }
	    on && /^\.Ed/ { block = 0 }
	    on && block == n
	    on && /^\.Bd/ { block = ++blocks }' "$TOP/man/reconnect-state.5" |
		sed 's/\\e/\\/g' >"recipe.$1"
	[ -s "recipe.$1" ]
	bash "recipe.$1"
}

# a_journal: entries of every kind but undo, on two channels.
a_journal() {
	make_channel mail email
	rc-optin -q -c acme in --source 'we"b é' --evidence 'I "agree"' \
		--at 2026-03-01 15550000001
	{ echo 'phone numbers'; seq 15550000000 700 15551400000; } >list.csv
	touch -d '+1 hour' list.csv # so that it counts as of its reading
	rc-import -q -c acme list.csv >/dev/null
	rc-optin -q -c acme out --source "$(printf '%0200d' 0)" 15550000700
	rc-optin -q -c mail in Ada@example.com
	"$RC_BUILD/tests/tools/suppress" 15550001400
	rc-optin -q -c acme in --lift-stop 15550001400
}

@test "a third party verifies an export by the script in reconnect-state(5)" {
	a_journal
	rc-optin log --export >export
	run -0 recipe 1 <export
	[ "$output" = "7 entries, evidence of 0 lost, the last 7 $(head_of)" ]
	[ "$(jq -r 'select(.type == "entry") | .kind' export | xargs)" = \
		'in sync out in suppress lift in' ]
	[ "$(jq -c 'select(.seq == 1 and .type == "entry") | [.channel, .source,
		.evidence, .claimed, .added]' export)" = \
		'["acme","we\"b é","I \"agree\"","2026-03-01T00:00:00.000Z",1]' ]
	[ "$(jq -c 'select(.kind == "sync") | [.source, .file_digest, .rows,
		.added, .removed]' export)" = "[\"list.csv\",\"$(sha256sum \
		<list.csv | cut -d' ' -f1)\",2001,2001,1]" ]
	# Whoever was on the list is in the blocks, and nobody else.
	jq -c 'select(.seq == 2 and .set == "added")' export | recipe 2 >members
	diff members <(sed -n 's/^1/2 added 1/p' list.csv)
}

@test "the export's script sees whatever is changed in an export" {
	local field line n=0
	a_journal
	rc-optin log --export | sed '/"kind":"sync"/q' >export
	recipe 1 <export
	# One character of each value that is there; for 0 and null, a 1.
	while IFS=$'\t' read -r line field; do
		n=$((n + 1))
		jq -c --argjson at "$line" --arg field "$field" 'if
			input_line_number == $at then .[$field] |= (if
			type == "string" then (length / 2 | floor) as $i |
			.[:$i] + (if .[$i:$i + 1] == "1" then "2" else "1" end) +
			.[$i + 1:] elif . == null then "1" else . + 1 end)
			else . end' export >changed
		run cmp -s export changed
		[ "$status" -eq 1 ]
		run recipe 1 <changed
		[ "$status" -eq 1 ] || { echo "$line $field: $output"; return 1; }
	done < <(jq -r 'select(input_line_number == 1 or .kind == "sync") |
		"\(input_line_number)\t\(keys_unsorted[] |
		select(. != "channel"))"' export)
	[ "$n" -eq 30 ]
	# And lines that are missing, doubled or in another place.
	for line in 1d '2{h;d};3G' 2p 5d '$d' '$p'; do
		sed "$line" export >changed
		run recipe 1 <changed
		if [ "$line" = '$d' ]; then # its blocks have no entry then
			[[ $output == *"it is cut off"* ]]
		fi
		[ "$status" -eq 1 ] || { echo "$line: $output"; return 1; }
	done
	head -c -20 export >changed
	run recipe 1 <changed
	[ "$status" -eq 1 ]
	# What looks like a file name of somebody's is none.
	jq -c --arg evil "0  $PWD/evil"$'\n41' \
		'if .type == "block" then .digest = $evil else . end' export >changed
	run recipe 1 <changed
	[ "$status" -eq 1 ]
	[ ! -e evil ]
}

@test "an export says which sync an undo took back, and can be checked" {
	{ echo 'phone numbers'; people 1 1; } >list.csv
	rc-optin -q -c acme in 15550000002
	rc-import -q -c acme list.csv >/dev/null
	rc-import -q -c acme --undo >/dev/null
	rc-optin log --export </dev/null >export
	[ "$(jq -c 'select(.type == "entry") | [.kind, .rows, .undoes]' export |
		xargs)" = '[in,0,null] [sync,1,null] [undo,0,2]' ]
	run -0 recipe 1 <export
	[[ $output == "3 entries, "* ]]
	sed '/"kind":"undo"/s/"undoes":2/"undoes":1/' export >changed
	run recipe 1 <changed
	[[ $output == *"entry 3 shows what it does not say"* ]]
}

@test "an export of texts that are no UTF-8 can be verified all the same" {
	printf 'phone numbers\n15550000001\n' >$'caf\xe9.csv'
	rc-import -q $'caf\xe9.csv' >/dev/null
	rc-optin -q in --source $'\xf0\x9f\x8f\x81 caf\xc3\xa9 \xe2\x82\xac' 15550000002
	rc-optin log --export >export
	run -0 recipe 1 <export
	[[ $output == "2 entries, "* ]]
	[ "$(jq -c 'select(.type == "entry") | .source' export)" = 'null
"🏁 café €"' ]
	sed -i 's/🏁/🚩/' export
	run recipe 1 <export
	[ "$status" -eq 1 ]
}

# What has the right hashes, but is not what the export's writer writes, could
# be shown as something else than was hashed.
@test "the export's script takes no other spelling of what was hashed" {
	local forgery
	a_journal
	rc-optin log --export >export
	recipe 1 <export
	for forgery in \
		'.block |= (strings | ascii_upcase)' \
		'.header |= (strings | ascii_upcase)' \
		'select(.salt) |= (.block = .salt[30:] + .block |
			.salt |= .[:30])' \
		'select(.salt) |= (.block = .salt + .block | del(.salt))' \
		'select(.block) |= (.salt += .block | .block = "")' \
		'select(.seq == 3) |= (.seq |= tostring)' \
		'select(.seq == 3) |= (.set |= "nobody")' \
		'select(.set == "removed") |= (del(.salt, .block) |
			.digest |= "02" + . | .set = "nobody")' \
		'(select(.set == "removed") | .type) |= "block|3"' \
		'(select(.type == "entry" and .seq == 4) | .type) |= "end"'
	do
		jq -c "$forgery" export >changed
		run cmp -s export changed
		[ "$status" -eq 1 ]
		run recipe 1 <changed
		[ "$status" -eq 1 ] || { echo "$forgery: $output"; return 1; }
	done
}

@test "an export about one person discloses few others" {
	a_journal
	rc-optin -c acme log --export 15550000700 >export
	run -0 recipe 1 <export
	[[ $output == "2 entries, evidence of 0 lost, the last 3 "* ]]
	rc-optin verify --head "${output##* }"
	[ "$(jq -r 'select(.type == "entry") | .kind' export | xargs)" = 'sync out' ]
	recipe 2 <export >members
	grep -qx '2 added 15550000700' members
	grep -qx '3 removed 15550000700' members
	[ "$(wc -l <members)" -lt 1100 ]
	[ "$(jq -s 'map(select(.type == "block" and .block == null)) |
		length' export)" -ge 1 ]
	[ "$(jq -s 'map(select(.salt == null and .block)) | length' export)" = 0 ]
	# Of several people an entry is there once.
	printf '%s\n' 15550001400 +15550000700 15550000001 >who
	rc-optin -c acme log --export - <who >export
	[ "$(jq -r 'select(.type == "entry") | .seq' export | xargs)" = '1 2 3 5 6 7' ]
	run -0 recipe 1 <export
	run -1 --separate-stderr rc-optin -c acme log --export 15559999999
	[ -z "$output$stderr" ]
	run -65 rc-optin -c acme log --export - < <(people 1 1001)
	[[ $output == *"at most 1000 people"* ]]
	run -0 rc-optin -c acme log --export - </dev/null
	[ -z "$output" ]
}

@test "e-mail channels fold case, custom channels do not" {
	make_channel mail email
	make_channel ids custom
	rc-optin -c mail in Ada@Example.com
	rc-optin -c mail check ADA@example.COM
	rc-optin -c ids in Ada
	rc-optin -c ids check Ada
	run -1 rc-optin -c ids check ada
	run rc-optin list
	err_is 64 "acme"
}

@test "white space around an identifier is dropped wherever it comes from" {
	make_channel ids custom
	export RC_CHANNEL=ids
	printf 'custom\nalice \nbob\ncarol\ndave\n' | rc-import -q - >/dev/null
	rc-optin -q out 'bob '
	echo ' carol' | rc-optin -q out
	echo '{"to":"dave "}' | rc-optin -q out
	[ "$(rc-optin list)" = alice ]
	echo '{"identifier":{"type":"custom","value":"alice "}}' | rc-optin -q out
	[ -z "$(rc-optin list)" ]
	rc-optin -q in ' bob '
	[ "$(rc-optin list)" = bob ]
}

@test "who said STOP stays out until --lift-stop, on every channel" {
	make_channel other phoneNumber
	people 1 2 | rc-optin -q -c acme in
	people 1 2 | rc-optin -q -c other in
	"$RC_BUILD/tests/tools/suppress" 15550000001
	[ "$(rc-optin -c acme list)" = 15550000002 ]
	[ "$(rc-optin -c other list)" = 15550000002 ]
	[ "$(rc-optin -c other list --suppressed)" = 15550000001 ]
	run -0 rc-optin -c acme in 15550000001
	[[ $output == *"0 changed, 0 unchanged, 1 still suppressed"* ]]
	run -1 rc-optin -c acme check 15550000001
	[[ $output == *$'\tout\tsuppression\t'* ]]
	run -0 rc-optin -c acme in --lift-stop 15550000001 15550000002
	[[ $output == *"1 changed, 1 unchanged, 0 still suppressed"* ]]
	rc-optin -c acme check 15550000001
	[ -z "$(rc-optin -c acme list --suppressed)" ]
	[ "$(rc-optin -c acme log 15550000001 | cut -f 4-6)" = \
		"$(printf '%s\t%s\t%s\n' in added acme in added other \
			suppress removed '*' in confirmed acme lift added '*' \
			in confirmed acme)" ]
	rc-optin verify
}

@test "an opt-in on one channel is none on another" {
	make_channel other phoneNumber
	rc-optin -c acme in 15550000001
	run -1 rc-optin -c other check 15550000001
	[ -z "$(rc-optin -c other list)" ]
}

@test "nobody on standard input is no change" {
	run -0 rc-optin in </dev/null
	[ -z "$output" ]
	[ "$(rc-optin -j verify | jq .entries)" = 0 ]
}

@test "wrong command lines are refused before anything is done" {
	run rc-optin
	err_is 64 "verb"
	run rc-optin frob
	err_is 64 "frob"
	run rc-optin in --at yesterday 15550000001
	err_is 64 "yesterday"
	run rc-optin in --source "$(printf '%01001d' 0)" 15550000001
	err_is 64 "longer than 1000 bytes"
	run rc-optin in --evidence "$(printf '%065537d' 0)" 15550000001
	err_is 64 "longer than 65536 bytes"
	printf '%065537d' 0 >long
	run rc-optin in --evidence @long 15550000001
	err_is 65 "long is larger than 65536 bytes"
	run rc-optin in --evidence @nowhere 15550000001
	err_is 66 "nowhere"
	run rc-optin in --source $'\xff' 15550000001
	err_is 64 "UTF-8"
	run rc-optin list 15550000001
	err_is 64 "15550000001"
	run rc-optin -s nowhere/state list
	err_is 66 "nowhere/state"
	run rc-optin -c nobody list
	err_is 66 "nobody"
	[ "$(rc-optin -j verify | jq .entries)" = 0 ]
}

@test "a reader that goes away ends list like any filter" {
	people 1 20000 | rc-optin -q in
	set +o pipefail
	rc-optin list 2>err | head -1 >first
	code=${PIPESTATUS[0]}
	[ "$code" -eq 141 ]
	[ ! -s err ]
	[ "$(cat first)" = 15550000001 ]
	run -74 bash -c 'rc-optin list >/dev/full'
}

# commits N: each a transaction of its own.
commits() {
	local i
	for ((i = 1; i <= $1; i++)); do
		rc-optin -q in "$((15551000000 + i))"
	done
}

@test "a list or an export that stands still in a pipe holds no snapshot" {
	people 1 20000 | rc-optin -q in
	printf '%065000d' 0 >wording
	for n in 1 2 3 4; do
		rc-optin -q in --evidence @wording 15550000001
	done
	cp "$RC_STATE" other.mdb
	commits 150
	alone=$(stat -c %s "$RC_STATE")
	cp other.mdb "$RC_STATE"
	rm -f "$RC_STATE-lock"
	mkfifo pipe
	rc-optin list >pipe &
	PIDS+=($!)
	exec 7<pipe
	mkfifo pipe2
	rc-optin log --export >pipe2 &
	PIDS+=($!)
	exec 8<pipe2
	read -r -u 8 export
	[[ $export == '{"type":"block","seq":1,'* ]]
	read -r -u 7 first
	[ "$first" = 15550000001 ]
	commits 150
	kill -0 "${PIDS[0]}"
	kill -0 "${PIDS[1]}"
	stalled=$(stat -c %s "$RC_STATE")
	echo "alone $alone, beside a stalled list $stalled"
	[ "$stalled" -le $((alone + 16 * 4096)) ]
	[ "$(wc -l <&7)" = 19999 ]
	exec 7<&-
	[ "$(jq -s 'map(select(.type == "entry")) | length' <&8)" = \
		"$(($(rc-optin -j verify | jq .entries) - 150))" ]
	exec 8<&-
}

@test "a file given as a person is told where files go" {
	echo 15550000001 >optouts.txt
	run rc-optin out optouts.txt
	err_is 65 "a file is read from stdin, with '<'"
	run rc-optin out nosuch.txt
	[[ $output != *"with '<'"* ]]
}

@test "who is out by one way to write a number is out by the other" {
	local mx=525512345678 mx1=5215512345678 br=551187654321 br9=5511987654321
	rc-optin -q in $mx $mx1 $br $br9
	run -0 --separate-stderr rc-optin -j out $mx1
	[ "$(jq -c '[.changed, .unchanged]' <<<"$output")" = '[1,0]' ]
	[ "$(rc-optin list | xargs)" = "$br $br9" ]
	[ "$(rc-optin -j log $mx | jq -r .kind | xargs)" = 'in out' ]
	"$RC_BUILD/tests/tools/suppress" $br
	[ -z "$(rc-optin list)" ]
	[ "$(rc-optin list --suppressed | xargs)" = "$br $br9" ]
	# An opt-in is for the number that it names.
	rc-optin -q in --lift-stop $br9
	rc-optin -q in $mx
	[ -z "$(rc-optin list --suppressed)" ]
	[ "$(rc-optin list | xargs)" = "$mx $br $br9" ]
	# Both ways at once are two people named.
	run -0 --separate-stderr rc-optin -j out $br9 $br
	[ "$(jq -c '[.changed, .unchanged]' <<<"$output")" = '[2,0]' ]
	rc-optin verify
}
