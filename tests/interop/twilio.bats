load ../tools/helper

# Twilio's own library for Node signs what rc-httpd checks, and checks what
# rc-sandbox signs.  Installed once below the build folder, through npm.

setup_file() {
	command -v npm >/dev/null || skip "no npm"
	local dir=${RC_BUILD:?}/interop
	mkdir -p "$dir"
	[ -d "$dir/node_modules/twilio" ] ||
		(cd "$dir" && npm install --silent --no-audit --no-fund twilio@5)
	export NODE_PATH=$dir/node_modules
}

local_setup() {
	export TOKEN=sandbox-auth-token
}

add_channel() {
	rc-channel add acme --provider twilio \
		--account-sid AC00000000000000000000000000000000 \
		--auth-token env:TOKEN --from +15550100 \
		--base-url "$1" --short-base http://s.example
	printf 'phone numbers\n12025550101\n' >list.csv
	rc-import -q list.csv >/dev/null
}

@test "rc-httpd accepts what Twilio's library signs, and nothing else" {
	start_httpd
	add_channel http://127.0.0.1:9
	url=$HTTPD/twilio/inbound/acme
	sig=$(node -e 'const t = require("twilio");
		console.log(t.getExpectedTwilioSignature(process.env.TOKEN,
			process.argv[1], {From: "+12025550101", Body: "STOP é+&=",
			OptOutType: "STOP"}))' "$url")
	run curl -s -o /dev/null -w '%{http_code}' "$url" \
		-H "X-Twilio-Signature: $sig" \
		--data-urlencode 'From=+12025550101' \
		--data-urlencode 'Body=STOP é+&=' -d OptOutType=START
	[ "$output" = 403 ]
	run curl -s -o /dev/null -w '%{http_code}' "$url" \
		-H "X-Twilio-Signature: $sig" \
		--data-urlencode 'From=+12025550101' \
		--data-urlencode 'Body=STOP é+&=' -d OptOutType=STOP
	[ "$output" = 200 ]
	run rc-optin check 12025550101
	[ "$status" -eq 1 ]
	[[ $output == *suppression* ]]
}

@test "Twilio's library accepts what the sandbox signs" {
	cat >receiver.js <<'JS'
const http = require('http'), twilio = require('twilio');
const server = http.createServer((req, res) => {
	let body = '';
	req.on('data', (d) => body += d).on('end', () => {
		const url = `http://127.0.0.1:${server.address().port}${req.url}`;
		const form = Object.fromEntries(new URLSearchParams(body));
		console.log(form.MessageStatus, twilio.validateRequest(
			process.env.TOKEN, req.headers['x-twilio-signature'],
			url, form));
		res.writeHead(204).end();
	});
}).listen(0, '127.0.0.1', () => console.log('port', server.address().port));
JS
	node receiver.js >received 2>&1 &
	PIDS+=($!)
	wait_for grep -q port received
	start_sandbox
	add_channel "$SANDBOX"
	rc-optin list | rc-send -q -k spring -m hello \
		--public-url "http://127.0.0.1:$(awk '/port/ { print $2 }' received)" \
		>/dev/null
	wait_for grep -q delivered received
	grep -qx 'delivered true' received
	[ "$(grep -c false received)" -eq 0 ]
}
