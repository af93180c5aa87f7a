load ../tools/helper
load fault

FAULT=failmalloc FAULT_EXIT=75

# Memory that runs out at each single allocation, as in alloc.bats: subscriber
# lists and consent.

local_setup() {
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		</dev/null
	people 300
	head -3 people >few
	head -200 list.csv >shorter.csv
}

@test "rc-optin check" {
	fail_each 0 rc-optin check
	rc-optin out -q 12025550001
	print_or_fail rc-optin check
}

@test "rc-optin in and out" {
	fail_each 0 rc-optin out
	fail_each 0 rc-optin in
	rc-optin out -q <few
	run rc-optin check 12025550000 12025550001 12025550002
	[ "$(grep -c 'out' <<<"$output")" -eq 3 ]
}

@test "rc-optin list, filter, log and verify" {
	rc-optin out -q <few
	print_or_fail rc-optin list
	print_or_fail rc-optin filter
	print_or_fail rc-optin log
	print_or_fail rc-optin verify
	print_or_fail rc-optin list --since 2026-01-01 --country US,GB
	print_or_fail rc-optin log --export
}

@test "rc-optin in with evidence: both or neither" {
	fail_each 0 rc-optin in --source form --evidence 'I agree'
	# Those that went through are in the journal, each with its proof.
	run rc-optin log -j 12025550000
	[ "$(jq -rs 'map(select(.source == "form").evidence) | unique[]' \
		<<<"$output")" = 'I agree' ]
}

@test "rc-optin review: a reply waits or is decided" {
	local n
	while read -r n; do
		"$RC_BUILD/tests/tools/reply" "$n" 'stop it'
	done <few
	print_or_fail rc-optin review
	rm -f done
	for ((n = 1; n < CALLS_MAX; n++)); do
		cp state.mdb waiting.mdb
		fail_at "$n" rc-optin review --out 1
		[ -e done ] && break
		ended_well "$n" 0
		verify_sound
		[ "$(cat <(rc-optin review) <(rc-optin list --suppressed) |
			wc -l)" -eq 3 ]
		cp waiting.mdb state.mdb
	done
	[ -e done ]
	[ "$(rc-optin list --suppressed)" = 12025550000 ]
	[ "$(rc-optin review | wc -l)" -eq 2 ]
}

@test "rc-import: the old list or the new one" {
	fail_each 0 rc-import -q shorter.csv
	run rc-optin list
	[ "${#lines[@]}" -eq 199 ]
	fail_each 0 rc-import -q -j list.csv
	run rc-optin list
	[ "${#lines[@]}" -eq 300 ]
}

@test "rc-import: a drop folder" {
	mkdir -p drop/upload_2024-03-01_04-00 drop/wrong drop/upload_2024-02-01_04-00
	cp shorter.csv drop/upload_2024-03-01_04-00/data.csv
	touch -d '1 hour ago' drop/upload_2024-03-01_04-00/data.csv
	fail_each 0 rc-import -q -n drop
	# Once it is imported the next runs have less to do.
	fail_each 0 rc-import -q drop
	run rc-optin list
	[ "${#lines[@]}" -eq 199 ]
}

# The libraries of the network make thousands: every 25th, from a random one.
# Without keys: libcurl 7.88.1 crashes when its signing gets no memory.
@test "rc-import: a web server and a bucket" {
	local n port where
	mkdir -p store/lists/upload_2024-03-01_04-00
	cp shorter.csv store/lists/upload_2024-03-01_04-00/data.csv
	"$RC_BUILD/tests/tools/s3d" --anonymous store >port &
	PIDS+=($!)
	wait_for test -s port
	port=$(cat port)
	for where in http s3; do
		if [ $where = http ]; then
			set -- "http://127.0.0.1:$port/lists/upload_2024-03-01_04-00/data.csv"
		else
			set -- s3://lists --endpoint "http://127.0.0.1:$port"
		fi
		rm -f done
		for ((n = 1 + RANDOM % 25; n < 20000; n += 25)); do
			fail_at "$n" rc-import -n "$@"
			[ -e done ] && break
			# To libcurl it may look like a host without address,
			# or like a URL that has no query.
			[ "$STATUS" -eq 69 ] ||
				grep -q 'only ListObjectsV2 is spoken here' err ||
				ended_well "$n" 0
		done
		[ -e done ]
		[ "$n" -gt 500 ]
		[ "$STATUS" -eq 0 ]
	done
	rc-import -q --endpoint "http://127.0.0.1:$port" s3://lists
	run rc-optin list
	[ "${#lines[@]}" -eq 199 ]
}

# The preloaded library is for rc-import alone.
undo_anew() {
	LD_PRELOAD='' cp synced.mdb state.mdb && rc-import -q --undo
}

@test "rc-import: what changes, the history, and back" {
	rc-optin out -q 12025550001
	print_or_fail rc-import -q -n --changes changes.tsv shorter.csv
	[ "$(grep -c removed changes.tsv)" -eq 101 ]
	rc-import -q shorter.csv
	print_or_fail rc-import --status
	print_or_fail rc-import --history
	cp state.mdb synced.mdb
	fail_each 0 undo_anew
	run rc-optin list
	[ "${#lines[@]}" -eq 299 ]
	[ "$(rc-import --history | cut -f2)" = $'ok\nundone\nok' ]
}
