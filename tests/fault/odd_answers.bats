load ../tools/helper
load ../tools/odd

# Answers that have no end: whatever they cost, they cost half a minute, little
# memory, and no message goes out twice.  All at once, since each takes so long.

MEMORY_KB=200000 # much less than what is sent

local_setup() { start_odd; }

# endless HOW NAME [OPTION]...: run_odd beside the others, watched.
endless() {
	run_odd "$@" &
	RUNS+=("$!")
	PIDS+=("$!")
}

# watch_memory: the most that any rc-send of this test takes, into "peak".
watch_memory() {
	local comm process peak=0 now
	while [ ! -e watched ]; do
		for comm in $(grep -lsx rc-send /proc/[0-9]*/comm); do
			process=${comm%/comm}
			grep -zqs "^RC_STATE=$RC_STATE\$" "$process/environ" ||
				continue
			now=$(awk '/^VmHWM/ { print $2 }' \
				"$process/status" 2>/dev/null) || continue
			[ "${now:-0}" -le "$peak" ] || peak=$now
		done
		echo "$peak" >peak
		pause 0.1
	done
}

@test "silence, drips and floods end after half a minute, as unknown" {
	local name
	: >silence
	printf 'HTTP/1.1 201 %01000d\r\n\r\n' 0 >drip
	printf 'HTTP/1.1 201 Created\r\nX: %01000d\r\n\r\n' 0 >drips
	printf 'HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n{' >waits
	printf 'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n' \
		>chunk
	printf 'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n' \
		>chunks
	printf '1000\r\n%04096d\r\n' 0 >chunks.loop
	printf 'HTTP/1.1 201 Created\r\n' >headers
	printf 'X-Header: %01000d\r\n' 0 >headers.loop
	printf 'HTTP/1.1 201 Created\r\nX-Long: ' >header
	printf '%04096d' 0 >header.loop
	: >interim
	printf 'HTTP/1.1 100 Continue\r\n\r\n' >interim.loop
	printf 'HTTP/1.1 201 Created\r\n\r\n' >body
	printf '{"id":"%04096d"}' 0 >body.loop
	printf 'HTTP/1.1 201 Created\r\nContent-Length: 10000011\r\n\r\n' >large
	printf '{"id":"%010000000d"}' 0 >>large
	watch_memory &
	watcher=$!
	PIDS+=("$watcher")
	endless keep silence
	endless drip drip
	endless drip drips
	endless keep waits
	endless keep chunk
	endless loop chunks
	endless loop headers
	endless loop header
	endless loop interim
	endless loop body
	endless keep large
	cp large promised
	endless keep promised --id-pointer /id
	wait "${RUNS[@]}"
	: >watched
	wait "$watcher"
	for name in silence drip interim; do
		came_to "$name" 75 unknown
	done
	# Their status came whole.
	for name in drips waits chunk chunks headers header body large; do
		came_to "$name" 0 accepted
	done
	came_to promised 75 unknown 'HTTP 201, but the answer is no JSON'
	echo "peak of memory: $(<peak) kB"
	[ "$(<peak)" -gt 0 ]
	[ "$(<peak)" -lt "$MEMORY_KB" ]
}
