load helper
load send

# Asking the provider what became of messages that nobody knows of.

local_setup() {
	export TOKEN=sandbox-auth-token
}

PEOPLE=60

begin() { # [SANDBOX-ARGS...]
	start_sandbox "$@"
	add_channel sms
	add_people "$PEOPLE"
}

send() {
	rc-send -k spring -m 'Hi ${name:-you}, see https://shop.example/ now' \
		"$@"
}
ask() { rc-send -k spring --reconcile "$@"; }
# later COMMAND...: when everything unknown would be listed.
later() { by 1200 "$@"; }

@test "who has it is settled, who has it not is deferred and gets it" {
	can_shift
	# Answered with an error before and after it was taken; no answer before
	# and after.
	begin --fault 503=every:6 --fault 502=every:7:accepted \
		--fault close-after=every:8 --fault garbage=every:11
	send <people >out 2>err || [ $? -eq 75 ]
	of unknown out >unknown
	texted | comm -12 - unknown >have
	texted | comm -13 - unknown >lack
	[ "$(wc -l <have)" -gt 8 ]
	[ "$(wc -l <lack)" -gt 6 ]

	later rc-send -k spring --reconcile >rec 2>err
	of delivered rec | diff - have
	of deferred rec | diff - lack
	[ "$(cat err)" = "rc-send: $(wc -l <unknown) unknown = $(wc -l <lack) deferred + $(wc -l <have) delivered" ]
	# The provider's ids came with it.
	jq -r --slurpfile ids <(cut -f4 rec | jq -R .) \
		'select(.event == "message") | .id' sandbox.ndjson | sort >ids
	cut -f4 rec | grep . | sort | comm -13 ids - >strange
	[ ! -s strange ]
	[ "$(status unknown)" -eq 0 ]
	[ "$(status segments)" -eq $((PEOPLE - $(wc -l <lack))) ]

	# Until nobody is left, everybody gets it once.
	for _ in 1 2 3 4 5 6 7 8 9; do
		send <people >out 2>err && break
		later rc-send -k spring --reconcile >rec 2>err
	done
	diff <(texted) people
	[ "$(status accepted)" -eq "$PEOPLE" ]
}

@test "a killed run's messages are asked about, and asking can be killed too" {
	can_shift
	# Neither run ends by itself: one waits for all of its answers, the other
	# for one.
	begin --fault latency=1h:first:40 --fault latency=1h:at:5:on=list
	rc-channel set sms --concurrency 40 >/dev/null
	rc-send -k spring -m 'Hi https://shop.example/' <people >out 2>err &
	pid=$!
	wait_for log_has 40
	kill -9 "$pid"
	wait "$pid" || :
	[ "$(status unknown)" -ge 40 ]
	CLOCK_SHIFT=1200 LD_PRELOAD=$RC_BUILD/tests/fault/shiftclock.so \
		rc-send -k spring --reconcile --rate 50 >rec1 2>/dev/null &
	pid=$!
	wait_for eval '[ "$(status unknown)" -lt 30 ]'
	kill -9 "$pid"
	wait "$pid" || :
	later rc-send -k spring --reconcile >rec2 2>err
	[ "$(status unknown)" -eq 0 ]
	[ "$(status 'deferred + .accepted')" -eq "$(status recipients)" ]
	rc-send -k spring -m 'Hi https://shop.example/' <people >out 2>err
	diff <(texted) people
}

@test "too early, what is not listed stays unknown and exit 75 says so" {
	begin --fault 503=every:2
	head -4 people | send >/dev/null 2>&1 || [ $? -eq 75 ]
	run --separate-stderr ask
	[ "$status" -eq 75 ]
	[ "${stderr_lines[0]}" = "rc-send: 2 unknown = 2 still unknown" ]
	[[ ${stderr_lines[1]} == *"2 messages are still unknown: ask again later"* ]]
	[[ $output == *"	unknown	"*"not listed, but it may yet be: ask again after 20"* ]]
	[ "$(status unknown)" -eq 2 ]
}

@test "who was lost when a run died may have been sent until that was noticed" {
	can_shift
	begin --fault 503=at:2 --fault latency=1h:at:2
	head -1 people | send -q >/dev/null
	sed -n 2p people | rc-send -k spring -m 'Hi ${name:-you}' --amend \
		>/dev/null 2>&1 &
	pid=$!
	wait_for grep -q '"refused"' sandbox.ndjson
	kill -9 "$pid"
	wait "$pid" || :
	by 86400 rc-send -k spring --reconcile >rec 2>err || [ $? -eq 75 ]
	[[ $(cut -f2,5 rec) == "unknown	not listed, but it may yet be: "* ]]
	by 87600 rc-send -k spring --reconcile >rec 2>err
	[ "$(cut -f2 rec)" = deferred ]
}

# lost SECONDS FAULT: a run that began so long ago is killed as it waits for an
# answer to people's second message, and that is noticed now.
lost() {
	begin --fault latency=1h:at:2 --fault "$2"
	head -1 people | send -q >/dev/null
	sed -n 2p people >second
	CLOCK_SHIFT=-$1 LD_PRELOAD=$RC_BUILD/tests/fault/shiftclock.so \
		rc-send -k spring second \
		-m 'Hi ${name:-you}, see https://shop.example/ now' \
		>/dev/null 2>&1 &
	pid=$!
	wait_for eval '[ "$(wc -l <sandbox.ndjson)" -eq 3 ]'
	kill -9 "$pid"
	wait "$pid" || :
	[ "$(status unknown)" -eq 1 ]
}

@test "what went to a person until then may be the message of a lost run" {
	can_shift
	lost 172800 callback-drop
	ask >rec 2>err
	[ "$(cut -f2 rec)" = delivered ]
	rm -f state.mdb*
	lost 7200 503=at:2
	post +15005550006 +12025550001 Else
	later rc-send -k spring --reconcile >rec 2>err || [ $? -eq 75 ]
	[ "$(cut -f2,5 rec)" = "unknown	a message with other words went to this person then" ]
}

@test "a clock set on while a request was under way leaves it unknown" {
	can_shift
	begin --fault 503=at:2
	head -1 people | send -q >/dev/null
	kill -STOP "$SANDBOX_PID"
	sed -n 2p people | by "$PWD/ahead" rc-send -k spring -m 'Hi ${name:-you}' \
		--amend >/dev/null 2>&1 &
	pid=$!
	wait_for on_the_wire 1
	echo 3600 >ahead
	kill -CONT "$SANDBOX_PID"
	wait "$pid" || [ $? -eq 75 ]
	by 4000 rc-send -k spring --reconcile >rec 2>err || [ $? -eq 75 ]
	[[ $(cut -f2,5 rec) == "unknown	not listed, but it may yet be: "* ]]
	# Set back by more than that, it is not yet what it was.
	by -3600 rc-send -k spring --reconcile >rec 2>err || [ $? -eq 75 ]
	[[ $(cut -f2,5 rec) == "unknown	not listed, but it may yet be: "* ]]
	by 4800 rc-send -k spring --reconcile >rec 2>err
	[ "$(cut -f2 rec)" = deferred ]
}

@test "a list that was asked for too early says nothing, however late it comes" {
	can_shift
	begin --fault 503=first:1
	head -1 people | send >/dev/null 2>&1 || [ $? -eq 75 ]
	kill -STOP "$SANDBOX_PID"
	by "$PWD/ahead" rc-send -k spring --reconcile >rec 2>err &
	pid=$!
	wait_for on_the_wire 1
	echo 3600 >ahead
	kill -CONT "$SANDBOX_PID"
	wait "$pid" || [ $? -eq 75 ]
	[[ $(cut -f2,5 rec) == "unknown	not listed, but it may yet be: "* ]]
}

@test "a link that was clicked proves the message, listed or not" {
	can_shift
	begin --listen "127.0.0.1:$(free_port)" --fault close-after=at:1
	head -1 people | send >/dev/null 2>&1 || [ $? -eq 75 ]
	link=$(jq -r 'select(.event == "message").body' sandbox.ndjson |
		grep -o 's.example/[^ ]*')
	kill "$SANDBOX_PID"
	wait "$SANDBOX_PID" || :
	start_sandbox --listen "${SANDBOX#http://}"
	sed -n 2p people | send -q >/dev/null
	start_httpd
	curl -s -o /dev/null -A 'Mozilla/5.0 (iPhone)' "$HTTPD/${link##*/}"
	[ "$(status clickers)" -eq 1 ] # folded
	later rc-send -k spring --reconcile >rec 2>err || [ $? -eq 75 ]
	[ "$(cut -f2,5 rec)" = "unknown	not listed, but its link was clicked" ]
	[ "$(status unknown)" -eq 1 ]
}

@test "the link in a message that was denied works after another was sent" {
	can_shift
	begin --listen "127.0.0.1:$(free_port)" --fault close-after=at:1
	head -1 people | send >/dev/null 2>&1 || [ $? -eq 75 ]
	link=$(jq -r 'select(.event == "message").body' sandbox.ndjson |
		grep -o 's.example/[^ ]*')
	kill "$SANDBOX_PID"
	wait "$SANDBOX_PID" || :
	start_sandbox --listen "${SANDBOX#http://}" # which has forgotten it
	sed -n 2p people | send -q >/dev/null
	later rc-send -k spring --reconcile >rec 2>err
	[ "$(cut -f2 rec)" = deferred ]
	head -1 people | send -q >/dev/null
	run rc-shorten --expand "${link##*/}"
	[ "$status" -eq 0 ]
	[[ $output == *https://shop.example/* ]]
}

@test "a link of another campaign's message is not taken for this one's" {
	can_shift
	begin --fault 503=at:1
	head -1 people >one
	send <one >/dev/null 2>&1 || [ $? -eq 75 ]
	# The very same text, by another campaign, at the same time.
	rc-send -q -k summer -m 'Hi ${name:-you}, see https://shop.example/ now' \
		<one >/dev/null
	later rc-send -k spring --reconcile >rec 2>err
	[ "$(cut -f2 rec)" = deferred ]
}

@test "without links the message of another campaign is known by its id" {
	can_shift
	begin --fault 503=at:1
	head -1 people >one
	rc-send -k spring -m Hello <one >/dev/null 2>&1 || [ $? -eq 75 ]
	rc-send -q -k summer -m Hello <one >/dev/null
	later rc-send -k spring --reconcile >rec 2>err
	[ "$(cut -f2 rec)" = deferred ]
}

# post FROM TO BODY: a message that rc-send knows nothing of.
post() {
	curl -s -o /dev/null -u "AC00000000000000000000000000000000:$TOKEN" \
		--data-urlencode "From=$1" --data-urlencode "To=$2" \
		--data-urlencode "Body=$3" \
		"$SANDBOX/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json"
}

@test "a number that the provider writes in another way is found" {
	can_shift
	begin --fault 503=at:2 --fault 503=at:3 --fault 503=at:4
	printf '%s\n' 5215512345678 541123456789 5511987654321 >pair
	cat people pair | import
	head -1 people | rc-send -q -k spring -m Hi >/dev/null
	rc-send -k spring -m Hi pair >/dev/null 2>&1 || [ $? -eq 75 ]
	[ "$(status unknown)" -eq 3 ]
	post +15005550006 +525512345678 Hi
	post +15005550006 +5491123456789 Hi
	later rc-send -k spring --reconcile >rec 2>err
	[ "$(cut -f1,2 rec | sort)" = "$(printf '%s\t%s\n' \
		5215512345678 delivered 541123456789 delivered \
		5511987654321 deferred)" ]
}

@test "other words at that time from our sender keep it unknown" {
	can_shift
	begin --fault 503=first:2
	head -3 people | send >/dev/null 2>&1 || [ $? -eq 75 ]
	post +15005550006 +12025550000 Else
	post +15005550099 +12025550001 Else
	later rc-send -k spring --reconcile >rec 2>err || [ $? -eq 75 ]
	[ "$(sort rec | cut -f2,5)" = "$(printf '%s\t%s\n' \
		unknown 'a message with other words went to this person then' \
		deferred 'the provider does not have it')" ]
}

@test "a text that was changed since keeps its messages unknown" {
	can_shift
	begin --fault close-after=at:1
	head -1 people | send >/dev/null 2>&1 || [ $? -eq 75 ]
	sed -n 2p people | rc-send -q -k spring -m 'Other words' --amend >/dev/null
	later rc-send -k spring --reconcile >rec 2>err || [ $? -eq 75 ]
	[ "$(cut -f2 rec)" = unknown ]
	# And with the old text again it is found.
	sed -n 3p people | send -q --amend >/dev/null
	later rc-send -k spring --reconcile >rec 2>err
	[ "$(cut -f2 rec)" = delivered ]
}

@test "a text sent without shortening, a template and a message service are found" {
	begin --fault close-after
	head -3 people >three
	send --no-shorten <three >/dev/null 2>&1 || [ $? -eq 75 ]
	ask >rec 2>err
	[ "$(outcomes rec)" = "3 delivered" ]
	rc-channel set sms --from MG00000000000000000000000000000000 >/dev/null
	printf 'Shop: ${Message text} (${Campaign} ${Message ID})' >t
	rc-send -k mg -t t -m 'Hi https://shop.example/' <three \
		>/dev/null 2>&1 || [ $? -eq 75 ]
	rc-send -k mg --reconcile >rec 2>err
	[ "$(outcomes rec)" = "3 delivered" ]
}

@test "the list goes on over pages" {
	begin --fault close-after=at:1
	head -1 people | send >/dev/null 2>&1 || [ $? -eq 75 ]
	for _ in $(seq 70); do post +15005550006 +12025550000 Else; done
	[ "$(texted | wc -l)" -eq 71 ]
	ask >rec 2>err
	[ "$(outcomes rec)" = "1 delivered" ]
}

@test "limits are waited out, errors repeated, and refusals end it at once" {
	begin --fault close-after=every:2 --fault 429=first:3:on=list:retry-after=1 \
		--fault 503=at:7:on=list --fault garbage=at:9:on=list \
		--fault close-after=at:12:on=list
	send <people >/dev/null 2>&1 || [ $? -eq 75 ]
	ask >rec 2>err
	[ "$(outcomes rec)" = "30 delivered" ]
}

@test "a provider that refuses to answer ends it at once with exit 77" {
	begin --fault close-after --fault 401:on=list
	head -20 people | send >/dev/null 2>&1 || [ $? -eq 75 ]
	run --separate-stderr ask
	[ "$status" -eq 77 ]
	[ "${stderr_lines[0]}" = "rc-send: 20 unknown = 20 still unknown" ]
	[[ ${stderr_lines[1]} == *"the provider refuses to answer, mend the credentials"* ]]
	[ "$(wc -l <<<"$output")" -eq 20 ]
}

@test "nothing is asked when nothing is unknown" {
	begin
	head -5 people | send >/dev/null 2>&1
	kill "$SANDBOX_PID"
	wait "$SANDBOX_PID" || :
	run --separate-stderr ask
	[ "$status" -eq 0 ]
	[ "$output$stderr" = "rc-send: 0 unknown" ]
}

@test "a provider that answers nothing ends it with exit 69" {
	begin --fault close-after --fault 503:on=list
	head -3 people | send >/dev/null 2>&1 || [ $? -eq 75 ]
	run --separate-stderr ask
	[ "$status" -eq 69 ]
	[[ ${stderr_lines[-1]} == *"the provider does not answer"* ]]
	[ "$(status unknown)" -eq 3 ]
}

@test "asking beside a run and beside itself settles everything once" {
	can_shift
	begin --fault 503=every:3 --fault close-after=every:4
	send <people >out 2>err || [ $? -eq 75 ]
	CLOCK_SHIFT=1200 LD_PRELOAD=$RC_BUILD/tests/fault/shiftclock.so \
		rc-send -k spring --reconcile >rec1 2>err1 &
	first=$!
	later rc-send -k spring --reconcile >rec2 2>err2
	wait "$first"
	[ "$(status unknown)" -eq 0 ]
	[ "$(cat rec1 rec2 | grep -c '	deferred	')" -ge "$(status deferred)" ]
	rc-stats -j spring | jq -e '.recipients == .accepted + .deferred'
}

@test "a signal stops asking, and what is left is still unknown" {
	begin --fault close-after --fault latency=300ms:on=list
	head -18 people | send >/dev/null 2>&1 || [ $? -eq 75 ]
	[ "$(status unknown)" -eq 18 ] # too few to be taken for an outage
	foreground rc-send -k spring --reconcile --rate 0.1 >rec 2>err
	wait_for eval '[ "$(status unknown)" -lt 18 ]'
	kill -INT "$pid"
	wait "$pid" && false || [ $? -eq 75 ]
	grep -q interrupted err
	[ "$(status 'unknown + .accepted')" -eq 18 ]
	[ "$(wc -l <rec)" -eq 18 ]
}

# --- http channels ----------------------------------------------------------

http_channel() { # OPTIONS...
	rc-channel add push --provider http --identifier custom \
		--url "$SANDBOX/json/none" --id-pointer /id --cap none \
		"$@" </dev/null
	printf 'p%d\n' $(seq 20) >people
	rc-optin -c push -q in - <people
	printf '{"to":"${User identifier}","ref":"${Message ID}"}' >doc
}

push() { rc-send -c push -k spring -t doc "$@"; }

@test "an http channel asks at its lookup_url, a 404 or nothing there is no" {
	can_shift
	start_sandbox --fault 503=every:3 --fault close-after=every:4
	http_channel --lookup-url "$SANDBOX"'/json/none/${Message ID}' \
		--lookup-id-pointer /id
	push <people >out 2>err || [ $? -eq 75 ]
	jq -r 'select(.event == "message").to' sandbox.ndjson | sort >have
	of unknown out >unknown
	later rc-send -k spring --reconcile >rec 2>err
	of accepted rec | diff - <(comm -12 have unknown)
	of deferred rec | diff - <(comm -13 have unknown)
	[ "$(awk -F'\t' '$2 == "accepted" && $4 ~ /^JM/' rec | wc -l)" -eq \
		"$(of accepted rec | wc -l)" ]
	rc-channel set push --lookup-url "$SANDBOX"'/json/none?ref=${Message ID}' \
		--lookup-pointer /messages/0 --lookup-id-pointer /messages/0/id
	push <people >out 2>err || [ $? -eq 75 ]
	later rc-send -k spring --reconcile >rec 2>err
	[ "$(status unknown)" -eq 0 ]
}

@test "what was sent without what lookup_url asks by is never denied" {
	can_shift
	start_sandbox --fault close-after=first:15
	http_channel --lookup-url "$SANDBOX"'/json/none/${Message ID}'
	printf '{"to":"${User identifier}","u":"https://x.example/${Message ID}"}' \
		>without
	head -3 people | rc-send -k spring -t without >/dev/null 2>&1 ||
		[ $? -eq 75 ]
	head -12 people | rc-send -k split --variant a=doc --variant b=without \
		>out 2>/dev/null || [ $? -eq 75 ]
	# The lookup_url is right, which another campaign's message shows.
	head -1 people | rc-send -q -k summer -t doc >/dev/null
	run --separate-stderr later rc-send -k spring --reconcile
	[ "$status" -eq 75 ]
	[ "$(cut -f2,5 <<<"$output" | sort -u)" = "$(printf '%s\t%s' unknown \
		'not listed, but it was sent without what lookup_url asks by')" ]
	[ "$(status unknown)" -eq 3 ]
	later rc-send -k split --reconcile >rec 2>err || [ $? -eq 75 ]
	diff <(of unknown rec) <(awk -F'\t' '$6 == "b" { print $1 }' out | sort)
	diff <(of accepted rec) <(awk -F'\t' '$6 == "a" { print $1 }' out | sort)
}

@test "what a run with --amend may have changed is not denied by lookup_url" {
	can_shift
	start_sandbox --fault close-after=first:3
	http_channel --lookup-url "$SANDBOX"'/json/none/${Message ID}'
	printf '{"to":"${User identifier}"}' >without
	head -3 people | rc-send -k spring -t without >/dev/null 2>&1 ||
		[ $? -eq 75 ]
	sed -n 4p people | push -q --amend >/dev/null
	run --separate-stderr later rc-send -k spring --reconcile
	[ "$status" -eq 75 ]
	[ "$(cut -f2,5 <<<"$output" | sort -u)" = "$(printf '%s\t%s' unknown \
		'not listed, but --amend may have changed what lookup_url asks by')" ]
	push -q people >/dev/null 2>&1 || [ $? -eq 75 ]
	[ -z "$(texted sandbox.ndjson | uniq -d)" ]
}

@test "what the account of another key may have had is not denied" {
	can_shift
	start_sandbox --listen "127.0.0.1:$(free_port)" \
		--fault close-after=first:3
	export KEY_A=a KEY_B=b
	http_channel --lookup-url "$SANDBOX"'/json/none/${Message ID}' \
		--header X-Api-Key:env:KEY_A
	head -3 people | push >/dev/null 2>&1 || [ $? -eq 75 ]
	# The other account has the place of this one, and nothing of it.
	mv sandbox.ndjson before.ndjson
	kill "$SANDBOX_PID"
	wait "$SANDBOX_PID" || :
	start_sandbox --listen "${SANDBOX#http://}"
	rc-channel set push --header X-Api-Key:env:KEY_B >/dev/null
	sed -n 4p people | push -q >/dev/null
	run --separate-stderr later rc-send -k spring --reconcile
	[ "$status" -eq 75 ]
	[ "$(cut -f2,5 <<<"$output" | sort -u)" = "$(printf '%s\t%s' unknown \
		'not listed, but a run had another account, sender, URL or credentials')" ]
	push -q people >/dev/null 2>&1 || [ $? -eq 75 ]
	[ -z "$(texted before.ndjson sandbox.ndjson | uniq -d)" ]
}

@test "an error that comes with 200 is no answer, whatever was asked for" {
	local url pointer n=0
	can_shift
	while read -r pointer url; do
		rm -f state.mdb*
		# The first that is asked about was accepted.
		start_sandbox --fault 503=at:2 --fault 200=at:2:on=list \
			--fault 200=at:3:on=list --fault 200=at:4:on=list \
			--fault 200=at:5:on=list
		http_channel --lookup-url "$SANDBOX/json/none$url" \
			--lookup-pointer "$pointer"
		head -2 people | push >/dev/null 2>&1 || [ $? -eq 75 ]
		run --separate-stderr later rc-send -k spring --reconcile
		[ "$status" -eq 69 ]
		[[ $output == p2*"	unknown	"*"	HTTP 200, but the answer tells an error" ]]
		[ "$(status unknown)" -eq 1 ]
		later rc-send -k spring --reconcile >rec 2>err
		[ "$(cut -f2 rec)" = deferred ]
		n=$((n + 1))
	done <<-'EOF'
	/messages/0 ?ref=${Message ID}
	/id /${Message ID}
	EOF
	[ "$n" -eq 2 ]
}

@test "a lookup goes with the channel's credentials, OAuth2 tokens too" {
	export SECRET=sandbox-client-secret
	start_sandbox --fault close-after --token-ttl 2s
	http_channel --url "$SANDBOX/json/bearer" --auth oauth2 \
		--token-url "$SANDBOX/oauth/token" --client-id sandbox-client \
		--client-secret env:SECRET \
		--lookup-url "$SANDBOX"'/json/bearer/${Message ID}'
	push <people >out 2>err || [ $? -eq 75 ]
	rc-send -k spring --reconcile --rate 8 >rec 2>err # longer than a token
	[ "$(outcomes rec)" = "20 accepted" ]
}

@test "a channel that cannot be asked is one clear line" {
	start_sandbox --fault close-after=at:2
	http_channel
	tail -1 people | push >/dev/null 2>&1
	run --separate-stderr ask
	[ "$status" -eq 0 ] # there is nothing to ask
	[ "$stderr" = "rc-send: 0 unknown" ]
	head -1 people | push >/dev/null 2>&1 || [ $? -eq 75 ]
	run ask
	err_is 78 "channel 'push' has no lookup_url to ask the provider with"
	run rc-channel set push --lookup-url 'https://x.example/${name}'
	err_is 64 "there is no \${name}, only \${Message ID}"
	run rc-channel set push --lookup-url 'ftp://x'
	err_is 64 "lookup_url"
	run rc-channel set push --lookup-pointer /x
	err_is 64 "go with 'lookup_url'"
	run rc-channel set push --lookup-url 'https://x.example/m?c=${Campaign}'
	err_is 64 "the same for all messages"
	run rc-channel set push --lookup-url '${Campaign}://x'
	err_is 64 "'lookup_url' is wrong"
	# Credentials go where no recipient decides, and are no part of the URL.
	run rc-channel set push --lookup-url 'https://${User identifier}/x'
	err_is 64 "a variable decides where it leads"
	run rc-channel set push --lookup-url 'https://x${Campaign}/x'
	err_is 64 "a variable decides where it leads"
	run rc-channel set push --lookup-url 'http://u:secret@x.example/x'
	err_is 64 "it takes a URL without user and password"
	rc-channel set push --lookup-url 'https://x.example?m=${Message ID}'
	run rc-send -k other --reconcile
	err_is 66 "no campaign 'other'"
	run rc-send -k spring --reconcile -n
	err_is 64 "--dry-run does not go with --reconcile"
	run rc-send -k spring --reconcile people
	err_is 64 "--reconcile takes no recipients, as 'people'"
}

@test "with nothing unknown there is nothing to ask" {
	begin
	head -2 people | send -q >/dev/null
	run --separate-stderr ask
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$stderr" = "rc-send: 0 unknown" ]
}

@test "variants and texts that were made GSM-7 are found" {
	begin --fault close-after
	head -8 people >eight
	printf 'Red ${Message ID}' >red
	printf 'Blue https://shop.example/' >blue
	rc-send -k spring --variant a=red:1 --variant b=blue:1 <eight \
		>/dev/null 2>&1 || [ $? -eq 75 ]
	ask >rec 2>err
	[ "$(outcomes rec)" = "8 delivered" ]
	rc-send -k smart --smart -m 'It’s “${name:-you}” … https://shop.example/' \
		<eight >/dev/null 2>&1 || [ $? -eq 75 ]
	grep -q "It's \\\\\"you\\\\\" \\.\\.\\. https" sandbox.ndjson
	rc-send -k smart --reconcile >rec 2>err
	[ "$(outcomes rec)" = "8 delivered" ]
}

@test "a provider that has nothing of ours at all proves nothing by that" {
	can_shift
	begin --fault 503=at:2
	head -4 people >four
	send <four >/dev/null 2>&1 || [ $? -eq 75 ]
	# From another sender, its list would be empty.
	rc-channel set sms --from +15005550099 >/dev/null
	run --separate-stderr later rc-send -k spring --reconcile
	[ "$status" -eq 75 ]
	[[ $output == *"	unknown	"*"not listed, but nor is what was accepted" ]]
	[[ ${stderr_lines[1]} == *"none that it accepted either: has channel 'sms' still the account, sender"* ]]
	[ "$(status unknown)" -eq 1 ]
	rc-channel set sms --from +15005550006 >/dev/null
	later rc-send -k spring --reconcile >rec
	[ "$(cut -f2 rec)" = deferred ]
}

@test "what one account may have had is not denied by another" {
	can_shift
	begin --fault close-after=at:1
	sed -n 1p people | send >/dev/null 2>&1 || [ $? -eq 75 ]
	before=$SANDBOX
	start_sandbox
	rc-channel set sms --base-url "$SANDBOX" >/dev/null
	sed -n 2p people | send -q >/dev/null
	run --separate-stderr later rc-send -k spring --reconcile
	[ "$status" -eq 75 ]
	[[ $output == *"	unknown	"*"not listed, but a run had another account, sender, URL or credentials" ]]
	# Who has it may say so.
	rc-channel set sms --base-url "$before" >/dev/null
	ask >rec
	[ "$(cut -f2 rec)" = delivered ]
}

@test "where nothing was ever accepted, an empty list proves nothing" {
	can_shift
	begin --fault 503=first:2
	head -2 people | send >/dev/null 2>&1 || [ $? -eq 75 ]
	run --separate-stderr later rc-send -k spring --reconcile
	[ "$status" -eq 75 ]
	[ "$(status unknown)" -eq 2 ]
	[[ $output == *"	unknown	"*"nothing was ever accepted that would be"* ]]
	# Another campaign of the channel shows that the list is ours.
	head -1 people | rc-send -q -k summer -m Hello >/dev/null
	later rc-send -k spring --reconcile >rec
	[ "$(outcomes rec)" = "2 deferred" ]
}

@test "a provider that forgets all while it is asked makes nobody deferred" {
	can_shift
	# It knows what was accepted at first.
	start_sandbox --fault 503=at:2 --fault 404=at:2:on=list \
		--fault 404=at:3:on=list
	http_channel --lookup-url "$SANDBOX"'/json/none/${Message ID}'
	head -2 people | push >/dev/null 2>&1 || [ $? -eq 75 ]
	run --separate-stderr later rc-send -k spring --reconcile
	[ "$status" -eq 75 ]
	[[ $output == p2*"	unknown	"*"not listed, but nor is what was accepted" ]]
	later rc-send -k spring --reconcile >rec
	[ "$(cut -f2 rec)" = deferred ]
}

@test "a lookup_url that is wrong makes nobody deferred" {
	can_shift
	start_sandbox --fault close-after=every:4
	http_channel --lookup-url "$SANDBOX"'/wrong/${Message ID}'
	push <people >out 2>err || [ $? -eq 75 ]
	run --separate-stderr later rc-send -k spring --reconcile
	[ "$status" -eq 75 ]
	[ "${stderr_lines[0]}" = "rc-send: 5 unknown = 5 still unknown" ]
	[[ ${stderr_lines[1]} == *"none that it accepted either"* ]]
	[ "$(status unknown)" -eq 5 ]
	# So early it may be that nothing is listed yet.
	run --separate-stderr ask
	[[ ${stderr_lines[1]} == *"ask again later"* ]]
	rc-channel set push --lookup-url "$SANDBOX"'/json/none/${Message ID}'
	ask >rec
	[ "$(outcomes rec)" = "5 accepted" ]
}

@test "a clock that was days off makes nobody deferred who has it" {
	can_shift
	for shift in -259200 259200; do
		begin --fault close-after=at:1
		CLOCK_SHIFT=$shift LD_PRELOAD=$RC_BUILD/tests/fault/shiftclock.so \
			send <<<12025550000 >/dev/null 2>&1 || [ $? -eq 75 ]
		[ "$(status unknown)" -eq 1 ]
		# Of two pages, it stands on the second.
		for _ in $(seq 50); do post +15005550006 +12025550000 Else; done
		CLOCK_SHIFT=$((shift < 0 ? 1200 : shift + 1200)) \
			LD_PRELOAD=$RC_BUILD/tests/fault/shiftclock.so \
			rc-send -k spring --reconcile >rec 2>err || [ $? -eq 75 ]
		[ "$(cut -f2,5 rec)" = "$(printf '%s\t%s' unknown \
			'these words went to this person on another day')" ]
		rm -f state.mdb*
	done
}
