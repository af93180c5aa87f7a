#include "job/data_priv.h"

#include "text/csv.h"
#include "text/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE (256u << 10) /* bytes a read */

struct reader {
	struct rc_data_rows *rows;
	struct rc_csv *csv; /* NULL: NDJSON, or not known yet */
	struct rc_buf line; /* of NDJSON, begun; or blank text so far */
	struct rc_buf text; /* numbers and such as text */
	uint64_t number;    /* of the line */
	size_t column[RC_CSV_FIELDS_MAX]; /* property of each */
	size_t width;			  /* 0: no header yet */
	bool json, known;
};

/* --- CSV ------------------------------------------------------------------ */

static bool
is_id_column(const struct reader *r, struct rc_slice name, size_t i)
{
	const char *column = r->rows->config->column;

	return column == NULL ? i == 0 : rc_slice_is_nocase(name, column);
}

static enum rc_err
no_column(const struct reader *r, struct rc_slice first, struct rc_error *e)
{
	return rc_err_set(e, RC_EDATA, "no '%s' in it; the first is '%.*s'",
	    r->rows->config->column, (int)(first.len > 40 ? 40 : first.len),
	    first.p);
}

static enum rc_err
check_separator(const struct rc_csv_row *row, struct rc_error *e)
{
	struct rc_slice first = row->field[0];

	if (row->nfields > 1 || (memchr(first.p, ';', first.len) == NULL &&
				    memchr(first.p, '\t', first.len) == NULL))
		return RC_OK;
	return rc_err_set(e, RC_EDATA,
	    "columns are parted by semicolons or tabs, but only commas are "
	    "read: convert the file first");
}

static enum rc_err
take_header(struct reader *r, const struct rc_csv_row *row, struct rc_error *e)
{
	bool found = false;
	enum rc_err err = check_separator(row, e);

	for (size_t i = 0; i < row->nfields && err == RC_OK; i++) {
		struct rc_slice name = rc_slice_trim(row->field[i]);
		size_t before = r->rows->nproperties;

		err = rc_data_rows_property(r->rows, name, &r->column[i], e);
		if (err == RC_OK && r->rows->nproperties == before)
			err = rc_err_set(e, RC_EDATA,
			    "two columns are called '%.*s'", (int)name.len,
			    name.p);
		if (err == RC_OK && !found && is_id_column(r, name, i)) {
			found = true;
			err = rc_data_rows_identify(
			    r->rows, r->column[i], name, e);
		}
	}
	if (err == RC_OK && !found)
		err = no_column(r, rc_slice_trim(row->field[0]), e);
	r->width = row->nfields;
	return err == RC_OK
		   ? RC_OK
		   : rc_err_prefix(e, "the header, line %" PRIu64, row->line);
}

static enum rc_err
take_row(void *arg, const struct rc_csv_row *row, struct rc_error *e)
{
	struct reader *r = arg;
	const char *why = NULL;
	char count[80];

	if (row->nfields == 1 && rc_slice_trim(row->field[0]).len == 0)
		return RC_OK;
	if (r->width == 0)
		return take_header(r, row, e);
	if (row->too_long)
		why = "a field or the row is far too long";
	for (size_t i = 0; i < row->nfields && i < r->width; i++)
		r->rows->value[r->column[i]] = row->field[i];
	if (row->nfields > r->width) {
		snprintf(count, sizeof(count), "%zu fields, the header has %zu",
		    row->nfields, r->width);
		why = count;
	}
	return rc_data_rows_take(r->rows, row->line, why, e);
}

/* --- NDJSON --------------------------------------------------------------- */

static enum rc_err
take_first(
    struct reader *r, const struct rc_json_value *object, struct rc_error *e)
{
	const char *column = r->rows->config->column;
	const struct rc_json_value *member = rc_json_first(object);
	size_t id;
	enum rc_err err;

	while (column != NULL && member != NULL &&
	       !rc_slice_is(rc_json_key(member), column))
		member = rc_json_next(member);
	if (member == NULL)
		return column == NULL
			   ? rc_err_set(e, RC_EDATA, "an empty object")
			   : no_column(
				 r, rc_json_key(rc_json_first(object)), e);
	err = rc_data_rows_property(r->rows, rc_json_key(member), &id, e);
	return err == RC_OK
		   ? rc_data_rows_identify(r->rows, id, rc_json_key(member), e)
		   : err;
}

/* Where a value's text is; numbers are put into r->text, which never moves. */
static enum rc_err
take_member(struct reader *r, const struct rc_json_value *v, const char **why,
    struct rc_error *e)
{
	struct rc_slice *value;
	size_t property, from = r->text.len;
	enum rc_err err;

	err = rc_data_rows_property(r->rows, rc_json_key(v), &property, e);
	if (err != RC_OK)
		return err;
	value = &r->rows->value[property];
	switch (rc_json_type(v)) {
	case RC_JSON_STRING:
		*value = rc_json_str(v);
		return RC_OK;
	case RC_JSON_NUMBER:
	case RC_JSON_BOOL:
		rc_json_to_text(v, &r->text);
		*value =
		    (struct rc_slice){r->text.data + from, r->text.len - from};
		return RC_OK;
	case RC_JSON_ARRAY:
	case RC_JSON_OBJECT:
		*why = "a value is neither a text nor a number nor a boolean";
		return RC_OK;
	default:
		return RC_OK;
	}
}

static enum rc_err
take_object(
    struct reader *r, const struct rc_json_value *object, struct rc_error *e)
{
	const struct rc_json_value *v;
	const char *why = NULL;
	enum rc_err err = RC_OK;

	if (rc_json_type(object) != RC_JSON_OBJECT)
		return rc_data_rows_take(r->rows, r->number, "no object", e);
	if (r->rows->by.len == 0)
		err = take_first(r, object, e);
	rc_buf_reset(&r->text);
	for (v = rc_json_first(object); v != NULL && err == RC_OK;
	     v = rc_json_next(v))
		err = take_member(r, v, &why, e);
	if (err != RC_OK)
		return rc_err_prefix(e, "line %" PRIu64, r->number);
	return rc_data_rows_take(r->rows, r->number, why, e);
}

static enum rc_err
take_line(struct reader *r, struct rc_slice line, struct rc_error *e)
{
	struct rc_error what;
	struct rc_json *doc;
	enum rc_err err;

	r->number++;
	if (rc_slice_trim(line).len == 0)
		return RC_OK;
	err = rc_json_parse(&doc, line, &what);
	if (err == RC_EDATA)
		return rc_data_rows_take(r->rows, r->number, what.msg, e);
	if (err != RC_OK) {
		*e = what;
		return err;
	}
	err = take_object(r, rc_json_root(doc), e);
	rc_json_free(doc);
	return err;
}

static enum rc_err
take_lines(struct reader *r, struct rc_slice piece, struct rc_error *e)
{
	enum rc_err err = RC_OK;
	const char *end;

	while (
	    err == RC_OK && (end = memchr(piece.p, '\n', piece.len)) != NULL) {
		size_t n = (size_t)(end - piece.p);

		rc_buf_add(&r->line, piece.p, n);
		piece = (struct rc_slice){end + 1, piece.len - n - 1};
		err = rc_buf_check(&r->line, "a line", e);
		if (err == RC_OK)
			err = take_line(r, rc_buf_slice(&r->line), e);
		rc_buf_reset(&r->line);
	}
	if (err != RC_OK)
		return err;
	rc_buf_addv(&r->line, piece);
	err = rc_buf_check(&r->line, "a line", e);
	return err == RC_OK ? RC_OK
			    : rc_err_prefix(e, "line %" PRIu64, r->number + 1);
}

/* --- the file ------------------------------------------------------------- */

static enum rc_err
take_known(struct reader *r, struct rc_slice piece, struct rc_error *e)
{
	return r->json ? take_lines(r, piece, e)
		       : rc_csv_feed(r->csv, piece, e);
}

/* What it is shows in its first byte that is no white space. */
static enum rc_err
take_piece(struct reader *r, struct rc_slice piece, struct rc_error *e)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct rc_buf begun;
	struct rc_slice rest;
	enum rc_err err;

	if (r->known)
		return take_known(r, piece, e);
	rc_buf_addv(&r->line, piece);
	err = rc_buf_check(&r->line, "blank text at the beginning", e);
	rest = rc_buf_slice(&r->line);
	(void)rc_slice_starts(rest, rc_slice_str(mark), &rest);
	if (err != RC_OK || rc_slice_trim(rest).len == 0)
		return err;
	r->known = true;
	r->json = rc_slice_trim(rest).p[0] == '{';
	begun = r->line;
	r->line = RC_BUF_INIT(RC_DATA_LINE_MAX);
	err = take_known(r, r->json ? rest : rc_buf_slice(&begun), e);
	rc_buf_free(&begun);
	return err;
}

static enum rc_err
finish(struct reader *r, struct rc_error *e)
{
	if (!r->known)
		return rc_err_set(e, RC_EDATA, "it is empty");
	if (!r->json)
		return rc_csv_finish(r->csv, e);
	return r->line.len > 0 ? take_line(r, rc_buf_slice(&r->line), e)
			       : RC_OK;
}

static enum rc_err
read_all(struct reader *r, struct rc_hash *digest, char *piece, uint64_t *bytes,
    struct rc_error *e)
{
	const struct rc_data_config *config = r->rows->config;
	size_t n = 1;
	enum rc_err err = RC_OK;

	while (err == RC_OK && n > 0) {
		err = rc_source_read(config->source, piece, PIECE, &n, e);
		if (err != RC_OK || n == 0)
			break;
		rc_hash_add(digest, (struct rc_slice){piece, n});
		*bytes += n;
		err = take_piece(r, (struct rc_slice){piece, n}, e);
		config->progress(
		    config->arg, *bytes, rc_source_size(config->source));
	}
	if (err == RC_OK)
		err = finish(r, e);
	return err == RC_OK ? rc_source_finish(config->source, e) : err;
}

enum rc_err
rc_data_read(struct rc_data_rows *rows, uint64_t *bytes,
    unsigned char digest[RC_SHA256_LEN], struct rc_error *e)
{
	struct reader *r = calloc(1, sizeof(*r));
	char *piece = malloc(PIECE);
	struct rc_hash *sum = NULL;
	enum rc_err err;

	*bytes = 0;
	if (r == NULL || piece == NULL) {
		err = rc_err_nomem(e);
		goto out;
	}
	r->rows = rows;
	r->line = RC_BUF_INIT(PIECE + RC_DATA_LINE_MAX);
	r->text = RC_BUF_INIT(RC_DATA_LINE_MAX);
	/* Values point into it: it must not move. */
	if (rc_buf_room(&r->text, RC_DATA_LINE_MAX) == NULL)
		err = rc_err_nomem(e);
	else
		err = rc_csv_open(&r->csv, take_row, r, e);
	if (err == RC_OK)
		err = rc_hash_open(&sum, RC_HASH_SHA256, e);
	if (err == RC_OK)
		err = read_all(r, sum, piece, bytes, e);
	if (err == RC_OK)
		rc_hash_finish(sum, digest);
	rc_csv_close(r->csv);
	rc_buf_free(&r->line);
	rc_buf_free(&r->text);
	rc_hash_close(sum);
out:
	free(r);
	free(piece);
	return err;
}
