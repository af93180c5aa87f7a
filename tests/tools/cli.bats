load helper

# What every tool owes its user whatever the input, checked once for all of
# them: the command line, the state file, stdin and stdout.

local_setup() {
	TOOLS=(channel import optin identify send shorten stats httpd sandbox)
}

# A state with one channel and a list of three.
small_state() {
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		--identifier phoneNumber
	printf 'phone numbers\n12025550101\n12025550102\n12025550103\n' |
		rc-import -q - >/dev/null
}

@test "every tool prints its help and version to stdout and exits 0" {
	local t
	for t in "${TOOLS[@]}"; do
		run --separate-stderr "rc-$t" --help
		[ "$status" -eq 0 ] && [ -z "$stderr" ]
		[[ $output == "rc-$t: "*"usage: rc-$t"*"--help"* ]]
		run --separate-stderr "rc-$t" --version
		[ "$status" -eq 0 ] && [ -z "$stderr" ]
		[[ $output == "rc-$t (reconnect) "* ]]
	done
}

@test "an unknown option is named, with exit 64 and one line" {
	local t
	for t in "${TOOLS[@]}"; do
		run --separate-stderr "rc-$t" --no-such-option </dev/null
		[ "$status" -eq 64 ]
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == "rc-$t: unknown option '--no-such-option'"* ]]
		[ -z "$output" ]
	done
	run rc-optin -Z check 1
	err_is 64 "'-Z'"
	run rc-stats --format
	err_is 64 "needs a value"
}

@test "a missing or unknown verb is named" {
	run rc-optin
	err_is 64 "a verb is missing: in, out, check"
	run rc-optin frobnicate
	err_is 64 "unknown verb 'frobnicate': say in, out, check"
}

@test "help fits a terminal of 80 columns" {
	local t
	for t in "${TOOLS[@]}"; do
		run "rc-$t" --help
		absent '.{81}' <<<"$output"
	done
}

@test "an option of another verb is refused, not ignored" {
	small_state
	run rc-optin check --lift-stop 12025550101
	err_is 64 "--lift-stop does not go with 'check'"
	run rc-optin --head ff in 12025550101
	err_is 64 "--head does not go with 'in'"
	run rc-channel list --force
	err_is 64 "--force does not go with 'list'"
	run rc-identify --to email add
	err_is 64 "--to does not go with 'add'"
}

@test "a byte order mark costs nobody their opt-out" {
	small_state
	printf '\357\273\27712025550101\r\n12025550102\r\n' >utf8.txt
	run rc-optin out - <utf8.txt
	[ "$status" -eq 0 ]
	[ "$(rc-optin list)" = 12025550103 ]
	printf '12025550103\n' | iconv -t UTF-16 >utf16.txt
	run rc-optin out - <utf16.txt
	err_is 65 "line 1 of stdin has a NUL byte: this is UTF-16"
}

@test "who forgot the pipe is told that the terminal is read" {
	small_state
	run script -qec 'rc-optin check' /dev/null </dev/null
	[[ $output == *"reading lines from the terminal, Ctrl-D"* ]]
	run script -qec 'rc-optin -q check' /dev/null </dev/null
	[[ $output != *terminal* ]]
}

@test "without a state a tool says how to begin and makes none" {
	run rc-optin list
	err_is 66 "$RC_STATE"
	[[ $output == *rc-channel* ]]
	run rc-stats
	[ "$status" -eq 66 ]
	[ ! -e state.mdb ]
}

@test "a file that is no state is refused and left as it is" {
	head -c 100000 /dev/urandom >state.mdb
	chmod 600 state.mdb
	sum=$(sha256sum state.mdb)
	run rc-stats
	err_is 78 "state.mdb"
	[ "$sum" = "$(sha256sum state.mdb)" ]
	run rc-stats -s /dev/null
	[ "$status" -ge 64 ]
}

@test "a truncated state is refused" {
	small_state
	truncate -s -8192 state.mdb
	run rc-optin list
	err_is 78 "truncated"
}

@test "another user's state is refused, naming sudo" {
	[ "$(id -u)" -eq 0 ] || skip "only root can give files away"
	small_state
	chown 65534 state.mdb
	run rc-optin list
	err_is 77 "sudo -u"
}

@test "another state's seal key is refused" {
	export PASSWORD=x
	rc-channel add b --provider http --url http://127.0.0.1:9/x \
		--identifier phoneNumber --auth basic --username u \
		--password env:PASSWORD
	cp key key.old
	head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >key
	echo >>key
	run rc-channel test b --to 12025550101
	err_is 78 "key"
}

@test "a channel that is not there is named, with those that are" {
	small_state
	run rc-optin list -c nope
	err_is 66 "nope"
	[[ $output == *acme* ]]
}

@test "a reader that leaves ends a tool silently by SIGPIPE" {
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		--identifier phoneNumber
	{ echo 'phone numbers'; seq 12025000000 12025100000; } |
		rc-import -q - >/dev/null
	run --separate-stderr bash -c \
		'rc-optin list | head -1; echo "${PIPESTATUS[0]}"'
	[ "${lines[0]}" = 12025000000 ]
	[ "${lines[1]}" = 141 ]
	[ -z "$stderr" ]
}

@test "a full or closed stdout is one clear line and exit 74" {
	small_state
	run --separate-stderr bash -c 'rc-optin list >/dev/full'
	[ "$status" -eq 74 ]
	[ "$stderr" = "rc-optin: cannot write stdout: No space left on device" ]
	run --separate-stderr bash -c 'rc-optin list >&-'
	[ "$status" -eq 74 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	run bash -c 'rc-optin --help >/dev/full'
	[ "$status" -eq 74 ]
	rc-optin verify
}

@test "a full disk is said to be full, and loses nothing" {
	unshare -rm true 2>/dev/null || skip "needs a name space to mount in"
	mkdir disk
	unshare -rm bash -c '
		mount -t tmpfs -o size=700k tmpfs disk && cd disk || exit 99
		export RC_STATE=$PWD/s RC_KEY_FILE=$PWD/k
		rc-channel add a --url http://127.0.0.1:9/x
		echo 12025550101 | rc-optin -q in
		seq 12025000000 7 12029000000 >../many
		rc-optin in <../many
		echo "$?"
		rc-optin check 12025550101 | cut -f2
		head -c 1000000 /dev/zero >fill
		rc-shorten -s new --base http://127.0.0.1:9 http://127.0.0.1/x
		echo "$?"
		rc-optin verify | cut -f1' >out 2>err || :
	grep "cannot write '.*/s': No space left on device" err
	grep "'new-lock': No space left on device" err
	[ "$(cat out)" = $'74\nin\n74\nsound' ]
}

@test "closed descriptors never become the state file" {
	small_state
	bash -c 'rc-optin list <&- >&- 2>&-' || :
	[ "$(rc-optin list | wc -l)" -eq 3 ]
	rc-optin verify
}

@test "binary input is one clear line" {
	small_state
	printf '12025550101\n\0\0\0\n' >bin
	run rc-optin check - <bin
	err_is 65 "line 2 of stdin"
	head -c 4096 /dev/zero >zeros
	run rc-import zeros
	[ "$status" -eq 65 ]
	[ "$(rc-optin list | wc -l)" -eq 3 ]
}

@test "an endless line ends in one clear line and little memory" {
	small_state
	run bash -c '[ "$RC_SANITIZER" ] || ulimit -v 2000000
		head -c 50000000 /dev/zero | tr "\0" 1 |
		rc-optin check'
	err_is 65 "line 1 of stdin is longer than"
	run bash -c 'head -c 50000000 /dev/zero | tr "\0" 1 | rc-import -'
	[ "$status" -eq 65 ]
	[ "$(rc-optin list | wc -l)" -eq 3 ]
}

@test "broken JSON in the middle of NDJSON is named by line" {
	small_state
	printf '{"to":"12025550101"}\n{"to":\n{"to":"12025550102"}\n' >x
	run rc-optin out - <x
	[ "$status" -eq 65 ]
	[[ $output == *"line 2 of stdin"* ]]
}

@test "invalid UTF-8 is named and changes nothing" {
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		--identifier custom
	printf 'custom\nab\377c\n' >x
	run rc-import x
	[ "$status" -eq 65 ]
	run rc-optin in "$(printf 'ab\377c')"
	[ "$status" -eq 65 ]
	[[ $output == *"UTF-8"* ]]
	[ -z "$(rc-optin list)" ]
}

@test "control characters of foreign origin never reach the terminal" {
	small_state
	run rc-optin check "$(printf '1\033[31m2')"
	[ "$status" -eq 65 ]
	[[ $output != *$'\033'* ]]
}

@test "a secret on the command line is refused and not repeated" {
	run rc-channel add b --provider http --url http://127.0.0.1:9/x \
		--identifier phoneNumber --auth basic --username u \
		--password hunter2
	[ "$status" -eq 64 ]
	[[ $output == *"@FILE or env:NAME"* ]]
	[[ $output != *hunter2* ]]
	[ ! -e state.mdb ] || absent hunter2 state.mdb
}

@test "an operand that begins with a dash is told how to pass" {
	small_state
	run rc-identify show -4350463893986789401
	err_is 64 "unknown option '-4': put -- before operands"
	run rc-identify show -- -4350463893986789401
	[ "$status" -eq 1 ]
}
