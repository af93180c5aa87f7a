load ../tools/helper
load fault

# kill -9 while a list is replaced, writes that a quota refuses, and opt-outs
# beside it.

local_setup() {
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		</dev/null
}

# A channel that never had a list.
begin_anew() {
	rc-channel remove acme --force
	local_setup
}

# list FILE FIRST LAST: a subscriber list, and FILE.people with its people.
list() {
	seq "$2" "$3" >"$1.people"
	{ echo 'phone numbers'; cat "$1.people"; } >"$1"
	touch -d '2026-01-01' "$1" # so that later opt-outs are newer
}

digest() { sha256sum | cut -d' ' -f1; }

# is_old_or_new OLD NEW: the channel's list is one of the two lists, and
# everything that counts it agrees.  Sets NOW to the one it is.
is_old_or_new() {
	local now
	now=$(rc-optin list | digest)
	if [ "$now" = "$(digest <"$1.people")" ]; then
		NOW=$1
	elif [ "$now" = "$(digest <"$2.people")" ]; then
		NOW=$2
	else
		echo "neither $1 nor $2: $(rc-optin list | wc -l) people"
		return 1
	fi
	verify_sound
}

# The next sync starts from what there is, so its counts must fit that.
counts_fit() { # counts_fit FROM TO
	rc-import -q -n -j --max-shrink 100 "$2" >record.json
	[ "$(jq .added record.json)" -eq \
		"$(comm -13 "$1.people" "$2.people" | wc -l)" ]
	[ "$(jq .removed record.json)" -eq \
		"$(comm -23 "$1.people" "$2.people" | wc -l)" ]
	[ "$(jq .kept record.json)" -eq \
		"$(comm -12 "$1.people" "$2.people" | wc -l)" ]
}

# refused_at N COMMAND...: as killed_at, but its Nth write is refused.
refused_at() {
	rm -f done few
	: >few
	fail_at "$@"
	[ ! -e done ] || [ "$STATUS" -ne 0 ] || return 1
	ended_well "$1" 0 || return 2
}

# hurt_second_sync killed_at|refused_at: each time at another write.
hurt_second_sync() {
	local n old=a new=b
	begin_anew
	list a 15550000000 15550002999
	list b 15550001500 15550005999
	rc-import -q a >/dev/null
	for ((n = 1; ; n++)); do
		"$1" "$n" rc-import -q --max-shrink 100 "$new" ||
			{ [ $? -eq 1 ]; break; }
		is_old_or_new "$old" "$new"
		counts_fit "$NOW" b
		# Whichever it is, the other one comes next.
		if [ "$NOW" = a ]; then old=a new=b; else old=b new=a; fi
	done
	[ "$n" -gt 4 ]
	is_old_or_new "$new" "$new"
}

# The same on a channel that never had a list.
hurt_first_sync() {
	local n
	begin_anew
	list a 15550000000 15550002999
	list none 2 1
	for ((n = 1; ; n++)); do
		"$1" "$n" rc-import -q a ||
			{ [ $? -eq 1 ]; break; }
		is_old_or_new none a
		[ "$NOW" = none ] || begin_anew
	done
	[ "$n" -gt 4 ]
	is_old_or_new a a
}

@test "a sync killed before each write leaves the old list or the new one" {
	hurt_second_sync killed_at
}

@test "a first sync killed before each write leaves nobody or all" {
	hurt_first_sync killed_at
}

@test "a sync whose writes are refused leaves the old list or the new one" {
	hurt_second_sync refused_at
	FAIL_ON=1 hurt_second_sync refused_at
	FAIL_ON=1 FAIL_SHORT=1 hurt_second_sync refused_at
}

@test "a first sync whose writes are refused leaves nobody or all" {
	hurt_first_sync refused_at
	FAIL_ON=1 hurt_first_sync refused_at
	FAIL_ON=1 FAIL_SHORT=1 hurt_first_sync refused_at
}

@test "an upload whose import was killed comes with the next run, and once" {
	local n folder
	list a 15550000000 15550002999
	list b 15550001500 15550005999
	mkdir -p drop/made
	for ((n = 1; n < 60; n++)); do
		folder=upload_2026-01-01_00-$(printf %02d "$n")
		mv drop/* "drop/$folder"
		cp -p "$([ $((n % 2)) -eq 0 ] && echo a || echo b)" \
			"drop/$folder/data.csv"
		killed_at "$n" rc-import -q --max-shrink 100 drop ||
			{ [ $? -eq 1 ]; break; }
		rc-import -q --max-shrink 100 drop >/dev/null
		tail -n +2 "drop/$folder/data.csv" | cmp - <(rc-optin list)
		rc-import --history -j | jq -se --arg folder "$folder" 'map(
			select(.source | contains($folder)) |
			select(.state == "ok")) | length == 1'
		verify_sound
	done
	[ "$n" -gt 8 ]
}

@test "big syncs killed at random moments leave the old list or the new one" {
	local n old=a new=b began took killed=0 seen=''
	list a 15550000000 15550299999
	list b 15550100000 15550449999
	began=${EPOCHREALTIME/./}
	rc-import -q a >/dev/null
	took=$((${EPOCHREALTIME/./} - began))
	for ((n = 0; n < 25; n++)); do
		rc-import -q "$new" >/dev/null 2>&1 &
		RUN_PID=$!
		began=$((${EPOCHREALTIME/./} + RANDOM * took / 24000))
		while [ "${EPOCHREALTIME/./}" -lt "$began" ]; do :; done
		kill -9 "$RUN_PID" 2>/dev/null && killed=$((killed + 1))
		wait "$RUN_PID" || :
		is_old_or_new "$old" "$new"
		seen+=$NOW
		if [ "$NOW" = a ]; then old=a new=b; else old=b new=a; fi
	done
	echo "killed $killed, lists seen $seen"
	[ "$killed" -gt 3 ]
}

@test "a bulk opt-out killed before each write is whole or not there" {
	local n out
	list a 15550000000 15550002999
	rc-import -q a >/dev/null
	head -500 a.people >some
	for ((n = 1; ; n++)); do
		killed_at "$n" rc-optin out -q <some ||
			{ [ $? -eq 1 ]; break; }
		verify_sound
		out=$(rc-optin list | wc -l)
		[ "$out" -eq 3000 ] || [ "$out" -eq 2500 ]
		rc-optin in -q <some
	done
	[ "$n" -gt 4 ]
	[ "$(rc-optin list | wc -l)" -eq 2500 ]
}

# Syncs of a and b in turn until the file "stop" is there; every third one is
# killed somewhere.
sync_on_and_on() {
	local n=0 options=("$@")
	while [ ! -e stop ]; do
		n=$((n + 1))
		for name in a b; do
			if [ $((n % 3)) -eq 0 ]; then
				killed_at "$(between 1 12)" rc-import -q \
					"${options[@]}" "$name"
			else
				rc-import -q -j "${options[@]}" "$name" \
					>>syncs.json
			fi || : # some are told that the file has changed
		done
	done >syncs.out 2>syncs.err
}

# opt_out_beside OPTION...: opt-outs, one by one and many at once, while syncs
# with these options go on and on; none may be missing at the end.
opt_out_beside() {
	local n first
	list a 15550000000 15550039999
	list b 15550000000 15550049999
	rc-import -q a >/dev/null
	: >begun
	sync_on_and_on "$@" &
	PIDS+=($!)
	for ((n = 0; n < 60; n++)); do
		rc-optin out -q $((15550001000 + n))
		echo $((15550001000 + n)) >>withdrawn
		first=$((15550002000 + 100 * n))
		seq "$first" $((first + 99)) | rc-optin out -q
		seq "$first" $((first + 99)) >>withdrawn
	done
	: >stop
	wait "${PIDS[@]}" # whoever touches the lists as well
	# And one more of each list behind the last opt-out.
	rc-import -q "$@" b >/dev/null
	rc-import -q "$@" a >/dev/null
	run rc-optin check <withdrawn
	[ "$(cut -f2 <<<"$output" | sort | uniq -c | tr -d ' ')" = 6060out ]
	verify_sound
	[ "$(rc-optin list | wc -l)" -eq $((40000 - 6060)) ]
	jq -se 'length > 3 and all(.rows == .accepted + .duplicates + .rejected
		and .accepted == .added + .kept + .opted_out)' syncs.json
}

@test "opt-outs newer than the lists outlive every sync beside them" {
	opt_out_beside
}

@test "with --keep-optouts older opt-outs outlive newer lists as well" {
	( # lists that are always newer than the opt-outs
		while [ ! -e stop ]; do
			[ ! -e begun ] || touch a b
			pause 0.02
		done
	) 3>&- &
	PIDS+=($!)
	opt_out_beside --keep-optouts
}
