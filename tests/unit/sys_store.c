#include "scratch.h"

#include "base/num.h"
#include "sys/store.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum {
	META,
	FRUIT,
	TABLES
};

static const char *const tables[TABLES] = {"meta", "fruit"};
static struct rc_error err;

static struct rc_store_config
config_of(const char *path, bool create)
{
	return (struct rc_store_config){.path = path,
	    .tables = tables,
	    .ntables = TABLES,
	    .schema = 7,
	    .create = create};
}

static enum rc_err
try_open(struct rc_store **s, bool create)
{
	const struct rc_store_config config =
	    config_of(scratch("state"), create);

	return rc_store_open(s, &config, &err);
}

static struct rc_store *
open_store(void)
{
	struct rc_store *s;

	if (try_open(&s, true) != RC_OK)
		fail_msg("%s", err.msg);
	return s;
}

static struct rc_slice
str(const char *s)
{
	return rc_slice_str(s);
}

struct pairs {
	const char *const *words; /* key, value, …, NULL */
	enum rc_err then;	  /* what the function returns */
};

static enum rc_err
put_pairs(struct rc_txn *t, void *arg, struct rc_error *e)
{
	const struct pairs *p = arg;

	for (const char *const *w = p->words; *w != NULL; w += 2)
		assert_int_equal(
		    rc_put(t, FRUIT, str(w[0]), str(w[1]), e), RC_OK);
	return p->then;
}

static void
put_words(struct rc_store *s, const char *const *words)
{
	struct pairs p = {words, RC_OK};

	assert_int_equal(rc_store_write(s, put_pairs, &p, &err), RC_OK);
}

struct lookup {
	const char *key;
	char value[64];
};

static enum rc_err
look_up(struct rc_txn *t, void *arg, struct rc_error *e)
{
	struct lookup *l = arg;
	struct rc_slice v;
	enum rc_err r = rc_get(t, FRUIT, str(l->key), &v, e);

	if (r == RC_OK)
		snprintf(l->value, sizeof(l->value), "%.*s", (int)v.len, v.p);
	return r;
}

static void
assert_holds(struct rc_store *s, const char *key, const char *value)
{
	struct lookup l = {.key = key};
	enum rc_err r = rc_store_read(s, look_up, &l, &err);

	assert_int_equal(r, value == NULL ? RC_NOTFOUND : RC_OK);
	if (value != NULL)
		assert_string_equal(l.value, value);
}

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

static enum rc_err
count_up(struct rc_txn *t, void *arg, struct rc_error *e)
{
	unsigned char n[4] = {0};
	struct rc_slice v;
	enum rc_err r = rc_get(t, FRUIT, str("n"), &v, e);

	(void)arg;
	if (r == RC_OK)
		memcpy(n, v.p, sizeof(n));
	rc_put32(n, rc_get32(n) + 1);
	return rc_put(
	    t, FRUIT, str("n"), (struct rc_slice){(char *)n, sizeof(n)}, e);
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
	assert_int_equal(rc_cursor_prev(c, &k, &v, e), RC_END);
	assert_int_equal(rc_cursor_ge(c, str("q"), &k, &v, e), RC_NOTFOUND);
	assert_at(rc_cursor_le(c, str("q"), &k, &v, e), k, "plum");
	assert_at(rc_cursor_le(c, str("plum"), &k, &v, e), k, "plum");
	assert_at(rc_cursor_le(c, str("o"), &k, &v, e), k, "fig");
	assert_true(rc_slice_is(v, "green"));
	assert_at(rc_cursor_prev(c, &k, &v, e), k, "apple");
	assert_int_equal(rc_cursor_prev(c, &k, &v, e), RC_END);
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

/* --- files that are not fine --------------------------------------------- */

static void
a_missing_state_says_how_to_begin(void **state)
{
	struct rc_store *s;

	(void)state;
	assert_int_equal(try_open(&s, false), RC_ENOINPUT);
	assert_null(s);
	assert_says(err, "rc-channel add");
	assert_int_not_equal(access(scratch("state"), F_OK), 0);
	assert_int_not_equal(access(scratch("state-lock"), F_OK), 0);
}

static void
a_new_state_is_for_its_user_alone(void **state)
{
	const struct rc_store_config config =
	    config_of(scratch("new/sub/state"), true);
	struct rc_store *s;
	struct stat st;

	(void)state;
	assert_int_equal(rc_store_open(&s, &config, &err), RC_OK);
	rc_store_close(s);
	assert_int_equal(stat(scratch("new"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(scratch("new/sub/state"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(scratch("new/sub/state-lock"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
a_file_in_the_way_of_a_directory_is_named(void **state)
{
	const struct rc_store_config config =
	    config_of(scratch("file/state"), true);
	struct rc_store *s;

	(void)state;
	scratch_write(scratch("file"), "x", 1);
	assert_int_equal(rc_store_open(&s, &config, &err), RC_ECREATE);
	assert_says(err, "file/state");
}

static void
a_foreign_file_is_refused_and_left_alone(void **state)
{
	const char text[] = "phone numbers\n15551234567\n15551234568\n";
	struct rc_store *s;

	(void)state;
	scratch_write(scratch("state"), text, sizeof(text) - 1);
	assert_int_equal(try_open(&s, true), RC_ECONFIG);
	assert_says(err, "no state of reconnect");
	assert_int_equal(scratch_size(scratch("state")), sizeof(text) - 1);
	assert_int_not_equal(access(scratch("state-lock"), F_OK), 0);
}

static void
another_programs_store_is_refused_and_left_alone(void **state)
{
	const char *const theirs[] = {"accounts"};
	struct rc_store_config config = config_of(scratch("state"), true);
	struct rc_store *s;

	(void)state;
	config.tables = theirs;
	config.ntables = 1;
	assert_int_equal(rc_store_open(&s, &config, &err), RC_OK);
	rc_store_close(s);
	assert_int_equal(try_open(&s, true), RC_ECONFIG);
	assert_says(err, "no state of reconnect");
	assert_int_equal(rc_store_open(&s, &config, &err), RC_OK);
	rc_store_close(s);
}

static void
a_directory_is_no_state(void **state)
{
	struct rc_store *s;

	(void)state;
	assert_int_equal(mkdir(scratch("state"), 0700), 0);
	assert_int_equal(try_open(&s, true), RC_ECONFIG);
	assert_says(err, "not a file");
}

static void
another_schema_is_refused_by_number(void **state)
{
	struct rc_store_config config = config_of(scratch("state"), true);
	struct rc_store *s;

	(void)state;
	config.schema = 8;
	assert_int_equal(rc_store_open(&s, &config, &err), RC_OK);
	rc_store_close(s);
	assert_int_equal(try_open(&s, true), RC_ECONFIG);
	assert_says(err, "has schema 8, this program knows 7");
	assert_says(err, "newer version");
	config.schema = 9;
	assert_int_equal(rc_store_open(&s, &config, &err), RC_ECONFIG);
	assert_says(err, "has schema 8, this program knows 9");
}

static enum rc_err
fill(struct rc_txn *t, void *arg, struct rc_error *e)
{
	const char text[3000] = "";
	enum rc_err r = RC_OK;

	for (uint32_t i = 0; r == RC_OK && i < *(uint32_t *)arg; i++) {
		unsigned char key[4];

		rc_put32(key, i);
		r = rc_put(t, FRUIT, (struct rc_slice){(char *)key, 4},
		    (struct rc_slice){text, sizeof(text)}, e);
	}
	return r;
}

static void
a_truncated_state_is_refused_before_it_is_read(void **state)
{
	struct rc_store *s = open_store();
	uint32_t n = 200;
	size_t size;

	(void)state;
	assert_int_equal(rc_store_write(s, fill, &n, &err), RC_OK);
	rc_store_close(s);
	size = scratch_size(scratch("state"));
	assert_int_equal(truncate(scratch("state"), (off_t)size - 10000), 0);
	assert_int_equal(try_open(&s, true), RC_ECONFIG);
	assert_says(err, "truncated, 10000 bytes are missing");
	/* So short that LMDB's own list of free pages is gone. */
	assert_int_equal(truncate(scratch("state"), 2 * 4096 + 1), 0);
	assert_int_equal(try_open(&s, true), RC_ECONFIG);
	assert_says(err, "truncated");
	assert_int_equal(scratch_size(scratch("state")), 2 * 4096 + 1);
	assert_int_equal(truncate(scratch("state"), 100), 0);
	assert_int_equal(try_open(&s, true), RC_ECONFIG);
}

static enum rc_err
fill_and_clear(struct rc_txn *t, void *arg, struct rc_error *e)
{
	size_t n;
	enum rc_err r = fill(t, arg, e);

	if (r != RC_OK)
		return r;
	return rc_del_prefix(t, FRUIT, str(""), SIZE_MAX, &n, e);
}

static void
pages_given_back_at_the_end_are_no_truncation(void **state)
{
	struct rc_store *s = open_store();
	uint32_t n = 50;

	(void)state;
	/* Free pages to begin with: LMDB then keeps a list in memory. */
	for (int i = 0; i < 5; i++)
		put_words(s, (const char *[]){"apple", "red", NULL});
	assert_int_equal(rc_store_write(s, fill_and_clear, &n, &err), RC_OK);
	put_words(s, (const char *[]){"apple", "red", NULL});
	rc_store_close(s);
	assert_true(scratch_size(scratch("state")) < 50 * 4096);
	if (try_open(&s, false) != RC_OK)
		fail_msg("%s", err.msg);
	assert_holds(s, "apple", "red");
	n = 100;
	assert_int_equal(rc_store_write(s, fill, &n, &err), RC_OK);
	assert_holds(s, "apple", "red");
	rc_store_close(s);
}

static void
another_users_state_names_its_owner(void **state)
{
	struct rc_store *s = open_store();

	(void)state;
	rc_store_close(s);
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(scratch("state"), 65534, (gid_t)-1), 0);
	assert_int_equal(try_open(&s, true), RC_EPERM);
	assert_says(err, "belongs to user \"nobody\": use sudo -u");
	assert_int_equal(chown(scratch("state"), 64999, (gid_t)-1), 0);
	assert_int_equal(try_open(&s, false), RC_EPERM);
	assert_says(err, "sudo -u '#64999'");
}

/* Runs fn in a child without root's right to write anything. */
static int
as_nobody(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (geteuid() == 0 && setuid(65534) != 0)
			_exit(99);
		_exit(fn());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
open_unwritable(void)
{
	struct rc_store *s;

	return try_open(&s, true) == RC_EPERM &&
		       strstr(err.msg, "cannot write") != NULL
		   ? 0
		   : 1;
}

static int
create_unwritable(void)
{
	struct rc_store *s;
	enum rc_err r = try_open(&s, true);

	return (r == RC_EPERM || r == RC_ECREATE) &&
		       strstr(err.msg, "/state") != NULL
		   ? 0
		   : 1;
}

static void
a_file_or_directory_that_cannot_be_written_is_named(void **state)
{
	struct rc_store *s;

	(void)state;
	assert_int_equal(chmod(scratch_dir, 0555), 0);
	assert_int_equal(as_nobody(create_unwritable), 0);
	assert_int_equal(chmod(scratch_dir, 0755), 0);
	s = open_store();
	rc_store_close(s);
	assert_int_equal(chmod(scratch("state"), 0444), 0);
	assert_int_equal(chmod(scratch("state-lock"), 0666), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(scratch("state"), 65534, 0), 0);
	assert_int_equal(as_nobody(open_unwritable), 0);
}

static int
write_in_little_room(void)
{
	const struct rlimit room = {4ULL << 30, 4ULL << 30};
	struct rc_store *s;
	uint32_t n = 100;

	if (setrlimit(RLIMIT_AS, &room) != 0)
		return 99;
	if (try_open(&s, true) != RC_OK)
		return 1;
	if (rc_store_write(s, fill, &n, &err) != RC_OK)
		return 2;
	rc_store_close(s);
	return 0;
}

static void
a_small_address_space_gets_a_smaller_map(void **state)
{
	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip(); /* a sanitizer needs more address space than that itself */
#endif
	assert_int_equal(chmod(scratch_dir, 0777), 0);
	assert_int_equal(as_nobody(write_in_little_room), 0);
}

static int
fill_the_disk(void)
{
	const struct rlimit most = {256 << 10, 256 << 10};
	struct rc_store *s;
	struct lookup l = {.key = "apple"};
	uint32_t n = 1000;

	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || try_open(&s, true) != RC_OK)
		return 99;
	put_words(s, (const char *[]){"apple", "red", NULL});
	if (setrlimit(RLIMIT_FSIZE, &most) != 0)
		return 99;
	if (rc_store_write(s, fill, &n, &err) != RC_EIO)
		return 1;
	n = 1;
	if (rc_store_read(s, look_up, &l, &err) != RC_OK ||
	    strcmp(l.value, "red") != 0)
		return 2;
	if (rc_store_write(s, fill, &n, &err) != RC_OK)
		return 3;
	rc_store_close(s);
	return 0;
}

static void
a_full_disk_fails_the_commit_and_changes_nothing(void **state)
{
	struct rc_store *s;

	(void)state;
	assert_int_equal(chmod(scratch_dir, 0777), 0);
	assert_int_equal(as_nobody(fill_the_disk), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(scratch("state"), 0, 0), 0);
	assert_int_equal(try_open(&s, false), RC_OK);
	assert_holds(s, "apple", "red");
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
	    SCRATCH_TEST(an_empty_table_has_no_ends),
	    SCRATCH_TEST(deleting_by_prefix_is_bounded_and_exact),
	    SCRATCH_TEST(values_are_written_in_place_and_at_the_end),
	    SCRATCH_TEST(a_missing_state_says_how_to_begin),
	    SCRATCH_TEST(a_new_state_is_for_its_user_alone),
	    SCRATCH_TEST(a_file_in_the_way_of_a_directory_is_named),
	    SCRATCH_TEST(a_foreign_file_is_refused_and_left_alone),
	    SCRATCH_TEST(another_programs_store_is_refused_and_left_alone),
	    SCRATCH_TEST(a_directory_is_no_state),
	    SCRATCH_TEST(another_schema_is_refused_by_number),
	    SCRATCH_TEST(a_truncated_state_is_refused_before_it_is_read),
	    SCRATCH_TEST(pages_given_back_at_the_end_are_no_truncation),
	    SCRATCH_TEST(another_users_state_names_its_owner),
	    SCRATCH_TEST(a_file_or_directory_that_cannot_be_written_is_named),
	    SCRATCH_TEST(a_small_address_space_gets_a_smaller_map),
	    SCRATCH_TEST(a_full_disk_fails_the_commit_and_changes_nothing),
	    SCRATCH_TEST(a_killed_reader_does_not_hold_pages),
	    SCRATCH_TEST(a_killed_writer_leaves_before_or_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
