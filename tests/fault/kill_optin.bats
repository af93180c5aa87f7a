load ../tools/helper
load fault

# kill -9 while rc-optin records more people than fit one transaction.

local_setup() {
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		</dev/null
	seq 15550000000 15550011999 >people
	tac people >backwards
}

# What a run that was killed has recorded: whole batches, from the lowest
# number on, each in an entry of its own with its evidence.
is_whole_batches() {
	local n
	rc-optin list >out_there
	n=$((12000 - $(wc -l <out_there)))
	case $n in
	0 | 5000 | 10000 | 12000) ;;
	*)	echo "$n people are out"
		return 1 ;;
	esac
	diff -q <(tail -n +$((n + 1)) people) out_there
	verify_sound
	rc-optin log --export >export
	[ "$(jq -s 'map(select(.kind == "out") | .removed) | add // 0' export)" \
		-eq "$n" ]
	[ "$(jq -s 'map(select(.kind == "out" and .evidence != "why")) | length' \
		export)" -eq 0 ]
}

@test "a killed rc-optin out has recorded whole batches, and goes on" {
	local n
	rc-optin -q in <backwards
	cp "$RC_STATE" full
	for ((n = 1; ; n++)); do
		cp full "$RC_STATE"
		rm -f "$RC_STATE"-*
		killed_at "$n" rc-optin -q out --evidence why <backwards ||
			{ [ $? -eq 1 ]; break; }
		is_whole_batches
		# Whoever gives the file again misses nobody.
		if [ $((n % 4)) -eq 1 ]; then
			rc-optin -q out <backwards
			[ -z "$(rc-optin list)" ]
			verify_sound
		fi
	done
	[ "$n" -gt 6 ]
	[ -z "$(rc-optin list)" ]
	is_whole_batches
}
