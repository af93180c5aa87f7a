#include "job/send_priv.h"

#include "base/clock.h"
#include "base/num.h"

#include <string.h>

#define SEEN_FIRST 4096
#define SEEN_BYTES_MAX (4ULL << 30)

struct question {
	struct send *s;
	struct rc_claim claim[RC_SEND_BATCH];
	struct send_item *item[RC_SEND_BATCH];
	size_t n;
	uint64_t now_ms;
};

/* --- whom the dry run has seen ------------------------------------------- */

static bool
put(uint64_t *slots, size_t size, uint64_t print)
{
	size_t at = (size_t)print & (size - 1);

	while (slots[at] != 0) {
		if (slots[at] == print)
			return false;
		at = (at + 1) & (size - 1);
	}
	slots[at] = print;
	return true;
}

static enum rc_err
grow(struct send_seen *seen, struct rc_error *e)
{
	size_t size = seen->size == 0 ? SEEN_FIRST : seen->size * 2;
	struct rc_buf wide = RC_BUF_INIT(SEEN_BYTES_MAX);
	const uint64_t *old = (const void *)seen->slots.data;
	uint64_t *slots = (void *)rc_buf_room(&wide, size * sizeof(*slots));

	if (slots == NULL)
		return rc_err_nomem(e);
	memset(slots, 0, size * sizeof(*slots));
	for (size_t i = 0; i < seen->size; i++)
		if (old[i] != 0)
			put(slots, size, old[i]);
	rc_buf_free(&seen->slots);
	seen->slots = wide;
	seen->size = size;
	return RC_OK;
}

enum rc_err
rc_send_seen(struct send_seen *seen, const unsigned char key[16],
    const struct rc_ident *to, bool *before, struct rc_error *e)
{
	uint64_t print = rc_siphash(key, to->key, to->key_len);
	enum rc_err err = RC_OK;

	if (seen->count >= seen->size / 2)
		err = grow(seen, e);
	if (err != RC_OK)
		return err;
	*before =
	    !put((void *)seen->slots.data, seen->size, print == 0 ? 1 : print);
	seen->count += !*before;
	return RC_OK;
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
	    .now_ms = q->now_ms,
	};

	return rc_message_would_claim(txn, &batch, q->claim, q->n, e);
}

/* As in a real run, only a claim makes a later line a duplicate. */
static void
answer(struct send *s, struct send_item *item)
{
	struct rc_error e;
	bool before;

	if (item->claim.answer != RC_CLAIMED) {
		rc_send_claim_answered(s, item);
		return;
	}
	if (rc_send_seen(&s->seen, s->state->keys.message, &item->claim.to,
		&before, &e) != RC_OK) {
		rc_send_stop(s, &e, true);
		rc_send_finish(s, item, RC_SEND_NOT_REACHED, "");
		return;
	}
	s->started += !before;
	rc_send_finish(s, item, before ? RC_SEND_DUPLICATE : RC_SEND_WOULD, "");
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
