#include "job/serve_priv.h"

#include "base/clock.h"
#include "base/num.h"

#include <inttypes.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct batch {
	struct rc_job *first;
};

/* The provider says that the recipient opted out at the carrier. */
#define TWILIO_OPTED_OUT 21610

static enum rc_err
commit_consent(struct rc_txn *txn, struct rc_job *job, struct rc_error *e)
{
	struct rc_consent_counts counts;

	return rc_consent_change_in(
	    txn, &job->change, &job->ident, 1, &counts, e);
}

static enum rc_err
suppress_recipient(struct rc_txn *txn, struct rc_job *job, struct rc_error *e)
{
	struct rc_message message;
	struct rc_consent_counts counts;
	enum rc_err err =
	    rc_message_get(txn, job->campaign, job->now_ordinal, &message, e);

	if (err != RC_OK)
		return err;
	rc_buf_reset(&job->evidence);
	rc_buf_addf(&job->evidence, "message %s, error %u", job->provider_id,
	    job->error_code);
	err = rc_buf_check(&job->evidence, "the evidence", e);
	if (err != RC_OK)
		return err;
	job->change = (struct rc_consent_change){
	    .kind = RC_J_SUPPRESS,
	    .type = message.to.type,
	    .received_ms = job->now_ms,
	    .source = RC_SLICE_LIT(RC_SOURCE_RECEIPT),
	    .evidence = rc_buf_slice(&job->evidence),
	};
	return rc_consent_change_in(
	    txn, &job->change, &message.to, 1, &counts, e);
}

static enum rc_err
commit_receipt(struct rc_txn *txn, struct rc_job *job, struct rc_error *e)
{
	bool changed;
	enum rc_err err = rc_message_receipt(txn, job->campaign, job->ordinal,
	    job->state, job->error_code,
	    job->provider_id[0] == '\0' ? NULL : job->provider_id, job->now_ms,
	    &changed, e);

	job->now_ordinal = job->ordinal;
	if (err == RC_OK)
		err = rc_message_now(txn, job->campaign, &job->now_ordinal, e);
	if (err == RC_OK && job->error_code == TWILIO_OPTED_OUT)
		err = suppress_recipient(txn, job, e);
	return err;
}

static enum rc_err
commit_review(struct rc_txn *txn, struct rc_job *job, struct rc_error *e)
{
	const struct rc_review reply = {
	    .channel = job->channel,
	    .received_ms = job->now_ms,
	    .who = job->ident,
	    .message_id = rc_slice_str(job->provider_id),
	    .text = rc_buf_slice(&job->text),
	};

	return rc_review_add(txn, &reply, e);
}

static enum rc_err
commit_job(struct rc_txn *txn, struct rc_job *job, struct rc_error *e)
{
	struct rc_event_counts counts;

	switch (job->kind) {
	case RC_JOB_CONSENT:
		return commit_consent(txn, job, e);
	case RC_JOB_EVENTS:
		return rc_person_events(
		    txn, rc_json_root(job->body), job->now_ms, &counts, e);
	case RC_JOB_RECEIPT:
		return commit_receipt(txn, job, e);
	case RC_JOB_REVIEW:
		return commit_review(txn, job, e);
	case RC_JOB_SYNC:
		return RC_OK;
	}
	return rc_err_set(e, RC_EINTERNAL, "unknown job");
}

/* A request that is at fault fails alone; with any other nothing is written. */
static enum rc_err
commit_batch(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct batch *batch = arg;

	for (struct rc_job *job = batch->first; job != NULL; job = job->next) {
		job->result = commit_job(txn, job, &job->error);
		if (job->result == RC_OK || job->result == RC_NOTFOUND ||
		    job->result == RC_EDATA || job->result == RC_ENOINPUT)
			continue;
		*e = job->error;
		return job->result;
	}
	return RC_OK;
}

static bool
any_of(const struct rc_job *job, bool sync)
{
	for (; job != NULL; job = job->next)
		if ((job->kind == RC_JOB_SYNC) == sync)
			return true;
	return false;
}

static enum rc_err
commit(struct rc_committer *c, struct rc_job *first, struct rc_error *e)
{
	struct batch batch = {first};

	return rc_store_write(c->state->store, commit_batch, &batch, e);
}

/* What cannot be recorded of one request must not cost another its STOP. */
static void
commit_each(struct rc_committer *c, struct rc_job *job)
{
	struct rc_job *next;
	struct rc_error e;
	bool told = false;

	for (; job != NULL; job = next) {
		next = job->next;
		if (job->kind == RC_JOB_SYNC)
			continue;
		job->next = NULL;
		if (commit(c, job, &e) != RC_OK) {
			job->result = e.code;
			job->error = e;
			if (!told)
				rc_log(c->log, RC_LOG_WARN, "cannot commit: %s",
				    e.msg);
			told = true;
		}
		job->next = next;
	}
}

static void
sync_clicks(struct rc_committer *c, struct rc_job *job)
{
	struct rc_error e;
	enum rc_err err = rc_click_file_sync(c->clicks_file, &e);

	if (err == RC_OK)
		return;
	rc_log(c->log, RC_LOG_WARN, "%s", e.msg);
	for (; job != NULL; job = job->next)
		if (job->kind == RC_JOB_SYNC)
			job->result = err;
}

/* Nobody can call a message back; who sends again is to know. */
static void
tell_of_arrivals(struct rc_committer *c, const struct rc_job *job)
{
	for (; job != NULL; job = job->next)
		if (job->kind == RC_JOB_RECEIPT && job->result == RC_OK &&
		    job->now_ordinal != job->ordinal)
			rc_log(c->log, RC_LOG_WARN,
			    "message %s was sent again, and now "
			    "comes a receipt for the first: %s",
			    job->provider_id,
			    rc_message_state_name(job->state));
}

static void
run_batch(struct rc_committer *c, struct rc_job *first)
{
	struct rc_error e;

	if (any_of(first, false) && commit(c, first, &e) != RC_OK)
		commit_each(c, first);
	tell_of_arrivals(c, first);
	if (any_of(first, true))
		sync_clicks(c, first);
}

/* What a full disk keeps from being counted now is counted later. */
static void
fold(struct rc_committer *c, uint64_t clicks, uint64_t lost)
{
	struct rc_error e;
	uint64_t n;
	enum rc_err err = rc_click_fold(c->state, &n, &e);

	if (err == RC_OK)
		err = rc_click_count_lost(c->state->store, lost, &e);
	if (err == RC_OK && lost > 0)
		rc_log(c->log, RC_LOG_INFO, "%" PRIu64 " %s counted as such",
		    lost,
		    rc_plural(lost, "click was lost and is",
			"clicks were lost and are"));
	if (err != RC_OK && !c->told)
		rc_log(c->log, RC_LOG_WARN,
		    "cannot count clicks, %" PRIu64 " of them lost: %s", lost,
		    e.msg);
	c->told = err != RC_OK;
	if (err == RC_OK)
		return;
	pthread_mutex_lock(&c->lock);
	c->clicks += clicks;
	c->lost += lost;
	pthread_mutex_unlock(&c->lock);
}

/* Cuts at most RC_SERVE_BATCH jobs off the queue; call with the lock. */
static struct rc_job *
take_batch(struct rc_committer *c)
{
	struct rc_job *first = c->todo, **last = &c->todo;

	for (int n = 0; n < RC_SERVE_BATCH && *last != NULL; n++)
		last = &(*last)->next;
	c->todo = *last;
	*last = NULL;
	if (c->todo == NULL)
		c->todo_end = &c->todo;
	return first;
}

static void
hand_back(struct rc_committer *c, struct rc_job *first)
{
	struct rc_job **last = &first;
	const uint64_t one = 1;

	while (*last != NULL)
		last = &(*last)->next;
	pthread_mutex_lock(&c->lock);
	*c->done_end = first;
	c->done_end = last;
	pthread_mutex_unlock(&c->lock);
	/* A full counter is readable as well: nothing is lost if this fails. */
	(void)!write(c->done_fd, &one, sizeof(one));
}

static void
wait_for_work(struct rc_committer *c)
{
	struct timespec until;

	if (c->clicks == 0 && c->lost == 0) {
		pthread_cond_wait(&c->wake, &c->lock);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += RC_SERVE_FOLD_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	while (c->todo == NULL && !c->quit &&
	       pthread_cond_timedwait(&c->wake, &c->lock, &until) == 0)
		continue;
}

static void *
committer_main(void *arg)
{
	struct rc_committer *c = arg;
	uint64_t folded_at = 0;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		struct rc_job *batch;
		uint64_t clicks, lost;
		bool due;

		if (c->todo == NULL && !c->quit)
			wait_for_work(c);
		if (c->todo == NULL && c->quit)
			break;
		batch = take_batch(c);
		due = (c->clicks > 0 || c->lost > 0) &&
		      rc_clock_mono_us() - folded_at >= RC_SERVE_FOLD_MS * 1000;
		clicks = c->clicks;
		lost = c->lost;
		if (due)
			c->clicks = c->lost = 0;
		pthread_mutex_unlock(&c->lock);
		if (batch != NULL) {
			run_batch(c, batch);
			hand_back(c, batch);
		}
		if (due && (clicks > 0 || lost > 0)) {
			fold(c, clicks, lost);
			folded_at = rc_clock_mono_us();
		}
		pthread_mutex_lock(&c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	c->told = false; /* the last word */
	fold(c, c->clicks, c->lost);
	return NULL;
}

enum rc_err
rc_committer_start(struct rc_committer *c, struct rc_state *state,
    struct rc_click_file *clicks, const struct rc_log *log, struct rc_error *e)
{
	pthread_condattr_t attr;

	c->state = state;
	c->clicks_file = clicks;
	c->log = log;
	c->todo_end = &c->todo;
	c->done_end = &c->done;
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->wake, &attr);
	pthread_condattr_destroy(&attr);
	c->done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (c->done_fd < 0)
		return rc_err_errno(e, RC_EAGAIN, "cannot make an eventfd");
	if (pthread_create(&c->thread, NULL, committer_main, c) != 0)
		return rc_err_set(e, RC_EAGAIN, "cannot start a thread");
	c->started = true;
	return RC_OK;
}

void
rc_committer_stop(struct rc_committer *c)
{
	if (!c->started)
		return;
	pthread_mutex_lock(&c->lock);
	c->quit = true;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	c->started = false;
}

void
rc_committer_free(struct rc_committer *c)
{
	struct rc_job *next;

	for (struct rc_job *job = c->todo; job != NULL; job = next) {
		next = job->next;
		rc_job_free(job);
	}
	for (struct rc_job *job = c->done; job != NULL; job = next) {
		next = job->next;
		rc_job_free(job);
	}
	if (c->done_fd >= 0)
		close(c->done_fd);
}

void
rc_committer_put(struct rc_committer *c, struct rc_job *job)
{
	job->next = NULL;
	pthread_mutex_lock(&c->lock);
	*c->todo_end = job;
	c->todo_end = &job->next;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
}

struct rc_job *
rc_committer_take(struct rc_committer *c)
{
	struct rc_job *first;
	uint64_t ignored;

	(void)!read(c->done_fd, &ignored, sizeof(ignored));
	pthread_mutex_lock(&c->lock);
	first = c->done;
	c->done = NULL;
	c->done_end = &c->done;
	pthread_mutex_unlock(&c->lock);
	return first;
}

void
rc_committer_clicked(struct rc_committer *c, bool lost)
{
	pthread_mutex_lock(&c->lock);
	if (c->clicks++ == 0)
		pthread_cond_signal(&c->wake);
	c->lost += lost;
	pthread_mutex_unlock(&c->lock);
}
