load helper

# What a dry run tells beyond the outcomes: why, how much, how long, what.

local_setup() {
	export TOKEN=sandbox-auth-token
}

# add_channel [OPTIONS...]: one that nobody is sent to.
add_channel() {
	rc-channel add sms --provider twilio --from +15005550006 \
		--account-sid AC00000000000000000000000000000000 \
		--auth-token env:TOKEN --base-url "${SANDBOX:-http://127.0.0.1:9}" \
		--cap none --short-base https://s.example "$@" </dev/null
}

import() { { echo 'phone numbers'; cat; } | rc-import -q - >/dev/null; }

dry() { rc-send -n -k spring -m Hello "$@"; }

# detail NUMBER: of that person's record in "out", times as T.
detail() {
	awk -F'\t' -v to="$1" '$1 == to { print $5 }' out |
		sed -E 's/[0-9-]{10}T[0-9:.]{12}Z/T/g'
}

# --- why ---------------------------------------------------------------------

@test "who is not opted in: whether never, no more on the list, or by what event" {
	add_channel
	printf '%s\n' 12025550001 12025550002 12025550003 12025550006 | import
	rc-optin -q out --source 'web form' 12025550003
	rc-optin -q out --source shop 12025550006
	printf '%s\n' 12025550001 12025550005 | import
	rc-optin -q out 12025550001
	seq 12025550001 12025550006 >people
	dry -v people >out 2>err
	[ "$(detail 12025550002)" = "removed by the sync of T" ]
	[ "$(detail 12025550003)" = "opted out T by web form" ]
	[ "$(detail 12025550001)" = "opted out T by rc-optin" ]
	[ "$(detail 12025550004)" = "never opted in" ]
	[ "$(detail 12025550005)" = "" ]
	rc-import -q --undo >/dev/null
	dry -v people >out 2>err
	[ "$(detail 12025550005)" = "removed when a sync was taken back T" ]
}

@test "who is suppressed: since when, and what the provider or the person said" {
	start_sandbox
	add_channel
	rc-optin -q in 15005550004
	echo 15005550004 | rc-send -q -k first -m Hello >sent
	dry -v - <<<15005550004 >out 2>err
	[ "$(detail 15005550004)" = \
		"since T: refused (provider: campaign first, error 21610)" ]
}

@test "who is capped: how many got through in the window, and when the next may" {
	start_sandbox
	add_channel
	rc-channel set sms --cap 2/1h >set
	rc-optin -q in 12025550001
	for name in a b c; do
		rc-send -q -k "$name" -m Hello - <<<12025550001 >sent
	done
	dry -v - <<<12025550001 >out 2>err
	[ "$(detail 12025550001)" = "2 since T, the next from T" ]
	next=$(sed 's/.*from //; s/	.*//' out)
	left=$(($(date -d "$next" +%s) - $(date +%s)))
	[ "$left" -gt 3400 ]
	[ "$left" -le 3602 ]
}

@test "where it is quiet: the zone, what its clocks show, and when it opens" {
	from=$(TZ=America/New_York date -d '-2 hours' +%H:%M)
	until=$(TZ=America/New_York date -d '2 hours' +%H:%M)
	add_channel --quiet-hours "$from-$until"
	rc-optin -q in 12125550100 881612345678
	run -75 --separate-stderr dry -v - <<<$'12125550100\n881612345678'
	printf '%s\n' "$output" >out
	[[ $(detail 12125550100) =~ \
		^America/New_York\ [0-9]{2}:[0-9]{2},\ opens\ T$ ]]
	opens=$(sed -n 's/.*opens \([^	]*\).*/\1/p' out | head -1)
	[ "$(TZ=America/New_York date -d "$opens" +%H:%M)" = "$until" ]
	[ "$(detail 881612345678)" = "no known place, never opens" ]
}

@test "who has a message: its state, when, and the provider's id" {
	start_sandbox
	add_channel
	rc-optin -q in 12025550001
	rc-send -q -k spring -m Hello - <<<12025550001 >sent
	dry -j - <<<12025550001 >out 2>err
	jq -r .detail out | sed -E 's/[0-9-]{10}T[0-9:.]{12}Z/T/g' >detail
	[ "$(cat detail)" = \
		"accepted T, claimed T, provider id $(cut -f4 sent)" ]
	[ "$(jq -r .message_id out)" = "$(cut -f3 sent)" ]
}

@test "a duplicate names the line that came first, over all files" {
	add_channel
	seq 12025550001 12025550009 | import
	rc-optin -q in 13035550001
	printf '\n%s\n' 12025550001 13035550001 >one
	printf '%s\n\n' 12025550002 12025550001 13035550001 12025550002 >two
	dry -v one two >out 2>err
	[ "$(awk -F'\t' '$2 == "duplicate" { print $1, $5 }' out)" = \
"12025550001 first on line 2
13035550001 first on line 4
12025550002 first on line 5" ]
}

@test "without -v and -j nobody looks for reasons" {
	add_channel
	echo 12025550001 | import
	printf '%s\n' 12025550001 12025550001 12025550002 >in
	dry in >out 2>err
	[ "$(cut -f2,5- out)" = $'would send\t\nduplicate\t\nnot opted in\t' ]
}
