#include "job/bulk.h"

#include "base/clock.h"
#include "base/num.h"

#include <stdlib.h>

/* What is gathered at most; memory is a few times the bytes. */
#define PEOPLE_MAX 1000000
#define BYTES_MAX (16u << 20)
/* One person more, each with a byte of length. */
#define MENTIONS_MAX (BYTES_MAX + RC_IDENT_KEY_MAX + PEOPLE_MAX)

enum rc_err
rc_bulk_init(struct rc_bulk *b, struct rc_store *store,
    struct rc_consent_change *change, bool dry_run, struct rc_error *e)
{
	*b = (struct rc_bulk){
	    .store = store, .change = change, .dry_run = dry_run};
	rc_sync_members_init(&b->members, change->type);
	rc_sync_marks_init(&b->suppressed);
	b->mentions = RC_BUF_INIT(MENTIONS_MAX);
	b->batch = calloc(RC_CONSENT_BATCH, sizeof(*b->batch));
	return b->batch == NULL ? rc_err_nomem(e) : RC_OK;
}

void
rc_bulk_free(struct rc_bulk *b)
{
	rc_sync_members_free(&b->members);
	rc_sync_marks_free(&b->suppressed);
	rc_buf_free(&b->mentions);
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

/* Whether who is named again may have to be told apart. */
static bool
may_be_suppressed(const struct rc_bulk *b)
{
	return b->change->kind == RC_J_IN && !b->change->lift;
}

static enum rc_err
note_suppressed(struct rc_bulk *b, size_t n, struct rc_error *e)
{
	enum rc_ident_type type = b->change->type;
	struct rc_consent *answer = calloc(n, sizeof(*answer));
	enum rc_err err = answer == NULL
			      ? rc_err_nomem(e)
			      : rc_consent_ask(b->store, b->change->channel,
				    type, b->batch, n, answer, e);

	for (size_t i = 0; err == RC_OK && i < n; i++)
		if (answer[i].reason == RC_BY_SUPPRESSION)
			err = rc_sync_marks_add(&b->suppressed,
			    (struct rc_sync_mark){0}, type,
			    rc_ident_key(&b->batch[i]), e);
	free(answer);
	return err;
}

static enum rc_err
record_batch(struct rc_bulk *b, size_t n, bool repeated, struct rc_error *e)
{
	uint64_t before = b->sum.suppressed;
	enum rc_err err = record(b, n, e);

	return err == RC_OK && repeated && b->sum.suppressed > before
		   ? note_suppressed(b, n, e)
		   : err;
}

/* repeated: somebody was gathered more than once. */
static enum rc_err
record_all(struct rc_bulk *b, const struct rc_list_blocks *blocks,
    bool repeated, struct rc_error *e)
{
	struct rc_list_walk walk;
	struct rc_member m;
	size_t n = 0;
	enum rc_err err;

	rc_list_walk_start(&walk, blocks);
	while ((err = rc_list_walk_next(&walk, &m, e)) == RC_OK) {
		err = take_member(b->change->type, &m, &b->batch[n++], e);
		if (err == RC_OK && n == RC_CONSENT_BATCH) {
			err = record_batch(b, n, repeated, e);
			n = 0;
		}
		if (err != RC_OK)
			return err;
	}
	return err == RC_END ? record_batch(b, n, repeated, e) : err;
}

/* How often the suppressed are named; each is counted once already. */
static uint64_t
named_again(const struct rc_bulk *b)
{
	enum rc_pack_format format = rc_list_format(b->change->type);
	const unsigned char *at = (const unsigned char *)b->mentions.data;
	const unsigned char *end = at + b->mentions.len;
	uint64_t named = 0;

	if (rc_sync_marks_count(&b->suppressed) == 0)
		return 0;
	for (; at < end; at += 1 + at[0]) {
		struct rc_member m = {.str = rc_slice_of(at + 1, at[0])};

		if (format == RC_PACK_NUMBERS)
			m.num = rc_get64(at + 1);
		named += rc_sync_marks_find(&b->suppressed, format, &m) != NULL;
	}
	return named - rc_sync_marks_count(&b->suppressed);
}

enum rc_err
rc_bulk_wait(struct rc_bulk *b, struct rc_error *e)
{
	return b->dry_run ? RC_OK : rc_bulk_settle(b, e);
}

enum rc_err
rc_bulk_settle(struct rc_bulk *b, struct rc_error *e)
{
	struct rc_list_blocks blocks;
	uint64_t duplicates, again;
	enum rc_err err;

	if (b->gathered == 0)
		return RC_OK;
	rc_list_blocks_init(&blocks);
	err = rc_sync_members_pack(&b->members, &blocks, &duplicates, e);
	b->gathered = b->bytes = 0;
	if (err == RC_OK)
		err = record_all(b, &blocks, duplicates > 0, e);
	if (err == RC_OK) {
		again = named_again(b);
		b->sum.suppressed += again;
		b->sum.unchanged += duplicates - again;
	}
	rc_sync_marks_free(&b->suppressed);
	rc_buf_reset(&b->mentions);
	rc_list_blocks_free(&blocks);
	return err;
}

static enum rc_err
note_mention(struct rc_bulk *b, const struct rc_ident *who, struct rc_error *e)
{
	rc_buf_add8(&b->mentions, (uint8_t)who->key_len);
	rc_buf_addv(&b->mentions, rc_ident_key(who));
	return rc_buf_check(&b->mentions, "the people to be changed", e);
}

enum rc_err
rc_bulk_add(struct rc_bulk *b, const struct rc_ident *people, size_t n,
    struct rc_error *e)
{
	enum rc_err err = RC_OK;

	for (size_t i = 0; err == RC_OK && i < n; i++) {
		err = rc_sync_members_add(&b->members,
		    rc_slice_str(people[i].text), rc_ident_key(&people[i]), e);
		if (err == RC_OK && may_be_suppressed(b))
			err = note_mention(b, &people[i], e);
		b->gathered++;
		b->bytes += people[i].key_len;
		if (err == RC_OK &&
		    (b->gathered >= PEOPLE_MAX || b->bytes >= BYTES_MAX))
			err = rc_bulk_settle(b, e);
	}
	return err;
}
