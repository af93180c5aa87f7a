#include "core/message_priv.h"

#include "base/num.h"

#include <string.h>

/* --- chunks -------------------------------------------------------------- */

static struct rc_slice
chunk_key(unsigned char key[8], uint32_t campaign, uint32_t number)
{
	rc_put32(key, campaign);
	rc_put32(key + 4, number);
	return rc_slice_of(key, 8);
}

static enum rc_err
chunk_get(struct rc_txn *txn, uint32_t campaign, uint32_t number,
    struct rc_slice *value, struct rc_error *e)
{
	unsigned char key[8];
	enum rc_err err = rc_get(
	    txn, RC_T_MESSAGE, chunk_key(key, campaign, number), value, e);

	if (err == RC_OK && value->len != RC_CHUNK_LEN)
		return rc_state_damaged(
		    e, "a message of campaign %u", campaign);
	return err;
}

/* A state that is none would be an index out of bounds. */
static enum rc_err
check_state(uint32_t campaign, const unsigned char *record, struct rc_error *e)
{
	if (record[RC_AT_STATE] < RC_M_STATES)
		return RC_OK;
	return rc_state_damaged(e, "a message of campaign %u", campaign);
}

static enum rc_err
chunk_load(struct rc_ledger *l, struct rc_ledger_chunk *c, uint32_t number,
    struct rc_error *e)
{
	struct rc_slice value;
	enum rc_err err = chunk_get(l->txn, l->campaign, number, &value, e);

	c->number = number;
	c->dirty = false;
	if (err == RC_OK)
		memcpy(c->records, value.p, sizeof(c->records));
	else if (err == RC_NOTFOUND)
		memset(c->records, 0, sizeof(c->records));
	else
		return err;
	c->used = true;
	return RC_OK;
}

static enum rc_err
chunk_save(struct rc_ledger *l, struct rc_ledger_chunk *c, struct rc_error *e)
{
	unsigned char key[8];
	void *room;
	enum rc_err err;

	if (!c->used || !c->dirty)
		return RC_OK;
	err = rc_put_room(l->txn, RC_T_MESSAGE,
	    chunk_key(key, l->campaign, c->number), sizeof(c->records), &room,
	    e);
	if (err != RC_OK)
		return err;
	memcpy(room, c->records, sizeof(c->records));
	c->dirty = false;
	return RC_OK;
}

/* --- the ledger ---------------------------------------------------------- */

void
rc_ledger_open(struct rc_ledger *l, struct rc_txn *txn, uint32_t campaign)
{
	l->txn = txn;
	l->campaign = campaign;
	l->next_out = 0;
	l->segments = 0;
	l->nvariants = 0;
	memset(l->moved, 0, sizeof(l->moved));
	for (size_t i = 0; i < RC_LEDGER_CHUNKS; i++)
		l->chunk[i].used = false;
}

static enum rc_err
chunk_at(struct rc_ledger *l, uint32_t number, struct rc_ledger_chunk **at,
    struct rc_error *e)
{
	struct rc_ledger_chunk *c;
	enum rc_err err;

	for (c = l->chunk; c < l->chunk + RC_LEDGER_CHUNKS; c++)
		if (c->used && c->number == number) {
			*at = c;
			return RC_OK;
		}
	*at = c = &l->chunk[l->next_out];
	l->next_out = (l->next_out + 1) % RC_LEDGER_CHUNKS;
	err = chunk_save(l, c, e);
	c->used = false;
	return err == RC_OK ? chunk_load(l, c, number, e) : err;
}

enum rc_err
rc_ledger_at(struct rc_ledger *l, uint32_t ordinal, unsigned char **record,
    struct rc_error *e)
{
	struct rc_ledger_chunk *c;
	enum rc_err err = chunk_at(l, ordinal / RC_MESSAGE_CHUNK, &c, e);

	if (err != RC_OK)
		return err;
	*record =
	    c->records + (size_t)(ordinal % RC_MESSAGE_CHUNK) * RC_MESSAGE_LEN;
	return check_state(l->campaign, *record, e);
}

void
rc_ledger_mark(struct rc_ledger *l, const unsigned char *record)
{
	size_t at = (size_t)(record - (const unsigned char *)l->chunk);

	l->chunk[at / sizeof(l->chunk[0])].dirty = true;
}

/* The states of a message that the provider took. */
static int
is_paid(unsigned state)
{
	return state == RC_M_ACCEPTED || state >= RC_M_SENT;
}

static void
count_segments(struct rc_ledger *l, struct rc_ledger_variant *v, int n)
{
	l->segments += n;
	if (v != NULL)
		v->segments += n;
}

void
rc_ledger_move(
    struct rc_ledger *l, unsigned char *record, enum rc_message_state to)
{
	struct rc_ledger_variant *v = rc_ledger_variant(l, record);
	int paid = is_paid(to) - is_paid(record[RC_AT_STATE]);

	l->moved[record[RC_AT_STATE]]--;
	l->moved[to]++;
	if (v != NULL) {
		v->moved[record[RC_AT_STATE]]--;
		v->moved[to]++;
	}
	count_segments(l, v, paid * record[RC_AT_SEGMENTS]);
	record[RC_AT_STATE] = (unsigned char)to;
	rc_ledger_mark(l, record);
}

void
rc_ledger_segments(struct rc_ledger *l, unsigned char *record, uint8_t n)
{
	int more = is_paid(record[RC_AT_STATE]) * (n - record[RC_AT_SEGMENTS]);

	count_segments(l, rc_ledger_variant(l, record), more);
	record[RC_AT_SEGMENTS] = n;
	rc_ledger_mark(l, record);
}

enum rc_err
rc_ledger_flush(struct rc_ledger *l, struct rc_error *e)
{
	enum rc_err err = RC_OK;

	for (size_t i = 0; i < RC_LEDGER_CHUNKS && err == RC_OK; i++)
		err = chunk_save(l, &l->chunk[i], e);
	for (uint32_t s = RC_M_NONE + 1; s < RC_M_STATES && err == RC_OK; s++) {
		if (l->moved[s] != 0)
			err = rc_tally_add(l->txn, l->campaign, RC_TALLY_STATE,
			    s, l->moved[s], e);
		l->moved[s] = 0;
	}
	if (err == RC_OK && l->segments != 0)
		err = rc_tally_add(
		    l->txn, l->campaign, RC_TALLY_SEGMENTS, 0, l->segments, e);
	l->segments = 0;
	return err == RC_OK ? rc_ledger_flush_variants(l, e) : err;
}

enum rc_err
rc_record_get(struct rc_txn *txn, uint32_t campaign, uint32_t ordinal,
    const unsigned char **record, struct rc_error *e)
{
	struct rc_slice value;
	enum rc_err err =
	    chunk_get(txn, campaign, ordinal / RC_MESSAGE_CHUNK, &value, e);

	if (err != RC_OK)
		return err;
	*record = (const unsigned char *)value.p +
		  (size_t)(ordinal % RC_MESSAGE_CHUNK) * RC_MESSAGE_LEN;
	if ((*record)[RC_AT_STATE] == RC_M_NONE)
		return RC_NOTFOUND;
	return check_state(campaign, *record, e);
}

/* --- recipients ---------------------------------------------------------- */

static struct rc_slice
recipient_key(unsigned char key[4 + RC_IDENT_KEY_MAX], uint32_t campaign,
    const struct rc_ident *to)
{
	rc_put32(key, campaign);
	memcpy(key + 4, to->key, to->key_len);
	return rc_slice_of(key, 4 + to->key_len);
}

enum rc_err
rc_recipient_get(struct rc_txn *txn, uint32_t campaign,
    const struct rc_ident *to, uint32_t *ordinal, struct rc_error *e)
{
	unsigned char key[4 + RC_IDENT_KEY_MAX];
	struct rc_slice value;
	enum rc_err err = rc_get(
	    txn, RC_T_RECIPIENT, recipient_key(key, campaign, to), &value, e);

	if (err != RC_OK)
		return err;
	if (value.len != 4)
		return rc_state_damaged(
		    e, "a recipient of campaign %u", campaign);
	*ordinal = rc_get32(value.p);
	return RC_OK;
}

enum rc_err
rc_recipient_any(
    struct rc_txn *txn, uint32_t campaign, bool *any, struct rc_error *e)
{
	unsigned char prefix[4];
	struct rc_slice start = rc_slice_of(prefix, 4), key, value;
	struct rc_cursor *c;
	enum rc_err err = rc_cursor_open(txn, RC_T_RECIPIENT, &c, e);

	*any = false;
	if (err != RC_OK)
		return err;
	rc_put32(prefix, campaign);
	err = rc_cursor_ge(c, start, &key, &value, e);
	*any = err == RC_OK && rc_slice_starts(key, start, NULL);
	rc_cursor_close(c);
	return err == RC_NOTFOUND ? RC_OK : err;
}

enum rc_err
rc_recipient_put(struct rc_txn *txn, uint32_t campaign,
    const struct rc_ident *to, uint32_t ordinal, struct rc_error *e)
{
	unsigned char key[4 + RC_IDENT_KEY_MAX], value[4];

	rc_put32(value, ordinal);
	return rc_put(txn, RC_T_RECIPIENT, recipient_key(key, campaign, to),
	    rc_slice_of(value, sizeof(value)), e);
}
