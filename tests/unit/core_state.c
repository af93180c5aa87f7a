#include "scratch.h"

#include "core/state.h"

static struct rc_error err;

static struct rc_state *
open_state(bool create)
{
	struct rc_state *s;

	if (rc_state_open(&s, scratch("state"), scratch("key"), create, &err) !=
	    RC_OK)
		fail_msg("%s", err.msg);
	return s;
}

static void
a_state_keeps_its_keys(void **state)
{
	struct rc_state *s;
	struct rc_state_keys keys;

	(void)state;
	assert_int_equal(
	    rc_state_open(&s, scratch("state"), scratch("key"), false, &err),
	    RC_ENOINPUT);
	s = open_state(true);
	keys = s->keys;
	rc_state_close(s);
	assert_memory_not_equal(keys.code, keys.message, 16);
	assert_memory_not_equal(keys.code, keys.variant, 16);
	s = open_state(false);
	assert_memory_equal(&s->keys, &keys, sizeof(keys));
	rc_state_close(s);
	s = open_state(true);
	assert_memory_equal(&s->keys, &keys, sizeof(keys));
	rc_state_close(s);
}

static void
opening_a_state_needs_no_seal_key(void **state)
{
	struct rc_state *s = open_state(true);

	(void)state;
	assert_null(s->seal);
	assert_int_not_equal(access(scratch("key"), F_OK), 0);
	assert_int_equal(rc_state_unseal(s, false, &err), RC_ENOINPUT);
	assert_null(s->seal);
	rc_state_close(s);
}

static void
a_state_refuses_another_seal_key(void **state)
{
	struct rc_state *s = open_state(true);

	(void)state;
	assert_int_equal(rc_state_unseal(s, true, &err), RC_OK);
	assert_non_null(s->seal);
	assert_int_equal(rc_state_unseal(s, true, &err), RC_OK);
	rc_state_close(s);
	assert_int_equal(rename(scratch("key"), scratch("kept")), 0);
	s = open_state(false);
	/* A lost key must not be replaced by a new one. */
	assert_int_equal(rc_state_unseal(s, true, &err), RC_ENOINPUT);
	assert_int_not_equal(access(scratch("key"), F_OK), 0);
	scratch_write(scratch("key"),
	    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
	    64);
	assert_int_equal(rc_state_unseal(s, true, &err), RC_ECONFIG);
	assert_says(err, "is not the seal key of");
	assert_null(strstr(err.msg, "00112233"));
	assert_null(s->seal);
	assert_int_equal(rename(scratch("kept"), scratch("key")), 0);
	assert_int_equal(rc_state_unseal(s, false, &err), RC_OK);
	rc_state_close(s);
}

static void
two_states_may_share_a_key(void **state)
{
	struct rc_state *s = open_state(true);

	(void)state;
	assert_int_equal(rc_state_unseal(s, true, &err), RC_OK);
	rc_state_close(s);
	assert_int_equal(
	    rc_state_open(&s, scratch("state2"), scratch("key"), true, &err),
	    RC_OK);
	assert_int_equal(rc_state_unseal(s, true, &err), RC_OK);
	rc_state_close(s);
}

static enum rc_err
take(struct rc_txn *t, void *arg, struct rc_error *e)
{
	uint32_t a;
	uint64_t b;

	(void)arg;
	assert_int_equal(rc_state_take32(t, "next_run", 1, &a, e), RC_OK);
	assert_int_equal(a, 1);
	assert_int_equal(rc_state_take32(t, "next_run", 10, &a, e), RC_OK);
	assert_int_equal(a, 2);
	assert_int_equal(rc_state_take32(t, "next_run", 1, &a, e), RC_OK);
	assert_int_equal(a, 12);
	assert_int_equal(rc_state_take32(t, "next_channel", 1, &a, e), RC_OK);
	assert_int_equal(a, 1);
	assert_int_equal(
	    rc_state_take32(t, "next_run", UINT32_MAX, &a, e), RC_EINTERNAL);
	assert_int_equal(rc_state_take32(t, "next_run", 0, &a, e), RC_OK);
	assert_int_equal(a, 13);
	assert_int_equal(
	    rc_state_take64(t, "next_link", 5000000000, &b, e), RC_OK);
	assert_int_equal(b, 1);
	assert_int_equal(rc_state_take64(t, "next_link", 1, &b, e), RC_OK);
	assert_int_equal(b, 5000000001);
	assert_int_equal(
	    rc_state_take64(t, "next_link", UINT64_MAX, &b, e), RC_EINTERNAL);
	return RC_OK;
}

static void
counters_give_every_number_once(void **state)
{
	struct rc_state *s = open_state(true);

	(void)state;
	assert_int_equal(rc_store_write(s->store, take, NULL, &err), RC_OK);
	rc_state_close(s);
}

static enum rc_err
count(struct rc_txn *t, void *arg, struct rc_error *e)
{
	const struct {
		uint32_t campaign;
		enum rc_tally dimension;
		uint32_t member;
		int64_t delta;
		enum rc_err answer;
		uint64_t then;
	} step[] = {
	    {1, RC_TALLY_STATE, 2, 5, RC_OK, 5},
	    {1, RC_TALLY_STATE, 2, -2, RC_OK, 3},
	    {1, RC_TALLY_STATE, 3, 1, RC_OK, 1},
	    {1, RC_TALLY_CLICK, 2, 7, RC_OK, 7},
	    {2, RC_TALLY_STATE, 2, 9, RC_OK, 9},
	    {1, RC_TALLY_STATE, 2, -4, RC_EINTERNAL, 3},
	    {1, RC_TALLY_STATE, 2, -3, RC_OK, 0},
	    {9, RC_TALLY_STATE, 2, -1, RC_EINTERNAL, 0},
	    {9, RC_TALLY_STATE, 2, 0, RC_OK, 0},
	};
	uint64_t n;

	(void)arg;
	for (size_t i = 0; i < sizeof(step) / sizeof(*step); i++) {
		assert_int_equal(
		    rc_tally_add(t, step[i].campaign, step[i].dimension,
			step[i].member, step[i].delta, e),
		    step[i].answer);
		assert_int_equal(rc_tally_get(t, step[i].campaign,
				     step[i].dimension, step[i].member, &n, e),
		    RC_OK);
		assert_int_equal(n, step[i].then);
	}
	return RC_OK;
}

static void
tallies_count_apart_and_never_below_zero(void **state)
{
	struct rc_state *s = open_state(true);

	(void)state;
	assert_int_equal(rc_store_write(s->store, count, NULL, &err), RC_OK);
	rc_state_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCRATCH_TEST(a_state_keeps_its_keys),
	    SCRATCH_TEST(opening_a_state_needs_no_seal_key),
	    SCRATCH_TEST(a_state_refuses_another_seal_key),
	    SCRATCH_TEST(two_states_may_share_a_key),
	    SCRATCH_TEST(counters_give_every_number_once),
	    SCRATCH_TEST(tallies_count_apart_and_never_below_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
