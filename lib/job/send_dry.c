#include "job/send_priv.h"

#include "base/clock.h"

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

	return rc_message_would_claim(txn, &batch, q->claim, q->n, e);
}

/* As in a real run, only a claim makes a later line a duplicate. */
static void
answer(struct send *s, struct send_item *item)
{
	struct rc_error e;
	uint64_t first;

	if (item->claim.answer != RC_CLAIMED) {
		rc_send_claim_answered(s, item);
		return;
	}
	if (rc_send_seen(s->seen, &item->claim.to, item->line, &first, &e) !=
	    RC_OK) {
		rc_send_stop(s, &e, true);
		rc_send_finish(s, item, RC_SEND_NOT_REACHED, "");
		return;
	}
	s->started += first == 0;
	rc_send_finish(
	    s, item, first != 0 ? RC_SEND_DUPLICATE : RC_SEND_WOULD, "");
}

void
rc_send_dry(struct send *s)
{
	struct question q = {.s = s, .now_ms = rc_clock_now_ms()};
	struct send_item *item;
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
	for (size_t i = 0; i < q.n; i++) {
		q.item[i]->claim = q.claim[i];
		if (s->cfg->max > 0 && s->started >= s->cfg->max)
			rc_send_push(&s->ready, q.item[i]);
		else
			answer(s, q.item[i]);
	}
}
