/*
 * What person.c and its parts share: an API body read and checked, before
 * anything touches the store.
 */
#ifndef RC_CORE_PERSON_PRIV_H
#define RC_CORE_PERSON_PRIV_H

#include "core/person.h"

struct rc_claim { /* an identifier an event ties to its user */
	char name[RC_PERSON_NAME_MAX];
	char value[RC_PERSON_VALUE_MAX];
	size_t name_len, value_len;
	enum rc_event_type by;
};

struct rc_claims {
	struct rc_slice dyid; /* borrowed from the body; empty: none */
	bool consent;
	struct rc_claim claim[RC_PERSON_IDS];
	size_t n;
	struct rc_event_counts counts; /* of this body */
};

/* RC_EDATA says what is wrong, and where in the body. */
enum rc_err rc_claims_read(struct rc_claims *, const struct rc_json_value *body,
    struct rc_error *) RC_MUST_USE;

/*
 * Canonical form of an identifier into a claim's name and value; RC_EDATA
 * when it is empty, too long, or not what its name says.
 */
enum rc_err rc_claim_set(struct rc_claim *, struct rc_slice name,
    struct rc_slice value, struct rc_error *) RC_MUST_USE;
/* Borrowed from the claim. */
struct rc_slice rc_claim_name(const struct rc_claim *);
struct rc_slice rc_claim_value(const struct rc_claim *);

/* Two keys of the store; both take RC_STORE_KEY_MAX bytes. */
struct rc_slice rc_person_key(
    unsigned char *key, struct rc_slice dyid, struct rc_slice name);
struct rc_slice rc_person_by_key(unsigned char *key, struct rc_slice name,
    struct rc_slice value, struct rc_slice dyid);

/* Walks the DYIDs of a canonical identifier; RC_NOTFOUND without any. */
enum rc_err rc_person_each_dyid(struct rc_txn *, const struct rc_claim *,
    enum rc_err (*)(
	void *, struct rc_slice dyid, uint64_t seen_ms, struct rc_error *),
    void *arg, struct rc_error *) RC_MUST_USE;

#endif
