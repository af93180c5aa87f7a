#include "scratch_state.h"

#include "core/feed.h"
#include "job/source.h"

/* What comes over a network is tested with a server, in tests/tools. */

#define AT_S 1000

static struct rc_source_config from;
static struct rc_source *source;

static enum rc_err
open_at(const char *where)
{
	from = (struct rc_source_config){
	    .where = where, .state = state, .channel = 1};
	return rc_source_open(&source, &from, &err);
}

static void
write_at(const char *path, const char *text)
{
	struct timespec times[2] = {{AT_S, 0}, {AT_S, 0}};

	scratch_write(path, text, strlen(text));
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void
upload(const char *folder, const char *text)
{
	char path[300];

	mkdir(scratch("drop"), 0700);
	assert_int_equal(mkdir(scratch(folder), 0700), 0);
	snprintf(path, sizeof(path), "%s/data.csv", scratch(folder));
	write_at(path, text);
}

/* Reads it to its end, two bytes at a time. */
static void
assert_holds(const char *text)
{
	char got[64] = "", piece[2];
	size_t n = 1;

	while (n > 0) {
		assert_ok(
		    rc_source_read(source, piece, sizeof(piece), &n, &err));
		strncat(got, piece, n);
		assert_true(strlen(got) + 2 < sizeof(got));
	}
	assert_string_equal(got, text);
	assert_ok(rc_source_finish(source, &err));
}

static void
a_file_tells_name_time_and_size(void **arg)
{
	(void)arg;
	write_at(scratch("list.csv"), "email\n");
	assert_ok(open_at(scratch("list.csv")));
	assert_string_equal(rc_source_name(source), scratch("list.csv"));
	assert_int_equal(rc_source_time_ms(source), AT_S * 1000);
	assert_int_equal(rc_source_size(source), 6);
	assert_true(rc_source_fd(source) > 2);
	assert_null(rc_source_folder(source));
	assert_null(rc_source_feed(source));
	assert_holds("email\n");
	rc_source_close(source);
}

static void
a_file_that_changes_is_not_finished(void **arg)
{
	char piece[64];
	size_t n;

	(void)arg;
	write_at(scratch("list.csv"), "email\n");
	assert_ok(open_at(scratch("list.csv")));
	assert_ok(rc_source_read(source, piece, sizeof(piece), &n, &err));
	scratch_write(scratch("list.csv"), "email\nx", 7);
	assert_int_equal(rc_source_finish(source, &err), RC_EAGAIN);
	rc_source_close(source);
}

static void
what_is_not_there_or_no_list_is_named(void **arg)
{
	(void)arg;
	assert_int_equal(open_at(scratch("nope")), RC_ENOINPUT);
	assert_null(source);
	assert_says(err, "nope");
	assert_int_equal(open_at("ftp://host/x"), RC_EUSAGE);
	assert_null(source);
	assert_int_equal(open_at("http://u:hunter2@127.0.0.1:1/"), RC_EUSAGE);
	assert_null(strstr(err.msg, "hunter2"));
	assert_int_equal(open_at("s3://"), RC_EUSAGE);
	mkdir(scratch("drop"), 0700);
	assert_int_equal(open_at(scratch("drop")), RC_ENOINPUT);
	assert_null(source);
	rc_source_close(NULL);
}

static void
the_newest_upload_is_chosen(void **arg)
{
	(void)arg;
	upload("drop/upload_1969-12-31_23-59", "older\n");
	upload("drop/upload_1970-01-01_00-01", "newer\n");
	upload("drop/upload_1970-02-29_00-00", "no such day\n");
	assert_ok(open_at(scratch("drop")));
	assert_string_equal(
	    rc_source_folder(source), "upload_1970-01-01_00-01");
	assert_string_equal(rc_source_feed(source), scratch("drop"));
	assert_int_equal(rc_source_time_ms(source), 60000);
	assert_holds("newer\n");
	rc_source_close(source);
}

static enum rc_err
put_feed(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	return rc_feed_put(txn, 1, scratch("drop"), arg, 1, e);
}

static void
import_folder(const char *folder)
{
	assert_ok(rc_store_write(
	    state->store, put_feed, (void *)(uintptr_t)folder, &err));
}

static void
what_was_imported_is_not_chosen(void **arg)
{
	(void)arg;
	upload("drop/upload_1970-01-01_00-01", "one\n");
	import_folder("upload_1970-01-01_00-01");
	assert_int_equal(open_at(scratch("drop")), RC_END);
	assert_null(source);
	upload("drop/upload_1970-01-01_00-02", "two\n");
	assert_ok(open_at(scratch("drop")));
	assert_holds("two\n");
	rc_source_close(source);
	from.channel = 2;
	assert_ok(rc_source_open(&source, &from, &err));
	rc_source_close(source);
	import_folder("upload_1970-01-01_00-03");
	assert_int_equal(open_at(scratch("drop")), RC_END);
}

static void
assert_shown(const char *where, const char *want)
{
	struct rc_buf shown;

	assert_ok(rc_source_shown(where, &shown, &err));
	assert_string_equal(rc_buf_str(&shown), want);
	rc_buf_free(&shown);
}

static void
what_may_be_secret_is_not_shown(void **arg)
{
	(void)arg;
	assert_shown("-", "-");
	assert_shown("/srv/a?b#c@d", "/srv/a?b#c@d");
	assert_shown("s3://bucket/a?b@c", "s3://bucket/a?b@c");
	assert_shown("http://host", "http://host");
	assert_shown("https://host/x?sig=secret", "https://host/x");
	assert_shown("HTTPS://host/x#secret", "HTTPS://host/x");
	assert_shown("http://u:secret@host/x@y", "http://host/x@y");
	assert_shown("http://u:sec@ret@host", "http://host");
	assert_shown("http://host?u@secret", "http://host");
	assert_shown("https://u:sec/ret?@host:80/x@y?a", "https://y");
	assert_shown("https://[::1]:80/x@y", "https://[::1]:80/x@y");
	assert_shown("https://host:80/x@y", "https://host:80/x@y");
	assert_shown("ftp://u:secret@host/x?secret", "ftp://host/x");
	assert_shown(" https://u:secret@host/x?secret", " https://host/x");
	assert_shown("s3://AKIA:secret@bucket/a?b@c", "s3://bucket/a?b@c");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STATE_TEST(a_file_tells_name_time_and_size),
	    STATE_TEST(a_file_that_changes_is_not_finished),
	    STATE_TEST(what_is_not_there_or_no_list_is_named),
	    STATE_TEST(the_newest_upload_is_chosen),
	    STATE_TEST(what_was_imported_is_not_chosen),
	    STATE_TEST(what_may_be_secret_is_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
