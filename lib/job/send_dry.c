#include "job/send_priv.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

struct question {
	struct send *s;
	struct rc_claim claim[RC_SEND_BATCH];
	struct send_item *item[RC_SEND_BATCH];
	size_t n;
	uint64_t now_ms;
};

enum rc_err
rc_send_dry_open(struct send *s, struct rc_error *e)
{
	const struct rc_send_config *cfg = s->cfg;
	enum rc_err err = rc_send_seen_open(
	    &s->seen, s->state, cfg->channel, cfg->details, e);

	if (err != RC_OK || cfg->forecast == NULL ||
	    cfg->forecast->last_run_ms == 0)
		return err;
	return rc_send_since_open(
	    &s->since, s->state, cfg->channel, cfg->forecast->last_run_ms, e);
}

/* --- what would happen --------------------------------------------------- */

static enum rc_err
ask(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct question *q = arg;
	struct rc_claim_batch batch = {
	    .channel = q->s->cfg->channel,
	    .run = &q->s->run,
	    .quiet = q->s->quiet,
	    .window = &q->s->cap_window,
	    .retry = q->s->retry,
	    .now_ms = q->now_ms,
	};

	enum rc_err err =
	    rc_message_would_claim(txn, &batch, q->claim, q->n, e);

	if (err != RC_OK || !q->s->cfg->details)
		return err;
	rc_buf_reset(&q->s->why);
	return rc_message_why(txn, &batch, q->claim, q->n, &q->s->why, e);
}

static void
finish_duplicate(struct send *s, struct send_item *item, uint64_t first)
{
	char where[40] = "";

	if (s->cfg->details)
		snprintf(where, sizeof(where), "first on line %llu",
		    (unsigned long long)first);
	item->why = NULL;
	rc_send_finish(s, item, RC_SEND_DUPLICATE, where);
}

/* --- what it would come to ------------------------------------------------ */

/* Whether their consent changed since the last run; 0 when none was. */
static enum rc_err
count_change(struct send *s, const struct rc_claim *claim, struct rc_error *e)
{
	struct rc_forecast *f = s->cfg->forecast;
	bool would = claim->answer == RC_CLAIMED, yes = false;
	enum rc_err err;

	if (s->since == NULL)
		return RC_OK;
	err = would ? rc_send_since_began(s->since, &claim->to, &yes, e)
		    : rc_send_since_ended(s->since, &claim->to, &yes, e);
	f->began += would && yes;
	f->others += would && !yes;
	f->ended += !would && yes;
	return err;
}

static enum rc_err
foresee(struct send *s, const struct send_item *item, uint64_t now_ms,
    struct rc_error *e)
{
	struct rc_forecast *f = s->cfg->forecast;

	if (f == NULL)
		return RC_OK;
	switch (item->claim.answer) {
	case RC_CLAIMED:
		f->cost = s->spent;
		rc_forecast_text(f, &item->claim.to, &item->size,
		    (size_t)(item->content - s->render.content),
		    rc_buf_slice(&item->text));
		return count_change(s, &item->claim, e);
	case RC_CLAIM_NOT_IN:
	case RC_CLAIM_SUPPRESSED:
		return count_change(s, &item->claim, e);
	case RC_CLAIM_QUIET:
		rc_forecast_quiet(f, s->quiet, &item->claim.to, now_ms);
		return RC_OK;
	default:
		return RC_OK;
	}
}

/* --- answering ------------------------------------------------------------ */

/* Memory is short, or the state is damaged. */
static void
give_up(struct send *s, struct send_item *item, const struct rc_error *e)
{
	rc_send_stop(s, e, true);
	item->why = NULL;
	rc_send_finish(s, item, RC_SEND_NOT_REACHED, "");
}

/*
 * As in a real run, only a claim, or being held back, makes a later line a
 * duplicate.
 */
static void
answer(struct send *s, struct send_item *item, uint64_t now_ms)
{
	const struct rc_claim *claim = &item->claim;
	bool would = claim->answer == RC_CLAIMED;
	bool held =
	    claim->answer == RC_CLAIM_HELD && claim->before != RC_M_HELD;
	struct rc_error e;
	uint64_t first = 0;
	enum rc_err err = RC_OK;

	if (would || held)
		err = rc_send_seen(s->seen, &claim->to, item->line, &first, &e);
	if (err == RC_OK && would && first == 0)
		rc_send_started(s, item);
	if (err == RC_OK && first == 0)
		err = foresee(s, item, now_ms, &e);
	if (err != RC_OK)
		give_up(s, item, &e);
	else if (first != 0)
		finish_duplicate(s, item, first);
	else if (would || held)
		rc_send_finish(
		    s, item, would ? RC_SEND_WOULD : RC_SEND_HELD, "");
	else
		rc_send_claim_answered(s, item);
}

void
rc_send_dry(struct send *s)
{
	struct question q; /* large: not to be zeroed for every batch */
	struct send_item *item;
	const char *why;
	struct rc_error e;

	q.s = s;
	q.n = 0;
	q.now_ms = rc_clock_now_ms();
	while (q.n < RC_SEND_BATCH && (item = rc_send_pop(&s->ready)) != NULL) {
		q.item[q.n] = item;
		q.claim[q.n++] = item->claim;
	}
	if (q.n == 0)
		return;
	if (rc_store_read(s->state->store, ask, &q, &e) != RC_OK) {
		rc_send_stop(s, &e, false);
		for (size_t i = 0; i < q.n; i++)
			rc_send_push(&s->ready, q.item[i]);
		return;
	}
	why = s->cfg->details ? rc_buf_str(&s->why) : NULL;
	for (size_t i = 0; i < q.n; i++) {
		q.item[i]->claim = q.claim[i];
		if (s->ready.n > 0 || !rc_send_fits(s, q.item[i], 0)) {
			rc_send_push(&s->ready, q.item[i]);
		} else {
			q.item[i]->why = why;
			answer(s, q.item[i], q.now_ms);
		}
		if (why != NULL)
			why += strlen(why) + 1;
	}
}
