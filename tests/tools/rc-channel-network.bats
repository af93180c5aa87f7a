load helper

# The way to a provider: certificates and proxies.

# A TLS server that shows what it is told, and answers nothing: sets PORT.
start_tls() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key \
		-out "$1" -days 2 -subj /CN=sandbox \
		-addext subjectAltName=IP:127.0.0.1 2>/dev/null
	openssl s_server -accept 127.0.0.1:0 -key tls.key -cert "$1" -quiet \
		-ign_eof <&"$QUIET" >told 2>tls.err 3>&- &
	PIDS+=($!)
	TLS_PID=$!
	wait_for listening_port "$TLS_PID"
	PORT=$(listening_port "$TLS_PID")
}

# listening_port PID: the TCP port that a process listens on.
listening_port() {
	local inode
	inode=$(find "/proc/$1/fd" -lname 'socket:*' -printf '%l\n' |
		tr -dc '0-9\n' | head -1)
	[ -n "$inode" ] || return 1
	printf '%d\n' "0x$(awk -v inode="$inode" '$10 == inode && $4 == "0A" {
		sub(/.*:/, "", $2); print $2 }' /proc/net/tcp)" | grep -v '^0$'
}

@test "a provider's certificate is checked, by the channel's own if given" {
	start_tls own.pem
	rc-channel add acme --url "https://127.0.0.1:$PORT/sms"
	run rc-channel test acme --to 12025550101
	err_is 69 'cannot reach the provider'
	[[ $output == *certificate* ]]
	absent POST told
	rc-channel set acme --cacert "$PWD/own.pem"
	rc-channel test acme --to 12025550101 >shown 2>&1 3>&- &
	PIDS+=($!)
	tester=$!
	wait_for grep -q '^POST /sms' told
	kill "$TLS_PID"
	code=0
	wait "$tester" || code=$?
	[ "$code" -eq 69 ]
	grep -q 'the message may have been sent' shown
}

@test "the proxy of the environment is used, but never for loopback" {
	start_sandbox
	rc-channel add far --url http://sms.example/json/none
	rc-channel add near --url "$SANDBOX/json/none"
	# What speaks here is the sandbox, asked for another host's page.
	http_proxy=$SANDBOX run rc-channel test far --to 12025550101
	[[ $output == *'< HTTP '* ]] || { echo "$output"; return 1; }
	http_proxy=http://127.0.0.1:9 run rc-channel test near --to 12025550101
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	http_proxy=http://127.0.0.1:9 run rc-channel test far --to 12025550101
	err_is 69 'cannot reach the provider'
}

@test "a proxy that is mistyped is told without its password" {
	rc-channel add far --url http://sms.example/json/none
	for proxy in http://u:geheim@127.0.0.1:port http://u:ge#geheim@127.0.0.1 \
		http://u:ge/geheim@127.0.0.1:9 'http://u:ge geheim@127.0.0.1' \
		odd://u:geheim@127.0.0.1:9; do
		http_proxy=$proxy run rc-channel test far --to 12025550101
		err_is 69 "the environment's proxy"
		[[ $output != *geheim* ]] || { echo "$output"; return 1; }
	done
	https_proxy=$proxy run rc-channel add grant --auth oauth2 \
		--url https://sms.example/ --token-url https://auth.example/ \
		--client-id x --client-secret env:HOME
	err_is 69 "the environment's proxy"
	[[ $output != *geheim* ]] || { echo "$output"; return 1; }
	http_proxy=$proxy run rc-import -c far http://list.example/people.csv
	err_is 69 "the environment's proxy"
	[[ $output != *geheim* ]] || { echo "$output"; return 1; }
	echo 12025550101 | rc-optin in -q -c far -
	echo '{"to":"${User identifier}","text":"${Message text}"}' >doc.json
	echo 12025550101 >people
	http_proxy=$proxy run rc-send -c far -k proxy -t doc.json -m Hi people
	[[ $output == *"the environment's proxy"* ]] || { echo "$output"; return 1; }
	[[ $output != *geheim* ]] || { echo "$output"; return 1; }
}
