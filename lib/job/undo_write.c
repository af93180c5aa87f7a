#include "job/undo_priv.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct undoing {
	struct rc_txn *txn;
	const struct rc_channel *channel;
	const struct rc_sync_before *before;
	const struct rc_undo_target *target;
	struct rc_undo_list *made;
	struct rc_undo_counts *counts;
	uint64_t started_ms;
	uint32_t generation; /* the new one */
};

static enum rc_err
put_events(
    struct undoing *u, const struct rc_sync_marks *events, struct rc_error *e)
{
	enum rc_err err = RC_OK;

	for (size_t i = 0; err == RC_OK && i < rc_sync_marks_count(events);
	     i++) {
		const struct rc_sync_mark *event = rc_sync_marks_at(events, i);
		struct rc_member m = rc_sync_mark_member(events, event);

		err = rc_sync_event_put(
		    u->txn, u->channel, u->generation, &m, event, e);
	}
	return err;
}

/*
 * Opt-ins and opt-outs since the snapshot: they decide before and after alike,
 * so of these people nothing changes.  It may run again.
 */
static enum rc_err
fold_newer(struct undoing *u, struct rc_error *e)
{
	struct rc_journal_set *sets[] = {u->made->added, u->made->removed};
	struct rc_sync_marks newer;
	enum rc_err err = rc_sync_events_since(u->txn, u->channel,
	    u->before->info.generation, u->before->journal_seq, &newer, e);

	for (size_t i = 0; err == RC_OK && i < rc_sync_marks_count(&newer);
	     i++) {
		struct rc_member m =
		    rc_sync_mark_member(&newer, rc_sync_marks_at(&newer, i));

		if (rc_sync_marks_find(&u->target->restored,
			rc_list_format(u->channel->identifier), &m) != NULL)
			u->counts->restored_events--;
		for (int s = 0; err == RC_OK && s < 2; s++) {
			err = rc_journal_set_patch(sets[s], &m, false, e);
			if (err == RC_NOTFOUND)
				err = RC_OK;
		}
	}
	if (err == RC_OK)
		err = put_events(u, &newer, e);
	u->counts->added = rc_journal_set_count(u->made->added);
	u->counts->removed = rc_journal_set_count(u->made->removed);
	rc_sync_marks_free(&newer);
	return err;
}

static enum rc_err
append_entry(struct undoing *u, uint64_t now_ms, struct rc_error *e)
{
	struct rc_journal_set *set[] = {u->made->added, u->made->removed, NULL};
	struct rc_journal_entry j = {.kind = RC_J_UNDO,
	    .type = u->channel->identifier,
	    .channel = u->channel->number,
	    .received_ms = now_ms,
	    .generation = u->generation,
	    .list_time_ms = u->target->list_time_ms,
	    .list_seq = u->target->list_seq,
	    .rows = u->target->seq,
	    .source = RC_SLICE_LIT("rc-import --undo")};
	enum rc_err err = rc_journal_append(u->txn, &j, set, e);

	u->counts->seq = j.seq;
	memcpy(u->counts->head, j.hash, sizeof(j.hash));
	return err;
}

/* In the history: the undo, and what has become of the sync. */
static enum rc_err
put_records(struct undoing *u, uint64_t now_ms, struct rc_error *e)
{
	char what[80];
	struct rc_sync_record r = {.action = RC_SYNC_UNDO,
	    .outcome = RC_SYNC_DONE,
	    .started_ms = u->started_ms,
	    .ended_ms = now_ms,
	    .list_time_ms = u->target->list_time_ms,
	    .added = u->counts->added,
	    .removed = u->counts->removed,
	    .seq = u->counts->seq,
	    .source = rc_slice_str(u->target->source)};
	enum rc_err err;

	snprintf(what, sizeof(what),
	    "took back the sync of journal entry %" PRIu64, u->target->seq);
	r.reason = rc_slice_str(what);
	err = rc_sync_log_undone(u->txn, u->channel->number, u->target->seq, e);
	if (err == RC_OK || err == RC_NOTFOUND)
		err = rc_sync_log_add(u->txn, u->channel->number, &r, e);
	return err;
}

static enum rc_err
put_info(struct undoing *u, uint64_t now_ms, struct rc_error *e)
{
	struct rc_list_info info = {.generation = u->generation,
	    .list_time_ms = u->target->list_time_ms,
	    .synced_ms = now_ms,
	    .members = u->made->blocks.members,
	    .journal_seq = u->counts->seq};

	return rc_list_info_put(u->txn, u->channel->number, &info, e);
}

/* Everything of one undo, or (when it runs again) everything anew. */
static enum rc_err
write_all(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct undoing *u = arg;
	uint64_t seq, now_ms = rc_clock_now_ms();
	unsigned char hash[RC_SHA256_LEN];
	struct rc_list_info info;
	enum rc_err err;

	u->txn = txn;
	err = rc_channel_check_there(txn, u->channel, e);
	if (err == RC_OK)
		err = rc_list_info_get(txn, u->channel->number, &info, e);
	if (err != RC_OK)
		return err;
	if (info.generation != u->before->info.generation)
		return rc_err_set(e, RC_EAGAIN,
		    "another sync of channel '%s' came in between: see "
		    "rc-import --history, and say again which is to go",
		    u->channel->name);
	u->generation = info.generation + 1;
	err = rc_list_store(
	    txn, u->channel->number, u->generation, &u->made->blocks, e);
	if (err == RC_OK)
		err = put_events(u, &u->target->restored, e);
	if (err == RC_OK)
		err = put_events(u, &u->before->events, e);
	rc_undo_count(u->counts, u->target, u->made);
	if (err == RC_OK)
		err = rc_journal_head(txn, &seq, hash, e);
	if (err == RC_OK && seq != u->before->journal_seq)
		err = fold_newer(u, e);
	if (err == RC_OK)
		err = append_entry(u, now_ms, e);
	if (err == RC_OK)
		err = put_info(u, now_ms, e);
	return err == RC_OK ? put_records(u, now_ms, e) : err;
}

enum rc_err
rc_undo_write(struct rc_state *state, const struct rc_channel *channel,
    const struct rc_sync_before *before, const struct rc_undo_target *target,
    struct rc_undo_list *made, uint64_t started_ms,
    struct rc_undo_counts *counts, struct rc_error *e)
{
	struct undoing u = {.channel = channel,
	    .before = before,
	    .target = target,
	    .made = made,
	    .counts = counts,
	    .started_ms = started_ms};

	return rc_store_write(state->store, write_all, &u, e);
}
