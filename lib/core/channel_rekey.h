/*
 * Another seal key for a state, with everything that is sealed sealed anew.
 *
 * State and key file cannot change at once, so the order is: the keys of
 * before and after are kept beside the key file (sys/seal.h), then the state
 * changes in one transaction, then the new key is put in place.  Wherever that
 * ends, the state finds its key; and so does another state, or a backup, that
 * the key of before was shared with.
 */
#ifndef RC_CORE_CHANNEL_REKEY_H
#define RC_CORE_CHANNEL_REKEY_H

#include "core/channel.h"

struct rc_rekey {
	size_t channels;
	struct rc_buf kept; /* path of the key of before; empty in a trial */
};

/*
 * Rekeys a state; a trial opens all secrets and changes nothing.  kept is the
 * caller's to free.  RC_ENOINPUT: the state has no key yet.  RC_ECONFIG: a
 * secret does not open, names the channel.  Unless it says where the new key
 * lies (RC_EIO), nothing has changed.
 */
enum rc_err rc_state_rekey(struct rc_state *, bool trial, struct rc_rekey *,
    struct rc_error *) RC_MUST_USE;

#endif
