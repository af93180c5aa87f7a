/*
 * rc-channel add: a channel from options and object, its credentials tried
 * before anything is saved.
 */
#ifndef RC_FACE_CHANNEL_ADD_H
#define RC_FACE_CHANNEL_ADD_H

#include "core/provider.h"
#include "face/channel_args.h"

/*
 * object: JSON as it was read, or empty.  Makes state and key when there are
 * none; a dry run stops before.  Errors are rc_channel_args_parse's,
 * rc_token_fetch's and rc_channel_save's; in every one nothing was saved.
 */
enum rc_err rc_channel_add(struct rc_cli *, const char *name,
    const struct rc_channel_args *, struct rc_slice object,
    struct rc_error *) RC_MUST_USE;
/*
 * Tries a channel's OAuth2 credentials, fetching a token; nothing to try with
 * another auth.  Errors are rc_token_fetch's.
 */
enum rc_err rc_channel_try(const struct rc_channel *, struct rc_token *,
    struct rc_error *) RC_MUST_USE;
/*
 * Saves a new channel with its access token, which without OAuth2 is not
 * looked at; makes state and key when there are none.  RC_ECREATE: the name is
 * taken.
 */
enum rc_err rc_channel_keep(struct rc_cli *, struct rc_channel *,
    const struct rc_token *, struct rc_error *) RC_MUST_USE;
/* Warns of what a channel can be used without, but not well. */
void rc_channel_warn(struct rc_cli *, const struct rc_channel *);

#endif
