/*
 * rc-channel set: some keys of a channel that is kept, the others as they are.
 */
#ifndef RC_FACE_CHANNEL_SET_H
#define RC_FACE_CHANNEL_SET_H

#include "face/channel_args.h"

/*
 * object: JSON as it was read, or empty; options come behind it.  Prints a
 * record for each key that has changed: key, before, after.  A dry run saves
 * nothing.  Errors are rc_channel_args_resolve's, rc_token_fetch's and those
 * of core/channel_edit.h; in every one nothing was saved.
 */
enum rc_err rc_channel_change(struct rc_cli *, const char *name,
    const struct rc_channel_args *, struct rc_slice object,
    struct rc_error *) RC_MUST_USE;

#endif
