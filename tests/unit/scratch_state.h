/*
 * A state of its own for each test:
 *
 *	STATE_TEST(test)
 *	CHANNEL_TEST(test)	with channels "one" and "two", numbers 1 and 2
 */
#ifndef RC_TEST_SCRATCH_STATE_H
#define RC_TEST_SCRATCH_STATE_H

#include "scratch.h"

#include "base/num.h"
#include "core/state.h"

#define STATE_TEST(name)                                                       \
	cmocka_unit_test_setup_teardown(name, state_make, state_remove)

#define CHANNEL_TEST(name)                                                     \
	cmocka_unit_test_setup_teardown(name, state_make_channels, state_remove)

static struct rc_state *state;
static struct rc_error err;

#define assert_ok(call)                                                        \
	do {                                                                   \
		if ((call) != RC_OK)                                           \
			fail_msg("%s: %s", #call, err.msg);                    \
	} while (0)

static inline int
state_make(void **arg)
{
	return scratch_make(arg) != 0 ||
	       rc_state_open(&state, scratch("state"), scratch("key"), true,
		   &err) != RC_OK;
}

static inline int
state_remove(void **arg)
{
	rc_state_close(state);
	return scratch_remove(arg);
}

struct scratch_channel {
	const char *name;
	uint32_t number;
};

static inline enum rc_err
put_scratch_channel(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct scratch_channel *c = arg;
	unsigned char record[12] = {0};

	rc_put32(record, c->number);
	return rc_put(txn, RC_T_CHANNEL, rc_slice_str(c->name),
	    rc_slice_of(record, sizeof(record)), e);
}

/* As much of a channel's record as tells that it is there. */
static inline void
make_channel(const char *name, uint32_t number)
{
	struct scratch_channel c = {name, number};

	assert_ok(rc_store_write(state->store, put_scratch_channel, &c, &err));
}

static inline int
state_make_channels(void **arg)
{
	if (state_make(arg) != 0)
		return -1;
	make_channel("one", 1);
	make_channel("two", 2);
	return 0;
}

/* Numbers that are the same in every run. */
static inline uint64_t
draw(uint64_t below)
{
	static uint64_t x = 88172645463325252ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x % below;
}

#endif
