#include "core/link.h"

#include "base/num.h"
#include "text/code.h"

#define RECORD_MAX (1u << 17) /* bytes; a URL with variables may be long */
#define PREVIEW "preview0"
#define ID_LEN 8
#define BY_URL_LEN (4 + RC_SHA256_LEN) /* u32 campaign, SHA-256 */

/* A block of ids, borrowed from the transaction. */
struct block {
	uint64_t first;
	uint32_t count, campaign, first_ordinal;
	uint8_t url_kind;
	struct rc_slice url;
};

static enum rc_err
decode(struct rc_slice key, struct rc_slice value, struct block *b,
    struct rc_error *e)
{
	struct rc_unpack u = rc_unpack_start(value);

	*b = (struct block){.first = 0};
	if (key.len != ID_LEN)
		return rc_state_damaged(e, "a link record");
	b->first = rc_get64(key.p);
	b->count = rc_unpack32(&u);
	b->campaign = rc_unpack32(&u);
	b->first_ordinal = rc_unpack32(&u);
	b->url_kind = rc_unpack8(&u);
	b->url = rc_unpack_str(&u);
	return u.short_read ? rc_state_damaged(e, "a link record") : RC_OK;
}

/* Takes b->count ids and keeps the block under the first of them. */
static enum rc_err
add_block(struct rc_txn *txn, struct block *b, struct rc_error *e)
{
	struct rc_buf value = RC_BUF_INIT(RECORD_MAX);
	unsigned char key[ID_LEN];
	enum rc_err err =
	    rc_state_take64(txn, "next_link", b->count, &b->first, e);

	if (err == RC_OK && b->first > RC_CODE_SPACE - b->count)
		err = rc_err_set(
		    e, RC_ECONFIG, "the state has no link codes left");
	rc_put64(key, b->first);
	rc_buf_add32(&value, b->count);
	rc_buf_add32(&value, b->campaign);
	rc_buf_add32(&value, b->first_ordinal);
	rc_buf_add8(&value, b->url_kind);
	rc_buf_add_str(&value, b->url);
	if (err == RC_OK)
		err = rc_buf_check(&value, "link", e);
	if (err == RC_OK)
		err = rc_put_last(txn, RC_T_LINK, rc_slice_of(key, ID_LEN),
		    rc_buf_slice(&value), e);
	rc_buf_free(&value);
	return err;
}

enum rc_err
rc_link_reserve(struct rc_txn *txn, uint32_t campaign, uint32_t first_ordinal,
    uint32_t count, uint8_t url_kind, struct rc_slice url, uint64_t *first_id,
    struct rc_error *e)
{
	struct block b = {.count = count,
	    .campaign = campaign,
	    .first_ordinal = first_ordinal,
	    .url_kind = url_kind,
	    .url = url};
	enum rc_err err = add_block(txn, &b, e);

	*first_id = b.first;
	return err;
}

static struct rc_slice
by_url(unsigned char key[BY_URL_LEN], uint32_t campaign, struct rc_slice url)
{
	rc_put32(key, campaign);
	rc_sha256(url, key + 4);
	return rc_slice_of(key, BY_URL_LEN);
}

enum rc_err
rc_link_find(struct rc_txn *txn, uint32_t campaign, struct rc_slice url,
    uint64_t *id, struct rc_error *e)
{
	unsigned char key[BY_URL_LEN];
	struct rc_slice value;
	enum rc_err err =
	    rc_get(txn, RC_T_LINK_OF, by_url(key, campaign, url), &value, e);

	if (err == RC_OK && value.len != ID_LEN)
		return rc_state_damaged(e, "a link record");
	if (err == RC_OK)
		*id = rc_get64(value.p);
	return err;
}

enum rc_err
rc_link_mint(struct rc_txn *txn, uint32_t campaign, struct rc_slice url,
    uint64_t *id, struct rc_error *e)
{
	struct block b = {.count = 1,
	    .campaign = campaign,
	    .first_ordinal = RC_LINK_UNBOUND,
	    .url = url};
	unsigned char key[BY_URL_LEN], value[ID_LEN];
	enum rc_err err = rc_link_find(txn, campaign, url, id, e);

	if (err != RC_NOTFOUND)
		return err;
	err = add_block(txn, &b, e);
	if (err != RC_OK)
		return err;
	*id = b.first;
	rc_put64(value, b.first);
	return rc_put(txn, RC_T_LINK_OF, by_url(key, campaign, url),
	    rc_slice_of(value, ID_LEN), e);
}

/* The block an id lies in; RC_NOTFOUND for an id never given. */
static enum rc_err
find_block(struct rc_txn *txn, uint64_t id, struct block *b, struct rc_error *e)
{
	unsigned char wanted[ID_LEN];
	struct rc_slice key, value;
	enum rc_err err;

	rc_put64(wanted, id);
	err = rc_get_le(
	    txn, RC_T_LINK, rc_slice_of(wanted, ID_LEN), &key, &value, e);
	if (err == RC_OK)
		err = decode(key, value, b, e);
	if (err == RC_OK && id - b->first >= b->count)
		err = RC_NOTFOUND;
	return err;
}

enum rc_err
rc_link_owner(struct rc_txn *txn, uint64_t id, uint32_t *campaign,
    uint32_t *ordinal, struct rc_error *e)
{
	struct block b = {.first = 0};
	enum rc_err err = find_block(txn, id, &b, e);

	if (err != RC_OK)
		return err;
	if (b.first_ordinal == RC_LINK_UNBOUND)
		return RC_NOTFOUND;
	*campaign = b.campaign;
	*ordinal = b.first_ordinal + (uint32_t)(id - b.first);
	return rc_message_now(txn, *campaign, ordinal, e);
}

/* Or the one it was sent again as: whoever has the link got the first. */
static enum rc_err
message_of(struct rc_txn *txn, struct rc_link *link, struct rc_message *m,
    struct rc_error *e)
{
	uint32_t asked = link->ordinal;
	enum rc_err err =
	    rc_message_get(txn, link->campaign, link->ordinal, m, e);

	if (err != RC_NOTFOUND)
		return err;
	err = rc_message_now(txn, link->campaign, &link->ordinal, e);
	if (err == RC_OK && link->ordinal == asked)
		return RC_NOTFOUND;
	return err == RC_OK
		   ? rc_message_get(txn, link->campaign, link->ordinal, m, e)
		   : err;
}

enum rc_err
rc_link_get(
    struct rc_txn *txn, uint64_t id, struct rc_link *link, struct rc_error *e)
{
	struct rc_message message;
	struct block b = {.first = 0};
	enum rc_err err = find_block(txn, id, &b, e);

	if (err != RC_OK)
		return err;
	*link = (struct rc_link){.id = id,
	    .campaign = b.campaign,
	    .ordinal = b.first_ordinal,
	    .url = b.url};
	if (b.first_ordinal == RC_LINK_UNBOUND)
		return RC_OK;
	link->ordinal += (uint32_t)(id - b.first);
	/* Codes are reserved ahead: without a message nobody has this one. */
	err = message_of(txn, link, &message, e);
	if (err == RC_OK && b.url_kind > 0)
		err = rc_message_url_get(
		    txn, b.campaign, link->ordinal, b.url_kind, &link->url, e);
	return err;
}

enum rc_err
rc_link_each(struct rc_txn *txn, uint64_t from,
    enum rc_err (*each)(
	void *, const struct rc_link *, uint32_t count, struct rc_error *),
    void *arg, struct rc_error *e)
{
	unsigned char wanted[ID_LEN];
	struct rc_slice key, value;
	struct rc_cursor *cursor;
	struct block b;
	enum rc_err err = rc_cursor_open(txn, RC_T_LINK, &cursor, e);

	if (err != RC_OK)
		return err;
	rc_put64(wanted, from);
	err =
	    rc_cursor_ge(cursor, rc_slice_of(wanted, ID_LEN), &key, &value, e);
	if (err == RC_NOTFOUND)
		err = RC_END;
	while (err == RC_OK) {
		err = decode(key, value, &b, e);
		if (err == RC_OK)
			err = each(arg,
			    &(struct rc_link){
				b.first, b.campaign, b.first_ordinal, b.url},
			    b.count, e);
		if (err == RC_OK)
			err = rc_cursor_next(cursor, &key, &value, e);
	}
	rc_cursor_close(cursor);
	return err == RC_END ? RC_OK : err;
}

void
rc_link_write(const struct rc_state_keys *keys, struct rc_slice base,
    uint64_t id, struct rc_buf *out)
{
	char code[RC_CODE_LEN + 1] = PREVIEW;

	while (base.len > 0 && base.p[base.len - 1] == '/')
		base.len--;
	if (id > 0)
		rc_code_encode(keys->code, id, code);
	rc_buf_addv(out, base);
	rc_buf_addc(out, '/');
	rc_buf_adds(out, code);
}
