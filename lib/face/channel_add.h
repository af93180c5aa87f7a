/*
 * rc-channel add: a channel from options and object, its credentials tried
 * before anything is saved.
 */
#ifndef RC_FACE_CHANNEL_ADD_H
#define RC_FACE_CHANNEL_ADD_H

#include "face/channel_args.h"

/*
 * object: JSON as it was read, or empty.  Makes state and key when there are
 * none; a dry run stops before.  Errors are rc_channel_args_parse's,
 * rc_token_fetch's and rc_channel_save's; in every one nothing was saved.
 */
enum rc_err rc_channel_add(struct rc_cli *, const char *name,
    const struct rc_channel_args *, struct rc_slice object,
    struct rc_error *) RC_MUST_USE;

#endif
