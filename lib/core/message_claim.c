#include "core/message_priv.h"

#include "base/num.h"
#include "core/run_lock.h"
#include "text/phone.h"

#include <string.h>

struct claiming {
	struct rc_txn *txn;
	const struct rc_claim_batch *batch;
	bool write;
	struct rc_ledger ledger;
	struct rc_consent_view consent;
	struct rc_cap cap;
	uint32_t low, high; /* of the claims made; high is exclusive */
	uint32_t asked_run; /* the run last asked for; 0: none */
	bool asked_run_alive;
	bool may_hold; /* no message may have gone to the one decided on */
};

static bool
run_alive(struct claiming *c, uint32_t run)
{
	if (run != c->asked_run) {
		c->asked_run = run;
		c->asked_run_alive =
		    rc_run_lock_held(rc_store_path(rc_txn_store(c->txn)), run);
	}
	return c->asked_run_alive;
}

/* It may have been sent, so it is not sent again. */
static enum rc_claim_answer
take_for_unknown(
    struct claiming *c, struct rc_claim *claim, unsigned char *record)
{
	claim->before = RC_M_UNKNOWN;
	if (c->write)
		rc_record_change(
		    &c->ledger, record, RC_M_UNKNOWN, 0, c->batch->now_ms);
	return RC_CLAIM_ALREADY;
}

/*
 * A claim without an answer: of this run, of another that lives, or of a dead
 * one.
 */
static enum rc_claim_answer
judge_claimed(struct claiming *c, struct rc_claim *claim, unsigned char *record)
{
	uint32_t run = rc_get32(record + RC_AT_DETAIL);

	if (run == c->batch->run->number)
		return RC_CLAIM_ALREADY;
	return run_alive(c, run) ? RC_CLAIM_BUSY
				 : take_for_unknown(c, claim, record);
}

/* Whether what there is may be claimed: a deferred message, or a retried one.
 */
static bool
may_claim(const struct rc_claim_batch *batch, const struct rc_claim *claim,
    const unsigned char *record)
{
	const struct rc_retry *retry = &batch->retry;

	if (retry->state == RC_M_NONE)
		return claim->before == RC_M_DEFERRED ||
		       claim->before == RC_M_NONE;
	if (claim->before == RC_M_DEFERRED) /* by this run, another attempt */
		return claim->before_ordinal == claim->ordinal;
	if (claim->before != retry->state || claim->clicked ||
	    claim->before_ordinal >= retry->own ||
	    rc_get32(record + RC_AT_CLAIMED) >= retry->before_s)
		return false;
	/* A retry beside this one may have claimed it before this one began. */
	return (record[RC_AT_FLAGS] & RC_FLAG_RETRIED) == 0 ||
	       rc_get32(record + RC_AT_CHANGED) + 1 < retry->before_s;
}

/* What this campaign has for the recipient already. */
static enum rc_err
judge_before(struct claiming *c, struct rc_claim *claim, struct rc_error *e)
{
	uint32_t campaign = c->batch->run->campaign, ordinal;
	unsigned char *record;
	enum rc_err err;

	claim->answer = c->batch->retry.state == RC_M_NONE
			    ? RC_CLAIMED
			    : RC_CLAIM_NO_MESSAGE;
	claim->before = RC_M_NONE;
	claim->before_ordinal = 0;
	claim->clicked = false;
	claim->before_variant = 0;
	c->may_hold = true;
	if (campaign == 0)
		return RC_OK;
	err = rc_recipient_get(c->txn, campaign, &claim->to, &ordinal, e);
	if (err == RC_OK)
		err = rc_ledger_at(&c->ledger, ordinal, &record, e);
	if (err != RC_OK)
		return err == RC_NOTFOUND ? RC_OK : err;
	claim->before = record[RC_AT_STATE];
	claim->before_ordinal = ordinal;
	claim->before_variant = record[RC_AT_VARIANT];
	claim->clicked = (record[RC_AT_FLAGS] & RC_FLAG_CLICKED) != 0;
	c->may_hold = c->batch->retry.state == RC_M_NONE &&
		      (record[RC_AT_FLAGS] & RC_FLAG_RETRIED) == 0;
	if (claim->before == RC_M_CLAIMED)
		claim->answer = judge_claimed(c, claim, record);
	else if (claim->before == RC_M_DEFERRED && claim->clicked)
		claim->answer = take_for_unknown(c, claim, record);
	else if (claim->before == RC_M_HELD)
		claim->answer = RC_CLAIM_HELD;
	else if (claim->before != RC_M_NONE)
		claim->answer = RC_CLAIM_ALREADY;
	if (may_claim(c->batch, claim, record))
		claim->answer = RC_CLAIMED;
	return RC_OK;
}

/* Whether a message in this state has gone to its recipient, or may have. */
static bool
may_have_gone(enum rc_message_state state)
{
	return state != RC_M_NONE && state != RC_M_REJECTED &&
	       state != RC_M_DEFERRED && state != RC_M_HELD;
}

/* A number that is written in another way rings the same telephone. */
static enum rc_err
judge_twin(struct claiming *c, struct rc_claim *claim, struct rc_error *e)
{
	char text[RC_PHONE_LEN];
	uint64_t number = claim->to.type == RC_IDENT_PHONE
			      ? rc_phone_twin(claim->to.phone)
			      : 0;
	struct rc_ident twin;
	unsigned char *record;
	uint32_t ordinal;
	enum rc_err err;

	if (number == 0 || c->batch->run->campaign == 0)
		return RC_OK;
	rc_phone_format(number, text);
	err = rc_ident_parse(RC_IDENT_PHONE, rc_slice_str(text), &twin, e);
	if (err == RC_OK)
		err = rc_recipient_get(
		    c->txn, c->batch->run->campaign, &twin, &ordinal, e);
	if (err == RC_OK)
		err = rc_ledger_at(&c->ledger, ordinal, &record, e);
	if (err != RC_OK)
		return err == RC_NOTFOUND ? RC_OK : err;
	if (!may_have_gone(record[RC_AT_STATE]))
		return RC_OK;
	claim->answer = RC_CLAIM_ALREADY;
	claim->before = record[RC_AT_STATE];
	claim->before_ordinal = ordinal;
	return RC_OK;
}

static enum rc_err
judge_consent(struct claiming *c, struct rc_claim *claim, struct rc_error *e)
{
	struct rc_consent *consent = &claim->consent;
	enum rc_err err =
	    rc_consent_of(&c->consent, &claim->to, consent, NULL, e);

	if (err != RC_OK || consent->state == RC_CONSENT_IN)
		return err;
	claim->answer = consent->reason == RC_BY_SUPPRESSION
			    ? RC_CLAIM_SUPPRESSED
			    : RC_CLAIM_NOT_IN;
	return RC_OK;
}

static enum rc_err
judge_cap(struct claiming *c, struct rc_claim *claim, struct rc_error *e)
{
	bool reached;
	enum rc_err err =
	    rc_cap_reached(&c->cap, c->txn, &claim->to, &reached, e);

	if (err == RC_OK && reached)
		claim->answer = RC_CLAIM_CAPPED;
	return err;
}

/* Who is held back until the morning lacks nothing else. */
static void
judge_hour(struct claiming *c, struct rc_claim *claim)
{
	claim->quiet_in =
	    rc_quiet_where(c->batch->quiet, &claim->to, c->batch->now_ms);
	if (claim->quiet_in != NULL)
		claim->answer = RC_CLAIM_QUIET;
}

/* Last, so that the holdout differs from those who are texted in nothing else.
 */
static void
judge_holdout(const struct claiming *c, struct rc_claim *claim)
{
	if (claim->hold && c->may_hold)
		claim->answer = RC_CLAIM_HELD;
}

static enum rc_err
decide(struct claiming *c, struct rc_claim *claim, struct rc_error *e)
{
	enum rc_err err = judge_before(c, claim, e);

	if (err == RC_OK && claim->answer == RC_CLAIMED)
		err = judge_twin(c, claim, e);
	if (err == RC_OK && claim->answer == RC_CLAIMED)
		err = judge_consent(c, claim, e);
	if (err == RC_OK && claim->answer == RC_CLAIMED)
		err = judge_cap(c, claim, e);
	if (err == RC_OK && claim->answer == RC_CLAIMED)
		judge_hour(c, claim);
	if (err == RC_OK && claim->answer == RC_CLAIMED)
		judge_holdout(c, claim);
	return err;
}

/* --- making a claim ------------------------------------------------------ */

static enum rc_err
lead_on(struct claiming *c, const struct rc_claim *claim, struct rc_error *e)
{
	unsigned char to[4];

	rc_put32(to, claim->ordinal);
	return rc_message_text_put(c->txn, c->ledger.campaign,
	    claim->before_ordinal, RC_TEXT_MOVED, rc_slice_of(to, sizeof(to)),
	    e);
}

/*
 * The old place becomes a hole.  It leads to the new one if that is sent again
 * (*retried), since the first may have arrived.
 */
static enum rc_err
leave_old_place(struct claiming *c, const struct rc_claim *claim, bool *retried,
    struct rc_error *e)
{
	unsigned char *record;
	enum rc_err err;

	*retried = false;
	if (claim->before == RC_M_NONE)
		return RC_OK;
	err = rc_ledger_at(&c->ledger, claim->before_ordinal, &record, e);
	if (err != RC_OK)
		return err;
	*retried = claim->before != RC_M_DEFERRED ||
		   (record[RC_AT_FLAGS] & RC_FLAG_RETRIED) != 0;
	if (claim->before_ordinal == claim->ordinal)
		return RC_OK;
	rc_ledger_move(&c->ledger, record, RC_M_NONE);
	memset(record, 0, RC_MESSAGE_LEN);
	err = rc_message_text_clear(
	    c->txn, c->ledger.campaign, claim->before_ordinal, e);
	return err == RC_OK && *retried ? lead_on(c, claim, e) : err;
}

static enum rc_err
fill_record(struct claiming *c, const struct rc_claim *claim,
    unsigned char *record, struct rc_error *e)
{
	uint32_t now_s = (uint32_t)(c->batch->now_ms / 1000);
	const struct rc_ident *to = &claim->to;
	char text[1 + sizeof(to->text)];
	size_t len;

	rc_ledger_move(&c->ledger, record, RC_M_NONE);
	memset(record, 0, RC_MESSAGE_LEN);
	record[RC_AT_VARIANT] = claim->variant;
	record[RC_AT_SEGMENTS] = claim->segments;
	if (claim->answer == RC_CLAIM_HELD) {
		rc_ledger_move(&c->ledger, record, RC_M_HELD);
	} else {
		rc_ledger_move(&c->ledger, record, RC_M_CLAIMED);
		rc_put32(record + RC_AT_DETAIL, c->batch->run->number);
	}
	rc_put32(record + RC_AT_CLAIMED, now_s);
	rc_put32(record + RC_AT_CHANGED, now_s);
	if (to->type == RC_IDENT_PHONE) {
		rc_put64(record + RC_AT_PHONE, to->phone);
		return RC_OK;
	}
	text[0] = (char)to->type;
	len = strnlen(to->text, sizeof(to->text));
	memcpy(text + 1, to->text, len);
	return rc_message_text_put(c->txn, c->ledger.campaign, claim->ordinal,
	    RC_TEXT_RECIPIENT, (struct rc_slice){text, 1 + len}, e);
}

static enum rc_err
make(struct claiming *c, const struct rc_claim *claim, struct rc_error *e)
{
	unsigned char *record;
	bool retried;
	enum rc_err err = leave_old_place(c, claim, &retried, e);

	if (err == RC_OK)
		err = rc_ledger_at(&c->ledger, claim->ordinal, &record, e);
	if (err != RC_OK)
		return err;
	if (record[RC_AT_STATE] != RC_M_NONE &&
	    (claim->before == RC_M_NONE ||
		claim->ordinal != claim->before_ordinal))
		return rc_err_set(e, RC_EINTERNAL,
		    "message %u of campaign %u is taken", claim->ordinal,
		    c->ledger.campaign);
	err = fill_record(c, claim, record, e);
	if (err == RC_OK && retried)
		record[RC_AT_FLAGS] |= RC_FLAG_RETRIED;
	if (err == RC_OK && claim->ordinal >= c->high)
		c->high = claim->ordinal + 1;
	if (err == RC_OK && claim->ordinal < c->low)
		c->low = claim->ordinal;
	if (err != RC_OK || (claim->before != RC_M_NONE &&
				claim->before_ordinal == claim->ordinal))
		return err;
	return rc_recipient_put(
	    c->txn, c->ledger.campaign, &claim->to, claim->ordinal, e);
}

/* Whether a claim changes the recipient's message. */
static bool
makes(const struct rc_claim *claim)
{
	return claim->answer == RC_CLAIMED ||
	       (claim->answer == RC_CLAIM_HELD && claim->before != RC_M_HELD);
}

static enum rc_err
finish(struct claiming *c, struct rc_error *e)
{
	enum rc_err err = rc_ledger_flush(&c->ledger, e);

	if (err != RC_OK || c->high == 0)
		return err;
	return rc_run_extend(c->txn, c->batch->run->number, c->low, c->high, e);
}

static enum rc_err
claim_all(struct rc_txn *txn, const struct rc_claim_batch *batch, bool write,
    struct rc_claim *claim, size_t n, struct rc_error *e)
{
	struct claiming c;
	enum rc_err err;

	c.txn = txn;
	c.batch = batch;
	c.write = write;
	c.low = batch->low;
	c.high = 0;
	c.asked_run = 0;
	rc_ledger_open(&c.ledger, txn, batch->run->campaign);
	err = rc_cap_open(&c.cap, txn, batch, write, e);
	if (err != RC_OK)
		goto out_cap;
	err = rc_consent_open(&c.consent, txn, batch->channel->number,
	    batch->channel->identifier, e);
	for (size_t i = 0; i < n && err == RC_OK; i++) {
		err = decide(&c, &claim[i], e);
		if (err == RC_OK && write && makes(&claim[i]))
			err = make(&c, &claim[i], e);
	}
	if (err == RC_OK && write)
		err = finish(&c, e);
	rc_consent_close(&c.consent);
out_cap:
	rc_cap_close(&c.cap);
	return err;
}

enum rc_err
rc_message_claim(struct rc_txn *txn, const struct rc_claim_batch *batch,
    struct rc_claim *claim, size_t n, struct rc_error *e)
{
	return claim_all(txn, batch, true, claim, n, e);
}

enum rc_err
rc_message_would_claim(struct rc_txn *txn, const struct rc_claim_batch *batch,
    struct rc_claim *claim, size_t n, struct rc_error *e)
{
	return claim_all(txn, batch, false, claim, n, e);
}
