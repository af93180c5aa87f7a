load helper

SID=AC00000000000000000000000000000000

local_setup() {
	export TOKEN=sandbox-auth-token SECRET=sandbox-client-secret
	export PASSWORD=sandbox-password
}

# A Twilio channel of the sandbox.
add_twilio() {
	rc-channel add acme --account-sid "$SID" --auth-token env:TOKEN \
		--from "${1-+15550100}" --base-url "${SANDBOX-http://127.0.0.1:9}"
}

# A channel without credentials, at a path of the sandbox or nowhere.
add_plain() {
	rc-channel add plain --url "${SANDBOX-http://127.0.0.1:9}/json/none" \
		"$@"
}

# add_oauth2 NAME [OPTIONS]
add_oauth2() {
	rc-channel add "$@" --url "$SANDBOX/json/bearer" --auth oauth2 \
		--token-url "$SANDBOX/oauth/token" --client-id sandbox-client \
		--client-secret env:SECRET --id-pointer /id
}

messages() {
	grep -c '"event":"message"' sandbox.ndjson || :
}

@test "an object on stdin is added, listed and shown masked" {
	printf '%s' "$TOKEN" >token
	cat >acme.json <<-JSON
		{"provider":"twilio","account_sid":"$SID",
		 "auth_token":"@token","from":"+15550100","rate":2.5}
	JSON
	rc-channel add acme <acme.json
	run rc-channel list
	[[ $output == acme$'\t'twilio$'\t'phoneNumber$'\t'basic$'\t'+15550100$'\t'20* ]]
	rc-channel show acme >shown
	grep -qx $'auth_token\t\*\*\*\*\*\*\*\*' shown
	grep -qx $'rate\t2.5' shown
	[ "$(rc-channel -j show | jq -r .auth_token)" = '********' ]
	[ "$(rc-channel -j list | jq -r .name)" = acme ]
	absent "$TOKEN" state.mdb shown
}

@test "options make the same channel as the object" {
	rc-channel add one --url https://a.example/x --auth basic \
		--username me --password env:PASSWORD --cap 3/1h \
		--header 'X-Plain: seen' --header X-Key:env:SECRET
	rc-channel add two <<-'JSON'
		{"url":"https://a.example/x","cap":"3/1h",
		 "auth":{"type":"basic","username":"me","password":"env:PASSWORD"},
		 "headers":[{"name":"X-Plain","value":"seen"},
		            {"name":"X-Key","value":"env:SECRET","secret":true}]}
	JSON
	[ "$(rc-channel -j show one)" = "$(rc-channel -j show two)" ]
	[ "$(rc-channel -j show one | jq -c '.headers | map(.value)')" = \
		'["seen","********"]' ]
	absent "$PASSWORD" state.mdb
	absent "$SECRET" state.mdb
}

@test "an option stands before the object's key, when '-' asks for both" {
	echo '{"url":"https://a.example/x","rate":1,"cap":"2/1d"}' |
		rc-channel add acme - --rate 9
	[ "$(rc-channel -j show | jq -c '[.rate, .cap]')" = '[9,"2/24h"]' ]
}

@test "options alone leave a script's own stdin alone" {
	printf 'first\nsecond\n' | while read -r name; do
		rc-channel add "$name" --url https://a.example/x
	done
	[ "$(rc-channel list | cut -f1 | xargs)" = 'first second' ]
}

@test "every example channel is accepted, and its payload is JSON for it" {
	local file name variable
	start_sandbox
	for file in "$TOP"/examples/channels/*.json; do
		name=$(basename "$file" .json)
		for variable in $(grep -o 'env:[A-Z0-9_]*' "$file"); do
			export "${variable#env:}=x"
		done
		export OAUTH2_CLIENT_SECRET=$SECRET
		export INFOBIP_CLIENT_ID=sandbox-client
		export INFOBIP_CLIENT_SECRET=$SECRET
		set --
		if [ "$(jq -r .auth.type "$file")" = oauth2 ]; then
			set -- --token-url "$SANDBOX/oauth/token"
		fi
		rc-channel add "$name" - "$@" <"$file"
	done
	for file in "$TOP"/examples/payloads/*.json; do
		name=$(basename "$file" .json)
		[ "$name" != json ] || name=basic-json
		set -- 12025550101
		[ "$name" != event-api ] || set -- ada@example.com
		rc-channel -j -n test "$name" --to "$1" --payload "$file" |
			jq -e --arg to "$1" '.request.body | contains($to)'
	done
	[ "$(messages)" = 0 ]
}

@test "an unknown key is named with the nearest one, a missing one too" {
	run rc-channel add x <<<'{"provider":"twilio","acount_sid":"AC"}'
	err_is 64 "did you mean 'account_sid'"
	run rc-channel add x --provider twilio
	err_is 64 "'account_sid' is missing"
	run rc-channel add x <<<'{"url":'
	err_is 65 'rc-channel: '
	run rc-channel add x <<<'[]'
	err_is 65 'no JSON object'
	run rc-channel add 'a b' --url https://a.example
	err_is 64 "'a b' is no channel name"
	[ ! -e state.mdb ]
}

@test "a channel that nothing describes is told how to be" {
	run rc-channel add x </dev/null
	err_is 64 "describe the channel by options, or by a JSON object"
	[ ! -e state.mdb ]
}

@test "a secret given itself is refused everywhere and never repeated" {
	run rc-channel add x <<<'{"url":"https://a.example","auth":{
		"type":"basic","username":"u","password":"hunter2"}}'
	err_is 64 "'auth.password': a secret is given as @FILE or env:NAME"
	[[ $output != *hunter2* ]]
	run rc-channel add x <<<'{"url":"https://a.example","headers":[
		{"name":"X","value":"hunter2","secret":true}]}'
	err_is 64 '@FILE or env:NAME'
	[[ $output != *hunter2* ]]
	run rc-channel add x --url https://a.example \
		--header 'Authorization: Bearer hunter2'
	err_is 64 'is a secret'
	[[ $output != *hunter2* ]]
	unset NOT_SET
	run rc-channel add x --url https://a.example --header X:env:NOT_SET
	err_is 64 "'NOT_SET' is not set"
	run rc-channel add x --url https://a.example --header X:@missing
	err_is 66 "missing"
	[ ! -e state.mdb ]
}

@test "keys of the list's source are kept, sealed, and shown masked" {
	export LIST_SECRET=hunter2-list LIST_TOKEN=hunter2-session
	add_plain --list-source s3://bucket/a/b --list-region eu-central-1 \
		--list-endpoint https://s3.example --list-addressing virtual \
		--list-access-key AKIA --list-secret-key env:LIST_SECRET \
		--list-session-token env:LIST_TOKEN
	rc-channel -j show | jq -e '[.list_source, .list_region, .list_endpoint,
		.list_addressing, .list_access_key, .list_secret_key,
		.list_session_token] == ["s3://bucket/a/b", "eu-central-1",
		"https://s3.example", "virtual", "AKIA", "********", "********"]'
	absent hunter2 state.mdb
	run rc-channel add x --url https://a.example --list-access-key AKIA \
		--list-secret-key hunter2
	err_is 64 '@FILE or env:NAME'
	run rc-channel add x --url https://a.example --list-access-key AKIA \
		--list-secret-key @no-such-file
	err_is 66 no-such-file
}

@test "a relative path is kept as an absolute one" {
	mkdir lists
	touch ca.pem
	add_plain --list-source lists/ --cacert ca.pem
	[ "$(rc-channel -j show | jq -r .list_source)" = "$PWD/lists/" ]
	[ "$(rc-channel -j show | jq -r .cacert)" = "$PWD/ca.pem" ]
	rc-channel remove plain
	jq -n '{url: "https://a.example", list_source: "a.csv"}' |
		(cd lists && rc-channel add plain)
	[ "$(rc-channel -j show | jq -r .list_source)" = "$PWD/lists/a.csv" ]
	run rc-channel add x --url https://a.example --list-source -
	err_is 64 "'list_source' is wrong"
	run rc-channel add x --url https://a.example --list-source ftp://a/b
	err_is 64 "'list_source' is wrong: it takes an absolute path"
}

@test "certificates that cannot be read are refused" {
	add_plain
	for key in cacert list-cacert; do
		run rc-channel set plain "--$key" none.pem
		err_is 66 "cannot read '$PWD/none.pem': No such file"
	done
	[ "$(rc-channel -j show | jq -c '[.cacert, .list_cacert]')" = '[null,null]' ]
	touch ca.pem
	rc-channel set plain --cacert ca.pem
	rc-channel set plain --cacert ''
	[ "$(rc-channel -j show | jq .cacert)" = null ]
}

@test "set changes what it is given and shows it, secrets masked" {
	local key
	add_plain --rate 5 --header X-Key:env:SECRET --header X-Plain:seen \
		--auth basic --username me --password env:PASSWORD
	key=$(rc-channel key add)
	rc-channel set plain --rate 9 --header x-plain:other \
		--header X-Key:env:TOKEN --list-source s3://bucket/a >changes
	diff changes - <<-TSV
		headers.X-Key	********	********
		headers.x-plain	seen	other
		rate	5	9
		list_source		s3://bucket/a
	TSV
	[ "$(rc-channel -j show | jq -c '[.rate, .auth.username, .auth.password,
		(.headers | length)]')" = '[9,"me","********",2]' ]
	rc-channel -j set plain --list-source '' --header X-Plain: |
		jq -s -e '. == [{key: "headers.x-plain", before: "other",
		                 after: null},
		                {key: "list_source", before: "s3://bucket/a",
		                 after: null}]'
	[ "$(rc-channel -j show | jq -c '[.list_source, .headers[].name]')" = \
		'[null,"X-Key"]' ]
	[ -n "$key" ] && [ "$(rc-channel key list | cut -f2)" = plain ]
	absent "$PASSWORD|$SECRET|$TOKEN" state.mdb
}

@test "a secret that was left alone still opens the provider's door" {
	start_sandbox
	rc-channel add basic --url "$SANDBOX/json/basic" --auth basic \
		--username other --password env:PASSWORD
	run rc-channel test --to 12025550101
	err_is 77 ''
	rc-channel set basic --username sandbox
	rc-channel test --to 12025550101 | tail -1 | grep -q ^accepted
	PASSWORD=wrong rc-channel set basic --password env:PASSWORD
	run rc-channel test --to 12025550101
	err_is 77 ''
}

@test "what show prints can be edited and set" {
	add_plain --rate 5 --header X-Key:env:SECRET --auth basic \
		--username me --password env:PASSWORD --cap none
	rc-channel -j show >before
	[ -z "$(rc-channel set plain <before)" ]
	rc-channel show -j | jq '.rate = 7 | .auth.username = "you"' |
		rc-channel set plain | cut -f1 | diff - <(
			printf '%s\n' auth.username rate)
	rc-channel -j show | diff - <(
		jq -c '.rate = 7 | .auth.username = "you"' before)
	rc-channel set plain - --price 2 <<<'{"rate":null,"price":1}'
	[ "$(rc-channel -j show | jq -c '[.rate, .price]')" = '[null,2]' ]
	run rc-channel set plain <<<'{"list_access_key":"A",
		"list_secret_key":"********"}'
	err_is 64 'no such secret to keep'
	run rc-channel set plain <<<'{"auth":{"password":"hunter2"}}'
	err_is 64 '@FILE or env:NAME'
}

@test "a change that does not fit is refused whole, and a dry run saves none" {
	add_plain --rate 5
	rc-channel -j show >before
	run rc-channel set plain --rate 6 --auth basic
	err_is 64 "'auth.username' is missing"
	run rc-channel set plain --provider twilio
	err_is 64 "'provider' cannot change"
	run rc-channel set plain --url ''
	err_is 64 "'url' is missing"
	run rc-channel set nope --rate 6
	err_is 66 'plain'
	run rc-channel set --rate 6
	err_is 64 operand
	run rc-channel set plain </dev/null
	err_is 64 "JSON object on stdin (rc-channel set plain <"
	[ "$(rc-channel -n set plain --rate 6)" = $'rate\t5\t6' ]
	rc-channel -j show | diff before -
}

@test "the identifier type stays once somebody is known by it" {
	add_plain
	rc-channel set plain --identifier email
	rc-optin in ada@example.com
	run rc-channel set plain --identifier custom
	err_is 78 "'identifier' cannot change: channel 'plain' has opt-ins"
	run rc-channel -n set plain --identifier custom
	err_is 78 "opt-ins"
	rc-channel set plain --rate 1
	[ "$(rc-optin list)" = ada@example.com ]
}

@test "set tries OAuth2 credentials when they change, and only then" {
	start_sandbox
	add_oauth2 push
	[ "$(grep -c '"event":"token"' sandbox.ndjson)" = 1 ]
	rc-channel set push --rate 5
	[ "$(grep -c '"event":"token"' sandbox.ndjson)" = 1 ]
	SECRET=wrong run rc-channel set push --rate 6 --client-secret env:SECRET
	err_is 77 'invalid_client'
	[ "$(rc-channel -j show | jq .rate)" = 5 ]
	rc-channel test push --to 12025550101 | tail -1 | grep -q ^accepted
	rc-channel set push --style form
	[ "$(grep -c '"event":"token"' sandbox.ndjson)" = 2 ]
	rc-channel test push --to 12025550101 | tail -1 | grep -q ^accepted
	[ "$(grep -c '"event":"token"' sandbox.ndjson)" = 2 ]
}

@test "many sets at once lose nothing" {
	local options=(--rate=3 --concurrency=4 --cap=5/1h --price=6
		--quiet-hours=21:00-08:00 --list-source=/a --id-pointer=/id
		--header=A:1 --header=B:2 --header=C:3) option pids=()
	add_plain
	for option in "${options[@]}"; do
		rc-channel set plain "$option" >/dev/null &
		pids+=($!)
	done
	for option in "${pids[@]}"; do
		wait "$option"
	done
	rc-channel -j show | jq -e '[.rate, .concurrency, .cap, .price,
		.quiet_hours, .list_source, .id_pointer,
		([.headers[].name] | sort)] ==
		[3, 4, "5/1h", 6, "21:00-08:00", "/a", "/id", ["A", "B", "C"]]'
}

@test "rekey seals everything with another key" {
	start_sandbox
	add_oauth2 push
	rc-channel add basic --url "$SANDBOX/json/basic" --auth basic \
		--username sandbox --password env:PASSWORD
	cp key before
	cp state.mdb state.before
	rc-channel -n rekey | grep -qx $'2\t'
	cmp key before
	rc-channel -j rekey >done.json
	[ "$(jq .channels done.json)" = 2 ]
	cmp "$(jq -r .kept done.json)" before
	run -1 cmp -s key before
	[ "$(stat -c %a key key.* | sort -u)" = 600 ]
	rm key.*
	for name in push basic; do
		rc-channel test "$name" --to 12025550101 | tail -1 |
			grep -q ^accepted
	done
	[ "$(grep -c '"event":"token"' sandbox.ndjson)" = 1 ]
	# The old key opens the state of before, and no longer the new one.
	cp before key
	run rc-channel test basic
	err_is 78 'is not the seal key of'
	RC_STATE=$PWD/state.before rc-channel test basic --to 12025550101 |
		tail -1 | grep -q ^accepted
}

@test "a state that shared its key still opens after the other's rekey" {
	start_sandbox
	rc-channel add basic --url "$SANDBOX/json/basic" --auth basic \
		--username sandbox --password env:PASSWORD
	cp state.mdb other.mdb
	rc-channel rekey
	RC_STATE=$PWD/other.mdb rc-channel rekey
	rc-channel rekey
	for state in state other; do
		RC_STATE=$PWD/$state.mdb rc-channel test \
			--to 12025550101 | tail -1 | grep -q ^accepted
	done
}

@test "rekeys, sets and adds at once lose no secret" {
	local n pids=()
	start_sandbox
	rc-channel add basic --url "$SANDBOX/json/basic" --auth basic \
		--username sandbox --password env:PASSWORD
	for n in 1 2 3 4; do
		rc-channel rekey >/dev/null &
		pids+=($!)
		rc-channel set basic --header "X-$n:env:SECRET" >/dev/null &
		pids+=($!)
		rc-channel add "more$n" --url "$SANDBOX/json/basic" \
			--auth basic --username sandbox \
			--password env:PASSWORD &
		pids+=($!)
	done
	for n in "${pids[@]}"; do
		wait "$n"
	done
	[ "$(rc-channel -j show basic | jq -c '[.headers[].name] | sort')" = \
		'["X-1","X-2","X-3","X-4"]' ]
	for name in basic more1 more2 more3 more4; do
		rc-channel test "$name" --to 12025550101 | tail -1 |
			grep -q ^accepted
	done
}

@test "a rekey that cannot keep its keys changes nothing" {
	local long
	run rc-channel rekey
	err_is 66 'rc-channel add'
	# As a name this is short enough, and with an id behind it no more.
	long=$(printf '%0245d' 0)
	RC_KEY_FILE=$PWD/$long add_plain --header X-Key:env:SECRET
	cp "$long" before
	RC_KEY_FILE=$PWD/$long run rc-channel rekey
	err_is 73 'cannot create'
	cmp "$long" before
	RC_KEY_FILE=$PWD/$long rc-channel set plain --rate 1
}

@test "a renamed channel keeps what is its own" {
	add_plain
	rc-channel key add >/dev/null
	rc-optin in 12025550101
	run rc-channel rename plain 'a b'
	err_is 64 'no channel name'
	rc-channel -n rename plain new
	rc-channel rename plain new
	run rc-channel rename plain new
	err_is 66 new
	[ "$(rc-channel list | cut -f1)" = new ]
	[ "$(rc-channel key list | cut -f2)" = new ]
	[ "$(rc-optin list -c new)" = 12025550101 ]
	add_twilio
	run rc-channel rename new acme
	err_is 73 "'acme'"
	run rc-channel rename acme tw
	err_is 78 "--force"
	rc-channel list | grep -q '^acme	'
	rc-channel rename acme tw --force
	rc-channel list | grep -q '^tw	'
}

@test "credentials over plain http are refused, but for loopback" {
	run rc-channel add x --url http://a.example --auth basic \
		--username u --password env:PASSWORD
	err_is 64 'plain http'
	run rc-channel add x --account-sid "$SID" --auth-token env:TOKEN \
		--from +15550100 --base-url http://a.example
	err_is 64 'plain http'
	[ ! -e state.mdb ]
	add_twilio
}

@test "a terminal without options is told how to describe a change" {
	run script -qec 'rc-channel set acme' /dev/null </dev/null
	[ "$status" -eq 64 ]
	[[ $output == *'JSON object on stdin'* ]]
}

@test "a name is taken once, and removing asks for it" {
	add_plain
	run add_plain
	err_is 73 "'plain'"
	run rc-channel remove
	err_is 64 'operand'
	run rc-channel remove ''
	err_is 64 "'' is no channel name"
	run rc-channel remove nope
	err_is 66 'plain'
	rc-channel -n remove plain
	[ "$(rc-channel list | wc -l)" = 1 ]
	rc-channel remove plain
	[ -z "$(rc-channel list)" ]
	run rc-channel show
	err_is 66 'rc-channel add'
}

@test "a dry run of add checks everything and makes nothing" {
	start_sandbox
	SECRET=wrong run add_oauth2 push -n
	err_is 77 'invalid_client'
	add_oauth2 push -n
	[ ! -e state.mdb ] && [ ! -e key ]
}

@test "OAuth2 credentials are tried before anything is saved" {
	start_sandbox
	SECRET=wrong run add_oauth2 push
	err_is 77 'invalid_client'
	[[ $output != *wrong* ]]
	run add_oauth2 push --style json
	[ "$status" -eq 0 ]
	SECRET=wrong run add_oauth2 other
	[ "$status" -eq 77 ]
	[ "$(rc-channel list | cut -f1)" = push ]
	run rc-channel test push
	[[ $output == 'access token granted'* ]]
}

@test "every style of credentials gets a token" {
	local style
	start_sandbox
	for style in basic form json; do
		add_oauth2 "$style" --style "$style"
	done
	[ "$(rc-channel list | wc -l)" = 3 ]
}

@test "a token server that is away, in trouble or mad saves nothing" {
	run rc-channel add x --url https://a.example --auth oauth2 \
		--token-url http://127.0.0.1:9/ --client-id a \
		--client-secret env:SECRET
	err_is 69 'access token'
	start_sandbox --fault 503=on=token
	run add_oauth2 x
	err_is 69 '503'
	start_sandbox --fault garbage=on=token
	run add_oauth2 x
	err_is 76 'nonsense'
	[ ! -e state.mdb ]
}

@test "a test message is sent once, shown masked and judged" {
	start_sandbox
	add_twilio
	rc-channel test acme --to +12025550101 >shown
	grep -q '^> POST .*/Messages.json$' shown
	grep -qx '> Authorization: Basic \*\*\*\*\*\*\*\*' shown
	grep -q '^< HTTP 201' shown
	tail -1 shown | grep -q $'^accepted\tSM'
	absent "$TOKEN" shown
	[ "$(messages)" = 1 ]
	rc-channel -j test --to 12025550101 | jq -e \
		'.verdict == "accepted" and .response.status == 201'
}

@test "no secret is shown by a test, whatever the auth" {
	start_sandbox
	add_plain --header X-Key:env:SECRET --header X-Plain:seen
	add_oauth2 push
	rc-channel add basic --url "$SANDBOX/json/basic" --auth basic \
		--username sandbox --password env:PASSWORD
	for name in plain push basic; do
		rc-channel test "$name" --to 12025550101
		rc-channel -j test "$name" --to 12025550101
	done >shown
	grep -qx '> X-Key: \*\*\*\*\*\*\*\*' shown
	grep -qx '> X-Plain: seen' shown
	[ "$(grep -c '^> Authorization: ' shown)" = 2 ]
	absent 'Bearer|Basic [^*]' shown
	absent "$SECRET|$PASSWORD" shown
	[ "$(messages)" = 6 ]
}

@test "a test without a recipient tries the credentials and sends nothing" {
	start_sandbox
	add_twilio
	rc-channel test acme | grep -qx accepted
	rc-channel remove acme
	TOKEN=wrong add_twilio
	run rc-channel test acme
	err_is 77 '20003'
	add_plain
	run rc-channel test plain
	err_is 64 '--to'
	[ "$(messages)" = 0 ]
}

@test "a web server that says 200 to everything is no provider" {
	start_sandbox --fault garbage=on=list --fault garbage=on=messages
	add_twilio
	run rc-channel test acme
	err_is 76 "what answers at 'base_url' is not Twilio"
	add_plain
	run rc-channel test plain --to 12025550101
	[ "$status" -eq 0 ]
	[[ $output == *"the answer is a web page"* ]]
}

@test "what a provider refuses has the exit code of its kind" {
	start_sandbox
	TOKEN=wrong add_twilio
	run rc-channel test --to 12025550101
	err_is 77 '20003'
	rc-channel remove acme
	add_twilio +15005550001
	run rc-channel test --to 12025550101
	err_is 78 '21212'
	rc-channel remove acme
	add_twilio
	run rc-channel test --to 15005550001
	err_is 65 '21211'
	run rc-channel test --to 15005550004
	err_is 65 'opted out'
	run rc-channel test --to 12
	err_is 65 "'12'"
	[ "$(messages)" = 0 ]
}

@test "no answer, trouble, haste and nonsense have theirs" {
	add_plain
	run rc-channel test --to 12025550101
	err_is 69 'cannot reach'
	rc-channel remove plain
	start_sandbox --fault 500=at:1 --fault 429=at:2 \
		--fault garbage=at:3 --fault close-after=at:4
	add_plain --id-pointer /id
	run rc-channel test --to 12025550101
	err_is 69 'may have been sent'
	run rc-channel test --to 12025550101
	err_is 75 'try again'
	run rc-channel test --to 12025550101
	err_is 76 'no JSON'
	run rc-channel test --to 12025550101
	err_is 69 'may have been sent'
}

@test "a payload is rendered, and a dry run sends nothing" {
	start_sandbox
	add_plain
	echo '{"n":"${User identifier}","m":"${x:-say \"hi\"}"}' >p.json
	rc-channel -j -n test --to 12025550101 --payload p.json >shown
	[ "$(jq -r .request.body shown | jq -r .m)" = 'say "hi"' ]
	# As rc-send sends it, without the file's last line feed.
	[ "$(jq -r '.request.body[-1:]' shown)" = '}' ]
	: >empty.json
	run rc-channel -n test --to 12025550101 --payload empty.json
	err_is 65 'empty'
	[ "$(messages)" = 0 ]
	echo '{"n":"${User identifier}","m":"${who}"}' >p.json
	run rc-channel test --to 12025550101 --payload p.json
	err_is 65 '${who}'
	# Which would go to somebody else.
	echo '{"n":"12025550199","m":"${Message text}"}' >p.json
	run rc-channel test --to 12025550101 --payload p.json
	err_is 65 'put ${User identifier} where the recipient belongs'
	[ "$(messages)" = 0 ]
}

@test "somebody who opted out is not texted for a test" {
	start_sandbox
	add_twilio
	rc-optin out 12025550101
	run rc-channel test --to 12025550101
	err_is 65 'opted out'
	[ "$(messages)" = 0 ]
}

@test "a token that was refused is fetched anew once" {
	start_sandbox --fault 401=at:1:on=messages
	add_oauth2 push
	rc-channel test push --to 12025550101 >shown
	[ "$(grep -c '^< HTTP' shown)" = 2 ]
	grep -q '^< HTTP 401' shown
	tail -1 shown | grep -q ^accepted
	[ "$(grep -c '"event":"token"' sandbox.ndjson)" = 2 ]
	[ "$(messages)" = 1 ]
}

@test "API keys are shown once, listed and removed" {
	add_plain
	key=$(rc-channel key add --label 'web form')
	[[ $key == rck_* ]] && [ "${#key}" -eq 43 ]
	absent "${key#rck_}" state.mdb
	run rc-channel key list
	[[ $output == *$'\t'plain$'\t'*$'\t''web form' ]]
	[[ $output != *"$key"* ]]
	run rc-channel key remove 0000000000000000
	err_is 66 'API key'
	rc-channel key remove "$(rc-channel key list | cut -f1)"
	[ -z "$(rc-channel key list)" ]
	rc-channel key add plain
	rc-channel remove plain
	[ -z "$(rc-channel key list)" ]
}

@test "an option of another verb is refused, not ignored" {
	add_plain
	run rc-channel show --force
	err_is 64 '--force'
	run rc-channel test --rate 5
	err_is 64 "'test'"
	run rc-channel list --to 1
	err_is 64 '--to'
	run rc-channel key
	err_is 64 'add, list or remove'
	run rc-channel key add --payload x
	err_is 64 '--payload'
}
