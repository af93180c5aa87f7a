#include "job/undo_priv.h"

#include "base/clock.h"

#include <string.h>

void
rc_undo_count(struct rc_undo_counts *c, const struct rc_undo_target *target,
    const struct rc_undo_list *made)
{
	*c = (struct rc_undo_counts){.undone_seq = target->seq,
	    .synced_ms = target->synced_ms,
	    .list_time_ms = target->list_time_ms,
	    .members = made->blocks.members,
	    .added = rc_journal_set_count(made->added),
	    .removed = rc_journal_set_count(made->removed),
	    .restored_events = rc_sync_marks_count(&target->restored)};
	memcpy(c->source, target->source, sizeof(c->source));
}

static enum rc_err
find_and_write(struct rc_state *state, const struct rc_undo_config *config,
    const struct rc_sync_before *before, struct rc_undo_counts *counts,
    struct rc_error *e)
{
	uint64_t started_ms = rc_clock_now_ms();
	struct rc_undo_target target;
	struct rc_undo_list made = {0};
	enum rc_err err;

	err = rc_undo_find(state, config->channel, before, &target, e);
	if (err == RC_OK)
		err = rc_undo_list(config->channel, before, &target, &made, e);
	if (err == RC_OK)
		rc_undo_count(counts, &target, &made);
	if (err == RC_OK && !config->dry_run)
		err = rc_undo_write(state, config->channel, before, &target,
		    &made, started_ms, counts, e);
	rc_undo_list_free(&made);
	rc_undo_target_free(&target);
	return err;
}

enum rc_err
rc_undo(struct rc_state *state, const struct rc_undo_config *config,
    struct rc_undo_counts *counts, struct rc_error *e)
{
	struct rc_sync_before before;
	enum rc_err err;

	*counts = (struct rc_undo_counts){0};
	err = rc_sync_before_read(state, config->channel, NULL, &before, e);
	if (err == RC_OK)
		err = find_and_write(state, config, &before, counts, e);
	if (err == RC_OK && !config->dry_run)
		rc_sync_sweep(state, config->channel,
		    before.info.generation + 1, config->log);
	rc_sync_before_free(&before);
	return err;
}
