#include "core/channel_rekey.h"
#include "core/provider.h"
#include "channel_state.h"

#include <dirent.h>

#define OAUTH2                                                                 \
	"{\"url\":\"https://a.example/x\",\"auth\":{\"type\":\"oauth2\","      \
	"\"client_id\":\"me\",\"client_secret\":\"hunter2-client\","           \
	"\"token_url\":\"https://a.example/token\"},\"headers\":[{\"name\":"   \
	"\"X-Key\",\"value\":\"hunter2-header\",\"secret\":true}]}"

static void
assert_opens(const char *name)
{
	struct rc_channel *c = load(name);

	assert_string_equal(c->client_secret, "hunter2-client");
	assert_string_equal(c->headers[0].value, "hunter2-header");
	rc_channel_free(c);
}

static void
rekey(void)
{
	struct rc_rekey done;

	if (rc_state_rekey(open_state, false, &done, &error) != RC_OK)
		fail_msg("%s", error.msg);
	assert_int_equal(access(rc_buf_str(&done.kept), R_OK), 0);
	rc_buf_free(&done.kept);
}

static void
reopen(void)
{
	rc_state_close(open_state);
	if (rc_state_open(&open_state, scratch("state.mdb"), scratch("key"),
		false, &error) != RC_OK ||
	    rc_state_unseal(open_state, false, &error) != RC_OK)
		fail_msg("%s", error.msg);
}

static void
every_secret_and_token_opens_with_the_new_key(void **state)
{
	struct rc_token token = {
	    .value = RC_BUF_INIT(100), .expires_ms = UINT64_MAX};
	unsigned char before[RC_SHA256_LEN];
	struct rc_channel *c;

	(void)state;
	rc_channel_free(save_channel("acme", OAUTH2));
	rc_channel_free(save_channel("beta", OAUTH2));
	c = load("acme");
	rc_buf_adds(&token.value, "hunter2");
	assert_int_equal(rc_token_store(open_state, c, &token, &error), RC_OK);
	memcpy(before, open_state->check, sizeof(before));
	rekey();
	assert_memory_not_equal(before, open_state->check, sizeof(before));
	for (int again = 0; again < 2; again++) {
		assert_opens("acme");
		assert_opens("beta");
		assert_int_equal(
		    rc_token_load(open_state, c, 1, &token, &error), RC_OK);
		assert_string_equal(rc_buf_str(&token.value), "hunter2");
		reopen();
	}
	rc_token_free(&token);
	rc_channel_free(c);
}

/* To a key of before, as in a process that was there already. */
static void
go_back(const unsigned char check[RC_SHA256_LEN])
{
	struct rc_seal *old;

	assert_int_equal(
	    rc_seal_open_kept(&old, scratch("key"), check, &error), RC_OK);
	rc_state_take_seal(open_state, old);
	assert_memory_equal(check, open_state->check, RC_SHA256_LEN);
}

static void
whoever_holds_the_key_of_before_takes_the_new_one(void **state)
{
	struct rc_token token = {
	    .value = RC_BUF_INIT(100), .expires_ms = UINT64_MAX};
	unsigned char before[RC_SHA256_LEN];
	struct rc_channel *c;

	(void)state;
	rc_channel_free(save_channel("acme", OAUTH2));
	memcpy(before, open_state->check, sizeof(before));
	for (int what = 0; what < 3; what++) {
		rekey();
		go_back(before);
		if (what == 0)
			assert_opens("acme");
		if (what == 1)
			rc_channel_free(save_channel("beta", OAUTH2));
		if (what == 2) {
			c = load("beta");
			rc_buf_adds(&token.value, "hunter2");
			go_back(before);
			assert_int_equal(
			    rc_token_store(open_state, c, &token, &error),
			    RC_OK);
			rc_channel_free(c);
		}
		assert_memory_not_equal(
		    before, open_state->check, sizeof(before));
		reopen();
		assert_opens("acme");
	}
	assert_opens("beta");
	c = load("beta");
	assert_int_equal(
	    rc_token_load(open_state, c, 1, &token, &error), RC_OK);
	rc_channel_free(c);
	rc_token_free(&token);
}

static void
a_state_that_shared_the_key_still_opens(void **state)
{
	struct rc_state *other;

	(void)state;
	/* Before the first one is open again: one store a process. */
	rc_state_close(open_state);
	assert_int_equal(rc_state_open(&other, scratch("other.mdb"),
			     scratch("key"), true, &error),
	    RC_OK);
	assert_int_equal(rc_state_unseal(other, true, &error), RC_OK);
	rc_state_close(other);
	assert_int_equal(rc_state_open(&open_state, scratch("state.mdb"),
			     scratch("key"), false, &error),
	    RC_OK);
	rekey();
	rekey();
	rc_state_close(open_state);
	assert_int_equal(rc_state_open(&open_state, scratch("other.mdb"),
			     scratch("key"), false, &error),
	    RC_OK);
	assert_int_equal(rc_state_unseal(open_state, true, &error), RC_OK);
	/* And may get another key itself, without taking the first one's. */
	rekey();
	rc_state_close(open_state);
	assert_int_equal(rc_state_open(&open_state, scratch("state.mdb"),
			     scratch("key"), false, &error),
	    RC_OK);
	assert_int_equal(rc_state_unseal(open_state, true, &error), RC_OK);
}

static void
the_keys_of_codes_messages_and_variants_stay(void **state)
{
	struct rc_state_keys keys = open_state->keys;

	(void)state;
	rekey();
	reopen();
	assert_memory_equal(&keys, &open_state->keys, sizeof(keys));
}

static enum rc_err
damage(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_slice name = RC_SLICE_LIT("acme"), record;
	struct rc_buf copy = RC_BUF_INIT(65536);
	char *sealed;
	enum rc_err err = rc_get(txn, RC_T_CHANNEL, name, &record, e);

	(void)arg;
	if (err != RC_OK)
		return err;
	rc_buf_addv(&copy, record);
	sealed = memmem(copy.data, copy.len, "\"sealed\":\"", 10);
	assert_non_null(sealed);
	sealed[20] = sealed[20] == 'A' ? 'B' : 'A';
	err = rc_put(txn, RC_T_CHANNEL, name, rc_buf_slice(&copy), e);
	rc_buf_free(&copy);
	return err;
}

static unsigned
files(void)
{
	unsigned n = 0;
	DIR *dir = opendir(scratch_dir);

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static void
a_trial_and_a_failure_change_nothing(void **state)
{
	unsigned char before[RC_SHA256_LEN];
	struct rc_rekey done;
	unsigned n;

	(void)state;
	rc_channel_free(save_channel("acme", OAUTH2));
	rc_channel_free(save_channel("beta", OAUTH2));
	memcpy(before, open_state->check, sizeof(before));
	n = files();
	assert_int_equal(
	    rc_state_rekey(open_state, true, &done, &error), RC_OK);
	assert_int_equal(done.channels, 2);
	assert_int_equal(done.kept.len, 0);
	assert_int_equal(files(), n);
	assert_int_equal(
	    rc_store_write(open_state->store, damage, NULL, &error), RC_OK);
	for (int trial = 0; trial < 2; trial++) {
		assert_int_equal(
		    rc_state_rekey(open_state, trial, &done, &error),
		    RC_ECONFIG);
		assert_says(error, "channel 'acme' as kept");
		assert_null(strstr(error.msg, "hunter2"));
	}
	/* The key there is was kept; the one that is not used was not. */
	assert_int_equal(files(), n + 1);
	reopen();
	assert_memory_equal(before, open_state->check, sizeof(before));
	assert_opens("beta");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_STATE(every_secret_and_token_opens_with_the_new_key),
	    WITH_STATE(whoever_holds_the_key_of_before_takes_the_new_one),
	    WITH_STATE(a_state_that_shared_the_key_still_opens),
	    WITH_STATE(the_keys_of_codes_messages_and_variants_stay),
	    WITH_STATE(a_trial_and_a_failure_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
