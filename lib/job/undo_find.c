#include "job/undo_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES_MAX (1u << 20) /* bytes */

/* Reading the journal back from the sync that is to be taken back. */
struct search {
	struct rc_txn *txn;
	const struct rc_channel *channel;
	const struct rc_sync_before *before;
	struct rc_undo_target *target;
	/* Going back, syncs from this entry on had been taken back. */
	uint64_t undone_from;
	bool any_before;     /* a sync before the target is in force */
	bool none_older;     /* it overrode whatever was older */
	struct rc_buf rules; /* struct rc_sync_rule: of syncs before it */
	uint64_t oldest;     /* entry that was in force before it; 0: none */
};

static bool
is_event(const struct rc_journal_entry *j)
{
	return j->kind == RC_J_IN || j->kind == RC_J_OUT;
}

static struct rc_sync_mark
mark_of(const struct rc_journal_entry *j)
{
	return (struct rc_sync_mark){.in = j->kind == RC_J_IN,
	    .received_ms = j->received_ms,
	    .seq = j->seq};
}

/* --- the rules of the syncs before it ------------------------------------ */

/* Told by the digest: the text of evidence may be lost. */
static bool
has_option(const struct rc_journal_entry *j, const char *option)
{
	unsigned char digest[RC_SHA256_LEN];

	rc_sha256(rc_slice_str(option), digest);
	return memcmp(digest, j->evidence_digest, RC_SHA256_LEN) == 0;
}

static const struct rc_sync_rule *
rule_at(const struct search *s, size_t i)
{
	return (const struct rc_sync_rule *)(const void *)s->rules.data + i;
}

static size_t
rules(const struct search *s)
{
	return s->rules.len / sizeof(struct rc_sync_rule);
}

/* Whether a overrides all that b does. */
static bool
covers(const struct rc_sync_rule *a, const struct rc_sync_rule *b)
{
	return a->list_time_ms >= b->list_time_ms &&
	       a->list_seq >= b->list_seq &&
	       (!a->keep_optouts || b->keep_optouts);
}

/* Nearly always the newest covers all others, so there are few to ask. */
static enum rc_err
add_rule(struct search *s, const struct rc_journal_entry *j, struct rc_error *e)
{
	struct rc_sync_rule rule = {
	    .keep_optouts = has_option(j, RC_SYNC_KEEP_OPTOUTS),
	    .list_time_ms = j->list_time_ms,
	    .list_seq = j->list_seq};

	s->none_older = has_option(j, RC_SYNC_OVERRIDE_ALL);
	for (size_t i = 0; i < rules(s); i++)
		if (covers(rule_at(s, i), &rule))
			return RC_OK;
	rc_buf_add(&s->rules, &rule, sizeof(rule));
	return rc_buf_check(&s->rules, "the rules of past syncs", e);
}

/*
 * Whether an event that no newer one has replaced was in force before the
 * target.  A rule leaves alone what came after its list was read, so those of
 * syncs older than the event do not matter; but --override-all, where the
 * search ends.
 */
static bool
was_in_force(const struct search *s, const struct rc_sync_mark *event)
{
	for (size_t i = 0; i < rules(s); i++)
		if (!rc_sync_keeps(rule_at(s, i), event))
			return false;
	return true;
}

/* --- going back ---------------------------------------------------------- */

static enum rc_err
peek(struct search *s, uint64_t seq, struct rc_journal_entry *j,
    struct rc_error *e)
{
	enum rc_err err = rc_journal_peek(s->txn, seq, j, e);

	return err == RC_NOTFOUND
		   ? rc_err_set(e, RC_EINTERNAL,
			 "journal entry %llu is missing, see rc-optin verify",
			 (unsigned long long)seq)
		   : err;
}

/* The newest sync in force: what was taken back is stepped over whole. */
static enum rc_err
find_target(struct search *s, struct rc_error *e)
{
	struct rc_undo_target *t = s->target;
	uint64_t seq = s->before->info.journal_seq;
	struct rc_journal_entry j;
	enum rc_err err;

	while (seq > 0) {
		err = peek(s, seq, &j, e);
		if (err != RC_OK)
			return err;
		if (j.channel == s->channel->number && j.kind == RC_J_SYNC) {
			t->seq = seq;
			t->synced_ms = j.received_ms;
			snprintf(t->source, sizeof(t->source), "%.*s",
			    (int)j.source.len, j.source.p);
			return RC_OK;
		}
		if (j.channel == s->channel->number && j.kind == RC_J_UNDO &&
		    j.rows < seq)
			seq = j.rows;
		seq--;
	}
	return RC_NOTFOUND;
}

static enum rc_err
go_back_over(
    struct search *s, const struct rc_journal_entry *j, struct rc_error *e)
{
	struct rc_sync_mark mark;

	if (j->kind == RC_J_UNDO && j->rows < s->undone_from)
		s->undone_from = j->rows;
	if (j->kind == RC_J_SYNC && j->seq < s->undone_from) {
		if (!s->any_before) {
			s->target->list_time_ms = j->list_time_ms;
			s->target->list_seq = j->list_seq;
		}
		s->any_before = true;
		return add_rule(s, j, e);
	}
	mark = mark_of(j);
	if (is_event(j) && was_in_force(s, &mark))
		s->oldest = j->seq;
	return RC_OK;
}

static enum rc_err
go_back(struct search *s, struct rc_error *e)
{
	struct rc_journal_entry j;
	enum rc_err err = RC_OK;

	for (uint64_t seq = s->target->seq - 1;
	     err == RC_OK && seq > 0 && !s->none_older; seq--) {
		err = peek(s, seq, &j, e);
		if (err == RC_OK && j.channel == s->channel->number)
			err = go_back_over(s, &j, e);
	}
	return err;
}

/* --- the events ---------------------------------------------------------- */

struct collecting {
	struct search *search;
	struct rc_sync_mark mark; /* without the person */
};

static enum rc_err
collect_member(void *arg, const struct rc_member *m, struct rc_error *e)
{
	const struct collecting *c = arg;
	enum rc_ident_type type = c->search->channel->identifier;
	unsigned char key[RC_MEMBER_MAX];

	return rc_sync_marks_add(&c->search->target->restored, c->mark, type,
	    rc_slice_of(key, rc_member_key(rc_list_format(type), m, key)), e);
}

static enum rc_err
collect_block(
    void *arg, struct rc_slice first, struct rc_slice block, struct rc_error *e)
{
	(void)first;
	return rc_unpack_each(block, collect_member, arg, e);
}

/* Everybody whom an entry between the oldest in force and the target names. */
static enum rc_err
collect(struct search *s, struct rc_error *e)
{
	struct collecting c = {.search = s};
	struct rc_journal_entry j;
	enum rc_err err = RC_OK;

	if (s->oldest == 0)
		return RC_OK;
	for (uint64_t seq = s->oldest; err == RC_OK && seq < s->target->seq;
	     seq++) {
		err = peek(s, seq, &j, e);
		if (err != RC_OK || j.channel != s->channel->number ||
		    !is_event(&j))
			continue;
		c.mark = mark_of(&j);
		for (int set = RC_J_ADDED;
		     err == RC_OK && set <= RC_J_CONFIRMED; set++)
			err = rc_journal_blocks(s->txn, seq,
			    (enum rc_journal_set_kind)set, collect_block, &c,
			    e);
	}
	return err;
}

struct order {
	const struct rc_sync_marks *marks;
	enum rc_pack_format format;
};

/* By person, and of one person the newest first. */
static int
compare_marks(const void *a, const void *b, void *arg)
{
	const struct rc_sync_mark *x = a, *y = b;
	const struct order *o = arg;
	struct rc_member m = rc_sync_mark_member(o->marks, x);
	struct rc_member n = rc_sync_mark_member(o->marks, y);
	int order = rc_member_cmp(o->format, &m, &n);

	return order != 0 ? order : (x->seq < y->seq) - (x->seq > y->seq);
}

/*
 * Leaves of each person the newest event before the target, if it was in force
 * and is not any more: then the target has overridden it.
 */
static void
choose(struct search *s)
{
	struct rc_sync_marks *marks = &s->target->restored;
	const struct rc_sync_marks *events = &s->before->events;
	struct order order = {marks, rc_list_format(s->channel->identifier)};
	struct rc_sync_mark *v =
	    (struct rc_sync_mark *)(void *)marks->marks.data;
	size_t n = rc_sync_marks_count(marks), kept = 0;

	if (n == 0)
		return;
	qsort_r(v, n, sizeof(*v), compare_marks, &order);
	for (size_t i = 0, next; i < n; i = next) {
		struct rc_member m = rc_sync_mark_member(marks, &v[i]);

		for (next = i + 1; next < n; next++) {
			struct rc_member other =
			    rc_sync_mark_member(marks, &v[next]);

			if (rc_member_cmp(order.format, &other, &m) != 0)
				break;
		}
		if (was_in_force(s, &v[i]) &&
		    rc_sync_marks_find(events, order.format, &m) == NULL)
			v[kept++] = v[i];
	}
	rc_buf_cut(&marks->marks, kept * sizeof(*v));
}

/* --- the whole ----------------------------------------------------------- */

static enum rc_err
find(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct search *s = arg;
	struct rc_undo_target *t = s->target;
	enum rc_err err;

	s->txn = txn;
	err = find_target(s, e);
	if (err == RC_OK)
		err = rc_journal_blocks(
		    txn, t->seq, RC_J_ADDED, rc_list_blocks_emit, &t->added, e);
	if (err == RC_OK)
		err = rc_journal_blocks(txn, t->seq, RC_J_REMOVED,
		    rc_list_blocks_emit, &t->removed, e);
	if (err == RC_OK)
		err = go_back(s, e);
	return err == RC_OK ? collect(s, e) : err;
}

enum rc_err
rc_undo_find(struct rc_state *state, const struct rc_channel *channel,
    const struct rc_sync_before *before, struct rc_undo_target *target,
    struct rc_error *e)
{
	struct search s = {.channel = channel,
	    .before = before,
	    .target = target,
	    .undone_from = UINT64_MAX,
	    .rules = RC_BUF_INIT(RULES_MAX)};
	enum rc_err err;

	*target = (struct rc_undo_target){0};
	rc_list_blocks_init(&target->added);
	rc_list_blocks_init(&target->removed);
	rc_sync_marks_init(&target->restored);
	err = rc_store_read(state->store, find, &s, e);
	if (err == RC_OK)
		choose(&s);
	rc_buf_free(&s.rules);
	return err;
}

void
rc_undo_target_free(struct rc_undo_target *t)
{
	rc_list_blocks_free(&t->added);
	rc_list_blocks_free(&t->removed);
	rc_sync_marks_free(&t->restored);
}
