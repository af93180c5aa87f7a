#include "text/template.h"

#include "text/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *value;
} known[] = {
    {"User identifier", "15551234567"},
    {"User data|profiles|first name", "Ada"},
    {"Message text", "Come back: https://inner.example/x ${Campaign}"},
    {"Message ID", "00c0ffee00c0ffee"},
    {"Campaign", "spring"},
    {"empty", ""},
    {"odd", "a\"b\\c/d\b\f\n\r\t\x01\x1f\x7f<é🎉"},
    {"query", "a b&c=d/é+1%"},
    {"path", "shoes/red & blue"},
    {"site", "https://shop.example:8443"},
    {"country", "de"},
    {"price", "9.99"},
};

static enum rc_err
lookup(void *arg, struct rc_slice name, struct rc_buf *out, struct rc_error *e)
{
	size_t i;

	(void)arg;
	if (rc_slice_is(name, "fails"))
		return rc_err_set(e, RC_EIO, "lookup failed");
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (rc_slice_is(name, known[i].name)) {
			rc_buf_adds(out, known[i].value);
			return RC_OK;
		}
	rc_buf_adds(out, "leftover"); /* must not be seen */
	return RC_NOTFOUND;
}

/* A link shows its number and the URL it was given. */
static enum rc_err
link_url(void *arg, unsigned index, struct rc_slice url, struct rc_buf *out,
    struct rc_error *e)
{
	(void)arg;
	(void)e;
	rc_buf_addf(out, "<%u:%.*s>", index, (int)url.len, url.p);
	return RC_OK;
}

static const struct rc_template_vars with_links = {lookup, link_url, NULL};
static const struct rc_template_vars without_links = {lookup, NULL, NULL};

static enum rc_err
render(enum rc_template_kind kind, const char *source,
    const struct rc_template_vars *vars, struct rc_buf *out, struct rc_error *e)
{
	struct rc_template *t;
	char *copy = strdup(source); /* the template keeps none of it */
	enum rc_err err = rc_template_compile(&t, kind, rc_slice_str(copy), e);

	free(copy);
	if (err == RC_OK)
		err = rc_template_render(t, vars, out, e);
	rc_template_free(t);
	return err;
}

static void
assert_renders(enum rc_template_kind kind, const char *source,
    const struct rc_template_vars *vars, const char *expected)
{
	struct rc_buf out = RC_BUF_INIT(100000);
	struct rc_error e;

	if (render(kind, source, vars, &out, &e) != RC_OK)
		fail_msg("'%s': %s", source, e.msg);
	assert_string_equal(rc_buf_str(&out), expected);
	rc_buf_free(&out);
}

static void
text_is(const char *source, const char *expected)
{
	assert_renders(RC_TEMPLATE_TEXT, source, &with_links, expected);
}

static void
json_is(const char *source, const char *expected)
{
	assert_renders(RC_TEMPLATE_JSON, source, &with_links, expected);
}

static void
assert_refused(enum rc_template_kind kind, const char *source, const char *part)
{
	struct rc_template *t;
	struct rc_error e;

	if (rc_template_compile(&t, kind, rc_slice_str(source), &e) != RC_EDATA)
		fail_msg("'%s' was compiled", source);
	assert_null(t);
	if (strstr(e.msg, part) == NULL)
		fail_msg("'%s': message is '%s'", source, e.msg);
}

/* --- variables ------------------------------------------------------------ */

static void
every_form_of_variable_is_filled_in(void **state)
{
	(void)state;
	text_is("", "");
	text_is("plain", "plain");
	text_is("${User identifier}", "15551234567");
	text_is("+${User identifier}!", "+15551234567!");
	text_is("Hi ${User data|profiles|first name},", "Hi Ada,");
	text_is("${Message ID}/${Campaign}", "00c0ffee00c0ffee/spring");
	text_is("${country}${country}", "dede");
	text_is("a${empty}b", "ab");
}

static void
a_fallback_stands_in_for_what_is_missing_or_empty(void **state)
{
	(void)state;
	text_is("Hi ${first_name:-friend}!", "Hi friend!");
	text_is("Hi ${first_name:-}!", "Hi !");
	text_is("Hi ${empty:-friend}!", "Hi friend!");
	text_is("${country:-us}", "de");
	text_is("${no:-${nor:-${country}}}", "de");
	text_is("${no:-a ${Campaign} b}c", "a spring bc");
	text_is("${no:-:-}", ":-");
	text_is("${no:-$5}", "$5");
	text_is("${no:-$${x}}", "${x}");
	text_is("${link:-fallback}", "fallback");
	text_is("${User data|no|such:-you}", "you");
}

static void
a_dollar_is_literal_unless_it_begins_a_variable(void **state)
{
	(void)state;
	text_is("$5 $ $$ {x} }", "$5 $ $$ {x} }");
	text_is("$${name}", "${name}");
	text_is("$$${price}", "$9.99");
	text_is("$$$${price}", "$${price}");
	text_is("a $", "a $");
	text_is("$${", "${");
}

static void
a_value_is_never_scanned_again(void **state)
{
	(void)state;
	text_is("${Message text}",
	    "Come back: https://inner.example/x ${Campaign}");
}

static void
a_missing_value_fails_and_leaves_nothing(void **state)
{
	struct rc_buf out = RC_BUF_INIT(1000);
	struct rc_error e;

	(void)state;
	rc_buf_adds(&out, "kept");
	assert_int_equal(render(RC_TEMPLATE_TEXT, "Hi ${first_name}!",
			     &with_links, &out, &e),
	    RC_EDATA);
	assert_string_equal(e.msg, "no value for ${first_name}");
	assert_string_equal(rc_buf_str(&out), "kept");
	assert_int_equal(
	    render(RC_TEMPLATE_TEXT, "a${fails:-b}", &with_links, &out, &e),
	    RC_EIO);
	assert_string_equal(rc_buf_str(&out), "kept");
	rc_buf_free(&out);
}

static void
names_are_exact(void **state)
{
	struct rc_buf out = RC_BUF_INIT(1000);
	struct rc_error e;

	(void)state;
	assert_int_equal(
	    render(RC_TEMPLATE_TEXT, "${campaign}", &with_links, &out, &e),
	    RC_EDATA);
	assert_int_equal(
	    render(RC_TEMPLATE_TEXT, "${ Campaign}", &with_links, &out, &e),
	    RC_EDATA);
	rc_buf_free(&out);
}

static void
a_message_that_is_too_long_fails(void **state)
{
	struct rc_buf out = RC_BUF_INIT(10);
	struct rc_error e;

	(void)state;
	assert_int_equal(render(RC_TEMPLATE_TEXT, "0123456789${country}",
			     &with_links, &out, &e),
	    RC_EDATA);
	assert_int_equal(out.len, 0);
	rc_buf_free(&out);
}

static void
what_is_malformed_is_refused(void **state)
{
	(void)state;
	assert_refused(RC_TEMPLATE_TEXT, "a ${name", "'${name' is not closed");
	assert_refused(RC_TEMPLATE_TEXT, "${", "not closed");
	assert_refused(RC_TEMPLATE_TEXT, "${a:-b", "not closed");
	assert_refused(RC_TEMPLATE_TEXT, "${a:-${b}", "not closed");
	assert_refused(RC_TEMPLATE_TEXT, "${a\n}", "not closed");
	assert_refused(RC_TEMPLATE_TEXT, "${a ${b}}", "not closed");
	assert_refused(
	    RC_TEMPLATE_TEXT, "${link:https://x.example", "link:URL");
	assert_refused(RC_TEMPLATE_TEXT, "${}", "no name");
	assert_refused(RC_TEMPLATE_TEXT, "${:-x}", "no name");
	assert_refused(RC_TEMPLATE_TEXT, "\xff", "UTF-8");
	assert_refused(RC_TEMPLATE_TEXT,
	    "${a:-${a:-${a:-${a:-${a:-${a:-${a:-${a:-${a:-x}}}}}}}}}",
	    "too deeply");
}

static void
a_byte_order_mark_is_dropped(void **state)
{
	(void)state;
	text_is("\xef\xbb\xbfHi", "Hi");
	json_is("\xef\xbb\xbf{\"a\":1}", "{\"a\":1}");
}

static void
the_names_can_be_listed(void **state)
{
	struct rc_template *t;
	struct rc_error e;

	(void)state;
	assert_int_equal(
	    rc_template_compile(&t, RC_TEMPLATE_TEXT,
		RC_SLICE_LIT("${b} ${a:-${c}} ${b} https://x.example/${d}"),
		&e),
	    RC_OK);
	assert_true(rc_slice_is(rc_template_var(t, 0), "b"));
	assert_true(rc_slice_is(rc_template_var(t, 1), "a"));
	assert_true(rc_slice_is(rc_template_var(t, 2), "c"));
	assert_true(rc_slice_is(rc_template_var(t, 3), "d"));
	assert_int_equal(rc_template_var(t, 4).len, 0);
	rc_template_free(t);
}

static bool
needs(const char *source, const char *name)
{
	struct rc_template *t;
	struct rc_error e;
	bool answer;

	assert_int_equal(
	    rc_template_compile(&t, RC_TEMPLATE_TEXT, rc_slice_str(source), &e),
	    RC_OK);
	answer = rc_template_needs(t, rc_slice_str(name));
	rc_template_free(t);
	return answer;
}

static void
a_variable_is_needed_where_nothing_stands_in_for_it(void **state)
{
	(void)state;
	assert_true(needs("Hi ${a}", "a"));
	assert_true(needs("${a:-x} ${a}", "a"));
	assert_true(needs("${b:-x}${a}", "a"));
	assert_true(needs("https://x.example/${a}", "a"));
	assert_true(needs("${link:https://x.example/?q=${a}}", "a"));
	assert_false(needs("", "a"));
	assert_false(needs("Hi ${aa}", "a"));
	assert_false(needs("${a:-}", "a"));
	assert_false(needs("${b:-${a}}", "a"));
	assert_false(needs("https://x.example/${b:-${a}}", "a"));
}

static bool
shows(const char *source, const char *name)
{
	struct rc_template *t;
	struct rc_error e;
	bool answer;

	assert_int_equal(
	    rc_template_compile(&t, RC_TEMPLATE_JSON, rc_slice_str(source), &e),
	    RC_OK);
	answer = rc_template_shows(t, rc_slice_str(name));
	rc_template_free(t);
	return answer;
}

static void
a_variable_is_shown_where_its_value_always_stands_as_it_is(void **state)
{
	(void)state;
	assert_true(shows("{\"x\":\"${a}\"}", "a"));
	assert_true(shows("{\"x\":\"${b:-${c}} ${a:-d}\"}", "a"));
	assert_true(
	    shows("{\"x\":\"https://x.example/${a}\",\"y\":\"${a}\"}", "a"));
	assert_false(shows("{\"x\":\"y\"}", "a"));
	assert_false(shows("{\"x\":\"${aa}\"}", "a"));
	assert_false(shows("{\"x\":\"${b:-${a}}\"}", "a"));
	assert_false(shows("{\"x\":\"https://x.example/${a}\"}", "a"));
	assert_false(shows("{\"x\":\"See https://x.example/?q=${a}\"}", "a"));
	assert_false(shows("{\"x\":\"${link:https://x.example/${a}}\"}", "a"));
}

/* --- links ---------------------------------------------------------------- */

static void
urls_in_a_text_become_links(void **state)
{
	(void)state;
	text_is("https://x.example/a", "<0:https://x.example/a>");
	text_is("See https://x.example/a, or (http://y.example).",
	    "See <0:https://x.example/a>, or (<1:http://y.example>).");
	text_is("https://x.example/a https://y.example/ https://x.example/a",
	    "<0:https://x.example/a> <1:https://y.example/> "
	    "<0:https://x.example/a>");
	text_is(
	    "${Campaign}https://x.example/", "spring<0:https://x.example/>");
}

static void
variables_in_a_url_are_percent_encoded(void **state)
{
	(void)state;
	text_is("https://x.example/?u=${User identifier}&v=1.",
	    "<0:https://x.example/?u=15551234567&v=1>.");
	text_is("https://x.example/?q=${query}#${query}",
	    "<0:https://x.example/?q=a%20b%26c%3Dd%2F%C3%A9%2B1%25#"
	    "a%20b%26c%3Dd%2F%C3%A9%2B1%25>");
	text_is("https://x.example/${path}/${path}?${path}",
	    "<0:https://x.example/shoes/red%20%26%20blue/"
	    "shoes/red%20%26%20blue?shoes%2Fred%20%26%20blue>");
	text_is(
	    "(https://${country}.x.example/)", "(<0:https://de.x.example/>)");
	text_is("https://x.example/${no:-a/b?c=${query}}",
	    "<0:https://x.example/a/b?c=a%20b%26c%3Dd%2F%C3%A9%2B1%25>");
}

static void
a_value_that_breaks_its_url_fails(void **state)
{
	struct rc_buf out = RC_BUF_INIT(1000);
	struct rc_error e;

	(void)state;
	assert_int_equal(
	    render(RC_TEMPLATE_TEXT, "https://${path}/", &with_links, &out, &e),
	    RC_EDATA);
	assert_int_equal(
	    render(RC_TEMPLATE_TEXT, "${link:${path}}", &with_links, &out, &e),
	    RC_EDATA);
	assert_int_equal(out.len, 0);
	rc_buf_free(&out);
}

static void
a_link_can_be_forced_and_nests_variables(void **state)
{
	(void)state;
	text_is("${link:https://x.example/a}", "<0:https://x.example/a>");
	text_is("${link:https://x.example/?u=${User identifier}}!",
	    "<0:https://x.example/?u=15551234567>!");
	text_is("${link:https://x.example/a.}", "<0:https://x.example/a.>");
	text_is("${link:${site}/a?p=${path}}",
	    "<0:https://shop.example:8443/a?p=shoes%2Fred%20%26%20blue>");
	text_is("${link:https://${no:-y.example}/}", "<0:https://y.example/>");
	text_is("https://x.example/a ${link:https://x.example/a}",
	    "<0:https://x.example/a> <0:https://x.example/a>");
	assert_refused(RC_TEMPLATE_TEXT, "${link:}", "no URL");
	assert_refused(RC_TEMPLATE_TEXT, "${link:shop.example}", "no URL");
	assert_refused(RC_TEMPLATE_TEXT, "${link:ftp://${country}}", "no URL");
	assert_refused(
	    RC_TEMPLATE_TEXT, "${link:http://x.example/ a}", "no URL");
	assert_refused(RC_TEMPLATE_TEXT,
	    "${link:https://x.example/${link:https://y.example}}", "inside");
	assert_refused(
	    RC_TEMPLATE_TEXT, "${a:-${link:https://y.example}}", "inside");
}

static void
urls_that_come_from_variables_and_fallbacks_stay(void **state)
{
	(void)state;
	text_is("${site}", "https://shop.example:8443");
	text_is("${site} ${no:-https://y.example/}",
	    "https://shop.example:8443 https://y.example/");
}

static void
links_can_be_turned_off(void **state)
{
	(void)state;
	assert_renders(RC_TEMPLATE_TEXT,
	    "https://x.example/?${query} ${link:https://y.example}",
	    &without_links,
	    "https://x.example/?a%20b%26c%3Dd%2F%C3%A9%2B1%25 "
	    "https://y.example");
}

static void
each_different_url_is_counted_once(void **state)
{
	struct rc_template *t;
	struct rc_error e;
	bool fixed;

	(void)state;
	assert_int_equal(
	    rc_template_compile(&t, RC_TEMPLATE_TEXT,
		RC_SLICE_LIT("https://a.example https://b.example/${x} "
			     "https://a.example ${link:https://c.example}"),
		&e),
	    RC_OK);
	assert_int_equal(rc_template_nlinks(t), 3);
	assert_true(
	    rc_slice_is(rc_template_link(t, 0, &fixed), "https://a.example"));
	assert_true(fixed);
	assert_true(rc_slice_is(
	    rc_template_link(t, 1, &fixed), "https://b.example/${x}"));
	assert_false(fixed);
	assert_true(
	    rc_slice_is(rc_template_link(t, 2, &fixed), "https://c.example"));
	assert_true(fixed);
	rc_template_free(t);
}

static void
too_many_urls_are_refused(void **state)
{
	struct rc_buf source = RC_BUF_INIT(RC_TEMPLATE_MAX);
	struct rc_template *t;
	struct rc_error e;
	unsigned i;

	(void)state;
	for (i = 0; i < RC_TEMPLATE_LINKS; i++)
		rc_buf_addf(&source, "https://x.example/%u ", i);
	assert_int_equal(rc_template_compile(
			     &t, RC_TEMPLATE_TEXT, rc_buf_slice(&source), &e),
	    RC_OK);
	rc_template_free(t);
	rc_buf_adds(&source, "https://x.example/more");
	assert_int_equal(rc_template_compile(
			     &t, RC_TEMPLATE_TEXT, rc_buf_slice(&source), &e),
	    RC_EDATA);
	rc_buf_free(&source);
}

/* --- any value ------------------------------------------------------------ */

static enum rc_err
give(void *arg, struct rc_slice name, struct rc_buf *out, struct rc_error *e)
{
	(void)name;
	(void)e;
	rc_buf_addv(out, *(const struct rc_slice *)arg);
	return RC_OK;
}

/* Pieces that are special somewhere, and any byte. */
static void
draw_value(struct rc_buf *value)
{
	static const char *const pieces[] = {"\"", "\\", "/", "\b", "\f", "\n",
	    "\r", "\t", "\x01", "\x1f", "\x7f", "\u2028", "\u2029", "</script>",
	    "\\ud800", "🎉", "\u202e", "e\u0301", "${x}", "$${", "}", "{", "%00",
	    "\r\nX: y", "'", "plain", "\uffff", "\xc2\x80"};
	size_t n = (size_t)rand() % 12;

	rc_buf_reset(value);
	while (n-- > 0)
		if (rand() % 8 == 0)
			rc_buf_addc(value, (char)rand());
		else
			rc_buf_adds(value,
			    pieces[(size_t)rand() %
				   (sizeof(pieces) / sizeof(pieces[0]))]);
}

static void
whatever_a_value_holds_comes_back_out_of_the_document(void **state)
{
	static const char source[] = "{\"a\":\"<${x}>\",\"b\":[\"${x}${x}\"],"
				     "\"u\":\"https://h.example/p?${x}\"}";
	struct rc_buf value = RC_BUF_INIT(1000), out = RC_BUF_INIT(10000);
	struct rc_buf twice = RC_BUF_INIT(2000);
	const struct rc_json_value *root;
	struct rc_template *t;
	unsigned refused = 0;
	struct rc_json *json;
	struct rc_error e;

	(void)state;
	srand(1);
	assert_int_equal(
	    rc_template_compile(&t, RC_TEMPLATE_JSON, RC_SLICE_LIT(source), &e),
	    RC_OK);
	for (int i = 0; i < 20000; i++) {
		struct rc_slice text;
		struct rc_template_vars vars = {give, NULL, &text};

		draw_value(&value);
		text = rc_buf_slice(&value);
		rc_buf_reset(&out);
		if (rc_template_render(t, &vars, &out, &e) != RC_OK) {
			assert_int_equal(e.code, RC_EDATA);
			assert_true(memchr(text.p, '\0', text.len) != NULL ||
				    !rc_utf8_valid(text));
			assert_non_null(strstr(e.msg, "the value of ${x} "));
			assert_int_equal(out.len, 0);
			refused++;
			continue;
		}
		assert_int_equal(
		    rc_json_parse(&json, rc_buf_slice(&out), &e), RC_OK);
		root = rc_json_root(json);
		rc_buf_reset(&twice);
		rc_buf_addf(&twice, "<%.*s>", (int)text.len, text.p);
		assert_true(rc_slice_eq(
		    rc_json_str(rc_json_get(root, "a")), rc_buf_slice(&twice)));
		rc_buf_reset(&twice);
		rc_buf_addv(&twice, text);
		rc_buf_addv(&twice, text);
		assert_true(rc_slice_eq(
		    rc_json_str(rc_json_at(rc_json_get(root, "b"), 0)),
		    rc_buf_slice(&twice)));
		rc_json_free(json);
	}
	assert_in_range(refused, 1000, 15000);
	rc_template_free(t);
	rc_buf_free(&value);
	rc_buf_free(&out);
	rc_buf_free(&twice);
}

/* --- documents ------------------------------------------------------------ */

static void
every_special_character_is_escaped_in_json(void **state)
{
	struct rc_buf out = RC_BUF_INIT(1000);
	struct rc_json *json;
	struct rc_error e;

	(void)state;
	assert_int_equal(render(RC_TEMPLATE_JSON, "{\"text\": \"-${odd}-\"}\n",
			     &with_links, &out, &e),
	    RC_OK);
	assert_int_equal(
	    rc_json_parse(&json, rc_slice_trim(rc_buf_slice(&out)), &e), RC_OK);
	assert_true(
	    rc_slice_is(rc_json_str(rc_json_get(rc_json_root(json), "text")),
		"-a\"b\\c/d\b\f\n\r\t\x01\x1f\x7f<é🎉-"));
	rc_json_free(json);
	rc_buf_free(&out);
}

static void
a_document_keeps_its_form(void **state)
{
	(void)state;
	json_is("{ \"to\" : [\"+${User identifier}\"],\n \"n\": 1.50e3, "
		"\"x\": null }",
	    "{ \"to\" : [\"+15551234567\"],\n \"n\": 1.50e3, "
	    "\"x\": null }");
	json_is("\"${Campaign}\"", "\"spring\"");
	json_is("{\"k\\u00e9y\":\"a\\\"b\\n\\u00e9\"}",
	    "{\"k\\u00e9y\":\"a\\\"b\\n\303\251\"}");
	json_is("{\"a\":\"\",\"b\":\"${empty}\"}", "{\"a\":\"\",\"b\":\"\"}");
	json_is(
	    "{\"a\":\"${no:-say \\\"hi\\\"}\"}", "{\"a\":\"say \\\"hi\\\"\"}");
	json_is("{\"a\":\"${User data|profiles|first\\u0020name}\"}",
	    "{\"a\":\"Ada\"}");
}

static void
a_string_that_is_only_a_url_is_left_alone(void **state)
{
	(void)state;
	json_is("{\"cb\":\"https://x.example/cb\",\"t\":\"go "
		"https:\\/\\/x.example/cb\"}",
	    "{\"cb\":\"https://x.example/cb\",\"t\":\"go "
	    "<0:https://x.example/cb>\"}");
	json_is("{\"cb\":\"https://x.example/?q=${query}\"}",
	    "{\"cb\":\"https://x.example/"
	    "?q=a%20b%26c%3Dd%2F%C3%A9%2B1%25\"}");
	json_is("{\"t\":\"${link:https://x.example/}\"}",
	    "{\"t\":\"<0:https://x.example/>\"}");
	json_is(
	    "{\"see https://x.example/\":1}", "{\"see https://x.example/\":1}");
}

static void
what_is_no_json_is_refused(void **state)
{
	(void)state;
	assert_refused(RC_TEMPLATE_JSON, "", "");
	assert_refused(RC_TEMPLATE_JSON, "{\"a\":}", "template");
	assert_refused(RC_TEMPLATE_JSON, "{\"a\":\"b}", "template");
	assert_refused(
	    RC_TEMPLATE_JSON, "{\"a\":${price}}", "outside a string");
	assert_refused(RC_TEMPLATE_JSON, "{\"a\":\"${b\"}", "not closed");
	assert_refused(RC_TEMPLATE_JSON, "{\"${country}\" : 1}", "is a key");
	assert_refused(RC_TEMPLATE_JSON, "{\"$${a}\":1}", "is a key");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_form_of_variable_is_filled_in),
	    cmocka_unit_test(a_fallback_stands_in_for_what_is_missing_or_empty),
	    cmocka_unit_test(a_dollar_is_literal_unless_it_begins_a_variable),
	    cmocka_unit_test(a_value_is_never_scanned_again),
	    cmocka_unit_test(a_missing_value_fails_and_leaves_nothing),
	    cmocka_unit_test(names_are_exact),
	    cmocka_unit_test(a_message_that_is_too_long_fails),
	    cmocka_unit_test(what_is_malformed_is_refused),
	    cmocka_unit_test(a_byte_order_mark_is_dropped),
	    cmocka_unit_test(the_names_can_be_listed),
	    cmocka_unit_test(
		a_variable_is_needed_where_nothing_stands_in_for_it),
	    cmocka_unit_test(
		a_variable_is_shown_where_its_value_always_stands_as_it_is),
	    cmocka_unit_test(urls_in_a_text_become_links),
	    cmocka_unit_test(variables_in_a_url_are_percent_encoded),
	    cmocka_unit_test(a_value_that_breaks_its_url_fails),
	    cmocka_unit_test(a_link_can_be_forced_and_nests_variables),
	    cmocka_unit_test(urls_that_come_from_variables_and_fallbacks_stay),
	    cmocka_unit_test(links_can_be_turned_off),
	    cmocka_unit_test(each_different_url_is_counted_once),
	    cmocka_unit_test(too_many_urls_are_refused),
	    cmocka_unit_test(
		whatever_a_value_holds_comes_back_out_of_the_document),
	    cmocka_unit_test(every_special_character_is_escaped_in_json),
	    cmocka_unit_test(a_document_keeps_its_form),
	    cmocka_unit_test(a_string_that_is_only_a_url_is_left_alone),
	    cmocka_unit_test(what_is_no_json_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
