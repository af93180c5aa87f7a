#include "job/sync_priv.h"

struct merge {
	struct rc_sync_rule rule;
	enum rc_pack_format format;
	struct rc_sync_side old, new;
	const struct rc_sync_marks *events, *suppressed;
	size_t event, suppression; /* next of each */
	struct rc_sync_diff *diff;
};

struct rc_sync_rule
rc_sync_rule(const struct rc_sync_config *config,
    const struct rc_sync_list *list, const struct rc_sync_before *before)
{
	return (struct rc_sync_rule){.keep_optouts = config->keep_optouts,
	    .override_all = config->override_all,
	    .list_time_ms = list->list_time_ms,
	    .list_seq = before->seen.seq < list->journal_seq
			    ? before->seen.seq
			    : list->journal_seq};
}

bool
rc_sync_keeps(const struct rc_sync_rule *rule, const struct rc_sync_mark *event)
{
	if (rule->override_all)
		return false;
	return event->received_ms > rule->list_time_ms ||
	       event->seq > rule->list_seq ||
	       (rule->keep_optouts && !event->in);
}

enum rc_err
rc_sync_side_next(struct rc_sync_side *s, struct rc_error *e)
{
	enum rc_err err = rc_list_walk_next(&s->walk, &s->member, e);

	s->any = err == RC_OK;
	return err == RC_END ? RC_OK : err;
}

enum rc_err
rc_sync_side_start(struct rc_sync_side *s, const struct rc_list_blocks *blocks,
    struct rc_error *e)
{
	rc_list_walk_start(&s->walk, blocks);
	return rc_sync_side_next(s, e);
}

/* The lowest member any side or the events stand on; NULL at the end. */
static const struct rc_member *
lowest(const struct merge *g, const struct rc_member *event)
{
	const struct rc_member *m = g->new.any ? &g->new.member : NULL;

	if (g->old.any &&
	    (m == NULL || rc_member_cmp(g->format, &g->old.member, m) < 0))
		m = &g->old.member;
	if (event != NULL &&
	    (m == NULL || rc_member_cmp(g->format, event, m) < 0))
		m = event;
	return m;
}

/* Called with ascending members. */
static bool
is_suppressed(struct merge *g, const struct rc_member *m)
{
	size_t n = rc_sync_marks_count(g->suppressed);
	int order = -1;

	for (; g->suppression < n; g->suppression++) {
		struct rc_member other = rc_sync_mark_member(g->suppressed,
		    rc_sync_marks_at(g->suppressed, g->suppression));

		order = rc_member_cmp(g->format, &other, m);
		if (order >= 0)
			break;
	}
	return order == 0;
}

/* What becomes of one person; event is NULL without one. */
static enum rc_err
compare(struct merge *g, const struct rc_member *m, bool in_old, bool in_new,
    const struct rc_sync_mark *event, struct rc_error *e)
{
	struct rc_sync_diff *d = g->diff;
	bool before = in_old, after = in_new, kept = false;

	if (event != NULL) {
		kept = rc_sync_keeps(&g->rule, event);
		before = event->in;
		if (kept)
			after = event->in;
		d->kept_events += kept;
		d->reversed_optouts += !kept && !event->in && in_new;
	}
	d->opted_out += in_new && !after;
	d->suppressed += in_new && is_suppressed(g, m);
	if (after && !before)
		return rc_journal_set_add(d->added, m, e);
	if (before && !after)
		return rc_journal_set_add(d->removed, m, e);
	return RC_OK;
}

/*
 * Moves both sides over numbers of their open blocks that no event and no
 * suppression is about, nearly all of most lists: those in both need nothing.
 */
static enum rc_err
skip_numbers(struct merge *g, uint64_t bound, struct rc_error *e)
{
	struct rc_list_walk *old = &g->old.walk, *new = &g->new.walk;
	uint64_t a = g->old.member.num, b = g->new.member.num;
	enum rc_err err = RC_OK;

	while (err == RC_OK && a < bound && b < bound &&
	       old->next < old->count && new->next < new->count) {
		struct rc_member m = {.num = a < b ? a : b};

		if (a < b)
			err = rc_journal_set_add(g->diff->removed, &m, e);
		else if (a > b)
			err = rc_journal_set_add(g->diff->added, &m, e);
		if (a <= m.num)
			a = old->num[old->next++];
		if (b <= m.num)
			b = new->num[new->next++];
	}
	g->old.member.num = a;
	g->new.member.num = b;
	return err;
}

/* The lowest number that an event or a suppression is about. */
static uint64_t
next_mark(const struct merge *g)
{
	uint64_t lowest = UINT64_MAX, num;

	if (g->event < rc_sync_marks_count(g->events))
		lowest = rc_sync_marks_at(g->events, g->event)->num;
	if (g->suppression < rc_sync_marks_count(g->suppressed)) {
		num = rc_sync_marks_at(g->suppressed, g->suppression)->num;
		lowest = num < lowest ? num : lowest;
	}
	return lowest;
}

/* Compares the lowest person and moves on; RC_END without one. */
static enum rc_err
step(struct merge *g, struct rc_error *e)
{
	const struct rc_sync_mark *event = NULL;
	struct rc_member event_member;
	const struct rc_member *m;
	bool in_old, in_new;
	enum rc_err err;

	if (g->event < rc_sync_marks_count(g->events)) {
		event = rc_sync_marks_at(g->events, g->event);
		event_member = rc_sync_mark_member(g->events, event);
	}
	m = lowest(g, event == NULL ? NULL : &event_member);
	if (m == NULL)
		return RC_END;
	in_old =
	    g->old.any && (m == &g->old.member ||
			      rc_member_cmp(g->format, &g->old.member, m) == 0);
	in_new =
	    g->new.any && (m == &g->new.member ||
			      rc_member_cmp(g->format, &g->new.member, m) == 0);
	if (event != NULL && rc_member_cmp(g->format, &event_member, m) != 0)
		event = NULL;
	err = compare(g, m, in_old, in_new, event, e);
	if (err == RC_OK && in_old)
		err = rc_sync_side_next(&g->old, e);
	if (err == RC_OK && in_new)
		err = rc_sync_side_next(&g->new, e);
	g->event += event != NULL;
	return err;
}

/* Walks both lists, the events and the suppressions side by side. */
static enum rc_err
merge(struct merge *g, const struct rc_list_blocks *old,
    const struct rc_list_blocks *new, struct rc_error *e)
{
	enum rc_err err = rc_sync_side_start(&g->old, old, e);

	if (err == RC_OK)
		err = rc_sync_side_start(&g->new, new, e);
	while (err == RC_OK) {
		if (g->format == RC_PACK_NUMBERS && g->old.any && g->new.any)
			err = skip_numbers(g, next_mark(g), e);
		if (err == RC_OK)
			err = step(g, e);
	}
	return err == RC_END ? RC_OK : err;
}

/* Whether everybody listed is added, and that is all there is to say. */
static bool
is_first(const struct rc_sync_before *before)
{
	return before->blocks.members == 0 &&
	       rc_sync_marks_count(&before->events) == 0 &&
	       rc_sync_marks_count(&before->suppressed) == 0;
}

enum rc_err
rc_sync_diff(const struct rc_sync_config *config,
    const struct rc_sync_list *list, const struct rc_sync_before *before,
    struct rc_sync_diff *d, struct rc_error *e)
{
	enum rc_ident_type type = config->channel->identifier;
	struct merge g = {.rule = rc_sync_rule(config, list, before),
	    .format = rc_list_format(type),
	    .events = &before->events,
	    .suppressed = &before->suppressed,
	    .diff = d};
	enum rc_err err;

	*d = (struct rc_sync_diff){0};
	rc_sync_marks_init(&d->newer);
	err = rc_journal_set_open(&d->added, type, e);
	if (err == RC_OK)
		err = rc_journal_set_open(&d->removed, type, e);
	if (err == RC_OK && is_first(before))
		err = rc_journal_set_copy(d->added, &list->blocks, e);
	else if (err == RC_OK)
		err = merge(&g, &before->blocks, &list->blocks, e);
	if (err == RC_OK)
		err = rc_journal_set_finish(d->added, e);
	return err == RC_OK ? rc_journal_set_finish(d->removed, e) : err;
}

void
rc_sync_diff_free(struct rc_sync_diff *d)
{
	rc_journal_set_close(d->added);
	rc_journal_set_close(d->removed);
	rc_sync_marks_free(&d->newer);
	d->added = d->removed = NULL;
}
