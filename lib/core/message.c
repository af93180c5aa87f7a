#include "core/message_priv.h"

#include "base/num.h"

static const struct {
	const char *name;
	/*
	 * How much is known: a receipt moves a message up only, and among
	 * equals the first one stays.
	 */
	unsigned char rank;
} about[RC_M_STATES] = {
    [RC_M_NONE] = {"none", 0},
    [RC_M_CLAIMED] = {"claimed", 0},
    [RC_M_DEFERRED] = {"deferred", 0},
    [RC_M_UNKNOWN] = {"unknown", 0},
    [RC_M_REJECTED] = {"rejected", 0},
    [RC_M_ACCEPTED] = {"accepted", 1},
    [RC_M_SENT] = {"sent", 2},
    [RC_M_DELIVERED] = {"delivered", 3},
    [RC_M_UNDELIVERED] = {"undelivered", 3},
    [RC_M_FAILED] = {"failed", 3},
    /* Never given to a provider: no receipt can be its. */
    [RC_M_HELD] = {"held", 4},
};

const char *
rc_message_state_name(enum rc_message_state state)
{
	return (unsigned)state < RC_M_STATES ? about[state].name : "damaged";
}

static uint32_t
seconds(uint64_t ms)
{
	return (uint32_t)(ms / 1000);
}

/* --- what a provider answers and reports --------------------------------- */

static bool
may_settle(enum rc_message_state from, enum rc_message_state to)
{
	switch (to) {
	case RC_M_ACCEPTED:
	case RC_M_REJECTED:
	case RC_M_DEFERRED:
		return from == RC_M_CLAIMED || from == RC_M_UNKNOWN;
	case RC_M_UNKNOWN:
		return from == RC_M_CLAIMED;
	default:
		return false;
	}
}

void
rc_record_change(struct rc_ledger *l, unsigned char *record,
    enum rc_message_state to, uint32_t error_code, uint64_t now_ms)
{
	rc_ledger_move(l, record, to);
	rc_put32(record + RC_AT_DETAIL, error_code);
	rc_put32(record + RC_AT_CHANGED, seconds(now_ms));
}

static enum rc_err
settle_one(struct rc_ledger *l, const struct rc_settlement *s, uint64_t now_ms,
    struct rc_error *e)
{
	unsigned char *record;
	enum rc_err err = rc_ledger_at(l, s->ordinal, &record, e);

	if (err != RC_OK)
		return err;
	if (record[RC_AT_STATE] == RC_M_NONE)
		return rc_err_set(e, RC_EINTERNAL,
		    "message %u of campaign %u was settled, not claimed",
		    s->ordinal, l->campaign);
	if (may_settle(record[RC_AT_STATE], s->state))
		rc_record_change(l, record, s->state, s->error_code, now_ms);
	if (s->state == RC_M_ACCEPTED && s->segments > 0)
		rc_ledger_segments(l, record, s->segments);
	if (s->provider_id == NULL)
		return RC_OK;
	return rc_provider_id_put(l, record, s->ordinal, s->provider_id, e);
}

enum rc_err
rc_message_settle(struct rc_txn *txn, uint32_t campaign,
    const struct rc_settlement *s, size_t n, uint64_t now_ms,
    struct rc_error *e)
{
	struct rc_ledger l;
	enum rc_err err = RC_OK;

	rc_ledger_open(&l, txn, campaign);
	for (size_t i = 0; i < n && err == RC_OK; i++)
		err = settle_one(&l, &s[i], now_ms, e);
	return err == RC_OK ? rc_ledger_flush(&l, e) : err;
}

#define RETRIES_MAX 1000 /* of one message; a longer way is no way */

enum rc_err
rc_message_now(struct rc_txn *txn, uint32_t campaign, uint32_t *ordinal,
    struct rc_error *e)
{
	const unsigned char *record;
	struct rc_slice to;
	enum rc_err err;

	for (int n = 0; n < RETRIES_MAX; n++) {
		err = rc_record_get(txn, campaign, *ordinal, &record, e);
		if (err != RC_NOTFOUND)
			return err;
		err = rc_message_text_get(
		    txn, campaign, *ordinal, RC_TEXT_MOVED, &to, e);
		if (err != RC_OK)
			return err == RC_NOTFOUND ? RC_OK : err;
		if (to.len != 4)
			break;
		*ordinal = rc_get32(to.p);
	}
	return rc_state_damaged(
	    e, "where message %u of campaign %u is", *ordinal, campaign);
}

/* The record, also of a message that was sent again since; RC_NOTFOUND. */
static enum rc_err
record_now(struct rc_ledger *l, uint32_t *ordinal, unsigned char **record,
    struct rc_error *e)
{
	uint32_t asked = *ordinal;
	enum rc_err err = rc_ledger_at(l, asked, record, e);

	if (err != RC_OK || (*record)[RC_AT_STATE] != RC_M_NONE)
		return err;
	err = rc_message_now(l->txn, l->campaign, ordinal, e);
	if (err == RC_OK && *ordinal == asked)
		return RC_NOTFOUND;
	if (err == RC_OK)
		err = rc_ledger_at(l, *ordinal, record, e);
	if (err == RC_OK && (*record)[RC_AT_STATE] == RC_M_NONE)
		return RC_NOTFOUND;
	return err;
}

static bool
is_bad(enum rc_message_state state)
{
	return state == RC_M_UNDELIVERED || state == RC_M_FAILED;
}

static bool
is_receipt(enum rc_message_state state)
{
	return state == RC_M_ACCEPTED || state == RC_M_SENT ||
	       state == RC_M_DELIVERED || is_bad(state);
}

enum rc_err
rc_message_receipt(struct rc_txn *txn, uint32_t campaign, uint32_t ordinal,
    enum rc_message_state state, uint32_t error_code, const char *provider_id,
    uint64_t now_ms, bool *changed, struct rc_error *e)
{
	uint32_t asked = ordinal;
	struct rc_ledger l;
	unsigned char *record;
	enum rc_err err;

	*changed = false;
	if (!is_receipt(state))
		return rc_err_set(e, RC_EINTERNAL, "no receipt says '%s'",
		    rc_message_state_name(state));
	rc_ledger_open(&l, txn, campaign);
	err = record_now(&l, &ordinal, &record, e);
	if (err != RC_OK || (ordinal != asked && is_bad(state)))
		return err;
	if (about[record[RC_AT_STATE]].rank < about[state].rank) {
		rc_record_change(&l, record, state, error_code, now_ms);
		*changed = true;
	}
	if (provider_id != NULL &&
	    (record[RC_AT_FLAGS] & RC_FLAG_PROVIDER) == 0)
		err = rc_provider_id_put(&l, record, ordinal, provider_id, e);
	return err == RC_OK ? rc_ledger_flush(&l, e) : err;
}

enum rc_err
rc_message_clicked(struct rc_txn *txn, uint32_t campaign, uint32_t ordinal,
    bool *first, struct rc_error *e)
{
	struct rc_ledger_variant *v;
	struct rc_ledger l;
	unsigned char *record;
	enum rc_err err;

	*first = false;
	rc_ledger_open(&l, txn, campaign);
	err = rc_ledger_at(&l, ordinal, &record, e);
	if (err != RC_OK)
		return err;
	if (record[RC_AT_STATE] == RC_M_NONE)
		return RC_NOTFOUND;
	if ((record[RC_AT_FLAGS] & RC_FLAG_CLICKED) != 0)
		return RC_OK;
	*first = true;
	record[RC_AT_FLAGS] |= RC_FLAG_CLICKED;
	v = rc_ledger_variant(&l, record);
	if (v != NULL)
		v->clickers++;
	rc_ledger_mark(&l, record);
	return rc_ledger_flush(&l, e);
}

/* --- reading ------------------------------------------------------------- */

static enum rc_err
read_recipient(struct rc_txn *txn, const unsigned char *record,
    struct rc_message *m, struct rc_error *e)
{
	uint64_t phone = rc_get64(record + RC_AT_PHONE);
	struct rc_slice text;
	enum rc_err err;

	if (phone != 0)
		return rc_ident_from_key(RC_IDENT_PHONE,
		    rc_slice_of(record + RC_AT_PHONE, 8), &m->to, e);
	err = rc_message_text_get(
	    txn, m->campaign, m->ordinal, RC_TEXT_RECIPIENT, &text, e);
	if (err == RC_OK && text.len > 1)
		return rc_ident_parse((enum rc_ident_type)text.p[0],
		    (struct rc_slice){text.p + 1, text.len - 1}, &m->to, e);
	if (err == RC_OK || err == RC_NOTFOUND)
		return rc_state_damaged(e,
		    "the recipient of message %u of campaign %u", m->ordinal,
		    m->campaign);
	return err;
}

enum rc_err
rc_message_get(struct rc_txn *txn, uint32_t campaign, uint32_t ordinal,
    struct rc_message *m, struct rc_error *e)
{
	const unsigned char *record;
	enum rc_err err = rc_record_get(txn, campaign, ordinal, &record, e);

	if (err != RC_OK)
		return err;
	m->campaign = campaign;
	m->ordinal = ordinal;
	m->state = record[RC_AT_STATE];
	m->clicked = (record[RC_AT_FLAGS] & RC_FLAG_CLICKED) != 0;
	m->variant = record[RC_AT_VARIANT];
	m->segments = record[RC_AT_SEGMENTS];
	m->detail = rc_get32(record + RC_AT_DETAIL);
	m->claimed_s = rc_get32(record + RC_AT_CLAIMED);
	m->changed_s = rc_get32(record + RC_AT_CHANGED);
	err = read_recipient(txn, record, m, e);
	if (err != RC_OK)
		return err;
	return rc_provider_id_get(txn, campaign, ordinal, record,
	    m->provider_id, sizeof(m->provider_id), e);
}
