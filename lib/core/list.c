#include "core/list.h"

#include "base/num.h"

#include <string.h>

#define INFO_LEN 44	 /* reconnect-state(5), list_info */
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
	info->list_seq = rc_unpack64(&u);
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
	rc_put64(value + 36, info->list_seq);
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

/* Takes the block at *at, which lies before the end, and moves *at on. */
static void
take_block(const struct rc_list_blocks *b, size_t *at, struct rc_slice *key,
    struct rc_slice *block)
{
	const char *p = b->bytes.data + *at;

	*key = (struct rc_slice){p + 2, rc_get16(p)};
	p += 2 + key->len;
	*block = (struct rc_slice){p + 2, rc_get16(p)};
	*at += 2 + key->len + 2 + block->len;
}

static bool
has_prefix(struct rc_slice key, const unsigned char *prefix)
{
	return key.len >= RC_LIST_PREFIX &&
	       memcmp(key.p, prefix, RC_LIST_PREFIX) == 0;
}

static struct rc_slice
without_prefix(struct rc_slice key)
{
	return (struct rc_slice){
	    key.p + RC_LIST_PREFIX, key.len - RC_LIST_PREFIX};
}

enum rc_err
rc_list_copy(struct rc_txn *txn, uint32_t channel, uint32_t generation,
    struct rc_list_blocks *b, struct rc_error *e)
{
	unsigned char prefix[RC_LIST_PREFIX];
	struct rc_slice key, block;
	struct rc_cursor *c;
	enum rc_err err;

	rc_buf_reset(&b->bytes);
	b->members = 0;
	err = rc_cursor_open(txn, RC_T_LIST, &c, e);
	if (err != RC_OK)
		return err;
	rc_list_prefix(prefix, channel, generation);
	err = rc_cursor_ge(
	    c, rc_slice_of(prefix, RC_LIST_PREFIX), &key, &block, e);
	while (err == RC_OK && has_prefix(key, prefix)) {
		err = rc_list_blocks_emit(b, without_prefix(key), block, e);
		if (err == RC_OK)
			err = rc_cursor_next(c, &key, &block, e);
	}
	rc_cursor_close(c);
	return err == RC_NOTFOUND || err == RC_END ? RC_OK : err;
}

/* Whether keys with the prefix would come behind all others of the table. */
static enum rc_err
sorts_last(struct rc_txn *txn, const unsigned char *prefix, bool *last,
    struct rc_error *e)
{
	static const char top[] = "\xff\xff\xff\xff\xff\xff\xff\xff\xff";
	struct rc_slice key, value;
	struct rc_cursor *c;
	enum rc_err err;

	err = rc_cursor_open(txn, RC_T_LIST, &c, e);
	if (err != RC_OK)
		return err;
	err = rc_cursor_le(
	    c, (struct rc_slice){top, sizeof(top) - 1}, &key, &value, e);
	*last = err == RC_NOTFOUND ||
		(err == RC_OK && key.len >= RC_LIST_PREFIX &&
		    memcmp(key.p, prefix, RC_LIST_PREFIX) < 0);
	rc_cursor_close(c);
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
		take_block(b, &at, &key, &block);
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
	struct rc_cursor *c;
	enum rc_err err;

	s->done = 0;
	rc_list_prefix(prefix, s->channel, 0);
	err = rc_cursor_open(txn, s->table, &c, e);
	if (err != RC_OK)
		return err;
	err = rc_cursor_ge(
	    c, rc_slice_of(prefix, RC_LIST_PREFIX), &key, &value, e);
	if (err == RC_OK && key.len >= RC_LIST_PREFIX)
		memcpy(prefix, key.p, RC_LIST_PREFIX);
	rc_cursor_close(c);
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
	w->open = false;
}

enum rc_err
rc_list_walk_next(
    struct rc_list_walk *w, struct rc_member *m, struct rc_error *e)
{
	struct rc_slice key, block;
	enum rc_err err;

	for (;;) {
		if (w->open) {
			err = rc_unpacker_next(&w->unpack, m, e);
			if (err != RC_END)
				return err;
		}
		w->open = false;
		if (w->at >= w->blocks->bytes.len)
			return RC_END;
		take_block(w->blocks, &w->at, &key, &block);
		err = rc_unpacker_start(&w->unpack, block, e);
		if (err != RC_OK)
			return err;
		w->open = true;
	}
}

/* --- looking up ---------------------------------------------------------- */

enum rc_err
rc_list_probe_open(struct rc_list_probe *p, struct rc_txn *txn,
    uint32_t channel, uint32_t generation, enum rc_pack_format format,
    struct rc_error *e)
{
	p->format = format;
	p->block_len = 0;
	rc_list_prefix(p->prefix, channel, generation);
	return rc_cursor_open(txn, RC_T_LIST, &p->cursor, e);
}

void
rc_list_probe_close(struct rc_list_probe *p)
{
	rc_cursor_close(p->cursor);
	p->cursor = NULL;
}

static int
compare_key(const struct rc_ident *id, const unsigned char *key, size_t len)
{
	return rc_slice_cmp(rc_ident_key(id), rc_slice_of(key, len));
}

/* Takes the cursor's next key as the end of the open block. */
static enum rc_err
note_next_key(struct rc_list_probe *p, struct rc_error *e)
{
	struct rc_slice key, value;
	enum rc_err err = rc_cursor_next(p->cursor, &key, &value, e);

	p->next_key_len = 0;
	if (err == RC_OK && has_prefix(key, p->prefix)) {
		key = without_prefix(key);
		if (key.len > sizeof(p->next_key))
			return rc_state_damaged(e, "a list block's key");
		memcpy(p->next_key, key.p, key.len);
		p->next_key_len = key.len;
	}
	return err == RC_END ? RC_OK : err;
}

static void
note_asked(struct rc_list_probe *p, const unsigned char *key, size_t len)
{
	memcpy(p->asked, key, len);
	p->asked_len = len;
}

static enum rc_err
start_block(struct rc_list_probe *p, struct rc_error *e)
{
	struct rc_slice block = {(char *)p->block, p->block_len};
	enum rc_err err = rc_unpacker_start(&p->unpack, block, e);

	if (err == RC_OK)
		err = rc_unpacker_next(&p->unpack, &p->at, e);
	if (err == RC_END)
		err = rc_state_damaged(e, "a list block");
	if (err != RC_OK)
		p->block_len = 0;
	note_asked(p, p->first_key, p->first_key_len);
	return err;
}

/* Opens the one block that may hold the person; RC_NOTFOUND: none may. */
static enum rc_err
seek_block(
    struct rc_list_probe *p, const struct rc_ident *id, struct rc_error *e)
{
	unsigned char want[RC_LIST_PREFIX + RC_IDENT_KEY_MAX];
	struct rc_slice key, block;
	enum rc_err err;

	p->block_len = 0;
	memcpy(want, p->prefix, RC_LIST_PREFIX);
	memcpy(want + RC_LIST_PREFIX, id->key, id->key_len);
	err = rc_cursor_le(p->cursor,
	    rc_slice_of(want, RC_LIST_PREFIX + id->key_len), &key, &block, e);
	if (err != RC_OK)
		return err;
	if (!has_prefix(key, p->prefix))
		return RC_NOTFOUND;
	key = without_prefix(key);
	if (block.len > sizeof(p->block) || key.len > sizeof(p->first_key))
		return rc_state_damaged(e, "a list block");
	memcpy(p->block, block.p, block.len);
	memcpy(p->first_key, key.p, key.len);
	p->first_key_len = key.len;
	err = note_next_key(p, e);
	if (err != RC_OK)
		return err;
	p->block_len = block.len;
	return start_block(p, e);
}

/* Opens the block for a person, or stays in it when it is the right one. */
static enum rc_err
choose_block(
    struct rc_list_probe *p, const struct rc_ident *id, struct rc_error *e)
{
	bool ascends;

	if (p->block_len == 0)
		return seek_block(p, id, e);
	ascends = compare_key(id, p->asked, p->asked_len) >= 0;
	if (ascends ? p->next_key_len > 0 &&
			  compare_key(id, p->next_key, p->next_key_len) >= 0
		    : compare_key(id, p->first_key, p->first_key_len) < 0)
		return seek_block(p, id, e);
	return ascends ? RC_OK : start_block(p, e);
}

enum rc_err
rc_list_probe_find(struct rc_list_probe *p, const struct rc_ident *id,
    struct rc_buf *text, struct rc_error *e)
{
	struct rc_member want = rc_list_member(id);
	enum rc_err err = choose_block(p, id, e);
	int order;

	if (err != RC_OK)
		return err;
	note_asked(p, id->key, id->key_len);
	while ((order = rc_member_cmp(p->format, &p->at, &want)) < 0) {
		if (p->unpack.left == 0)
			return RC_NOTFOUND;
		err = rc_unpacker_next(&p->unpack, &p->at, e);
		if (err != RC_OK)
			return err;
	}
	if (order > 0)
		return RC_NOTFOUND;
	if (text == NULL)
		return RC_OK;
	rc_buf_reset(text);
	if (p->format == RC_PACK_NUMBERS)
		rc_buf_adds(text, id->text);
	else
		rc_buf_addv(text, p->at.str);
	return rc_buf_check(text, "an address", e);
}
