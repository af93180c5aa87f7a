/*
 * The same change for any number of people: gathered, put in order, recorded
 * in durable batches.  In order, a batch touches few pages of the state: a
 * million people in no order are six times as fast as one after the other.
 *
 * Order: init, add, settle whenever the next people have to be waited for and
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
 * Records everybody gathered, each once; in a dry run only counts them.  What
 * is in sum is durable even when a later batch fails.
 */
enum rc_err rc_bulk_settle(struct rc_bulk *, struct rc_error *) RC_MUST_USE;

#endif
