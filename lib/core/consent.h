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

#define RC_CONSENT_BATCH 10000 /* people a transaction at most */

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

/* Asking within one transaction, cheapest in ascending order. */
struct rc_consent_view {
	struct rc_txn *txn;
	uint32_t channel;
	enum rc_ident_type type;
	struct rc_list_info info;
	struct rc_list_probe probe;
};
enum rc_err rc_consent_open(struct rc_consent_view *, struct rc_txn *,
    uint32_t channel, enum rc_ident_type, struct rc_error *) RC_MUST_USE;
void rc_consent_close(struct rc_consent_view *);
/* text as in rc_list_probe_find: what to send to, when the list knows it. */
enum rc_err rc_consent_of(struct rc_consent_view *, const struct rc_ident *,
    struct rc_consent *, struct rc_buf *text, struct rc_error *) RC_MUST_USE;

/* A change, asked for by an operator, an API call or the recipient. */
struct rc_consent_change {
	enum rc_journal_kind kind; /* IN, OUT, SUPPRESS, LIFT */
	uint32_t channel;	   /* ignored for SUPPRESS and LIFT */
	enum rc_ident_type type;
	uint64_t received_ms, claimed_ms;
	struct rc_slice source, evidence;
};
struct rc_consent_counts {
	uint64_t changed, unchanged, suppressed; /* still suppressed */
	uint64_t seq;
	unsigned char head[RC_SHA256_LEN];
};
/*
 * Records one change for n people (at most RC_CONSENT_BATCH, any order,
 * duplicates allowed) as one journal entry, within a write transaction.
 */
enum rc_err rc_consent_change_in(struct rc_txn *,
    const struct rc_consent_change *, const struct rc_ident *people, size_t n,
    struct rc_consent_counts *, struct rc_error *) RC_MUST_USE;
/* The same in a transaction of its own. */
enum rc_err rc_consent_change(struct rc_store *,
    const struct rc_consent_change *, const struct rc_ident *people, size_t n,
    struct rc_consent_counts *, struct rc_error *) RC_MUST_USE;

/*
 * Everybody who may be texted on a channel, in key order: copies list, events
 * and suppression out on one snapshot, lets it go, then calls fn with the text
 * to send to.
 */
typedef enum rc_err rc_consent_fn(
    void *arg, struct rc_slice text, struct rc_error *);
enum rc_err rc_consent_list(struct rc_store *, const struct rc_channel *,
    rc_consent_fn *, void *arg, struct rc_error *) RC_MUST_USE;
/* Everybody suppressed, of one identifier type, likewise. */
enum rc_err rc_consent_suppressed(struct rc_store *, enum rc_ident_type,
    rc_consent_fn *, void *arg, struct rc_error *) RC_MUST_USE;

#endif
