#include "core/person_priv.h"

#include "base/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Ends what the DYID was under this name before, if that was another value. */
static enum rc_err
untie_old(struct rc_txn *txn, struct rc_slice dyid, const struct rc_claim *c,
    struct rc_error *e)
{
	unsigned char key[RC_STORE_KEY_MAX];
	struct rc_slice old;
	struct rc_unpack u;
	enum rc_err err;

	err = rc_get(txn, RC_T_PERSON,
	    rc_person_key(key, dyid, rc_claim_name(c)), &old, e);
	if (err != RC_OK)
		return err == RC_NOTFOUND ? RC_OK : err;
	u = rc_unpack_start(old);
	rc_unpack64(&u);
	rc_unpack8(&u);
	old = rc_unpack_str(&u);
	if (rc_slice_eq(old, rc_claim_value(c)) ||
	    old.len > RC_PERSON_VALUE_MAX)
		return RC_OK;
	err = rc_del(txn, RC_T_PERSON_BY,
	    rc_person_by_key(key, rc_claim_name(c), old, dyid), e);
	return err == RC_NOTFOUND ? RC_OK : err;
}

static enum rc_err
tie(struct rc_txn *txn, struct rc_slice dyid, const struct rc_claim *c,
    uint64_t now_ms, struct rc_error *e)
{
	char value[8 + 1 + RC_VARINT_MAX + RC_PERSON_VALUE_MAX];
	unsigned char key[RC_STORE_KEY_MAX];
	size_t len = 9;
	enum rc_err err = untie_old(txn, dyid, c, e);

	if (err != RC_OK)
		return err;
	rc_put64(value, now_ms);
	value[8] = (char)c->by;
	len += rc_varint_put((unsigned char *)value + len, c->value_len);
	memcpy(value + len, c->value, c->value_len);
	len += c->value_len;
	err =
	    rc_put(txn, RC_T_PERSON, rc_person_key(key, dyid, rc_claim_name(c)),
		(struct rc_slice){value, len}, e);
	if (err != RC_OK)
		return err;
	return rc_put(txn, RC_T_PERSON_BY,
	    rc_person_by_key(key, rc_claim_name(c), rc_claim_value(c), dyid),
	    (struct rc_slice){value, 8}, e);
}

struct newest {
	char dyid[RC_PERSON_DYID_MAX];
	size_t len;
	uint64_t seen_ms;
};

static enum rc_err
keep_newest(
    void *arg, struct rc_slice dyid, uint64_t seen_ms, struct rc_error *e)
{
	struct newest *newest = arg;

	(void)e;
	if (dyid.len > sizeof(newest->dyid) ||
	    (newest->len > 0 && seen_ms <= newest->seen_ms))
		return RC_OK;
	memcpy(newest->dyid, dyid.p, dyid.len);
	newest->len = dyid.len;
	newest->seen_ms = seen_ms;
	return RC_OK;
}

static bool
is_phone(const struct rc_claim *c)
{
	return rc_slice_is(rc_claim_name(c), "phoneNumber") ||
	       rc_slice_is(rc_claim_name(c), "hashedPhoneNumber");
}

/* The DYID of a body that names none, into found. */
static enum rc_err
find_dyid(struct rc_txn *txn, const struct rc_claims *cs, struct newest *found,
    struct rc_error *e)
{
	uint64_t drawn;
	enum rc_err err;
	int len;

	found->len = 0;
	for (size_t i = 0; i < cs->n && found->len == 0; i++) {
		if (is_phone(&cs->claim[i]))
			continue;
		err = rc_person_each_dyid(
		    txn, &cs->claim[i], keep_newest, found, e);
		if (err != RC_OK && err != RC_NOTFOUND)
			return err;
	}
	if (found->len > 0)
		return RC_OK;
	err = rc_random(&drawn, sizeof(drawn), e);
	if (err != RC_OK)
		return err;
	len = snprintf(
	    found->dyid, sizeof(found->dyid), "%" PRId64, (int64_t)drawn);
	found->len = (size_t)len;
	return RC_OK;
}

/* Refuses before the first write what would not fit. */
static enum rc_err
check_room(struct rc_txn *txn, struct rc_slice dyid, const struct rc_claims *cs,
    struct rc_error *e)
{
	struct rc_person_id id[RC_PERSON_IDS];
	size_t have, fresh = 0;
	enum rc_err err = rc_person_show(txn, dyid, id, &have, e);

	if (err != RC_OK && err != RC_NOTFOUND)
		return err;
	for (size_t i = 0; i < cs->n; i++) {
		struct rc_slice name = rc_claim_name(&cs->claim[i]);
		bool known = false;

		for (size_t k = 0; k < have && !known; k++)
			known = rc_slice_eq(id[k].name, name);
		for (size_t k = 0; k < i && !known; k++)
			known = rc_slice_eq(rc_claim_name(&cs->claim[k]), name);
		fresh += !known;
	}
	if (have + fresh > RC_PERSON_IDS)
		return rc_err_set(e, RC_EDATA,
		    "'%.*s' would have more than %d identifiers", (int)dyid.len,
		    dyid.p, RC_PERSON_IDS);
	return RC_OK;
}

static void
add_counts(struct rc_event_counts *sum, const struct rc_event_counts *c)
{
	sum->events += c->events;
	sum->identifying += c->identifying;
	sum->without_consent += c->without_consent;
	sum->ignored += c->ignored;
	sum->associated += c->associated;
}

enum rc_err
rc_person_events(struct rc_txn *txn, const struct rc_json_value *body,
    uint64_t now_ms, struct rc_event_counts *counts, struct rc_error *e)
{
	struct rc_slice dyid;
	struct rc_claims cs;
	struct newest found;
	enum rc_err err = rc_claims_read(&cs, body, e);

	if (err == RC_OK && cs.n > 0) {
		dyid = cs.dyid;
		if (dyid.len == 0) {
			err = find_dyid(txn, &cs, &found, e);
			dyid = (struct rc_slice){found.dyid, found.len};
		}
		if (err == RC_OK)
			err = check_room(txn, dyid, &cs, e);
		for (size_t i = 0; err == RC_OK && i < cs.n; i++)
			err = tie(txn, dyid, &cs.claim[i], now_ms, e);
	}
	if (err == RC_OK)
		add_counts(counts, &cs.counts);
	return err;
}

struct batch {
	const struct rc_json_value *const *body;
	size_t n;
	uint64_t now_ms;
	bool dry_run;
	struct rc_event_counts counts;
	struct rc_error *verdict;
};

static enum rc_err
add_batch(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct batch *b = arg;
	enum rc_err err;

	b->counts = (struct rc_event_counts){0};
	for (size_t i = 0; i < b->n; i++) {
		b->verdict[i].code = RC_OK;
		err = rc_person_events(
		    txn, b->body[i], b->now_ms, &b->counts, &b->verdict[i]);
		if (err == RC_OK || err == RC_EDATA)
			continue;
		*e = b->verdict[i];
		return err;
	}
	return b->dry_run ? RC_END : RC_OK;
}

enum rc_err
rc_person_add(struct rc_store *store, const struct rc_json_value *const *body,
    size_t n, uint64_t now_ms, bool dry_run, struct rc_event_counts *counts,
    struct rc_error *verdict, struct rc_error *e)
{
	struct batch b = {.body = body,
	    .n = n,
	    .now_ms = now_ms,
	    .dry_run = dry_run,
	    .verdict = verdict};
	enum rc_err err = rc_store_write_bulk(store, add_batch, &b, e);

	if (err != RC_OK && err != RC_END)
		return err;
	add_counts(counts, &b.counts);
	return RC_OK;
}
