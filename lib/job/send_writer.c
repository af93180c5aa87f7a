#include "job/send_priv.h"

#include "base/clock.h"
#include "base/num.h"
#include "core/rate.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum writer_state {
	WRITER_IDLE,  /* the main thread's */
	WRITER_GIVEN, /* the writer's */
	WRITER_DONE   /* the main thread's, not taken yet */
};

struct send_writer {
	struct send *s;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t given;
	enum writer_state state;
	bool quit;
	int wake_fd;
	struct send_job job;
	/* Laid out anew for each transaction. */
	struct rc_settlement *settlement;
	struct rc_ident *suppressed;
};

/* --- the transaction ------------------------------------------------------ */

static enum rc_message_state
settled_state(const struct send_item *item)
{
	switch (item->outcome) {
	case RC_SEND_ACCEPTED:
		return RC_M_ACCEPTED;
	case RC_SEND_REJECTED:
		return RC_M_REJECTED;
	case RC_SEND_UNKNOWN:
		return RC_M_UNKNOWN;
	default:
		return RC_M_DEFERRED;
	}
}

static uint8_t
capped_segments(unsigned n)
{
	return (uint8_t)(n > 255 ? 255 : n);
}

static enum rc_err
write_settlements(struct rc_txn *txn, struct send_writer *w, struct rc_error *e)
{
	struct send_job *job = &w->job;
	size_t n = 0;

	for (struct send_item *i = job->settled.first; i != NULL; i = i->next)
		w->settlement[n++] = (struct rc_settlement){
		    .ordinal = i->claim.ordinal,
		    .state = settled_state(i),
		    .error_code = i->result.error_code,
		    .segments = capped_segments(i->result.segments),
		    .provider_id = i->result.provider_id,
		};
	if (n == 0)
		return RC_OK;
	return rc_message_settle(
	    txn, w->s->campaign, w->settlement, n, job->now_ms, e);
}

/* The recipient said no on the handset: no other campaign may try again. */
static enum rc_err
write_suppressions(
    struct rc_txn *txn, struct send_writer *w, struct rc_error *e)
{
	struct rc_consent_change change = {
	    .kind = RC_J_SUPPRESS,
	    .type = w->s->cfg->channel->identifier,
	    .received_ms = w->job.now_ms,
	    .source = RC_SLICE_LIT(RC_SOURCE_PROVIDER),
	};
	char evidence[RC_CAMPAIGN_NAME_MAX + 40];
	struct rc_consent_counts counts;
	unsigned code = 0;
	size_t n = 0;

	for (struct send_item *i = w->job.settled.first; i != NULL; i = i->next)
		if (i->outcome == RC_SEND_REJECTED &&
		    i->result.verdict == RC_V_SUPPRESS) {
			w->suppressed[n++] = i->claim.to;
			code = i->result.error_code;
		}
	if (n == 0)
		return RC_OK;
	snprintf(evidence, sizeof(evidence), "campaign %s, error %u",
	    w->s->cfg->campaign, code);
	change.evidence = rc_slice_str(evidence);
	return rc_consent_change_in(txn, &change, w->suppressed, n, &counts, e);
}

static enum rc_err
write_urls(struct rc_txn *txn, struct send_writer *w,
    const struct send_item *item, struct rc_error *e)
{
	struct rc_unpack u = rc_unpack_start(rc_buf_slice(&item->urls));
	enum rc_err err = RC_OK;

	while (u.p < u.end && err == RC_OK) {
		unsigned number = rc_unpack8(&u);

		err = rc_message_url_put(txn, w->s->campaign,
		    item->claim.ordinal, number, rc_unpack_str(&u), e);
	}
	return err;
}

/*
 * Claims run ahead of the wire by a limit, whereas most recipients of a second
 * run need no claim: so as many are decided as it takes to reach the limit.
 */
static enum rc_err
write_claims(struct rc_txn *txn, struct send_writer *w, struct rc_error *e)
{
	struct send_job *job = &w->job;
	struct rc_claim_batch batch = {
	    .channel = w->s->cfg->channel,
	    .run = &w->s->run,
	    .quiet = w->s->quiet,
	    .window = &w->s->cap_window,
	    .retry = w->s->retry,
	    .now_ms = job->now_ms,
	    .low = job->low,
	};
	size_t claimed = 0, limit;
	struct rc_rate rate;
	enum rc_err err;

	job->decided = 0;
	job->ready_us = 0;
	if (job->nclaims == 0 || rc_send_is_over(w->s->cfg, job->now_ms))
		return RC_OK;
	err = rc_rate_open(&rate, txn, w->s->cfg->channel->number,
	    w->s->wire.rate, job->now_ms, e);
	if (err != RC_OK)
		return err;
	limit = rc_rate_left(&rate);
	if (limit > job->limit)
		limit = job->limit;
	while (err == RC_OK && job->decided < job->nclaims && claimed < limit) {
		size_t from = job->decided;
		size_t n = job->nclaims - from;

		if (n > limit - claimed)
			n = limit - claimed;
		err = rc_message_claim(txn, &batch, job->claim + from, n, e);
		if (err != RC_OK)
			break;
		job->decided += n;
		for (size_t i = from; i < from + n && err == RC_OK; i++) {
			if (job->claim[i].answer != RC_CLAIMED)
				continue;
			claimed++;
			job->start_us[i] = rc_rate_take(&rate);
			err = write_urls(txn, w, job->claimed[i], e);
		}
	}
	job->ready_us = rc_rate_ready_us(&rate);
	return err == RC_OK ? rc_rate_close(&rate, e) : err;
}

static enum rc_err
write_reservation(struct rc_txn *txn, struct send_writer *w, struct rc_error *e)
{
	struct send_job *job = &w->job;
	enum rc_err err;

	if (job->reserve == 0)
		return RC_OK;
	err = rc_campaign_reserve(
	    txn, w->s->cfg->campaign, job->reserve, &job->first, e);
	for (size_t i = 0; i < w->s->render.nlinks && err == RC_OK; i++) {
		const struct send_link *l = &w->s->render.link[i];

		err = rc_link_reserve(txn, w->s->campaign, job->first,
		    job->reserve, (uint8_t)(l->fixed ? 0 : i + 1), l->url,
		    &job->ids[i], e);
	}
	return err;
}

static enum rc_err
write_job(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct send_writer *w = arg;
	enum rc_err err;

	/* Not when it was asked for: another's transaction may have lasted. */
	w->job.now_ms = rc_clock_now_ms();
	w->job.now_us = rc_clock_mono_us();
	err = write_settlements(txn, w, e);

	if (err == RC_OK)
		err = write_suppressions(txn, w, e);
	if (err == RC_OK)
		err = write_claims(txn, w, e);
	if (err == RC_OK)
		err = write_reservation(txn, w, e);
	return err;
}

/* --- the thread ----------------------------------------------------------- */

static void
wake(const struct send_writer *w)
{
	uint64_t one = 1;
	ssize_t n = write(w->wake_fd, &one, sizeof(one));

	(void)n; /* fails only when the counter is full, and then it is awake */
}

static void *
run_writer(void *arg)
{
	struct send_writer *w = arg;

	pthread_mutex_lock(&w->mutex);
	for (;;) {
		while (w->state != WRITER_GIVEN && !w->quit)
			pthread_cond_wait(&w->given, &w->mutex);
		if (w->state != WRITER_GIVEN)
			break;
		pthread_mutex_unlock(&w->mutex);
		w->job.err = rc_store_write_bulk(
		    w->s->state->store, write_job, w, &w->job.error);
		pthread_mutex_lock(&w->mutex);
		w->state = WRITER_DONE;
		wake(w);
	}
	pthread_mutex_unlock(&w->mutex);
	return NULL;
}

enum rc_err
rc_send_writer_open(
    struct send_writer **out, struct send *s, int wake_fd, struct rc_error *e)
{
	struct send_writer *w = calloc(1, sizeof(*w));

	*out = NULL;
	if (w == NULL)
		return rc_err_nomem(e);
	w->s = s;
	w->wake_fd = wake_fd;
	w->settlement = calloc(s->nitems, sizeof(*w->settlement));
	w->suppressed = calloc(s->nitems, sizeof(*w->suppressed));
	pthread_mutex_init(&w->mutex, NULL);
	pthread_cond_init(&w->given, NULL);
	if (w->settlement == NULL || w->suppressed == NULL ||
	    pthread_create(&w->thread, NULL, run_writer, w) != 0) {
		free(w->settlement);
		free(w->suppressed);
		free(w);
		return rc_err_set(
		    e, RC_EAGAIN, "cannot start the writer thread");
	}
	*out = w;
	return RC_OK;
}

void
rc_send_writer_stop(struct send_writer *w)
{
	if (w->quit)
		return;
	pthread_mutex_lock(&w->mutex);
	w->quit = true;
	pthread_cond_signal(&w->given);
	pthread_mutex_unlock(&w->mutex);
	pthread_join(w->thread, NULL);
}

void
rc_send_writer_close(struct send_writer *w)
{
	if (w == NULL)
		return;
	rc_send_writer_stop(w);
	pthread_mutex_destroy(&w->mutex);
	pthread_cond_destroy(&w->given);
	free(w->settlement);
	free(w->suppressed);
	free(w);
}

struct send_job *
rc_send_writer_job(struct send_writer *w)
{
	bool idle;

	pthread_mutex_lock(&w->mutex);
	idle = w->state == WRITER_IDLE;
	pthread_mutex_unlock(&w->mutex);
	return idle ? &w->job : NULL;
}

void
rc_send_writer_give(struct send_writer *w)
{
	pthread_mutex_lock(&w->mutex);
	w->state = WRITER_GIVEN;
	pthread_cond_signal(&w->given);
	pthread_mutex_unlock(&w->mutex);
}

struct send_job *
rc_send_writer_take(struct send_writer *w)
{
	bool done;

	pthread_mutex_lock(&w->mutex);
	done = w->state == WRITER_DONE;
	if (done)
		w->state = WRITER_IDLE;
	pthread_mutex_unlock(&w->mutex);
	return done ? &w->job : NULL;
}
