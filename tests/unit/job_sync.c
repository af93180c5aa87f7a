#include "sync_model.h"

/*
 * A sync is compared with a model that is arrays and ifs, over random lists,
 * opt-ins and opt-outs, some of which come while the sync is under way.
 */

/* --- comparing ----------------------------------------------------------- */

static struct outcome *compared;

static enum rc_err
compare_journal(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct rc_sync_counts *got = arg;

	compare_sets(txn, got->seq, RC_J_SYNC, compared, e);
	return RC_OK;
}

static void
compare(const struct rc_sync_counts *got, struct outcome *want, uint64_t rows)
{
	struct rc_sync_counts *w = &want->counts;
	struct rc_journal_verdict verdict;

	assert_int_equal(got->rows, rows);
	assert_int_equal(got->rejected, 0);
	assert_int_equal(got->accepted, w->accepted);
	assert_int_equal(got->duplicates, rows - w->accepted);
	assert_int_equal(got->added, w->added);
	assert_int_equal(got->removed, w->removed);
	assert_int_equal(got->opted_out, w->opted_out);
	assert_int_equal(
	    got->accepted, got->added + got->kept + got->opted_out);
	assert_int_equal(got->kept_events, w->kept_events);
	assert_int_equal(got->reversed_optouts, w->reversed_optouts);
	assert_int_equal(got->list_time_ms, model.list_time_ms);
	compare_consent();
	compared = want;
	assert_ok(rc_store_read(
	    state->store, compare_journal, (void *)(uintptr_t)got, &err));
	assert_ok(rc_journal_verify(state->store, got->head, &verdict, &err));
	assert_int_equal(verdict.broken_seq, 0);
	assert_true(verdict.head_seen);
}

/* --- what is told -------------------------------------------------------- */

static struct outcome told;

static enum rc_err
note_change(
    void *arg, const char *change, struct rc_slice who, struct rc_error *e)
{
	const struct {
		const char *name;
		bool *people;
	} kinds[] = {{"added", told.added}, {"removed", told.removed},
	    {"reversed", told.reversed}, {"opted_out", told.opted_out},
	    {"suppressed", told.suppressed}};
	struct rc_ident id;
	size_t k = 0;
	int i = 0;

	(void)arg;
	while (strcmp(kinds[k].name, change) != 0)
		assert_true(++k < sizeof(kinds) / sizeof(kinds[0]));
	assert_ok(rc_ident_parse(model.type, who, &id, e));
	while (compare_people(&model.person[i], &id) != 0)
		assert_true(++i < PEOPLE);
	assert_false(kinds[k].people[i]); /* once each */
	kinds[k].people[i] = true;
	return RC_OK;
}

static void
compare_told(const struct outcome *want)
{
	assert_memory_equal(told.added, want->added, PEOPLE);
	assert_memory_equal(told.removed, want->removed, PEOPLE);
	assert_memory_equal(told.reversed, want->reversed, PEOPLE);
	assert_memory_equal(told.opted_out, want->opted_out, PEOPLE);
	assert_memory_equal(told.suppressed, want->suppressed, PEOPLE);
}

/* --- tests --------------------------------------------------------------- */

static void
follow_the_model(enum rc_ident_type type)
{
	struct rc_sync_counts got, tried;
	struct outcome would;
	bool chosen[PEOPLE];
	uint64_t rows, read_seq;

	model_start(type);
	for (int round = 0; round < ROUNDS; round++) {
		struct outcome want = {0};
		struct rc_source *source = open_list(chosen, &rows);
		struct rc_sync_config config = random_config(source);

		change_some(12);
		config.dry_run = true;
		config.change = note_change;
		told = (struct outcome){0};
		assert_ok(rc_sync(state, &config, &tried, &err));
		compare_consent();
		config.dry_run = false;
		rc_source_close(source);
		config.source = source = open_source();
		read_seq = head();
		would = told;
		told = (struct outcome){0};
		assert_ok(rc_sync(state, &config, &got, &err));
		rc_source_close(source);
		compare_told(&would);
		assert_int_equal(tried.seq, 0);
		assert_int_equal(tried.added, got.added);
		assert_int_equal(tried.removed, got.removed);
		model_sync(&config, chosen, read_seq, &want);
		assert_int_equal(got.suppressed, want.counts.suppressed);
		compare_told(&want);
		compare(&got, &want, rows);
	}
}

static void
phones_follow_the_model(void **arg)
{
	(void)arg;
	follow_the_model(RC_IDENT_PHONE);
}

static void
addresses_follow_the_model(void **arg)
{
	(void)arg;
	follow_the_model(RC_IDENT_EMAIL);
}

static void
custom_ids_follow_the_model(void **arg)
{
	(void)arg;
	follow_the_model(RC_IDENT_CUSTOM);
}

/* What rc_sync does in one go, with changes in between. */
static void
changes_under_way_are_folded(void **arg)
{
	struct rc_sync_before before;
	struct rc_sync_counts got;
	struct rc_sync_list list;
	struct rc_sync_diff diff;
	bool chosen[PEOPLE], suppressed[PEOPLE];
	uint64_t rows;

	(void)arg;
	model_start(RC_IDENT_PHONE);
	for (int round = 0; round < ROUNDS; round++) {
		struct outcome want = {0};
		struct rc_source *source = open_list(chosen, &rows);
		struct rc_sync_config config = random_config(source);

		change_some(6);
		assert_ok(rc_sync_read(&config, &list, &err));
		list.journal_seq = head();
		change_some(6);
		assert_ok(
		    rc_sync_before_read(state, &channel, &list, &before, &err));
		assert_ok(rc_sync_diff(&config, &list, &before, &diff, &err));
		memcpy(suppressed, model.suppressed, PEOPLE);
		change_some(30);
		assert_ok(rc_sync_write(
		    state, &config, &list, &before, &diff, &got, &err));
		config.change = note_change;
		told = (struct outcome){0};
		assert_ok(rc_sync_tell(&config, &list, &before, &diff, &err));
		model_sync(&config, chosen, list.journal_seq, &want);
		for (int i = 0; i < PEOPLE; i++)
			want.suppressed[i] = chosen[i] && suppressed[i];
		compare_told(&want);
		compare(&got, &want, rows);
		rc_sync_diff_free(&diff);
		rc_sync_before_free(&before);
		rc_list_blocks_free(&list.blocks);
		rc_source_close(source);
	}
}

/* The loser of two syncs must compare again, and change nothing before. */
static void
a_list_replaced_meanwhile_is_not_overwritten(void **arg)
{
	struct rc_sync_before before;
	struct rc_sync_counts first, second;
	struct rc_sync_list list;
	struct rc_sync_diff diff;
	struct rc_journal_verdict verdict;
	bool chosen[PEOPLE], other[PEOPLE];
	struct outcome want = {0};
	struct rc_sync_config config;
	uint64_t rows;
	struct rc_source *source;

	(void)arg;
	model_start(RC_IDENT_PHONE);
	source = open_list(chosen, &rows);
	config = random_config(source);
	assert_ok(rc_sync_read(&config, &list, &err));
	list.journal_seq = head();
	assert_ok(rc_sync_before_read(state, &channel, &list, &before, &err));
	assert_ok(rc_sync_diff(&config, &list, &before, &diff, &err));
	rc_source_close(source);
	source = open_list(other, &rows);
	config.source = source;
	assert_ok(rc_sync(state, &config, &first, &err));
	model_sync(&config, other, 0, &want);
	assert_int_equal(
	    rc_sync_write(state, &config, &list, &before, &diff, &second, &err),
	    RC_NOTFOUND);
	compare_consent();
	assert_ok(rc_journal_verify(state->store, first.head, &verdict, &err));
	assert_int_equal(verdict.entries, 1);
	rc_sync_diff_free(&diff);
	rc_sync_before_free(&before);
	rc_list_blocks_free(&list.blocks);
	rc_source_close(source);
}

static struct rc_source *
open_drop(void)
{
	static struct rc_source_config from;
	struct rc_source *source;

	from = (struct rc_source_config){.where = scratch("drop"),
	    .state = state,
	    .channel = channel.number};
	assert_ok(rc_source_open(&source, &from, &err));
	return source;
}

static void
make_upload(const char *text)
{
	struct timespec times[2] = {{1000, 0}, {1000, 0}};
	const char *folder = scratch("drop/upload_2024-03-01_04-00");
	const char *path = scratch("drop/upload_2024-03-01_04-00/data.csv");

	assert_int_equal(mkdir(scratch("drop"), 0700), 0);
	assert_int_equal(mkdir(folder, 0700), 0);
	scratch_write(path, text, strlen(text));
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* Both have found it to be new, and read it. */
static void
of_two_imports_of_an_upload_one_changes_nothing(void **arg)
{
	struct rc_sync_config first = random_config(NULL), second = first;
	struct rc_sync_counts counts;
	struct rc_journal_verdict verdict;

	(void)arg;
	model_start(RC_IDENT_PHONE);
	make_upload("phone numbers\n15550100001\n15550100002\n");
	first.source = open_drop();
	second.source = open_drop();
	assert_ok(rc_sync(state, &first, &counts, &err));
	assert_int_equal(counts.added, 2);
	assert_int_equal(rc_sync(state, &second, &counts, &err), RC_END);
	assert_ok(rc_journal_verify(state->store, counts.head, &verdict, &err));
	assert_int_equal(verdict.entries, 1);
	rc_source_close(first.source);
	rc_source_close(second.source);
}

static void
write_while_reading(void *arg, uint64_t bytes, uint64_t total)
{
	(void)arg;
	(void)total;
	if (bytes > 0)
		assert_int_equal(truncate(scratch("list"), 5), 0);
}

static void
a_file_that_changes_is_refused(void **arg)
{
	struct rc_sync_counts counts;
	struct rc_sync_config config;
	bool chosen[PEOPLE];
	uint64_t rows;
	struct rc_source *source;

	(void)arg;
	model_start(RC_IDENT_PHONE);
	source = open_list(chosen, &rows);
	config = random_config(source);
	config.progress = write_while_reading;
	assert_int_equal(rc_sync(state, &config, &counts, &err), RC_EAGAIN);
	assert_says(err, "changed while it was read");
	compare_consent();
	rc_source_close(source);
}

/* Gives one more byte whenever one was read. */
static void
write_slowly(void *arg, uint64_t bytes, uint64_t total)
{
	static const char text[] = "\xff\xfe"
				   "e\0m\0a\0i\0l\0\n\0";
	int *fd = arg;

	(void)total;
	if (bytes < sizeof(text) - 1) {
		assert_int_equal(write(*fd, text + bytes, 1), 1);
	} else if (*fd >= 0) {
		close(*fd);
		*fd = -1;
	}
}

static void
an_encoding_is_told_from_a_slow_pipe(void **arg)
{
	struct rc_sync_config config = random_config(NULL);
	struct rc_source_config from = {0};
	struct rc_sync_counts counts;
	char path[32];
	int fds[2];

	(void)arg;
	model_start(RC_IDENT_EMAIL);
	assert_int_equal(pipe(fds), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
	from.where = path;
	assert_ok(rc_source_open(&config.source, &from, &err));
	config.progress = write_slowly;
	config.arg = &fds[1];
	write_slowly(&fds[1], 0, 0);
	assert_int_equal(rc_sync(state, &config, &counts, &err), RC_EDATA);
	assert_says(err, "iconv -f UTF-16LE -t UTF-8");
	rc_source_close(config.source);
	close(fds[0]);
	if (fds[1] >= 0)
		close(fds[1]);
}

static enum rc_err
refuse_change(
    void *arg, const char *change, struct rc_slice who, struct rc_error *e)
{
	(void)arg;
	(void)change;
	(void)who;
	return rc_err_set(e, RC_EIO, "no space");
}

/* Told is what has happened, so it has by then. */
static void
a_failure_to_keep_changes_is_told_of_a_sync_that_is_done(void **arg)
{
	struct rc_sync_counts counts;
	struct rc_sync_config config;
	struct outcome want = {0};
	bool chosen[PEOPLE];
	uint64_t rows;
	struct rc_source *source;

	(void)arg;
	model_start(RC_IDENT_PHONE);
	source = open_list(chosen, &rows);
	config = random_config(source);
	config.change = refuse_change;
	assert_int_equal(rc_sync(state, &config, &counts, &err), RC_EIO);
	model_sync(&config, chosen, 0, &want);
	assert_int_equal(counts.seq, 1);
	compare(&counts, &want, rows);
	rc_source_close(source);
}

static enum rc_err
count_reject(void *arg, uint64_t line, const char *reason,
    struct rc_slice value, struct rc_error *e)
{
	(void)line;
	(void)reason;
	(void)value;
	if (++*(int *)arg == 2)
		return rc_err_set(e, RC_EIO, "no space");
	return RC_OK;
}

static void
a_failure_to_keep_rejects_changes_nothing(void **arg)
{
	static const char text[] = "phone numbers\n15550100001\nx\ny\nz\n";
	struct rc_sync_counts counts;
	struct rc_sync_config config = random_config(NULL);
	int calls = 0;

	(void)arg;
	model_start(RC_IDENT_PHONE);
	scratch_write(scratch("list"), text, sizeof(text) - 1);
	config.source = open_source();
	config.reject = count_reject;
	config.arg = &calls;
	assert_int_equal(rc_sync(state, &config, &counts, &err), RC_EIO);
	assert_says(err, "no space");
	assert_int_equal(calls, 2);
	compare_consent();
	rc_source_close(config.source);
}

static void
characters_cut_by_a_read_are_whole(void **arg)
{
	struct rc_sync_counts counts;
	struct rc_sync_config config = random_config(NULL);
	size_t len = 3u << 20, n = 0;
	char *text = malloc(len + 64);

	(void)arg;
	assert_non_null(text);
	model_start(RC_IDENT_CUSTOM);
	n = (size_t)snprintf(text, len, "custom\n");
	for (int i = 0; n < len; i++)
		n += (size_t)snprintf(
		    text + n, 64, "%d-\xe2\x82\xac\xf0\x9f\x98\x80\n", i);
	scratch_write(scratch("list"), text, n);
	config.source = open_source();
	assert_ok(rc_sync(state, &config, &counts, &err));
	assert_int_equal(counts.rejected, 0);
	assert_int_equal(counts.duplicates, 0);
	assert_true(counts.rows > 100000);
	free(text);
	rc_source_close(config.source);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STATE_TEST(phones_follow_the_model),
	    STATE_TEST(addresses_follow_the_model),
	    STATE_TEST(custom_ids_follow_the_model),
	    STATE_TEST(changes_under_way_are_folded),
	    STATE_TEST(a_list_replaced_meanwhile_is_not_overwritten),
	    STATE_TEST(of_two_imports_of_an_upload_one_changes_nothing),
	    STATE_TEST(a_file_that_changes_is_refused),
	    STATE_TEST(an_encoding_is_told_from_a_slow_pipe),
	    STATE_TEST(a_failure_to_keep_rejects_changes_nothing),
	    STATE_TEST(
		a_failure_to_keep_changes_is_told_of_a_sync_that_is_done),
	    STATE_TEST(characters_cut_by_a_read_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
