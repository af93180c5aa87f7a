#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "job/source_digest.h"

#include <string.h>

/* Of "hello", by md5sum and sha256sum. */
#define MD5 "XUFAKrxLKna5cZ2REBfFkg=="
#define MD5_HEX "5d41402abc4b2a76b9719d911017c592"
#define SHA256 "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="

static struct rc_error err;

/* What comes of "hel" and "lo" after a header. */
static enum rc_err
verdict(enum rc_digest_form form, const char *header, bool *known)
{
	struct rc_digest d = {0};
	enum rc_err r;

	rc_digest_want(&d, form, header);
	*known = rc_digest_known(&d);
	assert_int_equal(rc_digest_start(&d, &err), RC_OK);
	rc_digest_add(&d, RC_SLICE_LIT("hel"));
	rc_digest_add(&d, RC_SLICE_LIT("lo"));
	r = rc_digest_check(&d, &err);
	rc_digest_close(&d);
	return r;
}

#define assert_verdict(form, header, want)                                     \
	do {                                                                   \
		bool known_;                                                   \
		assert_int_equal(verdict(form, header, &known_), want);        \
		assert_true(known_);                                           \
	} while (0)
#define assert_ignored(form, header)                                           \
	do {                                                                   \
		bool known_;                                                   \
		assert_int_equal(verdict(form, header, &known_), RC_OK);       \
		assert_false(known_);                                          \
	} while (0)

static void
each_header_is_compared(void **arg)
{
	(void)arg;
	assert_verdict(RC_DIGEST_BASE64_SHA256, SHA256, RC_OK);
	assert_verdict(RC_DIGEST_BASE64_MD5, MD5, RC_OK);
	assert_verdict(RC_DIGEST_LIST, "SHA-256=" SHA256, RC_OK);
	assert_verdict(RC_DIGEST_LIST, "sha-256=:" SHA256 ":", RC_OK);
	assert_verdict(RC_DIGEST_LIST, "unixsum=1, md5=" MD5 " , x", RC_OK);
	assert_verdict(RC_DIGEST_ETAG, "\"" MD5_HEX "\"", RC_OK);
}

static void
what_differs_is_refused(void **arg)
{
	(void)arg;
	assert_verdict(RC_DIGEST_BASE64_SHA256,
	    "MPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=", RC_EPROTO);
	assert_non_null(strstr(err.msg, "SHA-256"));
	assert_verdict(
	    RC_DIGEST_BASE64_MD5, "YUFAKrxLKna5cZ2REBfFkg==", RC_EPROTO);
	assert_non_null(strstr(err.msg, "MD5"));
	assert_verdict(RC_DIGEST_LIST,
	    "sha-256=:MPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:",
	    RC_EPROTO);
	assert_verdict(
	    RC_DIGEST_ETAG, "\"6d41402abc4b2a76b9719d911017c592\"", RC_EPROTO);
}

static void
what_is_no_digest_says_nothing(void **arg)
{
	(void)arg;
	assert_ignored(RC_DIGEST_BASE64_SHA256, "");
	assert_ignored(RC_DIGEST_BASE64_SHA256, SHA256 "-2");
	assert_ignored(RC_DIGEST_BASE64_SHA256, MD5);
	assert_ignored(RC_DIGEST_BASE64_MD5, "nonsense");
	assert_ignored(RC_DIGEST_LIST, "sha-512=:AAAA:, , =, sha-256");
	assert_ignored(RC_DIGEST_LIST, "sha-256=:");
	assert_ignored(RC_DIGEST_ETAG, "\"" MD5_HEX "-2\"");
	assert_ignored(RC_DIGEST_ETAG, "W/\"" MD5_HEX "\"");
	assert_ignored(RC_DIGEST_ETAG, "\"g" MD5_HEX "\"");
	assert_ignored(RC_DIGEST_ETAG, "");
}

/* An ETag that is no MD5 although it looks like one does not matter then. */
static void
the_stronger_digest_decides(void **arg)
{
	struct rc_digest d = {0};

	(void)arg;
	rc_digest_want(
	    &d, RC_DIGEST_ETAG, "\"6d41402abc4b2a76b9719d911017c592\"");
	rc_digest_want(&d, RC_DIGEST_BASE64_SHA256, SHA256);
	assert_int_equal(rc_digest_start(&d, &err), RC_OK);
	rc_digest_add(&d, RC_SLICE_LIT("hello"));
	assert_int_equal(rc_digest_check(&d, &err), RC_OK);
	rc_digest_close(&d);
	rc_digest_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_header_is_compared),
	    cmocka_unit_test(what_differs_is_refused),
	    cmocka_unit_test(what_is_no_digest_says_nothing),
	    cmocka_unit_test(the_stronger_digest_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
