/*
 * A state of its own for each test:
 *
 *	STATE_TEST(test)
 */
#ifndef RC_TEST_SCRATCH_STATE_H
#define RC_TEST_SCRATCH_STATE_H

#include "scratch.h"

#include "core/state.h"

#define STATE_TEST(name)                                                       \
	cmocka_unit_test_setup_teardown(name, state_make, state_remove)

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
