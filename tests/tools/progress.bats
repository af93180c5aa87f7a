load helper
load send

# The progress line: who sees it, what it says, and that it leaves nothing.

local_setup() {
	export TOKEN=sandbox-auth-token TERM=xterm
}

# begin PEOPLE RATE: a sandbox, and a channel that takes PEOPLE / RATE seconds.
begin() {
	start_sandbox
	add_channel sms --rate "$2"
	add_people "$1"
}

# on_terminal COMMANDS [TEXT]: what they show there, a line for each wiped one,
# and none for what stayed empty; $status is theirs.  Once the terminal shows
# TEXT, a line that says "nobody" is typed.
on_terminal() {
	: >typed
	[ $# -eq 1 ] || printf '%s\tnobody\n' "$2" >typed
	run "$RC_BUILD/tests/tools/pty" sh -c "$1" <typed
	tr '\r' '\n' <<<"$output" | sed 's/^.\[K/[wiped]/' | sed '/^$/d' >shown
}

send='rc-send -k spring -m Hello'

@test "a run on a terminal shows how far it is, and leaves no trace" {
	begin 40 40
	on_terminal "$send people >out"
	[ "$status" -eq 0 ]
	grep -Eq '^\[wiped\]send  \[[#.]{10}\] +[0-9]+ %, [0-9]+ s left  [0-9]+ recipients  [0-9]+/s  [0-9]+ accepted' shown
	grep -q '^\[wiped\]rc-send: 40 recipients = 40 accepted' shown
	[ "$(grep -c '	accepted	' out)" -eq 40 ]
}

@test "it is shown at most ten times a second" {
	begin 100 100
	began=$(date +%s%N)
	on_terminal "$send people >out"
	ended=$(date +%s%N)
	n=$(grep -c ']send ' shown)
	[ "$n" -gt 0 ]
	[ "$n" -le $(((ended - began) / 100000000)) ]
}

@test "it is never wider than the terminal, also once that is another" {
	begin 60 60
	on_terminal "stty cols 40; { sed 30q people
		stty cols 25 <>/dev/tty >&0; sed 1,30d people; } |
		$send >out"
	grep -q ']send ' shown
	sed -n 's/^\[wiped\]\(send .*\)/\1/p' shown >lines
	absent '.{40}' lines
	tail -1 lines | grep -Eq '^.{1,24}$'
}

@test "without a size there is no bar, but a count" {
	begin 40 40
	on_terminal "cat people | $send >out"
	grep -Eq ']send  [0-9]+ recipients  [0-9]+/s  [0-9]+ accepted' shown
	absent '%|left' shown
}

@test "a warning wipes the line first" {
	begin 40 40
	# The bad line comes once the progress line is there.
	on_terminal "{ cat people; head -1 </dev/tty; } | $send >out" accepted
	grep -q '^\[wiped\]rc-send: warning: line 41 of stdin' shown
}

@test "nobody sees it with -q, on a dumb terminal, in a file, or beside records" {
	begin 20 40
	on_terminal "$send -q people >out"
	absent send shown
	on_terminal "TERM=dumb rc-send -k b -m Hello people >out"
	absent 'wiped|%' shown
	on_terminal "rc-send -k c -m Hello people"
	[ "$(grep -c '	accepted	' shown)" -eq 20 ]
	absent 'wiped|%' shown
	rc-send -k d -m Hello people >out 2>err
	[ "$(cat err)" = "rc-send: 20 recipients = 20 accepted" ]
}

@test "an import on a terminal shows how much it has read" {
	rc-channel add sms --provider http --url http://127.0.0.1:9/x \
		--identifier phoneNumber </dev/null
	{ echo 'phone numbers'; seq 12025550000 12025559999; } >half
	seq 12035550000 12035559999 >rest
	on_terminal '{ cat half; head -1 </dev/tty >/dev/null; cat rest; } |
		rc-import - >record' 'sync  '
	[ "$status" -eq 0 ]
	grep -Eq '^\[wiped\]sync  [0-9.]+kB  [0-9.]+[kM]B/s' shown
	[ "$(cut -f1 record)" -eq 20000 ]
}
