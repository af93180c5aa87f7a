#include "job/sync_priv.h"

#include "base/clock.h"
#include "core/feed.h"

#include <string.h>

struct writing {
	struct rc_txn *txn;
	const struct rc_sync_config *config;
	const struct rc_sync_list *list;
	const struct rc_sync_before *before;
	struct rc_sync_diff *diff;
	struct rc_sync_counts *counts;
	struct rc_sync_rule rule;
	uint32_t generation; /* the new one */
};

/*
 * Makes the sets say what is true of one person whose event came after the
 * snapshot.  It sets, it does not toggle: the transaction may run again.
 */
static enum rc_err
fold_person(struct writing *w, const struct rc_member *m, bool before,
    bool after, struct rc_error *e)
{
	enum rc_err err;

	err = rc_journal_set_patch(w->diff->added, m, after && !before, e);
	if (err == RC_OK || err == RC_NOTFOUND)
		err = rc_journal_set_patch(
		    w->diff->removed, m, before && !after, e);
	return err == RC_NOTFOUND ? RC_OK : err;
}

/* Adds (or with -1 takes back) what one event contributes to the counts. */
static void
count_event(const struct writing *w, const struct rc_sync_mark *event,
    bool in_new, uint64_t sign)
{
	struct rc_sync_counts *c = w->counts;
	bool kept = rc_sync_keeps(&w->rule, event);

	if (kept)
		c->kept_events += sign;
	if (kept && !event->in && in_new)
		c->opted_out += sign;
	if (!kept && !event->in && in_new)
		c->reversed_optouts += sign;
}

static enum rc_err
fold_event(struct writing *w, struct rc_list_probe *probe,
    const struct rc_member *m, const struct rc_sync_mark *event,
    struct rc_error *e)
{
	const struct rc_channel *channel = w->config->channel;
	const struct rc_sync_mark *known = rc_sync_marks_find(
	    &w->before->events, rc_list_format(channel->identifier), m);
	unsigned char key[RC_MEMBER_MAX];
	size_t len = rc_member_key(rc_list_format(channel->identifier), m, key);
	struct rc_ident id;
	bool in_new, kept;
	enum rc_err err;

	err = rc_ident_from_key(
	    channel->identifier, rc_slice_of(key, len), &id, e);
	if (err == RC_OK)
		err = rc_list_probe_find(probe, &id, NULL, e);
	if (err != RC_OK && err != RC_NOTFOUND)
		return err;
	in_new = err == RC_OK;
	kept = rc_sync_keeps(&w->rule, event);
	if (known != NULL)
		count_event(w, known, in_new, -1ULL);
	count_event(w, event, in_new, 1);
	err = fold_person(w, m, event->in, kept ? event->in : in_new, e);
	if (err != RC_OK)
		return err;
	return rc_sync_event_put(
	    w->txn, channel, w->generation, m, kept ? event : NULL, e);
}

/* Events that came between the snapshot and this transaction. */
static enum rc_err
fold_newer(struct writing *w, struct rc_error *e)
{
	const struct rc_channel *channel = w->config->channel;
	struct rc_sync_marks *newer = &w->diff->newer;
	struct rc_list_probe probe;
	enum rc_err err, opened;

	rc_sync_marks_free(newer);
	err = rc_sync_events_since(w->txn, channel, w->before->info.generation,
	    w->before->journal_seq, newer, e);
	if (err != RC_OK)
		return err;
	opened = err = rc_list_probe_open(&probe, w->txn, channel->number,
	    w->generation, rc_list_format(channel->identifier), e);
	for (size_t i = 0; err == RC_OK && i < rc_sync_marks_count(newer);
	     i++) {
		const struct rc_sync_mark *event = rc_sync_marks_at(newer, i);
		struct rc_member m = rc_sync_mark_member(newer, event);

		err = fold_event(w, &probe, &m, event, e);
	}
	if (opened == RC_OK)
		rc_list_probe_close(&probe);
	return err;
}

static enum rc_err
carry_events(struct writing *w, struct rc_error *e)
{
	const struct rc_sync_marks *events = &w->before->events;
	enum rc_err err = RC_OK;

	for (size_t i = 0; err == RC_OK && i < rc_sync_marks_count(events);
	     i++) {
		const struct rc_sync_mark *event = rc_sync_marks_at(events, i);
		struct rc_member m = rc_sync_mark_member(events, event);

		if (rc_sync_keeps(&w->rule, event))
			err = rc_sync_event_put(w->txn, w->config->channel,
			    w->generation, &m, event, e);
	}
	return err;
}

static enum rc_err
append_entry(struct writing *w, uint64_t now_ms, struct rc_error *e)
{
	const struct rc_sync_config *config = w->config;
	struct rc_slice source = rc_slice_str(rc_source_name(config->source));
	struct rc_journal_set *set[] = {w->diff->added, w->diff->removed, NULL};
	struct rc_journal_entry j = {.kind = RC_J_SYNC,
	    .type = config->channel->identifier,
	    .channel = config->channel->number,
	    .received_ms = now_ms,
	    .generation = w->generation,
	    .list_time_ms = w->list->list_time_ms,
	    .list_seq = w->rule.list_seq,
	    .rows = w->list->rows,
	    .duplicates = w->list->duplicates,
	    .rejected = w->list->rejected,
	    .evidence =
		rc_slice_str(config->override_all   ? RC_SYNC_OVERRIDE_ALL
			     : config->keep_optouts ? RC_SYNC_KEEP_OPTOUTS
						    : "")};
	enum rc_err err;

	if (source.len > RC_JOURNAL_TEXT_MAX) { /* the end says most */
		source.p += source.len - RC_JOURNAL_TEXT_MAX;
		source.len = RC_JOURNAL_TEXT_MAX;
	}
	j.source = source;
	memcpy(j.file_digest, w->list->digest, sizeof(j.file_digest));
	err = rc_journal_append(w->txn, &j, set, e);
	w->counts->seq = j.seq;
	memcpy(w->counts->head, j.hash, sizeof(j.hash));
	return err;
}

/* RC_END: another sync has imported this folder, or a newer one. */
static enum rc_err
note_folder(struct writing *w, uint64_t now_ms, struct rc_error *e)
{
	const struct rc_source *source = w->config->source;
	const char *folder = rc_source_folder(source);

	return folder == NULL ? RC_OK
			      : rc_feed_put(w->txn, w->config->channel->number,
				    rc_source_feed(source), folder, now_ms, e);
}

/* For the rule of syncs to come. */
static enum rc_err
note_reading(struct writing *w, uint64_t now_ms, struct rc_error *e)
{
	uint32_t channel = w->config->channel->number;
	struct rc_list_seen seen = {
	    w->list->list_time_ms, w->list->journal_seq};
	enum rc_err err = RC_OK;

	if (w->config->override_all)
		err = rc_list_seen_forget(w->txn, channel, now_ms, e);
	return err == RC_OK ? rc_list_seen_put(w->txn, channel, &seen, e) : err;
}

/* What the list is now, and that this sync is done. */
static enum rc_err
put_info(struct writing *w, uint64_t now_ms, struct rc_error *e)
{
	const struct rc_sync_config *config = w->config;
	struct rc_sync_counts *c = w->counts;
	struct rc_list_info info = {.generation = w->generation,
	    .list_time_ms = w->list->list_time_ms,
	    .synced_ms = now_ms,
	    .members = w->list->blocks.members,
	    .journal_seq = c->seq};
	enum rc_err err =
	    rc_list_info_put(w->txn, config->channel->number, &info, e);

	/* The sets have changed with what was folded. */
	c->added = rc_journal_set_count(w->diff->added);
	c->removed = rc_journal_set_count(w->diff->removed);
	c->kept = c->accepted - c->added - c->opted_out;
	if (err == RC_OK && config->run != NULL)
		err = rc_sync_run_done(config->run, w->txn, config, c, e);
	return err;
}

/* Everything of one sync, or (when it runs again) everything anew. */
static enum rc_err
write_all(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct writing *w = arg;
	const struct rc_channel *channel = w->config->channel;
	uint64_t seq, now_ms = rc_clock_now_ms();
	unsigned char hash[RC_SHA256_LEN];
	struct rc_list_info info;
	enum rc_err err;

	w->txn = txn;
	rc_sync_count(w->counts, w->list, w->diff);
	err = rc_channel_check_there(txn, channel, e);
	if (err == RC_OK)
		err = note_folder(w, now_ms, e);
	if (err == RC_OK)
		err = rc_list_info_get(txn, channel->number, &info, e);
	if (err != RC_OK)
		return err;
	if (info.generation != w->before->info.generation)
		return RC_NOTFOUND;
	w->generation = info.generation + 1;
	err = rc_list_store(
	    txn, channel->number, w->generation, &w->list->blocks, e);
	if (err == RC_OK)
		err = carry_events(w, e);
	if (err == RC_OK)
		err = rc_journal_head(txn, &seq, hash, e);
	if (err == RC_OK && seq != w->before->journal_seq)
		err = fold_newer(w, e);
	if (err == RC_OK)
		err = append_entry(w, now_ms, e);
	if (err == RC_OK)
		err = note_reading(w, now_ms, e);
	return err == RC_OK ? put_info(w, now_ms, e) : err;
}

enum rc_err
rc_sync_write(struct rc_state *state, const struct rc_sync_config *config,
    const struct rc_sync_list *list, const struct rc_sync_before *before,
    struct rc_sync_diff *diff, struct rc_sync_counts *counts,
    struct rc_error *e)
{
	struct writing w = {.config = config,
	    .list = list,
	    .before = before,
	    .diff = diff,
	    .counts = counts,
	    .rule = rc_sync_rule(config, list, before)};
	enum rc_err err = rc_store_write(state->store, write_all, &w, e);

	if (err != RC_OK) { /* the entry is not there */
		counts->seq = 0;
		memset(counts->head, 0, sizeof(counts->head));
	}
	return err;
}

/* The list has been replaced; what was before it can also go next time. */
void
rc_sync_sweep(struct rc_state *state, const struct rc_channel *channel,
    uint32_t generation, const struct rc_log *log)
{
	struct rc_error e;

	if (rc_list_sweep(state->store, channel->number, generation, &e) !=
	    RC_OK)
		rc_log(log, RC_LOG_WARN,
		    "the old list takes space until the next sync: %s", e.msg);
}
