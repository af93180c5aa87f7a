load helper

# The walls of the house: who may include what, who may print, exit or read
# the environment.  Each test greps the sources, so it holds for new files too.

local_setup() {
	cd "$TOP" || return 1
}

FLOORS=(base text sys core job face)

@test "a floor includes only itself and the floors below it" {
	local i above bad=0
	for i in "${!FLOORS[@]}"; do
		above=$(printf '|%s' "${FLOORS[@]:i+1}")
		[ "$above" = "|" ] && continue
		! grep -nE "#include \"(${above#|})/" lib/"${FLOORS[i]}"/*.[ch] ||
			bad=1
	done
	[ "$bad" -eq 0 ]
	# The pattern above does find what it looks for.
	grep -qE '#include "(base|text)/' lib/sys/store.h
}

@test "each foreign library is included in one place" {
	only() {
		! grep -lE "#include <$1" bin/*.c lib/*/*.[ch] | grep -vE "$2"
		grep -qE "#include <$1" $3
	}
	only 'lmdb\.h' '^lib/sys/store[a-z_]*\.[ch]$' lib/sys/store*.c
	only 'curl/' '^lib/sys/http\.c$' lib/sys/http.c
	only 'microhttpd\.h' '^lib/sys/httpd\.c$' lib/sys/httpd.c
	only 'openssl/' '^lib/sys/(seal|digest)[a-z_]*\.c$' \
		"lib/sys/seal.c lib/sys/digest.c"
	only 'c[jJ]' '^lib/text/json[a-z_]*\.c$' lib/text/json*.c
	only 'csv\.h' '^lib/text/csv\.c$' lib/text/csv.c
}

@test "only face exits, prints or reads the environment" {
	! grep -nE '\b(exit|_exit|abort|getenv|secure_getenv|puts|printf|perror)\(' \
		lib/{base,text,sys,core,job}/*.[ch]
	! grep -nE '\b(stdout|stderr|stdin)\b' lib/{base,text,sys,core,job}/*.c |
		grep -vE '^[^:]*:[0-9]+:\s*(/?\*|//)|"'
	grep -q 'getenv(' lib/face/cli.c
}

@test "functions that cannot be used safely are not used" {
	! grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|system|popen|alloca)\(' \
		bin/*.c lib/*/*.c
}

@test "every tool has a man page, a test and a floor to call" {
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
		help=$("$RC_BIN/$tool" --help | grep -oE '^ +(-., )?--[a-z0-9-]+' |
			grep -oE -- '--[a-z0-9-]+' | sort -u)
		page=$(grep -oE '(Fl|Op Fl) .*' "man/$tool.1" |
			grep -oE -- '-(-|\\-)[a-z0-9-]+|Fl [a-z]* ?-[a-z0-9-]+' |
			grep -oE -- '-[a-z0-9-]+$' | sed 's/^-*/--/' | sort -u)
		diff <(echo "$help") <(comm -12 <(echo "$help") <(echo "$page")) ||
			{ echo "$tool: not in the man page"; return 1; }
	done
}
