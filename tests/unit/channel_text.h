/* Channels that the text of an object makes, in no state; to be freed. */
#ifndef RC_TEST_CHANNEL_TEXT_H
#define RC_TEST_CHANNEL_TEXT_H

#include "core/channel.h"
#include "scratch.h"

static struct rc_error error;

static inline struct rc_channel *
make_channel(const char *name, const char *text)
{
	struct rc_json *json = NULL;
	struct rc_channel *c = NULL;

	assert_int_equal(
	    rc_json_parse(&json, rc_slice_str(text), &error), RC_OK);
	if (rc_channel_parse(&c, name, rc_json_root(json), &error) != RC_OK)
		fail_msg("%s", error.msg);
	rc_json_free(json);
	return c;
}

/* more: further members, each behind a comma. */
static inline struct rc_channel *
http(const char *more)
{
	char text[2048];

	snprintf(
	    text, sizeof(text), "{\"url\":\"https://a.example/m\"%s}", more);
	return make_channel("acme", text);
}

#endif
