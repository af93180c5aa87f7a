#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

static void
slices_compare_by_bytes_then_by_length(void **state)
{
	struct rc_slice nul = RC_SLICE_LIT("a\0b"), empty = {NULL, 0};

	(void)state;
	assert_true(rc_slice_eq(empty, RC_SLICE_LIT("")));
	assert_false(rc_slice_eq(nul, RC_SLICE_LIT("a\0c")));
	assert_false(rc_slice_is(nul, "a"));
	assert_true(rc_slice_is_nocase(RC_SLICE_LIT("Ab-1"), "aB-1"));
	assert_false(rc_slice_is_nocase(RC_SLICE_LIT("Ab"), "abc"));
	assert_true(rc_slice_cmp(RC_SLICE_LIT("ab"), RC_SLICE_LIT("abc")) < 0);
	assert_true(rc_slice_cmp(RC_SLICE_LIT("b"), RC_SLICE_LIT("abc")) > 0);
	assert_true(rc_slice_cmp(RC_SLICE_LIT("\x80"), RC_SLICE_LIT("z")) > 0);
	assert_int_equal(rc_slice_cmp(empty, empty), 0);
}

static void
trimming_takes_ascii_white_space_alone(void **state)
{
	(void)state;
	assert_true(
	    rc_slice_is(rc_slice_trim(RC_SLICE_LIT(" \t\r\n\v\fa b ")), "a b"));
	assert_int_equal(rc_slice_trim(RC_SLICE_LIT(" \n ")).len, 0);
	assert_int_equal(rc_slice_trim(RC_SLICE_LIT("\xc2\xa0x")).len, 3);
}

static void
a_prefix_is_told_and_what_follows_it(void **state)
{
	struct rc_slice rest = RC_SLICE_LIT("untouched");

	(void)state;
	assert_true(rc_slice_starts(
	    RC_SLICE_LIT("/json/x"), RC_SLICE_LIT("/json/"), &rest));
	assert_true(rc_slice_is(rest, "x"));
	assert_false(rc_slice_starts(
	    RC_SLICE_LIT("/jso"), RC_SLICE_LIT("/json/"), &rest));
	assert_true(rc_slice_is(rest, "x"));
	assert_true(rc_slice_starts(RC_SLICE_LIT("a"), RC_SLICE_LIT(""), NULL));
	assert_true(rc_slice_starts(rest, rest, &rest));
	assert_int_equal(rest.len, 0);
}

static void
folding_changes_the_26_capitals_alone(void **state)
{
	char text[256], folded[257];

	(void)state;
	for (int c = 0; c < 256; c++)
		text[c] = (char)c;
	for (size_t len = 0; len <= 256; len++) {
		folded[len] = '!';
		rc_slice_fold(rc_slice_of(text + 256 - len, len), folded);
		assert_int_equal(folded[len], '!');
		for (size_t i = 0; i < len; i++) {
			char c = text[256 - len + i];

			assert_int_equal(folded[i],
			    c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
		}
	}
}

static void
a_new_buffer_is_an_empty_string(void **state)
{
	struct rc_buf b = RC_BUF_INIT(10);
	struct rc_error e;

	(void)state;
	assert_string_equal(rc_buf_str(&b), "");
	assert_non_null(rc_buf_slice(&b).p);
	assert_int_equal(rc_buf_check(&b, "it", &e), RC_OK);
	rc_buf_reset(&b);
	rc_buf_free(&b);
	rc_buf_free(&b);
	rc_buf_free(NULL);
}

static void
content_is_always_terminated(void **state)
{
	struct rc_buf b = RC_BUF_INIT(100000);
	char *room;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		rc_buf_addf(&b, "%d,", i);
		assert_int_equal(strlen(rc_buf_str(&b)), b.len);
	}
	rc_buf_cut(&b, 6);
	rc_buf_addc(&b, 'x');
	rc_buf_addv(&b, RC_SLICE_LIT("yz"));
	rc_buf_add(&b, NULL, 0);
	assert_string_equal(rc_buf_str(&b), "0,1,2,xyz");
	room = rc_buf_room(&b, 2);
	memcpy(room, "!!", 2);
	rc_buf_cut(&b, b.len + 2);
	assert_string_equal(rc_buf_str(&b), "0,1,2,xyz!!");
	rc_buf_free(&b);
	assert_int_equal(b.max, 100000);
}

static void
a_full_buffer_keeps_what_it_had_and_tells_at_the_end(void **state)
{
	struct rc_buf b = RC_BUF_INIT(5);
	struct rc_error e;

	(void)state;
	rc_buf_adds(&b, "12345");
	assert_int_equal(rc_buf_check(&b, "it", &e), RC_OK);
	rc_buf_addc(&b, '6');
	rc_buf_cut(&b, 3);
	rc_buf_addc(&b, 'x');
	rc_buf_addf(&b, "%s", "y");
	assert_string_equal(rc_buf_str(&b), "123");
	assert_int_equal(rc_buf_check(&b, "the answer", &e), RC_EDATA);
	assert_string_equal(e.msg, "the answer is larger than 5 bytes");
	rc_buf_reset(&b);
	rc_buf_addf(&b, "%s", "54321");
	assert_int_equal(rc_buf_check(&b, "it", &e), RC_OK);
	assert_string_equal(rc_buf_str(&b), "54321");
	assert_null(rc_buf_room(&b, SIZE_MAX));
	rc_buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_prefix_is_told_and_what_follows_it),
	    cmocka_unit_test(slices_compare_by_bytes_then_by_length),
	    cmocka_unit_test(trimming_takes_ascii_white_space_alone),
	    cmocka_unit_test(folding_changes_the_26_capitals_alone),
	    cmocka_unit_test(a_new_buffer_is_an_empty_string),
	    cmocka_unit_test(content_is_always_terminated),
	    cmocka_unit_test(
		a_full_buffer_keeps_what_it_had_and_tells_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
