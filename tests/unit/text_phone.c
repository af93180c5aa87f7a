#include "text/phone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum rc_phone_result
strict(const char *s)
{
	uint64_t n;

	return rc_phone_strict(rc_slice_str(s), &n);
}

static void
a_list_takes_digits_and_one_plus(void **state)
{
	uint64_t n = 0;

	(void)state;
	assert_int_equal(
	    rc_phone_strict(RC_SLICE_LIT("15551234567"), &n), RC_PHONE_OK);
	assert_true(n == 15551234567);
	assert_int_equal(rc_phone_strict(RC_SLICE_LIT("+447700900123"), &n),
	    RC_PHONE_REPAIRED);
	assert_true(n == 447700900123);
	assert_int_equal(strict("1555 1234567"), RC_PHONE_CHARACTER);
	assert_int_equal(strict(" 15551234567"), RC_PHONE_CHARACTER);
	assert_int_equal(strict("++15551234567"), RC_PHONE_CHARACTER);
	assert_int_equal(strict("1555123456\xc2\xa0"), RC_PHONE_CHARACTER);
	assert_int_equal(rc_phone_strict(RC_SLICE_LIT("1555123\0004567"), &n),
	    RC_PHONE_CHARACTER);
}

static void
a_wrong_number_is_named_by_what_is_wrong(void **state)
{
	(void)state;
	assert_int_equal(strict(""), RC_PHONE_EMPTY);
	assert_int_equal(strict("+"), RC_PHONE_CHARACTER);
	assert_int_equal(strict("01712345678"), RC_PHONE_ZERO);
	assert_int_equal(strict("+00441234567"), RC_PHONE_ZERO);
	assert_int_equal(strict("0"), RC_PHONE_ZERO);
	assert_int_equal(strict("155512"), RC_PHONE_SHORT);
	assert_int_equal(strict("1555123"), RC_PHONE_OK);
	assert_int_equal(strict("155512345678901"), RC_PHONE_OK);
	assert_int_equal(strict("1555123456789012"), RC_PHONE_LONG);
	assert_int_equal(
	    strict("99999999999999999999999999999999"), RC_PHONE_LONG);
	assert_int_equal(strict("2101234567"), RC_PHONE_CODE);
	assert_int_equal(strict("phone"), RC_PHONE_CHARACTER);
	assert_int_equal(strict("e123"), RC_PHONE_CHARACTER);
	assert_int_equal(strict("1.5551234567"), RC_PHONE_CHARACTER);
}

static void
a_spreadsheets_exponent_is_told_from_letters(void **state)
{
	(void)state;
	assert_int_equal(strict("4.41E+11"), RC_PHONE_EXPONENT);
	assert_int_equal(strict("+4.41E+11"), RC_PHONE_EXPONENT);
	assert_int_equal(strict("4,41e11"), RC_PHONE_EXPONENT);
	assert_int_equal(strict("4.41EX11"), RC_PHONE_CHARACTER);
}

static void
a_command_line_takes_numbers_as_people_write_them(void **state)
{
	static const char *const same[] = {"+1 555-123-4567",
	    "+1 (555) 123.4567", "(+1) 555 1234567", " 15551234567\n",
	    "1-555-123-4567"};
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		n = 0;
		(void)!rc_phone_lenient(rc_slice_str(same[i]), &n);
		assert_true(n == 15551234567);
	}
	assert_int_equal(
	    rc_phone_lenient(RC_SLICE_LIT("15551234567"), &n), RC_PHONE_OK);
	assert_int_equal(rc_phone_lenient(RC_SLICE_LIT("1 5551234567"), &n),
	    RC_PHONE_REPAIRED);
	assert_int_equal(
	    rc_phone_lenient(RC_SLICE_LIT("4.41E+11"), &n), RC_PHONE_EXPONENT);
	assert_int_equal(
	    rc_phone_lenient(RC_SLICE_LIT(" () "), &n), RC_PHONE_CHARACTER);
	assert_int_equal(
	    rc_phone_lenient(RC_SLICE_LIT("  "), &n), RC_PHONE_EMPTY);
	assert_int_equal(rc_phone_lenient(RC_SLICE_LIT("1+5551234567"), &n),
	    RC_PHONE_CHARACTER);
}

static void
what_would_become_another_number_is_refused(void **state)
{
	static const struct {
		const char *text;
		enum rc_phone_result want;
	} cases[] = {
	    {"+44 (0)7911 123456", RC_PHONE_TRUNK},
	    {"+44(0)7911123456", RC_PHONE_TRUNK},
	    {"+44 ( 0 )7911 123456", RC_PHONE_TRUNK},
	    {"+44 ((0)7911 123456", RC_PHONE_TRUNK},
	    {"(0)7911 123456", RC_PHONE_ZERO},
	    {"+44 (7911) 123450", RC_PHONE_REPAIRED},
	    {"+44 (70)11 (00) 123450", RC_PHONE_REPAIRED},
	    {"447911123456.0", RC_PHONE_DECIMALS},
	    {"+447911123456.00 ", RC_PHONE_DECIMALS},
	    {"447911123400.0", RC_PHONE_DECIMALS},
	    {"447911123456.", RC_PHONE_REPAIRED},
	    {"447911123400.", RC_PHONE_REPAIRED},
	    {"447911.123400", RC_PHONE_REPAIRED},
	    {"447.911.123450.0", RC_PHONE_REPAIRED},
	    {"4479111234-00", RC_PHONE_REPAIRED},
	};
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    rc_phone_lenient(rc_slice_str(cases[i].text), &n),
		    cases[i].want);
	assert_string_equal(
	    rc_phone_reason(RC_PHONE_TRUNK), "leave out the (0)");
	assert_string_equal(
	    rc_phone_reason(RC_PHONE_DECIMALS), "spreadsheet decimals");
}

/* The list of the ITU (E.164 Annex) again, this time as plain text. */
static const char *const assigned =
    "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 "
    "55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 "
    "211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 "
    "232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 247 248 "
    "249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 "
    "267 268 269 290 291 297 298 299 350 351 352 353 354 355 356 357 358 "
    "359 370 371 372 373 374 375 376 377 378 380 381 382 383 385 386 387 "
    "389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 "
    "593 594 595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 "
    "681 682 683 685 686 687 688 689 690 691 692 800 808 850 852 853 855 "
    "856 870 878 880 881 882 883 886 888 960 961 962 963 964 965 966 967 "
    "968 970 971 972 973 974 975 976 977 979 992 993 994 995 996 998 ";

static bool
is_assigned(unsigned code)
{
	char word[8];

	snprintf(word, sizeof(word), "%u ", code);
	for (const char *p = assigned; (p = strstr(p, word)) != NULL; p++)
		if (p == assigned || p[-1] == ' ')
			return true;
	return false;
}

static void
exactly_the_215_assigned_calling_codes_are_known(void **state)
{
	unsigned found = 0, seen[1000] = {0};

	(void)state;
	for (unsigned first3 = 100; first3 < 1000; first3++) {
		unsigned code = rc_phone_code(first3 * 100000000ULL + 1);
		unsigned want = 0,
			 parts[] = {first3 / 100, first3 / 10, first3};

		for (size_t i = 0; i < 3 && want == 0; i++)
			if (is_assigned(parts[i]))
				want = parts[i];
		assert_int_equal(code, want);
		if (code != 0 && !seen[code]) {
			seen[code] = 1;
			found++;
		}
	}
	assert_int_equal(found, 215);
}

static void
a_code_is_told_only_of_canonical_numbers(void **state)
{
	(void)state;
	assert_int_equal(rc_phone_code(15551234567), 1);
	assert_int_equal(rc_phone_code(351912345678), 351);
	assert_int_equal(rc_phone_code(1555123), 1);
	assert_int_equal(rc_phone_code(155512), 0);
	assert_int_equal(rc_phone_code(999999999999999), 0);
	assert_int_equal(rc_phone_code(1000000000000000), 0);
}

static void
a_number_is_shown_as_its_digits(void **state)
{
	char out[RC_PHONE_LEN];

	(void)state;
	assert_int_equal(rc_phone_format(15551234567, out), 11);
	assert_string_equal(out, "15551234567");
	assert_int_equal(rc_phone_format(999999999999999, out), 15);
	assert_string_equal(out, "999999999999999");
	assert_int_equal(rc_phone_format(0, out), 1);
	assert_string_equal(out, "0");
}

/* A text of its own, so that a checker sees what is read beside it. */
static enum rc_phone_result
parse_alone(const char *digits, size_t len, uint64_t *n)
{
	char *text = malloc(len);
	enum rc_phone_result r;

	assert_non_null(text);
	memcpy(text, digits, len);
	r = rc_phone_strict((struct rc_slice){text, len}, n);
	free(text);
	return r;
}

static void
numbers_of_every_length_are_what_their_digits_say(void **state)
{
	char digits[] = "198765432101234";
	uint64_t n;

	(void)state;
	for (size_t len = 7; len < sizeof(digits); len++) {
		uint64_t want = 0;

		for (size_t i = 0; i < len; i++)
			want = want * 10 + (uint64_t)(digits[i] - '0');
		assert_int_equal(parse_alone(digits, len, &n), RC_PHONE_OK);
		assert_true(n == want);
		for (size_t i = 0; i < len; i++) {
			static const char others[] = "/: \x80\xb0\xff";
			char before = digits[i];

			for (const char *c = others; *c != '\0'; c++) {
				digits[i] = *c;
				assert_int_equal(parse_alone(digits, len, &n),
				    RC_PHONE_CHARACTER);
			}
			digits[i] = before;
		}
	}
}

/* Bytes that rc_phone_lines takes of a text with enough behind it. */
static size_t
taken(const char *line, uint64_t *number, size_t *n)
{
	char text[128];

	snprintf(text, sizeof(text), "%sthere is more, that is no line", line);
	return rc_phone_lines(rc_slice_str(text), number, 4, n);
}

static void
plain_lines_are_what_a_list_takes(void **state)
{
	static const char digits[] = "155512345678901234";
	static const char *const ends[] = {"\n", "\r\n"};
	char line[64];

	(void)state;
	for (int len = 1; len < (int)sizeof(digits); len++)
		for (int end = 0; end < 2; end++) {
			struct rc_slice s = {digits, (size_t)len};
			uint64_t want = 0, number[4] = {0};
			bool fine = rc_phone_strict(s, &want) == RC_PHONE_OK;
			size_t n;

			snprintf(line, sizeof(line), "%.*s%s", len, digits,
			    ends[end]);
			assert_int_equal(
			    taken(line, number, &n), fine ? strlen(line) : 0);
			assert_int_equal(n, fine);
			assert_true(!fine || number[0] == want);
		}
}

static void
lines_of_any_other_kind_are_left(void **state)
{
	static const char *const others[] = {"", "\n", "+15551234567\n",
	    "15551234567 \n", " 15551234567\n", "15551234567\r",
	    "15551234567,\n", "\"15551234567\"\n", "05551234567\n",
	    "2101234567\n", "1555123456789012\n", "155512\n", "1555/234567\n",
	    "1555123:567\n", "15551234\xb0 67\n"};
	uint64_t number[4];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(taken(others[i], number, &n), 0);
		assert_int_equal(n, 0);
	}
	assert_int_equal(
	    rc_phone_lines(RC_SLICE_LIT("15551234567\n1555"), number, 4, &n),
	    0);
}

static void
lines_are_taken_until_another_comes_or_enough_are_there(void **state)
{
	uint64_t number[4];
	size_t n;

	(void)state;
	assert_int_equal(
	    taken("15551234567\n447700900123\r\nx\n", number, &n), 26);
	assert_int_equal(n, 2);
	assert_true(number[0] == 15551234567 && number[1] == 447700900123);
	assert_int_equal(
	    taken("1555123\n1555124\n1555125\n1555126\n1555127\n", number, &n),
	    32);
	assert_int_equal(n, 4);
	assert_true(number[3] == 1555126);
}

static void
some_countries_mobile_numbers_are_written_in_two_ways(void **state)
{
	static const uint64_t twins[][2] = {
	    {5215512345678, 525512345678}, /* Mexico */
	    {5491123456789, 541123456789}, /* Argentina */
	    {5511987654321, 551187654321}, /* Brazil */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(twins) / sizeof(twins[0]); i++) {
		assert_true(rc_phone_twin(twins[i][0]) == twins[i][1]);
		assert_true(rc_phone_twin(twins[i][1]) == twins[i][0]);
	}
	/* Other digits there, other lengths, other countries. */
	assert_true(rc_phone_twin(5225512345678) == 0);
	assert_true(rc_phone_twin(5411234567890) == 0);
	assert_true(rc_phone_twin(5511887654321) == 0);
	assert_true(rc_phone_twin(52155123456) == 0);
	assert_true(rc_phone_twin(52155123456789) == 0);
	assert_true(rc_phone_twin(15551234567) == 0);
	assert_true(rc_phone_twin(5351234567890) == 0);
	assert_true(rc_phone_twin(0) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_list_takes_digits_and_one_plus),
	    cmocka_unit_test(a_wrong_number_is_named_by_what_is_wrong),
	    cmocka_unit_test(a_spreadsheets_exponent_is_told_from_letters),
	    cmocka_unit_test(a_command_line_takes_numbers_as_people_write_them),
	    cmocka_unit_test(what_would_become_another_number_is_refused),
	    cmocka_unit_test(exactly_the_215_assigned_calling_codes_are_known),
	    cmocka_unit_test(a_code_is_told_only_of_canonical_numbers),
	    cmocka_unit_test(
		some_countries_mobile_numbers_are_written_in_two_ways),
	    cmocka_unit_test(a_number_is_shown_as_its_digits),
	    cmocka_unit_test(numbers_of_every_length_are_what_their_digits_say),
	    cmocka_unit_test(plain_lines_are_what_a_list_takes),
	    cmocka_unit_test(lines_of_any_other_kind_are_left),
	    cmocka_unit_test(
		lines_are_taken_until_another_comes_or_enough_are_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
