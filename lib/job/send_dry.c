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

/* --- what would happen --------------------------------------------------- */

static enum rc_err
ask(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct question *q = arg;
	struct rc_claim_batch batch = {
	    .channel = q->s->cfg->channel,
	    .run = &q->s->run,
	    .quiet = q->s->quiet,
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

/*
 * As in a real run, only a claim, or being held back, makes a later line a
 * duplicate.
 */
static void
answer(struct send *s, struct send_item *item)
{
	enum rc_send_outcome outcome = RC_SEND_WOULD;
	struct rc_error e;
	uint64_t first;

	if (item->claim.answer == RC_CLAIM_HELD &&
	    item->claim.before != RC_M_HELD) {
		outcome = RC_SEND_HELD;
	} else if (item->claim.answer != RC_CLAIMED) {
		rc_send_claim_answered(s, item);
		return;
	}
	if (rc_send_seen(s->seen, &item->claim.to, item->line, &first, &e) !=
	    RC_OK) {
		rc_send_stop(s, &e, true);
		rc_send_finish(s, item, RC_SEND_NOT_REACHED, "");
		return;
	}
	if (first != 0) {
		finish_duplicate(s, item, first);
		return;
	}
	if (outcome == RC_SEND_WOULD)
		rc_send_started(s, item);
	rc_send_finish(s, item, outcome, "");
}

void
rc_send_dry(struct send *s)
{
	struct question q = {.s = s, .now_ms = rc_clock_now_ms()};
	struct send_item *item;
	const char *why;
	struct rc_error e;

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
			answer(s, q.item[i]);
		}
		if (why != NULL)
			why += strlen(why) + 1;
	}
}
