#include "sys/hasher.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

static void
pieces_make_the_digest_of_the_whole(void **state)
{
	static char text[100000];
	unsigned char want[RC_SHA256_LEN], got[RC_SHA256_LEN];
	struct rc_hasher *h;
	struct rc_error e;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * i >> 3);
	rc_sha256(rc_slice_of(text, sizeof(text)), want);
	for (size_t size = 1; size < sizeof(text); size *= 7) {
		assert_int_equal(rc_hasher_open(&h, &e), RC_OK);
		for (size_t at = 0; at < sizeof(text); at += size) {
			size_t left = sizeof(text) - at;

			rc_hasher_add(h,
			    rc_slice_of(text + at, left < size ? left : size));
			rc_hasher_add(h, rc_slice_of(text, 0));
		}
		rc_hasher_finish(h, got);
		assert_memory_equal(got, want, sizeof(want));
		rc_hasher_close(h);
	}
}

static void
nothing_has_the_digest_of_nothing(void **state)
{
	unsigned char want[RC_SHA256_LEN], got[RC_SHA256_LEN];
	struct rc_hasher *h;
	struct rc_error e;

	(void)state;
	rc_sha256(RC_SLICE_LIT(""), want);
	assert_int_equal(rc_hasher_open(&h, &e), RC_OK);
	rc_hasher_finish(h, got);
	assert_memory_equal(got, want, sizeof(want));
	rc_hasher_close(h);
}

/* A piece may be freed once close returns. */
static void
closing_waits_for_the_last_piece(void **state)
{
	static char text[1u << 20];
	struct rc_hasher *h;
	struct rc_error e;

	(void)state;
	assert_int_equal(rc_hasher_open(&h, &e), RC_OK);
	rc_hasher_add(h, rc_slice_of(text, sizeof(text)));
	rc_hasher_close(h);
	memset(text, 1, sizeof(text)); /* a race for the thread sanitizer */
	rc_hasher_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pieces_make_the_digest_of_the_whole),
	    cmocka_unit_test(nothing_has_the_digest_of_nothing),
	    cmocka_unit_test(closing_waits_for_the_last_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
