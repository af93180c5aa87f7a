#include "store.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

/* --- transactions -------------------------------------------------------- */

static void
what_is_written_is_there_after_reopening(void **state)
{
	struct rc_store *s = open_store();

	(void)state;
	put_words(s, (const char *[]){"apple", "red", "plum", "blue", NULL});
	rc_store_close(s);
	assert_int_equal(try_open(&s, false), RC_OK);
	assert_string_equal(rc_store_path(s), scratch("state"));
	assert_holds(s, "apple", "red");
	assert_holds(s, "pear", NULL);
	rc_store_close(s);
}

static void
an_aborted_write_changes_nothing(void **state)
{
	struct rc_store *s = open_store();
	struct pairs p = {
	    (const char *[]){"apple", "green", "pear", "yellow", NULL},
	    RC_EDATA};

	(void)state;
	put_words(s, (const char *[]){"apple", "red", NULL});
	assert_int_equal(rc_store_write(s, put_pairs, &p, &err), RC_EDATA);
	assert_holds(s, "apple", "red");
	assert_holds(s, "pear", NULL);
	p.then = RC_NOTFOUND;
	assert_int_equal(rc_store_write(s, put_pairs, &p, &err), RC_NOTFOUND);
	assert_holds(s, "apple", "red");
	rc_store_close(s);
}

static void *
write_green(void *store)
{
	struct rc_error e;
	struct pairs p = {(const char *[]){"apple", "green", NULL}, RC_OK};

	return (void *)(uintptr_t)rc_store_write(store, put_pairs, &p, &e);
}

static enum rc_err
read_beside_a_writer(struct rc_txn *t, void *arg, struct rc_error *e)
{
	struct lookup l = {.key = "apple"};
	pthread_t writer;
	void *answer;

	assert_int_equal(look_up(t, &l, e), RC_OK);
	assert_string_equal(l.value, "red");
	assert_int_equal(pthread_create(&writer, NULL, write_green, arg), 0);
	assert_int_equal(pthread_join(writer, &answer), 0);
	assert_null(answer);
	assert_int_equal(look_up(t, &l, e), RC_OK);
	assert_string_equal(l.value, "red");
	/* A snapshot begun meanwhile is newer. */
	assert_holds(arg, "apple", "green");
	return RC_OK;
}

static void
a_snapshot_does_not_see_later_writes(void **state)
{
	struct rc_store *s = open_store();

	(void)state;
	put_words(s, (const char *[]){"apple", "red", NULL});
	assert_int_equal(
	    rc_store_read(s, read_beside_a_writer, s, &err), RC_OK);
	assert_holds(s, "apple", "green");
	rc_store_close(s);
}

static void *
count_to_fifty(void *store)
{
	struct rc_error e;
	uintptr_t bad = 0;

	for (int i = 0; i < 50; i++)
		bad += rc_store_write_bulk(store, count_up, NULL, &e) != RC_OK;
	return (void *)bad;
}

static enum rc_err
read_count(struct rc_txn *t, void *arg, struct rc_error *e)
{
	struct rc_slice v;
	enum rc_err r = rc_get(t, FRUIT, str("n"), &v, e);

	*(uint32_t *)arg = r == RC_OK ? rc_get32(v.p) : 0;
	return r;
}

static void
writers_in_threads_lose_no_update(void **state)
{
	struct rc_store *s = open_store();
	pthread_t writer[4];
	uint32_t n;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
		    pthread_create(&writer[i], NULL, count_to_fifty, s), 0);
	for (size_t i = 0; i < 4; i++) {
		void *bad;

		assert_int_equal(pthread_join(writer[i], &bad), 0);
		assert_null(bad);
	}
	assert_int_equal(rc_store_read(s, read_count, &n, &err), RC_OK);
	assert_int_equal(n, 200);
	rc_store_close(s);
}

static void
the_file_does_not_grow_with_commits(void **state)
{
	struct rc_store *s = open_store();
	size_t before;

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(
		    rc_store_write(s, count_up, NULL, &err), RC_OK);
	before = scratch_size(scratch("state"));
	for (int i = 0; i < 200; i++) {
		uint32_t n;

		assert_int_equal(
		    rc_store_write(s, count_up, NULL, &err), RC_OK);
		assert_int_equal(rc_store_read(s, read_count, &n, &err), RC_OK);
	}
	assert_int_equal(scratch_size(scratch("state")), before);
	rc_store_close(s);
}

/* --- records and cursors ------------------------------------------------- */

static void
assert_at(enum rc_err r, struct rc_slice key, const char *want)
{
	assert_int_equal(r, RC_OK);
	if (!rc_slice_is(key, want))
		fail_msg("at \"%.*s\", not \"%s\"", (int)key.len, key.p, want);
}

static enum rc_err
walk(struct rc_txn *t, void *arg, struct rc_error *e)
{
	struct rc_cursor *c;
	struct rc_slice k, v;

	(void)arg;
	assert_int_equal(rc_cursor_open(t, FRUIT, &c, e), RC_OK);
	assert_int_equal(rc_cursor_next(c, &k, &v, e), RC_END);
	assert_at(rc_cursor_ge(c, str(""), &k, &v, e), k, "apple");
	assert_at(rc_cursor_le(c, str(""), &k, &v, e), k, "plum");
	assert_at(rc_cursor_ge(c, str("b"), &k, &v, e), k, "fig");
	assert_at(rc_cursor_ge(c, str("fig"), &k, &v, e), k, "fig");
	assert_at(rc_cursor_next(c, &k, &v, e), k, "plum");
	assert_int_equal(rc_cursor_next(c, &k, &v, e), RC_END);
	assert_int_equal(rc_cursor_next(c, &k, &v, e), RC_END);
	assert_int_equal(rc_cursor_ge(c, str("q"), &k, &v, e), RC_NOTFOUND);
	assert_at(rc_cursor_le(c, str("q"), &k, &v, e), k, "plum");
	assert_at(rc_cursor_le(c, str("plum"), &k, &v, e), k, "plum");
	assert_at(rc_cursor_le(c, str("o"), &k, &v, e), k, "fig");
	assert_true(rc_slice_is(v, "green"));
	assert_int_equal(rc_cursor_le(c, str("a"), &k, &v, e), RC_NOTFOUND);
	rc_cursor_close(c);
	/* An open one ends with the transaction. */
	return rc_cursor_open(t, FRUIT, &c, e);
}

static void
cursors_find_both_ends_and_between(void **state)
{
	struct rc_store *s = open_store();

	(void)state;
	put_words(s, (const char *[]){
			 "plum", "blue", "apple", "red", "fig", "green", NULL});
	assert_int_equal(rc_store_read(s, walk, NULL, &err), RC_OK);
	assert_int_equal(rc_store_write(s, walk, NULL, &err), RC_OK);
	rc_store_close(s);
}

static enum rc_err
walk_nothing(struct rc_txn *t, void *arg, struct rc_error *e)
{
	struct rc_cursor *c;
	struct rc_slice k, v;

	(void)arg;
	assert_int_equal(rc_cursor_open(t, FRUIT, &c, e), RC_OK);
	assert_int_equal(rc_cursor_ge(c, str(""), &k, &v, e), RC_NOTFOUND);
	assert_int_equal(rc_cursor_le(c, str(""), &k, &v, e), RC_NOTFOUND);
	assert_int_equal(rc_cursor_le(c, str("z"), &k, &v, e), RC_NOTFOUND);
	assert_int_equal(rc_get_ge(t, FRUIT, str("a"), &k, &v, e), RC_NOTFOUND);
	assert_int_equal(rc_get_le(t, FRUIT, str("z"), &k, &v, e), RC_NOTFOUND);
	return RC_OK;
}

static void
an_empty_table_has_no_ends(void **state)
{
	struct rc_store *s = open_store();

	(void)state;
	assert_int_equal(rc_store_read(s, walk_nothing, NULL, &err), RC_OK);
	rc_store_close(s);
}

struct visit {
	char seen[64];
	const char *stop; /* at this value */
	enum rc_err then;
};

static enum rc_err
note_visit(
    void *arg, struct rc_slice rest, struct rc_slice value, struct rc_error *e)
{
	struct visit *v = arg;
	size_t n = strlen(v->seen);

	(void)e;
	snprintf(v->seen + n, sizeof(v->seen) - n, "%.*s=%.*s ", (int)rest.len,
	    rest.p, (int)value.len, value.p);
	return rc_slice_is(value, v->stop) ? v->then : RC_OK;
}

static void
assert_visits(struct rc_txn *t, const char *prefix, enum rc_err then,
    const char *seen, struct rc_error *e)
{
	struct visit v = {.stop = "green", .then = then};
	enum rc_err want = then == RC_END ? RC_OK : then;

	assert_int_equal(
	    rc_get_each(t, FRUIT, str(prefix), note_visit, &v, e), want);
	assert_string_equal(v.seen, seen);
}

static enum rc_err
visit_all(struct rc_txn *t, void *arg, struct rc_error *e)
{
	struct rc_slice k, v;

	(void)arg;
	assert_visits(t, "", RC_OK, "apple=red peach=green pear=1 z=2 ", e);
	assert_visits(t, "pe", RC_OK, "ach=green ar=1 ", e);
	assert_visits(t, "z", RC_OK, "=2 ", e);
	assert_visits(t, "b", RC_OK, "", e);
	assert_visits(t, "zz", RC_OK, "", e);
	assert_visits(t, "", RC_END, "apple=red peach=green ", e);
	assert_visits(t, "", RC_NOTFOUND, "apple=red peach=green ", e);
	assert_at(rc_get_ge(t, FRUIT, str("b"), &k, &v, e), k, "peach");
	assert_at(rc_get_le(t, FRUIT, str("peas"), &k, &v, e), k, "pear");
	assert_true(rc_slice_is(v, "1"));
	return RC_OK;
}

static void
each_record_of_a_prefix_is_visited_once(void **state)
{
	struct rc_store *s = open_store();

	(void)state;
	put_words(s, (const char *[]){"pear", "1", "apple", "red", "z", "2",
			 "peach", "green", NULL});
	assert_int_equal(rc_store_read(s, visit_all, NULL, &err), RC_OK);
	rc_store_close(s);
}

static enum rc_err
delete_in_parts(struct rc_txn *t, void *arg, struct rc_error *e)
{
	size_t n;

	(void)arg;
	assert_int_equal(rc_del_prefix(t, FRUIT, str("p"), 2, &n, e), RC_OK);
	assert_int_equal(n, 2);
	assert_int_equal(rc_del_prefix(t, FRUIT, str("p"), 2, &n, e), RC_OK);
	assert_int_equal(n, 1);
	assert_int_equal(rc_del_prefix(t, FRUIT, str("p"), 2, &n, e), RC_OK);
	assert_int_equal(n, 0);
	assert_int_equal(rc_del_prefix(t, FRUIT, str("fig"), 0, &n, e), RC_OK);
	assert_int_equal(n, 0);
	assert_int_equal(rc_del(t, FRUIT, str("pear"), e), RC_NOTFOUND);
	return rc_del(t, FRUIT, str("quince"), e);
}

static void
deleting_by_prefix_is_bounded_and_exact(void **state)
{
	struct rc_store *s = open_store();

	(void)state;
	put_words(s, (const char *[]){"fig", "1", "pea", "2", "pear", "3",
			 "plum", "4", "quince", "5", NULL});
	assert_int_equal(rc_store_write(s, delete_in_parts, NULL, &err), RC_OK);
	assert_holds(s, "fig", "1");
	assert_holds(s, "pea", NULL);
	assert_holds(s, "plum", NULL);
	assert_holds(s, "quince", NULL);
	rc_store_close(s);
}

static enum rc_err
fill_in_place(struct rc_txn *t, void *arg, struct rc_error *e)
{
	void *room;

	(void)arg;
	assert_int_equal(
	    rc_put_room(t, FRUIT, str("kiwi"), 5, &room, e), RC_OK);
	memcpy(room, "brown", 5);
	assert_int_equal(
	    rc_put_last(t, FRUIT, str("z"), str("last"), e), RC_OK);
	assert_int_equal(
	    rc_put_last(t, FRUIT, str("y"), str("not last"), e), RC_EINTERNAL);
	assert_int_equal(
	    rc_put(t, FRUIT, str(""), str("no key"), e), RC_EINTERNAL);
	return RC_OK;
}

static void
values_are_written_in_place_and_at_the_end(void **state)
{
	struct rc_store *s = open_store();

	(void)state;
	assert_int_equal(rc_store_write(s, fill_in_place, NULL, &err), RC_OK);
	assert_holds(s, "kiwi", "brown");
	assert_holds(s, "z", "last");
	assert_holds(s, "y", NULL);
	rc_store_close(s);
}

/* --- killed processes ---------------------------------------------------- */

static enum rc_err
read_until_killed(struct rc_txn *t, void *arg, struct rc_error *e)
{
	(void)t;
	(void)e;
	if (write(*(int *)arg, "r", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static pid_t
start_reader(void)
{
	int ready[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct rc_store *s;

		if (try_open(&s, false) == RC_OK)
			(void)!rc_store_read(
			    s, read_until_killed, &ready[1], &err);
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return pid;
}

static void
end_child(pid_t pid)
{
	int status;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void
a_killed_reader_does_not_hold_pages(void **state)
{
	struct rc_store *s = open_store();
	size_t before;

	(void)state;
	assert_int_equal(rc_store_write(s, count_up, NULL, &err), RC_OK);
	rc_store_close(s);
	end_child(start_reader());
	assert_int_equal(try_open(&s, false), RC_OK);
	for (int i = 0; i < 20; i++)
		assert_int_equal(
		    rc_store_write(s, count_up, NULL, &err), RC_OK);
	before = scratch_size(scratch("state"));
	for (int i = 0; i < 100; i++)
		assert_int_equal(
		    rc_store_write(s, count_up, NULL, &err), RC_OK);
	assert_int_equal(scratch_size(scratch("state")), before);
	rc_store_close(s);
}

/* Two keys that always hold the same number, with much between them. */
static enum rc_err
write_twins(struct rc_txn *t, void *arg, struct rc_error *e)
{
	const uint32_t *n = arg;
	const char pad[5000] = "";
	unsigned char v[4];
	struct rc_slice value = {(char *)v, sizeof(v)};
	char key[16];

	rc_put32(v, *n);
	if (rc_put(t, FRUIT, str("a"), value, e) != RC_OK)
		return e->code;
	for (int i = 0; i < 4; i++) {
		snprintf(key, sizeof(key), "b%u", (*n + (unsigned)i) % 16);
		if (rc_put(t, FRUIT, str(key),
			(struct rc_slice){pad, 1000 + *n % 4000}, e) != RC_OK)
			return e->code;
	}
	return rc_put(t, FRUIT, str("z"), value, e);
}

static void
write_until_killed(int ready)
{
	struct rc_store *s;

	if (try_open(&s, false) != RC_OK)
		_exit(1);
	for (uint32_t n = 1;; n++)
		if (rc_store_write(s, write_twins, &n, &err) != RC_OK ||
		    write(ready, "w", 1) != 1)
			_exit(1);
}

static enum rc_err
compare_twins(struct rc_txn *t, void *arg, struct rc_error *e)
{
	struct rc_slice a, z;

	assert_int_equal(rc_get(t, FRUIT, str("a"), &a, e), RC_OK);
	assert_int_equal(rc_get(t, FRUIT, str("z"), &z, e), RC_OK);
	assert_int_equal(rc_get32(a.p), rc_get32(z.p));
	*(uint32_t *)arg = rc_get32(a.p);
	return RC_OK;
}

static void
a_killed_writer_leaves_before_or_after(void **state)
{
	struct rc_store *s = open_store();

	(void)state;
	rc_store_close(s);
	for (size_t round = 0; round < 12; round++) {
		size_t acknowledged = 0, want = 1 + round * round;
		char heard[256];
		uint32_t n;
		int ready[2];
		ssize_t got;
		pid_t pid;

		assert_int_equal(pipe(ready), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			write_until_killed(ready[1]);
		close(ready[1]);
		while (acknowledged < want &&
		       (got = read(ready[0], heard, sizeof(heard))) > 0)
			acknowledged += (size_t)got;
		end_child(pid);
		while ((got = read(ready[0], heard, sizeof(heard))) > 0)
			acknowledged += (size_t)got;
		close(ready[0]);
		assert_int_equal(try_open(&s, false), RC_OK);
		assert_int_equal(
		    rc_store_read(s, compare_twins, &n, &err), RC_OK);
		/* What was acknowledged is there; one more may be. */
		assert_in_range(n, acknowledged, acknowledged + 1);
		assert_int_equal(
		    rc_store_write(s, count_up, NULL, &err), RC_OK);
		rc_store_close(s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCRATCH_TEST(what_is_written_is_there_after_reopening),
	    SCRATCH_TEST(an_aborted_write_changes_nothing),
	    SCRATCH_TEST(a_snapshot_does_not_see_later_writes),
	    SCRATCH_TEST(writers_in_threads_lose_no_update),
	    SCRATCH_TEST(the_file_does_not_grow_with_commits),
	    SCRATCH_TEST(cursors_find_both_ends_and_between),
	    SCRATCH_TEST(each_record_of_a_prefix_is_visited_once),
	    SCRATCH_TEST(an_empty_table_has_no_ends),
	    SCRATCH_TEST(deleting_by_prefix_is_bounded_and_exact),
	    SCRATCH_TEST(values_are_written_in_place_and_at_the_end),
	    SCRATCH_TEST(a_killed_reader_does_not_hold_pages),
	    SCRATCH_TEST(a_killed_writer_leaves_before_or_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
