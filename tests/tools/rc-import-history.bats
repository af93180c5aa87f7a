load helper

# What rc-import keeps and tells of the syncs it has made.

local_setup() {
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		--identifier phoneNumber
}

# import ARGS...: quietly, its record in record.json.
import() { rc-import -q -j "$@" >record.json; }

# status FILTER: of the newest sync's record.
status() { rc-import --status -c acme -j | jq -r "$1"; }
status_is() { [ "$(status .state)" = "$1" ]; }
# history FILTER: of all records, one a line.
history() { rc-import --history -j | jq -r "$1"; }

@test "a channel without a sync says never" {
	run rc-import --status
	[ "$status" -eq 0 ]
	[ "$(cut -f1,2 <<<"$output")" = $'acme\tnever' ]
	run rc-import --history
	[ "$status" -eq 1 ]
	[ -z "$output" ]
}

@test "a sync leaves its counts, source, digest and times" {
	local field
	list 12025550101 +12025550102 12025550101 x >l
	import --max-bad 50 l
	status_is ok
	for field in rows accepted duplicates rejected added removed kept \
		opted_out repaired kept_events reversed_optouts suppressed \
		list_time digest seq; do
		[ "$(status ".$field")" = "$(jq -r ".$field" record.json)" ] ||
			{ echo "$field differs"; return 1; }
	done
	[ "$(status .source)" = l ]
	[ "$(status .bytes)" -eq "$(wc -c <l)" ]
	[ "$(status .action)" = sync ]
	[ "$(status '.duration >= 0 and .started <= .ended')" = true ]
	rc-import --status -j | jq -e '.reason == "" and .rows == 4'
}

@test "what is refused and what fails is told with the reason" {
	list x y >bad
	run rc-import -q bad
	[ "$status" -eq 65 ]
	status_is refused
	[[ $(status .reason) == *"2 of 2 rows are bad"* ]]
	[ "$(status '"\(.rows) \(.rejected) \(.accepted) \(.seq)"')" = "2 2 0 0" ]
	run rc-import -q nowhere
	[ "$status" -eq 66 ]
	status_is failed
	[[ $(status .reason) == *nowhere* ]]
	[ "$(status .source)" = nowhere ]
	list 12025550101 >l
	run rc-import -q --rejects . l
	[ "$status" -eq 73 ]
	status_is failed
	[ "$(history .state)" = $'failed\nfailed\nrefused' ]
}

@test "a dry run leaves no record" {
	list 12025550101 >l
	rc-import -q -n l
	run rc-import -q -n nowhere
	[ "$status" -eq 66 ]
	status_is never
}

@test "asking again and again for a newer list is one record" {
	mkdir -p drop/upload_2026-01-01_00-00
	list 12025550101 >drop/upload_2026-01-01_00-00/data.csv
	touch -d '2026-01-01' drop/upload_2026-01-01_00-00/data.csv
	rc-import -q drop/
	rc-import -q drop/
	status_is "up to date"
	rc-import -q drop/
	[ "$(history .state)" = $'up to date\nok' ]
	[ "$(history .digest | head -1)" = null ]
}

@test "a sync shows while it runs, and when it is killed" {
	mkfifo pipe
	rc-import -q <pipe >out 2>err &
	PIDS+=($!)
	exec 4>pipe
	wait_for status_is running
	[ "$(status .source)" = stdin ]
	[ "$(status .ended)" = null ]
	list 12025550101 >&4
	status_is running
	kill -9 "${PIDS[0]}"
	wait "${PIDS[0]}" || :
	exec 4>&-
	status_is failed
	[ "$(status .reason)" = killed ]
	[ "$(rc-optin list | wc -l)" -eq 0 ]
}

@test "a sync that runs does not hide the end of another" {
	mkfifo pipe
	rc-import -q <pipe >out 2>err &
	PIDS+=($!)
	exec 4>pipe
	wait_for status_is running
	list 12025550101 >l
	rc-import -q l >/dev/null
	status_is ok
	[ "$(history .state)" = $'ok\nrunning' ]
	list 12025550102 >&4
	exec 4>&-
	wait "${PIDS[0]}"
	[ "$(history .state)" = $'ok\nok' ]
	[ "$(rc-optin list)" = 12025550102 ]
}

@test "a channel that is renamed gets its list, one that is removed none" {
	local verb want code
	running() { rc-import --status | grep -q running; }
	for verb in 'rename acme bravo' 'remove bravo'; do
		[ "$verb" = 'remove bravo' ] && want=66 || want=0
		mkfifo "pipe.${verb%% *}"
		rc-import -q <"pipe.${verb%% *}" >out 2>err &
		PIDS+=($!)
		exec 4>"pipe.${verb%% *}"
		wait_for running
		# shellcheck disable=SC2086
		rc-channel $verb </dev/null
		list 12025550101 >&4
		exec 4>&-
		code=0
		wait "${PIDS[-1]}" || code=$?
		[ "$code" -eq "$want" ]
	done
	grep -q "channel 'bravo' has been removed meanwhile" err
	rc-optin verify
	[ "$(rc-optin log --export | grep -c '"type":"entry"')" -eq 1 ]
}

@test "the status names each channel, the history newest first" {
	rc-channel add bravo --provider http --url http://127.0.0.1:9/x \
		--identifier phoneNumber
	list 12025550101 >a
	list 12025550101 12025550102 >b
	rc-import -q -c acme a >/dev/null
	rc-import -q -c acme b >/dev/null
	run rc-import --status
	[ "$(cut -f1,2 <<<"$output")" = $'acme\tok\nbravo\tnever' ]
	run rc-import --status -c bravo
	[ "$(cut -f1,2 <<<"$output")" = $'bravo\tnever' ]
	run rc-import --history -c acme
	[ "$(cut -f1,2,8,11,24 <<<"$output")" = \
		$'acme\tok\tb\t2\t2\nacme\tok\ta\t1\t1' ]
	run rc-import --history
	err_is 64 "more than one channel" || err_is 64 -c
}

@test "a terminal is told the history in words, with -q as records" {
	rc-channel add bravo --provider http --url http://127.0.0.1:9/x \
		--identifier phoneNumber
	list 12025550101 nonsense 12025550102 12025550103 12025550104 >$'a\tb'
	rc-import -q -c acme $'a\tb' >/dev/null
	rc-import -q -c acme nope || :
	rc-import -q -c acme --undo >/dev/null
	run script -qec 'rc-import --history -c acme' /dev/null </dev/null
	output=${output//$'\r'/}
	[[ ${lines[0]} == "acme: ok, 20"*" s, undo of 'a\\tb', journal entry 2"* ]]
	[[ $output == *"
    took back the sync of journal entry 1
    4 removed
acme: failed, 20"*" s, 'nope'
    cannot open 'nope': No such file or directory
acme: undone, 20"*" s, 'a\\tb', journal entry 1
    5 rows, 1 rejected, 4 added" ]] || { echo "$output"; return 1; }
	run script -qec 'rc-import --status -c bravo' /dev/null </dev/null
	[ "${output%$'\r'}" = "bravo: never" ]
	run script -qec 'rc-import --status -q -c bravo' /dev/null </dev/null
	[[ $output == $'bravo\tnever\t'* ]]
}

# list_is NUMBERS...: exactly these may be texted.
list_is() {
	diff <(rc-optin list) <(printf '%s\n' "$@")
}

@test "an undo gives back the list before, and what the sync overrode" {
	list 12025550101 12025550102 12025550103 >a
	list 12025550103 12025550104 12025550105 >b
	touch -d '2026-01-01' a
	import a
	rc-optin out -q 12025550101 12025550104
	rc-optin in -q 12025550106
	list_is 12025550102 12025550103 12025550106
	import --override-all b
	list_is 12025550103 12025550104 12025550105
	# Since then one opts out, and one in.
	rc-optin out -q 12025550103
	rc-optin in -q 12025550107
	run --separate-stderr rc-import --undo -n -j
	[ "$status" -eq 0 ]
	[[ $stderr == *"(dry run)"*"would be taken back"* ]]
	jq -e '.added == 2 and .removed == 2 and .restored_events == 3 and
		.undone == 4 and .source == "b" and .listed == 3 and
		.list_time == "2026-01-01T00:00:00.000Z" and
		.seq == 0 and .head == ""' <<<"$output"
	list_is 12025550104 12025550105 12025550107
	run --separate-stderr rc-import --undo -j
	[ "$status" -eq 0 ]
	jq -e '.added == 2 and .removed == 2 and .restored_events == 3 and
		.undone == 4 and .listed == 3 and .seq == 7' <<<"$output"
	[[ $stderr == *"from 'b' (journal entry 4) is taken back"* ]]
	[[ $stderr == *"head $(jq -r .head <<<"$output")"* ]]
	rc-optin verify --head "$(jq -r .head <<<"$output")"
	list_is 12025550102 12025550106 12025550107
	[ "$(rc-optin log -j 12025550104 | jq -r .kind)" = $'out\nsync\nundo' ]
}

@test "an opt-out that an undo restored outlives an older list, as before" {
	list 12025550101 12025550102 >l
	touch -d '2026-01-01' l
	import l
	rc-optin out -q 12025550101
	cp l newer
	touch -d "1 hour" newer # counts as of now: files have a coarser clock
	import newer
	list_is 12025550101 12025550102
	rc-import --undo -q
	list_is 12025550102
	import l
	list_is 12025550102
}

@test "undos go back to before the first sync, and no further" {
	local n
	for n in 1 2 3; do
		list "1202555010$n" >l
		import l
	done
	for n in 2 1; do
		rc-import --undo -q >/dev/null
		list_is "1202555010$n"
	done
	rc-import --undo -q >/dev/null
	[ -z "$(rc-optin list)" ]
	run --separate-stderr rc-import --undo
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr == *"channel 'acme' has no sync that could be taken back"* ]]
	rc-optin verify
	# And on from there.
	import l
	list_is 12025550103
	[ "$(history .state)" = $'ok\nok\nok\nok\nundone\nundone\nundone' ]
	[ "$(history .action | head -4)" = $'sync\nundo\nundo\nundo' ]
}

@test "an undo leaves suppressions and the imported folder alone" {
	mkdir -p drop/upload_2026-01-01_00-00
	list 12025550101 12025550102 >drop/upload_2026-01-01_00-00/data.csv
	touch -d '2026-01-01' drop/upload_2026-01-01_00-00/data.csv
	import drop/
	rc-optin in -q 12025550103
	"$RC_BUILD/tests/tools/suppress" 12025550103
	rc-import --undo -q >/dev/null
	[ -z "$(rc-optin list)" ]
	rc-import -q drop/
	status_is "up to date"
	[ -z "$(rc-optin list)" ]
}

@test "status and history take no list and exclude each other" {
	run rc-import --status l
	err_is 64 operand
	run rc-import --status --history
	err_is 64 "exclude each other"
	run rc-import --keep-optouts --undo
	err_is 64 "no options of a sync"
	run rc-import --status --region eu-west-1
	err_is 64 "no options of a sync"
}
