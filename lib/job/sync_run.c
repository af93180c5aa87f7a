#include "job/sync_priv.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

struct rc_sync_run {
	struct rc_state *state;
	const struct rc_channel *channel;
	const struct rc_log *log;
	bool logged;   /* it has a record, and so a lock */
	bool recorded; /* and the record says how it ended */
	struct rc_sync_lock lock;
	uint64_t started_ms, journal_seq;
	char source[RC_SYNC_LOG_TEXT_MAX];
	size_t source_len;
};

/* Of a long name the end says most. */
static void
name_source(struct rc_sync_run *run, const char *name)
{
	size_t len = strlen(name);

	if (len > sizeof(run->source)) {
		name += len - sizeof(run->source);
		len = sizeof(run->source);
	}
	memcpy(run->source, name, len);
	run->source_len = len;
}

static enum rc_err
note_head(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_sync_run *run = arg;
	unsigned char hash[RC_SHA256_LEN];

	return rc_journal_head(txn, &run->journal_seq, hash, e);
}

enum rc_err
rc_sync_begin(struct rc_sync_run **out, struct rc_state *state,
    const struct rc_sync_config *config, const char *source, struct rc_error *e)
{
	struct rc_sync_run *run = calloc(1, sizeof(*run));
	enum rc_err err;

	*out = NULL;
	if (run == NULL)
		return rc_err_nomem(e);
	run->state = state;
	run->channel = config->channel;
	run->log = config->log;
	run->logged = !config->dry_run;
	run->started_ms = rc_clock_now_ms();
	run->lock.fd = -1;
	name_source(run, strcmp(source, "-") == 0 ? "stdin" : source);
	err = rc_store_read(state->store, note_head, run, e);
	if (err == RC_OK && run->logged)
		err = rc_sync_log_begin(state, config->channel->number,
		    rc_slice_of(run->source, run->source_len), run->started_ms,
		    &run->lock, e);
	if (err == RC_OK)
		*out = run;
	else
		free(run);
	return err;
}

uint64_t
rc_sync_run_seq(const struct rc_sync_run *run)
{
	return run->journal_seq;
}

/* --- the outcome --------------------------------------------------------- */

static struct rc_sync_record
make_record(const struct rc_sync_run *run, const struct rc_sync_counts *c)
{
	struct rc_sync_record r = {.number = run->lock.number,
	    .action = RC_SYNC_OF_LIST,
	    .outcome = RC_SYNC_DONE,
	    .started_ms = run->started_ms,
	    .ended_ms = rc_clock_now_ms(),
	    .list_time_ms = c->list_time_ms,
	    .bytes = c->bytes,
	    .rows = c->rows,
	    .accepted = c->accepted,
	    .duplicates = c->duplicates,
	    .rejected = c->rejected,
	    .repaired = c->repaired,
	    .added = c->added,
	    .removed = c->removed,
	    .kept = c->kept,
	    .opted_out = c->opted_out,
	    .kept_events = c->kept_events,
	    .reversed_optouts = c->reversed_optouts,
	    .suppressed = c->suppressed,
	    .seq = c->seq,
	    .source = {run->source, run->source_len}};

	memcpy(r.digest, c->digest, sizeof(r.digest));
	return r;
}

enum rc_err
rc_sync_run_done(struct rc_sync_run *run, struct rc_txn *txn,
    const struct rc_sync_config *config, const struct rc_sync_counts *counts,
    struct rc_error *e)
{
	struct rc_sync_record r;

	name_source(run, rc_source_name(config->source));
	r = make_record(run, counts);
	return rc_sync_log_put(txn, run->lock.channel, &r, e);
}

struct ending {
	const struct rc_sync_run *run;
	struct rc_sync_record record;
};

static enum rc_err
put_ending(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct ending *ending = arg;
	enum rc_err err = rc_channel_check_there(txn, ending->run->channel, e);

	/* A channel that was removed has no history any more. */
	if (err != RC_OK)
		return err == RC_ENOINPUT ? RC_OK : err;
	return rc_sync_log_put(
	    txn, ending->run->lock.channel, &ending->record, e);
}

void
rc_sync_run_ended(struct rc_sync_run *run, enum rc_err err,
    const struct rc_sync_counts *counts, const struct rc_error *why)
{
	struct ending ending = {.run = run};
	struct rc_sync_record *r = &ending.record;
	struct rc_error e;

	if (!run->logged || run->recorded)
		return;
	run->recorded = true;
	if (err == RC_OK)
		return;
	*r = make_record(run, counts);
	r->outcome = err == RC_END     ? RC_SYNC_UP_TO_DATE
		     : err == RC_EDATA ? RC_SYNC_REFUSED
				       : RC_SYNC_FAILED;
	/* Nothing of what it found out has come true. */
	r->added = r->removed = r->kept = r->seq = 0;
	if (err != RC_END)
		r->reason = rc_slice_str(why->msg);
	if (rc_store_write(run->state->store, put_ending, &ending, &e) != RC_OK)
		rc_log(run->log, RC_LOG_WARN,
		    "the history will say that this sync was killed: %s",
		    e.msg);
}

void
rc_sync_end(struct rc_sync_run *run, enum rc_err err, const struct rc_error *e)
{
	static const struct rc_sync_counts none;

	if (run == NULL)
		return;
	rc_sync_run_ended(run, err, &none, e);
	rc_sync_log_end(&run->lock);
	free(run);
}
