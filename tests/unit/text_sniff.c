#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/sniff.h"

#include <string.h>

#define FRONT(s) RC_SLICE_LIT(s)

static void
encodings_are_told_with_and_without_a_mark(void **arg)
{
	(void)arg;
	assert_string_equal(rc_sniff_encoding(FRONT("\xff\xfe"
						    "e\0m\0")),
	    "UTF-16LE");
	assert_string_equal(
	    rc_sniff_encoding(FRONT("\xfe\xff\0e\0m")), "UTF-16BE");
	assert_string_equal(rc_sniff_encoding(FRONT("e\0m\0")), "UTF-16LE");
	assert_string_equal(rc_sniff_encoding(FRONT("\0e\0m")), "UTF-16BE");
	assert_string_equal(
	    rc_sniff_encoding(FRONT("\xff\xfe\0\0e\0\0\0")), "UTF-32LE");
	assert_string_equal(
	    rc_sniff_encoding(FRONT("\0\0\xfe\xff\0\0\0e")), "UTF-32BE");
	assert_string_equal(
	    rc_sniff_encoding(FRONT("e\0\0\0m\0\0\0")), "UTF-32LE");
	assert_string_equal(
	    rc_sniff_encoding(FRONT("\0\0\0e\0\0\0m")), "UTF-32BE");
}

static void
a_short_front_tells_what_it_can(void **arg)
{
	(void)arg;
	assert_null(rc_sniff_encoding(FRONT("")));
	assert_null(rc_sniff_encoding(FRONT("e")));
	assert_null(rc_sniff_encoding(FRONT("\0")));
	assert_string_equal(rc_sniff_encoding(FRONT("\xff\xfe")), "UTF-16LE");
	assert_string_equal(rc_sniff_encoding(FRONT("e\0")), "UTF-16LE");
	assert_string_equal(rc_sniff_encoding(FRONT("\0e")), "UTF-16BE");
	assert_null(rc_sniff_packed(FRONT("P")));
}

static void
utf8_and_what_is_no_text_are_left_alone(void **arg)
{
	(void)arg;
	assert_null(rc_sniff_encoding(FRONT("email\n")));
	assert_null(rc_sniff_encoding(FRONT("\xef\xbb\xbf"
					    "email\n")));
	assert_null(rc_sniff_encoding(FRONT("\xe9mail\n")));
	assert_null(rc_sniff_encoding(FRONT("\0\0\0\0\0\0\0\0")));
	assert_null(rc_sniff_encoding(FRONT("ab\0\0")));
	assert_null(rc_sniff_encoding(FRONT("a\0bc")));
	assert_null(rc_sniff_encoding(FRONT("\0abc")));
}

static void
packed_files_are_called_what_they_are(void **arg)
{
	(void)arg;
	assert_non_null(strstr(rc_sniff_packed(FRONT("PK\3\4\24")), "zip"));
	assert_non_null(
	    strstr(rc_sniff_packed(FRONT("\xd0\xcf\x11\xe0")), "spreadsheet"));
	assert_non_null(strstr(rc_sniff_packed(FRONT("\x1f\x8b\x08")), "gzip"));
	assert_non_null(
	    strstr(rc_sniff_packed(FRONT("\x28\xb5\x2f\xfd\x04")), "zstd"));
	assert_null(rc_sniff_packed(FRONT("email\n")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(encodings_are_told_with_and_without_a_mark),
	    cmocka_unit_test(a_short_front_tells_what_it_can),
	    cmocka_unit_test(utf8_and_what_is_no_text_are_left_alone),
	    cmocka_unit_test(packed_files_are_called_what_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
