#include "job/undo_priv.h"

/* Events that are walked beside the sets. */
struct marks {
	const struct rc_sync_marks *all;
	size_t at;
	const struct rc_sync_mark *mark; /* NULL: at the end */
	struct rc_member member;
};

struct merge {
	enum rc_pack_format format;
	struct rc_sync_side list, added, removed;
	struct marks events, restored;
	struct rc_packer packer;
	struct rc_undo_list *made;
};

static void
next_mark(struct marks *m)
{
	m->mark = m->at < rc_sync_marks_count(m->all)
		      ? rc_sync_marks_at(m->all, m->at++)
		      : NULL;
	if (m->mark != NULL)
		m->member = rc_sync_mark_member(m->all, m->mark);
}

static void
start_marks(struct marks *m, const struct rc_sync_marks *all)
{
	*m = (struct marks){.all = all};
	next_mark(m);
}

static void
take_lower(const struct merge *g, const struct rc_member **lowest, bool any,
    const struct rc_member *m)
{
	if (any &&
	    (*lowest == NULL || rc_member_cmp(g->format, m, *lowest) < 0))
		*lowest = m;
}

/* The lowest member of all; the list's own, as it was given, comes first. */
static const struct rc_member *
lowest(const struct merge *g)
{
	const struct rc_member *m = NULL;

	take_lower(g, &m, g->list.any, &g->list.member);
	take_lower(g, &m, g->removed.any, &g->removed.member);
	take_lower(g, &m, g->added.any, &g->added.member);
	take_lower(g, &m, g->events.mark != NULL, &g->events.member);
	take_lower(g, &m, g->restored.mark != NULL, &g->restored.member);
	return m;
}

/* Decides about the lowest person and moves on; RC_END without one. */
static enum rc_err
step(struct merge *g, struct rc_error *e)
{
	struct rc_sync_side *const side[] = {&g->list, &g->added, &g->removed};
	struct marks *const marks[] = {&g->events, &g->restored};
	const struct rc_member *m = lowest(g);
	bool in[3], has[2], listed, before, after;
	enum rc_err err = RC_OK;

	if (m == NULL)
		return RC_END;
	for (int i = 0; i < 3; i++)
		in[i] = side[i]->any &&
			rc_member_cmp(g->format, &side[i]->member, m) == 0;
	for (int i = 0; i < 2; i++)
		has[i] = marks[i]->mark != NULL &&
			 rc_member_cmp(g->format, &marks[i]->member, m) == 0;
	listed = (in[0] && !in[1]) || in[2];
	before = has[0] ? g->events.mark->in : in[0];
	after = has[0] ? before : has[1] ? g->restored.mark->in : listed;
	if (listed)
		err = rc_packer_add(&g->packer, m, e);
	if (err == RC_OK && before != after)
		err = rc_journal_set_add(
		    after ? g->made->added : g->made->removed, m, e);
	for (int i = 0; i < 2; i++)
		if (has[i])
			next_mark(marks[i]);
	for (int i = 0; err == RC_OK && i < 3; i++)
		if (in[i])
			err = rc_sync_side_next(side[i], e);
	return err;
}

static enum rc_err
merge(struct merge *g, const struct rc_sync_before *before,
    const struct rc_undo_target *target, struct rc_error *e)
{
	enum rc_err err = rc_sync_side_start(&g->list, &before->blocks, e);

	if (err == RC_OK)
		err = rc_sync_side_start(&g->added, &target->added, e);
	if (err == RC_OK)
		err = rc_sync_side_start(&g->removed, &target->removed, e);
	start_marks(&g->events, &before->events);
	start_marks(&g->restored, &target->restored);
	while (err == RC_OK)
		err = step(g, e);
	return err == RC_END ? rc_packer_finish(&g->packer, e) : err;
}

enum rc_err
rc_undo_list(const struct rc_channel *channel,
    const struct rc_sync_before *before, const struct rc_undo_target *target,
    struct rc_undo_list *made, struct rc_error *e)
{
	struct merge g = {
	    .format = rc_list_format(channel->identifier), .made = made};
	enum rc_err err;

	*made = (struct rc_undo_list){0};
	rc_list_blocks_init(&made->blocks);
	rc_packer_start(
	    &g.packer, g.format, rc_list_blocks_emit, &made->blocks);
	err = rc_journal_set_open(&made->added, channel->identifier, e);
	if (err == RC_OK)
		err =
		    rc_journal_set_open(&made->removed, channel->identifier, e);
	if (err == RC_OK)
		err = merge(&g, before, target, e);
	if (err == RC_OK)
		err = rc_journal_set_finish(made->added, e);
	return err == RC_OK ? rc_journal_set_finish(made->removed, e) : err;
}

void
rc_undo_list_free(struct rc_undo_list *made)
{
	rc_list_blocks_free(&made->blocks);
	rc_journal_set_close(made->added);
	rc_journal_set_close(made->removed);
}
