/*
 * Reconcile: asks the provider about every unknown message of a campaign and
 * settles it (rc-send(1), "Asking the provider").
 *
 * A message the provider has gets the state its status implies; one that it
 * does not have becomes "deferred", which the next run takes up, but only when
 * its list surely covers it: asked for RC_RECONCILE_MARGIN_MS after it had left
 * at the latest, and unless something else that may be it went to the person at
 * that time, or it was clicked.  In doubt a message stays unknown.
 *
 * It may be ended at any moment and run beside senders and itself: what is
 * settled is settled, and a message that has moved on keeps its state.
 */
#ifndef RC_JOB_SEND_RECONCILE_H
#define RC_JOB_SEND_RECONCILE_H

#include "base/log.h"
#include "core/provider.h"

#include <stdatomic.h>

#define RC_RECONCILE_MARGIN_MS (15ULL * 60 * 1000)

struct rc_reconcile_record {
	const char *to;
	const char *outcome; /* rc_reconcile_outcome's */
	const char *message_id, *provider_id, *detail; /* "" when none */
};

/* RC_M_NONE stands for "settled meanwhile", by a receipt or another run. */
const char *rc_reconcile_outcome(enum rc_message_state);

struct rc_reconcile_config {
	const struct rc_channel *channel; /* with secrets; the campaign's */
	const char *campaign;
	double rate; /* requests a second; 0: the channel's */
	enum rc_err (*record)(
	    void *arg, const struct rc_reconcile_record *, struct rc_error *);
	void *arg;
	/* Counts signals: 1 ask nothing more, 2 leave at once.  Not NULL. */
	const atomic_int *stop;
	const struct rc_log *log;
};

struct rc_reconcile_counts {
	uint64_t asked;		       /* unknown messages there were */
	uint64_t outcome[RC_M_STATES]; /* the sum is asked */
};

/*
 * RC_OK when none is left unknown; RC_EAGAIN when some are; RC_ENOINPUT: no
 * such campaign; RC_ECONFIG: the channel cannot be asked, or is not the
 * campaign's; RC_EPERM and RC_EUNAVAIL: the provider refuses, or answers
 * nothing.
 */
enum rc_err rc_reconcile(struct rc_state *, const struct rc_reconcile_config *,
    struct rc_reconcile_counts *, struct rc_error *) RC_MUST_USE;

#endif
