load helper

local_setup() {
	rc-channel add acme --provider http --url http://127.0.0.1:9/x \
		--identifier phoneNumber
}

# event DYID PROPERTIES [CONSENT]: a body on one line.
event() {
	printf '{"user":{"dyid":"%s","active_consent_accepted":%s},' \
		"$1" "${3-true}"
	printf '"events":[{"name":"x","properties":{"dyType":"login-v1",%s}}]}\n' \
		"$2"
}

hash_of() {
	printf "$1" | sha256sum | cut -d' ' -f1
}

@test "the counts of real events add up, and people are found" {
	run rc-identify add "$TOP/examples/events.ndjson"
	[ "$status" -eq 0 ]
	[[ $output == *"300 bodies, 0 refused; 300 events = 270 identifying + 30 without consent + 0 ignored;"* ]]
	jq -r 'select(.user.active_consent_accepted) | .user.dyid' \
		"$TOP/examples/events.ndjson" >ids
	jq -r 'select(.user.active_consent_accepted) |
		.events[0].properties.phoneNumber | ltrimstr("+")' \
		"$TOP/examples/events.ndjson" >phones
	run rc-identify resolve --to phoneNumber <ids
	[ "$status" -eq 0 ]
	[ "$output" = "$(paste ids phones)" ]
}

@test "without consent nothing is tied" {
	event 7 '"cuid":"a","phoneNumber":"12025550101"' false >e
	event 8 '"cuid":"b","phoneNumber":"12025550102"' '"true"' >>e
	rc-identify add -q e
	run --separate-stderr rc-identify show 7
	[ "$status" -eq 1 ] && [ -z "$output" ]
	[ "$stderr" = "rc-identify: warning: nobody is known by the DYID '7'; for\
 another identifier, give an object" ]
	run rc-identify show '{"phoneNumber":"12025550101"}'
	[ "$status" -eq 1 ]
	[[ $output = *"nobody is known by {"* ]]
	run rc-identify resolve --to phoneNumber 8 '{"cuid":"b"}'
	[ "$status" -eq 1 ]
	[ "$output" = $'8\t\nb\t' ]
}

@test "a broken line is named and changes nothing, the others are done" {
	event 1 '"cuid":"a","phoneNumber":"12025550101"' >e
	echo '{"user":{"dyid":"2"}, "events":' >>e
	event 3 '"cuid":"c","phoneNumber":"0151"' >>e
	echo >>e
	event 4 '"cuid":"d","phoneNumber":"12025550104"' >>e
	run rc-identify add e
	[ "$status" -eq 65 ]
	[[ $output == *"line 2 of 'e'"*"line 3 of 'e'"* ]]
	[[ $output == *"4 bodies, 2 refused"*"2 of 4 bodies were refused"* ]]
	run rc-identify resolve --to custom 1 3 4
	[ "$status" -eq 1 ]
	[ "$output" = $'1\ta\n3\t\n4\td' ]
}

@test "a dry run ties nothing" {
	event 1 '"cuid":"a"' >e
	run rc-identify add -n e
	[ "$status" -eq 0 ]
	[[ $output == *"1 identifying"*"(dry run)"* ]]
	run rc-identify show 1
	[ "$status" -eq 1 ]
}

@test "an address is found by its hash, and by what is hashed by mistake" {
	event 1 '"hashedEmail":"'"$(hash_of peter@example.com)"'","phoneNumber":"12025550101"' >e
	event 2 '"cuid":"'"$(hash_of Ada@Example.com)"'","cuidType":"he","phoneNumber":"12025550102"' >>e
	event 3 '"hashedEmail":"'"$(hash_of 'bo@example.com\n')"'","phoneNumber":"12025550103"' >>e
	rc-identify add -q e
	run rc-identify resolve -j --to phoneNumber \
		'{"email":" Peter@Example.com "}' '{"email":"Ada@Example.com"}' \
		'{"email":"bo@example.com"}' '{"email":"nobody@example.com"}'
	[ "$status" -eq 1 ]
	[ "$(jq -r .resolved <<<"$output" | tr '\n' ' ')" = \
		'12025550101 12025550102 12025550103  ' ]
	[[ ${lines[0]} == *"SHA-256 of the lower-cased address"* ]]
	[[ ${lines[1]} == *"not lower-cased"* ]]
	[[ ${lines[2]} == *"line feed"* ]]
	run rc-identify resolve -v --to phoneNumber '{"email":"Ada@Example.com"}'
	[[ $output == *"not lower-cased"* ]]
}

@test "of several devices the newest number wins" {
	event 1 '"cuid":"a","phoneNumber":"12025550101"' | rc-identify add -q
	event 2 '"cuid":"a","phoneNumber":"12025550102"' | rc-identify add -q
	run rc-identify resolve --to phoneNumber '{"cuid":"a"}' 1
	[ "$output" = $'a\t12025550102\n1\t12025550101' ]
	event 1 '"cuid":"a","phoneNumber":"12025550109"' | rc-identify add -q
	run rc-identify resolve --to phoneNumber '{"cuid":"a","cuidType":"id"}'
	[ "$output" = $'a\t12025550109' ]
	run rc-identify show -j '{"cuid":"a"}'
	[ "${#lines[@]}" -eq 4 ]
	[[ $output != *12025550101* ]]
	[[ $output == *'"event":"login"'* ]]
}

@test "a user without a dyid is the one with that cuid, or a new one" {
	event 5 '"cuid":"a"' | rc-identify add -q
	event '' '"cuid":"a","phoneNumber":"12025550105"' | rc-identify add -q
	run rc-identify resolve --to phoneNumber 5
	[ "$output" = $'5\t12025550105' ]
	event '' '"cuid":"new","phoneNumber":"12025550105"' | rc-identify add -q
	run rc-identify show '{"cuid":"new"}'
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} =~ ^-?[0-9]+$'\t' ]]
}

@test "what points to nobody is refused with its line" {
	printf '1\n{"to":\n{"name":"x"}\n' >l
	run rc-identify resolve --to email - <l
	[ "$status" -eq 65 ]
	[[ $output == *"line 2 of stdin"*"line 3 of stdin"* ]]
	run rc-identify resolve 1
	err_is 64 "--to"
	run rc-identify resolve --to fax 1
	err_is 64 "fax"
	run rc-identify show
	err_is 64 operand
	run rc-identify add nope
	err_is 66 nope
}

@test "a file that cannot be opened is one line" {
	run rc-identify add nosuch.ndjson
	err_is 66 "cannot open 'nosuch.ndjson'"
	[ "${#lines[@]}" -eq 1 ]
}
