/*
 * The keys of a channel object, listed once: reading, checking and showing a
 * channel and rc-channel's options all go by this table.
 *
 * A key within an object is named with a dot, "auth.username".
 */
#ifndef RC_CORE_CHANNEL_KEY_H
#define RC_CORE_CHANNEL_KEY_H

#include "core/channel.h"

enum rc_key_type { /* and the member of struct rc_channel it fills */
	RC_KEY_TEXT,
	RC_KEY_URL,	/* text: http or https */
	RC_KEY_POINTER, /* text: RFC 6901 */
	RC_KEY_CHOICE,	/* an enum, by the names in choice */
	RC_KEY_NUMBER,	/* double, not negative */
	RC_KEY_COUNT,	/* unsigned, at least 1 */
	RC_KEY_CAP,	/* cap and cap_window_ms */
	RC_KEY_QUIET,	/* text: "21:00-08:00" */
	RC_KEY_STATUS,	/* status_min and status_max */
	RC_KEY_HEADERS	/* an array, and its count */
};

enum rc_key_when { /* which channels take it */
	RC_WHEN_ALWAYS,
	RC_WHEN_TWILIO,
	RC_WHEN_HTTP,
	RC_WHEN_BASIC,
	RC_WHEN_OAUTH2
};

struct rc_channel_key {
	const char *name;
	const char *option; /* long option, without dashes */
	const char *value;  /* its placeholder */
	const char *help;
	enum rc_key_type type;
	enum rc_key_when when;
	bool required, secret;
	size_t offset;		   /* in struct rc_channel */
	const char *const *choice; /* by enumerator, NULL for holes */
	size_t nchoices;
};

#define RC_CHANNEL_KEYS_MAX 64 /* bits of rc_channel.given */

extern const struct rc_channel_key rc_channel_keys[];
extern const size_t rc_channel_nkeys;

/* By name, NULL when there is none. */
const struct rc_channel_key *rc_channel_key_find(struct rc_slice name);
/* The name that looks most like a mistyped one. */
const char *rc_channel_key_nearest(struct rc_slice name);
/* Whether keys lie within it: "auth". */
bool rc_channel_key_is_group(struct rc_slice name);
/* Whether a channel of this provider and auth takes the key. */
bool rc_channel_key_fits(
    const struct rc_channel_key *, const struct rc_channel *);

#endif
