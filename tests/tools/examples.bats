load helper
load odd

# What README and manual pages show is run here as it stands there, but for
# addresses (a sandbox on a free port instead of a provider or a fixed port) and
# the folders files lie in.

local_setup() {
	export TWILIO=AC00000000000000000000000000000000
	export TOKEN=sandbox-auth-token
	export OAUTH2_CLIENT_SECRET=sandbox-client-secret
}

# examples PAGE: the commands of its EXAMPLES, as mdoc has them.
examples() {
	awk '/^\.Sh EXAMPLES/ { on = 1; next }
	    /^\.Sh/ { on = 0 }
	    /^\.Bd/ { block = on; next }
	    /^\.Ed/ { block = 0 }
	    on && (sub(/^\.Dl /, "") || block)' "$TOP/man/$1" |
		sed -e 's/\\e/\\/g' -e 's/\\(dq/"/g' \
		    -e 's/\\ / /g' | grep .
}

# run_examples PAGE [SED...]: runs them, changed by sed, as one script.
run_examples() {
	local page=$1
	shift
	examples "$page" | sed -e '' "$@" >script
	run --separate-stderr bash -e -o pipefail script
	[ "$status" -eq 0 ] || { cat script; echo "$output$stderr"; return 1; }
}

# A channel "acme" at the sandbox with three subscribers.
add_acme() {
	[ -n "${SANDBOX-}" ] || start_sandbox
	rc-channel add acme --provider twilio --account-sid "$TWILIO" \
		--auth-token env:TOKEN --from +15550100 \
		--base-url "$SANDBOX" --short-base https://s.example
	{ echo 'phone numbers'; seq 12025550101 12025550103; } >data.csv
	rc-import -q -c acme data.csv >/dev/null
}

@test "the tour of the README does what it says" {
	local sandbox httpd
	sandbox=$(free_port)
	httpd=$sandbox
	while [ "$sandbox" -eq "$httpd" ]; do httpd=$(free_port); done
	sed -n '/^## Five minutes/,/^## The tools/s/^    //p' \
		"$TOP/README.md" >commands
	[ "$(grep -c '^rc-' commands)" -ge 8 ]
	# Job numbers are a terminal's; servers are waited for.
	{
		echo 'set -e -o pipefail'
		sed -e "s/:8025/:$sandbox/g; s/:8080/:$httpd/g" \
			-e "s,/tmp/tour,$PWD/tour,g" \
			-e '/^make && /d; /^cd && rm/d; /^kill %1/d' \
			-e 's/rc-stats spring/rc-stats -j spring/' \
			-e '/rc-httpd --listen/a wait_up' commands
	} >tour.sh
	cat >lib.sh <<-'EOF'
	wait_up() {
		local n
		for ((n = 0; n < 1200; n++)); do
			curl -s -o /dev/null "$SANDBOX_URL" &&
				curl -s -o /dev/null "$HTTPD_URL" && return
			read -rt 0.05 <> <(:) || :
		done
		return 1
	}
	trap 'kill $(jobs -p); wait' EXIT
	EOF
	SANDBOX_URL=http://127.0.0.1:$sandbox \
		HTTPD_URL=http://127.0.0.1:$httpd \
		run --separate-stderr bash -c '. ./lib.sh; . ./tour.sh'
	[ "$status" -eq 0 ] || { echo "$output$stderr"; return 1; }
	[ "$(jq -r 'select(.event == "message") | .to' tour/phones.ndjson |
		sort | xargs)" = '+12025550101 +12025550102' ]
	[[ $stderr == *"2 recipients = 2 would send"* ]]
	[[ $stderr == *"2 recipients = 2 accepted"* ]]
	[[ $stderr == *"2 recipients = 2 already sent"* ]]
	stats=$(grep '^{"campaign"' <<<"$output")
	[ "$(jq -c '[.recipients, .clicks_human, .ctr]' <<<"$stats")" = \
		'[2,1,0.5]' ]
	[ "$(grep -c '^12025550103.*acme' <<<"$output")" -eq 2 ]
	[ "$(tail -1 <<<"$output" | cut -f1,2)" = $'sound\t2' ]
}

@test "the pipelines of the README run" {
	start_sandbox
	add_acme
	mkdir -p lists/acme/upload_2024-03-01_04-00
	cp -p data.csv lists/acme/upload_2024-03-01_04-00
	touch -d '1 hour ago' lists/acme/*/data.csv
	printf 'x,y,12025550101\n' >segment.csv
	echo 'Hello' >spring.txt
	sed -n '/^They are made to be chained/,/^stdout is data/s/^    //p' \
		"$TOP/README.md" >chained
	sed -i 's,s3://lists,lists,' chained
	run --separate-stderr bash -e -o pipefail chained
	[ "$status" -eq 0 ] || { echo "$output$stderr"; return 1; }
	[[ $stderr == *"3 recipients = 3 accepted"* ]]
	[[ $stderr == *"1 recipient = 1 already sent"* ]]
}

@test "rc-channel(1): a channel is added, tested, set and gets a key" {
	start_sandbox
	start_odd
	reply other '200 OK' '{"result":{"ok":true,"ref":"x1"}}'
	ln -s "$TOP/examples" examples
	run_examples rc-channel.1 -e "s,https://sms.example/send,$ODD/keep/other," \
		-e 's/=\.\.\.$/=sandbox-auth-token/' \
		-e "s,--from +15550100,& --base-url $SANDBOX," \
		-e "s,add push,& - --url $SANDBOX/json/bearer --token-url \
$SANDBOX/oauth/token,"
	[ "$(rc-channel list | cut -f1 | xargs)" = 'acme other push slow' ]
	[ "$(rc-stats -j hello | jq -c '[.accepted, .segments]')" = '[1,1]' ]
	[ "$(rc-channel show -j acme | jq -c '[.rate, .cap, .list_source]')" = \
		'[20,"3/24h","s3://bucket/lists"]' ]
	[ "$(rc-channel key list | wc -l)" -eq 1 ]
	[ "$(grep -c '"event":"message"' sandbox.ndjson)" -eq 2 ]
}

@test "the crontab imports, sends, and mails what went wrong" {
	start_sandbox
	add_acme
	mkdir -p lists/upload_2024-03-01_04-00
	{ cat data.csv; echo 12025550104; } >lists/upload_2024-03-01_04-00/data.csv
	touch -d '1 hour ago' lists/*/data.csv
	rc-channel set acme --list-source lists
	echo 'Hello' >spring.txt
	sed -nE 's/^([^ #]+ ){5}//p' "$TOP/examples/crontab" >commands
	[ "$(grep -c '^rc-' commands)" -eq 3 ]
	run bash -e -o pipefail commands
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(rc-stats -j spring | jq .accepted)" -eq 4 ]
	mkdir lists/upload_2024-03-02_04-00
	echo nonsense >lists/upload_2024-03-02_04-00/data.csv
	touch -d '1 hour ago' lists/*/data.csv
	run bash commands
	[[ ${lines[0]} == "rc-import: "*"nonsense"* ]]
	[[ ${lines[1]} == "acme"$'\t'*"nonsense"* ]]
	[ "${#lines[@]}" -eq 2 ]
}

@test "rc-import(1): a file, a dry run and a column of another encoding" {
	add_acme
	printf 'name,mobile\nJos\351,12025550104\nAda,12025550101\n' >crm.csv
	mkdir -p drop/upload_2024-03-01_04-00
	touch -d '1 hour ago' data.csv
	cp -p data.csv drop/upload_2024-03-01_04-00
	run_examples rc-import.1 -e "s,/srv/export/,," -e "s,/srv/drop,drop," \
		-e "s,--access-key.*,data.csv,"
	[ "$(rc-optin list | xargs)" = '12025550101 12025550104' ]
}

@test "rc-optin(1): opt-ins with evidence, opt-outs, a filter, a head, replies" {
	add_acme
	"$RC_BUILD/tests/tools/reply" 12025550102 'Wrong number!'
	"$RC_BUILD/tests/tools/reply" 12025550101 'no more pink ones?'
	echo 'I agree' >wording.txt
	echo 12025550103 >optouts.txt
	printf '1202555010%s\n' 1 3 9 >segment.txt
	echo 'Hello' >spring.txt
	run_examples rc-optin.1
	[ "$(rc-optin list | xargs)" = '12025550101 15550000001' ]
	[ "$(jq -r .text dismissed.ndjson)" = 'no more pink ones?' ]
	[[ $(rc-optin log 15550000001) == *"I agree"* ]]
	[[ $stderr == *"1 recipient = 1 accepted"* ]]
}

@test "rc-identify(1): events join a customer id, an address and a number" {
	add_acme
	hash=$(printf peter@example.com | sha256sum | cut -d' ' -f1)
	jq -cn --arg hash "$hash" '{
		user: {dyid: "-4350463893986789401",
			active_consent_accepted: true},
		session: {dy: "x"},
		events: [{name: "Login", properties: {dyType: "login-v1",
			cuid: "u-17", hashedEmail: $hash,
			phoneNumber: "12025550101"}}]}' >events.ndjson
	echo u-17 >segment.txt
	printf 'phone,first name\n12025550101,Ada\n' >profiles.csv
	run_examples rc-identify.1
	[ "$(jq -r 'select(.event == "message").body' sandbox.ndjson |
		sort | uniq -c | xargs)" = "1 Hi Ada! 2 Hi there!" ]
	[ "$(head -1 <<<"$output")" = 12025550101 ]
	[ "$(sed -n 2p <<<"$output" | jq -r .resolved)" = 12025550101 ]
	[[ $output == *$'\tphoneNumber\t12025550101\t'* ]]
}

@test "rc-send(1): a look, a campaign, a warm-up, a document, two texts, the rest" {
	local autumn
	add_acme
	export RC_CHANNEL=acme
	rc-channel add push --url "$SANDBOX/json/none" --id-pointer /id
	rc-import -q -c push data.csv >/dev/null
	echo 'Hello' | tee spring.txt >short.txt
	echo 'Hello, how do you do?' >long.txt
	echo '{"to":"${User identifier}","text":"Hi ${name}"}' >offer.json
	echo '{"phone":"12025550102","name":"Ada"}' >people.ndjson
	run_examples rc-send.1
	[[ $output == *$'would send\t\t\t\tNew: https://s.example/preview0'* ]]
	[[ $stderr == *"1 recipient = 1 accepted"* ]]
	grep -q 'Hi Ada' sandbox.ndjson
	[ "$(rc-stats -j --by variant autumn | jq -c .variant | xargs)" = \
		'short long' ]
	autumn=$(rc-stats -j autumn | jq '.recipients - .held')
	[ "$(grep -c '"event":"message"' sandbox.ndjson)" -eq $((7 + autumn)) ]
	[ "$(rc-stats -j autumn | jq .recipients)" -eq 3 ]
}

@test "rc-shorten(1): a link is made, expanded, and put into a letter" {
	local code
	add_acme
	rc-optin list | rc-send -q -k spring -m Hello >/dev/null
	echo 'Look: https://shop.example/letter' >letter.txt
	echo 'Look: https://shop.example/text' >text
	code=$(rc-shorten --base https://s.example https://shop.example/spring)
	run_examples rc-shorten.1 -n -e 's/^\$ //' \
		-e "s/ZpX03dqK/${code##*/}/" -e '/^rc-/p'
	[ "$(head -1 <<<"$output")" = "$code" ]
	[ "$(sed -n 2p <<<"$output")" = \
		"${code##*/}"$'\thttps://shop.example/spring\t\t\t0\t0' ]
	[ "$(tail -1 <<<"$output")" -eq 33 ]
	grep -q '^Look: https://s.example/[0-9A-Za-z]*$' letter.short.txt
}

@test "rc-stats(1) and reconnect(7): every morning, and how it went" {
	add_acme
	printf 'x,y,12025550101\n' >segment.csv
	echo 'Hello' >spring.txt
	run_examples reconnect.7 -e "s,/srv/upload/,,"
	[ "$(tail -1 <<<"$output")" = 0 ]
	[[ $stderr == *"3 recipients = 3 accepted"* ]]
	run_examples rc-stats.1
	[ "${#lines[@]}" -eq 3 ]
	[ "${lines[1]}" = $'spring\t0' ]
	[ "${lines[2]}" = ': 0 %' ]
}

@test "rc-httpd(1): a web site takes somebody out" {
	add_acme
	run_examples rc-httpd.1 -e "s/:8080/:$(free_port)/" \
		-e 's/curl/& -sS --retry 9 --retry-connrefused/' \
		-e '$a kill %1; wait'
	[[ $output == *'"error":null'* ]]
	[ "$(rc-optin list | xargs)" = '12025550102 12025550103' ]
}

@test "rc-sandbox(1): every set of faults is understood" {
	local n=0 command
	examples rc-sandbox.1 | sed ':a; /\\$/ { N; s/\\\n//; ba }' |
		grep '^rc-sandbox' >commands
	[ "$(wc -l <commands)" -eq 3 ]
	while read -r command; do
		n=$((n + 1))
		eval "exec ${command%&} --listen 127.0.0.1:0 >log.$n" 3>&- &
		PIDS+=($!)
		wait_for grep -q listening "log.$n"
	done <commands
}

@test "the demo checks its own numbers and leaves nothing behind" {
	mkdir tmp
	TMPDIR=$PWD/tmp run "$TOP/examples/demo"
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	[ "$(grep -c '^ok: ' <<<"$output")" -eq 10 ]
	[[ ${lines[-1]} == "10 checks passed in "* ]]
	[ -z "$(ls tmp)" ]
}

# is_left FOLDER: no process stands in it any more.
is_left() {
	! readlink /proc/[0-9]*/cwd | grep -q "^$1/"
}

@test "a demo that is interrupted stops its servers and tidies up" {
	mkdir tmp
	TMPDIR=$PWD/tmp foreground "$TOP/examples/demo" >out 2>&1
	wait_for grep -q '^# Two channels' out
	kill -INT -- "-$pid"
	code=0
	wait "$pid" || code=$?
	[ "$code" -eq 130 ] || { cat out; return 1; }
	[ -z "$(ls tmp)" ]
	wait_for is_left "$PWD/tmp"
}
