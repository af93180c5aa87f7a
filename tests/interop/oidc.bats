load ../tools/helper

# OAuth2 against npm's oidc-provider, which is certified: client credentials,
# and an API that believes nothing but that server's own tokens.  Installed once
# below the build folder, through npm.

OIDC=oidc-provider@8.8.1
RESOURCE='https://sms.example/api?v=1&x=y'
HARD_ID='app:/+&=% x"~' HARD_SECRET='s3:/+&=%20 ;"\~*()'

setup_file() {
	command -v npm >/dev/null || skip "no npm"
	local dir=${RC_BUILD:?}/interop/oidc
	mkdir -p "$dir"
	[ -d "$dir/node_modules/${OIDC%@*}" ] ||
		npm install --prefix "$dir" --silent --no-audit --no-fund "$OIDC"
	export NODE_PATH=$dir/node_modules
}

# start_oidc SECONDS: tokens live so long; sets OIDC_URL, logs into "seen".
start_oidc() {
	node "$TOP/tests/interop/oidcd.js" "$1" >seen 2>oidc.err 3>&- &
	PIDS+=($!)
	wait_for grep -q '^url' seen
	OIDC_URL=$(awk '/^url/ { print $2 }' seen)
}

# add STYLE ID SECRET [OPTION]...: channel acme.
add() {
	local style=$1 id=$2
	export SECRET=$3
	shift 3
	rc-channel add acme --url "$OIDC_URL/sms" --id-pointer /id \
		--auth oauth2 --token-url "$OIDC_URL/token" --style "$style" \
		--client-id "$id" --client-secret env:SECRET --scope send \
		--token-param "resource:$RESOURCE" "$@"
}

seen() { grep -cx "$1" seen || :; }

# send N [OPTION]...: a campaign to N people.
send() {
	local n=$1
	shift
	echo '{"to":"${User identifier}","text":"hello"}' >template.json
	seq 12025550000 $((12025550000 + n - 1)) >people
	{ echo 'phone numbers'; cat people; } | rc-import -q - >/dev/null
	rc-send -k spring -t template.json "$@" people >sent.tsv 2>balance
}

# once N: each of N people got one message, and every one was accepted.
once() {
	[ "$(awk -F'\t' '$2 == "accepted"' sent.tsv | wc -l)" -eq "$1" ]
	grep '^message' seen | sort | uniq -c >counted
	[ "$(wc -l <counted)" -eq "$1" ]
	absent '^ *([2-9]|[0-9]{2,}) ' counted
}

@test "credentials by Basic and in the form, of any characters" {
	start_oidc 3600
	while read -r style id secret; do
		add "$style" "$id" "$secret"
		rc-channel test acme --to 12025550101 >shown
		tail -1 shown | grep -q $'^accepted\tm'
		rc-channel remove acme
	done <<-'TXT'
		basic basic basic-secret-of-some-length
		form post post-secret-of-some-length
	TXT
	add basic "${HARD_ID}b" "$HARD_SECRET"
	rc-channel remove acme
	add form "${HARD_ID}p" "$HARD_SECRET"
	rc-channel test acme --to 12025550101 >shown
	tail -1 shown | grep -q $'^accepted\tm'
	[ "$(seen 'token 200')" -eq 4 ]
	[ "$(seen refused)" -eq 0 ]
}

@test "wrong credentials, a style or a resource it has not: nothing is saved" {
	start_oidc 3600
	run add basic basic wrong-secret-of-some-length
	err_is 77 invalid_client
	run add form post wrong-secret-of-some-length
	err_is 77 invalid_client
	run add basic nobody basic-secret-of-some-length
	err_is 77 invalid_client
	run add json post post-secret-of-some-length
	err_is 77 'check client id, secret and style'
	run add header post post-secret-of-some-length \
		--client-id-key X-Id --client-secret-key X-Secret
	err_is 77 'check client id, secret and style'
	RESOURCE=nowhere run add basic basic basic-secret-of-some-length
	err_is 77 invalid_target
	[ ! -e state.mdb ]
	[ "$(seen 'token 200')" -eq 0 ]
}

@test "a run sends each message once, with one token" {
	start_oidc 3600
	add basic basic basic-secret-of-some-length
	send 500
	once 500
	[ "$(seen 'token 200')" -eq 1 ]
	[ "$(seen refused)" -eq 0 ]
}

@test "tokens that live two seconds cost no message and no repetition" {
	start_oidc 2
	add form post post-secret-of-some-length
	SECONDS=0
	send 800 --rate 160
	once 800
	[ "$(seen 'token 200')" -ge 4 ]
	[ "$(seen 'token 200')" -le $((SECONDS + 3)) ]
}

@test "a token nobody knows any more is dropped and asked for anew, once" {
	start_oidc 3600
	add basic basic basic-secret-of-some-length
	url=$OIDC_URL
	start_oidc 3600 # another server: it never issued that token
	rc-channel set acme --url "$OIDC_URL/sms" >/dev/null
	run send 20
	# The token server is still the other one: its tokens are refused here.
	[ "$status" -eq 77 ]
	grep -q 'refuses a new token' balance
	[ "$(seen '^message.*')" -eq 0 ]
	rc-channel set acme --token-url "$OIDC_URL/token" >/dev/null
	[ "$url" != "$OIDC_URL" ]
	send 20
	once 20
}
