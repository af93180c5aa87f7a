#include "job/sync_priv.h"

#include "base/clock.h"
#include "base/num.h"

#include <inttypes.h>
#include <string.h>

#define TRIES 10 /* other syncs of the channel that may come first */

void
rc_sync_count(struct rc_sync_counts *c, const struct rc_sync_list *list,
    const struct rc_sync_diff *diff)
{
	c->bytes = list->bytes;
	c->rows = list->rows;
	c->accepted = list->blocks.members;
	c->duplicates = list->duplicates;
	c->rejected = list->rejected;
	c->repaired = list->repaired;
	c->list_time_ms = list->list_time_ms;
	memcpy(c->digest, list->digest, sizeof(c->digest));
	c->added = rc_journal_set_count(diff->added);
	c->removed = rc_journal_set_count(diff->removed);
	c->kept_events = diff->kept_events;
	c->reversed_optouts = diff->reversed_optouts;
	c->opted_out = diff->opted_out;
	c->suppressed = diff->suppressed;
	c->kept = c->accepted - c->added - c->opted_out;
}

/* A list that lost most of its people is more often a broken export. */
static enum rc_err
check_shrink(const struct rc_sync_config *config,
    const struct rc_sync_list *list, const struct rc_sync_before *before,
    struct rc_error *e)
{
	double old = (double)before->info.members;
	double new = (double)list->blocks.members;

	if (new * 100 >= old *(100 - config->max_shrink))
		return RC_OK;
	return rc_err_set(e, RC_EDATA,
	    "'%s' has %" PRIu64 " %s, the list of channel '%s' %" PRIu64
	    ": it would shrink by more than %g %%; if that is right, say "
	    "--max-shrink 100",
	    rc_source_name(config->source), list->blocks.members,
	    rc_plural(list->blocks.members, "person", "people"),
	    config->channel->name, before->info.members, config->max_shrink);
}

/* A list read earlier has a time that is not yet, and decides by it. */
static uint64_t
time_ahead(const struct rc_sync_config *config, const struct rc_sync_list *list,
    const struct rc_sync_before *before)
{
	return !config->override_all && before->seen.seq < list->journal_seq &&
		       before->seen.list_time_ms > rc_clock_now_ms()
		   ? before->seen.list_time_ms
		   : 0;
}

/* Compares and writes; RC_NOTFOUND when another sync came in between. */
static enum rc_err
try_once(struct rc_state *state, const struct rc_sync_config *config,
    const struct rc_sync_list *list, struct rc_sync_counts *counts,
    struct rc_error *e)
{
	struct rc_sync_before before;
	struct rc_sync_diff diff = {0};
	enum rc_err err;

	err = rc_sync_before_read(state, config->channel, list, &before, e);
	if (err == RC_OK)
		err = check_shrink(config, list, &before, e);
	if (err == RC_OK)
		err = rc_sync_diff(config, list, &before, &diff, e);
	rc_list_blocks_free(&before.blocks);
	if (err == RC_OK)
		rc_sync_count(counts, list, &diff);
	counts->ahead_ms = time_ahead(config, list, &before);
	if (err == RC_OK && !config->dry_run) {
		err = rc_sync_write(
		    state, config, list, &before, &diff, counts, e);
		if (err == RC_OK)
			rc_sync_sweep(state, config->channel,
			    before.info.generation + 1, config->log);
	}
	if (err == RC_OK && config->change != NULL)
		err = rc_sync_tell(config, list, &before, &diff, e);
	rc_sync_diff_free(&diff);
	rc_sync_before_free(&before);
	return err;
}

static enum rc_err
apply(struct rc_state *state, const struct rc_sync_config *config,
    const struct rc_sync_list *list, struct rc_sync_counts *counts,
    struct rc_error *e)
{
	enum rc_err err = RC_NOTFOUND;

	for (int i = 0; err == RC_NOTFOUND && i < TRIES; i++)
		err = try_once(state, config, list, counts, e);
	if (err == RC_NOTFOUND)
		err = rc_err_set(e, RC_EAGAIN,
		    "other syncs keep replacing the list of channel '%s': try "
		    "again",
		    config->channel->name);
	return err;
}

static void
warn_ahead(const struct rc_sync_config *config, uint64_t ahead_ms)
{
	char time[RC_TIME_LEN];

	rc_time_format(ahead_ms, time);
	rc_log(config->log, RC_LOG_WARN,
	    "the time of an earlier list, %s, lies ahead: the clock was ahead "
	    "then or is behind now, and opt-ins and opt-outs since that list "
	    "was read stay in force until then (--override-all ends that)",
	    time);
}

static void
warn(const struct rc_sync_config *config, const struct rc_sync_counts *c)
{
	if (c->ahead_ms > 0)
		warn_ahead(config, c->ahead_ms);
	if (c->reversed_optouts > 0)
		rc_log(config->log, RC_LOG_WARN,
		    "%" PRIu64 " %s opted out before this list's time and "
		    "%s on it: they %s opted in again (--keep-optouts "
		    "prevents that)",
		    c->reversed_optouts,
		    rc_plural(c->reversed_optouts, "person", "people"),
		    rc_plural(c->reversed_optouts, "is", "are"),
		    config->dry_run ? "would be" : "are");
	if (c->suppressed > 0)
		rc_log(config->log, RC_LOG_INFO,
		    "%" PRIu64 " %s suppressed and will not be texted",
		    c->suppressed,
		    rc_plural(c->suppressed, "person on the list is",
			"people on the list are"));
}

static enum rc_err
note_head(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	unsigned char hash[RC_SHA256_LEN];

	return rc_journal_head(txn, arg, hash, e);
}

static enum rc_err
read_and_apply(struct rc_state *state, const struct rc_sync_config *config,
    struct rc_sync_counts *counts, struct rc_error *e)
{
	struct rc_sync_list list;
	uint64_t head;
	enum rc_err err = RC_OK;

	if (config->run != NULL)
		head = rc_sync_run_seq(config->run);
	else
		err = rc_store_read(state->store, note_head, &head, e);
	if (err != RC_OK)
		return err;
	err = rc_sync_read(config, &list, e);
	list.journal_seq = head;
	counts->bytes = list.bytes;
	counts->rows = list.rows;
	counts->rejected = list.rejected;
	if (err == RC_OK)
		err = apply(state, config, &list, counts, e);
	rc_list_blocks_free(&list.blocks);
	return err;
}

enum rc_err
rc_sync(struct rc_state *state, const struct rc_sync_config *config,
    struct rc_sync_counts *counts, struct rc_error *e)
{
	enum rc_err err;

	*counts = (struct rc_sync_counts){0};
	err = read_and_apply(state, config, counts, e);
	if (config->run != NULL)
		rc_sync_run_ended(
		    config->run, counts->seq > 0 ? RC_OK : err, counts, e);
	/* What has happened is warned of although it is not told whole. */
	if (err == RC_OK || counts->seq > 0)
		warn(config, counts);
	return err;
}
