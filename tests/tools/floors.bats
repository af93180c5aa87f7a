load helper

# The walls of the house: who may include what, who may print, exit or read
# the environment.  Each test greps the sources, so it holds for new files too.

local_setup() {
	cd "$TOP" || return 1
}

FLOORS=(base text sys core job face)

@test "a floor includes only itself and the floors below it" {
	local i above
	for ((i = 0; i + 1 < ${#FLOORS[@]}; i++)); do
		above=$(printf '|%s' "${FLOORS[@]:i+1}")
		absent "#include \"(${above#|})/" lib/"${FLOORS[i]}"/*.[ch]
	done
	# The pattern above does find what it looks for.
	grep -qE '#include "(base|text)/' lib/sys/store.h
}

# only PATTERN PLACES: some file in PLACES includes it, and no other does.
only() {
	local found
	found=$(grep -lE "#include <$1" bin/*.c lib/*/*.[ch])
	grep -qE "$2" <<<"$found" || { echo "nobody includes $1"; return 1; }
	found=$(grep -vE "$2" <<<"$found" || :)
	[ -z "$found" ] || { echo "$1 in $found"; return 1; }
}

@test "each foreign library is included in one place" {
	only 'lmdb\.h' '^lib/sys/store[a-z_]*\.[ch]$'
	only 'curl/' '^lib/sys/http(_[a-z]+\.c|_easy\.h|\.c)$'
	only 'microhttpd\.h' '^lib/sys/httpd(_connection|_request)?\.c$'
	only 'openssl/' '^lib/sys/seal[a-z_]*\.c$'
	only 'cJSON' '^lib/text/json[a-z_]*\.c$'
	only 'csv\.h' '^lib/text/csv\.c$'
	only 'expat\.h' '^lib/sys/s3[a-z_]*\.c$'
}

@test "only face exits, prints or reads the environment" {
	absent '\b(exit|abort|getenv|secure_getenv|puts|printf|perror)\(' \
		lib/{base,text,sys,core,job}/*.[ch]
	absent '\((stdout|stderr|stdin)\b|, ?(stdout|stderr|stdin)\)' \
		lib/{base,text,sys,core,job}/*.c
	grep -q 'getenv(' lib/face/cli.c
}

@test "functions that cannot be used safely are not used" {
	absent '\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|system|popen|alloca)\(' \
		bin/*.c lib/*/*.c
}

@test "every tool has a man page and a test" {
	local tool
	for tool in bin/rc-*.c; do
		tool=$(basename "$tool" .c)
		[ -e "man/$tool.1" ] || { echo "no man page: $tool"; return 1; }
		[ -e "tests/tools/$tool.bats" ] || { echo "no test: $tool"; return 1; }
	done
}

@test "help and man page of a tool list the same options" {
	local tool help page
	for tool in bin/rc-*.c; do
		tool=$(basename "$tool" .c)
		help=$("$RC_BIN/$tool" --help |
			grep -oE '^ +(-., )?--[a-z0-9-]+' |
			grep -oE -- '--[a-z0-9-]+' | sort -u)
		page=$(grep -E '^\.It .*Fl ' "man/$tool.1" |
			grep -oE '(Fl|,) -[a-z0-9-]+' |
			sed -E 's/^(Fl|,) -/--/' | sort -u)
		diff <(echo "$help") <(echo "$page") ||
			{ echo "$tool: < only in --help, > only in the page"; return 1; }
	done
}

@test "tests negate nothing where bash would ignore it" {
	# A line that begins with ! never ends a test, unless it is the last.
	local file
	for file in tests/*/*.bats; do
		awk -v file="$file" '
		    held != "" && !/^}/ { print file ": " held; bad = 1 }
		    { held = /^\t+! / ? $0 : "" }
		    END { exit bad }' "$file"
	done
}
