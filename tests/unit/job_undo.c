#include "sync_model.h"

#include "job/undo_priv.h"

/*
 * Syncs are taken back in any order of events, lists and undos, and everything
 * is compared with what the model remembers from before each of them.
 */

#define STEPS 90
#define DEPTH STEPS

/* What there was before a sync, and what it changed. */
struct memory {
	struct model before;
	struct outcome change;
	uint64_t seq;
};
static struct memory memory[DEPTH];
static size_t depth;

static void
sync_some(void)
{
	struct memory *m = &memory[depth++];
	struct rc_sync_before before;
	struct rc_sync_list list;
	struct rc_sync_diff diff;
	struct rc_sync_counts got;
	bool chosen[PEOPLE];
	uint64_t rows;
	struct rc_source *source = open_list(chosen, &rows);
	struct rc_sync_config config = random_config(source);

	assert_ok(rc_sync_read(&config, &list, &err));
	/* Now and then another sync was committed since this began. */
	list.journal_seq = head();
	if (draw(3) == 0 && list.journal_seq > 10)
		list.journal_seq -= draw(10);
	change_some(4);
	assert_ok(rc_sync_before_read(state, &channel, &list, &before, &err));
	assert_ok(rc_sync_diff(&config, &list, &before, &diff, &err));
	change_some(4);
	assert_ok(
	    rc_sync_write(state, &config, &list, &before, &diff, &got, &err));
	m->before = model;
	m->change = (struct outcome){0};
	m->seq = got.seq;
	model_sync(&config, chosen, list.journal_seq, &m->change);
	assert_int_equal(got.added, m->change.counts.added);
	assert_int_equal(got.removed, m->change.counts.removed);
	compare_consent();
	rc_sync_diff_free(&diff);
	rc_sync_before_free(&before);
	rc_list_blocks_free(&list.blocks);
	rc_source_close(source);
}

/* --- the model's undo ---------------------------------------------------- */

static void
undo_person(const struct memory *m, int i, struct outcome *o)
{
	bool was_in = is_in(i);

	model.listed[i] =
	    (model.listed[i] && !m->change.added[i]) || m->change.removed[i];
	if (model.event[i] == RC_CONSENT_NONE || model.seq[i] < m->seq) {
		model.event[i] = m->before.event[i];
		model.received_ms[i] = m->before.received_ms[i];
		model.seq[i] = m->before.seq[i];
		/* The point of it all. */
		assert_int_equal(
		    is_in(i), m->before.event[i] == RC_CONSENT_NONE
				  ? m->before.listed[i]
				  : m->before.event[i] == RC_CONSENT_IN);
	}
	o->added[i] = is_in(i) && !was_in;
	o->removed[i] = was_in && !is_in(i);
	o->counts.added += o->added[i];
	o->counts.removed += o->removed[i];
	o->counts.accepted += model.listed[i];
}

static void
model_undo(struct outcome *o)
{
	const struct memory *m = &memory[--depth];

	for (int i = 0; i < PEOPLE; i++)
		undo_person(m, i, o);
	model.synced = m->before.synced;
	model.list_time_ms = m->before.list_time_ms;
	model.list_seq = m->before.list_seq;
}

/* --- comparing ----------------------------------------------------------- */

/* The state's records say what the model says, to the millisecond. */
static void
compare_records(void)
{
	struct rc_sync_before now;
	size_t at = 0;

	assert_ok(rc_sync_before_read(state, &channel, NULL, &now, &err));
	for (int i = 0; i < PEOPLE; i++) {
		const struct rc_sync_mark *mark;
		struct rc_member m, want = rc_list_member(&model.person[i]);

		if (model.event[i] == RC_CONSENT_NONE)
			continue;
		assert_true(at < rc_sync_marks_count(&now.events));
		mark = rc_sync_marks_at(&now.events, at++);
		m = rc_sync_mark_member(&now.events, mark);
		assert_int_equal(
		    rc_member_cmp(rc_list_format(model.type), &m, &want), 0);
		assert_int_equal(mark->in, model.event[i] == RC_CONSENT_IN);
		assert_int_equal(mark->received_ms, model.received_ms[i]);
		assert_int_equal(mark->seq, model.seq[i]);
	}
	assert_int_equal(at, rc_sync_marks_count(&now.events));
	assert_int_equal(
	    now.info.list_time_ms, model.synced ? model.list_time_ms : 0);
	assert_int_equal(now.info.members, now.blocks.members);
	rc_sync_before_free(&now);
}

static const struct outcome *compared;

static enum rc_err
compare_journal(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct rc_undo_counts *got = arg;
	struct rc_journal_entry j;

	assert_ok(rc_journal_read(txn, got->seq, &j, e));
	assert_int_equal(j.rows, got->undone_seq);
	assert_int_equal(j.list_seq, model.synced ? model.list_seq : 0);
	compare_sets(txn, got->seq, RC_J_UNDO, compared, e);
	return RC_OK;
}

static void
compare_undo(struct rc_undo_counts *got, const struct outcome *want)
{
	struct rc_journal_verdict verdict;

	assert_int_equal(got->undone_seq, memory[depth].seq);
	assert_int_equal(got->added, want->counts.added);
	assert_int_equal(got->removed, want->counts.removed);
	assert_int_equal(got->members, want->counts.accepted);
	compare_consent();
	compare_records();
	compared = want;
	assert_ok(rc_store_read(state->store, compare_journal, got, &err));
	assert_ok(rc_journal_verify(state->store, got->head, &verdict, &err));
	assert_int_equal(verdict.broken_seq, 0);
	assert_true(verdict.head_seen);
}

/* --- tests --------------------------------------------------------------- */

static enum rc_err
undo(bool dry_run, struct rc_undo_counts *counts)
{
	struct rc_undo_config config = {
	    .channel = &channel, .dry_run = dry_run};

	return rc_undo(state, &config, counts, &err);
}

/* What rc_undo does in one go, with changes in between. */
static void
undo_with_changes(struct rc_undo_counts *got)
{
	struct rc_sync_before before;
	struct rc_undo_target target;
	struct rc_undo_list made;
	size_t restored = 0;

	assert_ok(rc_sync_before_read(state, &channel, NULL, &before, &err));
	assert_ok(rc_undo_find(state, &channel, &before, &target, &err));
	assert_ok(rc_undo_list(&channel, &before, &target, &made, &err));
	change_some(10);
	assert_ok(rc_undo_write(
	    state, &channel, &before, &target, &made, 1, got, &err));
	for (int i = 0; i < PEOPLE; i++) {
		struct rc_member m = rc_list_member(&model.person[i]);

		restored += rc_sync_marks_find(&target.restored,
				rc_list_format(model.type), &m) != NULL &&
			    (model.event[i] == RC_CONSENT_NONE ||
				model.seq[i] < target.seq);
	}
	assert_int_equal(got->restored_events, restored);
	rc_undo_list_free(&made);
	rc_undo_target_free(&target);
	rc_sync_before_free(&before);
}

static void
undo_one(void)
{
	struct rc_undo_counts tried, got;
	struct outcome want = {0};
	enum rc_err result = undo(true, &tried);

	compare_consent();
	if (depth == 0) {
		assert_int_equal(result, RC_NOTFOUND);
		assert_int_equal(undo(false, &got), RC_NOTFOUND);
		return;
	}
	assert_ok(result);
	assert_int_equal(tried.seq, 0);
	if (draw(2) == 0) {
		undo_with_changes(&got);
	} else {
		assert_ok(undo(false, &got));
		assert_int_equal(tried.added, got.added);
		assert_int_equal(tried.removed, got.removed);
		assert_int_equal(tried.restored_events, got.restored_events);
	}
	model_undo(&want);
	compare_undo(&got, &want);
}

/* Mostly forward, then mostly back, and at the end back to the beginning. */
static void
go_to_and_fro(enum rc_ident_type type)
{
	model_start(type);
	depth = 0;
	for (int i = 0; i < STEPS; i++) {
		change_some(6);
		if (draw(10) < (i / 15 % 2 == 0 ? 7U : 3U))
			sync_some();
		else
			undo_one();
	}
	while (depth > 0)
		undo_one();
	undo_one();
}

static void
phones_are_as_before(void **arg)
{
	(void)arg;
	go_to_and_fro(RC_IDENT_PHONE);
}

static void
addresses_are_as_before(void **arg)
{
	(void)arg;
	go_to_and_fro(RC_IDENT_EMAIL);
}

static void
custom_ids_are_as_before(void **arg)
{
	(void)arg;
	go_to_and_fro(RC_IDENT_CUSTOM);
}

/* Which sync is the newest is not what it was. */
static void
a_sync_in_between_is_not_taken_back_instead(void **arg)
{
	struct rc_sync_before before;
	struct rc_undo_target target;
	struct rc_undo_list made;
	struct rc_undo_counts got;
	uint64_t seq;

	(void)arg;
	model_start(RC_IDENT_PHONE);
	depth = 0;
	sync_some();
	assert_ok(rc_sync_before_read(state, &channel, NULL, &before, &err));
	assert_ok(rc_undo_find(state, &channel, &before, &target, &err));
	assert_ok(rc_undo_list(&channel, &before, &target, &made, &err));
	sync_some();
	seq = head();
	assert_int_equal(rc_undo_write(state, &channel, &before, &target, &made,
			     1, &got, &err),
	    RC_EAGAIN);
	assert_says(err, "came in between");
	assert_int_equal(head(), seq);
	compare_consent();
	rc_undo_list_free(&made);
	rc_undo_target_free(&target);
	rc_sync_before_free(&before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STATE_TEST(phones_are_as_before),
	    STATE_TEST(addresses_are_as_before),
	    STATE_TEST(custom_ids_are_as_before),
	    STATE_TEST(a_sync_in_between_is_not_taken_back_instead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
