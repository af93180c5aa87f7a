/*
 * Review: replies that may be a revocation and wait for a person to decide
 * (table `review`, reconnect-state(5)).  What looks like one is text/reply's
 * to say; a decision that it is one becomes a suppression, in the transaction
 * that takes the reply out.
 *
 * Whoever decides late decides about what was said then.  A reply taken as a
 * revocation means what STOP would have meant when it came, so whatever lifts a
 * suppression (START, or an operator with newer consent) takes the replies of
 * that person out.  An opt-in that lifts none, as an import of people makes by
 * the thousand, takes none out either; but nobody who opted in since is
 * suppressed unawares: see rc_review_decide.
 */
#ifndef RC_CORE_REVIEW_H
#define RC_CORE_REVIEW_H

#include "core/consent.h"

#define RC_REVIEW_TEXT_MAX 1600 /* characters of a reply that are kept */
#define RC_REVIEW_ID_MAX 128	/* bytes of a provider's message id */
/*
 * A revocation is to be honoured "within a reasonable time not to exceed ten
 * business days", 47 CFR 64.1200(a)(10).  No holiday is taken off: those of
 * one country are no excuse in another.
 */
#define RC_REVIEW_BUSINESS_DAYS 10

struct rc_review {
	uint64_t number; /* from 1, never reused */
	uint32_t channel;
	uint64_t received_ms;
	uint64_t seq; /* newest journal entry when it came; set by add */
	struct rc_ident who;
	struct rc_slice message_id; /* the provider's; empty: none given */
	struct rc_slice text;
};

/* The tenth day from Monday to Friday after it, at the same time, in UTC. */
uint64_t rc_review_due_ms(uint64_t received_ms);

/*
 * Records a reply within a write transaction, all but its number given.  A
 * message id that this channel brought before, decided since or not, changes
 * nothing.  Of the text RC_REVIEW_TEXT_MAX characters are kept, with U+FFFD for
 * what is no UTF-8.
 */
enum rc_err rc_review_add(
    struct rc_txn *, const struct rc_review *, struct rc_error *) RC_MUST_USE;
/* Within a write: takes out all replies of these people, undecided. */
enum rc_err rc_review_clear(struct rc_txn *, const struct rc_ident *people,
    size_t n, struct rc_error *) RC_MUST_USE;
/* How many wait. */
enum rc_err rc_review_count(
    struct rc_store *, uint64_t *, struct rc_error *) RC_MUST_USE;
/*
 * All that wait, oldest first, copied out on one snapshot and then handed to
 * fn, borrowed for the call.  Anything but RC_OK from fn ends it and is
 * returned.
 */
typedef enum rc_err rc_review_fn(
    void *arg, const struct rc_review *, struct rc_error *);
enum rc_err rc_review_each(struct rc_store *, rc_review_fn *, void *arg,
    struct rc_error *) RC_MUST_USE;

/* An opt-in, on any channel, that came after a reply. */
struct rc_review_again {
	uint64_t seq, received_ms; /* its journal entry */
};
/*
 * The sender's newest one, unless an opt-out or a suppression came after it;
 * RC_NOTFOUND.  One whose claimed time is before the reply does not count.
 */
enum rc_err rc_review_again(struct rc_txn *, const struct rc_review *,
    struct rc_review_again *, struct rc_error *) RC_MUST_USE;

struct rc_review_decision {
	bool out;	 /* it is a revocation; else it is none */
	bool dry_run;	 /* changes nothing */
	uint64_t now_ms; /* of the decision */
};
/*
 * Takes a reply out, in a transaction of its own; with out the sender is
 * suppressed in the same: source "review", the reply as evidence, its time as
 * the claimed one; counts tells of it.  reply takes what it was, borrowed from
 * record, which is reset first.  RC_NOTFOUND: no such reply waits.  RC_END:
 * with out, but the sender opted in again since the reply; again tells, and
 * nothing has changed.
 */
enum rc_err rc_review_decide(struct rc_store *, uint64_t number,
    const struct rc_review_decision *, struct rc_buf *record,
    struct rc_review *reply, struct rc_review_again *again,
    struct rc_consent_counts *counts, struct rc_error *) RC_MUST_USE;

#endif
