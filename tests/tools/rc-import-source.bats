load helper
load import

# Where a list may lie: a drop folder, a web server, a bucket.  What is in it is
# the matter of rc-import.bats.

local_setup() {
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		--identifier phoneNumber
}

# upload NAME NUMBERS...: a folder in drop/ whose upload ended an hour ago.
upload() {
	local folder=drop/$1
	shift
	mkdir -p "$folder"
	list "$@" >"$folder/data.csv"
	touch -d '1 hour ago' "$folder/data.csv"
}

# put FOLDER NUMBERS...: an upload in the bucket "lists", made an hour ago.
put() {
	upload "$@"
	mkdir -p store/lists
	rm -rf "store/lists/$1"
	mv "drop/$1" store/lists/
}

# serve ARGS...: store/ by the S3 server for tests; sets PORT.
serve() {
	mkdir -p store/lists
	rm -f s3d.out
	"$RC_BUILD/tests/tools/s3d" "$@" store >s3d.out 2>s3d.err &
	PIDS+=($!)
	wait_for test -s s3d.out || return 1
	PORT=$(cat s3d.out)
}

# s3 ARGS...: import from that server, as somebody who may.
s3() {
	SECRET=s3cret/KEY+ import --endpoint "http://127.0.0.1:$PORT" \
		--access-key AKIDTEST --secret-key env:SECRET "$@"
}

# nothing_changed: nobody is on the list and the journal is empty.
nothing_changed() {
	[ -z "$(rc-optin list)" ]
	[ "$(rc-optin verify | cut -f1,2)" = $'sound\t0' ]
}

# --- drop folders ------------------------------------------------------------

@test "of a drop folder the newest upload is imported, once" {
	upload upload_2024-03-01_04-00 12025550101
	upload upload_2024-03-01_23-59 12025550102
	upload upload_2024-02-28_23-59 12025550103
	import drop/
	[ "$status" -eq 0 ]
	[ "$(rc-optin list)" = 12025550102 ]
	run --separate-stderr rc-import drop
	[ "$status" -eq 0 ]
	[[ $stderr == *"channel 'acme' is up to date"* ]]
	[ -z "$output" ]
	upload upload_2024-03-02_04-00 12025550104
	import drop
	[ "$(field added)" -eq 1 ]
	[ "$(rc-optin list)" = 12025550104 ]
}

@test "a drop folder is the same one under any of its names" {
	upload upload_2024-03-01_04-00 12025550101
	import drop//
	[ "$status" -eq 0 ]
	ln -s drop link
	import ./link
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	cd drop
	import .
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "each channel takes an upload for itself" {
	rc-channel add other --provider http --url http://127.0.0.1:9/x \
		--identifier phoneNumber
	upload upload_2024-03-01_04-00 12025550101
	import -c acme drop
	import -c other drop
	[ "$(field added)" -eq 1 ]
}

@test "a dry run or a refused list does not count as imported" {
	upload upload_2024-03-01_04-00 12025550101
	import -n drop
	[ "$(field added)" -eq 1 ]
	upload upload_2024-03-02_04-00 x y z
	import drop
	[ "$status" -eq 65 ]
	import drop
	[ "$status" -eq 65 ]
	upload upload_2024-03-02_04-00 12025550102
	import drop
	[ "$(rc-optin list)" = 12025550102 ]
}

@test "of two imports of an upload at once one takes it" {
	upload upload_2024-03-01_04-00 12025550101
	local pid pids=()
	for pid in 1 2 3; do
		rc-import -q drop &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	[ "$(rc-optin list)" = 12025550101 ]
	[ "$(rc-optin verify | cut -f1,2)" = $'sound\t1' ]
}

@test "folders with wrong names or dates that do not exist are warned of" {
	local name
	upload upload_2024-02-28_04-00 12025550101
	for name in upload_2024-02-30_04-00 upload_2026-3-1_04-00 \
		upload_2024-03-01_24-00 upload_2024-03-01 old; do
		upload "$name" 12025550109
	done
	upload upload_2999-01-01_00-00 12025550109
	mkdir drop/.snapshots
	run --separate-stderr rc-import -j drop
	[ "$status" -eq 0 ]
	echo "$stderr"
	for name in upload_2024-02-30_04-00 upload_2026-3-1_04-00 \
		upload_2024-03-01_24-00 upload_2024-03-01 old; do
		[[ $stderr == *"warning: 'drop': folder '$name' is skipped: its name"* ]]
	done
	[[ $stderr == *"folder 'upload_2999-01-01_00-00' is skipped: its date lies ahead"* ]]
	[[ $stderr != *snapshots* ]]
	[ "$(rc-optin list)" = 12025550101 ]
}

@test "many wrong names are counted, not listed" {
	mkdir -p drop/{a,b,c,d,e,f,g,h}
	run rc-import drop
	err_is 66 "has no folder upload_yyyy-MM-dd_HH-mm with a data.csv"
	[ "$(grep -c 'its name' <<<"$output")" -eq 5 ]
	[[ $output == *"3 more folders are skipped"* ]]
}

@test "a folder without data.csv is warned of and the one before is taken" {
	upload upload_2024-03-01_04-00 12025550101
	mkdir -p drop/upload_2024-03-02_04-00/data.csv
	mkdir drop/upload_2024-03-03_04-00
	run --separate-stderr rc-import -j drop
	[ "$status" -eq 0 ]
	[[ $stderr == *"'upload_2024-03-02_04-00' is skipped: there is no data.csv in it"* ]]
	[[ $stderr == *"'upload_2024-03-03_04-00' is skipped: there is no data.csv in it"* ]]
	[ "$(rc-optin list)" = 12025550101 ]
	upload upload_2024-03-03_04-00 12025550103
	import drop
	[ "$(rc-optin list)" = 12025550103 ]
}

@test "an upload that is still going on waits for the next run" {
	upload upload_2024-03-01_04-00 12025550101
	upload upload_2024-03-02_04-00 12025550102
	touch drop/upload_2024-03-02_04-00/data.csv
	import drop
	err_is 75 "'drop/upload_2024-03-02_04-00/data.csv' is still being uploaded"
	nothing_changed
	touch -d '61 seconds ago' drop/upload_2024-03-02_04-00/data.csv
	import drop
	[ "$(rc-optin list)" = 12025550102 ]
}

# data MINUTES TEXT: an upload that was last changed so long ago.
data() {
	local file=drop/upload_2024-03-01_04-00/data.csv
	mkdir -p "${file%/*}"
	printf '%b' "$2" >"$file"
	touch -d "$1 minutes ago" "$file"
}

@test "an upload that stalls within a line waits, at most ten minutes" {
	local text
	for text in '' 'phone numbers\n12025550101\n1202555010'; do
		data 9 "$text"
		import drop
		err_is 75 "still being uploaded, as its last line has no end"
	done
	nothing_changed
	for text in 'phone numbers\n12025550101\n' \
		'phone numbers\r12025550101\r'; do
		data 2 "$text"
		run -0 rc-import -n drop
	done
	data 11 'phone numbers\n12025550101\n12025550102'
	run -0 rc-import drop
	[ "$(rc-optin list | wc -l)" -eq 2 ]
}

@test "the list's time is the folder's or the file's, whichever is earlier" {
	upload upload_2024-03-01_04-00 12025550101
	import drop
	[ "$(field list_time)" = 2024-03-01T04:00:00.000Z ]
	upload upload_2024-03-02_04-00 12025550101
	touch -d 2024-03-01T22:00:00Z drop/upload_2024-03-02_04-00/data.csv
	import drop
	[ "$(field list_time)" = 2024-03-01T22:00:00.000Z ]
}

@test "an upload is imported again, with its time, when its file is named" {
	upload upload_2024-03-01_04-00 12025550101
	import drop
	import drop/upload_2024-03-01_04-00/data.csv
	[ "$(field list_time)" = 2024-03-01T04:00:00.000Z ]
	cd drop
	import upload_2024-03-01_04-00/data.csv
	[ "$(field list_time)" = 2024-03-01T04:00:00.000Z ]
	cd upload_2024-03-01_04-00
	import data.csv
	[ "$(field list_time)" != 2024-03-01T04:00:00.000Z ]
}

@test "a list that cannot be opened is named, and no older one is taken" {
	upload upload_2024-03-01_04-00 12025550101
	mkdir drop/upload_2024-03-02_04-00
	ln -s data.csv drop/upload_2024-03-02_04-00/data.csv
	import drop
	err_is 66 "cannot open 'drop/upload_2024-03-02_04-00/data.csv'"
	nothing_changed
}

# --- web servers -------------------------------------------------------------

@test "a list is read from a web server, every time" {
	put x 12025550101
	serve --anonymous
	import "http://127.0.0.1:$PORT/lists/x/data.csv?sign=secret"
	[ "$status" -eq 0 ]
	[ "$(rc-optin list)" = 12025550101 ]
	rc-import --history | grep -F "http://127.0.0.1:$PORT/lists/x/data.csv"
	put x 12025550102 12025550103
	import "http://127.0.0.1:$PORT/lists/x/data.csv"
	[ "$(field added)" -eq 2 ]
	rc-optin log 12025550101 >log
	rc-import --history >>log
	absent secret log
}

@test "a list's time is what the web server says, or the start of reading" {
	local before
	put x 12025550101
	touch -d 2024-03-01T22:00:00Z store/lists/x/data.csv
	serve --anonymous
	import "http://127.0.0.1:$PORT/lists/x/data.csv"
	[ "$(field list_time)" = 2024-03-01T22:00:00.000Z ]
	touch -d @0 store/lists/x/data.csv
	import "http://127.0.0.1:$PORT/lists/x/data.csv"
	[[ $(field list_time) == 1970-01-01T00:00:00* ]]
	serve --anonymous --fault old
	before=$(date -u +%Y-%m-%dT%H:%M:%S)
	import "http://127.0.0.1:$PORT/lists/x/data.csv"
	[[ ! $(field list_time) < $before ]]
}

@test "a web server is told user and password" {
	put x 12025550101
	serve --basic ada:sesame
	local url=http://127.0.0.1:$PORT/lists/x/data.csv
	import "$url"
	err_is 77 "'$url': the server answers 403: it wants credentials, --access-key"
	echo wrong >pw
	import --access-key ada --secret-key @pw "$url"
	err_is 77 "answers 403: it wants other credentials"
	nothing_changed
	echo sesame >pw
	import --access-key ada --secret-key @pw "$url"
	[ "$status" -eq 0 ]
	import "http://ada:sesame@127.0.0.1:$PORT/lists/x/data.csv"
	err_is 64 "use --access-key and --secret-key"
	rc-import --history >history
	absent sesame history
}

@test "what is no list on a web server is named" {
	put x 12025550101
	serve --anonymous
	import "http://127.0.0.1:$PORT/lists/nope?key=hidden"
	err_is 66 "'http://127.0.0.1:$PORT/lists/nope': the server answers 404"
	[[ $output != *hidden* ]]
	serve --anonymous --fault moved=http://127.0.0.1:1/elsewhere?key=hidden
	import "http://127.0.0.1:$PORT/lists/x/data.csv"
	err_is 76 "a redirect to 'http://127.0.0.1:1/elsewhere', which is not followed"
	serve --anonymous --fault status=503
	import "http://127.0.0.1:$PORT/lists/x/data.csv"
	err_is 69 "answers 503"
	serve --anonymous --fault status=204
	import "http://127.0.0.1:$PORT/lists/x/data.csv"
	err_is 76 "answers 204"
	serve --anonymous --fault encoding=gzip
	import "http://127.0.0.1:$PORT/lists/x/data.csv"
	err_is 76 "Content-Encoding 'gzip'"
	kill "${PIDS[-1]}"
	wait "${PIDS[-1]}" || :
	import "http://127.0.0.1:$PORT/lists/x/data.csv"
	err_is 69 "'http://127.0.0.1:$PORT/lists/x/data.csv'"
	import ftp://127.0.0.1/x
	err_is 64 "only those with http://, https:// and s3://"
	nothing_changed
}

@test "a connection that is cut changes nothing, however the end is marked" {
	put x 12025550101 12025550102 12025550103
	local how
	for how in cut reset "chunked --fault cut" "no-length --fault cut" \
		"identity --fault cut"; do
		# shellcheck disable=SC2086
		serve --anonymous --fault $how
		import "http://127.0.0.1:$PORT/lists/x/data.csv"
		[[ $status -eq 69 || ($how == *[hy]\ * && $status -eq 76) ]]
	done
	nothing_changed
	serve --anonymous --fault no-length
	import "http://127.0.0.1:$PORT/lists/x/data.csv"
	err_is 76 "half of the list could not be told from the whole"
	nothing_changed
	serve --anonymous --fault no-length --digest repr
	import "http://127.0.0.1:$PORT/lists/x/data.csv"
	[ "$(field accepted)" -eq 3 ]
	serve --anonymous --fault chunked
	import "http://127.0.0.1:$PORT/lists/x/data.csv"
	[ "$(field accepted)" -eq 3 ]
}

@test "a digest that is announced has to be the list's" {
	put x 12025550101
	local kind
	for kind in md5 sha-256 repr aws; do
		serve --digest "$kind" --fault digest
		s3 s3://lists/x/data.csv
		err_is 76 "that the server announced"
	done
	nothing_changed
	for kind in md5 sha-256 repr aws; do
		serve --digest "$kind"
		s3 s3://lists/x/data.csv
		[ "$status" -eq 0 ]
	done
}

# --- buckets -----------------------------------------------------------------

@test "of a bucket the newest upload is imported, once" {
	put upload_2024-03-01_04-00 12025550101
	put upload_2024-03-02_04-00 12025550102
	mkdir -p store/lists/upload_2024-02-30_04-00 store/lists/archive
	touch store/lists/{upload_2024-02-30_04-00,archive}/data.csv
	serve
	SECRET=s3cret/KEY+ run --separate-stderr rc-import -j \
		--endpoint "http://127.0.0.1:$PORT" --access-key AKIDTEST \
		--secret-key env:SECRET s3://lists
	[ "$status" -eq 0 ]
	[[ $stderr == *"folder 'upload_2024-02-30_04-00' is skipped"* ]]
	[[ $stderr == *"folder 'archive' is skipped"* ]]
	[ "$(rc-optin list)" = 12025550102 ]
	[ "$(field list_time)" = 2024-03-02T04:00:00.000Z ]
	s3 s3://lists/
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	s3 --endpoint "http://127.0.0.1:$PORT/" s3://lists
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	put upload_2024-03-02_04-01 12025550103
	s3 s3://lists
	[ "$(rc-optin list)" = 12025550103 ]
	rc-import --history | grep -F s3://lists/upload_2024-03-02_04-01/data.csv
	put upload_2024-03-03_04-00 12025550103
	touch -d 2024-03-02T22:00:00Z store/lists/upload_2024-03-03_04-00/data.csv
	s3 s3://lists
	[ "$(field list_time)" = 2024-03-02T22:00:00.000Z ]
}

@test "a prefix is a folder of the bucket" {
	put upload_2024-03-01_04-00 12025550101
	mkdir -p "store/lists/a b/é+&=" store/lists/a
	mv store/lists/upload_* "store/lists/a b/é+&="
	serve --max-keys 1
	s3 's3://lists/a b/é+&=/'
	[ "$(field added)" -eq 1 ]
	s3 's3://lists/a b/é+&='
	[ -z "$output" ]
	s3 s3://lists/a
	err_is 66 "'s3://lists/a' has no folder upload_yyyy-MM-dd_HH-mm"
}

@test "a key that ends in .csv is the list itself" {
	put upload_2024-03-01_04-00 12025550101
	mv store/lists/upload_*/data.csv store/lists/all.csv
	serve
	s3 s3://lists/all.csv
	[ "$(field added)" -eq 1 ]
	s3 s3://lists/all.csv
	[ "$(field kept)" -eq 1 ]
	s3 s3://lists/none.csv
	err_is 66 "'none.csv' is not in bucket 'lists'"
	put upload_2024-03-01_04-00 12025550101
	s3 s3://lists/upload_2024-03-01_04-00/data.csv
	[ "$(field list_time)" = 2024-03-01T04:00:00.000Z ]
}

@test "the newest upload is found among thousands, and one without data.csv" {
	local n
	for n in {1..2500}; do
		printf -v n 'upload_2024-%02d-%02d_%02d-%02d' \
			$((n % 12 + 1)) $((n / 12 % 28 + 1)) $((n / 336)) $((n % 60))
		mkdir -p "store/lists/$n"
	done
	put upload_2025-01-01_00-00 12025550101
	mkdir store/lists/upload_2025-01-02_00-00
	touch store/lists/upload_2025-01-02_00-00/data.csv.part
	serve
	s3 s3://lists
	[ "$(field list_time)" = 2025-01-01T00:00:00.000Z ]
}

@test "wrong keys, region, bucket and style are told apart" {
	put upload_2024-03-01_04-00 12025550101
	serve --region eu-central-1
	local here=http://127.0.0.1:$PORT
	s3 --region eu-central-1 s3://nope
	err_is 66 nope
	export SECRET=wrong-secret
	import --endpoint "$here" --region eu-central-1 --access-key AKIDTEST \
		--secret-key env:SECRET s3://lists
	err_is 77 SignatureDoesNotMatch
	[[ $output != *wrong-secret* ]]
	import --endpoint "$here" --region eu-central-1 --access-key AKIDNONE \
		--secret-key env:SECRET s3://lists
	err_is 77 InvalidAccessKeyId
	import --endpoint "$here" --region eu-central-1 s3://lists
	err_is 77 AccessDenied
	s3 s3://lists
	[[ $status -eq 77 || $status -eq 78 ]]
	[[ $output == *eu-central-1* ]]
	import --endpoint http://example.com --access-key a \
		--secret-key env:SECRET s3://lists
	err_is 77 https
	nothing_changed
	s3 --region eu-central-1 s3://lists
	[ "$(field added)" -eq 1 ]
}

@test "a session token is sent along" {
	put upload_2024-03-01_04-00 12025550101
	serve --session-token t0ken/+=
	s3 s3://lists
	[ "$status" -eq 77 ]
	echo t0ken/+= >token
	s3 --session-token @token s3://lists
	[ "$status" -eq 0 ]
}

@test "a bucket that anybody may read needs no keys" {
	put upload_2024-03-01_04-00 12025550101
	serve --anonymous
	import --endpoint "http://127.0.0.1:$PORT" s3://lists
	[ "$status" -eq 0 ]
}

@test "a bucket whose connection, size or version is not right changes nothing" {
	put upload_2024-03-01_04-00 12025550101 12025550102
	serve --fault cut
	s3 s3://lists
	[ "$status" -eq 69 ]
	serve --fault shorter --fault multipart # so that no digest tells
	s3 s3://lists
	err_is 76 "bytes were received, but"
	serve --fault longer
	s3 s3://lists
	[[ $status -eq 69 || $status -eq 76 ]]
	serve --fault etag
	s3 s3://lists
	err_is 76 "that the server announced"
	serve --fault changed
	s3 s3://lists
	err_is 75 changed
	serve --fault gone
	s3 s3://lists
	[ "$status" -eq 75 ]
	serve --fault garbage
	s3 s3://lists
	[ "$status" -eq 76 ]
	nothing_changed
	[ "$(rc-import --status | cut -f2)" = failed ]
	serve --fault multipart
	s3 s3://lists
	[ "$(field accepted)" -eq 2 ]
}

@test "the channel knows where its list lies, and the keys to it" {
	put upload_2024-03-01_04-00 12025550101
	serve
	echo s3cret/KEY+ >secret
	rc-channel set acme --list-source s3://lists \
		--list-endpoint "http://127.0.0.1:$PORT" \
		--list-access-key AKIDTEST --list-secret-key @secret
	rm secret
	import </dev/null
	[ "$(field added)" -eq 1 ]
	import </dev/null
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	# Another bucket of that store, and keys that are given instead.
	mkdir -p store/other
	cp -rp store/lists/upload_* store/other
	import s3://other
	[ "$(field kept)" -eq 1 ]
	export SECRET=wrong
	import --access-key AKIDTEST --secret-key env:SECRET s3://other
	[ "$status" -eq 77 ]
	# Standard input is still there for who asks for it.
	list 12025550101 12025550102 | {
		run rc-import -q -j -
		[ "$(field added)" -eq 1 ]
	}
}

@test "the channel's keys go to no web server but its own" {
	put x 12025550101
	serve --basic ada:sesame
	local url=http://127.0.0.1:$PORT/lists/x/data.csv
	echo sesame >pw
	rc-channel set acme --list-source "$url" --list-access-key ada \
		--list-secret-key @pw
	import
	[ "$(field added)" -eq 1 ]
	import "$url?elsewhere"
	err_is 77 "answers 403"
	mv "$RC_KEY_FILE" away
	import "$url?elsewhere"
	err_is 77 "answers 403"
	import
	[ "$status" -ne 0 ]
	[[ $output == *"$RC_KEY_FILE"* ]]
	list 12025550101 >l
	import l
	[ "$status" -eq 0 ]
}

@test "the certificates to trust are the option's or the channel's" {
	serve
	local url=https://127.0.0.1:$PORT/lists/x
	import --cacert none.pem "$url"
	[ "$status" -ne 0 ]
	[[ $output == *none.pem* ]]
	touch own.pem
	rc-channel set acme --list-source "$url" --list-cacert own.pem
	rm own.pem
	mkdir elsewhere
	cd elsewhere
	import
	[ "$status" -ne 0 ]
	[[ $output == *"${PWD%/*}/own.pem"* ]]
	import --cacert none.pem
	[[ $output == *none.pem* ]]
	import "$url/y"
	[ "$status" -ne 0 ]
	[[ $output != *own.pem* ]]
}

@test "options that do not go together are named" {
	export SECRET=x
	import --endpoint http://127.0.0.1:9 l
	err_is 64 "--endpoint goes with s3://, not with 'l'"
	import --region x http://127.0.0.1:9/l
	err_is 64 "--region goes with s3://"
	import --cacert x -
	err_is 64 "--cacert goes with http(s):// and s3://"
	import --access-key a s3://b
	err_is 64 "--access-key and --secret-key go together"
	import --session-token env:SECRET s3://b
	err_is 64 "go together"
	import --secret-key plain --access-key a s3://b
	err_is 64 "--secret-key: a secret is given as @FILE or env:NAME"
	import --addressing other s3://b
	err_is 64 "takes path or virtual"
	import s3://
	err_is 64 "is not a bucket's name"
	import 'https://a b'
	err_is 64 URL
	import --endpoint nonsense s3://b/x
	err_is 64 nonsense
}

@test "what may be secret in an address is neither said nor kept" {
	local where
	for where in 'ftp://ada:hunter2@h/x?hunter2' \
		'https://ada:hunter2@127.0.0.1:9/x' \
		'https://ada:hun/hunter2@127.0.0.1:9/x' \
		's3://AKIA:hunter2@bucket/x' ' http://127.0.0.1:9/x?hunter2'
	do
		import "$where"
		[ "$status" -eq 64 ]
		[[ $output != *hunter2* ]]
	done
	run -0 rc-import --history
	[ "${#lines[@]}" -eq 5 ]
	[[ $output != *hunter2* ]]
	[ -z "$(find . -name 'state*' -exec grep -l hunter2 {} +)" ]
}

@test "a list that is remote can have rejects, and an encoding of its own" {
	put upload_2024-03-01_04-00 12025550101 x 12025550102
	serve
	s3 --max-bad 50 --rejects bad.tsv s3://lists
	[ "$(field rejected)" -eq 1 ]
	[ "$(cut -f1,3 bad.tsv)" = $'3\tx' ]
	iconv -f UTF-8 -t UTF-16LE store/lists/upload_*/data.csv >store/lists/u.csv
	s3 s3://lists/u.csv
	err_is 65 "the list is UTF-16LE, not UTF-8: have it written as UTF-8, or fetch it and convert it: iconv -f UTF-16LE -t UTF-8 'data.csv'"
	printf 'name,phone numbers\nRen\351,12025550102\n' >store/lists/c.csv
	s3 s3://lists/c.csv
	err_is 65 "iconv -f CP1252 -t UTF-8 'data.csv'"
}

# wide ROWS: a list of few people and many bytes, the bad rows first.
wide() {
	awk -v rows="$1" 'BEGIN {
		pad = sprintf("%999s", "")
		gsub(" ", "x", pad)
		print "name,phone numbers"
		for (n = 0; n < rows; n++)
			print pad "," (n < rows / 3 ? "x" : \
				sprintf("120255501%02d", n % 100))
	}'
}

@test "rows are read while the list is still coming" {
	mkdir -p store/lists
	wide 20000 >store/lists/wide.csv
	serve --fault pause="$PWD/go"
	export SECRET=s3cret/KEY+
	rc-import -q -j --max-bad 50 --rejects bad.tsv \
		--endpoint "http://127.0.0.1:$PORT" --access-key AKIDTEST \
		--secret-key env:SECRET s3://lists/wide.csv >out &
	local import=$!
	PIDS+=($import)
	# The server holds the second half back.
	wait_for eval '[ -s bad.tsv.* ]'
	[ ! -e bad.tsv ]
	[ "$(rc-import --status | cut -f2)" = running ]
	touch go
	wait $import
	[ "$(jq -c '[.rows, .accepted]' out)" = '[20000,100]' ]
	[ "$(jq -r .digest out)" = "$(sha256sum <store/lists/wide.csv | cut -d' ' -f1)" ]
}

# on_terminal NAME PATTERN: as rc-import does it on a terminal that is logged
# in typescript; the server's second half is held back until the pattern shows.
on_terminal() {
	local pid
	rm -f go
	script -qefc "stty cols 100; rc-import --max-bad 50 http://127.0.0.1:$PORT/lists/$1" \
		typescript </dev/null >/dev/null &
	pid=$!
	PIDS+=("$pid")
	wait_for grep -q "$2" typescript
	touch go
	wait "$pid"
	grep -q "20000 rows = 100 accepted" typescript || { cat -v typescript; return 1; }
}

@test "a terminal sees how much has come, how fast, and how long it takes" {
	mkdir -p store/lists
	wide 20000 >store/lists/wide.csv
	serve --anonymous --fault pause="$PWD/go"
	on_terminal wide.csv \
		'sync  \[[#.]*\] *[0-9]* %, [0-9][0-9a-z ]* left  [0-9.]*[kM]B  [0-9.]*[kMG]*B/s'
	serve --anonymous --fault pause="$PWD/go" --fault chunked
	on_terminal wide.csv 'sync  [0-9.]*[kM]B  [0-9.]*[kMG]*B/s'
	[ "$(grep -c ' %, ' typescript)" -eq 0 ]
}

@test "a list that is fetched is held neither in memory nor in a file" {
	[ -z "${RC_SANITIZER-}" ] || skip "a sanitizer needs memory of its own"
	mkdir -p store/lists
	wide 100000 >store/lists/wide.csv # 100 MB
	serve
	(
		ulimit -d 60000 # kB of memory
		ulimit -f 10000 # kB of a file
		s3 --max-bad 50 s3://lists/wide.csv
		echo "$output" >out
	)
	[ "$(jq -c '[.rows, .accepted]' out)" = '[100000,100]' ]
}

# recipe: what is shown under FROM S3 BY CRON in the manual page.
recipe() {
	awk '/^\.Sh FROM S3 BY CRON/ { on = 1; next }
	    /^\.Sh/ { on = 0 }
	    /^\.Bd/ { block = on; next }
	    /^\.Ed/ { block = 0 }
	    block' "$TOP/man/rc-import.1" | sed 's/\\e/\\/g'
}

@test "rc-import(1): from S3 by cron, as the manual page has it" {
	local folder=store/example-lists/sms/upload_2024-03-01_04-00
	mkdir -p "$folder"
	recipe | sed -n '/^phone numbers/,/02$/p' >"$folder/data.csv"
	serve --region eu-central-1 --access-key AKIAEXAMPLE
	rc-channel remove acme
	export TWILIO=AC00000000000000000000000000000000 TOKEN=token
	echo s3cret/KEY+ >secret.txt
	recipe | sed -n '/^rc-channel add/,/--status/p' |
		sed "s,--list-region,--list-endpoint http://127.0.0.1:$PORT &," \
			>script
	[ "$(grep -c '^rc-' script)" -eq 5 ]
	run --separate-stderr bash -e script
	[ "$status" -eq 0 ] || { echo "$output$stderr"; return 1; }
	[ "$(rc-optin list | xargs)" = '12025550101 12025550102' ]
	[ ! -e secret.txt ]
	recipe | sed -n '/^{$/,/^}$/p' | jq -e '[.Statement[].Action] ==
		["s3:ListBucket", "s3:GetObject"]'
	# What cron runs: a clean environment, no terminal, no input.
	cp -r "$folder" "${folder%-00}-01"
	recipe | sed -n 's/^17 \* \* \* \* //p' >crontab
	run env -i PATH="$PATH" RC_STATE="$RC_STATE" \
		RC_KEY_FILE="$RC_KEY_FILE" sh crontab </dev/null
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	rc-import --status | grep upload_2024-03-01_04-01
	# Other stores.
	recipe | sed -n '/^rc-channel set acme --list-endpoint/,/[^\]$/p' >others
	[ "$(grep -c endpoint others)" -eq 2 ]
	bash -e others
}
