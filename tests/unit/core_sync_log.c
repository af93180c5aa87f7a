#include "scratch_state.h"

#include "core/run_lock.h"
#include "core/sync_log.h"

#define CHANNEL 7

static struct rc_sync_lock
begin(const char *source)
{
	struct rc_sync_lock lock;

	assert_ok(rc_sync_log_begin(
	    state, CHANNEL, rc_slice_str(source), 1000, &lock, &err));
	return lock;
}

static enum rc_err
put(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	return rc_sync_log_put(txn, CHANNEL, arg, e);
}

static void
end(struct rc_sync_lock *lock, enum rc_sync_outcome outcome, uint64_t seq)
{
	struct rc_sync_record r = {.number = lock->number,
	    .action = RC_SYNC_OF_LIST,
	    .outcome = outcome,
	    .started_ms = 1000,
	    .ended_ms = 2000,
	    .seq = seq,
	    .source = RC_SLICE_LIT("list.csv"),
	    .reason = RC_SLICE_LIT("because")};

	assert_ok(rc_store_write(state->store, put, &r, &err));
	rc_sync_log_end(lock);
}

/* --- reading back -------------------------------------------------------- */

static struct {
	struct rc_sync_record r[2 * RC_SYNC_LOG_MAX];
	char source[100], reason[100]; /* of the newest */
	size_t n;
} seen;

static enum rc_err
see(void *arg, const struct rc_sync_record *r, struct rc_error *e)
{
	(void)arg;
	(void)e;
	if (seen.n == 0) {
		snprintf(seen.source, sizeof(seen.source), "%.*s",
		    (int)r->source.len, r->source.p);
		snprintf(seen.reason, sizeof(seen.reason), "%.*s",
		    (int)r->reason.len, r->reason.p);
	}
	seen.r[seen.n++] = *r;
	return RC_OK;
}

static size_t
look(size_t max)
{
	seen.n = 0;
	assert_ok(rc_sync_log_each(state, CHANNEL, max, see, NULL, &err));
	return seen.n;
}

static void
a_record_runs_and_then_says_how_it_ended(void **arg)
{
	struct rc_sync_lock lock = begin("list.csv");

	(void)arg;
	assert_int_equal(look(9), 1);
	assert_int_equal(seen.r[0].number, 1);
	assert_int_equal(seen.r[0].outcome, RC_SYNC_RUNNING);
	assert_int_equal(seen.r[0].started_ms, 1000);
	assert_int_equal(seen.r[0].ended_ms, 0);
	assert_string_equal(seen.source, "list.csv");
	end(&lock, RC_SYNC_REFUSED, 0);
	assert_int_equal(look(9), 1);
	assert_int_equal(seen.r[0].outcome, RC_SYNC_REFUSED);
	assert_int_equal(seen.r[0].ended_ms, 2000);
	assert_string_equal(seen.reason, "because");
}

static void
every_number_comes_back(void **arg)
{
	struct rc_sync_record want = {.action = RC_SYNC_OF_LIST,
	    .outcome = RC_SYNC_DONE,
	    .started_ms = 2,
	    .ended_ms = 3,
	    .list_time_ms = 4,
	    .bytes = 5,
	    .rows = 6,
	    .accepted = 7,
	    .duplicates = 8,
	    .rejected = 9,
	    .repaired = 10,
	    .added = 11,
	    .removed = 12,
	    .kept = 13,
	    .opted_out = 14,
	    .kept_events = 15,
	    .reversed_optouts = 16,
	    .suppressed = 17,
	    .seq = 18,
	    .digest = {19}};
	struct rc_sync_lock lock = begin("x");

	(void)arg;
	want.number = lock.number;
	assert_ok(rc_store_write(state->store, put, &want, &err));
	rc_sync_log_end(&lock);
	look(1);
	seen.r[0].source = seen.r[0].reason = (struct rc_slice){NULL, 0};
	assert_memory_equal(&seen.r[0], &want, sizeof(want));
}

static void
a_sync_whose_lock_is_free_was_killed(void **arg)
{
	struct rc_sync_lock dead = begin("a"), living = begin("b");

	(void)arg;
	rc_sync_log_end(&dead); /* as the kernel does */
	assert_int_equal(look(9), 2);
	assert_int_equal(seen.r[0].outcome, RC_SYNC_RUNNING);
	assert_int_equal(seen.r[1].outcome, RC_SYNC_FAILED);
	rc_sync_log_end(&living);
	look(1);
	assert_string_equal(seen.reason, "killed");
}

/* The outcome is committed, and the lock let go, after the snapshot. */
static enum rc_err
end_meanwhile(void *arg, const struct rc_sync_record *r, struct rc_error *e)
{
	if (seen.n == 0)
		end(arg, RC_SYNC_DONE, 5);
	return see(NULL, r, e);
}

static void
a_sync_that_ends_while_it_is_looked_at_was_not_killed(void **arg)
{
	struct rc_sync_lock older = begin("a"), newer = begin("b");

	(void)arg;
	seen.n = 0;
	assert_ok(
	    rc_sync_log_each(state, CHANNEL, 9, end_meanwhile, &older, &err));
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.r[1].outcome, RC_SYNC_DONE);
	assert_int_equal(seen.r[1].seq, 5);
	rc_sync_log_end(&newer);
}

static enum rc_err
merge_meanwhile(void *arg, const struct rc_sync_record *r, struct rc_error *e)
{
	if (seen.n == 0)
		end(arg, RC_SYNC_UP_TO_DATE, 7);
	return see(NULL, r, e);
}

static void
a_sync_that_is_merged_while_it_is_looked_at_shows_once(void **arg)
{
	struct rc_sync_lock first = begin("a"), older, newer;

	(void)arg;
	end(&first, RC_SYNC_UP_TO_DATE, 0);
	older = begin("b");
	newer = begin("c");
	seen.n = 0;
	assert_ok(
	    rc_sync_log_each(state, CHANNEL, 9, merge_meanwhile, &older, &err));
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.r[0].outcome, RC_SYNC_RUNNING);
	assert_int_equal(seen.r[1].outcome, RC_SYNC_UP_TO_DATE);
	assert_int_equal(seen.r[1].number, 1);
	assert_int_equal(seen.r[1].seq, 7);
	rc_sync_log_end(&newer);
}

static void
repeated_up_to_date_is_one_record(void **arg)
{
	struct rc_sync_lock lock = begin("a");

	(void)arg;
	end(&lock, RC_SYNC_DONE, 3);
	for (int i = 0; i < 5; i++) {
		lock = begin("a");
		assert_int_equal(look(9), i == 0 ? 2 : 3);
		end(&lock, RC_SYNC_UP_TO_DATE, 0);
		assert_int_equal(look(9), 2);
		assert_int_equal(seen.r[0].outcome, RC_SYNC_UP_TO_DATE);
		assert_int_equal(seen.r[0].number, 2);
		assert_int_equal(seen.r[1].outcome, RC_SYNC_DONE);
	}
	lock = begin("a");
	end(&lock, RC_SYNC_FAILED, 0);
	lock = begin("a");
	end(&lock, RC_SYNC_UP_TO_DATE, 0);
	assert_int_equal(look(9), 4);
}

static enum rc_err
add_many(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_sync_record r = {
	    .action = RC_SYNC_UNDO, .outcome = RC_SYNC_DONE};
	enum rc_err got = RC_OK;

	for (int n = *(int *)arg; got == RC_OK && n > 0; n--)
		got = rc_sync_log_add(txn, CHANNEL, &r, e);
	return got;
}

static void
the_newest_are_kept(void **arg)
{
	struct rc_sync_lock lock, other;
	int n = RC_SYNC_LOG_MAX + 20;

	(void)arg;
	assert_ok(rc_sync_log_begin(
	    state, CHANNEL + 1, RC_SLICE_LIT(""), 1, &other, &err));
	assert_ok(rc_store_write(state->store, add_many, &n, &err));
	assert_int_equal(look(2 * RC_SYNC_LOG_MAX), RC_SYNC_LOG_MAX);
	lock = begin("one more");
	assert_int_equal(lock.number, n + 1);
	assert_int_equal(look(2 * RC_SYNC_LOG_MAX), RC_SYNC_LOG_MAX);
	assert_int_equal(seen.r[0].number, n + 1);
	assert_int_equal(seen.r[RC_SYNC_LOG_MAX - 1].number, 22);
	seen.n = 0;
	assert_ok(rc_sync_log_each(state, CHANNEL + 1, 9, see, NULL, &err));
	assert_int_equal(seen.n, 1);
	rc_sync_log_end(&other);
	rc_sync_log_end(&lock);
}

static enum rc_err
take_back(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	return rc_sync_log_undone(txn, CHANNEL, *(uint64_t *)arg, e);
}

static void
the_sync_of_an_entry_is_marked_as_undone(void **arg)
{
	struct rc_sync_lock lock;
	uint64_t seq = 11;

	(void)arg;
	for (uint64_t i = 10; i < 13; i++) {
		lock = begin("list.csv");
		end(&lock, RC_SYNC_DONE, i);
	}
	assert_ok(rc_store_write(state->store, take_back, &seq, &err));
	look(9);
	assert_int_equal(seen.r[0].outcome, RC_SYNC_DONE);
	assert_int_equal(seen.r[1].outcome, RC_SYNC_UNDONE);
	assert_int_equal(seen.r[2].outcome, RC_SYNC_DONE);
	seq = 99;
	assert_int_equal(
	    rc_store_write(state->store, take_back, &seq, &err), RC_NOTFOUND);
}

/* Its lock is taken, but it is not written yet. */
static void
a_number_somebody_else_begins_with_is_left_alone(void **arg)
{
	struct rc_sync_lock first = begin("a"), second;
	int fd;

	(void)arg;
	assert_ok(rc_run_lock_take(scratch("state"),
	    RC_RUN_LOCK_SYNCS + ((uint64_t)CHANNEL << 20) + 2, &fd, &err));
	second = begin("b");
	assert_int_equal(second.number, 3);
	rc_run_lock_drop(&fd);
	rc_sync_log_end(&first);
	rc_sync_log_end(&second);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STATE_TEST(a_record_runs_and_then_says_how_it_ended),
	    STATE_TEST(every_number_comes_back),
	    STATE_TEST(a_sync_whose_lock_is_free_was_killed),
	    STATE_TEST(a_sync_that_ends_while_it_is_looked_at_was_not_killed),
	    STATE_TEST(a_sync_that_is_merged_while_it_is_looked_at_shows_once),
	    STATE_TEST(repeated_up_to_date_is_one_record),
	    STATE_TEST(the_newest_are_kept),
	    STATE_TEST(the_sync_of_an_entry_is_marked_as_undone),
	    STATE_TEST(a_number_somebody_else_begins_with_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
