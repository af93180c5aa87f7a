#include "job/send_priv.h"

#include "base/clock.h"

#include <unistd.h>

#define WRITE_FAILURES 3
/* Claims run ahead of the wire by at most this much of the rate. */
#define AHEAD_S 0.1
/* ... and by what the wire takes during one commit, or this many ... */
#define AHEAD_COMMITS 3
/* ... from so many messages a second on, which make commits expensive. */
#define FAST 10000
/* Results wait no longer for company. */
#define POSTPONE_US 2000
/* Jobs between two looks for the lowest open claim. */
#define LOW_JOBS 32

static void
push_first(struct send_queue *q, struct send_item *item)
{
	item->next = q->first;
	if (q->first == NULL)
		q->last = item;
	q->first = item;
	q->n++;
}

/*
 * Where recovery would have to begin once the job is written; rather too low
 * than counted anew for each job.
 */
static uint32_t
lowest_open(struct send *s, const struct send_job *job)
{
	if (s->low_jobs++ % LOW_JOBS == 0) {
		s->low = UINT32_MAX;
		for (size_t i = 0; i < s->nitems; i++)
			if (s->items[i].open &&
			    s->items[i].claim.ordinal < s->low)
				s->low = s->items[i].claim.ordinal;
	}
	for (size_t i = 0; i < job->nclaims; i++)
		if (job->claim[i].ordinal < s->low)
			s->low = job->claim[i].ordinal;
	return s->low;
}

/*
 * As many answers as came while the last transaction was written are likely to
 * come, and to make room on the wire, during the next; one quick commit does
 * not count as a slow provider.
 */
static void
learn_pace(struct send *s)
{
	uint64_t now_us = rc_clock_mono_us();
	size_t came = s->wire.ended - s->ended_before;

	s->fast = came * 1000000 > FAST * (now_us - s->given_us);
	s->pace = came > s->pace / 2 ? came : s->pace / 2;
	s->committed_us = now_us;
}

/*
 * Claims that wait for the wire: as many as there are free connections, and
 * what it takes during the next commit or some.  A slow provider needs next to
 * nothing ahead, and a kill then costs little more than what was on the wire.
 *
 * A kill makes unknown what is claimed and not settled, in the ledger.  That is
 * never more than two messages a connection: all results there are go into the
 * job that makes the claims, so that it leaves open what is on the wire, what
 * waits for it and the new claims, limit + ahead at most; and until the next
 * one is written nothing is added to them.
 */
static size_t
claims_allowed(const struct send *s)
{
	const struct send_wire *w = &s->wire;
	size_t ahead = (s->fast ? AHEAD_COMMITS : 1) * s->pace, waiting;

	if (ahead > w->limit)
		ahead = w->limit;
	waiting = w->limit - w->on_wire + ahead;
	if (w->rate > 0 && w->rate * AHEAD_S < (double)waiting)
		waiting = (size_t)(w->rate * AHEAD_S);
	if (waiting < 1)
		waiting = 1;
	return waiting > s->claimed.n ? waiting - s->claimed.n : 0;
}

/*
 * A commit costs about the same for one message as for fifty.  While the wire
 * has claims left for as long as one takes, results and free connections wait
 * to be more.
 */
static bool
can_wait(struct send *s)
{
	uint64_t until_us = s->committed_us + POSTPONE_US;

	s->give_us = UINT64_MAX;
	if (!s->fast || s->stopping || s->settling.n == 0 ||
	    s->claimed.n <= s->pace || rc_clock_mono_us() >= until_us)
		return false;
	s->give_us = until_us;
	return true;
}

static void
add_claim(struct send_job *job, struct send_item *item)
{
	job->claimed[job->nclaims] = item;
	job->claim[job->nclaims++] = item->claim;
}

/*
 * Another attempt is paid already, and counts for no limit.  Beyond what may be
 * claimed a job looks only at as many as those before had to.
 */
static void
add_claims(struct send *s, struct send_job *job)
{
	size_t most = s->cfg->max > 0 ? s->cfg->max - s->started : SIZE_MAX;
	size_t look = s->look > job->limit ? s->look : job->limit;
	struct send_item *item;

	s->spent_ahead = 0;
	if (look > RC_SEND_BATCH)
		look = RC_SEND_BATCH;
	while (s->again.n > 0 && job->nclaims < look)
		add_claim(job, rc_send_pop(&s->again));
	while ((item = s->ready.first) != NULL && most-- > 0 &&
	       job->nclaims < look && rc_send_fits(s, item, s->spent_ahead)) {
		s->spent_ahead += rc_send_cost(s, item);
		add_claim(job, rc_send_pop(&s->ready));
	}
}

/* Many of those before needed no claim, or few. */
static void
learn_look(struct send *s, const struct send_job *job)
{
	size_t claimed = 0;

	for (size_t i = 0; i < job->decided; i++)
		claimed += job->claim[i].answer == RC_CLAIMED;
	if (job->decided < job->nclaims)
		s->look /= 2;
	else if (claimed < job->limit && job->nclaims >= s->look)
		s->look = 2 * job->nclaims;
	if (s->look > RC_SEND_BATCH)
		s->look = RC_SEND_BATCH;
}

void
rc_send_job_give(struct send *s)
{
	struct send_job *job = rc_send_writer_job(s->writer);

	if (job == NULL || can_wait(s))
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
	s->ended_before = s->wire.ended;
	s->given_us = rc_clock_mono_us();
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

/*
 * The clock of the wall is the one that processes share.  It may have been set
 * since the job was written: what counts is how far ahead a moment was then.
 */
static uint64_t
mono_of(const struct send_job *job, uint64_t wall_us)
{
	uint64_t then_us = job->now_ms * 1000;

	return wall_us <= then_us ? 0 : job->now_us + (wall_us - then_us);
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
	learn_pace(s);
	if (job->err != RC_OK) {
		job_failed(s, job);
		return;
	}
	if (job->reserve > 0 && rc_send_ordinals_add(s, job->first,
				    job->reserve, job->ids, &e) != RC_OK)
		rc_send_stop(s, &e, true);
	while ((item = rc_send_pop(&job->settled)) != NULL)
		settled(s, item);
	unclaim(s, job, job->decided);
	learn_look(s, job);
	if (job->nclaims > 0)
		s->claim_from_us = mono_of(job, job->ready_us);
	for (size_t i = 0; i < job->decided; i++) {
		job->claimed[i]->claim = job->claim[i];
		job->claimed[i]->start_us = mono_of(job, job->start_us[i]);
		job->claimed[i]->claimed_ms = job->now_ms;
		job->claimed[i]->claimed_us = job->now_us;
		rc_send_claim_answered(s, job->claimed[i]);
	}
	rc_send_breaker_claimed(s);
}
