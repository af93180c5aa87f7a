load ../tools/helper
load fault

# A disk that has no room left: what was to be done is done or not, it is said
# in one line, and with room again the same command does it.

# leave KB: free on the disk, by a file that takes the rest.
leave() {
	head -c 1G /dev/zero >"$DISK/fill" 2>/dev/null || :
	truncate -s "-$1K" "$DISK/fill"
}

make_room() { rm "$DISK/fill"; }

# The last command ended with 74 and one line that names file and reason.
said_full() {
	[ "$STATUS" -eq 74 ] || { echo "exit $STATUS: $(cat err)"; return 1; }
	[ "$(grep -c "^rc-[a-z]*: cannot write '$1.*': No space left" err)" -eq 1 ]
}

# list FILE FIRST LAST: a subscriber list of every third number.
list() {
	{ echo 'phone numbers'; seq "$2" 3 "$3"; } >"$1"
	touch -d '2026-01-01' "$1"
}

people_are() {
	diff <(rc-optin list) <(tail -n +2 "$1") >differ || {
		echo "not the people of $1: $(wc -l <differ)"
		return 1
	}
}

# sync_until_it_fits OLD NEW: with a little more room each time until there is
# enough of it; before that nothing has changed.
sync_until_it_fits() {
	local kb failed=0
	for ((kb = 0; kb < 4000; kb += 4)); do
		leave "$kb"
		try rc-import -q --max-shrink 100 "$2"
		[ "$STATUS" -ne 0 ] || break
		said_full "$DISK/"
		failed=$((failed + 1))
		people_are "$1"
		verify_sound
	done
	echo "failed $failed times, done with $kb KB"
	[ "$failed" -gt 4 ]
	people_are "$2"
	verify_sound
}

@test "a first sync is whole or leaves nobody" {
	small_disk 6M
	rc-channel add acme --url http://127.0.0.1:9/x
	list a 15550000000 15550090000
	list none 2 1
	sync_until_it_fits none a
}

@test "a sync that replaces a list is whole or leaves the old one" {
	small_disk 6M
	rc-channel add acme --url http://127.0.0.1:9/x
	list a 15550000000 15550090000
	list b 15550000100 15550120000
	rc-import -q a
	sync_until_it_fits a b
	make_room
	rc-import -q --max-shrink 100 a
	people_are a
}

# change_in_bulk in|out: of 30,000 people, first on a disk too small for it.
change_in_bulk() {
	local verb=$1 n
	leave 500
	try rc-optin "$verb" <people
	said_full "$DISK/state.mdb"
	n=$(rc-optin check - <people | cut -f2 | grep -cx "$verb")
	echo "$verb: $n changed"
	[ "$n" -gt 0 ]
	[ "$n" -lt 30000 ]
	# The journal knows of these and no others.
	rc-optin log --export >export
	[ "$(jq -s --arg verb "$verb" 'map(select(.kind == $verb) |
		.added + .removed) | add' export)" -eq "$n" ]
	verify_sound
	make_room
	rc-optin "$verb" <people
	rc-optin check - <people | cut -f2 | sort -u >now
	[ "$(cat now)" = "$verb" ]
	verify_sound
}

@test "bulk opt-ins are there batch by batch, and in full with room again" {
	small_disk 6M
	rc-channel add acme --url http://127.0.0.1:9/x
	seq 15550000000 3 15550089999 >people
	change_in_bulk in
}

@test "bulk opt-outs are there batch by batch, and in full with room again" {
	small_disk 6M
	rc-channel add acme --url http://127.0.0.1:9/x
	list a 15550000000 15550089999
	rc-import -q a
	tail -n +2 a >people
	change_in_bulk out
}

@test "a campaign stops, nobody is texted without a claim or twice" {
	start_sandbox
	small_disk 6M
	add_twilio
	people 3000
	leave 80
	try rc-send -k spring "${WHAT[@]}" people
	said_full "$DISK/state.mdb"
	[ "$(messages)" -gt 0 ]
	[ "$(messages)" -lt 3000 ]
	nobody_twice
	make_room
	send || [ $? -eq 75 ]
	balance_adds_up
	nobody_twice
	accounts_agree
	stats_add_up
	[ $(($(stat_of accepted) + $(stat_of unknown))) -eq 3000 ]
	texted | sort -u >took
	rc-send -k spring "${WHAT[@]}" people 2>balance | sort >again
	awk -F'\t' '$2 != "already sent" { exit 1 }' again
}

# answers COMMAND...: what the daemon answered.
answers() { curl -s -o /dev/null -w '%{http_code}' "$@"; }

opt_out() {
	answers -H "dy-api-key: $KEY" "$HTTPD/v2/userdata/channels/sms/opt-out" \
		-d "{\"identifier\":{\"type\":\"phoneNumber\",\"value\":\"$1\"}}"
}

@test "the daemon acknowledges nothing it cannot keep, and redirects go on" {
	local n code link lost
	small_disk 2M
	rc-channel add acme --url http://127.0.0.1:9/x
	people 300
	KEY=$(rc-channel key add acme)
	link=$(rc-shorten --base http://s.example https://shop.example/x)
	start_httpd -v
	leave 0
	for ((n = 0; n < 100; n++)); do
		code=$(opt_out $((12025550000 + n)))
		echo "$code $((12025550000 + n))" >>codes
		code=$(answers -A "$(printf %0200d 1)" "$HTTPD/${link##*/}")
		[ "$code" = 302 ]
	done
	sort codes | cut -d' ' -f1 | uniq -c
	[ "$(grep -c '^503' codes)" -gt 50 ]
	[ "$(grep -vcE '^(503|202)' codes)" -eq 0 ]
	make_room
	counted() { grep 'clicks were lost and are counted' httpd.err; }
	wait_for counted
	lost=$(counted | awk '{ n += $2 } END { print n }')
	[ $(($(rc-shorten -j --expand "${link##*/}" | jq .clicks_raw) + lost)) -eq 100 ]
	# Who was not heard asks again.
	[ "$(opt_out 12025550299)" = 202 ]
	[ "$(rc-optin list | wc -l)" -eq $((299 - $(grep -c ^202 codes))) ]
	sed -n 's/^202 //p' codes >acknowledged
	run rc-optin check 12025550299 - <acknowledged
	[ "$(cut -f2 <<<"$output" | sort -u)" = out ]
	verify_sound
}
