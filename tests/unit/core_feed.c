#include "scratch_state.h"

#include "base/num.h"
#include "core/feed.h"

#define OLD "upload_2026-03-01_04-00"
#define NEW "upload_2026-03-02_04-00"

struct call {
	uint32_t channel;
	const char *feed, *folder;
	uint64_t now_ms;
	struct rc_buf *found;
};

static enum rc_err
put(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct call *c = arg;

	return rc_feed_put(txn, c->channel, c->feed, c->folder, c->now_ms, e);
}

static enum rc_err
get(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct call *c = arg;

	return rc_feed_get(txn, c->channel, c->feed, c->found, e);
}

static enum rc_err
imported(uint32_t channel, const char *feed, const char *folder)
{
	struct call c = {channel, feed, folder, 1234, NULL};

	return rc_store_write(state->store, put, &c, &err);
}

/* The newest folder, "" when none was ever imported. */
static const char *
newest(uint32_t channel, const char *feed)
{
	static char name[64];
	struct rc_buf found = RC_BUF_INIT(RC_FEED_FOLDER_MAX);
	struct call c = {channel, feed, NULL, 0, &found};
	enum rc_err got = rc_store_read(state->store, get, &c, &err);

	name[0] = '\0';
	if (got != RC_NOTFOUND) {
		assert_int_equal(got, RC_OK);
		snprintf(name, sizeof(name), "%s", rc_buf_str(&found));
	}
	rc_buf_free(&found);
	return name;
}

static void
a_folder_is_imported_once(void **arg)
{
	(void)arg;
	assert_string_equal(newest(1, "s3://b"), "");
	assert_int_equal(imported(1, "s3://b", NEW), RC_OK);
	assert_string_equal(newest(1, "s3://b"), NEW);
	assert_int_equal(imported(1, "s3://b", NEW), RC_END);
	assert_int_equal(imported(1, "s3://b", OLD), RC_END);
	assert_string_equal(newest(1, "s3://b"), NEW);
}

static void
a_newer_folder_takes_the_place_of_an_older_one(void **arg)
{
	(void)arg;
	assert_int_equal(imported(1, "s3://b", OLD), RC_OK);
	assert_int_equal(imported(1, "s3://b", NEW), RC_OK);
	assert_string_equal(newest(1, "s3://b"), NEW);
}

static void
channels_and_sources_are_told_apart(void **arg)
{
	(void)arg;
	assert_int_equal(imported(1, "s3://b", NEW), RC_OK);
	assert_string_equal(newest(2, "s3://b"), "");
	assert_string_equal(newest(1, "s3://b/x"), "");
	assert_int_equal(imported(2, "s3://b", OLD), RC_OK);
	assert_int_equal(imported(1, "s3://b/x", OLD), RC_OK);
	assert_string_equal(newest(1, "s3://b"), NEW);
}

/* The layout of reconnect-state(5). */
static enum rc_err
read_raw(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	unsigned char key[4 + RC_SHA256_LEN];
	struct rc_slice value;

	(void)arg;
	rc_put32(key, 7);
	rc_sha256(rc_slice_str("s3://b"), key + 4);
	assert_ok(
	    rc_get(txn, RC_T_FEED, rc_slice_of(key, sizeof(key)), &value, e));
	assert_int_equal(value.len, 8 + 1 + strlen(NEW));
	assert_int_equal(rc_get64(value.p), 1234);
	assert_int_equal(value.p[8], (int)strlen(NEW));
	assert_memory_equal(value.p + 9, NEW, strlen(NEW));
	return RC_OK;
}

static enum rc_err
write_raw(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	unsigned char key[4 + RC_SHA256_LEN];

	(void)arg;
	rc_put32(key, 7);
	rc_sha256(rc_slice_str("s3://b"), key + 4);
	return rc_put(txn, RC_T_FEED, rc_slice_of(key, sizeof(key)),
	    RC_SLICE_LIT("\0\0\0\0\0\0\0\1\x20only"), e);
}

static void
the_record_is_as_documented(void **arg)
{
	struct rc_buf found = RC_BUF_INIT(RC_FEED_FOLDER_MAX);
	struct call c = {7, "s3://b", NEW, 1234, &found};

	(void)arg;
	assert_int_equal(imported(7, "s3://b", NEW), RC_OK);
	assert_ok(rc_store_read(state->store, read_raw, NULL, &err));
	assert_ok(rc_store_write(state->store, write_raw, NULL, &err));
	assert_int_equal(
	    rc_store_read(state->store, get, &c, &err), RC_ECONFIG);
	assert_says(err, "damaged");
	assert_int_equal(
	    rc_store_write(state->store, put, &c, &err), RC_ECONFIG);
	rc_buf_free(&found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STATE_TEST(a_folder_is_imported_once),
	    STATE_TEST(a_newer_folder_takes_the_place_of_an_older_one),
	    STATE_TEST(channels_and_sources_are_told_apart),
	    STATE_TEST(the_record_is_as_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
