/*
 * The same change for any number of people: gathered, put in order, recorded
 * in durable batches.  In order, a batch touches few pages of the state: a
 * million people in no order are six times as fast as one after the other.
 *
 * Counted is every mention: who is named again is unchanged then, or suppressed
 * still, however the mentions were parted.  So counts do not depend on when the
 * next people came.
 *
 * Order: init, add, wait whenever the next people have to be waited for, settle
 * at the end, free.
 */
#ifndef RC_JOB_BULK_H
#define RC_JOB_BULK_H

#include "core/consent.h"
#include "job/sync_priv.h"

struct rc_bulk {
	struct rc_store *store;
	struct rc_consent_change *change; /* borrowed; its time is set here */
	bool dry_run;
	struct rc_consent_counts sum; /* of what is settled */
	/* private */
	struct rc_sync_members members;
	/* Of an opt-in: all keys, and who is suppressed if any come twice. */
	struct rc_buf mentions; /* u8 length, key */
	struct rc_sync_marks suppressed;
	size_t gathered, bytes;
	struct rc_ident *batch;
};

/* Free it in any case. */
enum rc_err rc_bulk_init(struct rc_bulk *, struct rc_store *,
    struct rc_consent_change *, bool dry_run, struct rc_error *) RC_MUST_USE;
void rc_bulk_free(struct rc_bulk *);
/* Settles as well when enough are gathered; errors are rc_bulk_settle's. */
enum rc_err rc_bulk_add(struct rc_bulk *, const struct rc_ident *, size_t n,
    struct rc_error *) RC_MUST_USE;
/*
 * Settles, so that nobody's change waits for somebody else's; but in a dry run,
 * which changes nothing, it would count who is named again as changed again.
 */
enum rc_err rc_bulk_wait(struct rc_bulk *, struct rc_error *) RC_MUST_USE;
/*
 * Records everybody gathered, each once; in a dry run only counts them.  What
 * is in sum is durable even when a later batch fails.
 */
enum rc_err rc_bulk_settle(struct rc_bulk *, struct rc_error *) RC_MUST_USE;

#endif
