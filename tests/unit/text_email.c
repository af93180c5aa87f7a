#include "text/email.h"

#include "text/ident.h"
#include "text/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS 300000
#define MANY 8

static bool
is_address(struct rc_slice s)
{
	unsigned char key[RC_IDENT_KEY_MAX];
	size_t len;
	bool repaired;

	return rc_ident_list_value(RC_IDENT_EMAIL, s, key, &len, &repaired) ==
	       NULL;
}

/* Addresses that are left to the longer road: no error, but not plain. */
static bool
is_odd(struct rc_slice s)
{
	const char *at = memchr(s.p, '@', s.len);

	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] > '~')
			return true;
	return at != NULL && s.len - (size_t)(at + 1 - s.p) > 63;
}

static uint64_t
draw(uint64_t below)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (x >> 11) % below;
}

static void
add_part(char *text, size_t *len, const char *from, size_t most)
{
	for (size_t n = draw(most + 1); n > 0; n--)
		text[(*len)++] = from[draw(strlen(from))];
}

/* Something that is often an address, and else nearly one. */
static size_t
make_line(char *text)
{
	static const char any[] =
	    "aZ09.-_@ \t\r\"(),:;<>[]\\!~'\x7f\x80\xc3\xa9";
	static const char usual[] = "abcXYZ019.-_+";
	size_t len = 0;

	add_part(text, &len, usual, draw(8) == 0 ? 70 : 6);
	if (draw(8) == 0)
		add_part(text, &len, any, 2);
	if (draw(16) > 0)
		text[len++] = '@';
	add_part(text, &len, "abcXYZ019-", draw(8) == 0 ? 65 : 5);
	if (draw(8) > 0)
		text[len++] = '.';
	add_part(text, &len, draw(8) == 0 ? any : usual, 4);
	if (draw(2) > 0)
		text[len++] = 'o';
	return len;
}

/* One line by both ways; end is what it ends with. */
static void
check_line(struct rc_slice line, const char *end)
{
	char text[400];
	struct rc_slice got[MANY];
	size_t n, taken, full = line.len + strlen(end);
	bool plain = is_address(line) && !is_odd(line);

	memcpy(text, line.p, line.len);
	memcpy(text + line.len, end, strlen(end));
	/* What is cut off may go on in any way. */
	memcpy(text + full, "@b.org\n", 7);
	taken = rc_email_lines(rc_slice_of(text, full), got, MANY, &n);
	assert_int_equal(n, plain ? 1 : 0);
	assert_int_equal(taken, plain ? full : 0);
	if (plain)
		assert_true(rc_slice_eq(got[0], line));
	assert_int_equal(
	    rc_email_lines(rc_slice_of(text, full - 1), got, MANY, &n), 0);
}

static void
plain_lines_are_what_the_rule_for_one_value_says(void **state)
{
	char text[300];
	size_t plain = 0;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct rc_slice line = {text, make_line(text)};

		/* Pieces end between characters. */
		if (!rc_utf8_valid(line) || memchr(text, '\r', line.len))
			continue;
		check_line(line, draw(2) == 0 ? "\n" : "\r\n");
		plain += is_address(line);
	}
	assert_true(plain > ROUNDS / 10);
}

static void
every_byte_is_judged_at_every_place(void **state)
{
	char text[] = "ab@cd-e.fg";

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		for (int c = 0; c < 256; c++) {
			char before = text[i];

			text[i] = (char)c;
			if (c != '\r' && c != '\n')
				check_line(rc_slice_str(text), "\n");
			text[i] = before;
		}
	}
}

static void
lines_are_taken_up_to_one_that_is_not_plain_or_the_most(void **state)
{
	static const char text[] = "a@b.org\nC@D.org\r\n\n\re@f.org\n";
	struct rc_slice got[MANY], all = rc_slice_str(text);
	size_t n;

	(void)state;
	assert_int_equal(rc_email_lines(all, got, MANY, &n), 17);
	assert_int_equal(n, 2);
	assert_true(rc_slice_is(got[0], "a@b.org"));
	assert_true(rc_slice_is(got[1], "C@D.org"));
	assert_int_equal(rc_email_lines(all, got, 1, &n), 8);
	assert_int_equal(n, 1);
	assert_int_equal(rc_email_lines(all, got, 0, &n), 0);
	assert_int_equal(rc_email_lines(rc_slice_of(text, 0), got, 1, &n), 0);
	assert_int_equal(n, 0);
}

/* Each part one byte too long, and not. */
static void
lengths_are_bounded(void **state)
{
	char text[400];

	(void)state;
	for (int local = 63; local < 67; local++)
		for (int domain = 55; domain < 70; domain++) {
			int len = snprintf(text, sizeof(text), "%0*d@%0*d.%0*d",
			    local, 1, domain / 2, 1, domain - domain / 2, 1);

			check_line(rc_slice_of(text, (size_t)len), "\n");
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_lines_are_what_the_rule_for_one_value_says),
	    cmocka_unit_test(every_byte_is_judged_at_every_place),
	    cmocka_unit_test(
		lines_are_taken_up_to_one_that_is_not_plain_or_the_most),
	    cmocka_unit_test(lengths_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
