# Loaded after helper by the tests of what sends: a channel to the sandbox and
# people on its list, and what came of a campaign.  TOKEN is in local_setup.

# add_channel NAME [OPTION]...: one of the sandbox's Twilio, without a cap.
add_channel() {
	rc-channel add "$1" --provider twilio --from +15005550006 \
		--account-sid AC00000000000000000000000000000000 \
		--auth-token env:TOKEN --base-url "$SANDBOX" --cap none \
		--short-base https://s.example "${@:2}" </dev/null
}

# import: numbers on stdin, one a line, are the list of channel sms.
import() {
	{ echo 'phone numbers'; cat; } | rc-import -q -c sms - >/dev/null
}

# add_people N: 12025550000 and up, into "people" and the list of channel sms.
add_people() {
	seq 12025550000 $((12025550000 + $1 - 1)) >people
	import <people
}

# texted [LOG]...: whom the provider took a message for, sorted, without '+'.
texted() {
	jq -r 'select(.event == "message").to | ltrimstr("+")' \
		"${@:-sandbox.ndjson}" | sort
}

# bodies: what it took, one message a line.
bodies() {
	jq -r 'select(.event == "message").body' sandbox.ndjson
}

# log_has N: it took N messages, or more.
log_has() {
	[ "$(grep -c '"event":"message"' sandbox.ndjson)" -ge "$1" ]
}

# outcomes FILE: how many records have which, "98 accepted, 2 rejected".
outcomes() {
	cut -f2 "$1" | sort | uniq -c | awk '{
		n = $1; $1 = ""; printf "%s%d%s", sep, n, $0; sep = ", " }'
}

# of OUTCOME FILE: whose records have it, sorted.
of() { awk -F'\t' -v o="$1" '$2 == o { print $1 }' "$2" | sort; }

# status FIELD: of campaign spring.
status() { rc-send -q -k spring --status -j | jq ".$1"; }

# by SECONDS|/FILE COMMAND...: with a clock that is that much ahead.
by() {
	CLOCK_SHIFT=$1 LD_PRELOAD=$RC_BUILD/tests/fault/shiftclock.so "${@:2}"
}

# The preloaded clock does not go with sanitizers, which want to be first.
can_shift() {
	[ -z "${RC_SANITIZER-}" ] || skip "the clock cannot be shifted"
}
