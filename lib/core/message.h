/*
 * The message ledger: one message a (campaign, recipient), moved from state to
 * state here and nowhere else (reconnect-state(5), message).
 *
 * Claim before every attempt: rc_message_claim re-checks, in one write
 * transaction, consent, cap, quiet hours and that the recipient has no message
 * here.  A
 * claim is settled by rc_message_settle.  A claim whose run has died is
 * "unknown" (rc_run_recover).  Ranks never regress: a late or repeated receipt
 * changes nothing.
 */
#ifndef RC_CORE_MESSAGE_H
#define RC_CORE_MESSAGE_H

#include "core/campaign.h"
#include "core/consent.h"
#include "core/quiet.h"

#define RC_MESSAGE_LEN 40    /* bytes of a record */
#define RC_MESSAGE_CHUNK 100 /* records a chunk */

enum rc_message_state {
	RC_M_NONE,
	RC_M_CLAIMED,
	RC_M_ACCEPTED,
	RC_M_REJECTED,
	RC_M_DEFERRED,
	RC_M_UNKNOWN,
	RC_M_HELD,
	RC_M_SENT,
	RC_M_DELIVERED,
	RC_M_UNDELIVERED,
	RC_M_FAILED,
	RC_M_STATES
};
/* "accepted"; "damaged" for a number that is no state. */
const char *rc_message_state_name(enum rc_message_state);

/*
 * Member of RC_TALLY_VARIANT: the messages of a variant in a state, or their
 * segments or clickers.  Counted with the campaign's own, for messages that
 * have a variant.
 */
#define RC_VARIANT_SEGMENTS 128u
#define RC_VARIANT_CLICKERS 129u
static inline uint32_t
rc_variant_member(uint8_t variant, unsigned what)
{
	return (uint32_t)variant << 8 | what;
}

struct rc_message {
	uint32_t campaign, ordinal;
	enum rc_message_state state;
	bool clicked;
	uint8_t variant;
	uint8_t segments; /* the provider's count, or the claim's; 0: unknown */
	uint32_t detail;  /* run while claimed, error code after */
	uint32_t claimed_s, changed_s;
	struct rc_ident to;
	char provider_id[128];
};

/* --- runs ---------------------------------------------------------------- */

struct rc_run { /* of this process; holds the lock on its byte */
	uint32_t number, campaign;
	int lock_fd;
};
/* Registers a run and takes its lock; on failure its number is 0. */
enum rc_err rc_run_open(struct rc_state *, uint32_t campaign, struct rc_run *,
    struct rc_error *) RC_MUST_USE;
/*
 * Forgets a run that ended; a claim that is not settled becomes "unknown".
 * Unlocks in any case.
 */
enum rc_err rc_run_close(
    struct rc_state *, struct rc_run *, struct rc_error *) RC_MUST_USE;
/* Unlocks and leaves open claims to rc_run_recover; may be repeated. */
void rc_run_abandon(struct rc_run *);
/* Whether a run's process lives, this one included; true when in doubt. */
bool rc_run_alive(const struct rc_state *, uint32_t run);
/* Runs of a campaign whose processes live. */
enum rc_err rc_run_count(struct rc_state *, uint32_t campaign, uint64_t *n,
    struct rc_error *) RC_MUST_USE;
/*
 * Turns the open claims of dead runs (of one campaign, or of all when 0) into
 * "unknown", as of now; *n counts them.
 */
enum rc_err rc_run_recover(struct rc_state *, uint32_t campaign, uint64_t *n,
    struct rc_error *) RC_MUST_USE;

/*
 * Whether a campaign has no message, and no run that may be about to claim
 * one: then it may still become another.
 */
enum rc_err rc_message_none(struct rc_txn *, uint32_t campaign, bool *none,
    struct rc_error *) RC_MUST_USE;

/* --- claims -------------------------------------------------------------- */

enum rc_claim_answer {
	RC_CLAIMED,
	/* Has a message that was or may be sent, or that this very run has
	 * claimed; also as the number is written in another way. */
	RC_CLAIM_ALREADY,
	RC_CLAIM_BUSY,	 /* another living run's claim */
	RC_CLAIM_NOT_IN, /* no opt-in */
	RC_CLAIM_SUPPRESSED,
	RC_CLAIM_CAPPED,
	RC_CLAIM_QUIET,
	RC_CLAIM_NO_MESSAGE, /* a retry: there is none to send again */
	/* Of the holdout: has a message in that state, from now on or before.
	 */
	RC_CLAIM_HELD
};

struct rc_claim {
	struct rc_ident to; /* in */
	uint32_t ordinal;   /* in: a reserved one, or the deferred message's */
	uint8_t variant;    /* in: of the message; 0: none */
	uint8_t segments;   /* in: of its text, by our count; 0: unknown */
	bool hold;	    /* in: hold back whom nothing else does */
	enum rc_claim_answer answer; /* out */
	/*
	 * Out: the message there was, its state and its ordinal; NONE and 0 if
	 * there was none.  An ordinal this run reserved tells a duplicate
	 * within the run from somebody texted before.
	 */
	enum rc_message_state before;
	uint32_t before_ordinal;
	uint8_t before_variant;
	bool clicked;		   /* out: and so has the message there was */
	const char *quiet_in;	   /* out, when QUIET: see rc_quiet_where */
	struct rc_consent consent; /* out, when NOT_IN or SUPPRESSED */
};

/*
 * Which messages are sent again on purpose: UNKNOWN or REJECTED ones claimed
 * before a second that has begun.  One that was sent again before must have
 * come into the state before the second that precedes it, in which the run
 * began, so that what another run sends again meanwhile is not sent a third
 * time; what this one does is told by its ordinal, whatever the clock does.
 * NONE: this is no retry.
 */
struct rc_retry {
	enum rc_message_state state;
	uint32_t before_s;
	uint32_t own; /* all ordinals of this run are this or higher */
};

/*
 * The campaigns that a run's cap looks at, kept between its transactions: each
 * reads all campaigns of the state only if one has run since, by whomever.
 * Begins as zeros; one a run, of which the channel does not change.
 */
struct rc_cap_window {
	bool known; /* under the stamp, and from since_ms on */
	unsigned char stamp[RC_CAMPAIGN_STAMP];
	uint64_t since_ms;
	struct rc_buf others;		     /* u32 each */
	uint64_t last_run_ms;		     /* of the run's own campaign */
	char name[RC_CAMPAIGN_NAME_MAX + 1]; /* of it; "": not found */
};
void rc_cap_window_free(struct rc_cap_window *);

struct rc_claim_batch {
	const struct rc_channel *channel;
	const struct rc_run *run;
	const struct rc_quiet *quiet; /* NULL: no quiet hours */
	struct rc_cap_window *window; /* NULL: nothing is kept */
	struct rc_retry retry;
	uint64_t now_ms;
	/*
	 * First ordinal of this run that may still be open, where recovery
	 * begins; claims of the batch may lie below it.
	 */
	uint32_t low;
};
/*
 * Decides n claims in the given order within a write transaction, each seeing
 * those before it.  Only out fields are written, so that it may be run again.
 *
 * A deferred message is claimed anew and moves to the claim's ordinal, whose
 * text and links were rendered for it; its old ordinal becomes a hole.  So does
 * one that is sent again by a retry, or because the provider denied it
 * (rc_message_answer), except that its old ordinal, which is in links and
 * receipts that may still come, leads to the new one (rc_message_now); a retry
 * claims nobody else.  A message whose link was clicked has arrived and is not
 * sent again; a deferred one becomes unknown.
 * The cap counts messages of this channel in the window, whatever the campaign,
 * but neither deferred nor rejected nor held ones, nor what the campaign has
 * for the person already.
 */
enum rc_err rc_message_claim(struct rc_txn *, const struct rc_claim_batch *,
    struct rc_claim *claim, size_t n, struct rc_error *) RC_MUST_USE;

/*
 * What a claim would answer, without making it: the dry run's road, the same
 * code, on a snapshot.  Claims of one call do not see each other.  The run may
 * have number 0, and campaign 0 for one that does not exist yet.
 */
enum rc_err rc_message_would_claim(struct rc_txn *,
    const struct rc_claim_batch *, struct rc_claim *claim, size_t n,
    struct rc_error *) RC_MUST_USE;

/*
 * Why each of n claims was refused, in words: the fact that decided, and since
 * when (rc-send(1), Dry run).  On the snapshot they were decided on; appends
 * to out, each ended by a NUL, "" for one that would be made.  Costs several
 * seeks each, and more the more lists there were.
 */
enum rc_err rc_message_why(struct rc_txn *, const struct rc_claim_batch *,
    const struct rc_claim *claim, size_t n, struct rc_buf *out,
    struct rc_error *) RC_MUST_USE;

/*
 * The variant of a recipient's message, which an attempt to come keeps; 0 when
 * it has none.  RC_NOTFOUND without a message.
 */
enum rc_err rc_message_variant(struct rc_txn *, uint32_t campaign,
    const struct rc_ident *, uint8_t *variant, struct rc_error *) RC_MUST_USE;

struct rc_settlement {
	uint32_t ordinal;
	enum rc_message_state state; /* ACCEPTED, REJECTED, DEFERRED, … */
	uint32_t error_code;
	uint8_t segments;	 /* as the provider counts; 0: not said */
	const char *provider_id; /* or NULL; cut at 127 bytes */
};
/*
 * Settles claims (or, after asking the provider, unknown messages) within a
 * write transaction.  A message that a receipt has moved on already keeps its
 * state and gets segments and provider id; so does one settled before.  What
 * the provider does not count keeps the segments of its claim.
 * RC_EINTERNAL for a hole.
 */
enum rc_err rc_message_settle(struct rc_txn *, uint32_t campaign,
    const struct rc_settlement *, size_t n, uint64_t now_ms,
    struct rc_error *) RC_MUST_USE;

/*
 * A provider's receipt for a message id: ACCEPTED, SENT, DELIVERED,
 * UNDELIVERED or FAILED.  *changed tells whether the rank rose, accepted < sent
 * < the others; a receipt that raises nothing changes nothing but a missing
 * provider id.  For a message that was sent again it counts for the new one,
 * unless it is a bad one, which says nothing about that.  RC_NOTFOUND for an id
 * not ours.
 */
enum rc_err rc_message_receipt(struct rc_txn *, uint32_t campaign,
    uint32_t ordinal, enum rc_message_state, uint32_t error_code,
    const char *provider_id, uint64_t now_ms, bool *changed,
    struct rc_error *) RC_MUST_USE;

/*
 * Follows a message that was sent again: *ordinal becomes the one it has now,
 * which may be the same, or a hole.
 */
enum rc_err rc_message_now(struct rc_txn *, uint32_t campaign,
    uint32_t *ordinal, struct rc_error *) RC_MUST_USE;
/* RC_NOTFOUND when the ordinal is a hole. */
enum rc_err rc_message_get(struct rc_txn *, uint32_t campaign, uint32_t ordinal,
    struct rc_message *, struct rc_error *) RC_MUST_USE;
/* --- asking the provider (message_scan.c) -------------------------------- */

#define RC_SCAN_MAX 256

struct rc_scan {
	struct rc_message message[RC_SCAN_MAX];
	size_t n;
	uint64_t next; /* ordinal to go on from */
};
/*
 * Messages of a campaign in a state, by ordinal from one on: at most
 * RC_SCAN_MAX, and those of some milliseconds' looking.  RC_END, with n as it
 * is, when there are none behind them.
 */
enum rc_err rc_message_scan(struct rc_txn *, uint32_t campaign,
    enum rc_message_state, uint64_t from, struct rc_scan *,
    struct rc_error *) RC_MUST_USE;
/*
 * What the provider says of an unknown message when it is asked, within a
 * write: ACCEPTED, SENT, DELIVERED, UNDELIVERED or FAILED; or DEFERRED: it
 * certainly has no such message.  One that is unknown no more keeps its state
 * unless a receipt would have raised it; so does one that is not there and yet
 * was clicked.  *now is the state it has then.
 * RC_NOTFOUND for a hole.
 */
enum rc_err rc_message_answer(struct rc_txn *, uint32_t campaign,
    const struct rc_settlement *, uint64_t now_ms, enum rc_message_state *now,
    struct rc_error *) RC_MUST_USE;
/*
 * Whether a provider's id, which it gave at a time (0: not known), is that of a
 * person's message of another campaign of the channel.  Campaigns that ran last
 * more than a day before that are not looked at.
 */
enum rc_err rc_message_is_others(struct rc_txn *, uint32_t channel,
    uint32_t campaign, const struct rc_ident *, const char *provider_id,
    uint64_t given_ms, bool *is, struct rc_error *) RC_MUST_USE;

/*
 * Marks that a person clicked; *first tells whether it was the first time, and
 * the caller counts it.  RC_NOTFOUND for a hole.
 */
enum rc_err rc_message_clicked(struct rc_txn *, uint32_t campaign,
    uint32_t ordinal, bool *first, struct rc_error *) RC_MUST_USE;
/* Expanded URL n (1 to 128) of a message; the claim of a new one comes first.
 */
enum rc_err rc_message_url_put(struct rc_txn *, uint32_t campaign,
    uint32_t ordinal, unsigned n, struct rc_slice url,
    struct rc_error *) RC_MUST_USE;
/* Borrowed from the transaction; RC_NOTFOUND. */
enum rc_err rc_message_url_get(struct rc_txn *, uint32_t campaign,
    uint32_t ordinal, unsigned n, struct rc_slice *url,
    struct rc_error *) RC_MUST_USE;

#endif
