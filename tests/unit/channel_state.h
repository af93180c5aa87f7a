/*
 * A state of its own, unsealed, for each test of channels:
 *
 *	WITH_STATE(test)
 */
#ifndef RC_TEST_CHANNEL_STATE_H
#define RC_TEST_CHANNEL_STATE_H

#include "channel_text.h"

#define WITH_STATE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

static struct rc_state *open_state;

static inline int
set_up(void **state)
{
	return scratch_make(state) != 0 ||
	       rc_state_open(&open_state, scratch("state.mdb"), scratch("key"),
		   true, &error) != RC_OK ||
	       rc_state_unseal(open_state, true, &error) != RC_OK;
}

static inline int
tear_down(void **state)
{
	rc_state_close(open_state);
	return scratch_remove(state);
}

/* A channel that an object makes, as it was saved; to be freed. */
static inline struct rc_channel *
save_channel(const char *name, const char *text)
{
	struct rc_channel *c = make_channel(name, text);

	assert_int_equal(rc_channel_save(open_state, c, &error), RC_OK);
	return c;
}

/* With its secrets; to be freed. */
static inline struct rc_channel *
load(const char *name)
{
	struct rc_channel *c;

	if (rc_channel_load(open_state, name, true, &c, &error) != RC_OK)
		fail_msg("%s", error.msg);
	return c;
}

#endif
