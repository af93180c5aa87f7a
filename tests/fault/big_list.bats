load ../tools/helper
load fault

# Lists at the limits: as many rows as are allowed, and lines without end.

local_setup() {
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		</dev/null
}

# in_little_memory COMMAND...: with 64 MB for all that it allocates; what is
# mapped from the state does not count.
in_little_memory() (
	ulimit -d 65536
	exec "$@"
)

@test "ten million rows pass, one more is refused and changes nothing" {
	"$RC_BUILD/tests/bench/genlist" -n 10000001 >more
	head -n -1 more >all
	rc-import -q -j all >record.json
	[ "$(jq -c '[.rows, .accepted]' record.json)" = '[10000000,10000000]' ]
	run rc-import -q more
	err_is 65 "line 10000002: more than 10000000 rows"
	# That the limit of the other tests does limit.
	run in_little_memory rc-import -q all
	err_is 75 'memory'
	rm more all
	[ "$(rc-optin list | wc -l)" -eq 10000000 ]
	verify_sound
}

# endless QUOTE QUOTE: one line of a billion digits, between two people.
BYTES=1000000000
endless() {
	printf 'phone numbers\n15550000001\n%s' "$1"
	head -c "$BYTES" /dev/zero | tr '\0' 5
	printf '%s\n15550000002\n' "$2"
}

# The line is rejected by its number, the people around it are listed.
endless_line() {
	endless "$1" "$1" | in_little_memory rc-import -q -j --max-bad 99 \
		--rejects bad.tsv - >record.json
	[ "$(jq -c '[.rows, .accepted, .rejected]' record.json)" = '[3,2,1]' ]
	[ "$(cut -f1,2 bad.tsv)" = $'3\ttoo long' ]
	[ "$(rc-optin list | xargs)" = '15550000001 15550000002' ]
}

@test "a line of a gigabyte takes no memory" {
	endless_line ''
}

@test "a line of a gigabyte in quotes takes no memory" {
	endless_line '"'
}

@test "a quote that never closes swallows the rest and changes nothing" {
	BYTES=200000000
	endless '"' '' | { run in_little_memory rc-import -q --max-bad 99 -
		echo "$status" >code
		echo "$output" >said; }
	[ "$(cat code)" -eq 65 ]
	grep -q 'line 3: a quote opens here and never closes' said
	[ -z "$(rc-optin list)" ]
}
