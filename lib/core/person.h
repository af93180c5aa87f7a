/*
 * Who is who: DYIDs and the identifiers tied to them by login, signup,
 * newsletter and identify events in the form of Dynamic Yield's event API.
 *
 * An identifier is a name and a value.  Names: "id" (a cuid without a type),
 * "he" (SHA-256 of the lower-cased e-mail address), "phoneNumber", "email",
 * "hashedPhoneNumber", or a custom cuidType.  Phone numbers, addresses and
 * hashes are kept in canonical form.  Of a name a DYID has one value, the
 * newest.
 */
#ifndef RC_CORE_PERSON_H
#define RC_CORE_PERSON_H

#include "core/state.h"
#include "text/ident.h"
#include "text/json.h"

#define RC_PERSON_VALUE_MAX 250 /* bytes */
#define RC_PERSON_NAME_MAX 64	/* bytes of an identifier's name */
#define RC_PERSON_DYID_MAX 64	/* bytes */
#define RC_PERSON_IDS 64	/* identifiers one person or body may have */
#define RC_PERSON_DYIDS 10000	/* people looked at for one identifier */
#define RC_PERSON_BATCH 128	/* bodies a transaction at most */

enum rc_event_type {
	RC_EVENT_LOGIN = 1,
	RC_EVENT_SIGNUP = 2,
	RC_EVENT_NEWSLETTER = 3,
	RC_EVENT_IDENTIFY = 4
};

const char *rc_event_type_name(enum rc_event_type); /* "login" */

/* events = identifying + without_consent + ignored */
struct rc_event_counts {
	uint64_t events;	  /* in the bodies */
	uint64_t identifying;	  /* that tied identifiers */
	uint64_t without_consent; /* active_consent_accepted not true */
	uint64_t ignored;	  /* other dyType, or no identifier in it */
	uint64_t associated;	  /* identifiers tied, also again */
};

/*
 * Applies one API body {user, session, events:[…]} within a write
 * transaction, and adds to the counts.  A user without a dyid gets the one
 * its cuid or address was newest seen under, or a new one (a phone may be
 * shared).  RC_EDATA: not of
 * this form, or more than RC_PERSON_IDS identifiers; says where; neither
 * store nor counts were changed.
 */
enum rc_err rc_person_events(struct rc_txn *, const struct rc_json_value *body,
    uint64_t now_ms, struct rc_event_counts *, struct rc_error *) RC_MUST_USE;

/*
 * Applies n bodies (at most RC_PERSON_BATCH) in one transaction of a bulk
 * job.  What is wrong with body i stands in verdict[i] (RC_OK or RC_EDATA);
 * the others are applied; or with dry_run, nothing is, and all is said.
 */
enum rc_err rc_person_add(struct rc_store *,
    const struct rc_json_value *const *body, size_t n, uint64_t now_ms,
    bool dry_run, struct rc_event_counts *, struct rc_error *verdict,
    struct rc_error *) RC_MUST_USE;

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
 * Calls fn with every identifier of the people that name and value (or name
 * "dyid") point to, at most RC_PERSON_DYIDS of them.  No snapshot is held
 * meanwhile; slices are borrowed until fn returns.  RC_NOTFOUND.
 */
enum rc_err rc_person_each(struct rc_store *, struct rc_slice name,
    struct rc_slice value,
    enum rc_err (*fn)(void *, const char *dyid, const struct rc_person_id *,
	struct rc_error *),
    void *arg, struct rc_error *) RC_MUST_USE;
/*
 * The newest identifier of a type tied to the person that name and value (or
 * name "dyid") point to, in canonical form; an e-mail address or phone number
 * is also found by its hash.  Custom is the identifier "custom" or "id".
 * RC_NOTFOUND.  RC_EDATA: no such value can exist.
 */
enum rc_err rc_person_resolve(struct rc_txn *, struct rc_slice name,
    struct rc_slice value, enum rc_ident_type to, struct rc_ident *,
    struct rc_error *) RC_MUST_USE;
/*
 * The same, and says what joined the two, e.g. "SHA-256 of the address as
 * given": integrations hash what they like.  A fixed text.
 */
enum rc_err rc_person_resolve_by(struct rc_txn *, struct rc_slice name,
    struct rc_slice value, enum rc_ident_type to, struct rc_ident *,
    const char **by, struct rc_error *) RC_MUST_USE;

/*
 * The name of an object's cuid: its "cuidType" or, a spelling seen in the wild,
 * its "cuidtype", the first of them that is there and not null, else "id".
 * Borrowed from the document.  RC_EDATA: no string, or an empty one.
 */
enum rc_err rc_person_cuid_type(const struct rc_json_value *,
    struct rc_slice *name, struct rc_error *) RC_MUST_USE;
/*
 * Reads {"dyid":…}, {"cuid":…,"cuidType":…}, {"hashedEmail":…}, {"email":…} or
 * {"phoneNumber":…} as name and value, borrowed from the document.  RC_EDATA:
 * none of these, or more than one.
 */
enum rc_err rc_person_ref(const struct rc_json_value *, struct rc_slice *name,
    struct rc_slice *value, struct rc_error *) RC_MUST_USE;

#endif
