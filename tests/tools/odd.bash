# Loaded after the helper by what tries odd answers: a server that sends the
# bytes of a file (oddd), and what must hold whatever they are.

# start_odd: sets ODD (base URL); its requests are in the file "asked".
start_odd() {
	"$RC_BUILD/tests/tools/oddd" >asked 2>/dev/null 3>&- &
	PIDS+=($!)
	wait_for grep -q ^port asked
	ODD=http://127.0.0.1:$(awk '/^port/ { print $2; exit }' asked)
	echo '{"to":"${User identifier}"}' >template.json
	printf '%s\n' 12025550000 12025550001 12025550002 >people
	{ echo 'phone numbers'; cat people; } >list.csv
}

# reply NAME STATUS BODY [HEADER]...: an answer, whole and right.
reply() {
	local name=$1 status=$2 body=$3
	shift 3
	{
		printf 'HTTP/1.1 %s\r\n' "$status"
		[ $# -eq 0 ] || printf '%s\r\n' "$@"
		printf 'Content-Length: %d\r\n\r\n' \
			"$(printf %b "$body" | LC_ALL=C wc -c)"
		printf %b "$body"
	} >"$name"
}

# run_odd HOW NAME [OPTION]...: three people are sent NAME's answers through a
# channel of that name; what comes of it is in NAME.sent, .balance and .code.
run_odd() {
	local how=$1 name=$2
	shift 2
	rc-channel add "$name" --url "$ODD/$how/$name" "$@" </dev/null
	rc-import -q -c "$name" list.csv >/dev/null
	rc-send -c "$name" -k "$name" -t template.json people \
		>"$name.sent" 2>"$name.balance" &&
		echo 0 >"$name.code" || echo $? >"$name.code"
}

# came_to NAME CODE OUTCOME [DETAIL [REQUESTS]]: all three had it, with one
# clear detail, and the server was asked so often.
came_to() {
	local name=$1 detail=${4-} sent
	[ "$(<"$name.code")" -eq "$2" ] ||
		{ echo "$name: exit $(<"$name.code")"; cat "$name.balance"; return 1; }
	grep -qx "rc-send: 3 recipients = 3 $3" "$name.balance" ||
		{ echo "$name:"; cat "$name.balance" "$name.sent"; return 1; }
	sent=$(cut -f2,5 "$name.sent" | sort -u)
	[[ $sent == "$3"$'\t'*"$detail"* ]] && [ "$(wc -l <<<"$sent")" -eq 1 ] ||
		{ echo "$name: no '$detail' in '$sent'"; return 1; }
	absent_control "$name.sent" "$name.balance"
	[ "$(grep -c "^$name " asked)" -eq "${5:-3}" ] ||
		{ echo "$name: asked $(grep -c "^$name " asked)"; return 1; }
}

# absent_control FILE...: nothing in them that a terminal would obey.
absent_control() {
	if LC_ALL=C grep -anP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$@"; then
		return 1
	fi
}
