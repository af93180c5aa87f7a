#!/bin/bash
# Redirects a second of rc-httpd, every click kept, against an nginx that maps
# the same codes to the same URLs and writes an access log; wrk asks both.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

LINKS=${LINKS:-1000}
LOAD="-t1 -c64 -d${SECONDS_EACH:-5}s"

for tool in wrk nginx; do
	command -v "$tool" >/dev/null || { echo "needs $tool" >&2; exit 1; }
done

seq "$LINKS" | sed 's|.*|https://shop.example/page/&|' >urls
rc-httpd --listen 127.0.0.1:0 >httpd.out &
PIDS=$!
until grep -q listening httpd.out; do :; done
base=$(cut -f2 httpd.out)
rc-shorten --base "$base" <urls >links

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

cat >paths.lua <<'LUA'
local paths, i = {}, 0
for line in io.lines("links") do paths[#paths + 1] = line:match("//[^/]*(/.*)") end
request = function()
	i = i % #paths + 1
	return wrk.format("GET", paths[i], {["User-Agent"] = "Mozilla/5.0"})
end
LUA
# ask URL: requests a second.
ask() {
	# shellcheck disable=SC2086 # options of wrk
	wrk $LOAD -s paths.lua "$1" | awk '/Requests\/sec/ { print $2 }'
}
for round in 1 2 3; do
	peer=$(ask "$NGINX")
	ours=$(ask "$base")
	printf 'round %d: nginx %.0f/s, rc-httpd %.0f/s, ratio %s (1 wanted)\n' "$round" \
	    "$peer" "$ours" "$(ratio "$ours" "$peer")"
done
