#include "job/sync_priv.h"

#include <inttypes.h>
#include <stdio.h>

struct telling {
	const struct rc_sync_config *config;
	const struct rc_sync_list *list;
	const struct rc_sync_before *before;
	const struct rc_sync_diff *diff;
	struct rc_sync_rule rule;
	enum rc_pack_format format;
	const char *change; /* the one being told */
};

static enum rc_err
tell(const struct telling *t, const struct rc_member *m, struct rc_error *e)
{
	struct rc_slice text = m->str;
	char number[24];

	if (t->format == RC_PACK_NUMBERS) {
		snprintf(number, sizeof(number), "%" PRIu64, m->num);
		text = rc_slice_str(number);
	}
	return t->config->change(t->config->arg, t->change, text, e);
}

static enum rc_err
tell_member(void *arg, const struct rc_member *m, struct rc_error *e)
{
	return tell(arg, m, e);
}

static enum rc_err
tell_block(
    void *arg, struct rc_slice first, struct rc_slice block, struct rc_error *e)
{
	(void)first;
	return rc_unpack_each(block, tell_member, arg, e);
}

/* --- of those who are on the list ---------------------------------------- */

typedef bool chosen_fn(const struct telling *, const struct rc_sync_marks *,
    const struct rc_sync_mark *);

/* Whether the event has been replaced by one that came later. */
static bool
is_replaced(const struct telling *t, const struct rc_sync_marks *marks,
    const struct rc_sync_mark *event)
{
	struct rc_member m = rc_sync_mark_member(marks, event);

	return marks != &t->diff->newer &&
	       rc_sync_marks_find(&t->diff->newer, t->format, &m) != NULL;
}

static bool
is_reversed(const struct telling *t, const struct rc_sync_marks *marks,
    const struct rc_sync_mark *event)
{
	return !event->in && !rc_sync_keeps(&t->rule, event) &&
	       !is_replaced(t, marks, event);
}

static bool
is_opted_out(const struct telling *t, const struct rc_sync_marks *marks,
    const struct rc_sync_mark *event)
{
	return !event->in && rc_sync_keeps(&t->rule, event) &&
	       !is_replaced(t, marks, event);
}

static bool
is_suppressed(const struct telling *t, const struct rc_sync_marks *marks,
    const struct rc_sync_mark *event)
{
	(void)t;
	(void)marks;
	(void)event;
	return true;
}

/* Tells the marks that are chosen and whose people are on the list. */
static enum rc_err
tell_listed(const struct telling *t, const struct rc_sync_marks *marks,
    chosen_fn *chosen, struct rc_error *e)
{
	size_t n = rc_sync_marks_count(marks);
	struct rc_list_walk walk;
	struct rc_member m;
	enum rc_err err = RC_OK;

	if (n == 0)
		return RC_OK;
	rc_list_walk_start(&walk, &t->list->blocks);
	err = rc_list_walk_next(&walk, &m, e);
	for (size_t i = 0; err == RC_OK && i < n;) {
		const struct rc_sync_mark *mark = rc_sync_marks_at(marks, i);
		struct rc_member who = rc_sync_mark_member(marks, mark);
		int order = rc_member_cmp(t->format, &who, &m);

		if (order == 0 && chosen(t, marks, mark))
			err = tell(t, &m, e);
		if (err == RC_OK && order > 0)
			err = rc_list_walk_next(&walk, &m, e);
		else
			i++;
	}
	return err == RC_END ? RC_OK : err;
}

static enum rc_err
tell_events(struct telling *t, const char *change, chosen_fn *chosen,
    struct rc_error *e)
{
	enum rc_err err;

	t->change = change;
	err = tell_listed(t, &t->before->events, chosen, e);
	return err == RC_OK ? tell_listed(t, &t->diff->newer, chosen, e) : err;
}

enum rc_err
rc_sync_tell(const struct rc_sync_config *config,
    const struct rc_sync_list *list, const struct rc_sync_before *before,
    const struct rc_sync_diff *diff, struct rc_error *e)
{
	struct telling t = {.config = config,
	    .list = list,
	    .before = before,
	    .diff = diff,
	    .rule = rc_sync_rule(config, list, before),
	    .format = rc_list_format(config->channel->identifier),
	    .change = "added"};
	enum rc_err err = rc_journal_set_each(diff->added, tell_block, &t, e);

	t.change = "removed";
	if (err == RC_OK)
		err = rc_journal_set_each(diff->removed, tell_block, &t, e);
	if (err == RC_OK)
		err = tell_events(&t, "reversed", is_reversed, e);
	if (err == RC_OK)
		err = tell_events(&t, "opted_out", is_opted_out, e);
	t.change = "suppressed";
	return err == RC_OK
		   ? tell_listed(&t, &before->suppressed, is_suppressed, e)
		   : err;
}
