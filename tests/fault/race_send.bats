load ../tools/helper
load fault

# Several runs on one campaign, and people who withdraw while it runs.

CONCURRENCY=8
# Claims without an answer that one run may have at any moment.
OPEN_MAX=$((3 * CONCURRENCY))

# start_runs N: so many runs of the campaign at once; RUNS holds their ids.
start_runs() {
	local n
	RUNS=()
	for ((n = 0; n < $1; n++)); do
		rc-send -k spring "${WHAT[@]}" people >"sent$n.tsv" \
			2>"balance$n" &
		RUNS+=($!)
		PIDS+=($!)
	done
}

# Each run ends with nothing to complain of but messages of the others.
wait_for_runs() {
	local pid status
	for pid in "${RUNS[@]}"; do
		status=0
		wait "$pid" || status=$?
		[ "$status" -eq 0 ] || [ "$status" -eq 75 ] || {
			echo "a run ended with $status"
			return 1
		}
	done
}

# share_between N: what each of N runs at once accepted, and no more in all.
share_between() {
	local n sum=0 took
	start_sandbox --fault latency=5ms-15ms
	add_twilio --concurrency "$CONCURRENCY"
	people 1000
	# Nobody is answered before each has claimed its share.
	kill -STOP "$SANDBOX_PID"
	start_runs "$1"
	wait_for on_the_wire $(($1 * CONCURRENCY))
	kill -CONT "$SANDBOX_PID"
	wait_for_runs
	for ((n = 0; n < $1; n++)); do
		cp "sent$n.tsv" sent.tsv
		cp "balance$n" balance
		balance_adds_up
		took=$(outcome accepted)
		echo "run $n: $took accepted, $(outcome busy) busy"
		[ "$took" -gt 0 ]
		sum=$((sum + took))
	done
	[ "$sum" -eq 1000 ]
	[ "$(messages)" -eq 1000 ]
	nobody_twice
	send
	[ "$(outcome 'already sent')" -eq 1000 ]
	[ "$(stat_of accepted)" -eq 1000 ]
}

@test "two runs at once share a campaign and text nobody twice" {
	share_between 2
}

@test "four runs at once share a campaign and text nobody twice" {
	share_between 4
}

@test "of two runs one is killed: the other goes on, nobody twice" {
	start_sandbox --fault latency=5ms-15ms
	add_twilio --concurrency "$CONCURRENCY"
	people 1000
	hold_open people
	rc-send -k spring "${WHAT[@]}" <held >held.tsv 2>held.err &
	RUN_PID=$!
	PIDS+=("$RUN_PID")
	start_runs 1
	wait_for messages_are 200
	kill -9 "$RUN_PID"
	wait "$RUN_PID" || :
	wait_for_runs
	send || [ $? -eq 75 ]
	balance_adds_up
	nobody_twice
	accounts_agree
	stats_add_up
	[ "$(stat_of unknown)" -le "$OPEN_MAX" ]
	[ $(($(stat_of accepted) + $(stat_of unknown))) -eq 1000 ]
}

token_is_old() { [ "$(date +%s)" -gt "$OLD" ]; }

@test "two runs at once with other texts: one of them is refused" {
	start_sandbox --token-ttl 1s
	add_oauth2
	people 100
	OLD=$(($(date +%s) + 1))
	wait_for token_is_old
	# Both have opened the campaign, and wait for a token.
	kill -STOP "$SANDBOX_PID"
	start_runs 1
	wait_for on_the_wire 1
	echo '{"to":"${User identifier}","text":"bye"}' >template.json
	rc-send -k spring "${WHAT[@]}" people >other.tsv 2>refusal &
	RUN_PID=$!
	PIDS+=("$RUN_PID")
	wait_for on_the_wire 2
	kill -CONT "$SANDBOX_PID"
	wait "$RUN_PID"
	wait "${RUNS[0]}" || [ $? -eq 78 ]
	grep -q "^rc-send: campaign 'spring' has another template" balance0
	[ "$(messages)" -eq 100 ]
	[ "$(wc -l <sent0.tsv)" -eq 0 ]
	send
	[ "$(outcome 'already sent')" -eq 100 ]
}

# --- withdrawals ------------------------------------------------------------

open_claims() { stat_of open; }

# How often the run has waited for something, and gone on.
waits() { awk '/^voluntary/ { print $2 }' "/proc/$RUN_PID/status"; }

waits_are_more_than() { [ "$(waits)" -gt "$1" ]; }

# The number of open claims when it no longer changes while the run looks again
# and again: it has claimed all it may while nobody answers.
settle_down() {
	local now same=0
	OPEN=0
	while [ "$same" -lt 5 ]; do
		kill -0 "$RUN_PID" || return
		wait_for waits_are_more_than "$(waits)"
		now=$(open_claims)
		if [ "$now" -eq 0 ] || [ "$now" -ne "$OPEN" ]; then same=0; fi
		same=$((same + 1))
		OPEN=$now
	done
}

# withdraw_by COMMAND...: stops the provider in the middle of a campaign, lets
# the command withdraw everybody, and counts who is texted after it was
# acknowledged: nobody but those who were claimed before.
withdraw_by() {
	local before
	start_sandbox
	add_twilio --concurrency "$CONCURRENCY" --rate 200
	people 1000
	start_send
	wait_for messages_are 100
	kill -STOP "$SANDBOX_PID"
	settle_down
	before=$(stat_of accepted)
	"$@"
	kill -CONT "$SANDBOX_PID"
	wait "$RUN_PID" || :
	echo "$before before, $OPEN open, $(messages) in all"
	balance_adds_up
	nobody_twice
	[ "$OPEN" -le "$OPEN_MAX" ]
	[ "$(messages)" -eq $((before + OPEN)) ]
	[ "$(($(outcome 'not opted in') + $(outcome suppressed)))" -eq \
		$((1000 - before - OPEN)) ]
}

by_optin() { rc-optin out -q <people; }

by_suppression() { xargs "$RC_BUILD/tests/tools/suppress" <people; }

by_api() {
	local key one
	key=$(rc-channel key add acme)
	start_httpd
	while read -r one; do
		echo "next
			url = \"$HTTPD/v2/userdata/channels/sms/opt-out\"
			header = \"dy-api-key: $key\"
			output = \"answers/$one\"
			write-out = \"%{http_code}\\n\""
		echo "data = \"{\\\"identifier\\\":{\\\"type\\\":" \
			"\\\"phoneNumber\\\",\\\"value\\\":\\\"$one\\\"}}\""
	done <people | tail -n +2 >requests
	mkdir answers
	curl -sZ -K requests >codes
	[ "$(grep -cx 202 codes)" -eq 1000 ]
}

by_import() {
	printf 'phone numbers\n12025559999\n' >empty.csv
	rc-import -q --max-shrink 100 empty.csv >/dev/null
}

@test "after an acknowledged rc-optin out nobody new is texted" {
	withdraw_by by_optin
}

@test "after STOP on the handset nobody new is texted" {
	withdraw_by by_suppression
}

@test "after the API's 202 nobody new is texted" {
	withdraw_by by_api
}

@test "after a sync without them nobody new is texted" {
	withdraw_by by_import
}

@test "after an undo of the sync that brought them nobody new is texted" {
	withdraw_by rc-import -q --undo
}

@test "a sync that keeps everybody disturbs no run" {
	start_sandbox
	add_twilio --concurrency "$CONCURRENCY" --rate 200
	people 1000
	start_send
	wait_for messages_are 100
	kill -STOP "$SANDBOX_PID"
	settle_down
	[ "$OPEN" -lt 900 ]
	rc-import -q list.csv >/dev/null
	kill -CONT "$SANDBOX_PID"
	wait "$RUN_PID"
	balance_adds_up
	nobody_twice
	[ "$(outcome accepted)" -eq 1000 ]
	[ "$(messages)" -eq 1000 ]
}

@test "who withdraws between two attempts is not texted by the second" {
	start_sandbox --fault 429=first:40:retry-after=8
	add_twilio --concurrency 64
	people 40
	refused() { [ "$(grep -c '"refused"' sandbox.ndjson)" -eq 40 ]; }
	start_send
	wait_for refused
	head -20 people >withdrawn
	rc-optin out -q <withdrawn
	wait "$RUN_PID"
	balance_adds_up
	none_texted withdrawn
	[ "$(outcome 'not opted in')" -eq 20 ]
	[ "$(outcome accepted)" -eq 20 ]
	[ "$(messages)" -eq 20 ]
}

@test "claims that a sleeping machine kept are decided anew when it wakes" {
	start_sandbox
	add_twilio --concurrency "$CONCURRENCY"
	people 100
	kill -STOP "$SANDBOX_PID"
	CLOCK_SHIFT=$PWD/slept LD_PRELOAD=$RC_BUILD/tests/fault/shiftclock.so \
		start_send
	wait_for on_the_wire "$CONCURRENCY"
	settle_down
	[ "$OPEN" -gt "$CONCURRENCY" ]
	rc-optin out -q <people
	echo 3600 >slept
	kill -CONT "$SANDBOX_PID"
	wait "$RUN_PID"
	balance_adds_up
	accounts_agree
	[ "$(messages)" -eq "$CONCURRENCY" ]
	[ "$(outcome 'not opted in')" -eq $((100 - CONCURRENCY)) ]
}

# Opts people out one by one, from the end of the file to its beginning, until
# the run is over; notes how many messages there were when each was acknowledged.
opt_out_one_by_one() {
	local one
	while read -r one && kill -0 "$RUN_PID" 2>/dev/null; do
		rc-optin out -q "$one" || return
		echo "$one $(messages)"
	done < <(tac people) >acknowledged
}

@test "opt-outs that stream in beside a run stop all but the open claims" {
	start_sandbox --fault latency=5ms-15ms
	add_twilio --concurrency "$CONCURRENCY" --rate 200
	people 800
	start_send
	opt_out_one_by_one
	wait "$RUN_PID"
	balance_adds_up
	nobody_twice
	[ "$(wc -l <acknowledged)" -gt 5 ]
	[ "$(outcome 'not opted in')" -gt 5 ]
	[ $(($(outcome accepted) + $(outcome 'not opted in'))) -eq 800 ]
	# Claims go out in order: one that was open when its person withdrew
	# is among the next messages, and everything later was claimed later.
	texted | awk -v near=$((2 * OPEN_MAX)) '
		NR == FNR { ack[$1] = $2; next }
		$1 in ack && FNR > ack[$1] + near {
			print $1 " withdrew after " ack[$1] ", was no. " FNR
			bad = 1
		}
		END { exit bad }' acknowledged -
}
