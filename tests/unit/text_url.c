#include "text/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static void
assert_slice(struct rc_slice s, const char *expected)
{
	char text[RC_URL_MAX + 1];

	assert_in_range(s.len, 0, RC_URL_MAX);
	memcpy(text, s.len > 0 ? s.p : "", s.len);
	text[s.len] = '\0';
	assert_string_equal(text, expected);
}

static void
a_url_comes_apart(void **state)
{
	struct rc_url url;
	struct rc_error e;

	(void)state;
	assert_int_equal(
	    rc_url_parse(
		rc_slice_str("HTTPS://u:p@h.example:8443/a/b?c=d#e"), &url, &e),
	    RC_OK);
	assert_true(url.https);
	assert_slice(url.userinfo, "u:p");
	assert_slice(url.host, "h.example");
	assert_int_equal(url.port, 8443);
	assert_true(url.port_given);
	assert_slice(url.path, "/a/b");
	assert_slice(url.query, "c=d");

	assert_int_equal(
	    rc_url_parse(rc_slice_str("http://[2001:db8::1]?q"), &url, &e),
	    RC_OK);
	assert_false(url.https);
	assert_slice(url.host, "2001:db8::1");
	assert_int_equal(url.port, 80);
	assert_false(url.port_given);
	assert_slice(url.path, "");
	assert_slice(url.query, "q");
}

static void
the_host_is_what_follows_the_last_at_sign(void **state)
{
	struct rc_url url;
	struct rc_error e;

	(void)state;
	assert_int_equal(
	    rc_url_parse(
		rc_slice_str("http://127.0.0.1@x@evil.example/"), &url, &e),
	    RC_OK);
	assert_slice(url.host, "evil.example");
	assert_false(rc_url_is_loopback(&url));
}

static void
what_is_no_url_is_refused(void **state)
{
	static const char *const wrong[] = {"", "h", "example.com",
	    "ftp://x.example/", "javascript:alert(1)", "http://", "https:///x",
	    "https://?x", "https://x.example:0/", "https://x.example:65536/",
	    "https://x.example:8x/", "https://x .example/",
	    "https://x.example/a b", "https://x.example/\r\nSet-Cookie: a",
	    "https://x.example/\"><script>", "https://good.example\\@evil/",
	    "https://[::1", "https://[::g]/", "https://[::1]x/",
	    "https://a,b.example/", "https://%31.example/", "https://.x/",
	    "https://x.example/\x7f"};
	struct rc_url url;
	struct rc_error e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (rc_url_parse(rc_slice_str(wrong[i]), &url, &e) != RC_EDATA)
			fail_msg("'%s' was taken for a URL", wrong[i]);
}

static void
a_url_that_is_too_long_is_refused(void **state)
{
	char text[RC_URL_MAX + 2] = "https://x.example/";
	struct rc_url url;
	struct rc_error e;
	size_t len = strlen(text);

	(void)state;
	memset(text + len, 'a', sizeof(text) - len);
	assert_int_equal(
	    rc_url_parse((struct rc_slice){text, RC_URL_MAX}, &url, &e), RC_OK);
	assert_int_equal(
	    rc_url_parse((struct rc_slice){text, RC_URL_MAX + 1}, &url, &e),
	    RC_EDATA);
}

static void
a_refusal_shows_neither_password_nor_query(void **state)
{
	struct rc_url url;
	struct rc_error e;

	(void)state;
	assert_int_equal(
	    rc_url_parse(rc_slice_str("http://u:hunter2@x:0/"), &url, &e),
	    RC_EDATA);
	assert_null(strstr(e.msg, "hunter2"));
	assert_int_equal(
	    rc_url_parse(rc_slice_str("http://x:0/?token=hunter2"), &url, &e),
	    RC_EDATA);
	assert_null(strstr(e.msg, "hunter2"));
	assert_non_null(strstr(e.msg, "http://x:0/"));
}

static bool
loopback(const char *text)
{
	struct rc_url url;
	struct rc_error e;

	assert_int_equal(rc_url_parse(rc_slice_str(text), &url, &e), RC_OK);
	return rc_url_is_loopback(&url);
}

static void
only_this_machine_is_loopback(void **state)
{
	(void)state;
	assert_true(loopback("http://127.0.0.1:8080/"));
	assert_true(loopback("http://127.255.0.9"));
	assert_true(loopback("http://[::1]/"));
	assert_true(loopback("http://[0:0::1]/"));
	assert_true(loopback("http://LocalHost/"));
	assert_true(loopback("http://bucket.localhost:8080/"));
	assert_false(loopback("http://bucketlocalhost/"));
	assert_false(loopback("http://localhost.example/"));
	assert_false(loopback("http://127.0.0.1.evil.example/"));
	assert_false(loopback("http://localhost.evil.example/"));
	assert_false(loopback("http://128.0.0.1/"));
	assert_false(loopback("http://0.0.0.0/"));
	assert_false(loopback("http://[::2]/"));
	assert_false(loopback("http://127.1/"));
}

static void
assert_found(const char *text, const char *expected)
{
	struct rc_slice url, s = rc_slice_str(text);
	struct rc_buf all = RC_BUF_INIT(10000);
	size_t pos = 0;

	while (rc_url_find(s, &pos, &url)) {
		if (all.len > 0)
			rc_buf_addc(&all, ' ');
		rc_buf_addv(&all, url);
	}
	assert_string_equal(rc_buf_str(&all), expected);
	rc_buf_free(&all);
}

static void
urls_are_found_in_running_text(void **state)
{
	(void)state;
	assert_found("no link, http:// neither, nor https://.", "");
	assert_found("a http://a.example b HTTPS://B.example/x",
	    "http://a.example HTTPS://B.example/x");
	assert_found("https://x.example:8080/a?b=c&d=%20#e",
	    "https://x.example:8080/a?b=c&d=%20#e");
	assert_found("<a href=\"https://x.example/\">", "https://x.example/");
	assert_found("xhttps://x.example/", "");
	assert_found("2https://x.example/", "https://x.example/");
	assert_found("https://a,https://b.example", "https://b.example");
	assert_found("line\nhttps://x.example/\nline", "https://x.example/");
}

static void
punctuation_around_a_url_is_not_part_of_it(void **state)
{
	(void)state;
	assert_found("Look: https://x.example/a.", "https://x.example/a");
	assert_found("https://x.example/a?!", "https://x.example/a");
	assert_found("(see https://x.example/a).", "https://x.example/a");
	assert_found("'https://x.example/a',", "https://x.example/a");
	assert_found("[https://x.example/a]", "https://x.example/a");
	assert_found("https://x.example/a_(b)", "https://x.example/a_(b)");
	assert_found("(https://x.example/a_(b))", "https://x.example/a_(b)");
	assert_found("https://x.example/?", "https://x.example/");
	assert_found("https://x.example/a-", "https://x.example/a-");
}

static void
letters_of_alphabets_belong_to_a_url_and_signs_do_not(void **state)
{
	(void)state;
	assert_found("https://x.example/größe los", "https://x.example/größe");
	assert_found("https://пример.рф/а", "https://пример.рф/а");
	assert_found("“https://x.example/a”", "https://x.example/a");
	assert_found("https://x.example/a…", "https://x.example/a");
	assert_found("«https://x.example/a»", "https://x.example/a");
	assert_found("请访问https://x.example/a查看。", "https://x.example/a");
	assert_found("https://x.example/a🎉", "https://x.example/a");
	assert_found("https://x.example/a\xc3", "https://x.example/a");
}

static void
escaping_comes_back(void **state)
{
	struct rc_buf a = RC_BUF_INIT(10000), b = RC_BUF_INIT(10000);
	char all[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	rc_url_escape(&a, (struct rc_slice){all, sizeof(all)});
	assert_true(rc_url_unescape(&b, rc_buf_slice(&a), true));
	assert_int_equal(b.len, sizeof(all));
	assert_memory_equal(b.data, all, sizeof(all));
	rc_buf_reset(&a);
	rc_url_escape(&a, RC_SLICE_LIT("az-._~ &/?=%+\n\xc3\xa9"));
	assert_string_equal(
	    rc_buf_str(&a), "az-._~%20%26%2F%3F%3D%25%2B%0A%C3%A9");
	rc_buf_free(&a);
	rc_buf_free(&b);
}

static void
a_broken_escape_is_told(void **state)
{
	struct rc_buf b = RC_BUF_INIT(100);

	(void)state;
	assert_false(rc_url_unescape(&b, RC_SLICE_LIT("a%"), false));
	assert_false(rc_url_unescape(&b, RC_SLICE_LIT("a%4"), false));
	assert_false(rc_url_unescape(&b, RC_SLICE_LIT("a%4g"), false));
	rc_buf_reset(&b);
	assert_true(rc_url_unescape(&b, RC_SLICE_LIT("a+%2b"), false));
	assert_string_equal(rc_buf_str(&b), "a++");
	rc_buf_free(&b);
}

static void
a_form_comes_back_pair_by_pair(void **state)
{
	struct rc_buf form = RC_BUF_INIT(1000);
	struct rc_buf name = RC_BUF_INIT(100), value = RC_BUF_INIT(100);
	struct rc_slice rest;
	struct rc_error e;

	(void)state;
	rc_form_add(&form, "To", RC_SLICE_LIT("+1555"));
	rc_form_add(&form, "a&b", RC_SLICE_LIT("c=d e"));
	assert_string_equal(rc_buf_str(&form), "To=%2B1555&a%26b=c%3Dd%20e");
	rc_buf_adds(&form, "&&x+y&z=");
	rest = rc_buf_slice(&form);

	assert_int_equal(rc_form_next(&rest, &name, &value, &e), RC_OK);
	assert_string_equal(rc_buf_str(&name), "To");
	assert_string_equal(rc_buf_str(&value), "+1555");
	assert_int_equal(rc_form_next(&rest, &name, &value, &e), RC_OK);
	assert_string_equal(rc_buf_str(&name), "a&b");
	assert_string_equal(rc_buf_str(&value), "c=d e");
	assert_int_equal(rc_form_next(&rest, &name, &value, &e), RC_OK);
	assert_string_equal(rc_buf_str(&name), "x y");
	assert_string_equal(rc_buf_str(&value), "");
	assert_int_equal(rc_form_next(&rest, &name, &value, &e), RC_OK);
	assert_string_equal(rc_buf_str(&name), "z");
	assert_int_equal(rc_form_next(&rest, &name, &value, &e), RC_END);
	rc_buf_free(&form);
	rc_buf_free(&name);
	rc_buf_free(&value);
}

static void
a_form_field_that_is_broken_or_too_long_is_an_error(void **state)
{
	struct rc_buf name = RC_BUF_INIT(4), value = RC_BUF_INIT(4);
	struct rc_slice rest = RC_SLICE_LIT("a=%zz");
	struct rc_error e;

	(void)state;
	assert_int_equal(rc_form_next(&rest, &name, &value, &e), RC_EDATA);
	rest = RC_SLICE_LIT("a=12345");
	assert_int_equal(rc_form_next(&rest, &name, &value, &e), RC_EDATA);
	rest = RC_SLICE_LIT("abcde=1");
	assert_int_equal(rc_form_next(&rest, &name, &value, &e), RC_EDATA);
	rc_buf_free(&name);
	rc_buf_free(&value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_url_comes_apart),
	    cmocka_unit_test(the_host_is_what_follows_the_last_at_sign),
	    cmocka_unit_test(what_is_no_url_is_refused),
	    cmocka_unit_test(a_url_that_is_too_long_is_refused),
	    cmocka_unit_test(a_refusal_shows_neither_password_nor_query),
	    cmocka_unit_test(only_this_machine_is_loopback),
	    cmocka_unit_test(urls_are_found_in_running_text),
	    cmocka_unit_test(punctuation_around_a_url_is_not_part_of_it),
	    cmocka_unit_test(
		letters_of_alphabets_belong_to_a_url_and_signs_do_not),
	    cmocka_unit_test(escaping_comes_back),
	    cmocka_unit_test(a_broken_escape_is_told),
	    cmocka_unit_test(a_form_comes_back_pair_by_pair),
	    cmocka_unit_test(
		a_form_field_that_is_broken_or_too_long_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
