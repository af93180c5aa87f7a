load ../tools/helper
load ../fault/fault

# nginx before the sandbox, over TLS and with HTTP/2 on offer: certificates, and
# connections that end while messages are under way.

local_setup() {
	PATH=$PATH:/usr/sbin # where Debian has it, for root alone
	command -v nginx >/dev/null || skip "no nginx"
}

# authority NAME: one that signs for the test, NAME.pem and NAME.key.
authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$1.key" -out "$1.pem" -days 2 -subj "/CN=$1" \
		2>/dev/null
}

# certificate NAME AUTHORITY SUBJECTALTNAME [OPTION]...
certificate() {
	local name=$1 by=$2
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$name.key" -out "$name.csr" -subj /CN=provider \
		2>/dev/null
	echo "subjectAltName=$3" >"$name.ext"
	shift 3
	openssl x509 -req -in "$name.csr" -CA "$by.pem" -CAkey "$by.key" \
		-CAcreateserial -extfile "$name.ext" -out "$name.pem" \
		"${@:--days=2}" 2>/dev/null
}

# start_nginx CERTIFICATE [LINE]...: passes everything on to the sandbox; sets
# PROVIDER.  A line a request in access.log: protocol, status.
start_nginx() {
	local certificate=$1 port
	shift
	port=$(free_port)
	PROVIDER=https://localhost:$port
	cat >nginx.conf <<-CONF
		daemon off; worker_processes 1; pid nginx.pid;
		error_log nginx.err info;
		events { worker_connections 1024; }
		http {
			log_format short '\$server_protocol \$status';
			access_log access.log short;
			client_body_temp_path t1; proxy_temp_path t2;
			fastcgi_temp_path t3; uwsgi_temp_path t4;
			scgi_temp_path t5;
			server {
				listen 127.0.0.1:$port ssl http2;
				ssl_certificate $certificate.pem;
				ssl_certificate_key $certificate.key;
				$*
				location / { proxy_pass $SANDBOX; }
			}
		}
	CONF
	run_nginx
}

run_nginx() {
	nginx -p "$PWD/" -e nginx.err -c "$PWD/nginx.conf" 2>nginx.out 3>&- &
	NGINX_PID=$!
	PIDS+=("$NGINX_PID")
	wait_for accepts
}

accepts() { (: <>"/dev/tcp/127.0.0.1/${PROVIDER##*:}") 2>/dev/null; }

# add_https [OPTION]...: channel acme to nginx, with Basic.
add_https() {
	echo '{"to":"${User identifier}","text":"hello"}' >template.json
	WHAT=(-t template.json)
	export PASSWORD=sandbox-password
	rc-channel add acme --url "$PROVIDER/json/basic" --id-pointer /id \
		--auth basic --username sandbox --password env:PASSWORD "$@"
}

served() { [ "$(wc -l <access.log)" -ge "$1" ]; }

# Nobody twice, and every account agrees.
adds_up() {
	balance_adds_up
	nobody_twice
	accounts_agree
	stats_add_up
}

@test "a certificate of an authority that is named is trusted, host and all" {
	start_sandbox
	authority ca
	certificate own ca DNS:localhost,IP:127.0.0.1
	start_nginx own
	add_https --cacert "$PWD/ca.pem" --concurrency 32
	people 2000
	send
	[ "$(outcome accepted)" -eq 2000 ]
	adds_up
	[ "$(wc -l <access.log)" -eq 2000 ]
	[ "$(grep -cx 'HTTP/1.1 202' access.log)" -eq 2000 ]
}

# refused WHY: nothing gets beyond the handshake, and the exit codes tell.
refused() {
	run rc-channel test acme --to 12025550000
	err_is 69 'cannot reach the provider'
	[[ $output == *"$1"* ]] || { echo "$output"; return 1; }
	people 3
	run send
	[ "$status" -eq 69 ] || { echo "exit $status"; return 1; }
	grep -q "the provider cannot be reached.*$1" balance
	balance_adds_up
	[ "$(outcome deferred)" -eq 3 ]
	[ ! -s access.log ]
	[ "$(messages)" -eq 0 ]
}

@test "a certificate of another authority: nothing is sent" {
	start_sandbox
	authority ca
	authority other
	certificate own ca DNS:localhost
	start_nginx own
	add_https --cacert "$PWD/other.pem"
	refused 'unable to get local issuer certificate'
	# Nor by the system's authorities, nor is a secret sent for a token.
	rc-channel set acme --cacert '' >/dev/null
	run rc-channel test acme --to 12025550000
	err_is 69 'issuer certificate'
	export SECRET=sandbox-client-secret
	run rc-channel add push --url "$PROVIDER/json/bearer" --auth oauth2 \
		--token-url "$PROVIDER/oauth/token" --client-id sandbox-client \
		--client-secret env:SECRET
	err_is 69 'cannot get an access token'
	[ ! -s access.log ]
}

@test "a certificate of another host: nothing is sent" {
	start_sandbox
	authority ca
	certificate own ca DNS:provider.example,IP:127.0.0.2
	start_nginx own
	add_https --cacert "$PWD/ca.pem"
	refused "host name 'localhost'"
}

@test "a certificate that has expired: nothing is sent" {
	start_sandbox
	authority ca
	certificate own ca DNS:localhost -days -1
	start_nginx own
	add_https --cacert "$PWD/ca.pem"
	refused 'certificate has expired'
}

@test "a connection that ends after ten requests: each message once" {
	start_sandbox
	authority ca
	certificate own ca DNS:localhost
	start_nginx own 'keepalive_requests 10;'
	add_https --cacert "$PWD/ca.pem" --concurrency 32
	people 2000
	send
	adds_up
	[ "$(outcome accepted)" -eq 2000 ]
	[ "$(wc -l <access.log)" -eq 2000 ]
}

@test "nginx reloaded under way: nobody twice, all accounted for" {
	start_sandbox
	authority ca
	certificate own ca DNS:localhost
	start_nginx own
	add_https --cacert "$PWD/ca.pem" --concurrency 32
	people 3000
	start_send --rate 1500
	for n in 300 800 1300 1800; do
		wait_for served "$n"
		kill -HUP "$NGINX_PID"
	done
	code=0
	wait "$RUN_PID" || code=$?
	[ "$code" -eq 0 ] || [ "$code" -eq 75 ]
	adds_up
	[ "$(outcome deferred)" -eq 0 ]
	[ $(($(outcome accepted) + $(outcome unknown))) -eq 3000 ]
	# Connections that it closes are left; few requests can cross with that.
	[ "$(outcome unknown)" -le 8 ]
}

@test "nginx stopped and started again under way: nobody twice" {
	start_sandbox
	authority ca
	certificate own ca DNS:localhost
	start_nginx own
	add_https --cacert "$PWD/ca.pem" --concurrency 32
	people 3000
	start_send --rate 1500
	wait_for served 500
	kill -TERM "$NGINX_PID" # at once, whatever is under way
	wait "$NGINX_PID" || :
	pause 0.3
	run_nginx
	code=0
	wait "$RUN_PID" || code=$?
	adds_up
	while [ "$(outcome deferred)" -gt 0 ] ||
		[ "$(outcome 'not reached')" -gt 0 ]; do
		send || [ $? -eq 75 ]
		adds_up
	done
	[ $(($(stat_of accepted) + $(stat_of unknown))) -eq 3000 ]
	[ "$(stat_of unknown)" -le 32 ]
}

@test "were it HTTP/2, a GOAWAY would double nothing, and leave unknowns" {
	start_sandbox
	authority ca
	certificate own ca DNS:localhost
	start_nginx own 'keepalive_requests 10;'
	add_https --cacert "$PWD/ca.pem" --concurrency 32
	people 1000
	LD_PRELOAD=$RC_BUILD/tests/fault/speakh2.so send || [ $? -eq 75 ]
	adds_up
	[ "$(grep -c '^HTTP/2.0' access.log)" -eq "$(wc -l <access.log)" ]
	# What libcurl would have sent again is stopped, and it does not say why.
	[ "$(messages)" -eq "$(outcome accepted)" ]
	[ "$(outcome unknown)" -gt 0 ]
	[ $(($(outcome accepted) + $(outcome unknown))) -eq 1000 ]
}
