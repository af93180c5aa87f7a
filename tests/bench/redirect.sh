#!/bin/bash
# Redirects a second of rc-httpd, every click kept, and its CPU time for each,
# against an nginx that maps the same codes to the same URLs and writes an access
# log; wrk asks both.  Then rc-stats over the clicks.
# shellcheck source=tests/bench/lib.bash
. "$(dirname "$0")/lib.bash"

LINKS=${LINKS:-1000}
LOAD="-t1 -c64 -d${SECONDS_EACH:-5}s"

for tool in wrk nginx; do
	command -v "$tool" >/dev/null || { echo "needs $tool" >&2; exit 1; }
done

seq "$LINKS" | sed 's|.*|https://shop.example/page/&|' >urls
channel bench phoneNumber </dev/null >/dev/null
# shellcheck disable=SC2016 # the template's, not the shell's
printf '%s' '{"to":"${User identifier}"}' >payload.json
echo 15550000000 | rc-send -q -k spring -t payload.json >sent # has not consented
rc-httpd --listen 127.0.0.1:0 >httpd.out &
PIDS=$! HTTPD_PID=$!
until grep -qs listening httpd.out; do :; done
base=$(cut -f2 httpd.out)
rc-shorten -k spring --base "$base" <urls >links

{
	# shellcheck disable=SC2016 # nginx's variables
	echo 'map $uri $target { default "";'
	paste links urls | sed -E 's|^http://[^/]*(/[^\t]*)\t(.*)|"\1" "\2";|'
	echo '}'
} >map.conf
# shellcheck disable=SC2016 # nginx's variable
start_nginx "map_hash_max_size 65536; map_hash_bucket_size 128;
    include $DIR/map.conf; access_log $DIR/access.log;" \
    'location / { return 302 $target; }'
NGINX_PID=$!

cat >paths.lua <<'LUA'
local paths, i = {}, 0
for line in io.lines("links") do paths[#paths + 1] = line:match("//[^/]*(/.*)") end
request = function()
	i = i % #paths + 1
	return wrk.format("GET", paths[i], {["User-Agent"] = "Mozilla/5.0"})
end
LUA
# cpu_us PID: CPU time of a process and its children so far, in microseconds.
cpu_us() {
	local pid
	for pid in "$1" $(cat "/proc/$1/task/$1/children"); do
		cat "/proc/$pid/stat"
	done | awk -v hz="$(getconf CLK_TCK)" '{ t += $14 + $15 }
	    END { printf "%d", t * 1000000 / hz }'
}
# ask URL PID: sets RATE, requests a second, and CPU, microseconds for each.
ask() {
	local before
	before=$(cpu_us "$2")
	# shellcheck disable=SC2086 # options of wrk
	wrk $LOAD -s paths.lua "$1" >wrk.out
	RATE=$(awk '/Requests\/sec/ { print $2 }' wrk.out)
	CPU=$(ratio "$(($(cpu_us "$2") - before))" \
	    "$(awk '/requests in/ { print $1 }' wrk.out)")
}
for round in 1 2 3; do
	ask "$NGINX" "$NGINX_PID"
	peer=$RATE peer_cpu=$CPU
	ask "$base" "$HTTPD_PID"
	printf 'round %d: nginx %.0f/s, rc-httpd %.0f/s, ratio %s (1 wanted); ' \
	    "$round" "$peer" "$RATE" "$(ratio "$RATE" "$peer")"
	printf 'CPU a request %s and %s us, ratio %s (1 or less wanted)\n' \
	    "$peer_cpu" "$CPU" "$(ratio "$CPU" "$peer_cpu")"
done
best_ms rc-stats
printf 'rc-stats with %s clicks: %s ms (50 wanted)\n' \
    "$(rc-stats -j | jq .clicks_raw)" "$BEST_MS"
