#include "job/bulk.h"

#include "base/clock.h"

#include <stdlib.h>

/* What is gathered at most; memory is a few times the bytes. */
#define PEOPLE_MAX 1000000
#define BYTES_MAX (16u << 20)

enum rc_err
rc_bulk_init(struct rc_bulk *b, struct rc_store *store,
    struct rc_consent_change *change, bool dry_run, struct rc_error *e)
{
	*b = (struct rc_bulk){
	    .store = store, .change = change, .dry_run = dry_run};
	rc_sync_members_init(&b->members, change->type);
	b->batch = calloc(RC_CONSENT_BATCH, sizeof(*b->batch));
	return b->batch == NULL ? rc_err_nomem(e) : RC_OK;
}

void
rc_bulk_free(struct rc_bulk *b)
{
	rc_sync_members_free(&b->members);
	free(b->batch);
}

static enum rc_err
record(struct rc_bulk *b, size_t n, struct rc_error *e)
{
	struct rc_consent_counts c = {0};
	enum rc_err err;

	if (n == 0)
		return RC_OK;
	b->change->received_ms = rc_clock_now_ms();
	err = (b->dry_run ? rc_consent_try : rc_consent_change)(
	    b->store, b->change, b->batch, n, &c, e);
	if (err != RC_OK)
		return err;
	c.changed += b->sum.changed;
	c.unchanged += b->sum.unchanged;
	c.suppressed += b->sum.suppressed;
	b->sum = c;
	return RC_OK;
}

static enum rc_err
take_member(enum rc_ident_type type, const struct rc_member *m,
    struct rc_ident *id, struct rc_error *e)
{
	unsigned char key[RC_MEMBER_MAX];

	if (type != RC_IDENT_PHONE)
		return rc_ident_parse(type, m->str, id, e);
	return rc_ident_from_key(type,
	    rc_slice_of(key, rc_member_key(rc_list_format(type), m, key)), id,
	    e);
}

static enum rc_err
record_all(
    struct rc_bulk *b, const struct rc_list_blocks *blocks, struct rc_error *e)
{
	struct rc_list_walk walk;
	struct rc_member m;
	size_t n = 0;
	enum rc_err err;

	rc_list_walk_start(&walk, blocks);
	while ((err = rc_list_walk_next(&walk, &m, e)) == RC_OK) {
		err = take_member(b->change->type, &m, &b->batch[n++], e);
		if (err == RC_OK && n == RC_CONSENT_BATCH) {
			err = record(b, n, e);
			n = 0;
		}
		if (err != RC_OK)
			return err;
	}
	return err == RC_END ? record(b, n, e) : err;
}

enum rc_err
rc_bulk_settle(struct rc_bulk *b, struct rc_error *e)
{
	struct rc_list_blocks blocks;
	uint64_t duplicates;
	enum rc_err err;

	if (b->gathered == 0)
		return RC_OK;
	rc_list_blocks_init(&blocks);
	err = rc_sync_members_pack(&b->members, &blocks, &duplicates, e);
	b->gathered = b->bytes = 0;
	if (err == RC_OK)
		err = record_all(b, &blocks, e);
	rc_list_blocks_free(&blocks);
	return err;
}

enum rc_err
rc_bulk_add(struct rc_bulk *b, const struct rc_ident *people, size_t n,
    struct rc_error *e)
{
	enum rc_err err = RC_OK;

	for (size_t i = 0; err == RC_OK && i < n; i++) {
		err = rc_sync_members_add(&b->members,
		    rc_slice_str(people[i].text), rc_ident_key(&people[i]), e);
		b->gathered++;
		b->bytes += people[i].key_len;
	}
	if (err == RC_OK &&
	    (b->gathered >= PEOPLE_MAX || b->bytes >= BYTES_MAX))
		err = rc_bulk_settle(b, e);
	return err;
}
