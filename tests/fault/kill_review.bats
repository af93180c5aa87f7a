load ../tools/helper
load fault

# kill -9 while replies are decided.

@test "a reply whose decision is killed waits, or its sender is suppressed" {
	local n waiting before=0
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		</dev/null
	seq 15550000001 15550000003 >people
	rc-optin -q in <people
	while read -r n; do
		"$RC_BUILD/tests/tools/reply" "$n" 'stop it'
	done <people
	cp state.mdb waiting.mdb
	for ((n = 1; ; n++)); do
		cp waiting.mdb state.mdb
		killed_at "$n" rc-optin -q review --out 1 2 3 || break
		rc-optin verify >/dev/null
		rc-optin review | cut -f 2 >waiting
		rc-optin list --suppressed | sort - waiting | cmp - people
		waiting=$(wc -l <waiting)
		before=$((before + waiting))
		# They can be decided now.
		rc-optin review | rc-optin -q review --out >/dev/null
		rc-optin list --suppressed | cmp - people
		run -0 rc-optin review -q
	done
	echo "killed $((n - 1)) times, $before replies waited"
	[ "$before" -gt 3 ]
	[ "$before" -lt $((3 * (n - 1))) ]
}
