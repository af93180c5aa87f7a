load ../tools/helper
load fault

# kill -9 while a state gets another seal key.

local_setup() {
	export PASSWORD=sandbox-password
	start_sandbox
	rc-channel add basic --url "$SANDBOX/json/basic" --auth basic \
		--username sandbox --password env:PASSWORD
	add_oauth2 --header X-Key:env:TOKEN
	rc-channel rename acme push
}

# Every secret, and the kept token, is what it was.
all_open() {
	local name
	for name in basic push; do
		rc-channel test "$name" --to 12025550101 >test.out ||
			{ echo "$name: $(cat test.out)"; return 1; }
	done
	[ "$(grep -c '"event":"token"' sandbox.ndjson)" = 1 ]
}

@test "a rekey killed before each write leaves a state that opens" {
	local n old kept=0
	for ((n = 1; ; n++)); do
		old=$(cat key)
		killed_at "$n" rc-channel rekey || break
		all_open
		if [ "$(cat key)" = "$old" ]; then kept=$((kept + 1)); fi
		# And to which something can be added.
		rc-channel set basic --rate "$n" >/dev/null
	done
	echo "$n writes, $kept of them before the key was in place"
	[ "$n" -gt 8 ]
	[ "$kept" -gt 4 ] && [ "$kept" -lt "$n" ]
	# The last one was not killed: its key alone is enough.
	[ "$(cat key)" != "$old" ]
	rm key.*
	all_open
}

@test "a rekey that could not put its key in place can be made again" {
	local n first
	# The first n at which the key file stays and the state has another.
	for ((n = 1; ; n++)); do
		cp key before
		killed_at "$n" rc-channel rekey
		mkdir -p aside
		mv key.* aside
		first=0
		rc-channel -n set basic --rate 9 >/dev/null 2>set.err || first=1
		mv aside/* .
		[ "$first" = 0 ] || break
	done
	grep -q 'is not the seal key of' set.err
	cmp key before
	all_open
	rc-channel rekey
	run -1 cmp -s key before
	rm key.*
	all_open
}

@test "a rekey whose writes fail, one after the other, leaves one as well" {
	local n placed=0
	printf '' >few
	for ((n = 1; ; n++)); do
		rm -f done
		fail_at "$n" rc-channel rekey
		[ -e done ] && break
		[ "$STATUS" -eq 0 ] || ended_well "$n" 74
		all_open
		grep -q 'new seal key lies in' err && placed=1
		absent '^key\.[A-Za-z0-9]{6}$' <(ls)
	done
	[ "$n" -gt 8 ]
	[ "$placed" = 1 ] # what the state could no longer take back was told
	rm key.*
	all_open
}
