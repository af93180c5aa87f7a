load ../tools/helper
load fault

# A state that may not be written: one line that says what to make writable,
# exit 77, and nothing has changed once it may be.

# list FILE FIRST LAST: a subscriber list.
list() {
	{ echo 'phone numbers'; seq "$2" "$3"; } >"$1"
	touch -d '2026-01-01' "$1"
}

# make_state: a channel with a list and a link, at RC_STATE.
make_state() {
	rc-channel add acme --url http://127.0.0.1:9/x </dev/null
	list a 15550000001 15550000009
	list b 15550000002 15550000008
	rc-import -q a
	rc-shorten --base http://s.example https://shop.example/x
	rc-optin verify >sound
	echo '{"to":"${User identifier}"}' >template
}

# each_is_refused TEXT COMMAND...: every tool that writes, run by the command,
# exits with 77 and one line that has the text.
each_is_refused() {
	local line text=$1
	shift
	while read -r line; do
		try "$@" $line </dev/null
		[ "$STATUS" -eq 77 ] && grep -q "^rc-[a-z]*: .*$text" err &&
			[ "$(wc -l <err)" -eq 1 ] || {
			echo "$line: exit $STATUS: $(cat err)"
			return 1
		}
	done <<-'END'
		rc-import -q b
		rc-optin -q out 15550000001
		rc-optin list
		rc-channel add other --url http://127.0.0.1:9/x
		rc-channel key add acme
		rc-shorten --base http://s.example https://shop.example/y
		rc-send -k spring -t template 15550000001
		rc-httpd --listen 127.0.0.1:0
		rc-stats
	END
}

nothing_has_changed() {
	rc-optin verify >now
	diff sound now
	[ "$(rc-optin list | wc -l)" -eq 9 ]
	[ "$(rc-channel list | wc -l)" -eq 1 ]
	[ "$(rc-shorten --list | wc -l)" -eq 1 ]
	rc-import -q b
	[ "$(rc-optin list | wc -l)" -eq 7 ]
}

@test "a disk that is mounted read-only is said to be so" {
	small_disk 6M
	make_state
	echo 'mount -o remount,bind,ro mounted && : >done' >keeper
	wait_for test -e done
	each_is_refused "cannot write '$RC_STATE' .*Read-only file system"
	echo 'mount -o remount,bind,rw mounted && rm done' >keeper
	wait_for test ! -e done
	nothing_has_changed
}

# mortal COMMAND...: file modes hold for it, also when it is root's.
mortal() {
	if [ "$(id -u)" -ne 0 ]; then
		"$@"
	else
		setpriv --bounding-set=-dac_override,-dac_read_search "$@"
	fi
}

modes_hold() {
	: >secret
	chmod 000 secret
	run mortal cat secret
	[ "$status" -ne 0 ] || skip "file modes do not hold here"
}

@test "a state, or its lock, without permission to write is named" {
	modes_hold
	make_state
	chmod 444 state.mdb
	each_is_refused "'$RC_STATE-lock': Permission denied: make both" mortal
	chmod 600 state.mdb
	chmod 444 state.mdb-lock
	each_is_refused "'$RC_STATE-lock': Permission denied: make both" mortal
	chmod 600 state.mdb-lock
	chmod 000 state.mdb
	each_is_refused "cannot read '$RC_STATE': Permission denied" mortal
	chmod 600 state.mdb
	nothing_has_changed
}

@test "a directory without permission to write keeps nobody from a state" {
	modes_hold
	mkdir dir
	export RC_STATE=$PWD/dir/state.mdb
	make_state
	chmod 555 dir
	mortal rc-import -q b
	mortal rc-optin -q in 15550000009
	[ "$(mortal rc-optin list | wc -l)" -eq 8 ]
	run mortal rc-import -q --rejects dir/rejects a
	err_is 73 "dir/rejects"
	# But the lock has to be there.
	chmod 755 dir
	rm dir/state.mdb-lock
	chmod 555 dir
	each_is_refused "'$RC_STATE-lock': Permission denied: make both" mortal
	chmod 755 dir
	rm dir/*
	chmod 555 dir
	run mortal rc-channel add acme --url http://127.0.0.1:9/x </dev/null
	err_is 77 "$RC_STATE"
	chmod 755 dir
}
