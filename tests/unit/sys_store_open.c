#include "store.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

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
a_link_is_the_file_it_leads_to(void **state)
{
	const char *const target[] = {"dir/new", "state"};

	(void)state;
	assert_int_equal(mkdir(scratch("dir"), 0700), 0);
	for (int i = 0; i < 2; i++) {
		const struct rc_store_config config =
		    config_of(scratch("link"), true);
		struct rc_store *s;

		(void)unlink(scratch("link"));
		assert_int_equal(symlink(target[i], scratch("link")), 0);
		assert_int_equal(rc_store_open(&s, &config, &err), RC_OK);
		assert_int_equal(
		    strlen(rc_store_path(s)), strlen(scratch(target[i])));
		rc_store_close(s);
		assert_int_not_equal(access(scratch("link-lock"), F_OK), 0);
	}
	assert_int_equal(access(scratch("dir/new-lock"), F_OK), 0);
	assert_int_equal(access(scratch("state-lock"), F_OK), 0);
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

static void
a_table_that_is_new_is_added_to_an_older_state(void **state)
{
	struct rc_store_config config = config_of(scratch("state"), true);
	const struct pairs one = {
	    (const char *const[]){"apple", "red", NULL}, RC_OK};
	struct rc_store *s;

	(void)state;
	config.ntables = 1;
	assert_int_equal(rc_store_open(&s, &config, &err), RC_OK);
	rc_store_close(s);
	assert_int_equal(try_open(&s, false), RC_OK);
	assert_int_equal(
	    rc_store_write(s, put_pairs, (void *)&one, &err), RC_OK);
	rc_store_close(s);
	assert_int_equal(try_open(&s, false), RC_OK);
	rc_store_close(s);
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
	assert_says(err, "belongs to user 'nobody': use sudo -u");
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

static void
nothing_is_committed_to_a_file_that_lost_its_name(void **state)
{
	struct pairs p = {(const char *[]){"apple", "green", NULL}, RC_OK};
	struct rc_store *s = open_store();

	(void)state;
	put_words(s, (const char *[]){"apple", "red", NULL});
	assert_int_equal(rename(scratch("state"), scratch("old")), 0);
	assert_int_equal(rc_store_write(s, put_pairs, &p, &err), RC_EAGAIN);
	assert_says(err, "was replaced while it was in use: begin again");
	scratch_write(scratch("state"), "another", 7);
	assert_int_equal(
	    rc_store_write_bulk(s, put_pairs, &p, &err), RC_EAGAIN);
	assert_holds(s, "apple", "red");
	assert_int_equal(rename(scratch("old"), scratch("state")), 0);
	assert_int_equal(rc_store_write(s, put_pairs, &p, &err), RC_OK);
	assert_holds(s, "apple", "green");
	rc_store_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCRATCH_TEST(a_missing_state_says_how_to_begin),
	    SCRATCH_TEST(a_new_state_is_for_its_user_alone),
	    SCRATCH_TEST(a_link_is_the_file_it_leads_to),
	    SCRATCH_TEST(a_file_in_the_way_of_a_directory_is_named),
	    SCRATCH_TEST(a_foreign_file_is_refused_and_left_alone),
	    SCRATCH_TEST(a_table_that_is_new_is_added_to_an_older_state),
	    SCRATCH_TEST(another_programs_store_is_refused_and_left_alone),
	    SCRATCH_TEST(a_directory_is_no_state),
	    SCRATCH_TEST(another_schema_is_refused_by_number),
	    SCRATCH_TEST(a_truncated_state_is_refused_before_it_is_read),
	    SCRATCH_TEST(pages_given_back_at_the_end_are_no_truncation),
	    SCRATCH_TEST(another_users_state_names_its_owner),
	    SCRATCH_TEST(a_file_or_directory_that_cannot_be_written_is_named),
	    SCRATCH_TEST(a_small_address_space_gets_a_smaller_map),
	    SCRATCH_TEST(nothing_is_committed_to_a_file_that_lost_its_name),
	    SCRATCH_TEST(a_full_disk_fails_the_commit_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
