#include "sync_model.h"

#include "job/undo.h"

/*
 * An opt-in or opt-out that comes before, during or after a sync, and two syncs
 * at once: one rule for all orders, each of which is brought about here.
 */

enum moment {
	BEFORE,	  /* the sync begins */
	PARSING,  /* while the list is read */
	COMPARED, /* between its snapshot and its commit */
	AFTER,
	MOMENTS
};

struct race {
	enum moment moment;
	enum rc_journal_kind kind;
	bool newer; /* than the list, by the clock */
	bool keep_optouts, override_all;
	bool done;
};
static struct race race;

/* The person listed opts out, or the one who is not listed opts in. */
static void
say(void)
{
	struct rc_consent_counts counts;
	struct rc_consent_change c = {.kind = race.kind,
	    .channel = channel.number,
	    .type = RC_IDENT_PHONE,
	    .received_ms = model.next_time_s * 1000 + (race.newer ? 1 : 0)};

	race.done = true;
	assert_ok(rc_consent_change(state->store, &c,
	    &model.person[race.kind == RC_J_IN], 1, &counts, &err));
}

static void
say_while_parsing(void *arg, uint64_t bytes, uint64_t total)
{
	(void)arg;
	(void)total;
	if (bytes > 0 && race.moment == PARSING && !race.done)
		say();
}

static bool
expected(void)
{
	bool in = race.kind == RC_J_IN, listed = !in;

	if (race.moment == AFTER)
		return in;
	if (race.override_all)
		return listed;
	/* Order is that of the journal: the clock may have been set back. */
	if (race.moment != BEFORE || race.newer)
		return in;
	return race.keep_optouts && !in ? in : listed;
}

static void
write_list(int first, int last)
{
	struct timespec times[2] = {0};
	FILE *f = fopen(scratch("list"), "w");

	assert_non_null(f);
	fprintf(f, "phone numbers\n");
	for (int i = first; i <= last; i++)
		fprintf(f, "%s\n", model.person[i].text);
	assert_int_equal(fclose(f), 0);
	times[1].tv_sec = (time_t)model.next_time_s;
	assert_int_equal(utimensat(AT_FDCWD, scratch("list"), times, 0), 0);
}

static struct rc_sync_config
begin_sync(void)
{
	struct rc_sync_config config = {.channel = &channel,
	    .keep_optouts = race.keep_optouts,
	    .override_all = race.override_all,
	    .max_bad = 30,
	    .max_shrink = 100,
	    .max_rows = RC_SYNC_MAX_ROWS,
	    .progress = say_while_parsing};

	assert_ok(rc_sync_begin(&config.run, state, &config, "list", &err));
	config.source = open_source();
	return config;
}

static void
end_sync(struct rc_sync_config *config)
{
	rc_sync_end(config->run, RC_OK, &err);
	rc_source_close(config->source);
}

/* What rc_sync does, with somebody who speaks when it has compared. */
static void
sync_compared(const struct rc_sync_config *config)
{
	struct rc_sync_before before;
	struct rc_sync_counts got;
	struct rc_sync_list list;
	struct rc_sync_diff diff;

	assert_ok(rc_sync_read(config, &list, &err));
	list.journal_seq = rc_sync_run_seq(config->run);
	assert_ok(rc_sync_before_read(state, &channel, &list, &before, &err));
	assert_ok(rc_sync_diff(config, &list, &before, &diff, &err));
	say();
	assert_ok(
	    rc_sync_write(state, config, &list, &before, &diff, &got, &err));
	rc_sync_run_ended(config->run, RC_OK, &got, &err);
	rc_sync_diff_free(&diff);
	rc_sync_before_free(&before);
	rc_list_blocks_free(&list.blocks);
}

static void
sync_and_say(void)
{
	struct rc_sync_config config;
	struct rc_sync_counts got;

	if (race.moment == BEFORE)
		say();
	config = begin_sync();
	if (race.moment == COMPARED)
		sync_compared(&config);
	else
		assert_ok(rc_sync(state, &config, &got, &err));
	end_sync(&config);
	if (race.moment == AFTER)
		say();
	assert_true(race.done);
}

static bool
is_in_now(int person)
{
	struct rc_consent answer;

	assert_ok(rc_consent_ask(state->store, channel.number, RC_IDENT_PHONE,
	    &model.person[person], 1, &answer, &err));
	return answer.state == RC_CONSENT_IN;
}

static void
verify(void)
{
	struct rc_journal_verdict verdict;

	assert_ok(rc_journal_verify(state->store, NULL, &verdict, &err));
	assert_int_equal(verdict.broken_seq, 0);
}

static void
sync_again(void)
{
	struct rc_sync_config config = begin_sync();
	struct rc_sync_counts got;

	assert_ok(rc_sync(state, &config, &got, &err));
	end_sync(&config);
	assert_int_equal(is_in_now(race.kind == RC_J_IN), expected());
}

static void
undo_all(void)
{
	struct rc_undo_config config = {.channel = &channel};
	struct rc_undo_counts counts;

	assert_ok(rc_undo(state, &config, &counts, &err));
	assert_ok(rc_undo(state, &config, &counts, &err));
	assert_int_equal(rc_undo(state, &config, &counts, &err), RC_NOTFOUND);
}

/* Each order is run on a channel of its own. */
static void
run_race(struct race r)
{
	race = r;
	channel.number++;
	make_channel(channel.name, channel.number);
	write_list(0, 0);
	sync_and_say();
	if (is_in_now(race.kind == RC_J_IN) != expected())
		fail_msg("%s at moment %d, %s, keep %d, override %d",
		    rc_journal_kind_name(race.kind), (int)race.moment,
		    race.newer ? "newer" : "older", race.keep_optouts,
		    race.override_all);
	if (race.override_all)
		return;
	/* The same list again may not override what came after it, */
	race.moment = race.moment == BEFORE && !race.newer ? BEFORE : AFTER;
	sync_again();
	/* not even when the channel has no list any more. */
	undo_all();
	sync_again();
}

static void
one_rule_decides_at_every_moment(void **arg)
{
	static const enum rc_journal_kind kinds[] = {RC_J_OUT, RC_J_IN};

	(void)arg;
	model_start(RC_IDENT_PHONE);
	for (unsigned n = 0; n < 2 * MOMENTS * 2 * 3; n++)
		run_race((struct race){.kind = kinds[n % 2],
		    .moment = (enum moment)(n / 2 % MOMENTS),
		    .newer = n / 2 / MOMENTS % 2,
		    .keep_optouts = n / 2 / MOMENTS / 2 == 1,
		    .override_all = n / 2 / MOMENTS / 2 == 2});
	verify();
}

/* --- two syncs at once --------------------------------------------------- */

static void
check_listed(int first, int last)
{
	for (int i = 0; i < PEOPLE; i++)
		assert_int_equal(is_in_now(i), i >= first && i <= last);
}

static void
sync_another(void *arg, uint64_t bytes, uint64_t total)
{
	struct rc_sync_config config;
	struct rc_sync_counts got;

	(void)arg;
	(void)total;
	if (bytes == 0 || race.done)
		return;
	race.done = true;
	/* The reader has the old file; its name is another one's now. */
	assert_int_equal(unlink(scratch("list")), 0);
	write_list(10, 19);
	config = begin_sync();
	config.progress = NULL;
	assert_ok(rc_sync(state, &config, &got, &err));
	assert_int_equal(got.added, 10);
	assert_int_equal(got.removed, 0);
	end_sync(&config);
	check_listed(10, 19);
}

static void
the_sync_that_commits_last_has_the_last_word(void **arg)
{
	struct rc_sync_config config;
	struct rc_sync_counts got;

	(void)arg;
	model_start(RC_IDENT_PHONE);
	race = (struct race){0};
	write_list(5, 14);
	config = begin_sync();
	config.progress = sync_another;
	assert_ok(rc_sync(state, &config, &got, &err));
	end_sync(&config);
	/* Against what the other one left. */
	assert_int_equal(got.added, 5);
	assert_int_equal(got.removed, 5);
	assert_int_equal(got.kept, 5);
	assert_int_equal(got.seq, 2);
	check_listed(5, 14);
	verify();
}

/*
 * The other one commits between snapshot and commit; somebody it brought opts
 * out before the loser compares again.
 */
static void
the_loser_of_two_syncs_compares_again(void **arg)
{
	struct rc_sync_before before;
	struct rc_sync_counts got;
	struct rc_sync_list list;
	struct rc_sync_diff diff;
	struct rc_sync_config config;

	(void)arg;
	model_start(RC_IDENT_PHONE);
	race = (struct race){.kind = RC_J_OUT, .done = true};
	write_list(0, 4);
	config = begin_sync();
	assert_ok(rc_sync_read(&config, &list, &err));
	list.journal_seq = rc_sync_run_seq(config.run);
	assert_ok(rc_sync_before_read(state, &channel, &list, &before, &err));
	assert_ok(rc_sync_diff(&config, &list, &before, &diff, &err));
	race.done = false;
	sync_another(NULL, 1, 1);
	assert_int_equal(
	    rc_sync_write(state, &config, &list, &before, &diff, &got, &err),
	    RC_NOTFOUND);
	rc_sync_diff_free(&diff);
	rc_sync_before_free(&before);
	check_listed(10, 19);
	say();
	assert_ok(rc_sync_before_read(state, &channel, &list, &before, &err));
	assert_ok(rc_sync_diff(&config, &list, &before, &diff, &err));
	assert_ok(
	    rc_sync_write(state, &config, &list, &before, &diff, &got, &err));
	rc_sync_run_ended(config.run, RC_OK, &got, &err);
	end_sync(&config);
	assert_int_equal(got.added, 4);
	assert_int_equal(got.opted_out, 1);
	assert_int_equal(got.removed, 10);
	check_listed(1, 4);
	rc_sync_diff_free(&diff);
	rc_sync_before_free(&before);
	rc_list_blocks_free(&list.blocks);
	verify();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STATE_TEST(one_rule_decides_at_every_moment),
	    STATE_TEST(the_sync_that_commits_last_has_the_last_word),
	    STATE_TEST(the_loser_of_two_syncs_compares_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
