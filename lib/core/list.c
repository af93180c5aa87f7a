#include "core/list.h"

#include "base/num.h"

#include <string.h>

#define INFO_LEN 36	 /* reconnect-state(5), list_info */
#define SWEEP_BATCH 5000 /* records; stays under 20 ms of work */

enum rc_pack_format
rc_list_format(enum rc_ident_type type)
{
	switch (type) {
	case RC_IDENT_PHONE:
		return RC_PACK_NUMBERS;
	case RC_IDENT_EMAIL:
		return RC_PACK_FOLDED;
	default:
		return RC_PACK_EXACT;
	}
}

struct rc_member
rc_list_member(const struct rc_ident *id)
{
	return (struct rc_member){.num = id->phone, .str = rc_ident_key(id)};
}

void
rc_list_prefix(
    unsigned char key[RC_LIST_PREFIX], uint32_t channel, uint32_t generation)
{
	rc_put32(key, channel);
	rc_put32(key + 4, generation);
}

/* --- what the list is ---------------------------------------------------- */

enum rc_err
rc_list_info_get(struct rc_txn *txn, uint32_t channel,
    struct rc_list_info *info, struct rc_error *e)
{
	unsigned char key[4];
	struct rc_unpack u;
	struct rc_slice value;
	enum rc_err err;

	*info = (struct rc_list_info){0};
	rc_put32(key, channel);
	err = rc_get(
	    txn, RC_T_LIST_INFO, rc_slice_of(key, sizeof(key)), &value, e);
	if (err == RC_NOTFOUND)
		return RC_OK;
	if (err != RC_OK)
		return err;
	u = rc_unpack_start(value);
	info->generation = rc_unpack32(&u);
	info->list_time_ms = rc_unpack64(&u);
	info->synced_ms = rc_unpack64(&u);
	info->members = rc_unpack64(&u);
	info->journal_seq = rc_unpack64(&u);
	if (u.short_read || u.p != u.end)
		return rc_state_damaged(
		    e, "the list record of channel %u", channel);
	return RC_OK;
}

enum rc_err
rc_list_info_put(struct rc_txn *txn, uint32_t channel,
    const struct rc_list_info *info, struct rc_error *e)
{
	unsigned char key[4], value[INFO_LEN];

	rc_put32(key, channel);
	rc_put32(value, info->generation);
	rc_put64(value + 4, info->list_time_ms);
	rc_put64(value + 12, info->synced_ms);
	rc_put64(value + 20, info->members);
	rc_put64(value + 28, info->journal_seq);
	return rc_put(txn, RC_T_LIST_INFO, rc_slice_of(key, sizeof(key)),
	    rc_slice_of(value, sizeof(value)), e);
}

/* --- blocks in memory ---------------------------------------------------- */

void
rc_list_blocks_init(struct rc_list_blocks *b)
{
	b->bytes = RC_BUF_INIT(RC_LIST_BYTES_MAX);
	b->members = 0;
}

void
rc_list_blocks_free(struct rc_list_blocks *b)
{
	rc_buf_free(&b->bytes);
	b->members = 0;
}

enum rc_err
rc_list_blocks_emit(
    void *arg, struct rc_slice key, struct rc_slice block, struct rc_error *e)
{
	struct rc_list_blocks *b = arg;
	unsigned char len[2];

	rc_put16(len, (uint16_t)key.len);
	rc_buf_add(&b->bytes, len, sizeof(len));
	rc_buf_addv(&b->bytes, key);
	rc_put16(len, (uint16_t)block.len);
	rc_buf_add(&b->bytes, len, sizeof(len));
	rc_buf_addv(&b->bytes, block);
	b->members += rc_pack_count(block);
	return rc_buf_check(&b->bytes, "the subscriber list", e);
}

enum rc_err
rc_list_blocks_append(struct rc_list_blocks *b,
    const struct rc_list_blocks *more, struct rc_error *e)
{
	rc_buf_addv(&b->bytes, rc_buf_slice(&more->bytes));
	b->members += more->members;
	return rc_buf_check(&b->bytes, "the subscriber list", e);
}

void
rc_list_blocks_take(const struct rc_list_blocks *b, size_t *at,
    struct rc_slice *key, struct rc_slice *block)
{
	const char *p = b->bytes.data + *at;

	*key = (struct rc_slice){p + 2, rc_get16(p)};
	p += 2 + key->len;
	*block = (struct rc_slice){p + 2, rc_get16(p)};
	*at += 2 + key->len + 2 + block->len;
}

enum rc_err
rc_list_copy(struct rc_txn *txn, uint32_t channel, uint32_t generation,
    struct rc_list_blocks *b, struct rc_error *e)
{
	unsigned char prefix[RC_LIST_PREFIX];

	rc_buf_reset(&b->bytes);
	b->members = 0;
	rc_list_prefix(prefix, channel, generation);
	return rc_get_each(txn, RC_T_LIST, rc_slice_of(prefix, RC_LIST_PREFIX),
	    rc_list_blocks_emit, b, e);
}

/* Whether keys with the prefix would come behind all others of the table. */
static enum rc_err
sorts_last(struct rc_txn *txn, const unsigned char *prefix, bool *last,
    struct rc_error *e)
{
	static const char top[] = "\xff\xff\xff\xff\xff\xff\xff\xff\xff";
	struct rc_slice key, value;
	enum rc_err err = rc_get_le(txn, RC_T_LIST,
	    (struct rc_slice){top, sizeof(top) - 1}, &key, &value, e);

	*last = err == RC_NOTFOUND ||
		(err == RC_OK && key.len >= RC_LIST_PREFIX &&
		    memcmp(key.p, prefix, RC_LIST_PREFIX) < 0);
	return err == RC_NOTFOUND ? RC_OK : err;
}

enum rc_err
rc_list_store(struct rc_txn *txn, uint32_t channel, uint32_t generation,
    const struct rc_list_blocks *b, struct rc_error *e)
{
	unsigned char full[RC_LIST_PREFIX + RC_IDENT_KEY_MAX];
	struct rc_slice key, block;
	bool last;
	enum rc_err err;

	rc_list_prefix(full, channel, generation);
	err = sorts_last(txn, full, &last, e);
	for (size_t at = 0; err == RC_OK && at < b->bytes.len;) {
		rc_list_blocks_take(b, &at, &key, &block);
		memcpy(full + RC_LIST_PREFIX, key.p, key.len);
		key = rc_slice_of(full, RC_LIST_PREFIX + key.len);
		err = last ? rc_put_last(txn, RC_T_LIST, key, block, e)
			   : rc_put(txn, RC_T_LIST, key, block, e);
	}
	return err;
}

/* --- sweeping old generations -------------------------------------------- */

struct sweep {
	enum rc_table table;
	uint32_t channel, generation; /* the one to keep */
	size_t done;
};

/* Deletes a batch of the oldest generation there is; done 0: all are gone. */
static enum rc_err
sweep_batch(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct sweep *s = arg;
	unsigned char prefix[RC_LIST_PREFIX];
	struct rc_slice key, value;
	enum rc_err err;

	s->done = 0;
	rc_list_prefix(prefix, s->channel, 0);
	err = rc_get_ge(txn, s->table, rc_slice_of(prefix, RC_LIST_PREFIX),
	    &key, &value, e);
	if (err == RC_OK && key.len >= RC_LIST_PREFIX)
		memcpy(prefix, key.p, RC_LIST_PREFIX);
	if (err == RC_NOTFOUND)
		return RC_OK;
	if (err != RC_OK || rc_get32(prefix) != s->channel ||
	    rc_get32(prefix + 4) >= s->generation)
		return err;
	return rc_del_prefix(txn, s->table, rc_slice_of(prefix, RC_LIST_PREFIX),
	    SWEEP_BATCH, &s->done, e);
}

enum rc_err
rc_list_sweep(struct rc_store *store, uint32_t channel, uint32_t generation,
    struct rc_error *e)
{
	static const enum rc_table tables[] = {RC_T_LIST, RC_T_EVENT};
	enum rc_err err = RC_OK;

	for (size_t i = 0; i < 2; i++) {
		struct sweep s = {tables[i], channel, generation, 1};

		while (err == RC_OK && s.done > 0)
			err = rc_store_write_bulk(store, sweep_batch, &s, e);
	}
	return err;
}

/* --- walking ------------------------------------------------------------- */

void
rc_list_walk_start(struct rc_list_walk *w, const struct rc_list_blocks *b)
{
	w->blocks = b;
	w->at = 0;
	w->next = w->count = 0;
	w->open = false;
}

/* Numbers are told all at once, strings one by one. */
static enum rc_err
walk_open(struct rc_list_walk *w, struct rc_error *e)
{
	struct rc_slice key, block;

	if (w->at >= w->blocks->bytes.len)
		return RC_END;
	rc_list_blocks_take(w->blocks, &w->at, &key, &block);
	if (block.len > 0 && block.p[0] == RC_PACK_NUMBERS) {
		w->next = 0;
		return rc_unpack_numbers(block, w->num, &w->count, e);
	}
	w->open = true;
	return rc_unpacker_start(&w->unpack, block, e);
}

enum rc_err
rc_list_walk_next(
    struct rc_list_walk *w, struct rc_member *m, struct rc_error *e)
{
	enum rc_err err = RC_OK;

	for (; err == RC_OK; err = walk_open(w, e)) {
		if (w->next < w->count) {
			*m = (struct rc_member){.num = w->num[w->next++]};
			return RC_OK;
		}
		if (!w->open)
			continue;
		err = rc_unpacker_next(&w->unpack, m, e);
		if (err != RC_END)
			return err;
		w->open = false;
	}
	return err;
}
