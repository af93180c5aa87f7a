load helper

# Where a list may lie: a drop folder, a web server, a bucket.  What is in it is
# the matter of rc-import.bats.

local_setup() {
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		--identifier phoneNumber
}

# list NUMBERS...: a file with a header and one number a line.
list() {
	echo 'phone numbers'
	printf '%s\n' "$@"
}

# field NAME: of the record that the last `run` printed with -j.
field() {
	jq -r ".$1" <<<"${lines[-1]}"
}

# import ARGS...: quietly, with a JSON record as the last line.
import() {
	run rc-import -q -j "$@"
}

# upload NAME NUMBERS...: a folder in drop/ whose upload ended an hour ago.
upload() {
	local folder=drop/$1
	shift
	mkdir -p "$folder"
	list "$@" >"$folder/data.csv"
	touch -d '1 hour ago' "$folder/data.csv"
}

# nothing_changed: nobody is on the list and the journal is empty.
nothing_changed() {
	[ -z "$(rc-optin list)" ]
	[ "$(rc-optin verify | cut -f1,2)" = $'sound\t0' ]
}

# --- drop folders ------------------------------------------------------------

@test "of a drop folder the newest upload is imported, once" {
	upload upload_2026-03-01_04-00 12025550101
	upload upload_2026-03-01_23-59 12025550102
	upload upload_2026-02-28_23-59 12025550103
	import drop/
	[ "$status" -eq 0 ]
	[ "$(rc-optin list)" = 12025550102 ]
	run --separate-stderr rc-import drop
	[ "$status" -eq 0 ]
	[[ $stderr == *"channel 'acme' is up to date"* ]]
	[ -z "$output" ]
	upload upload_2026-03-02_04-00 12025550104
	import drop
	[ "$(field added)" -eq 1 ]
	[ "$(rc-optin list)" = 12025550104 ]
}

@test "a drop folder is the same one under any of its names" {
	upload upload_2026-03-01_04-00 12025550101
	import drop//
	[ "$status" -eq 0 ]
	ln -s drop link
	import ./link
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	cd drop
	import .
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "each channel takes an upload for itself" {
	rc-channel add other --provider http --url http://127.0.0.1:9/x \
		--identifier phoneNumber
	upload upload_2026-03-01_04-00 12025550101
	import -c acme drop
	import -c other drop
	[ "$(field added)" -eq 1 ]
}

@test "a dry run or a refused list does not count as imported" {
	upload upload_2026-03-01_04-00 12025550101
	import -n drop
	[ "$(field added)" -eq 1 ]
	upload upload_2026-03-02_04-00 x y z
	import drop
	[ "$status" -eq 65 ]
	import drop
	[ "$status" -eq 65 ]
	upload upload_2026-03-02_04-00 12025550102
	import drop
	[ "$(rc-optin list)" = 12025550102 ]
}

@test "of two imports of an upload at once one takes it" {
	upload upload_2026-03-01_04-00 12025550101
	local pid pids=()
	for pid in 1 2 3; do
		rc-import -q drop &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	[ "$(rc-optin list)" = 12025550101 ]
	[ "$(rc-optin verify | cut -f1,2)" = $'sound\t1' ]
}

@test "folders with wrong names or dates that do not exist are warned of" {
	local name
	upload upload_2026-02-28_04-00 12025550101
	for name in upload_2026-02-30_04-00 upload_2026-3-1_04-00 \
		upload_2026-03-01_24-00 upload_2026-03-01 old; do
		upload "$name" 12025550109
	done
	upload upload_2999-01-01_00-00 12025550109
	mkdir drop/.snapshots
	run --separate-stderr rc-import -j drop
	[ "$status" -eq 0 ]
	echo "$stderr"
	for name in upload_2026-02-30_04-00 upload_2026-3-1_04-00 \
		upload_2026-03-01_24-00 upload_2026-03-01 old; do
		[[ $stderr == *"warning: 'drop': folder '$name' is skipped: its name"* ]]
	done
	[[ $stderr == *"folder 'upload_2999-01-01_00-00' is skipped: its date lies ahead"* ]]
	[[ $stderr != *snapshots* ]]
	[ "$(rc-optin list)" = 12025550101 ]
}

@test "many wrong names are counted, not listed" {
	mkdir -p drop/{a,b,c,d,e,f,g,h}
	run rc-import drop
	err_is 66 "has no folder upload_yyyy-MM-dd_HH-mm with a data.csv"
	[ "$(grep -c 'its name' <<<"$output")" -eq 5 ]
	[[ $output == *"3 more folders are skipped"* ]]
}

@test "a folder without data.csv is warned of and the one before is taken" {
	upload upload_2026-03-01_04-00 12025550101
	mkdir -p drop/upload_2026-03-02_04-00/data.csv
	mkdir drop/upload_2026-03-03_04-00
	run --separate-stderr rc-import -j drop
	[ "$status" -eq 0 ]
	[[ $stderr == *"'upload_2026-03-02_04-00' is skipped: there is no data.csv in it"* ]]
	[[ $stderr == *"'upload_2026-03-03_04-00' is skipped: there is no data.csv in it"* ]]
	[ "$(rc-optin list)" = 12025550101 ]
	upload upload_2026-03-03_04-00 12025550103
	import drop
	[ "$(rc-optin list)" = 12025550103 ]
}

@test "an upload that is still going on waits for the next run" {
	upload upload_2026-03-01_04-00 12025550101
	upload upload_2026-03-02_04-00 12025550102
	touch drop/upload_2026-03-02_04-00/data.csv
	import drop
	err_is 75 "'drop/upload_2026-03-02_04-00/data.csv' is still being uploaded"
	nothing_changed
	touch -d '61 seconds ago' drop/upload_2026-03-02_04-00/data.csv
	import drop
	[ "$(rc-optin list)" = 12025550102 ]
}

@test "the list's time is the folder's or the file's, whichever is earlier" {
	upload upload_2026-03-01_04-00 12025550101
	import drop
	[ "$(field list_time)" = 2026-03-01T04:00:00.000Z ]
	upload upload_2026-03-02_04-00 12025550101
	touch -d 2026-03-01T22:00:00Z drop/upload_2026-03-02_04-00/data.csv
	import drop
	[ "$(field list_time)" = 2026-03-01T22:00:00.000Z ]
}

@test "a list that cannot be opened is named, and no older one is taken" {
	upload upload_2026-03-01_04-00 12025550101
	mkdir drop/upload_2026-03-02_04-00
	ln -s data.csv drop/upload_2026-03-02_04-00/data.csv
	import drop
	err_is 66 "cannot open 'drop/upload_2026-03-02_04-00/data.csv'"
	nothing_changed
}
