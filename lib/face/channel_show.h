/*
 * Channels and API keys as rc-channel lists and shows them.
 */
#ifndef RC_FACE_CHANNEL_SHOW_H
#define RC_FACE_CHANNEL_SHOW_H

#include "face/cli.h"

/* The object on one line with -j, else a line for each key and its value. */
enum rc_err rc_channel_show(
    struct rc_out *, const struct rc_channel *, struct rc_error *) RC_MUST_USE;
/* A record for each channel: name, provider, identifier, auth, target, made. */
enum rc_err rc_channel_list(struct rc_cli *, struct rc_error *) RC_MUST_USE;
/* A record for each API key: id, channel, made, label. */
enum rc_err rc_channel_list_keys(
    struct rc_cli *, struct rc_error *) RC_MUST_USE;

#endif
