/*
 * Whom a dry run would have sent to already, exactly, in little memory: of
 * people on the subscriber list a bit each, or with lines four bytes; of
 * others, who opted in since it, what they are called.  The list is copied
 * when it is opened, so that another one may come meanwhile.
 */
#ifndef RC_JOB_SEND_SEEN_H
#define RC_JOB_SEND_SEEN_H

#include "core/list.h"

struct send_seen;

/* lines: also remember where people came first. */
enum rc_err rc_send_seen_open(struct send_seen **, struct rc_state *,
    const struct rc_channel *, bool lines, struct rc_error *) RC_MUST_USE;
void rc_send_seen_close(struct send_seen *); /* NULL is fine */
/*
 * *first is 0 for somebody new, and from then on the line (1 and up) they came
 * with then; without lines just not 0.  Of people on the list, lines beyond
 * UINT32_MAX are told as that.
 */
enum rc_err rc_send_seen(struct send_seen *, const struct rc_ident *,
    uint64_t line, uint64_t *first, struct rc_error *) RC_MUST_USE;

#endif
