#include "text/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES 20000

static const unsigned char key[16] = "0123456789abcdef";
static const unsigned char other[16] = "0123456789abcdeg";

static void
every_code_leads_back_to_its_id(void **state)
{
	static const uint64_t edges[] = {0, 1, 61, 62, 1ULL << 24,
	    (1ULL << 32) - 1, RC_CODE_SPACE - 2, RC_CODE_SPACE - 1};
	char code[RC_CODE_LEN + 1];
	uint64_t id, back;
	size_t i;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		id = i < 8 ? edges[i] : (i * 10918099357ULL) % RC_CODE_SPACE;
		rc_code_encode(key, id, code);
		assert_int_equal(strlen(code), RC_CODE_LEN);
		assert_true(rc_code_decode(key, rc_slice_str(code), &back));
		assert_true(back == id);
	}
}

static int
compare_codes(const void *a, const void *b)
{
	return memcmp(a, b, RC_CODE_LEN + 1);
}

static void
no_two_ids_share_a_code(void **state)
{
	static char codes[SAMPLES][RC_CODE_LEN + 1];
	size_t i;

	(void)state;
	for (i = 0; i < SAMPLES; i++)
		rc_code_encode(key, i, codes[i]);
	qsort(codes, SAMPLES, sizeof(codes[0]), compare_codes);
	for (i = 1; i < SAMPLES; i++)
		assert_string_not_equal(codes[i - 1], codes[i]);
}

static void
neighbours_and_other_keys_tell_nothing(void **state)
{
	char a[RC_CODE_LEN + 1], b[RC_CODE_LEN + 1];
	unsigned i, n, same = 0;

	(void)state;
	for (n = 0; n < 1000; n++) {
		rc_code_encode(key, n, a);
		rc_code_encode(n % 2 ? other : key, n + 1 - n % 2, b);
		for (i = 0; i < RC_CODE_LEN; i++)
			same += a[i] == b[i];
	}
	/* By chance 8000 / 62 = 129 characters agree. */
	assert_in_range(same, 60, 250);
}

static void
what_is_no_code_is_refused(void **state)
{
	static const char *const wrong[] = {"", "1234567", "123456789",
	    "1234567-", "1234 678", "+2345678", "123456\xc3\xa9"};
	uint64_t id;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(rc_code_decode(key, rc_slice_str(wrong[i]), &id));
	assert_false(rc_code_decode(key, RC_SLICE_LIT("1234567\0"), &id));
}

/* Links that were sent must work for ever: the code of an id is fixed. */
static void
codes_and_message_ids_never_change(void **state)
{
	char code[RC_CODE_LEN + 1], id[RC_MESSAGE_ID_LEN + 1];

	(void)state;
	rc_code_encode(key, 1, code);
	assert_string_equal(code, "phEO5hTL");
	rc_code_encode(key, RC_CODE_SPACE - 1, code);
	assert_string_equal(code, "PgR0UzRW");
	rc_message_id_encode(key, 1, 2, id);
	assert_string_equal(id, "c98e06ca258b7a7b");
}

static void
message_ids_lead_back(void **state)
{
	char id[RC_MESSAGE_ID_LEN + 1];
	uint32_t campaign, ordinal, n;

	(void)state;
	for (n = 0; n < SAMPLES; n++) {
		uint32_t c = n % 2 ? n : UINT32_MAX - n, o = n * 214013u;

		rc_message_id_encode(key, c, o, id);
		assert_int_equal(strlen(id), RC_MESSAGE_ID_LEN);
		assert_true(rc_message_id_decode(
		    key, rc_slice_str(id), &campaign, &ordinal));
		assert_int_equal(campaign, c);
		assert_int_equal(ordinal, o);
	}
}

static void
what_is_no_message_id_is_refused(void **state)
{
	uint32_t c, o;

	(void)state;
	assert_false(rc_message_id_decode(key, RC_SLICE_LIT(""), &c, &o));
	assert_false(
	    rc_message_id_decode(key, RC_SLICE_LIT("0123456789abcde"), &c, &o));
	assert_false(rc_message_id_decode(
	    key, RC_SLICE_LIT("0123456789abcdefa"), &c, &o));
	assert_false(rc_message_id_decode(
	    key, RC_SLICE_LIT("0123456789abcdeg"), &c, &o));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_code_leads_back_to_its_id),
	    cmocka_unit_test(no_two_ids_share_a_code),
	    cmocka_unit_test(neighbours_and_other_keys_tell_nothing),
	    cmocka_unit_test(what_is_no_code_is_refused),
	    cmocka_unit_test(codes_and_message_ids_never_change),
	    cmocka_unit_test(message_ids_lead_back),
	    cmocka_unit_test(what_is_no_message_id_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
