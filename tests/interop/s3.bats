load ../tools/helper

# Lists out of OpenStack Swift's S3 API, which is strict about signatures.

setup_file() {
	/usr/bin/python3 -c 'import swift, eventlet' 2>/dev/null ||
		skip "no python3-swift: tests/deps interop"
	export SWIFT=$BATS_FILE_TMPDIR/swift
	mkdir -p "$SWIFT"
	/usr/bin/python3 "$BATS_TEST_DIRNAME/swiftd" "$SWIFT" \
		>"$SWIFT/ports" 2>"$SWIFT/err" 3>&- &
	echo $! >"$SWIFT/pid"
	local n
	for ((n = 0; n < 600; n++)); do
		[ -s "$SWIFT/ports" ] && break
		kill -0 "$(cat "$SWIFT/pid")" || break
		read -rt 0.1 <> <(:) || :
	done
	[ -s "$SWIFT/ports" ] || { cat "$SWIFT/err"; return 1; }
}

teardown_file() {
	[ ! -e "${SWIFT-}/pid" ] || { kill "$(cat "$SWIFT/pid")" || cat "$SWIFT/err"; }
}

local_setup() {
	export SECRET=reader-secret
	local s3 plain cut
	read -r s3 plain cut <"$SWIFT/ports"
	PLAIN=http://127.0.0.1:$plain/v1/AUTH_shop CUT=http://127.0.0.1:$cut
	S3=http://127.0.0.1:$s3
	BUCKET=lists-$BATS_TEST_NUMBER
	curl -sSf -m 30 -X PUT "$PLAIN/$BUCKET"
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		</dev/null
	use_swift
}

# use_swift [OPTION...]: the channel's source is the bucket.
use_swift() {
	rc-channel set acme --list-source "s3://$BUCKET" \
		--list-endpoint "$S3" --list-access-key shop:reader \
		--list-secret-key env:SECRET "$@" </dev/null
}

# url KEY: where a key lies, for filling.
url() {
	jq -rn --arg k "$1" --arg base "$PLAIN/$BUCKET" \
		'$base + "/" + ($k | split("/") | map(@uri) | join("/"))'
}

# put KEY: the object is what stdin says.
put() { curl -sSf -m 30 -T - "$(url "$1")" >/dev/null; }

people() { printf 'phone numbers\n'; printf '%s\n' "$@"; }

is_on_list() { [ "$(rc-optin list | paste -sd' ')" = "$*" ]; }

@test "the newest upload of a bucket is taken, and once" {
	people 12025550101 | put upload_2026-01-01_00-00/data.csv
	people 12025550102 12025550103 | put upload_2026-01-02_00-00/data.csv
	rc-import -q >/dev/null
	is_on_list 12025550102 12025550103
	rc-optin out -q 12025550102
	run --separate-stderr rc-import
	[ "$status" -eq 0 ]
	[[ $stderr == *"up to date"* ]]
	is_on_list 12025550103
	people 12025550104 | put upload_2026-01-02_00-01/data.csv
	rc-import -q --max-shrink 100 >/dev/null
	is_on_list 12025550104
}

@test "a wrong secret changes nothing and shows nothing" {
	people 12025550101 | put upload_2026-01-01_00-00/data.csv
	SECRET=not-the-secret use_swift
	run rc-import
	err_is 77 SignatureDoesNotMatch
	[[ $output != *not-the-secret* ]]
	is_on_list
	use_swift --list-access-key shop:nobody
	run rc-import
	[ "$status" -eq 77 ]
	use_swift --list-access-key shop:reader
	rc-import -q >/dev/null
	is_on_list 12025550101
}

@test "a wrong region is refused and the right one named" {
	people 12025550101 | put upload_2026-01-01_00-00/data.csv
	use_swift --list-region eu-central-7
	run rc-import
	[ "$status" -eq 77 ] || [ "$status" -eq 78 ]
	[[ $output == *us-east-1* ]]
	is_on_list
}

@test "a bucket that does not exist is no input" {
	use_swift --list-source s3://nowhere-at-all
	run rc-import
	err_is 66 nowhere-at-all
	is_on_list
}

@test "prefixes may hold any character" {
	local n=0 prefix
	for prefix in 'a b' 'a+b' 'a=b' 'a&b=c' 'é/ü ñ' '50%' '%2F' '(x)' \
	    "o'clock" 'a;b,c' 'q?a#b' '日本/東京' 'tilde~' '$@!*'; do
		n=$((n + 1))
		people $((12025550100 + n)) |
			put "$prefix/upload_2026-01-01_00-00/data.csv"
		run rc-import -q --max-shrink 100 --override-all \
			"s3://$BUCKET/$prefix"
		[ "$status" -eq 0 ] || { echo "$prefix: $output"; return 1; }
		is_on_list $((12025550100 + n)) ||
			{ echo "$prefix: $(rc-optin list)"; return 1; }
	done
	[ "$n" -eq 14 ]
}

@test "the newest of more than a thousand folders is found" {
	local day hour
	people 12025550109 >one.csv
	for ((day = 1; day <= 28; day++)); do
		for ((hour = 0; hour < 40; hour++)); do
			printf 'upload-file = "one.csv"\nurl = "%s"\n' \
				"$(printf '%s/%s/upload_2025-02-%02d_%02d-%02d/data.csv' \
				"$PLAIN" "$BUCKET" "$day" $((hour / 2)) \
				$((hour % 2 * 30)))"
		done
	done >transfers
	curl -sSf -m 300 -Z --parallel-max 8 -K transfers >/dev/null
	[ "$(curl -sSf -m 30 "$PLAIN/$BUCKET?limit=10000" | wc -l)" -eq 1120 ]
	people 12025550110 | put upload_2025-02-28_19-31/data.csv
	run --separate-stderr rc-import -j
	[ "$status" -eq 0 ]
	is_on_list 12025550110
	# The last ones of the first page and the first of the next as well.
	rc-import --history -j | jq -se \
		'.[0].source | endswith("upload_2025-02-28_19-31/data.csv")'
}

@test "a connection cut half-way changes nothing" {
	people 12025550101 | put upload_2026-01-01_00-00/data.csv
	rc-import -q >/dev/null
	{ echo 'phone numbers'; seq 12025600000 12025699999; } |
		put upload_2026-01-02_00-00/data.csv
	use_swift --list-endpoint "$CUT"
	run rc-import
	err_is 69 data.csv
	is_on_list 12025550101
	use_swift --list-endpoint "$S3"
	rc-import -q >/dev/null
	[ "$(rc-optin list | wc -l)" -eq 100000 ]
}

@test "an object in parts, whose ETag is no digest, is taken" {
	local one=$BUCKET/parts/1 two=$BUCKET/parts/2
	people 12025550101 | curl -sSf -m 30 -T - "$PLAIN/$one" >/dev/null
	echo 12025550102 | curl -sSf -m 30 -T - "$PLAIN/$two" >/dev/null
	jq -n --arg a "/$one" --arg b "/$two" '[{path: $a}, {path: $b}]' |
		curl -sSf -m 30 -T - \
		"$(url upload_2026-01-01_00-00/data.csv)?multipart-manifest=put" \
		>/dev/null
	rc-import -q >/dev/null
	is_on_list 12025550101 12025550102
}

@test "a big list streams through" {
	{ echo 'phone numbers'; seq 12020000000 12021999999; } >big.csv
	put upload_2026-01-01_00-00/data.csv <big.csv
	rc-import -q -j >record.json
	[ "$(jq .accepted record.json)" -eq 2000000 ]
	[ "$(jq -r .digest record.json)" = \
		"$(sha256sum <big.csv | cut -d' ' -f1)" ]
}
