#include "text/tsv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void
a_record_is_one_line_whatever_it_holds(void **state)
{
	struct rc_buf out = RC_BUF_INIT(1000);

	(void)state;
	rc_tsv_field(&out, RC_SLICE_LIT("a\tb\nc\rd\\e"), true);
	rc_tsv_field(&out, RC_SLICE_LIT(""), false);
	rc_tsv_field(&out, RC_SLICE_LIT("\x1b[2J\0\x7f \xc3\xa9 \\t"), false);
	rc_tsv_end(&out);
	assert_string_equal(rc_buf_str(&out),
	    "a\\tb\\nc\\rd\\\\e\t\t\\x1b[2J\\x00\\x7f \xc3\xa9 \\\\t\n");
	rc_buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_record_is_one_line_whatever_it_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
