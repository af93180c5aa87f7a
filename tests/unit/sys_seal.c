#include "scratch.h"

#include "base/num.h"
#include "sys/seal.h"

static struct rc_error err;

static struct rc_seal *
open_seal(void)
{
	struct rc_seal *s;

	if (rc_seal_open(&s, scratch("k/key"), true, &err) != RC_OK)
		fail_msg("%s", err.msg);
	return s;
}

static enum rc_err
try_open(const char *name)
{
	struct rc_seal *s;
	enum rc_err r = rc_seal_open(&s, scratch(name), false, &err);

	rc_seal_close(s);
	return r;
}

/* --- the key file -------------------------------------------------------- */

static void
a_new_key_is_for_its_user_alone_and_stays(void **state)
{
	struct rc_seal *s = open_seal();
	unsigned char first[RC_SHA256_LEN], second[RC_SHA256_LEN];
	struct stat st;

	(void)state;
	rc_seal_check_value(s, first);
	rc_seal_close(s);
	assert_int_equal(stat(scratch("k"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(st.st_nlink, 2); /* no directory in it */
	assert_int_equal(stat(scratch("k/key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_nlink, 1); /* the temporary name is gone */
	assert_int_equal(st.st_size, 2 * RC_SEAL_KEY_LEN + 1);
	s = open_seal();
	rc_seal_check_value(s, second);
	rc_seal_close(s);
	assert_memory_equal(first, second, sizeof(first));
}

static void
a_key_others_can_read_is_refused(void **state)
{
	(void)state;
	rc_seal_close(open_seal());
	assert_int_equal(chmod(scratch("k/key"), 0640), 0);
	assert_int_equal(try_open("k/key"), RC_EPERM);
	assert_says(err, "chmod 600");
	assert_int_equal(chmod(scratch("k/key"), 0400), 0);
	assert_int_equal(try_open("k/key"), RC_OK);
}

static void
another_users_key_names_its_owner(void **state)
{
	(void)state;
	rc_seal_close(open_seal());
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(scratch("k/key"), 65534, (gid_t)-1), 0);
	assert_int_equal(try_open("k/key"), RC_EPERM);
	assert_says(err, "sudo -u 'nobody'");
}

static void
what_is_no_key_is_refused(void **state)
{
	(void)state;
	assert_int_equal(try_open("absent"), RC_ENOINPUT);
	assert_says(err, "RC_KEY_FILE");
	scratch_write(scratch("short"), "0123456789abcdef\n", 17);
	assert_int_equal(try_open("short"), RC_ECONFIG);
	assert_says(err, "no seal key");
	assert_null(strstr(err.msg, "0123456789abcdef"));
	scratch_write(scratch("empty"), "", 0);
	assert_int_equal(try_open("empty"), RC_ECONFIG);
	assert_int_equal(mkdir(scratch("dir"), 0700), 0);
	assert_int_equal(try_open("dir"), RC_ECONFIG);
	assert_int_equal(mkfifo(scratch("pipe"), 0600), 0);
	assert_int_equal(try_open("pipe"), RC_ECONFIG);
}

static void
value_at(const char *name, unsigned char value[RC_SHA256_LEN])
{
	struct rc_seal *s;

	if (rc_seal_open(&s, scratch(name), false, &err) != RC_OK)
		fail_msg("%s", err.msg);
	rc_seal_check_value(s, value);
	rc_seal_close(s);
}

static void
a_key_is_kept_beside_and_found_by_its_check_value(void **state)
{
	unsigned char old[RC_SHA256_LEN], new[RC_SHA256_LEN];
	struct rc_buf name = RC_BUF_INIT(400);
	struct rc_seal *s = open_seal(), *next, *found;
	unsigned char at[RC_SHA256_LEN];
	struct stat st;

	(void)state;
	rc_seal_check_value(s, old);
	assert_int_equal(rc_seal_draw(&next, &err), RC_OK);
	rc_seal_check_value(next, new);
	assert_memory_not_equal(old, new, sizeof(old));
	assert_int_equal(rc_seal_open_kept(&found, scratch("k/key"), old, &err),
	    RC_ENOINPUT);
	for (int twice = 0; twice < 2; twice++)
		assert_int_equal(
		    rc_seal_keep(s, scratch("k/key"), &err), RC_OK);
	assert_int_equal(rc_seal_place(next, scratch("k/key"), &err), RC_OK);
	value_at("k/key", at);
	assert_memory_equal(at, new, sizeof(at));
	assert_int_equal(
	    rc_seal_open_kept(&found, scratch("k/key"), old, &err), RC_OK);
	rc_seal_check_value(found, at);
	assert_memory_equal(at, old, sizeof(at));
	rc_seal_kept_name(s, scratch("k/key"), &name);
	assert_int_equal(stat(rc_buf_str(&name), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_nlink, 1);
	rc_seal_drop(s, scratch("k/key"));
	assert_int_equal(stat(rc_buf_str(&name), &st), -1);
	rc_seal_close(s);
	rc_seal_close(next);
	rc_seal_close(found);
	rc_buf_free(&name);
}

static void
a_key_that_is_a_link_is_changed_where_it_lies(void **state)
{
	unsigned char new[RC_SHA256_LEN], at[RC_SHA256_LEN];
	struct rc_seal *s = open_seal(), *next, *found;
	struct stat st;

	(void)state;
	assert_int_equal(symlink("k/key", scratch("link")), 0);
	assert_int_equal(rc_seal_draw(&next, &err), RC_OK);
	rc_seal_check_value(next, new);
	assert_int_equal(rc_seal_keep(next, scratch("link"), &err), RC_OK);
	assert_int_equal(rc_seal_place(next, scratch("link"), &err), RC_OK);
	assert_int_equal(lstat(scratch("link"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	value_at("k/key", at);
	assert_memory_equal(at, new, sizeof(at));
	assert_int_equal(
	    rc_seal_open_kept(&found, scratch("k/key"), new, &err), RC_OK);
	rc_seal_close(s);
	rc_seal_close(next);
	rc_seal_close(found);
}

/* --- sealing ------------------------------------------------------------- */

static struct rc_slice
lock(struct rc_seal *s, struct rc_buf *sealed)
{
	if (rc_seal_lock(s, 3, "auth_token", RC_SLICE_LIT("hunter2"), sealed,
		&err) != RC_OK)
		fail_msg("%s", err.msg);
	return rc_buf_slice(sealed);
}

static void
a_sealed_secret_opens_and_hides_its_text(void **state)
{
	struct rc_buf a = RC_BUF_INIT(1000), b = RC_BUF_INIT(1000),
		      plain = RC_BUF_INIT(1000);
	struct rc_seal *s = open_seal();
	struct rc_slice sealed = lock(s, &a);

	(void)state;
	assert_int_equal(sealed.len, 12 + 7 + 16);
	assert_null(memmem(sealed.p, sealed.len, "hunter2", 7));
	/* The same secret never seals to the same bytes. */
	assert_false(rc_slice_eq(sealed, lock(s, &b)));
	assert_int_equal(
	    rc_seal_unlock(s, 3, "auth_token", sealed, &plain, &err), RC_OK);
	assert_true(rc_slice_is(rc_buf_slice(&plain), "hunter2"));
	rc_wipe(&plain);
	assert_int_equal(plain.len, 0);
	for (size_t i = 0; i < plain.cap; i++)
		assert_int_equal(plain.data[i], 0);
	rc_buf_free(&a);
	rc_buf_free(&b);
	rc_buf_free(&plain);
	rc_seal_close(s);
}

static void
assert_locked(struct rc_seal *s, uint32_t channel, const char *field,
    struct rc_slice sealed)
{
	struct rc_buf plain = RC_BUF_INIT(1000);

	assert_int_equal(
	    rc_seal_unlock(s, channel, field, sealed, &plain, &err),
	    RC_ECONFIG);
	assert_int_equal(plain.len, 0);
	assert_null(strstr(err.msg, "hunter2"));
	rc_buf_free(&plain);
}

static void
a_secret_moved_elsewhere_does_not_open(void **state)
{
	struct rc_buf a = RC_BUF_INIT(1000);
	struct rc_seal *s = open_seal(), *other;
	struct rc_slice sealed = lock(s, &a);

	(void)state;
	assert_locked(s, 4, "auth_token", sealed);
	assert_locked(s, 3, "password", sealed);
	assert_locked(s, 3, "", sealed);
	assert_int_equal(
	    rc_seal_open(&other, scratch("other"), true, &err), RC_OK);
	assert_locked(other, 3, "auth_token", sealed);
	rc_seal_close(other);
	rc_seal_close(s);
	rc_buf_free(&a);
}

static void
any_flipped_or_missing_byte_is_noticed(void **state)
{
	struct rc_buf a = RC_BUF_INIT(1000);
	struct rc_seal *s = open_seal();
	struct rc_slice sealed = lock(s, &a);

	(void)state;
	for (size_t i = 0; i < sealed.len; i++) {
		a.data[i] ^= 1;
		assert_locked(s, 3, "auth_token", sealed);
		a.data[i] ^= 1;
		assert_locked(
		    s, 3, "auth_token", (struct rc_slice){sealed.p, i});
	}
	rc_seal_close(s);
	rc_buf_free(&a);
}

static void
secrets_have_a_ceiling_and_may_be_empty(void **state)
{
	static char big[RC_SECRET_MAX + 1];
	struct rc_buf a = RC_BUF_INIT(10000), plain = RC_BUF_INIT(10000);
	struct rc_seal *s = open_seal();

	(void)state;
	assert_int_equal(rc_seal_lock(s, 1, "f",
			     (struct rc_slice){big, sizeof(big)}, &a, &err),
	    RC_EDATA);
	assert_int_equal(rc_seal_lock(s, 1, "f",
			     (struct rc_slice){big, RC_SECRET_MAX}, &a, &err),
	    RC_OK);
	assert_int_equal(
	    rc_seal_unlock(s, 1, "f", rc_buf_slice(&a), &plain, &err), RC_OK);
	assert_int_equal(plain.len, RC_SECRET_MAX);
	rc_buf_reset(&a);
	rc_buf_reset(&plain);
	assert_int_equal(
	    rc_seal_lock(s, 1, "f", (struct rc_slice){"", 0}, &a, &err), RC_OK);
	assert_int_equal(
	    rc_seal_unlock(s, 1, "f", rc_buf_slice(&a), &plain, &err), RC_OK);
	assert_int_equal(plain.len, 0);
	rc_buf_free(&a);
	rc_buf_free(&plain);
	rc_seal_close(s);
}

/* --- digests ------------------------------------------------------------- */

static void
assert_hex(const unsigned char *bytes, size_t n, const char *want)
{
	char hex[2 * RC_SHA256_LEN + 1];

	rc_hex(bytes, n, hex);
	assert_string_equal(hex, want);
}

/* FIPS 180-4's examples. */
static void
sha256_gives_the_standards_values(void **state)
{
	const char abc[] = "ba7816bf8f01cfea414140de5dae2223"
			   "b00361a396177a9cb410ff61f20015ad";
	unsigned char out[RC_SHA256_LEN];
	struct rc_hash *d;

	(void)state;
	rc_sha256((struct rc_slice){"", 0}, out);
	assert_hex(out, sizeof(out),
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	rc_sha256(RC_SLICE_LIT("abc"), out);
	assert_hex(out, sizeof(out), abc);
	assert_int_equal(rc_hash_open(&d, RC_HASH_SHA256, &err), RC_OK);
	for (int i = 0; i < 2; i++) {
		rc_hash_add(d, RC_SLICE_LIT("a"));
		rc_hash_add(d, RC_SLICE_LIT(""));
		rc_hash_add(d, RC_SLICE_LIT("bc"));
		rc_hash_finish(d, out);
		assert_hex(out, sizeof(out), abc);
		rc_hash_reset(d);
	}
	rc_hash_close(d);
}

/* RFC 2202, cases 1, 2 and 6. */
static void
hmac_sha1_gives_the_rfcs_values(void **state)
{
	unsigned char out[RC_HMAC_SHA1_LEN];
	char key[80];

	(void)state;
	memset(key, 0x0b, sizeof(key));
	rc_hmac_sha1((struct rc_slice){key, 20}, RC_SLICE_LIT("Hi There"), out);
	assert_hex(
	    out, sizeof(out), "b617318655057264e28bc0b6fb378c8ef146be00");
	rc_hmac_sha1(RC_SLICE_LIT("Jefe"),
	    RC_SLICE_LIT("what do ya want for nothing?"), out);
	assert_hex(
	    out, sizeof(out), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	memset(key, 0xaa, sizeof(key));
	rc_hmac_sha1((struct rc_slice){key, 80},
	    RC_SLICE_LIT(
		"Test Using Larger Than Block-Size Key - Hash Key First"),
	    out);
	assert_hex(
	    out, sizeof(out), "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

/* RFC 4648, section 10. */
static void
base64_goes_there_and_back(void **state)
{
	static const char *const pairs[] = {"", "", "f", "Zg==", "fo",
	    "Zm8=", "foo", "Zm9v", "foob", "Zm9vYg==", "fooba",
	    "Zm9vYmE=", "foobar", "Zm9vYmFy", "\xff\xfe\xfd", "//79"};
	struct rc_buf b = RC_BUF_INIT(100);

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i += 2) {
		rc_buf_reset(&b);
		rc_base64(&b, rc_slice_str(pairs[i]));
		assert_string_equal(rc_buf_str(&b), pairs[i + 1]);
		rc_buf_reset(&b);
		assert_true(rc_unbase64(&b, rc_slice_str(pairs[i + 1])));
		assert_string_equal(rc_buf_str(&b), pairs[i]);
	}
	rc_buf_free(&b);
}

static void
what_is_no_base64_is_refused(void **state)
{
	static const char *const bad[] = {"Z", "Zg", "Zg=", "Zg===", "Z===",
	    "====", "Zh==", "Zm9=", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zm9-",
	    "=Zm9"};
	struct rc_buf b = RC_BUF_INIT(100), small = RC_BUF_INIT(2);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (rc_unbase64(&b, rc_slice_str(bad[i])))
			fail_msg("took \"%s\"", bad[i]);
	assert_false(rc_unbase64(&small, RC_SLICE_LIT("Zm9v")));
	rc_buf_free(&b);
	rc_buf_free(&small);
}

static void
secrets_are_compared_whole(void **state)
{
	(void)state;
	assert_true(rc_equal_secret(RC_SLICE_LIT("abc"), RC_SLICE_LIT("abc")));
	assert_true(rc_equal_secret(RC_SLICE_LIT(""), RC_SLICE_LIT("")));
	assert_false(rc_equal_secret(RC_SLICE_LIT("abc"), RC_SLICE_LIT("abd")));
	assert_false(
	    rc_equal_secret(RC_SLICE_LIT("abc"), RC_SLICE_LIT("abcd")));
	assert_false(rc_equal_secret(RC_SLICE_LIT(""), RC_SLICE_LIT("a")));
}

static void
random_bytes_differ(void **state)
{
	unsigned char a[16], b[16];

	(void)state;
	assert_int_equal(rc_random(a, sizeof(a), &err), RC_OK);
	assert_int_equal(rc_random(b, sizeof(b), &err), RC_OK);
	assert_memory_not_equal(a, b, sizeof(a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCRATCH_TEST(a_new_key_is_for_its_user_alone_and_stays),
	    SCRATCH_TEST(a_key_others_can_read_is_refused),
	    SCRATCH_TEST(another_users_key_names_its_owner),
	    SCRATCH_TEST(what_is_no_key_is_refused),
	    SCRATCH_TEST(a_key_is_kept_beside_and_found_by_its_check_value),
	    SCRATCH_TEST(a_key_that_is_a_link_is_changed_where_it_lies),
	    SCRATCH_TEST(a_sealed_secret_opens_and_hides_its_text),
	    SCRATCH_TEST(a_secret_moved_elsewhere_does_not_open),
	    SCRATCH_TEST(any_flipped_or_missing_byte_is_noticed),
	    SCRATCH_TEST(secrets_have_a_ceiling_and_may_be_empty),
	    cmocka_unit_test(sha256_gives_the_standards_values),
	    cmocka_unit_test(hmac_sha1_gives_the_rfcs_values),
	    cmocka_unit_test(base64_goes_there_and_back),
	    cmocka_unit_test(what_is_no_base64_is_refused),
	    cmocka_unit_test(secrets_are_compared_whole),
	    cmocka_unit_test(random_bytes_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
