#include "text/template.h"

#include "base/num.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define BASE "https://s.example/"
#define ROUNDS 20000

/* One person: values by name, and a code for each link. */
struct person {
	const char *id;	      /* ${Message ID}: known */
	const char *value[3]; /* ${v0} ... ${v2}; NULL: none; not known */
	unsigned codes;
	bool forget_links;
	const struct rc_template *message;
	struct rc_buf message_text;
};

static enum rc_err
known(void *arg, struct rc_slice name, struct rc_buf *out, struct rc_error *e)
{
	const struct person *p = arg;

	(void)e;
	if (!rc_slice_is(name, "Message ID"))
		return RC_NOTFOUND;
	rc_buf_adds(out, p->id);
	return RC_OK;
}

static enum rc_err
value(void *arg, struct rc_slice name, struct rc_buf *out, struct rc_error *e)
{
	const struct person *p = arg;
	size_t i = name.len == 2 ? (size_t)(name.p[1] - '0') : 3;

	if (rc_slice_is(name, RC_TEMPLATE_MESSAGE)) {
		rc_buf_addv(out, rc_buf_slice(&p->message_text));
		return RC_OK;
	}
	if (i < 3 && p->value[i] != NULL) {
		rc_buf_adds(out, p->value[i]);
		return RC_OK;
	}
	return known(arg, name, out, e);
}

static enum rc_err
put_link(void *arg, unsigned index, struct rc_slice url, struct rc_buf *out,
    struct rc_error *e)
{
	const struct person *p = arg;

	(void)url;
	(void)e;
	rc_buf_addf(out, BASE "%05u%03u", p->codes, index);
	return RC_OK;
}

static size_t
is_link(void *arg, unsigned index, struct rc_slice text)
{
	const struct person *p = arg;
	char link[64];

	snprintf(link, sizeof(link), BASE "%05u%03u", p->codes, index);
	return rc_slice_starts(text, rc_slice_str(link), NULL) ? strlen(link)
							       : 0;
}

static struct rc_template *
compile(const char *source)
{
	struct rc_template *t;
	struct rc_error e;

	assert_int_equal(
	    rc_template_compile(&t, RC_TEMPLATE_TEXT, rc_slice_str(source), &e),
	    RC_OK);
	return t;
}

static bool
match(const struct rc_template *t, struct person *p, struct rc_slice text)
{
	const struct rc_template_known k = {.lookup = known,
	    .link = p->forget_links ? NULL : is_link,
	    .message = p->message,
	    .arg = p};
	struct rc_error e;
	bool is;

	assert_int_equal(rc_template_match(t, &k, text, &is, &e), RC_OK);
	return is;
}

static bool
render(const struct rc_template *t, struct person *p, struct rc_buf *out)
{
	const struct rc_template_vars vars = {
	    value, p->forget_links ? NULL : put_link, p};
	struct rc_error e;

	rc_buf_reset(out);
	return rc_template_render(t, &vars, out, &e) == RC_OK;
}

static bool
fits(const char *source, const char *text)
{
	struct person p = {.id = "00c0ffee00c0ffee", .codes = 12};
	struct rc_template *t = compile(source);
	bool is = match(t, &p, rc_slice_str(text));

	rc_template_free(t);
	return is;
}

static void
literal_pieces_must_stand_in_their_order(void **arg)
{
	(void)arg;
	assert_true(fits("", ""));
	assert_false(fits("", "x"));
	assert_true(fits("Hello", "Hello"));
	assert_false(fits("Hello", "Hello!"));
	assert_false(fits("Hello", "Hell"));
	assert_true(fits("Hi ${name}, bye", "Hi Ada, bye"));
	assert_true(fits("Hi ${name}, bye", "Hi , bye, bye"));
	assert_false(fits("Hi ${name}, bye", "Hi Ada, by"));
	assert_true(fits("${a}ab${b}ab", "xababab"));
	assert_false(fits("${a}ab${b}ab", "xab"));
	assert_true(fits("${a}", ""));
	assert_true(fits("${a:-you}${b}", "anything at all"));
	assert_true(fits("5 $${x} ${a}", "5 ${x} y"));
	assert_false(fits("${a}b", "bba"));
}

static void
what_is_known_must_be_there(void **arg)
{
	(void)arg;
	assert_true(fits("${Message ID}", "00c0ffee00c0ffee"));
	assert_true(fits("a ${n} ${Message ID:-x}", "a b 00c0ffee00c0ffee"));
	assert_false(fits("${Message ID}", "00c0ffee00c0ffed"));
	assert_true(fits("${n} https://shop.example/", "Ada " BASE "00012000"));
	assert_false(
	    fits("${n} https://shop.example/", "Ada " BASE "00013000"));
	assert_true(fits("${n}https://a.example/ https://b.example/",
	    BASE "00013000" BASE "00012000 " BASE "00012001"));
	assert_false(fits("https://a.example/ https://b.example/",
	    BASE "00012001 " BASE "00012000"));
	assert_false(fits("https://shop.example/", "https://shop.example/"));
}

static void
urls_that_were_not_shortened_are_literal(void **arg)
{
	struct person p = {.id = "x", .forget_links = true};
	struct rc_template *t =
	    compile("See https://shop.example/${v0}?m=${Message ID}!");

	(void)arg;
	assert_true(
	    match(t, &p, RC_SLICE_LIT("See https://shop.example/a?m=b!")));
	assert_false(
	    match(t, &p, RC_SLICE_LIT("See https://shop.example/a?m=b")));
	assert_false(match(t, &p, RC_SLICE_LIT("See " BASE "00012000!")));
	rc_template_free(t);
}

static void
the_message_text_is_matched_within_its_payload(void **arg)
{
	struct person p = {.id = "x", .codes = 3};
	struct rc_template *t = compile("Shop: ${Message text} Bye");
	struct rc_template *inner = compile("Hi ${v0} https://a.example/");

	(void)arg;
	p.message = inner;
	assert_true(
	    match(t, &p, RC_SLICE_LIT("Shop: Hi Ada " BASE "00003000 Bye")));
	assert_false(
	    match(t, &p, RC_SLICE_LIT("Shop: Hi Ada " BASE "00004000 Bye")));
	assert_false(match(t, &p, RC_SLICE_LIT("Shop: Ho Bye")));
	rc_template_free(inner);
	rc_template_free(t);
}

static enum rc_err
failing(void *arg, struct rc_slice name, struct rc_buf *out, struct rc_error *e)
{
	(void)arg;
	(void)name;
	(void)out;
	return rc_err_set(e, RC_EIO, "lookup failed");
}

static void
a_lookup_that_fails_is_told(void **arg)
{
	const struct rc_template_known k = {.lookup = failing};
	struct rc_template *t = compile("${a}");
	struct rc_error e;
	bool is;

	(void)arg;
	assert_int_equal(
	    rc_template_match(t, &k, RC_SLICE_LIT(""), &is, &e), RC_EIO);
	rc_template_free(t);
}

/* --- properties ----------------------------------------------------------- */

static uint64_t draws;

static unsigned
draw(unsigned n)
{
	static const unsigned char key[16] = "template match";

	draws++;
	return (unsigned)(rc_siphash(key, &draws, sizeof(draws)) % n);
}

/* Little variety: so that values look like the literals around them. */
static const char *
word(void)
{
	static const char *const words[] = {"a", "b", "ab", "aa", " ", "",
	    "${v0}", "a b", BASE, "00001000", "é", "\n"};

	return words[draw(12)];
}

static void
random_template(struct rc_buf *out, bool with_link)
{
	static const char *const parts[] = {"a", "b", "ab ", "ba", " ", "${v0}",
	    "${v1}", "${v2}", "${v0:-a}", "${v1:-${v2:-b}}", "${Message ID}",
	    "$${a}", "${Message ID:-b}"};
	static const char *const links[] = {" https://a.example/ ",
	    " https://b.example/${v0}/x ",
	    "${link:https://a.example/?q=${v1}}"};
	unsigned n = draw(8), at = draw(n + 1);

	rc_buf_reset(out);
	for (unsigned i = 0; i <= n; i++) {
		rc_buf_adds(out, parts[draw(13)]);
		if ((with_link && i == at) || draw(10) == 0)
			rc_buf_adds(out, links[draw(3)]);
	}
}

static void
random_person(struct person *p, unsigned codes)
{
	p->id = draw(2) ? "a" : "ab";
	p->codes = codes;
	for (size_t i = 0; i < 3; i++)
		p->value[i] = draw(8) == 0 ? NULL : word();
}

static void
what_was_rendered_always_matches(void **arg)
{
	struct rc_buf source = RC_BUF_INIT(10000), text = RC_BUF_INIT(100000);
	unsigned rendered = 0;

	(void)arg;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct person p = {.forget_links = draw(3) == 0};
		struct rc_template *t, *inner = NULL;

		random_person(&p, draw(100));
		random_template(&source, false);
		t = compile(rc_buf_str(&source));
		p.message_text = RC_BUF_INIT(100000);
		if (draw(3) == 0 && render(t, &p, &p.message_text)) {
			inner = t;
			p.message = inner;
			t = compile("a${Message text}b${v0}");
		}
		if (render(t, &p, &text)) {
			rendered++;
			if (!match(t, &p, rc_buf_slice(&text)))
				fail_msg("'%s' made '%s'", rc_buf_str(&source),
				    rc_buf_str(&text));
		}
		rc_template_free(t);
		rc_template_free(inner);
		rc_buf_free(&p.message_text);
	}
	assert_true(rendered > ROUNDS / 4);
	rc_buf_free(&source);
	rc_buf_free(&text);
}

static void
a_link_of_another_person_never_matches(void **arg)
{
	struct rc_buf source = RC_BUF_INIT(10000), text = RC_BUF_INIT(100000);
	unsigned rendered = 0;

	(void)arg;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct person p = {.id = "a"};
		struct rc_template *t;

		random_person(&p, 20 + draw(50));
		random_template(&source, true);
		t = compile(rc_buf_str(&source));
		if (render(t, &p, &text)) {
			rendered++;
			p.codes++;
			assert_false(match(t, &p, rc_buf_slice(&text)));
		}
		rc_template_free(t);
	}
	assert_true(rendered > ROUNDS / 4);
	rc_buf_free(&source);
	rc_buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(literal_pieces_must_stand_in_their_order),
	    cmocka_unit_test(what_is_known_must_be_there),
	    cmocka_unit_test(urls_that_were_not_shortened_are_literal),
	    cmocka_unit_test(the_message_text_is_matched_within_its_payload),
	    cmocka_unit_test(a_lookup_that_fails_is_told),
	    cmocka_unit_test(what_was_rendered_always_matches),
	    cmocka_unit_test(a_link_of_another_person_never_matches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
