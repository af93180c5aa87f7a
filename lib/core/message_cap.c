#include "core/message_priv.h"

#include "base/num.h"

#include <string.h>

/* Campaigns an hour for a hundred years. */
#define CAMPAIGNS_MAX ((size_t)1 << 20)

struct search {
	struct rc_cap *cap;
	uint32_t own; /* campaign that is sending */
	bool found;
	uint64_t last_run_ms; /* of own */
	char name[RC_CAMPAIGN_NAME_MAX + 1];
};

static enum rc_err
look_at(void *arg, const struct rc_campaign *c, struct rc_error *e)
{
	struct search *s = arg;
	unsigned char number[4];

	(void)e;
	if (c->number == s->own) {
		s->found = true;
		s->last_run_ms = c->last_run_ms;
		memcpy(s->name, c->name, sizeof(s->name));
		return RC_OK;
	}
	if (s->cap->channel->cap == 0 ||
	    c->channel != s->cap->channel->number ||
	    c->last_run_ms + RC_CAMPAIGN_TOUCH_MS < s->cap->since_ms)
		return RC_OK;
	rc_put32(number, c->number);
	rc_buf_add(&s->cap->campaigns, number, sizeof(number));
	return RC_OK;
}

enum rc_err
rc_cap_open(struct rc_cap *cap, struct rc_txn *txn,
    const struct rc_claim_batch *batch, bool write, struct rc_error *e)
{
	struct search s = {.cap = cap, .own = batch->run->campaign};
	uint64_t window_ms = batch->channel->cap_window_ms;
	enum rc_err err;

	cap->channel = batch->channel;
	cap->since_ms =
	    batch->now_ms > window_ms ? batch->now_ms - window_ms : 0;
	cap->campaigns = RC_BUF_INIT(CAMPAIGNS_MAX * 4);
	err = rc_campaign_each(txn, look_at, &s, e);
	if (err == RC_OK)
		err = rc_buf_check(&cap->campaigns, "the list of campaigns", e);
	if (err != RC_OK || !write)
		return err;
	if (!s.found)
		return rc_err_set(
		    e, RC_ECONFIG, "campaign %u is gone from the state", s.own);
	if (batch->now_ms < s.last_run_ms + RC_CAMPAIGN_TOUCH_MS)
		return RC_OK;
	return rc_campaign_touch(txn, s.name, batch->now_ms, e);
}

void
rc_cap_close(struct rc_cap *cap)
{
	rc_buf_free(&cap->campaigns);
}

/* Whether a message reached the person, or may have, within the window. */
static bool
counts(const struct rc_cap *cap, const unsigned char *record)
{
	uint64_t claimed_s = rc_get32(record + RC_AT_CLAIMED);

	switch (record[RC_AT_STATE]) {
	case RC_M_REJECTED:
	case RC_M_DEFERRED:
	case RC_M_HELD:
		return false;
	default:
		/* A whole second more: the record keeps no milliseconds. */
		return (claimed_s + 1) * 1000 > cap->since_ms;
	}
}

enum rc_err
rc_cap_reached(struct rc_cap *cap, struct rc_txn *txn,
    const struct rc_ident *to, bool *reached, struct rc_error *e)
{
	unsigned n = 0;

	*reached = false;
	for (size_t i = 0; i < cap->campaigns.len; i += 4) {
		uint32_t campaign = rc_get32(cap->campaigns.data + i), ordinal;
		const unsigned char *record;
		enum rc_err err =
		    rc_recipient_get(txn, campaign, to, &ordinal, e);

		if (err == RC_OK)
			err = rc_record_get(txn, campaign, ordinal, &record, e);
		if (err == RC_NOTFOUND)
			continue;
		if (err != RC_OK)
			return err;
		n += counts(cap, record);
		if (n >= cap->channel->cap) {
			*reached = true;
			return RC_OK;
		}
	}
	return RC_OK;
}
