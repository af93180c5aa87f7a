#include "core/rate.h"

#include "scratch_state.h"

#define NOW 1767225600000ULL /* 2026-01-01 */

struct call {
	double per_second;
	uint64_t now_ms;
	size_t left, take;
	uint64_t first_us, last_us, ready_us;
};

static enum rc_err
call_take(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct call *c = arg;
	struct rc_rate rate;
	enum rc_err r =
	    rc_rate_open(&rate, txn, 7, c->per_second, c->now_ms, e);

	if (r != RC_OK)
		return r;
	c->left = rc_rate_left(&rate);
	for (size_t i = 0; i < c->take && i < c->left; i++) {
		c->last_us = rc_rate_take(&rate);
		if (i == 0)
			c->first_us = c->last_us;
	}
	c->ready_us = rc_rate_ready_us(&rate);
	return rc_rate_close(&rate, e);
}

/* As many as there are, or fewer. */
static struct call
take(double per_second, uint64_t now_ms, size_t n)
{
	struct call c = {.per_second = per_second, .now_ms = now_ms, .take = n};

	assert_ok(rc_store_write(state->store, call_take, &c, &err));
	return c;
}

static void
senders_share_one_rate(void **arg)
{
	uint64_t before_us = 0;
	size_t taken = 0;

	(void)arg;
	/* Two senders in turn ask for all there is, for ten seconds. */
	for (uint64_t ms = NOW; ms < NOW + 10000; ms += 7) {
		struct call c = take(100, ms, SIZE_MAX);

		if (c.left == 0)
			continue;
		assert_true(c.first_us >= before_us + 10000);
		assert_true(c.last_us <= (ms + 100) * 1000);
		before_us = c.last_us;
		taken += c.left;
	}
	/* Those of the burst, and those a tenth of a second ahead. */
	assert_in_range(taken, 1000, 1016);
}

static void
nothing_is_left_until_the_next_moment(void **arg)
{
	struct call c = take(2, NOW, SIZE_MAX);

	(void)arg;
	assert_int_equal(c.left, 1);
	assert_true(c.first_us <= NOW * 1000);
	c = take(2, NOW + 1, SIZE_MAX);
	assert_int_equal(c.left, 0);
	assert_true(c.ready_us > (NOW + 300) * 1000);
	assert_int_equal(take(2, c.ready_us / 1000 - 2, 0).left, 0);
	assert_int_equal(take(2, c.ready_us / 1000, 0).left, 1);
}

static void
what_is_not_taken_stays(void **arg)
{
	size_t left = take(1000, NOW, 0).left;

	(void)arg;
	assert_in_range(left, 140, 151);
	assert_int_equal(take(1000, NOW, 40).left, left);
	assert_int_equal(take(1000, NOW, 0).left, left - 40);
	/* An hour without anybody makes no more. */
	assert_int_equal(take(1000, NOW + 3600000, 0).left, left);
}

static void
a_message_takes_the_time_of_its_senders_rate(void **arg)
{
	(void)arg;
	assert_int_equal(take(1, NOW, 1).left, 1);
	assert_int_equal(take(1000, NOW + 500, 0).left, 0);
	assert_true(take(1000, NOW + 900, 0).left > 0);
	assert_int_equal(take(1000, NOW + 1000, 1).left > 0, true);
	assert_int_equal(take(1, NOW + 1000, 1).left, 1);
}

static void
a_clock_set_back_stops_nobody(void **arg)
{
	(void)arg;
	assert_true(take(10, NOW + 86400000, SIZE_MAX).left > 0);
	assert_true(take(10, NOW, SIZE_MAX).left > 0);
	assert_int_equal(take(10, NOW, SIZE_MAX).left, 0);
}

static void
without_a_rate_there_is_no_limit(void **arg)
{
	struct call c = take(0, NOW, 3);

	(void)arg;
	assert_true(c.left == SIZE_MAX);
	assert_int_equal(c.last_us, 0);
	assert_int_equal(c.ready_us, 0);
}

static enum rc_err
call_forget(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	(void)arg;
	return rc_rate_forget(txn, 7, e);
}

static void
a_removed_channel_leaves_no_rate(void **arg)
{
	(void)arg;
	assert_ok(rc_store_write(state->store, call_forget, NULL, &err));
	take(1, NOW, 1);
	assert_int_equal(take(1, NOW, 1).left, 0);
	assert_ok(rc_store_write(state->store, call_forget, NULL, &err));
	assert_int_equal(take(1, NOW, 1).left, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STATE_TEST(senders_share_one_rate),
	    STATE_TEST(nothing_is_left_until_the_next_moment),
	    STATE_TEST(what_is_not_taken_stays),
	    STATE_TEST(a_message_takes_the_time_of_its_senders_rate),
	    STATE_TEST(a_clock_set_back_stops_nobody),
	    STATE_TEST(without_a_rate_there_is_no_limit),
	    STATE_TEST(a_removed_channel_leaves_no_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
