#include "text/csv.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

/*
 * Rows without quotes that lie whole in a piece are split here: three times as
 * fast, and nearly all rows are such.  Everything else goes through libcsv, a
 * line at a time, so that lines are counted where they end.
 */
#define PIECE_MAX 4096 /* bytes libcsv sees at once: what bounds its buffer */
#define BUFFER_STEP 4096

struct rc_csv {
	struct csv_parser parser;
	rc_csv_fn *fn;
	rc_csv_lines_fn *lines; /* or NULL */
	void *arg;
	uint64_t line;	   /* of the next byte */
	uint64_t row_line; /* of the row's first byte */
	size_t mark_len;   /* bytes of the byte order mark seen; 3: settled */
	bool in_row;	   /* libcsv has the beginning of a row */
	bool row_ended;	   /* libcsv has told the end of one */
	bool after_cr;	   /* the last byte was a carriage return */
	bool too_long;
	size_t nfields;
	struct rc_slice field[RC_CSV_FIELDS_MAX];
	struct rc_buf values; /* of a row that libcsv takes apart */
};

static const char mark[] = "\xef\xbb\xbf";

enum rc_err
rc_csv_open(struct rc_csv **out, rc_csv_fn *fn, void *arg, struct rc_error *e)
{
	struct rc_csv *c = calloc(1, sizeof(*c));

	*out = NULL;
	if (c == NULL)
		return rc_err_nomem(e);
	/* Blank lines are told as well, so that each can be given as a row. */
	csv_init(&c->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL);
	csv_set_blk_size(&c->parser, BUFFER_STEP);
	c->fn = fn;
	c->arg = arg;
	c->line = 1;
	c->values = RC_BUF_INIT(RC_CSV_ROW_MAX);
	*out = c;
	return RC_OK;
}

void
rc_csv_set_lines(struct rc_csv *c, rc_csv_lines_fn *lines)
{
	c->lines = lines;
}

uint64_t
rc_csv_line(const struct rc_csv *c)
{
	return c->line;
}

void
rc_csv_close(struct rc_csv *c)
{
	if (c == NULL)
		return;
	csv_free(&c->parser);
	rc_buf_free(&c->values);
	free(c);
}

static void
start_row(struct rc_csv *c)
{
	c->row_line = c->line;
	c->nfields = 0;
	c->too_long = false;
	rc_buf_reset(&c->values);
}

static enum rc_err
deliver(struct rc_csv *c, struct rc_error *e)
{
	struct rc_csv_row row;

	if (c->nfields == 0)
		c->field[c->nfields++] = RC_SLICE_LIT("");
	row.field = c->field;
	row.nfields = c->nfields;
	row.line = c->row_line;
	row.too_long = c->too_long;
	return c->fn(c->arg, &row, e);
}

/* --- rows without quotes ------------------------------------------------ */

static const bool stops[256] = {
    [0] = true, ['\n'] = true, ['\r'] = true, ['"'] = true, [','] = true};

static bool
is_space(char c)
{
	return c == ' ' || c == '\t'; /* what libcsv trims */
}

static inline void
add_plain_field(struct rc_csv *c, const char *p, const char *end)
{
	while (p < end && is_space(*p))
		p++;
	while (p < end && is_space(end[-1]))
		end--;
	if (c->nfields == RC_CSV_FIELDS_MAX) {
		c->too_long = true;
		return;
	}
	c->field[c->nfields].p = p;
	c->field[c->nfields++].len = (size_t)(end - p);
}

/*
 * Splits the row at p; returns where it ends, at its line end, or NULL when it
 * is one for libcsv.
 */
static const char *
split_plain_row(struct rc_csv *c, const char *p, const char *end)
{
	const char *from = p;

	/* No field of a shorter line can be too long. */
	if (end - p > RC_CSV_FIELD_MAX)
		end = p + RC_CSV_FIELD_MAX;
	for (;; p++) {
		while (p < end && !stops[(unsigned char)*p])
			p++;
		if (p == end || *p == '"' || *p == '\0')
			return NULL;
		add_plain_field(c, from, p);
		if (*p != ',')
			return p;
		from = p + 1;
	}
}

/* --- all other rows ----------------------------------------------------- */

static void
on_field(void *p, size_t len, void *arg)
{
	struct rc_csv *c = arg;

	if (c->nfields == RC_CSV_FIELDS_MAX) {
		c->too_long = true;
		return;
	}
	if (len > RC_CSV_FIELD_MAX) {
		c->too_long = true;
		len = RC_CSV_FIELD_MAX;
	}
	if (len > RC_CSV_ROW_MAX - c->values.len) {
		c->too_long = true;
		len = 0;
	}
	rc_buf_add(&c->values, p, len);
	c->field[c->nfields++].len = len;
}

static void
on_row(int end, void *arg)
{
	struct rc_csv *c = arg;

	(void)end;
	c->row_ended = true;
}

/*
 * libcsv's buffer has no ceiling, but its structure is public.  What is kept
 * is two bytes more than a field may have: a closing quote may be the last of
 * them, and one more than allowed is what shows that the field was cut.
 * Trailing spaces are counted, as they do not belong to the field.
 */
static void
cut_open_field(struct csv_parser *p)
{
	size_t excess;

	if (p->entry_pos <= RC_CSV_FIELD_MAX + 2)
		return;
	excess = p->entry_pos - (RC_CSV_FIELD_MAX + 2);
	p->entry_pos -= excess;
	p->spaces -= p->spaces < excess ? p->spaces : excess;
}

static enum rc_err
deliver_collected(struct rc_csv *c, struct rc_error *e)
{
	const char *p = rc_buf_str(&c->values);
	enum rc_err r = rc_buf_check(&c->values, "a row", e);

	c->in_row = false;
	c->row_ended = false;
	if (r != RC_OK)
		return r;
	for (size_t i = 0; i < c->nfields; i++) {
		c->field[i].p = p;
		p += c->field[i].len;
	}
	return deliver(c, e);
}

/* Bytes up to and with the next line end, as many as libcsv may see. */
static size_t
piece_len(const char *p, const char *end)
{
	size_t n =
	    (size_t)(end - p) < PIECE_MAX ? (size_t)(end - p) : PIECE_MAX;
	const char *lf = memchr(p, '\n', n), *cr;

	if (lf != NULL)
		n = (size_t)(lf - p) + 1;
	cr = memchr(p, '\r', n);
	return cr == NULL ? n : (size_t)(cr - p) + 1;
}

static enum rc_err
parse_failed(struct rc_csv *c, struct rc_error *e)
{
	if (csv_error(&c->parser) == CSV_ENOMEM)
		return rc_err_nomem(e);
	return rc_err_set(e, RC_EDATA,
	    "line %llu: a quote within a value: put the whole value in "
	    "quotes and double those in it",
	    (unsigned long long)c->line);
}

static enum rc_err
parse_piece(
    struct rc_csv *c, const char **at, const char *end, struct rc_error *e)
{
	const char *p = *at;
	size_t n = piece_len(p, end);
	char last = p[n - 1];

	if (memchr(p, '\0', n) != NULL)
		return rc_err_set(e, RC_EDATA,
		    "line %llu: a NUL byte: the file is UTF-16 or no text, "
		    "save it as UTF-8",
		    (unsigned long long)c->line);
	c->in_row = true;
	if (csv_parse(&c->parser, p, n, on_field, on_row, c) != n)
		return parse_failed(c, e);
	cut_open_field(&c->parser);
	if (last == '\r' || (last == '\n' && !(c->after_cr && n == 1)))
		c->line++;
	c->after_cr = last == '\r';
	*at = p + n;
	return c->row_ended ? deliver_collected(c, e) : RC_OK;
}

/* ------------------------------------------------------------------------ */

/* The rows that the shortcut takes, if there is one. */
static const char *
take_lines(struct rc_csv *c, const char *p, const char *end)
{
	uint64_t lines = 0;
	size_t taken = 0;

	if (c->lines != NULL)
		taken = c->lines(
		    c->arg, rc_slice_of(p, (size_t)(end - p)), c->line, &lines);
	c->line += lines;
	return p + taken;
}

/* One row, or as much of it as libcsv sees at once; moves *at behind it. */
static enum rc_err
take_row(struct rc_csv *c, const char **at, const char *end, struct rc_error *e)
{
	const char *row_end;

	start_row(c);
	row_end = split_plain_row(c, *at, end);
	if (row_end == NULL) {
		start_row(c);
		return parse_piece(c, at, end, e);
	}
	c->line++;
	c->after_cr = *row_end == '\r';
	*at = row_end + 1;
	return deliver(c, e);
}

static enum rc_err
consume(struct rc_csv *c, const char *p, const char *end, struct rc_error *e)
{
	enum rc_err r = RC_OK;

	while (r == RC_OK && p < end) {
		if (c->in_row) {
			r = parse_piece(c, &p, end, e);
			continue;
		}
		if (c->after_cr && *p == '\n')
			p++;
		c->after_cr = false;
		p = take_lines(c, p, end);
		if (p < end)
			r = take_row(c, &p, end, e);
	}
	return r;
}

/* What looked like the beginning of a byte order mark and was none. */
static enum rc_err
settle_mark(struct rc_csv *c, struct rc_error *e)
{
	size_t held = c->mark_len;

	c->mark_len = 3;
	return held < 3 ? consume(c, mark, mark + held, e) : RC_OK;
}

enum rc_err
rc_csv_feed(struct rc_csv *c, struct rc_slice s, struct rc_error *e)
{
	enum rc_err r;

	for (; s.len > 0 && c->mark_len < 3; s.p++, s.len--) {
		unsigned char b = (unsigned char)s.p[0];

		/* No UTF-8 text starts so, but UTF-16's mark does. */
		if (c->mark_len == 0 && b >= 0xfe)
			return rc_err_set(e, RC_EDATA,
			    "the file is UTF-16: save it as UTF-8");
		if (s.p[0] != mark[c->mark_len])
			break;
		c->mark_len++;
	}
	if (s.len == 0)
		return RC_OK;
	if ((r = settle_mark(c, e)) != RC_OK)
		return r;
	return consume(c, s.p, s.p + s.len, e);
}

enum rc_err
rc_csv_finish(struct rc_csv *c, struct rc_error *e)
{
	enum rc_err r = settle_mark(c, e);

	if (r != RC_OK)
		return r;
	if (csv_fini(&c->parser, on_field, on_row, c) != 0)
		return rc_err_set(e, RC_EDATA,
		    "line %llu: a quote opens here and never closes",
		    (unsigned long long)c->row_line);
	return c->row_ended ? deliver_collected(c, e) : RC_OK;
}
