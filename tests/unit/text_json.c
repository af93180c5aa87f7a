#include "text/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* From a copy without a NUL behind it, so that reading past it shows. */
static struct rc_json *
parse(const char *text)
{
	size_t len = strlen(text);
	char *copy = malloc(len);
	struct rc_json *doc;
	struct rc_error e;

	assert_non_null(copy);
	memcpy(copy, text, len);
	if (rc_json_parse(&doc, (struct rc_slice){copy, len}, &e) != RC_OK)
		fail_msg("%s: %s", text, e.msg);
	free(copy);
	return doc;
}

static void
assert_refused(struct rc_slice text, const char *why)
{
	struct rc_json *doc;
	struct rc_error e = {0};

	assert_int_equal(rc_json_parse(&doc, text, &e), RC_EDATA);
	assert_null(doc);
	if (strstr(e.msg, why) == NULL)
		fail_msg("%.*s: '%s' is not '%s'", (int)text.len, text.p, e.msg,
		    why);
}

static void
assert_text(const struct rc_json_value *v, const char *want)
{
	struct rc_buf out = RC_BUF_INIT(1000);

	rc_json_to_text(v, &out);
	assert_string_equal(rc_buf_str(&out), want);
	rc_buf_free(&out);
}

static void
values_are_found_by_key_index_and_pointer(void **state)
{
	struct rc_json *doc = parse("\xef\xbb\xbf {\"a\":[1,{\"b\":\"x\"}],"
				    "\"A\":true,\"m/n\":2,\"~\":3,\"\":4,"
				    "\"n\":null} ");
	const struct rc_json_value *v = rc_json_root(doc);

	(void)state;
	assert_int_equal(rc_json_type(v), RC_JSON_OBJECT);
	assert_int_equal(rc_json_count(v), 6);
	assert_true(rc_json_bool(rc_json_get(v, "A")));
	assert_int_equal(rc_json_count(rc_json_get(v, "a")), 2);
	assert_true(rc_json_at(rc_json_get(v, "a"), 2) == NULL);
	assert_text(rc_json_pointer(v, "/a/1/b"), "x");
	assert_text(rc_json_pointer(v, "/m~1n"), "2");
	assert_text(rc_json_pointer(v, "/~0"), "3");
	assert_text(rc_json_pointer(v, "/"), "4");
	assert_true(rc_json_pointer(v, "") == v);
	assert_int_equal(rc_json_type(rc_json_pointer(v, "/n")), RC_JSON_NULL);
	assert_true(rc_slice_is(rc_json_key(rc_json_first(v)), "a"));
	rc_json_free(doc);
}

static void
what_is_not_there_is_absent(void **state)
{
	struct rc_json *doc = parse("{\"a\":[1],\"s\":\"x\"}");
	const struct rc_json_value *v = rc_json_root(doc);
	static const char *const nowhere[] = {
	    "a", "/b", "/a/01", "/a/-", "/a/1", "/a/0/0", "/s/0", "/~2", "/~"};

	(void)state;
	for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++)
		assert_null(rc_json_pointer(v, nowhere[i]));
	assert_null(rc_json_get(v, "S"));
	assert_null(rc_json_get(rc_json_get(v, "a"), "a"));
	assert_int_equal(rc_json_type(NULL), RC_JSON_ABSENT);
	assert_int_equal(rc_json_count(NULL), 0);
	assert_int_equal(rc_json_str(NULL).len, 0);
	assert_int_equal(rc_json_str(rc_json_get(v, "a")).len, 0);
	assert_false(rc_json_bool(rc_json_get(v, "s")));
	assert_null(rc_json_first(rc_json_get(v, "s")));
	assert_null(rc_json_next(NULL));
	assert_text(NULL, "");
	rc_json_free(doc);
}

static void
a_number_keeps_its_text(void **state)
{
	struct rc_json *doc = parse("{\"4\\\"5\":9007199254740993,"
				    "\"b\":[-4350463893986789401,1.10,\"7\"],"
				    "\"c\":1E+2,\"d\":-0}");
	const struct rc_json_value *v = rc_json_root(doc);
	struct rc_buf out = RC_BUF_INIT(1000);
	struct rc_json_writer w = rc_json_writer_start(&out);
	struct rc_error e;

	(void)state;
	assert_text(rc_json_first(v), "9007199254740993");
	assert_text(rc_json_pointer(v, "/b/0"), "-4350463893986789401");
	assert_text(rc_json_pointer(v, "/b/1"), "1.10");
	assert_text(rc_json_pointer(v, "/b/2"), "7");
	assert_text(rc_json_get(v, "c"), "1E+2");
	rc_jw_value(&w, v);
	assert_int_equal(rc_jw_finish(&w, &e), RC_OK);
	assert_string_equal(rc_buf_str(&out),
	    "{\"4\\\"5\":9007199254740993,"
	    "\"b\":[-4350463893986789401,1.10,\"7\"],\"c\":1E+2,\"d\":-0}");
	rc_buf_free(&out);
	rc_json_free(doc);
}

static void
a_number_ends_where_the_text_ends(void **state)
{
	struct rc_json *doc;
	struct rc_error e;

	(void)state;
	assert_int_equal(
	    rc_json_parse(&doc, (struct rc_slice){"1234", 2}, &e), RC_OK);
	assert_text(rc_json_root(doc), "12");
	rc_json_free(doc);
}

static void
text_that_is_not_json_is_refused_with_its_byte(void **state)
{
	static const char *const wrong[][2] = {
	    {"", "byte 1: a value is expected"}, {"  ", "byte 3"},
	    {"{} x", "byte 4: more follows"}, {"{}{}", "byte 3: more follows"},
	    {"[1,]", "byte 4: a value is missing"},
	    {"[1 2]", "byte 4: a comma"}, {"{\"a\" 1}", "byte 6: a colon"},
	    {"{a:1}", "byte 2: a key"}, {"{\"a\":1", "byte 7: a comma or }"},
	    {"[", "byte 2"}, {"tru", "a value"}, {"True", "a value"},
	    {"NaN", "a value"}, {"01", "byte 2: a number starts with 0"},
	    {"-", "byte 2"}, {"+1", "byte 1"}, {".5", "byte 1"},
	    {"1.", "after the point"}, {"1e", "exponent"}, {"-01", "with 0"},
	    {"'a'", "byte 1"}, {"\"a", "does not end"},
	    {"\"a\tb\"", "byte 3: a control character"},
	    {"\"\\x\"", "an escape"}, {"\"\\", "an escape"},
	    {"\"\\u12\"", "four hex digits"}, {"\"\\ud800\"", "half"},
	    {"\"\\ud800\\u0041\"", "half"}, {"\"\\udc00\"", "half"},
	    {"\"\\u0000\"", "\\u0000"}, {"\"\xff\"", "byte 2: not UTF-8"},
	    {"\"\xc0\x80\"", "not UTF-8"}, {"\"\xed\xa0\x80\"", "not UTF-8"},
	    {"\"\xe2\x82\"", "not UTF-8"}, {"1e999", "too large"},
	    {"/**/1", "byte 1"}, {"1 //", "more follows"}};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_refused(rc_slice_str(wrong[i][0]), wrong[i][1]);
	assert_refused(RC_SLICE_LIT("\"a\0b\""), "byte 3");
	assert_refused(RC_SLICE_LIT("1\0"), "byte 2: more follows");
}

static void
a_key_given_twice_is_refused(void **state)
{
	(void)state;
	assert_refused(
	    RC_SLICE_LIT("{\"a\":1,\"b\":2,\"a\":3}"), "the key 'a' is twice");
	assert_refused(RC_SLICE_LIT("[{\"x\":{\"a\":1,\"\\u0061\":3}}]"),
	    "the key 'a' is twice");
	rc_json_free(parse("{\"a\":{\"a\":1},\"A\":{\"a\":2}}"));
}

static void
nesting_ends_at_64(void **state)
{
	char text[200];

	(void)state;
	memset(text, '[', 64);
	memset(text + 64, ']', 64);
	text[128] = '\0';
	rc_json_free(parse(text));
	memset(text, '[', 65);
	memset(text + 65, ']', 65);
	text[130] = '\0';
	assert_refused(rc_slice_str(text), "nested more than 64");
}

static void
a_number_of_64_bytes_is_refused(void **state)
{
	char text[80];
	struct rc_json *doc;

	(void)state;
	memset(text, '7', 63);
	text[63] = '\0';
	doc = parse(text);
	assert_text(rc_json_root(doc), text);
	rc_json_free(doc);
	memset(text, '7', 64);
	text[64] = '\0';
	assert_refused(rc_slice_str(text), "byte 1: a number is too large");
}

static void
a_message_quotes_no_value(void **state)
{
	struct rc_json *doc;
	struct rc_error e;

	(void)state;
	assert_int_equal(rc_json_parse(&doc,
			     RC_SLICE_LIT("{\"auth_token\":\"s3cret\",}"), &e),
	    RC_EDATA);
	assert_null(strstr(e.msg, "s3cret"));
}

static void
strings_come_back_as_they_were_written(void **state)
{
	struct rc_json *doc =
	    parse("\"\\ud83d\\ude00 \\\"\\\\\\/\\b\\f\\n\\r\\t \xe2\x82\xac\"");

	(void)state;
	assert_true(rc_slice_is(rc_json_str(rc_json_root(doc)),
	    "\xf0\x9f\x98\x80 \"\\/\b\f\n\r\t \xe2\x82\xac"));
	rc_json_free(doc);
}

static void
the_writer_writes_every_kind_of_value(void **state)
{
	struct rc_buf out = RC_BUF_INIT(1000);
	struct rc_json_writer w = rc_json_writer_start(&out);
	struct rc_error e;

	(void)state;
	rc_jw_object(&w);
	rc_jw_key(&w, "n");
	rc_jw_u64(&w, UINT64_MAX);
	rc_jw_key(&w, "d");
	rc_jw_array(&w);
	rc_jw_double(&w, 0.1);
	rc_jw_double(&w, -2);
	rc_jw_double(&w, 0.1 + 0.2);
	rc_jw_double(&w, 0.00005);
	rc_jw_double(&w, -1.25e-9);
	rc_jw_double(&w, 2e-15);
	rc_jw_double(&w, 2e15);
	rc_jw_end(&w);
	rc_jw_key(&w, "e");
	rc_jw_object(&w);
	rc_jw_end(&w);
	rc_jw_key(&w, "b");
	rc_jw_bool(&w, false);
	rc_jw_key(&w, "z");
	rc_jw_null(&w);
	rc_jw_key(&w, "t");
	rc_jw_time(&w, 1772366400123);
	rc_jw_key(&w, "absent");
	rc_jw_value(&w, NULL);
	rc_jw_end(&w);
	assert_int_equal(rc_jw_finish(&w, &e), RC_OK);
	assert_string_equal(rc_buf_str(&out),
	    "{\"n\":18446744073709551615,"
	    "\"d\":[0.1,-2,0.30000000000000004,0.00005,"
	    "-0.00000000125,2e-15,2e+15],\"e\":{},\"b\":false,"
	    "\"z\":null,\"t\":\"2026-03-01T12:00:00.123Z\",\"absent\":null}");
	rc_buf_free(&out);
}

enum call {
	OBJ,
	ARR,
	END,
	KEY,
	VAL,
	NAN_,
	STOP
};

static enum rc_err
run_calls(const enum call *calls)
{
	struct rc_buf out = RC_BUF_INIT(1000);
	struct rc_json_writer w = rc_json_writer_start(&out);
	struct rc_error e;
	enum rc_err r;

	for (; *calls != STOP; calls++) {
		if (*calls == OBJ)
			rc_jw_object(&w);
		else if (*calls == ARR)
			rc_jw_array(&w);
		else if (*calls == END)
			rc_jw_end(&w);
		else if (*calls == KEY)
			rc_jw_key(&w, "k");
		else if (*calls == VAL)
			rc_jw_u64(&w, 1);
		else
			rc_jw_double(&w, NAN);
	}
	r = rc_jw_finish(&w, &e);
	rc_buf_free(&out);
	return r;
}

static void
the_writer_refuses_what_would_not_be_json(void **state)
{
	static const enum call wrong[][6] = {{STOP}, {OBJ, STOP}, {END, STOP},
	    {OBJ, END, END, STOP}, {KEY, STOP}, {ARR, KEY, STOP},
	    {ARR, KEY, VAL, END, STOP}, {OBJ, VAL, END, STOP},
	    {OBJ, KEY, END, STOP}, {OBJ, KEY, KEY, VAL, END, STOP},
	    {VAL, VAL, STOP}, {OBJ, END, OBJ, END, STOP},
	    {OBJ, KEY, VAL, VAL, END, STOP}, {NAN_, STOP}};
	static const enum call fine[] = {OBJ, KEY, ARR, VAL, VAL, END, KEY, OBJ,
	    KEY, VAL, END, KEY, VAL, END, STOP};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(run_calls(wrong[i]), RC_EINTERNAL);
	assert_int_equal(run_calls(fine), RC_OK);
}

static void
a_full_buffer_shows_at_the_end(void **state)
{
	struct rc_buf out = RC_BUF_INIT(4);
	struct rc_json_writer w = rc_json_writer_start(&out);
	struct rc_error e;

	(void)state;
	rc_jw_cstr(&w, "longer than that");
	assert_int_equal(rc_jw_finish(&w, &e), RC_EDATA);
	rc_buf_free(&out);
}

static void
escaped_text_is_always_json_and_utf8(void **state)
{
	struct rc_buf out = RC_BUF_INIT(1000);

	(void)state;
	rc_json_escape(
	    &out, RC_SLICE_LIT("a\"\\\n\r\t\x01\x7f\0|\xc3\xa9|\xff|\xe2\x82|"
			       "\xf0\x9f\x98|\xed\xa0\x80|\xc0\xaf"));
	assert_string_equal(rc_buf_str(&out),
	    "a\\\"\\\\\\n\\r\\t\\u0001\\u007f\\u0000|\xc3\xa9|"
	    "\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd|"
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd");
	rc_buf_free(&out);
}

static void
utf8_is_judged_as_the_standard_does(void **state)
{
	static const char *const fine[] = {"", "plain ascii text", "\x7f",
	    "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
	    "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
	    "\xf4\x8f\xbf\xbf"};
	static const char *const wrong[] = {"\x80", "\xc1\xbf", "\xc2",
	    "\xc2\x41", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe1\x80",
	    "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
	    "eight by\xff", "\xf1\x80\x80"};

	(void)state;
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		assert_true(rc_utf8_valid(rc_slice_str(fine[i])));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(rc_utf8_valid(rc_slice_str(wrong[i])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_are_found_by_key_index_and_pointer),
	    cmocka_unit_test(what_is_not_there_is_absent),
	    cmocka_unit_test(a_number_keeps_its_text),
	    cmocka_unit_test(a_number_ends_where_the_text_ends),
	    cmocka_unit_test(text_that_is_not_json_is_refused_with_its_byte),
	    cmocka_unit_test(a_key_given_twice_is_refused),
	    cmocka_unit_test(nesting_ends_at_64),
	    cmocka_unit_test(a_number_of_64_bytes_is_refused),
	    cmocka_unit_test(a_message_quotes_no_value),
	    cmocka_unit_test(strings_come_back_as_they_were_written),
	    cmocka_unit_test(the_writer_writes_every_kind_of_value),
	    cmocka_unit_test(the_writer_refuses_what_would_not_be_json),
	    cmocka_unit_test(a_full_buffer_shows_at_the_end),
	    cmocka_unit_test(escaped_text_is_always_json_and_utf8),
	    cmocka_unit_test(utf8_is_judged_as_the_standard_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
