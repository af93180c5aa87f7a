load ../tools/helper
load fault

# A clock that goes backwards, by as much as it likes: who opts out after a list
# was made is not texted because of that list.

DAY=86400

local_setup() {
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		</dev/null
	printf '%s\n' 'phone numbers' 15550000001 15550000002 >list.csv
}

# at SHIFT COMMAND...: with a clock that many seconds off.
at() {
	CLOCK_SHIFT=$1 LD_PRELOAD=$RC_BUILD/tests/fault/shiftclock.so "${@:2}"
}

@test "the clock of these tests is off as told" {
	at -$DAY rc-optin out -q 15550000001
	run rc-optin check 15550000001
	[[ $output == *$'\t'"$(date -ud '-1 day' +%F)"T* ]] ||
		[[ $output == *$'\t'"$(date -ud '-1 day -1 minute' +%F)"T* ]]
}

@test "an opt-out after the sync stays out when the same list comes again" {
	rc-import -q list.csv
	at -$DAY rc-optin out -q 15550000001
	run rc-import -q -j list.csv
	[ "$(jq -c '[.opted_out, .reversed_optouts]' <<<"$output")" = '[1,0]' ]
	at -$((2 * DAY)) rc-import -q list.csv
	[ "$(rc-optin list)" = 15550000002 ]
	verify_sound
}

@test "an opt-out after a list that was taken back stays out of older lists" {
	touch -d '-1 hour' list.csv
	rc-import -q list.csv
	at -$((2 * DAY)) rc-optin out -q 15550000001
	at -$((2 * DAY)) rc-import -q --undo
	touch -d '-1 day' list.csv
	at -$((2 * DAY)) rc-import -q list.csv
	[ "$(rc-optin list)" = 15550000002 ]
	run rc-import -j list.csv
	[ "$status" -eq 0 ]
	[[ $output == *'"opted_out":1'*'"reversed_optouts":0'* ]]
	[ "$(rc-optin list)" = 15550000002 ]
	verify_sound
}

@test "an opt-out between two lists stays out when both were taken back" {
	local first
	first=@$(date -d '-3 hours' +%s)
	touch -d "$first" list.csv
	rc-import -q list.csv
	at -$DAY rc-optin out -q 15550000001
	touch -d '-1 hour' list.csv
	rc-import -q list.csv
	[ "$(rc-optin list | wc -l)" -eq 2 ] # as the clock has it
	rc-import -q --undo
	rc-import -q --undo
	touch -d "$first" list.csv
	rc-import -q list.csv
	[ "$(rc-optin list)" = 15550000002 ]
	verify_sound
}

@test "a list with a time ahead is warned of, until --override-all" {
	touch -d '+2 days' list.csv
	at $DAY rc-import -q list.csv
	rc-optin out -q 15550000001
	at 3600 run rc-import list.csv
	[ "$status" -eq 0 ]
	[[ $output == *'the time of an earlier list, '*', lies ahead: '* ]]
	[ "$(rc-optin list)" = 15550000002 ]
	at 3600 run rc-import --override-all list.csv
	[[ $output != *'lies ahead'* ]]
	[ "$(rc-optin list | wc -l)" -eq 2 ]
	at 3600 rc-optin out -q 15550000001
	touch -d '+90 minutes' list.csv
	at 7200 run rc-import list.csv
	[[ $output != *'lies ahead'* ]]
	[ "$(rc-optin list | wc -l)" -eq 2 ]
	verify_sound
}

@test "an opt-out while the list is read stays out" {
	mkfifo pipe
	rc-import -q - <pipe 3>&- &
	PIDS+=($!)
	exec 7>pipe
	cat list.csv >&7
	running() { rc-import --status | grep -q running; }
	wait_for running
	at -$DAY rc-optin out -q 15550000001
	exec 7>&-
	wait "${PIDS[0]}"
	[ "$(rc-optin list)" = 15550000002 ]
	verify_sound
}

@test "the last word counts, whatever the clock said when it was spoken" {
	at $DAY rc-optin in -q 15550000001
	rc-optin out -q 15550000001
	at -$DAY rc-optin out -q 15550000002
	at -$((2 * DAY)) rc-optin in -q 15550000002
	[ "$(rc-optin list)" = 15550000002 ]
	at -$((3 * DAY)) rc-import -q list.csv
	at -$((4 * DAY)) rc-optin out -q 15550000002
	run rc-optin list
	[[ $output != *15550000002* ]]
	verify_sound
}

@test "a journal whose times go backwards is sound" {
	local day
	for day in 3 -1 0 -5 2; do
		at $((day * DAY)) rc-import -q list.csv
		at $((day * DAY - 60)) rc-optin out -q 15550000001
		at $((day * DAY - 120)) rc-optin in -q 15550000001
	done
	verify_sound
	[ "$(rc-optin log 15550000001 | cut -f1)" = \
		"$(rc-optin log 15550000001 | cut -f1 | sort -n)" ]
	[ "$(rc-optin list | wc -l)" -eq 2 ]
}
