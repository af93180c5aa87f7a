load ../tools/helper
load fault

# kill -9 while a sync is taken back.

local_setup() {
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		</dev/null
}

# list FILE FIRST LAST: a subscriber list.
list() {
	{ echo 'phone numbers'; seq "$2" "$3"; } >"$1"
}

# What is known of everybody: who may be texted, since when and why, and what
# the history says.
picture() {
	seq 15549999990 15550004510 | rc-optin check >check.tsv || :
	rc-optin list | cmp - <(awk -F'\t' '$2 == "in" { print $1 }' check.tsv) ||
		return 1
	cut -f1-3 check.tsv
	awk -F'\t' '$3 == "event"' check.tsv
	rc-import --history -j | jq -r '"\(.action) \(.state) \(.seq)"'
}

@test "an undo killed before each write has happened or has not" {
	local n before=0 after
	list a 15550000000 15550002999
	list b 15550001500 15550004499
	touch -d '2026-01-01' a
	rc-import -q a >/dev/null
	seq 15550000000 7 15550002999 | rc-optin out -q
	seq 15550004000 15550004009 | rc-optin in -q
	rc-import -q --override-all b >/dev/null
	rc-optin out -q 15550001501 15550004499
	cp state.mdb synced.mdb
	picture >before
	rc-import -q --undo >/dev/null
	picture >after
	verify_sound
	run cmp before after
	[ "$status" -eq 1 ]
	for ((n = 1; ; n++)); do
		cp synced.mdb state.mdb
		killed_at "$n" rc-import -q --undo || break
		verify_sound
		picture >now
		if cmp -s now before; then
			before=$((before + 1))
			# It can be done now.
			rc-import -q --undo >/dev/null
			picture >now
		fi
		cmp now after
	done
	echo "killed $((n - 1)) times, $before times before it happened"
	[ "$before" -gt 0 ]
	[ "$((n - 1))" -gt "$before" ]
}

@test "the history says ok of a killed sync just when it happened" {
	local n new happened=0 unheard=0
	list a 15550000000 15550002999
	list b 15550001500 15550004499
	rc-import -q a >/dev/null
	cp state.mdb synced.mdb
	new=$(tail -n +2 b | sort | sha256sum)
	for ((n = 1; ; n++)); do
		cp synced.mdb state.mdb
		killed_at "$n" rc-import -q b || break
		rc-import --history -j | jq -r '"\(.state) \(.reason) \(.source)"' \
			>history
		if [ "$(rc-optin list | sha256sum)" = "$new" ]; then
			[ "$(cat history)" = $'ok  b\nok  a' ]
			happened=$((happened + 1))
		elif [ "$(cat history)" != 'ok  a' ]; then # it had begun
			[ "$(cat history)" = $'failed killed b\nok  a' ]
			unheard=$((unheard + 1))
		fi
	done
	echo "killed $((n - 1)) times: $happened had happened, $unheard not"
	[ "$happened" -gt 0 ]
	[ "$unheard" -gt 0 ]
}
