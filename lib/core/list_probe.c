#include "core/list.h"

#include <string.h>

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

static bool
is_ours(const struct rc_list_probe *p, struct rc_slice key,
    struct rc_slice *first_key)
{
	return rc_slice_starts(
	    key, rc_slice_of(p->prefix, RC_LIST_PREFIX), first_key);
}

/* Takes the cursor's next key as the end of the open block. */
static enum rc_err
note_next_key(struct rc_list_probe *p, struct rc_error *e)
{
	struct rc_slice key, value;
	enum rc_err err = rc_cursor_next(p->cursor, &key, &value, e);

	p->next_key_len = 0;
	if (err == RC_OK && is_ours(p, key, &key)) {
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
	if (!is_ours(p, key, &key))
		return RC_NOTFOUND;
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
	ascends = rc_ident_cmp_key(id, p->asked, p->asked_len) >= 0;
	if (ascends ? p->next_key_len > 0 && rc_ident_cmp_key(id, p->next_key,
						 p->next_key_len) >= 0
		    : rc_ident_cmp_key(id, p->first_key, p->first_key_len) < 0)
		return seek_block(p, id, e);
	return ascends ? RC_OK : start_block(p, e);
}

enum rc_err
rc_list_probe_find(struct rc_list_probe *p, const struct rc_ident *id,
    struct rc_buf *text, struct rc_error *e)
{
	struct rc_member want = rc_list_member(id);
	enum rc_err err = choose_block(p, id, e);

	if (err != RC_OK)
		return err;
	note_asked(p, id->key, id->key_len);
	err = rc_unpacker_seek(&p->unpack, &want, &p->at, e);
	if (err == RC_END ||
	    (err == RC_OK && rc_member_cmp(p->format, &p->at, &want) != 0))
		return RC_NOTFOUND;
	if (err != RC_OK)
		return err;
	if (text == NULL)
		return RC_OK;
	rc_buf_reset(text);
	if (p->format == RC_PACK_NUMBERS)
		rc_buf_adds(text, id->text);
	else
		rc_buf_addv(text, p->at.str);
	return rc_buf_check(text, "an address", e);
}
