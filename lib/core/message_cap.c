#include "core/message_priv.h"

#include "base/num.h"

#include <stdlib.h>
#include <string.h>

/* Campaigns an hour for a hundred years. */
#define CAMPAIGNS_MAX ((size_t)1 << 20)

struct search {
	const struct rc_cap *cap;
	uint32_t campaign; /* that is sending */
	struct rc_cap_window *window;
};

static enum rc_err
look_at(void *arg, const struct rc_campaign *c, struct rc_error *e)
{
	const struct search *s = arg;

	(void)e;
	if (c->number == s->campaign) {
		s->window->last_run_ms = c->last_run_ms;
		memcpy(s->window->name, c->name, sizeof(c->name));
		return RC_OK;
	}
	if (s->cap->channel->cap > 0 && c->channel == s->cap->channel->number &&
	    c->last_run_ms + RC_CAMPAIGN_TOUCH_MS >= s->cap->since_ms)
		rc_buf_add32(&s->window->others, c->number);
	return RC_OK;
}

/*
 * A campaign comes into the window only by a run, which changes the stamp; one
 * that has left it since does no harm, as its messages are too old.
 */
static enum rc_err
look(const struct rc_cap *cap, struct rc_txn *txn, uint32_t campaign,
    struct rc_cap_window *w, struct rc_error *e)
{
	struct search s = {cap, campaign, w};
	unsigned char stamp[RC_CAMPAIGN_STAMP];
	enum rc_err err = rc_campaign_stamp(txn, stamp, e);
	bool stamped = err == RC_OK;

	if (!stamped && err != RC_NOTFOUND)
		return err;
	if (stamped && w->known && cap->since_ms >= w->since_ms &&
	    memcmp(w->stamp, stamp, sizeof(stamp)) == 0)
		return RC_OK;
	rc_cap_window_free(w);
	w->others = RC_BUF_INIT(CAMPAIGNS_MAX * 4);
	err = rc_campaign_each(txn, look_at, &s, e);
	if (err == RC_OK)
		err = rc_buf_check(&w->others, "the list of campaigns", e);
	if (err != RC_OK)
		return err;
	w->known = stamped;
	w->since_ms = cap->since_ms;
	if (stamped)
		memcpy(w->stamp, stamp, sizeof(stamp));
	return RC_OK;
}

enum rc_err
rc_cap_open(struct rc_cap *cap, struct rc_txn *txn,
    const struct rc_claim_batch *batch, bool write, struct rc_error *e)
{
	struct rc_cap_window *w =
	    batch->window == NULL ? &cap->own : batch->window;
	uint64_t window_ms = batch->channel->cap_window_ms;
	enum rc_err err;

	*cap = (struct rc_cap){.channel = batch->channel,
	    .since_ms =
		batch->now_ms > window_ms ? batch->now_ms - window_ms : 0,
	    .others = &w->others};
	err = look(cap, txn, batch->run->campaign, w, e);
	if (err != RC_OK || !write)
		return err;
	if (w->name[0] == '\0')
		return rc_err_set(e, RC_ECONFIG,
		    "campaign %u is gone from the state", batch->run->campaign);
	if (batch->now_ms < w->last_run_ms + RC_CAMPAIGN_TOUCH_MS)
		return RC_OK;
	return rc_campaign_touch(txn, w->name, batch->now_ms, e);
}

void
rc_cap_close(struct rc_cap *cap)
{
	rc_cap_window_free(&cap->own);
}

void
rc_cap_window_free(struct rc_cap_window *w)
{
	rc_buf_free(&w->others);
	*w = (struct rc_cap_window){.known = false};
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

/* The person's message in campaign i of them; RC_NOTFOUND. */
static enum rc_err
record_of(const struct rc_cap *cap, size_t i, struct rc_txn *txn,
    const struct rc_ident *to, const unsigned char **record, struct rc_error *e)
{
	uint32_t campaign = rc_get32(cap->others->data + 4 * i), ordinal;
	enum rc_err err = rc_recipient_get(txn, campaign, to, &ordinal, e);

	return err == RC_OK ? rc_record_get(txn, campaign, ordinal, record, e)
			    : err;
}

enum rc_err
rc_cap_reached(struct rc_cap *cap, struct rc_txn *txn,
    const struct rc_ident *to, bool *reached, struct rc_error *e)
{
	unsigned n = 0;

	*reached = false;
	for (size_t i = 0; i < cap->others->len / 4; i++) {
		const unsigned char *record;
		enum rc_err err = record_of(cap, i, txn, to, &record, e);

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

static int
compare_times(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

enum rc_err
rc_cap_count(struct rc_cap *cap, struct rc_txn *txn, const struct rc_ident *to,
    uint64_t *n, uint64_t *next_ms, struct rc_error *e)
{
	struct rc_buf times = RC_BUF_INIT(CAMPAIGNS_MAX * sizeof(uint32_t));
	enum rc_err err = RC_OK;
	const uint32_t *claimed_s;

	for (size_t i = 0; err == RC_OK && i < cap->others->len / 4; i++) {
		const unsigned char *record;
		uint32_t at_s;

		err = record_of(cap, i, txn, to, &record, e);
		if (err == RC_OK && counts(cap, record)) {
			at_s = rc_get32(record + RC_AT_CLAIMED);
			rc_buf_add(&times, &at_s, sizeof(at_s));
		}
		if (err == RC_NOTFOUND)
			err = RC_OK;
	}
	if (err == RC_OK)
		err = rc_buf_check(&times, "the list of messages", e);
	*n = times.len / sizeof(uint32_t);
	*next_ms = 0;
	if (err == RC_OK && cap->channel->cap > 0 && *n >= cap->channel->cap) {
		qsort(times.data, *n, sizeof(uint32_t), compare_times);
		claimed_s = (const void *)times.data;
		/* When it does not count any more. */
		*next_ms = (claimed_s[*n - cap->channel->cap] + 1ULL) * 1000 +
			   cap->channel->cap_window_ms;
	}
	rc_buf_free(&times);
	return err;
}
