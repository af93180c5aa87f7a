/*
 * Consent: who may be texted.  The one place that decides; rc-optin, rc-send's
 * claim, rc-httpd and dry runs all ask here.
 *
 * Decided in this order: suppression, events since the list, the list.  Order
 * is journal order; a claimed time is evidence only.
 */
#ifndef RC_CORE_CONSENT_H
#define RC_CORE_CONSENT_H

#include "core/journal.h"
#include "core/list.h"
#include "text/country.h"

/* People a transaction at most: 20 ms of work where each is on another page. */
#define RC_CONSENT_BATCH 5000

enum rc_consent_state {
	RC_CONSENT_NONE,
	RC_CONSENT_IN,
	RC_CONSENT_OUT
};
enum rc_consent_reason {
	RC_BY_NOTHING,
	RC_BY_LIST,
	RC_BY_EVENT,
	RC_BY_SUPPRESSION
};

struct rc_consent {
	enum rc_consent_state state;
	enum rc_consent_reason reason;
	uint64_t since_ms; /* of the event, suppression or sync; 0: none */
	uint64_t seq;	   /* its journal entry */
};
const char *rc_consent_state_name(enum rc_consent_state);   /* "in" */
const char *rc_consent_reason_name(enum rc_consent_reason); /* "list" */

/*
 * Looks keys up in one table; between two keys that are there no question
 * costs a seek, so ascending questions cost one a record.
 */
struct rc_consent_seek {
	struct rc_cursor *cursor;
	unsigned char prefix[8];
	size_t prefix_len;
	/* No record k has asked <= k < found. */
	unsigned char asked[RC_IDENT_KEY_MAX], found[RC_IDENT_KEY_MAX];
	size_t asked_len, found_len; /* asked 0: no question yet */
	bool at_end;		     /* nothing at or above asked */
	unsigned char value[17];
};

/*
 * Asking within one transaction, cheapest in ascending order.  A view keeps
 * what it saw: change consent only before it is opened or after it is closed.
 * It points into itself: not to be copied.
 */
struct rc_consent_view {
	struct rc_txn *txn;
	uint32_t channel;
	enum rc_ident_type type;
	struct rc_list_info info;
	struct rc_consent_seek suppression, event;
	struct rc_list_probe probe;
};
/* Borrows the transaction; rc_consent_close in any case. */
enum rc_err rc_consent_open(struct rc_consent_view *, struct rc_txn *,
    uint32_t channel, enum rc_ident_type, struct rc_error *) RC_MUST_USE;
void rc_consent_close(struct rc_consent_view *); /* also if open failed */
/*
 * text (or NULL) takes what to send to: the address as the list has it, else
 * as it was asked for.
 */
enum rc_err rc_consent_of(struct rc_consent_view *, const struct rc_ident *,
    struct rc_consent *, struct rc_buf *text, struct rc_error *) RC_MUST_USE;
/* The same for n people on a snapshot of its own; answer has room for n. */
enum rc_err rc_consent_ask(struct rc_store *, uint32_t channel,
    enum rc_ident_type, const struct rc_ident *people, size_t n,
    struct rc_consent *answer, struct rc_error *) RC_MUST_USE;

/* A change, asked for by an operator, an API call or the recipient. */
struct rc_consent_change {
	enum rc_journal_kind kind; /* IN, OUT, SUPPRESS, LIFT */
	uint32_t channel;	   /* ignored for SUPPRESS and LIFT */
	enum rc_ident_type type;
	uint64_t received_ms, claimed_ms;
	struct rc_slice source, evidence;
	bool lift; /* of IN: an entry before it lifts suppressions */
};
struct rc_consent_counts {
	uint64_t changed;    /* who may be texted is another now */
	uint64_t unchanged;  /* as it was before */
	uint64_t suppressed; /* asked in, but suppressed all the same */
	uint64_t seq;	     /* newest entry of the journal, and its hash */
	unsigned char head[RC_SHA256_LEN];
};
/*
 * Records one change for n people (at most RC_CONSENT_BATCH, any order,
 * duplicates allowed, each counted once) as one journal entry, within a write
 * transaction.  Added are those who may be texted only now, removed those who
 * might until now, the others are confirmed.  Of a number that may be written
 * in two ways (text/phone.h) all but IN concern both; who was named is counted.
 * A LIFT that lifts nothing leaves no entry; it takes out replies that wait
 * (core/review.h).  RC_EDATA: source or evidence too long.  RC_ENOINPUT: the
 * channel has been removed.
 */
enum rc_err rc_consent_change_in(struct rc_txn *,
    const struct rc_consent_change *, const struct rc_ident *people, size_t n,
    struct rc_consent_counts *, struct rc_error *) RC_MUST_USE;
/* The same in a transaction of its own. */
enum rc_err rc_consent_change(struct rc_store *,
    const struct rc_consent_change *, const struct rc_ident *people, size_t n,
    struct rc_consent_counts *, struct rc_error *) RC_MUST_USE;
/* What rc_consent_change would count, by the same code; changes nothing. */
enum rc_err rc_consent_try(struct rc_store *, const struct rc_consent_change *,
    const struct rc_ident *people, size_t n, struct rc_consent_counts *,
    struct rc_error *) RC_MUST_USE;

/* Whom to hand out; zeros: everybody. */
struct rc_consent_pick {
	/* Whom an entry received then or later added, or suppressed. */
	uint64_t since_ms;
	struct rc_country_choice *countries; /* of phones; NULL: all */
};
/*
 * Everybody who may be texted on a channel, in key order: copies list, events
 * and suppression out on one snapshot, lets it go, then calls fn with the text
 * to send to and what it rests on, borrowed for the call.  Anything but RC_OK
 * from fn ends it and is returned.
 */
typedef enum rc_err rc_consent_fn(void *arg, struct rc_slice text,
    const struct rc_consent *, struct rc_error *);
enum rc_err rc_consent_list(struct rc_store *, const struct rc_channel *,
    const struct rc_consent_pick *, rc_consent_fn *, void *arg,
    struct rc_error *) RC_MUST_USE;
/* Everybody suppressed, of one identifier type, likewise. */
enum rc_err rc_consent_suppressed(struct rc_store *, enum rc_ident_type,
    const struct rc_consent_pick *, rc_consent_fn *, void *arg,
    struct rc_error *) RC_MUST_USE;

/*
 * Why somebody is suppressed, from its entry's source: "stop", "refused" (by
 * the provider), "review", or "other".
 */
#define RC_SOURCE_REPLY "inbound message"
#define RC_SOURCE_PROVIDER "provider"
#define RC_SOURCE_RECEIPT "provider receipt"
#define RC_SOURCE_REVIEW "review"
const char *rc_suppression_reason(struct rc_slice source);

#endif
