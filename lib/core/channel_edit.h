/*
 * Changing a channel that is kept: read it, change it in memory, check the
 * whole of it, and put it in the place of what was read.  In between others
 * may have changed it: then nothing is saved, and everything begins anew.
 *
 * Order: rc_channel_edit_open, rc_channel_edit_apply for each object,
 * rc_channel_edit_check, rc_channel_edit_save.
 */
#ifndef RC_CORE_CHANNEL_EDIT_H
#define RC_CORE_CHANNEL_EDIT_H

#include "core/channel_key.h"

struct rc_channel_edit {
	struct rc_channel *before, *after; /* with secrets */
	struct rc_buf record;		   /* before, as it is kept */
	uint64_t named;			   /* keys an object had */
	uint64_t changed; /* keys, once checked; as rc_channel.given */
};

/*
 * Reads a channel, whose name is given; the state must be unsealed.
 * RC_ENOINPUT as rc_channel_load.
 */
enum rc_err rc_channel_edit_open(struct rc_channel_edit *, struct rc_state *,
    const char *name, struct rc_error *) RC_MUST_USE;
void rc_channel_edit_free(struct rc_channel_edit *); /* wipes; repeatable */
/*
 * Takes the keys an object has; null takes an optional key away.  A secret
 * that is RC_MASK stays as it is.  Headers are an array in the place of all
 * there are; with merge, each in the place of the one of its name, and null
 * takes it away.  RC_EUSAGE as rc_channel_parse.
 */
enum rc_err rc_channel_edit_apply(struct rc_channel_edit *,
    const struct rc_json_value *object, bool merge,
    struct rc_error *) RC_MUST_USE;
/*
 * Drops what went with another auth type, checks the channel as
 * rc_channel_parse does, and notes what has changed.  RC_EUSAGE, also for
 * another provider.
 */
enum rc_err rc_channel_edit_check(
    struct rc_channel_edit *, struct rc_error *) RC_MUST_USE;
/* Whether a key has changed; of a group, "auth.", whether any has. */
bool rc_channel_edit_changes(const struct rc_channel_edit *, const char *key);
typedef enum rc_err rc_channel_change_fn(void *arg, const char *key,
    const char *before, const char *after, struct rc_error *);
/*
 * Tells each change: a key, "headers.X-Key" for a header, and its values, NULL
 * for none, secrets masked.
 */
enum rc_err rc_channel_edit_each(const struct rc_channel_edit *,
    rc_channel_change_fn *, void *arg, struct rc_error *) RC_MUST_USE;
/*
 * Saves it, and drops the access token when "auth." has changed; a trial does
 * neither.  RC_EAGAIN: it was changed or removed since it was read.
 * RC_ECONFIG: another identifier type, when there are people or campaigns.
 */
enum rc_err rc_channel_edit_save(struct rc_channel_edit *, struct rc_state *,
    bool trial, struct rc_error *) RC_MUST_USE;

/*
 * Gives a channel another name; number and all that goes by it stay.
 * RC_ENOINPUT; RC_ECREATE when the name is taken; RC_EUSAGE when it is none.
 */
enum rc_err rc_channel_rename(struct rc_state *, const char *from,
    const char *to, bool trial, struct rc_error *) RC_MUST_USE;

#endif
