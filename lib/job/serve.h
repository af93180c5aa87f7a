/*
 * Serve: the public face (rc-httpd(1)): redirects with clicks kept before they
 * are answered, the opt-in/opt-out and event API, Twilio's webhooks.
 *
 * One thread serves; a committer thread groups consent changes, events,
 * receipts and click folding into transactions, and requests wait for theirs.
 */
#ifndef RC_JOB_SERVE_H
#define RC_JOB_SERVE_H

#include "base/log.h"
#include "core/click.h"

#include <stdatomic.h>

struct rc_serve;
struct rc_serve_config {
	const char *listen;
	const char *public_url; /* as providers and readers see it; or NULL */
	bool click_sync;	/* hold a redirect until its click is on disk */
	const struct rc_log *log;
};
/*
 * Listens and starts the committer; the state is borrowed until the close.
 * RC_EUSAGE: no address or URL; RC_EUNAVAIL: the address is taken; RC_EAGAIN:
 * another one serves this state.
 */
enum rc_err rc_serve_open(struct rc_serve **, struct rc_state *,
    const struct rc_serve_config *, struct rc_error *) RC_MUST_USE;
/* The address it listens on, as a URL or "unix:PATH". */
const char *rc_serve_address(const struct rc_serve *);
/* Serves until *stop is not 0 (a signal interrupts the wait). */
enum rc_err rc_serve_run(
    struct rc_serve *, const atomic_int *stop, struct rc_error *) RC_MUST_USE;
/* Answers what is under way, folds the clicks. */
void rc_serve_close(struct rc_serve *);

#endif
