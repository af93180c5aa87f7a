load helper
load odd

# Answers that no provider should give: what becomes of each message, what is
# said, and that nothing is sent twice.

@test "a success without a body is one, unless an id was promised" {
	start_odd
	reply none '204 No Content' ''
	sed -i /Content-Length/d none
	cp none promised
	run_odd keep none
	came_to none 0 accepted
	run_odd keep promised --id-pointer /id
	came_to promised 75 unknown 'HTTP 204, but the answer is no JSON'
}

@test "a failure that says 200 is what the success rule says" {
	start_odd
	rule=(--success-pointer /status --success-equals 0)
	reply failed '200 OK' '{"status":"7","message":"blocked"}'
	run_odd keep failed "${rule[@]}"
	came_to failed 0 rejected 'HTTP 200: blocked'
	reply other '200 OK' '{"code":0}'
	run_odd keep other "${rule[@]}"
	came_to other 75 unknown "nothing at '/status'"
	reply page '200 OK' '<html>hi</html>' 'Content-Type: text/html'
	run_odd keep page "${rule[@]}"
	came_to page 75 unknown 'no JSON'
}

@test "who a code calls opted out is suppressed, and asked for no more" {
	start_odd
	reply optout '422 No' '{"error":{"type":"opted_out","message":"STOP"}}'
	run_odd keep optout --error-pointer /error/type --optout-codes gone,opted_out
	came_to optout 0 rejected 'HTTP 422: opted_out'
	run rc-optin check -c optout 12025550000
	err_is 1 suppress
	[ "$(rc-optin list -c optout --suppressed | sort)" = "$(sort people)" ]
	rc-send -c optout -k next -t template.json people >next.sent
	[ "$(cut -f2 next.sent | sort -u)" = suppressed ]
	[ "$(grep -c '^optout ' asked)" -eq 3 ]
	[ "$(rc-channel set optout --optout-codes gone)" = \
		$'optout_codes\tgone,opted_out\tgone' ]
	[ "$(rc-channel show -j optout | jq -r .optout_codes)" = gone ]
}

@test "no redirect is followed, and no credential goes there" {
	local status
	start_odd
	export SECRET=s3cr3t-of-some-length
	basic=(--auth basic --username u --password env:SECRET)
	for status in 301 302 303 307 308; do
		reply "r$status" "$status Moved" '' "Location: $ODD/keep/there"
		run_odd keep "r$status" "${basic[@]}" --concurrency 1
	done
	for status in 301 307 308; do
		[ "$(<"r$status.code")" -eq 78 ]
		grep -q "HTTP $status, a redirect, which is not followed" \
			"r$status.balance"
		[ "$(grep -c "^r$status " asked)" -eq 1 ]
		absent accepted "r$status.sent"
	done
	came_to r302 75 unknown 'HTTP 302, a redirect'
	came_to r303 75 unknown 'HTTP 303'
	absent '^there' asked
	run rc-channel test r307 --to 12025550000
	err_is 78 'HTTP 307'
	rc-channel set r302 --lookup-url "$ODD/keep/r301?id=\${Message ID}"
	run --separate-stderr rc-send -k r302 --reconcile
	[ "$status" -eq 78 ]
	[[ $stderr == *"mend the channel: HTTP 301, a redirect"* ]]
	absent '^there' asked
}

@test "half an answer: its status counts, if it came so far" {
	start_odd
	printf 'HTTP/1.1 20' >stub
	run_odd close stub
	came_to stub 75 unknown
	printf 'HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{"id":"1' >half
	cp half promised
	run_odd close half
	came_to half 0 accepted
	run_odd close promised --id-pointer /id
	came_to promised 75 unknown 'HTTP 201, but the answer is no JSON'
	printf 'HTTP/1.1 201 Created\r\nContent-Le' >torn
	run_odd reset torn
	came_to torn 0 accepted
	: >nothing
	run_odd close nothing
	came_to nothing 75 unknown 'Empty reply'
	cp nothing gone
	run_odd reset gone
	came_to gone 75 unknown 'reset'
}

@test "what lies behind an answer is nobody's answer" {
	start_odd
	body='{"id":"right"}'
	reply smuggled '201 Created' "$body"
	printf 'HTTP/1.1 201 Created\r\nContent-Length: 14\r\n\r\n{"id":"wrong"}' \
		>>smuggled
	run_odd keep smuggled --id-pointer /id --concurrency 1
	came_to smuggled 0 accepted
	[ "$(cut -f4 smuggled.sent | sort -u)" = right ]
	# Too short a length cuts the document.
	reply cut '201 Created' "$body"
	sed -i 's/^Content-Length: .*/Content-Length: 5\r/' cut
	run_odd keep cut --id-pointer /id --concurrency 1
	came_to cut 75 unknown 'no JSON'
}

@test "a document nobody can read is none" {
	start_odd
	deep=$(printf '[%.0s' {1..10000})
	reply deep '200 OK' "{\"id\":$deep"
	run_odd keep deep --id-pointer /id
	came_to deep 75 unknown 'no JSON'
	reply refused '400 Bad' "{\"message\":$deep"
	run_odd keep refused
	came_to refused 0 rejected 'HTTP 400'
	reply number '201 Created' '{"id":9007199254740993}'
	run_odd keep number --id-pointer /id
	came_to number 0 accepted
	[ "$(cut -f4 number.sent | sort -u)" = 9007199254740993 ]
}

@test "an error's text gives a terminal no orders" {
	start_odd
	reply escapes '400 Bad' \
		'{"message":"a\\u001b[2Jb\\u009bc\\u0007\\n\\u007fd"}'
	run_odd keep escapes
	came_to escapes 0 rejected 'HTTP 400: a?[2Jb??c???d'
	reply raw '400 Bad' '{"message":"\xff\xfe\x1b[2J"}'
	run_odd keep raw
	came_to raw 0 rejected 'HTTP 400'
	for name in escapes raw; do
		run rc-channel test "$name" --to 12025550000
		[ "$status" -eq 65 ]
		printf '%s\n' "$output" >shown
		absent_control shown
		run rc-channel -j test "$name" --to 12025550000
		[ "$status" -eq 65 ]
		printf '%s\n' "$output" >shown
		absent_control shown
		head -1 shown | jq -e '.response.status == 400'
	done
}

@test "Retry-After: a date, and what is too long, past or no time at all" {
	start_odd
	reply date '429 Slow' '' "Retry-After: $(LC_ALL=C date -u -d '+1 hour' \
		'+%a, %d %b %Y %H:%M:%S GMT')"
	reply absurd '429 Slow' '' 'Retry-After: 99999999999999999999'
	run_odd keep date
	came_to date 75 deferred 'HTTP 429'
	run_odd keep absurd
	came_to absurd 75 deferred 'HTTP 429'
	# These say nothing: four attempts, each a little later.
	reply negative '429 Slow' '' 'Retry-After: -5'
	reply past '429 Slow' '' 'Retry-After: Thu, 01 Jan 1998 00:00:00 GMT'
	reply words '429 Slow' '' 'Retry-After: soon'
	for name in negative past words; do
		run_odd keep "$name"
		came_to "$name" 75 deferred 'HTTP 429' 12
	done
}

@test "nothing compressed is asked for, and what comes so is not unpacked" {
	start_odd
	head -c 20000000 /dev/zero | gzip -9 >bomb.gz
	printf '{"id":"1"}' | gzip >promised.gz
	for name in bomb promised; do
		{
			printf 'HTTP/1.1 201 Created\r\n'
			printf 'Content-Encoding: gzip\r\n'
			printf 'Content-Length: %d\r\n\r\n' \
				"$(wc -c <$name.gz)"
			cat $name.gz
		} >$name
	done
	run_odd keep bomb
	came_to bomb 0 accepted
	run_odd keep promised --id-pointer /id
	came_to promised 75 unknown 'no JSON'
}

@test "a status nobody knows, and another protocol: nobody knows" {
	start_odd
	reply s999 '999 Odd' ''
	reply s600 '600 Odd' ''
	run_odd keep s999
	came_to s999 75 unknown 'HTTP 999'
	run_odd keep s600
	came_to s600 75 unknown 'HTTP 600'
	printf 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n' >s101
	run_odd close s101
	came_to s101 75 unknown
	printf 'SSH-2.0-OpenSSH_9.2\r\n' >ssh
	run_odd close ssh
	came_to ssh 75 unknown
}

@test "a receipt that comes after all moves an unknown message on" {
	start_sandbox --fault close-after --fault latency=100ms
	export TOKEN=sandbox-auth-token
	start_httpd
	rc-channel add acme --from +15550100 --auth-token env:TOKEN \
		--account-sid AC00000000000000000000000000000000 \
		--base-url "$SANDBOX"
	seq 12025550000 12025550004 >people
	{ echo 'phone numbers'; cat people; } | rc-import -q - >/dev/null
	run rc-send -k spring -m hello --public-url "$HTTPD" people
	err_is 75 '5 recipients = 5 unknown'
	delivered() {
		rc-stats -j spring | jq -e '.delivered == 5 and .unknown == 0'
	}
	wait_for delivered
	run rc-send -k spring -m hello --public-url "$HTTPD" people
	err_is 0 '5 recipients = 5 already sent'
	[ "$(grep -c '"event":"message"' sandbox.ndjson)" -eq 5 ]
}
