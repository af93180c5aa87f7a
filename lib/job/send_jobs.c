#include "job/send_priv.h"

#include "base/clock.h"

#include <unistd.h>

#define WRITE_FAILURES 3
/* Claims run ahead of the wire by this much of the rate: a kill makes as many
 * unknown. */
#define AHEAD_S 0.1

static void
push_first(struct send_queue *q, struct send_item *item)
{
	item->next = q->first;
	if (q->first == NULL)
		q->last = item;
	q->first = item;
	q->n++;
}

/* Where recovery would have to begin once the job is written. */
static uint32_t
lowest_open(const struct send *s, const struct send_job *job)
{
	uint32_t low = UINT32_MAX;

	for (size_t i = 0; i < s->nitems; i++)
		if (s->items[i].open && s->items[i].claim.ordinal < low)
			low = s->items[i].claim.ordinal;
	for (size_t i = 0; i < job->nclaims; i++)
		if (job->claim[i].ordinal < low)
			low = job->claim[i].ordinal;
	return low;
}

/*
 * As many answers as came while the last transaction was written are likely to
 * come, and to make room on the wire, during the next; one quick commit does
 * not count as a slow provider.
 */
static void
learn_pace(struct send *s)
{
	size_t came = s->wire.ended - s->ended_before;

	s->ended_before = s->wire.ended;
	s->ahead = came > s->ahead / 2 ? came : s->ahead / 2;
}

/*
 * Claims that wait for the wire: as many as there are free connections, and
 * what the next commit will take to write.  A slow provider needs next to
 * nothing ahead, and a kill then costs little more than what was on the wire.
 */
static size_t
claims_allowed(const struct send *s)
{
	const struct send_wire *w = &s->wire;
	double most = 2.0 * (double)w->limit;
	double soon = (double)(w->limit - w->on_wire + s->ahead);

	if (soon < most)
		most = soon;
	if (w->rate > 0 && w->rate * AHEAD_S < most)
		most = w->rate * AHEAD_S;
	if (most < 1)
		most = 1;
	return (size_t)most > s->claimed.n ? (size_t)most - s->claimed.n : 0;
}

static void
add_claim(struct send_job *job, struct send_item *item)
{
	job->claimed[job->nclaims] = item;
	job->claim[job->nclaims++] = item->claim;
}

/* Another attempt is paid already, and counts for no limit. */
static void
add_claims(struct send *s, struct send_job *job)
{
	size_t most = s->cfg->max > 0 ? s->cfg->max - s->started : SIZE_MAX;
	struct send_item *item;

	s->spent_ahead = 0;
	while (s->again.n > 0 && job->nclaims < RC_SEND_BATCH)
		add_claim(job, rc_send_pop(&s->again));
	while ((item = s->ready.first) != NULL && most-- > 0 &&
	       job->nclaims < RC_SEND_BATCH &&
	       rc_send_fits(s, item, s->spent_ahead)) {
		s->spent_ahead += rc_send_cost(s, item);
		add_claim(job, rc_send_pop(&s->ready));
	}
}

void
rc_send_job_give(struct send *s)
{
	struct send_job *job = rc_send_writer_job(s->writer);

	if (job == NULL)
		return;
	job->settled = s->settling;
	s->settling = (struct send_queue){0};
	job->nclaims = job->decided = 0;
	job->reserve = s->stopping ? 0 : rc_send_ordinals_wanted(s);
	job->limit =
	    rc_send_breaker_allow(s, claims_allowed(s), rc_clock_mono_us());
	if (!s->stopping && job->limit > 0 &&
	    rc_clock_mono_us() >= s->claim_from_us)
		add_claims(s, job);
	rc_send_breaker_claim(s);
	if (job->settled.n == 0 && job->nclaims == 0 && job->reserve == 0)
		return;
	for (struct send_item *i = job->settled.first; i != NULL; i = i->next)
		i->open = false;
	job->low = lowest_open(s, job);
	job->touch = job->nclaims > 0 &&
		     rc_clock_now_ms() >= s->touched_ms + RC_CAMPAIGN_TOUCH_MS;
	learn_pace(s);
	rc_send_writer_give(s->writer);
}

static void
settled(struct send *s, struct send_item *item)
{
	if (!item->again || s->stopping) {
		rc_send_finish(s, item, item->outcome, item->result.detail);
		return;
	}
	item->due_us = rc_send_wire_due_us(s, item, rc_clock_mono_us());
	if (item->due_us < s->next_due_us)
		s->next_due_us = item->due_us;
	rc_send_push(&s->waiting, item);
}

static void
unclaim(struct send *s, struct send_job *job, size_t from)
{
	for (size_t i = job->nclaims; i-- > from;)
		push_first(job->claimed[i]->counted ? &s->again : &s->ready,
		    job->claimed[i]);
}

/* Nothing has changed.  What went over the wire is settled again and again,
 * and is "unknown" when the store will not have it. */
static void
job_failed(struct send *s, struct send_job *job)
{
	struct send_item *item;
	struct send_queue keep = {0};

	unclaim(s, job, 0);
	rc_send_stop(s, &job->error, false);
	s->write_failures++;
	while ((item = rc_send_pop(&job->settled)) != NULL) {
		item->open = true;
		if (s->write_failures < WRITE_FAILURES)
			rc_send_push(&keep, item);
		else
			rc_send_finish(s, item, RC_SEND_UNKNOWN,
			    "the outcome could not be recorded");
	}
	while ((item = rc_send_pop(&s->settling)) != NULL)
		rc_send_push(&keep, item);
	s->settling = keep;
}

/* The clock of the wall is the one that processes share. */
static uint64_t
mono_of(uint64_t wall_us)
{
	uint64_t wall_now_us = rc_clock_now_ms() * 1000;

	return wall_us <= wall_now_us
		   ? 0
		   : rc_clock_mono_us() + (wall_us - wall_now_us);
}

void
rc_send_job_take(struct send *s)
{
	struct send_job *job = rc_send_writer_take(s->writer);
	struct send_item *item;
	struct rc_error e;
	uint64_t woken;
	ssize_t n;

	if (job == NULL)
		return;
	n = read(s->wake_fd, &woken, sizeof(woken));
	(void)n;
	s->spent_ahead = 0;
	if (job->err != RC_OK) {
		job_failed(s, job);
		return;
	}
	if (job->touch)
		s->touched_ms = job->now_ms;
	if (job->reserve > 0 && rc_send_ordinals_add(s, job->first,
				    job->reserve, job->ids, &e) != RC_OK)
		rc_send_stop(s, &e, true);
	while ((item = rc_send_pop(&job->settled)) != NULL)
		settled(s, item);
	unclaim(s, job, job->decided);
	if (job->nclaims > 0)
		s->claim_from_us = mono_of(job->ready_us);
	for (size_t i = 0; i < job->decided; i++) {
		job->claimed[i]->claim = job->claim[i];
		job->claimed[i]->start_us = mono_of(job->start_us[i]);
		rc_send_claim_answered(s, job->claimed[i]);
	}
	rc_send_breaker_claimed(s);
}
