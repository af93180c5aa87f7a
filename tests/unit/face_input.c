#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "face/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An input over one file with the given content. */
static void
open_text(struct rc_input *in, const char *text, size_t len, char path[32])
{
	static char *argv[1];
	struct rc_cli cli = {.argc = 1, .argv = argv};
	int fd;

	memcpy(path, "/tmp/rc-input-XXXXXX", 21);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	close(fd);
	argv[0] = path;
	rc_input_files(in, &cli);
}

static void
lines_lose_their_ends_and_blank_ones_count(void **data)
{
	static const char text[] = "one\r\n\n  \ntwo\nlast";
	struct rc_input in;
	struct rc_slice line;
	struct rc_error e;
	char path[32], where[64];

	(void)data;
	open_text(&in, text, sizeof(text) - 1, path);
	assert_int_equal(rc_input_next(&in, &line, &e), RC_OK);
	assert_true(rc_slice_is(line, "one"));
	assert_int_equal(rc_input_next(&in, &line, &e), RC_OK);
	assert_true(rc_slice_is(line, "two"));
	snprintf(where, sizeof(where), "line 4 of '%s'", path);
	assert_string_equal(rc_input_where(&in), where);
	assert_int_equal(rc_input_next(&in, &line, &e), RC_OK);
	assert_true(rc_slice_is(line, "last"));
	assert_int_equal(rc_input_next(&in, &line, &e), RC_END);
	rc_input_close(&in);
	unlink(path);
}

static void
a_line_of_the_greatest_length_passes_and_one_more_byte_does_not(void **data)
{
	size_t n = RC_LINE_MAX;
	char *text = malloc(n + 70000), path[32];
	struct rc_input in;
	struct rc_slice line;
	struct rc_error e;

	(void)data;
	memset(text, 'x', n + 70000);
	text[n] = '\n';
	open_text(&in, text, n + 1, path);
	assert_int_equal(rc_input_next(&in, &line, &e), RC_OK);
	assert_int_equal(line.len, n);
	assert_int_equal(rc_input_next(&in, &line, &e), RC_END);
	rc_input_close(&in);
	unlink(path);

	text[n] = 'x';
	text[n + 1] = '\n';
	open_text(&in, text, n + 2, path);
	assert_int_equal(rc_input_next(&in, &line, &e), RC_EDATA);
	assert_non_null(strstr(e.msg, "line 1 of"));
	rc_input_close(&in);
	unlink(path);
	free(text);
}

static void
identifiers_come_bare_or_as_objects(void **data)
{
	static const char *const good[] = {"12025550101", "+1 (202) 555-0101",
	    "{\"to\":\"12025550101\"}",
	    ("{\"identifier\":{\"type\":\"phoneNumber\","
	     "\"value\":\"+12025550101\"}}")};
	static const char *const bad[] = {"0202", "{\"to\":12025550101}",
	    "{\"x\":1}", "{",
	    ("{\"identifier\":{\"type\":\"email\","
	     "\"value\":\"a@b.example\"}}")};
	struct rc_ident ident;
	struct rc_error e;

	(void)data;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(rc_cli_ident(rc_slice_str(good[i]),
				     RC_IDENT_PHONE, &ident, &e),
		    RC_OK);
		assert_string_equal(ident.text, "12025550101");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(rc_cli_ident(rc_slice_str(bad[i]),
				     RC_IDENT_PHONE, &ident, &e),
		    RC_EDATA);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_lose_their_ends_and_blank_ones_count),
	    cmocka_unit_test(
		a_line_of_the_greatest_length_passes_and_one_more_byte_does_not),
	    cmocka_unit_test(identifiers_come_bare_or_as_objects),
	};

	return cmocka_run_group_tests_name("input", tests, NULL, NULL);
}
