/*
 * rc-channel test: one message, or only the credentials, tried and shown.
 */
#ifndef RC_FACE_CHANNEL_TEST_H
#define RC_FACE_CHANNEL_TEST_H

#include "core/provider.h"
#include "face/cli.h"

/* An HTTP engine for one request at a time to a channel's provider. */
enum rc_err rc_channel_http(const struct rc_channel *, struct rc_http **,
    struct rc_error *) RC_MUST_USE;

/*
 * Sends one message to to, its text or document rendered from the file payload
 * (NULL: a short one), and shows request, answer and verdict.  to NULL: checks
 * the credentials alone; RC_EUSAGE when the channel has none that can be
 * checked.  Opens no claim and writes no message; somebody who has opted out
 * gets nothing (RC_EDATA).  A dry run shows the request alone.  A channel
 * without number is not kept yet: nobody can have opted out of it, and its
 * access token is fetched anew.  Errors are rc_exchange_outcome's and
 * rc_token_get's.
 */
enum rc_err rc_channel_test(struct rc_cli *, const struct rc_channel *,
    const char *to, const char *payload, struct rc_error *) RC_MUST_USE;

#endif
