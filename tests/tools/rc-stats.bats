load helper

local_setup() {
	export TOKEN=sandbox-auth-token
	start_sandbox
	start_httpd
	rc-channel add acme --provider twilio \
		--account-sid AC00000000000000000000000000000000 \
		--auth-token env:TOKEN --from +15550100 \
		--base-url "$SANDBOX" --short-base "$HTTPD"
	{ echo 'phone numbers'; seq 12025550101 12025550110; } >list.csv
	rc-import list.csv >/dev/null 2>&1
}

send() {
	rc-optin list | rc-send -k spring -m 'see https://shop.example/a' \
		--public-url "$HTTPD" >sent.tsv 2>balance
}

field() { # field NAME of the campaign's record
	rc-stats -j spring | jq -r ".$1"
}

delivered() { [ "$(field delivered)" = 10 ]; }

links() {
	jq -r 'select(.event == "message") | .body' sandbox.ndjson |
		grep -o 'http[^ ]*'
}

@test "a report adds up: accepted, delivered by receipts, clicks by class" {
	send
	wait_for delivered
	mapfile -t link < <(links)
	[ "${#link[@]}" -eq 10 ]
	curl -s -o /dev/null -A 'Mozilla/5.0 (iPhone)' "${link[0]}"
	curl -s -o /dev/null -A 'Mozilla/5.0 (iPhone)' "${link[0]}"
	curl -s -o /dev/null -A 'Mozilla/5.0 (Android)' "${link[1]}"
	curl -s -o /dev/null -A 'facebookexternalhit/1.1' "${link[2]}"
	curl -s -o /dev/null -A 'Mozilla/5.0' -H 'Sec-Purpose: prefetch' \
		"${link[3]}"
	curl -s -I -o /dev/null -A 'Mozilla/5.0' "${link[4]}"
	curl -s -o /dev/null "${link[5]}"
	run rc-stats -j spring
	[ "$status" -eq 0 ]
	echo "$output" | jq -e '.recipients == 10 and .accepted == 10 and
		.delivered == 10 and .rejected == 0 and .unknown == 0 and
		.clicks_raw == 7 and .clicks_human == 2 and .clickers == 2 and
		.clicks_duplicate == 1 and .clicks_bot == 3 and
		.clicks_prefetch == 1 and .ctr == 0.2 and .channel == "acme"'
}

@test "asking again counts no click twice" {
	send
	curl -s -o /dev/null -A 'Mozilla/5.0' "$(links | head -1)"
	[ "$(field clicks_raw)" = 1 ]
	[ "$(field clicks_raw)" = 1 ]
	kill "$HTTPD_PID"
	wait "$HTTPD_PID"
	[ "$(field clicks_raw)" = 1 ]
}

@test "table, TSV and JSON say the same" {
	send
	wait_for delivered
	rc-stats --format tsv spring >tsv
	[ "$(cut -f1,5,6,12 tsv)" = $'spring\t10\t10\t10' ]
	rc-stats --format table spring >table
	grep -Eq '^  accepted +10 +100.0 %' table
	grep -q '^spring  (channel acme, last run 20' table
	[ "$(rc-stats --format json spring | jq .accepted)" = 10 ]
}

@test "tables are parted by one blank line, and none follows" {
	send
	rc-optin list | rc-send -q -k summer -m Hello >/dev/null
	rc-stats --format table >table
	[ "$(grep -c '^$' table)" -eq 1 ]
	[[ $(tail -1 table) == "  ctr "*"%" ]]
}

@test "an unknown campaign or format is one clear line" {
	run rc-stats nothing
	err_is 66 "no campaign 'nothing'"
	run rc-stats --format xml
	err_is 64 "'xml' is no format"
}

@test "without any campaign there is nothing to print" {
	run rc-stats
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "by variant, table, TSV and JSON say the same" {
	echo 'see https://shop.example/a' >a
	echo 'look: https://shop.example/b' >b
	rc-optin list | rc-send -q -k spring --variant a=a --variant b=b:2 \
		>/dev/null
	rc-optin list | rc-send -q -k winter -m Hello >/dev/null
	rc-stats --by variant --format tsv spring >tsv
	[ "$(cut -f1-3 tsv)" = $'spring\ta\t1\nspring\tb\t2' ]
	[ "$(awk '{ n += $4 } END { print n }' tsv)" -eq 10 ]
	[ "$(cut -f2-14 tsv)" = "$(rc-stats -j --by variant spring |
		jq -r '[.variant, .weight, .recipients, .accepted, .rejected,
			.deferred, .unknown, .held, .open, .delivered,
			.undelivered, .segments, .clickers] | @tsv')" ]
	rc-stats --by variant --format table spring >table
	[ "$(sed -n 2p table | xargs)" = \
		'variant recipients accepted segments clickers ctr' ]
	[ "$(sed -n '3,$p' table | awk '{ print $1, $2, $3, $4 }')" = \
		"$(awk '{ print $2, $4, $5, $13 }' tsv)" ]
	[ "$(rc-stats --by variant winter | cut -f1-5)" = \
		$'winter\t\t0\t10\t10' ]
	[ "$(rc-stats --by variant | wc -l)" -eq 3 ]
	rc-stats --by variant --format table >table
	[ "$(grep -c '^$' table)" -eq 1 ]
	grep -q '^  (none) ' table
	[ "$(rc-stats --by campaign)" = "$(rc-stats)" ]
	run rc-stats --by day
	err_is 64 "no rows by 'day'"
	run rc-stats --by variant nothing
	err_is 66 "no campaign 'nothing'"
}
