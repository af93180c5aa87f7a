#include "base/err.h"
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void
a_message_gets_its_context_in_front(void **state)
{
	struct rc_error e;

	(void)state;
	assert_int_equal(
	    rc_err_set(&e, RC_EDATA, "line %d is empty", 7), RC_EDATA);
	assert_int_equal(rc_err_prefix(&e, "list '%s'", "a.csv"), RC_EDATA);
	assert_string_equal(e.msg, "list 'a.csv': line 7 is empty");
	assert_int_equal(e.code, RC_EDATA);
	assert_int_equal(rc_err_nomem(&e), RC_EAGAIN);
}

static void
the_systems_reason_comes_last(void **state)
{
	struct rc_error e;

	(void)state;
	errno = ENOSPC;
	assert_int_equal(
	    rc_err_errno(&e, RC_EIO, "cannot write '%s'", "x"), RC_EIO);
	assert_string_equal(e.msg, "cannot write 'x': No space left on device");
	errno = ENOMEM;
	assert_int_equal(
	    rc_err_errno(&e, RC_ECREATE, "cannot create"), RC_EAGAIN);
	assert_int_equal(e.code, RC_EAGAIN);
}

static void
a_message_cannot_steer_a_terminal_or_overflow(void **state)
{
	struct rc_error e;
	char long_text[2 * RC_ERROR_MAX];

	(void)state;
	rc_err_set(&e, RC_EDATA, "'%s'", "\x1b[2J\n\x7f\xc3\xa9");
	assert_string_equal(e.msg, "'?[2J??\xc3\xa9'");
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	rc_err_set(&e, RC_EDATA, "%s", long_text);
	assert_int_equal(strlen(e.msg), RC_ERROR_MAX - 1);
	rc_err_prefix(&e, "context");
	assert_int_equal(strlen(e.msg), RC_ERROR_MAX - 1);
	assert_memory_equal(e.msg, "context: xxx", 12);
	errno = EIO;
	rc_err_errno(&e, RC_EIO, "%s", long_text);
	assert_int_equal(strlen(e.msg), RC_ERROR_MAX - 1);
}

struct lines {
	unsigned n;
	char last[2000];
};

static void
keep_line(void *arg, enum rc_log_level level, const char *line)
{
	struct lines *lines = arg;

	(void)level;
	lines->n++;
	snprintf(lines->last, sizeof(lines->last), "%s", line);
}

static void
a_log_takes_its_level_and_no_control_characters(void **state)
{
	struct lines lines = {0};
	struct rc_log log = {keep_line, &lines, RC_LOG_INFO};
	struct rc_log deaf = {NULL, NULL, RC_LOG_DEBUG};
	char long_text[2000];

	(void)state;
	rc_log(&log, RC_LOG_DEBUG, "too detailed");
	assert_int_equal(lines.n, 0);
	rc_log(&log, RC_LOG_WARN, "a\nb\x1b%d", 1);
	rc_log(&log, RC_LOG_INFO, "%s\r", "c");
	assert_int_equal(lines.n, 2);
	assert_string_equal(lines.last, "c?");
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	rc_log(&log, RC_LOG_WARN, "%s", long_text);
	assert_int_equal(strlen(lines.last), 1023);
	rc_log(&deaf, RC_LOG_WARN, "nobody hears");
	rc_log(NULL, RC_LOG_WARN, "nobody hears");
	assert_int_equal(lines.n, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_message_gets_its_context_in_front),
	    cmocka_unit_test(the_systems_reason_comes_last),
	    cmocka_unit_test(a_message_cannot_steer_a_terminal_or_overflow),
	    cmocka_unit_test(a_log_takes_its_level_and_no_control_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
