#include "text/ident.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

static const char *
list_reason(enum rc_ident_type type, const char *s)
{
	unsigned char key[RC_IDENT_KEY_MAX];
	size_t key_len;
	bool repaired;

	return rc_ident_list_value(
	    type, rc_slice_str(s), key, &key_len, &repaired);
}

static void
types_go_by_the_names_of_the_api(void **state)
{
	enum rc_ident_type type;
	struct rc_error e;

	(void)state;
	for (int t = RC_IDENT_PHONE; t <= RC_IDENT_CUSTOM; t++) {
		const char *name = rc_ident_type_name((enum rc_ident_type)t);

		assert_int_equal(
		    rc_ident_type_parse(rc_slice_str(name), &type, &e), RC_OK);
		assert_int_equal(type, t);
	}
	assert_int_equal(
	    rc_ident_type_parse(RC_SLICE_LIT("phone"), &type, &e), RC_EUSAGE);
	assert_non_null(strstr(e.msg, "'phone'"));
}

static void
every_type_goes_to_a_key_and_back(void **state)
{
	static const struct {
		enum rc_ident_type type;
		const char *given, *text, *key, *back;
		size_t key_len;
	} cases[] = {
	    {RC_IDENT_PHONE, "+1 555 123-4567", "15551234567",
		"\0\0\0\3\x9e\xed\2\7", "15551234567", 8},
	    {RC_IDENT_EMAIL, " Ada@Example.ORG ", "Ada@Example.ORG",
		"ada@example.org", "ada@example.org", 15},
	    {RC_IDENT_CUSTOM, "Key 7", "Key 7", "Key 7", "Key 7", 5},
	    {RC_IDENT_CUSTOM, " Key 7\t ", "Key 7", "Key 7", "Key 7", 5},
	};
	struct rc_ident id;
	struct rc_error e;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rc_slice key = {cases[i].key, cases[i].key_len};

		assert_int_equal(rc_ident_parse(cases[i].type,
				     rc_slice_str(cases[i].given), &id, &e),
		    RC_OK);
		assert_string_equal(id.text, cases[i].text);
		assert_int_equal(id.key_len, key.len);
		assert_memory_equal(id.key, key.p, key.len);
		memset(&id, 0xff, sizeof(id));
		assert_int_equal(
		    rc_ident_from_key(cases[i].type, key, &id, &e), RC_OK);
		assert_string_equal(id.text, cases[i].back);
		assert_true(
		    id.phone ==
		    (cases[i].type == RC_IDENT_PHONE ? 15551234567 : 0));
	}
}

static void
addresses_that_reach_people_are_accepted(void **state)
{
	static const char *const fine[] = {"a@b.co",
	    "first.last+tag@x-y.example", "a..b@docomo.example", "o'neil@x.org",
	    "jos\xc3\xa9@x.org", "a@m\xc3\xbcnchen.example", "1@2.example",
	    "A@1.2.3.example"};

	(void)state;
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		assert_null(list_reason(RC_IDENT_EMAIL, fine[i]));
}

static void
typing_errors_in_addresses_are_named(void **state)
{
	static const char *const wrong[][2] = {{"", "empty"}, {" ", "empty"},
	    {"ada.example.org", "no at sign"},
	    {"@example.org", "wrong part before the at sign"},
	    {"a b@example.org", "wrong part before the at sign"},
	    {"a,b@example.org", "wrong part before the at sign"},
	    {"a@@example.org", "wrong domain"}, {"a@b@c.org", "wrong domain"},
	    {"a@localhost", "wrong domain"}, {"a@x..org", "wrong domain"},
	    {"a@.x.org", "wrong domain"}, {"a@x.org.", "wrong domain"},
	    {"a@-x.org", "wrong domain"}, {"a@x-.org", "wrong domain"},
	    {"a@x_y.org", "wrong domain"}, {"a@", "wrong domain"},
	    {"a\tb@x.org", "control character"}, {"\xff@x.org", "not UTF-8"}};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *why = list_reason(RC_IDENT_EMAIL, wrong[i][0]);

		assert_non_null(why);
		assert_string_equal(why, wrong[i][1]);
	}
}

/* An address of len bytes with 60 before the at sign. */
static void
make_address(char *out, size_t len)
{
	memset(out, 'x', len);
	out[len] = '\0';
	for (size_t i = 60; i < len - 2; i += 50)
		out[i] = i == 60 ? '@' : '.';
}

static void
lengths_are_bounded_by_what_a_key_holds(void **state)
{
	char text[400];

	(void)state;
	make_address(text, 254);
	assert_null(list_reason(RC_IDENT_EMAIL, text));
	make_address(text, 255);
	assert_string_equal(list_reason(RC_IDENT_EMAIL, text), "too long");
	memset(text, 'x', 251);
	text[251] = '\0';
	assert_string_equal(list_reason(RC_IDENT_CUSTOM, text), "too long");
	text[250] = '\0';
	assert_null(list_reason(RC_IDENT_CUSTOM, text));
}

static void
a_custom_id_is_any_text_but_control_characters(void **state)
{
	unsigned char key[RC_IDENT_KEY_MAX];
	size_t key_len;
	bool repaired;

	(void)state;
	assert_null(list_reason(RC_IDENT_CUSTOM, " AbC \xe2\x82\xac "));
	assert_string_equal(list_reason(RC_IDENT_CUSTOM, ""), "empty");
	assert_string_equal(
	    list_reason(RC_IDENT_CUSTOM, "a\nb"), "control character");
	assert_string_equal(
	    list_reason(RC_IDENT_CUSTOM, "\xed\xa0\x80"), "not UTF-8");
	assert_string_equal(rc_ident_list_value(RC_IDENT_CUSTOM,
				RC_SLICE_LIT("a\0b"), key, &key_len, &repaired),
	    "control character");
}

static void
a_list_is_stricter_than_the_command_line(void **state)
{
	unsigned char key[RC_IDENT_KEY_MAX];
	size_t key_len = 0;
	bool repaired = false;

	(void)state;
	assert_string_equal(
	    list_reason(RC_IDENT_PHONE, "1 555 1234567"), "not a digit");
	assert_null(rc_ident_list_value(RC_IDENT_PHONE,
	    RC_SLICE_LIT("+15551234567"), key, &key_len, &repaired));
	assert_true(repaired);
	assert_int_equal(key_len, 8);
	assert_null(rc_ident_list_value(RC_IDENT_PHONE,
	    RC_SLICE_LIT("15551234567"), key, &key_len, &repaired));
	assert_false(repaired);
}

static void
a_refusal_quotes_the_text_and_says_why(void **state)
{
	struct rc_ident id;
	struct rc_error e;

	(void)state;
	assert_int_equal(rc_ident_parse(RC_IDENT_PHONE,
			     RC_SLICE_LIT("0171 2345678"), &id, &e),
	    RC_EDATA);
	assert_string_equal(
	    e.msg, "'0171 2345678' is no phone number: leading zero");
	assert_int_equal(
	    rc_ident_parse(RC_IDENT_EMAIL, RC_SLICE_LIT("ada"), &id, &e),
	    RC_EDATA);
	assert_string_equal(e.msg, "'ada' is no e-mail address: no at sign");
	assert_int_equal(
	    rc_ident_parse(RC_IDENT_CUSTOM, RC_SLICE_LIT(" "), &id, &e),
	    RC_EDATA);
	assert_string_equal(e.msg, "'' is no custom identifier: empty");
}

static void
a_key_of_the_wrong_size_is_refused(void **state)
{
	struct rc_ident id;
	struct rc_error e;
	char long_key[RC_IDENT_KEY_MAX + 1] = {'x'};

	(void)state;
	assert_int_equal(
	    rc_ident_from_key(RC_IDENT_PHONE, RC_SLICE_LIT("1234567"), &id, &e),
	    RC_EINTERNAL);
	assert_int_equal(
	    rc_ident_from_key(RC_IDENT_EMAIL, RC_SLICE_LIT(""), &id, &e),
	    RC_EINTERNAL);
	assert_int_equal(
	    rc_ident_from_key(RC_IDENT_CUSTOM,
		(struct rc_slice){long_key, sizeof(long_key)}, &id, &e),
	    RC_EINTERNAL);
}

static void
every_byte_is_judged_wherever_it_stands(void **state)
{
	char text[32];

	(void)state;
	for (size_t len = 1; len <= 24; len++)
		for (size_t at = 0; at < len; at++)
			for (int c = 1; c < 256; c++) {
				const char *why;

				memset(text, 'x', len);
				text[len] = '\0';
				text[at] = (char)c;
				why = list_reason(RC_IDENT_CUSTOM, text);
				if (c < 0x20 || c == 0x7f)
					assert_string_equal(
					    why, "control character");
				else if (c >= 0x80)
					assert_string_equal(why, "not UTF-8");
				else
					assert_null(why);
			}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(types_go_by_the_names_of_the_api),
	    cmocka_unit_test(every_type_goes_to_a_key_and_back),
	    cmocka_unit_test(addresses_that_reach_people_are_accepted),
	    cmocka_unit_test(typing_errors_in_addresses_are_named),
	    cmocka_unit_test(lengths_are_bounded_by_what_a_key_holds),
	    cmocka_unit_test(a_custom_id_is_any_text_but_control_characters),
	    cmocka_unit_test(every_byte_is_judged_wherever_it_stands),
	    cmocka_unit_test(a_list_is_stricter_than_the_command_line),
	    cmocka_unit_test(a_refusal_quotes_the_text_and_says_why),
	    cmocka_unit_test(a_key_of_the_wrong_size_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
