#include "core/message_priv.h"

#include "base/num.h"

#include <string.h>

/* Looked at in one transaction: some milliseconds. */
#define CHUNKS_MAX 2000

/* How long after a campaign's last run the provider may date a message. */
#define LATE_MS (24ULL * 3600 * 1000)

/* --- messages in a state ---------------------------------------------------
 */

/* A chunk's records from an ordinal on; *from is behind what was looked at. */
static enum rc_err
scan_chunk(struct rc_txn *txn, uint32_t campaign, struct rc_slice records,
    enum rc_message_state state, uint64_t *from, struct rc_scan *scan,
    struct rc_error *e)
{
	enum rc_err err = RC_OK;

	do {
		size_t at = (size_t)(*from % RC_MESSAGE_CHUNK);

		if (scan->n == RC_SCAN_MAX)
			return RC_OK;
		if ((unsigned char)records.p[at * RC_MESSAGE_LEN] == state)
			err = rc_message_get(txn, campaign, (uint32_t)*from,
			    &scan->message[scan->n++], e);
		++*from;
	} while (err == RC_OK && *from % RC_MESSAGE_CHUNK != 0);
	return err;
}

enum rc_err
rc_message_scan(struct rc_txn *txn, uint32_t campaign,
    enum rc_message_state state, uint64_t from, struct rc_scan *scan,
    struct rc_error *e)
{
	unsigned char wanted[8];
	struct rc_slice key, value;
	struct rc_cursor *cursor;
	enum rc_err err = rc_cursor_open(txn, RC_T_MESSAGE, &cursor, e);

	scan->n = 0;
	scan->next = from;
	if (err != RC_OK)
		return err;
	rc_put32(wanted, campaign);
	rc_put32(wanted + 4, (uint32_t)(from / RC_MESSAGE_CHUNK));
	err = rc_cursor_ge(cursor, rc_slice_of(wanted, 8), &key, &value, e);
	for (int i = 0; err == RC_OK; i++) {
		if (key.len != 8 || value.len != RC_CHUNK_LEN) {
			err = rc_state_damaged(
			    e, "a message of campaign %u", campaign);
			break;
		}
		if (rc_get32(key.p) != campaign)
			err = RC_END;
		if (err != RC_OK || scan->n == RC_SCAN_MAX || i == CHUNKS_MAX)
			break;
		from = (uint64_t)rc_get32(key.p + 4) * RC_MESSAGE_CHUNK;
		if (scan->next < from)
			scan->next = from;
		err = scan_chunk(
		    txn, campaign, value, state, &scan->next, scan, e);
		if (err == RC_OK && scan->next % RC_MESSAGE_CHUNK == 0)
			err = rc_cursor_next(cursor, &key, &value, e);
	}
	rc_cursor_close(cursor);
	return err == RC_NOTFOUND ? RC_END : err;
}

/* --- what the provider says when it is asked -------------------------------
 */

/* The provider may err: what did arrive leads on to what is sent for it. */
static enum rc_err
mark_retried(
    struct rc_txn *txn, uint32_t campaign, uint32_t ordinal, struct rc_error *e)
{
	struct rc_ledger l;
	unsigned char *record;
	enum rc_err err;

	rc_ledger_open(&l, txn, campaign);
	err = rc_ledger_at(&l, ordinal, &record, e);
	if (err != RC_OK)
		return err;
	record[RC_AT_FLAGS] |= RC_FLAG_RETRIED;
	rc_ledger_mark(&l, record);
	return rc_ledger_flush(&l, e);
}

static enum rc_err
settle_unknown(struct rc_txn *txn, uint32_t campaign,
    const struct rc_settlement *s, uint64_t now_ms, struct rc_error *e)
{
	struct rc_settlement first = *s;
	enum rc_err err;

	if (s->state != RC_M_DEFERRED)
		first.state = RC_M_ACCEPTED;
	err = rc_message_settle(txn, campaign, &first, 1, now_ms, e);
	return err == RC_OK && s->state == RC_M_DEFERRED
		   ? mark_retried(txn, campaign, s->ordinal, e)
		   : err;
}

static bool
is_clicked(const unsigned char *record)
{
	return (record[RC_AT_FLAGS] & RC_FLAG_CLICKED) != 0;
}

enum rc_err
rc_message_answer(struct rc_txn *txn, uint32_t campaign,
    const struct rc_settlement *s, uint64_t now_ms, enum rc_message_state *now,
    struct rc_error *e)
{
	const unsigned char *record;
	uint32_t ordinal = s->ordinal;
	bool changed;
	enum rc_err err = rc_message_now(txn, campaign, &ordinal, e);

	if (err == RC_OK)
		err = rc_record_get(txn, campaign, ordinal, &record, e);
	if (err == RC_OK && ordinal == s->ordinal &&
	    record[RC_AT_STATE] == RC_M_UNKNOWN &&
	    (s->state != RC_M_DEFERRED || !is_clicked(record)))
		err = settle_unknown(txn, campaign, s, now_ms, e);
	if (err == RC_OK && s->state != RC_M_DEFERRED)
		err = rc_message_receipt(txn, campaign, s->ordinal, s->state,
		    s->error_code, s->provider_id, now_ms, &changed, e);
	if (err == RC_OK)
		err = rc_record_get(txn, campaign, ordinal, &record, e);
	*now = err == RC_OK ? record[RC_AT_STATE] : RC_M_NONE;
	return err;
}

/* --- whose a provider's id is ----------------------------------------------
 */

struct search {
	struct rc_txn *txn;
	uint32_t channel, but;
	const struct rc_ident *to;
	const char *id;
	uint64_t given_ms;
	bool found;
};

static enum rc_err
look_at(void *arg, const struct rc_campaign *c, struct rc_error *e)
{
	struct search *s = arg;
	const unsigned char *record;
	char id[128];
	uint32_t ordinal;
	enum rc_err err;

	if (c->channel != s->channel || c->number == s->but ||
	    c->last_run_ms + LATE_MS < s->given_ms)
		return RC_OK;
	err = rc_recipient_get(s->txn, c->number, s->to, &ordinal, e);
	if (err == RC_OK)
		err = rc_record_get(s->txn, c->number, ordinal, &record, e);
	if (err == RC_OK)
		err = rc_provider_id_get(
		    s->txn, c->number, ordinal, record, id, sizeof(id), e);
	if (err != RC_OK)
		return err == RC_NOTFOUND ? RC_OK : err;
	s->found = strcmp(id, s->id) == 0;
	return s->found ? RC_END : RC_OK;
}

enum rc_err
rc_message_is_others(struct rc_txn *txn, uint32_t channel, uint32_t campaign,
    const struct rc_ident *to, const char *provider_id, uint64_t given_ms,
    bool *is, struct rc_error *e)
{
	struct search s = {
	    txn, channel, campaign, to, provider_id, given_ms, false};
	enum rc_err err = rc_campaign_each(txn, look_at, &s, e);

	*is = s.found;
	return err;
}
