/*
 * Whose consent changed since a campaign's last run: sets gathered from the
 * journal once, then asked for each recipient.  What somebody's consent is
 * now is not known here.
 */
#ifndef RC_JOB_SEND_SINCE_H
#define RC_JOB_SEND_SINCE_H

#include "core/channel.h"

struct send_since;

/* Reads the journal from the entries of that time on; the sets stay packed. */
enum rc_err rc_send_since_open(struct send_since **, struct rc_state *,
    const struct rc_channel *, uint64_t since_ms,
    struct rc_error *) RC_MUST_USE;
void rc_send_since_close(struct send_since *); /* NULL is fine */
/* Whether an entry since then began, or ended, a person's consent. */
enum rc_err rc_send_since_began(struct send_since *, const struct rc_ident *,
    bool *yes, struct rc_error *) RC_MUST_USE;
enum rc_err rc_send_since_ended(struct send_since *, const struct rc_ident *,
    bool *yes, struct rc_error *) RC_MUST_USE;

#endif
