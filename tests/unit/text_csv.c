#include "text/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* Rows written out as "line:[a][b]!" so that readings can be compared. */
static enum rc_err
write_row(void *arg, const struct rc_csv_row *row, struct rc_error *e)
{
	struct rc_buf *out = arg;

	(void)e;
	rc_buf_addf(out, "%llu:", (unsigned long long)row->line);
	for (size_t i = 0; i < row->nfields; i++)
		rc_buf_addf(
		    out, "[%.*s]", (int)row->field[i].len, row->field[i].p);
	rc_buf_adds(out, row->too_long ? "!\n" : "\n");
	return RC_OK;
}

/* A shortcut that takes lines of one letter x, as told by read_in_pieces. */
static bool shortcut;

static size_t
take_lines(void *arg, struct rc_slice text, uint64_t line, uint64_t *lines)
{
	size_t at = 0;

	for (*lines = 0; text.len - at >= 3 && text.p[at] == 'x'; ++*lines) {
		struct rc_slice x = {text.p + at, 1};
		const struct rc_csv_row row = {&x, 1, line + *lines, false};
		struct rc_error e;

		if (text.p[at + 1] == '\n')
			at += 2;
		else if (text.p[at + 1] == '\r' && text.p[at + 2] == '\n')
			at += 3;
		else
			break;
		assert_int_equal(write_row(arg, &row, &e), RC_OK);
	}
	return at;
}

/*
 * Reads s in pieces: the first of `first` bytes, then of `then` bytes each.
 * Pieces are copied to their own memory, so that reading past one shows.
 */
static void
read_in_pieces(struct rc_slice s, size_t first, size_t then, struct rc_buf *out)
{
	struct rc_csv *c;
	struct rc_error e;
	enum rc_err r;

	assert_int_equal(rc_csv_open(&c, write_row, out, &e), RC_OK);
	if (shortcut)
		rc_csv_set_lines(c, take_lines);
	r = RC_OK;
	while (r == RC_OK && s.len > 0) {
		size_t n = first < s.len ? first : s.len;
		char *piece = malloc(n);

		assert_non_null(piece);
		memcpy(piece, s.p, n);
		r = rc_csv_feed(c, (struct rc_slice){piece, n}, &e);
		free(piece);
		s.p += n;
		s.len -= n;
		first = then;
	}
	if (r == RC_OK)
		r = rc_csv_finish(c, &e);
	if (r != RC_OK)
		rc_buf_addf(out, "error %d: %s\n", (int)r, e.msg);
	rc_csv_close(c);
}

static void
assert_reads_slice(struct rc_slice text, const char *want)
{
	struct rc_buf out = RC_BUF_INIT(1u << 20);

	for (size_t cut = 1; cut <= text.len; cut++) {
		rc_buf_reset(&out);
		read_in_pieces(text, cut, text.len, &out);
		assert_string_equal(rc_buf_str(&out), want);
	}
	rc_buf_reset(&out);
	read_in_pieces(text, 1, 1, &out);
	assert_string_equal(rc_buf_str(&out), want);
	rc_buf_free(&out);
}

static void
assert_reads(const char *text, const char *want)
{
	assert_reads_slice(rc_slice_str(text), want);
}

static void
a_shortcut_changes_nothing(void **state)
{
	(void)state;
	shortcut = true;
	assert_reads("x\nx\nx\r\nx", "1:[x]\n2:[x]\n3:[x]\n4:[x]\n");
	assert_reads(
	    "x\r\nx\rx\r\n\nx\n", "1:[x]\n2:[x]\n3:[x]\n4:[]\n5:[x]\n");
	assert_reads("\xef\xbb\xbfx\n\"x\nx\n\"\nx\nx\n",
	    "1:[x]\n2:[x\nx\n]\n5:[x]\n6:[x]\n");
	assert_reads("x\nx y\nx,x\nx\n\"x",
	    "1:[x]\n2:[x y]\n3:[x][x]\n4:[x]\n"
	    "error 4: line 5: a quote opens here and never closes\n");
	shortcut = false;
}

static void
rows_and_values_are_told_apart(void **state)
{
	(void)state;
	assert_reads("", "");
	assert_reads("a", "1:[a]\n");
	assert_reads("a\n", "1:[a]\n");
	assert_reads("a,b\n1,2\n", "1:[a][b]\n2:[1][2]\n");
	assert_reads(",\n", "1:[][]\n");
	assert_reads("a,", "1:[a][]\n");
	assert_reads("a,,b", "1:[a][][b]\n");
}

static void
spaces_around_values_are_dropped_but_kept_in_quotes(void **state)
{
	(void)state;
	assert_reads(" a , \tb c\t\n", "1:[a][b c]\n");
	assert_reads("\" a \" , \" \" \n", "1:[ a ][ ]\n");
	assert_reads(" ,  \n", "1:[][]\n");
}

static void
every_kind_of_line_end_counts_as_one_line(void **state)
{
	(void)state;
	assert_reads("a\nb\n", "1:[a]\n2:[b]\n");
	assert_reads("a\r\nb\r\n", "1:[a]\n2:[b]\n");
	assert_reads("a\rb\r", "1:[a]\n2:[b]\n");
	assert_reads("a\r\n\nb\r\r\nc", "1:[a]\n2:[]\n3:[b]\n4:[]\n5:[c]\n");
}

static void
blank_lines_are_rows_and_keep_the_count_right(void **state)
{
	(void)state;
	assert_reads("\n\na\n\n", "1:[]\n2:[]\n3:[a]\n4:[]\n");
	assert_reads("\r\n \t\r\na\r\n", "1:[]\n2:[]\n3:[a]\n");
	assert_reads("a\r \n\"b\"\n", "1:[a]\n2:[]\n3:[b]\n");
	assert_reads("\"\"\n", "1:[]\n");
}

static void
quoted_values_hold_commas_quotes_and_line_ends(void **state)
{
	(void)state;
	assert_reads("\"a,b\",\"c\"\"d\"\n", "1:[a,b][c\"d]\n");
	assert_reads("\"a\nb\r\nc\rd\",x\ny\n", "1:[a\nb\r\nc\rd][x]\n5:[y]\n");
	assert_reads("\"\r\"\n\n\"\n\"\r\nz", "1:[\r]\n3:[]\n4:[\n]\n6:[z]\n");
	assert_reads("a\r\"\n\"\nb\n", "1:[a]\n2:[\n]\n4:[b]\n");
}

static void
a_byte_order_mark_is_dropped_only_at_the_start(void **state)
{
	(void)state;
	assert_reads("\xef\xbb\xbf\"a\"\nb\n", "1:[a]\n2:[b]\n");
	assert_reads("\xef\xbb\xbf", "");
	assert_reads("\xef\xbb", "1:[\xef\xbb]\n");
	assert_reads("\xef\xbbx\n", "1:[\xef\xbbx]\n");
	assert_reads("a\n\xef\xbb\xbf\n", "1:[a]\n2:[\xef\xbb\xbf]\n");
}

static void
what_is_no_csv_is_refused_with_its_line(void **state)
{
	(void)state;
	assert_reads("a\nb\"c\n", "1:[a]\nerror 4: line 2: a quote within a "
				  "value: put the whole value in quotes and "
				  "double those in it\n");
	assert_reads("\"a\"b\n", "error 4: line 1: a quote within a value: put "
				 "the whole value in quotes and double those "
				 "in it\n");
	assert_reads("a\n\n\"b\nc\nd\n",
	    "1:[a]\n2:[]\nerror 4: line 3: a quote "
	    "opens here and never closes\n");
	assert_reads_slice(RC_SLICE_LIT("a\nb\0c\n"),
	    "1:[a]\nerror 4: line 2: a NUL byte: the file is UTF-16 or no "
	    "text, save it as UTF-8\n");
	assert_reads_slice(RC_SLICE_LIT("\"a\nb\0c\"\n"),
	    "error 4: line 2: a NUL byte: the file is UTF-16 or no text, save "
	    "it as UTF-8\n");
	assert_reads_slice(RC_SLICE_LIT("\xff\xfe"
					"a\0\n\0"),
	    "error 4: the file is UTF-16: save it as UTF-8\n");
	assert_reads_slice(RC_SLICE_LIT("\xfe\xff\0a"),
	    "error 4: the file is UTF-16: save it as UTF-8\n");
}

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

static void
where_pieces_are_cut_never_matters(void **state)
{
	static const char *const parts[] = {"a", "bc", " ", "\t", ",", ",",
	    "\n", "\n", "\r", "\r\n", "\"", "\"x\"", "\"\"", "\"y\nz\"",
	    "15551234567", "\xc3\xa9", "\",\"", "\n\"q\r\n\",", "\xef"};
	struct rc_buf text = RC_BUF_INIT(1000), want = RC_BUF_INIT(1u << 20);
	unsigned seed = 1;

	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		unsigned n = next_random(&seed) % 12;
		struct rc_slice s;

		rc_buf_reset(&text);
		while (n-- > 0)
			rc_buf_adds(
			    &text, parts[next_random(&seed) %
					 (sizeof(parts) / sizeof(parts[0]))]);
		s = rc_buf_slice(&text);
		rc_buf_reset(&want);
		read_in_pieces(s, s.len, s.len, &want);
		assert_reads_slice(s, s.len == 0 ? "" : rc_buf_str(&want));
	}
	rc_buf_free(&text);
	rc_buf_free(&want);
}

struct seen {
	size_t rows, fields, last_len, first_len;
	bool too_long;
	char last_byte;
	uint64_t line;
};

static enum rc_err
note_row(void *arg, const struct rc_csv_row *row, struct rc_error *e)
{
	struct seen *seen = arg;
	struct rc_slice last = row->field[row->nfields - 1];

	(void)e;
	seen->rows++;
	seen->fields = row->nfields;
	seen->first_len = row->field[0].len;
	seen->last_len = last.len;
	seen->last_byte = last.len == 0 ? '\0' : last.p[last.len - 1];
	seen->too_long = row->too_long;
	seen->line = row->line;
	return RC_OK;
}

/* Feeds head, body times over, and tail; returns the last row of it. */
static struct seen
read_long(const char *head, const char *body, size_t times, const char *tail)
{
	struct rc_csv *c;
	struct rc_error e;
	struct seen seen = {0};
	size_t len = strlen(body), before, after;
	char *piece = malloc(len * 1000);

	assert_non_null(piece);
	for (size_t i = 0; i < 1000; i++)
		memcpy(piece + i * len, body, len);
	assert_int_equal(rc_csv_open(&c, note_row, &seen, &e), RC_OK);
	before = mallinfo2().uordblks;
	assert_int_equal(rc_csv_feed(c, rc_slice_str(head), &e), RC_OK);
	for (; times >= 1000; times -= 1000)
		assert_int_equal(
		    rc_csv_feed(c, (struct rc_slice){piece, len * 1000}, &e),
		    RC_OK);
	assert_int_equal(
	    rc_csv_feed(c, (struct rc_slice){piece, len * times}, &e), RC_OK);
	after = mallinfo2().uordblks;
	assert_true(after < before + 4 * RC_CSV_ROW_MAX);
	assert_int_equal(rc_csv_feed(c, rc_slice_str(tail), &e), RC_OK);
	assert_int_equal(rc_csv_finish(c, &e), RC_OK);
	rc_csv_close(c);
	free(piece);
	return seen;
}

static void
a_field_at_the_limit_is_whole_and_one_more_is_cut(void **state)
{
	struct seen seen;

	(void)state;
	for (int quoted = 0; quoted < 2; quoted++) {
		const char *q = quoted ? "\"" : "";

		seen = read_long(q, "x", RC_CSV_FIELD_MAX, q);
		assert_int_equal(seen.last_len, RC_CSV_FIELD_MAX);
		assert_false(seen.too_long);
		seen = read_long(q, "x", RC_CSV_FIELD_MAX + 1, q);
		assert_int_equal(seen.last_len, RC_CSV_FIELD_MAX);
		assert_true(seen.too_long);
	}
	seen = read_long("", "x", RC_CSV_FIELD_MAX, "\r\n");
	assert_false(seen.too_long);
}

static void
an_endless_line_takes_no_memory_and_the_next_row_is_right(void **state)
{
	struct seen seen;

	(void)state;
	seen = read_long("", "0123456789", 2000000, "\nb,c\n");
	assert_int_equal(seen.rows, 2);
	assert_int_equal(seen.fields, 2);
	assert_false(seen.too_long);
	assert_int_equal(seen.line, 2);
	seen = read_long("a,\"", "0,\"\"\n", 2000000, "\"");
	assert_int_equal(seen.fields, 2);
	assert_int_equal(seen.last_len, RC_CSV_FIELD_MAX);
	assert_true(seen.too_long);
}

static void
spaces_without_end_do_not_count_as_a_value(void **state)
{
	struct seen seen;

	(void)state;
	seen = read_long("a", " ", 300000, "\n");
	assert_int_equal(seen.last_len, 1);
	assert_false(seen.too_long);
	seen = read_long("\"a\"", " ", 300000, "\n");
	assert_int_equal(seen.last_len, 1);
	assert_false(seen.too_long);
	seen = read_long("a", " ", 300000, "b\n");
	assert_int_equal(seen.last_len, RC_CSV_FIELD_MAX);
	assert_true(seen.too_long);
	seen = read_long("", " ", 300000, "b\n");
	assert_int_equal(seen.last_len, 1);
	assert_false(seen.too_long);
}

static void
a_row_without_end_is_cut_to_what_memory_allows(void **state)
{
	struct seen seen;

	(void)state;
	seen = read_long("", "abc,", 1000000, "\n");
	assert_int_equal(seen.fields, RC_CSV_FIELDS_MAX);
	assert_true(seen.too_long);
	seen = read_long("", "x,", RC_CSV_FIELDS_MAX - 1, "y");
	assert_int_equal(seen.fields, RC_CSV_FIELDS_MAX);
	assert_int_equal(seen.last_byte, 'y');
	assert_false(seen.too_long);
	seen = read_long("", "x,", RC_CSV_FIELDS_MAX, "y\n");
	assert_int_equal(seen.fields, RC_CSV_FIELDS_MAX);
	assert_true(seen.too_long);
}

static void
values_beyond_a_rows_limit_become_empty(void **state)
{
	char *field = malloc(60001);
	struct seen seen;

	(void)state;
	assert_non_null(field);
	memset(field, 'x', 60000);
	field[59999] = ',';
	field[60000] = '\0';
	seen = read_long("", field, 18, "y\n");
	assert_int_equal(seen.fields, 19);
	assert_int_equal(seen.first_len, 59999);
	assert_int_equal(seen.last_len, 1);
	assert_true(seen.too_long);
	free(field);
}

static enum rc_err
stop_at_second(void *arg, const struct rc_csv_row *row, struct rc_error *e)
{
	(void)row;
	if (++*(unsigned *)arg == 2)
		return rc_err_set(e, RC_EIO, "disk full");
	return RC_OK;
}

static void
a_function_that_fails_ends_the_reading_at_once(void **state)
{
	static const char *const texts[] = {
	    "a\nb\nc\nd\n", "\"a\"\n\"b\"\n\"c\"\n\"d\"\n"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct rc_csv *c;
		struct rc_error e;
		unsigned rows = 0;

		assert_int_equal(
		    rc_csv_open(&c, stop_at_second, &rows, &e), RC_OK);
		assert_int_equal(
		    rc_csv_feed(c, rc_slice_str(texts[i]), &e), RC_EIO);
		assert_string_equal(e.msg, "disk full");
		assert_int_equal(rows, 2);
		rc_csv_close(c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_and_values_are_told_apart),
	    cmocka_unit_test(a_shortcut_changes_nothing),
	    cmocka_unit_test(
		spaces_around_values_are_dropped_but_kept_in_quotes),
	    cmocka_unit_test(every_kind_of_line_end_counts_as_one_line),
	    cmocka_unit_test(blank_lines_are_rows_and_keep_the_count_right),
	    cmocka_unit_test(quoted_values_hold_commas_quotes_and_line_ends),
	    cmocka_unit_test(a_byte_order_mark_is_dropped_only_at_the_start),
	    cmocka_unit_test(what_is_no_csv_is_refused_with_its_line),
	    cmocka_unit_test(where_pieces_are_cut_never_matters),
	    cmocka_unit_test(a_field_at_the_limit_is_whole_and_one_more_is_cut),
	    cmocka_unit_test(
		an_endless_line_takes_no_memory_and_the_next_row_is_right),
	    cmocka_unit_test(spaces_without_end_do_not_count_as_a_value),
	    cmocka_unit_test(a_row_without_end_is_cut_to_what_memory_allows),
	    cmocka_unit_test(values_beyond_a_rows_limit_become_empty),
	    cmocka_unit_test(a_function_that_fails_ends_the_reading_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
