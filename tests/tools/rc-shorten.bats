#!/usr/bin/env bats
load helper
bats_require_minimum_version 1.5.0

BASE=https://s.example

# A channel with a base, and a campaign that was sent through it by hand of
# nobody: its only recipient has not consented.
make_campaign() {
	echo '{"provider":"http","identifier":"phoneNumber",
	    "url":"http://127.0.0.1:1/","short_base":"https://go.example/"}' |
	    rc-channel add acme
	echo '{"to":"${User identifier}","t":"${Message text}"}' >body.json
	echo 15551234567 |
	    rc-send -k spring -t body.json -m 'see https://shop.example/s' || :
}

@test "each URL gets a short link, and always the same one" {
	run -0 rc-shorten --base $BASE https://x.example/a https://x.example/b
	[[ ${lines[0]} =~ ^https://s\.example/[0-9A-Za-z]{8}$ ]]
	[[ ${lines[1]} =~ ^https://s\.example/[0-9A-Za-z]{8}$ ]]
	[ "${lines[0]}" != "${lines[1]}" ]
	first=${lines[0]}
	run -0 rc-shorten --base $BASE/ https://x.example/a
	[ "$output" = "$first" ]
}

@test "with -j a link comes with its URL" {
	link=$(rc-shorten --base $BASE https://x.example/a)
	run -0 rc-shorten -j --base $BASE https://x.example/a
	[ "$(jq -r .link <<<"$output")" = "$link" ]
	[ "$(jq -r .url <<<"$output")" = https://x.example/a ]
}

@test "one URL that is none keeps the others from being made" {
	run rc-shorten --base $BASE https://x.example/a ftp://x.example/
	err_is 65 "'ftp://x.example/' is not a usable URL"
	run -0 rc-shorten --list
	[ -z "$output" ]
}

@test "a text comes out as it was, its URLs shortened" {
	a=$(rc-shorten --base $BASE https://x.example/a)
	printf 'a\r\n\n (https://x.example/a),\t\001 no http://.\nend https://x.example/a' >in
	printf 'a\r\n\n (%s),\t\001 no http://.\nend %s' "$a" "$a" >expected
	rc-shorten --base $BASE <in >out
	cmp out expected
	rc-shorten --base $BASE - <in >out
	cmp out expected
}

@test "a shortened text can be shortened again" {
	echo 'go https://x.example/a' | rc-shorten --base $BASE >once
	rc-shorten --base $BASE <once >twice
	cmp once twice
}

@test "a URL across two reads is one URL" {
	mkfifo pipe
	rc-shorten --base $BASE <pipe >out &
	PIDS+=($!)
	exec 7>pipe
	printf 'one https://x.exa' >&7
	wait_for grep -q '^one $' out
	printf 'mple/a two\n' >&7
	exec 7>&-
	wait_for grep -q two out
	[ "$(cat out)" = "one $(rc-shorten --base $BASE https://x.example/a) two" ]
}

@test "a line is answered before the next one is written" {
	coproc FILTER { rc-shorten --base $BASE; }
	PIDS+=("$FILTER_PID")
	echo https://x.example/a >&"${FILTER[1]}"
	read -rt 60 -u "${FILTER[0]}" line
	[[ $line == $BASE/???????? ]]
}

@test "nobody waits for a filter that waits for its text" {
	coproc FILTER { rc-shorten --base $BASE; }
	PIDS+=("$FILTER_PID")
	echo 'x https://x.example/a y' >&"${FILTER[1]}"
	read -rt 60 -u "${FILTER[0]}" _
	run -0 timeout 60 rc-shorten --base $BASE https://x.example/b
}

@test "input without white space is refused, not kept" {
	run bash -c "head -c 2000000 /dev/zero | tr '\0' x |
	    rc-shorten --base $BASE >out"
	err_is 65 'stdin is no text'
}

@test "a dry run shows a link of the same length and makes none" {
	real=$(rc-shorten --base $BASE https://x.example/a)
	run -0 rc-shorten -n --base $BASE https://x.example/a https://x.example/b
	[ "${lines[0]}" = "$real" ]
	[ "${lines[1]}" = $BASE/preview0 ]
	run -0 rc-shorten --list
	[ ${#lines[@]} -eq 1 ]
}

@test "a code and a link lead back to the URL" {
	link=$(rc-shorten --base $BASE https://x.example/a)
	code=${link##*/}
	run -0 rc-shorten --expand "$code" "$link" "https://other.example/x/$code"
	for line in "${lines[@]}"; do
		[ "$line" = "$code"$'\thttps://x.example/a\t\t\t0\t0' ]
	done
	[ ${#lines[@]} -eq 3 ]
	run -0 rc-shorten -j --expand <<<"$code"
	[ "$output" = '{"code":"'"$code"'","url":"https://x.example/a","campaign":null,"ordinal":null,"clicks_raw":0,"clicks_human":0}' ]
}

@test "an unknown code is named, and the known ones still shown" {
	link=$(rc-shorten --base $BASE https://x.example/a)
	run -1 --separate-stderr rc-shorten --expand 12345678 "$link" nothing
	[ ${#lines[@]} -eq 1 ]
	[[ $stderr == *"'12345678' is no link of ours"* ]]
	[[ $stderr == *"'nothing' is no link of ours"* ]]
}

@test "every link is listed, with its campaign" {
	make_campaign
	rc-shorten https://x.example/plain
	rc-shorten -k spring https://x.example/in-spring
	run -0 rc-shorten -j --list
	[ "$(jq -r 'select(.url=="https://x.example/plain").campaign' <<<"$output")" = null ]
	[ "$(jq -r 'select(.url=="https://x.example/in-spring").campaign' <<<"$output")" = spring ]
	[ "$(jq -r 'select(.url=="https://x.example/in-spring").links' <<<"$output")" = 1 ]
}

@test "a link of a campaign that began meanwhile comes with its name" {
	make_campaign
	first=$(rc-shorten -k spring https://x.example/a)
	mkfifo codes
	rc-shorten --expand <codes >expanded &
	expanding=$!
	exec 7>codes
	echo "$first" >&7
	wait_for grep -q spring expanded
	echo 15551234567 | rc-send -k autumn -t body.json -m hello || :
	rc-shorten -k autumn https://x.example/b >&7
	exec 7>&-
	wait $expanding
	[ "$(cut -f3 expanded | paste -sd' ')" = 'spring autumn' ]
}

@test "more links than a page are all listed once" {
	seq 250 | sed 's,^,https://x.example/,' >urls
	rc-shorten --base $BASE <urls >links
	rc-shorten --list | cut -f2 >listed
	cmp urls listed
	rc-shorten --expand <links | cut -f2 | cmp - urls
}

@test "the base comes from --base, the channel, or the campaign's channel" {
	make_campaign
	echo '{"provider":"http","identifier":"phoneNumber",
	    "url":"http://127.0.0.1:1/"}' | rc-channel add bare
	run -0 rc-shorten -c acme https://x.example/a
	[[ $output == https://go.example/???????? ]]
	run -0 rc-shorten -k spring https://x.example/a
	[[ $output == https://go.example/???????? ]]
	run -0 rc-shorten -c acme --base $BASE https://x.example/a
	[[ $output == $BASE/???????? ]]
	run rc-shorten -c bare https://x.example/a
	err_is 78 "channel 'bare' has no short_base"
	[[ $output == *--base* ]]
	run rc-shorten https://x.example/a
	err_is 64 "give --base URL"
}

@test "a campaign must exist, and its links are its own" {
	make_campaign
	run rc-shorten -k summer --base $BASE https://x.example/a
	err_is 66 "no campaign 'summer'"
	in_spring=$(rc-shorten -k spring https://x.example/a)
	plain=$(rc-shorten https://x.example/a)
	[ "$in_spring" != "$plain" ]
	[ "$(rc-shorten -k spring https://x.example/a)" = "$in_spring" ]
}

@test "a mistyped state is not made" {
	run rc-shorten -s nowhere.mdb --list
	err_is 66 nowhere.mdb
	run rc-shorten -s nowhere.mdb -k spring --base $BASE https://x.example/
	err_is 66 nowhere.mdb
	[ ! -e nowhere.mdb ]
}

@test "options that do not go together are refused" {
	run rc-shorten --list --expand
	err_is 64 'not both'
	run rc-shorten --list 12345678
	err_is 64 'too many'
	run rc-shorten --expand --base $BASE 12345678
	err_is 64 'making links'
	run rc-shorten --base s.example https://x.example/a
	err_is 64 "'s.example' is not a usable URL"
	run rc-shorten --base 'https://s.example/?a' https://x.example/a
	err_is 64 "a base has no"
	run rc-shorten -j --base $BASE </dev/null
	err_is 64 "-j needs URLs"
}

@test "a full disk ends the filter with exit 74" {
	run bash -c "echo https://x.example/a | rc-shorten --base $BASE >/dev/full"
	err_is 74 'cannot write stdout'
}
