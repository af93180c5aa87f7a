/*
 * Who is who: DYIDs and the identifiers tied to them by login, signup,
 * newsletter and identify events (FACTS "Dynamic Yield").
 */
#ifndef RC_CORE_PERSON_H
#define RC_CORE_PERSON_H

#include "core/state.h"
#include "text/ident.h"
#include "text/json.h"

#define RC_PERSON_VALUE_MAX 250
#define RC_PERSON_IDS 64 /* identifiers one person or event may have */

enum rc_event_type {
	RC_EVENT_LOGIN = 1,
	RC_EVENT_SIGNUP = 2,
	RC_EVENT_NEWSLETTER = 3,
	RC_EVENT_IDENTIFY = 4
};

struct rc_event_counts {
	uint64_t events;	  /* in the body */
	uint64_t associated;	  /* identifiers tied */
	uint64_t without_consent; /* active_consent_accepted not true */
	uint64_t ignored;	  /* dyType that identifies nobody */
};

/*
 * Applies one API body {user, session, events:[…]} within a write
 * transaction.  A user without a dyid gets the one its cuid is known under, or
 * a new one.  RC_EDATA: not of this form, says where; nothing was changed.
 */
enum rc_err rc_person_events(struct rc_txn *, const struct rc_json_value *body,
    uint64_t now_ms, struct rc_event_counts *, struct rc_error *) RC_MUST_USE;

/* Checks a body as rc_person_events does, without a store. */
enum rc_err rc_person_events_check(
    const struct rc_json_value *body, struct rc_error *) RC_MUST_USE;

struct rc_person_id {
	struct rc_slice name, value; /* borrowed from the transaction */
	uint64_t seen_ms;
	enum rc_event_type by;
};
/* Identifiers of a DYID, at most RC_PERSON_IDS; RC_NOTFOUND. */
enum rc_err rc_person_show(struct rc_txn *, struct rc_slice dyid,
    struct rc_person_id id[RC_PERSON_IDS], size_t *n,
    struct rc_error *) RC_MUST_USE;
/* DYIDs an identifier is tied to; RC_NOTFOUND. */
enum rc_err rc_person_dyids(struct rc_txn *, struct rc_slice name,
    struct rc_slice value,
    enum rc_err (*)(void *, struct rc_slice dyid, struct rc_error *), void *arg,
    struct rc_error *) RC_MUST_USE;
/*
 * The newest identifier of a type tied to the person that name and value (or
 * name "dyid") point to, in canonical form; an e-mail is also found by its
 * hash.  RC_NOTFOUND.
 */
enum rc_err rc_person_resolve(struct rc_txn *, struct rc_slice name,
    struct rc_slice value, enum rc_ident_type to, struct rc_ident *,
    struct rc_error *) RC_MUST_USE;

#endif
