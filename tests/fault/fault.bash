# Loaded after the helper by the suites of this directory: channels to the
# sandbox, an audience, and the questions every ruined run has to answer.

# Credentials a sandbox takes.
export SECRET=sandbox-client-secret TOKEN=sandbox-auth-token

# add_twilio|add_json|add_oauth2 [OPTION]...: channel "acme" to the sandbox.
add_twilio() {
	WHAT=(-m hello)
	rc-channel add acme --provider twilio --from +15550100 \
		--account-sid AC00000000000000000000000000000000 \
		--auth-token env:TOKEN --base-url "$SANDBOX" "$@" </dev/null
}

add_json() {
	echo '{"to":"${User identifier}","text":"hello"}' >template.json
	WHAT=(-t template.json)
	rc-channel add acme --provider http --identifier phoneNumber \
		--url "$SANDBOX/json/none" --id-pointer /id "$@" </dev/null
}

add_oauth2() {
	echo '{"to":"${User identifier}","text":"hello"}' >template.json
	WHAT=(-t template.json)
	rc-channel add acme --provider http --identifier phoneNumber \
		--url "$SANDBOX/json/bearer" --id-pointer /id --auth oauth2 \
		--token-url "$SANDBOX/oauth/token" --client-id sandbox-client \
		--client-secret env:SECRET "$@" </dev/null
}

# people N: N consenting people, the subscriber list and the file "people".
people() {
	seq 12025550000 $((12025550000 + $1 - 1)) >people
	{ echo 'phone numbers'; cat people; } >list.csv
	rc-import -q list.csv >/dev/null
}

# send [ARG]...: campaign spring to the file "people"; balance and errors are
# in the file "balance".
send() {
	rc-send -k spring "${WHAT[@]}" "$@" people >sent.tsv 2>balance
}

# start_send [ARG]...: the same beside the test; RUN_PID is the run itself.
start_send() {
	rc-send -k spring "${WHAT[@]}" "$@" people >sent.tsv 2>balance &
	RUN_PID=$!
	PIDS+=("$RUN_PID")
}

# Numbers of the messages the sandbox took, in its order.
texted() {
	sed -n 's/^{"event":"message".*"to":"+\{0,1\}\([0-9]*\)".*/\1/p' \
		sandbox.ndjson
}

messages() { grep -c '^{"event":"message"' sandbox.ndjson; }

messages_are() { [ "$(messages)" -ge "$1" ]; }

# outcome NAME: recipients of the last run with this outcome.
outcome() {
	awk -F'\t' -v name="$1" '$2 == name { n++ } END { print n + 0 }' sent.tsv
}

# stat_of FIELD: of the campaign's record.
stat_of() { rc-stats -j spring | jq ".$1"; }

nobody_twice() {
	local twice
	twice=$(texted | sort | uniq -d)
	[ -z "$twice" ] || { echo "texted twice: $twice"; return 1; }
}

# none_texted FILE: nobody of the file (one number a line).
none_texted() {
	local wrong
	wrong=$(texted | sort -u | comm -12 - <(sort -u "$1"))
	[ -z "$wrong" ] || { echo "texted: $wrong"; return 1; }
}

# The printed balance is a sum, and the records bear it out.
balance_adds_up() {
	local line sum
	line=$(grep -E '^rc-send: [0-9]+ recipients? = ' balance) || {
		echo "no balance: $(cat balance)"
		return 1
	}
	sum=$(grep -oE '[=+] [0-9]+' <<<"$line" | tr -d '=+ ' | paste -sd+)
	[ "$(grep -oE '[0-9]+' <<<"$line" | head -1)" -eq $((sum)) ] &&
		[ "$(wc -l <sent.tsv)" -eq $((sum)) ] || {
		echo "does not add up: $line; $(wc -l <sent.tsv) records"
		return 1
	}
}

# The campaign's counters agree with each other.
stats_add_up() {
	rc-stats -j spring >stats.json
	jq -e '.recipients == .accepted + .rejected + .deferred + .unknown +
		.held + .open' stats.json >/dev/null || {
		echo "stats do not add up: $(cat stats.json)"
		return 1
	}
}

# What the provider took is what we call accepted, but for the unknown.
accounts_agree() {
	local took accepted unknown
	took=$(texted | sort -u | wc -l)
	accepted=$(stat_of accepted)
	unknown=$(stat_of unknown)
	[ "$accepted" -le "$took" ] && [ "$took" -le $((accepted + unknown)) ] || {
		echo "took $took, accepted $accepted, unknown $unknown"
		return 1
	}
}

# between LOW HIGH: a number of that range.
between() { echo $(($1 + (RANDOM * 32768 + RANDOM) % ($2 - $1 + 1))); }

# die_at COMMAND...: kills RUN_PID as soon as the command succeeds, or lets it
# end first; as tightly as a shell can.
die_at() {
	while kill -0 "$RUN_PID" 2>/dev/null; do
		"$@" >/dev/null 2>&1 && break
		pause 0.002
	done
	kill -9 "$RUN_PID" 2>/dev/null || :
	wait "$RUN_PID" 2>/dev/null || :
}

# killed_at N COMMAND...: kill -9 before its Nth call that writes or sends;
# true when it was, false when it came to its end before.
killed_at() {
	local status=0
	KILL_AT=$1 LD_PRELOAD=$RC_BUILD/tests/fault/killat.so "${@:2}" \
		>killed.out 2>killed.err || status=$?
	[ "$status" -eq 137 ] && return
	[ "$status" -eq 0 ] || {
		echo "ended with $status: $(cat killed.err)"
		return 2
	}
	return 1
}

verify_sound() {
	rc-optin verify >verify.out || {
		echo "not sound: $(cat verify.out)"
		return 1
	}
}

# --- disks --------------------------------------------------------------------

# small_disk SIZE: a disk of its own, mounted where nobody else sees it; DISK is
# the way there, through the process that keeps it.  What is written to the
# pipe "keeper" is done by that process, which may mount.
small_disk() {
	local how
	for how in -m -rm ''; do
		[ -n "$how" ] || skip "nothing may be mounted here"
		unshare "$how" mount -t tmpfs tmpfs /tmp 2>/dev/null && break
	done
	mkdir mounted
	mkfifo keeper
	unshare "$how" bash -c "mount -t tmpfs -o size=$1,mode=700 tmpfs mounted &&
		exec 8<>keeper && : >ready &&
		while read -r -u 8 line; do eval \"\$line\"; done" 3>&- &
	DISK=/proc/$!/root$PWD/mounted
	PIDS+=($!)
	wait_for test -e ready
	export RC_STATE=$DISK/state.mdb
}

# try COMMAND...: its exit is STATUS, what it prints in out and err.
try() {
	STATUS=0
	"$@" >out 2>err || STATUS=$?
}

# --- calls that fail ----------------------------------------------------------

# What fails: a library of this directory, and the exit code that goes with it.
FAULT=failwrite FAULT_EXIT=74

# More than any of the commands makes: a library that is not loaded counts none.
CALLS_MAX=5000

# fail_at N COMMAND...: the Nth call that $FAULT looks at fails; into the files
# out and err.  The file "done" tells that there were fewer.
fail_at() {
	STATUS=0
	FAIL_AT=$1 FAIL_DONE=$PWD/done \
		LD_PRELOAD=$RC_BUILD/tests/fault/$FAULT.so \
		"${@:2}" <few >out 2>err || STATUS=$?
}

# Whether it ended as one that could not, with the reason at the end, or as it
# should.
ended_well() { # ended_well N WANTED
	if [ "$STATUS" -eq "$FAULT_EXIT" ]; then
		tail -n 1 err | grep -q '^rc-[a-z]*: ' && return
	elif [ "$STATUS" -eq "$2" ]; then
		return
	fi
	echo "call $1: exit $STATUS: $(cat err)"
	return 1
}

# fail_each WANTED COMMAND...: with each call failing in turn, and with all
# from it on, until one run needs no more; @ is the number of the run.
fail_each() {
	local n wanted=$1
	shift
	rm -f done
	for ((n = 1; n < CALLS_MAX; n++)); do
		fail_at "$n" "${@//@/$n}"
		[ -e done ] && break
		ended_well "$n" "$wanted"
		if [ $((n % 4)) -eq 0 ]; then
			FAIL_ON=1 fail_at "$n" "${@//@/on$n}"
			ended_well "$n, and on" "$wanted"
		fi
	done
	[ -e done ] || { echo "no end of calls"; return 1; }
	echo "$n calls"
	[ "$STATUS" -eq "$wanted" ]
	[ "$n" -gt "${CALLS_MIN:-40}" ] # or the library was not loaded at all
	verify_sound
}

# print_or_fail COMMAND...: the same, and what is printed is printed whole or
# not at all.
print_or_fail() {
	local n
	"$@" <few >whole 2>/dev/null || :
	rm -f done
	for ((n = 1; n < CALLS_MAX; n++)); do
		fail_at "$n" "$@"
		[ -e done ] && break
		[ "$STATUS" -eq "$FAULT_EXIT" ] || cmp out whole || {
			echo "call $n: exit $STATUS, and not all printed"
			return 1
		}
	done
	[ -e done ]
	cmp out whole
}
