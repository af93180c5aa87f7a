#include "job/sync_priv.h"

#include "base/num.h"
#include "sys/hasher.h"
#include "text/csv.h"
#include "text/sniff.h"
#include "text/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE (256u << 10) /* bytes a read */
#define SHOWN_MAX 40	   /* bytes of the file in a message */

struct reader {
	const struct rc_sync_config *config;
	struct rc_sync_list *list;
	struct rc_sync_members members;
	struct rc_csv *csv;
	struct rc_hasher *hasher;
	char *pieces;	      /* two, of which the hasher may have one */
	uint64_t bytes;	      /* read so far */
	bool header;	      /* has been seen */
	size_t column, width; /* the one wanted; all there are */
	char first_bad[160];  /* line, reason and value */
};

static int
shown(struct rc_slice s)
{
	return (int)(s.len > SHOWN_MAX ? SHOWN_MAX : s.len);
}

/* --- the header ---------------------------------------------------------- */

static const struct {
	const char *header, *people;
} kinds[] = {
    [RC_IDENT_PHONE] = {"phone numbers", "phone numbers"},
    [RC_IDENT_EMAIL] = {"email", "e-mail addresses"},
    [RC_IDENT_CUSTOM] = {"custom", "custom identifiers"},
};

static const char *
header_name(const struct rc_sync_config *config)
{
	return config->column != NULL
		   ? config->column
		   : kinds[config->channel->identifier].header;
}

/* RC_OK when it is no other channel's header. */
static enum rc_err
refuse_other_kind(
    const struct reader *r, const struct rc_csv_row *row, struct rc_error *e)
{
	const struct rc_channel *channel = r->config->channel;

	if (r->config->column != NULL)
		return RC_OK;
	for (size_t i = RC_IDENT_PHONE; i <= RC_IDENT_CUSTOM; i++)
		if (rc_slice_is_nocase(
			rc_slice_trim(row->field[0]), kinds[i].header))
			return rc_err_set(e, RC_EDATA,
			    "this is a list of %s (line %" PRIu64
			    "), but channel '%s' has %s: name another channel "
			    "with -c, or a column with --column",
			    kinds[i].people, row->line, channel->name,
			    kinds[channel->identifier].people);
	return RC_OK;
}

static enum rc_err
refuse_header(
    struct reader *r, const struct rc_csv_row *row, struct rc_error *e)
{
	static const char others[] = ";\t|";
	struct rc_slice first = rc_slice_trim(row->field[0]);
	enum rc_err err = refuse_other_kind(r, row, e);

	if (err != RC_OK)
		return err;
	for (const char *c = others; row->nfields == 1 && *c != '\0'; c++)
		if (memchr(first.p, *c, first.len) != NULL)
			return rc_err_set(e, RC_EDATA,
			    "line %" PRIu64 ": columns are parted by %s, but "
			    "only commas are read: %s",
			    row->line, *c == '\t' ? "tabs" : "semicolons",
			    "convert the file first");
	if (r->config->column != NULL)
		return rc_err_set(e, RC_EDATA,
		    "line %" PRIu64 " has no column '%s'; its first is '%.*s'",
		    row->line, r->config->column, shown(first), first.p);
	return rc_err_set(e, RC_EDATA,
	    "line %" PRIu64 " is '%.*s'%s, not the header '%s': put it there, "
	    "or name a column with --column",
	    row->line, shown(first), first.p,
	    row->nfields > 1 ? " and other columns" : "",
	    header_name(r->config));
}

static enum rc_err
take_header(struct reader *r, const struct rc_csv_row *row, struct rc_error *e)
{
	const char *name = header_name(r->config);
	size_t found = 0;

	for (size_t i = 0; i < row->nfields; i++) {
		if (!rc_slice_is_nocase(rc_slice_trim(row->field[i]), name))
			continue;
		r->column = i;
		found++;
	}
	if (found == 0)
		return refuse_header(r, row, e);
	if (found > 1)
		return rc_err_set(e, RC_EDATA,
		    "line %" PRIu64 ": %zu columns are called '%s'", row->line,
		    found, name);
	r->width = row->nfields;
	r->header = true;
	return RC_OK;
}

/* --- rows ---------------------------------------------------------------- */

static bool
is_blank(const struct rc_csv_row *row)
{
	return row->nfields == 1 && rc_slice_trim(row->field[0]).len == 0;
}

/* A comma too many may have moved the columns; empty ones say nothing. */
static bool
has_more(const struct rc_csv_row *row, size_t width)
{
	for (size_t i = width; i < row->nfields; i++)
		if (rc_slice_trim(row->field[i]).len > 0)
			return true;
	return false;
}

static enum rc_err
reject(struct reader *r, const struct rc_csv_row *row, const char *why,
    struct rc_slice value, struct rc_error *e)
{
	const struct rc_sync_config *config = r->config;

	if (r->list->rejected++ == 0) {
		struct rc_error text;

		rc_err_set(&text, RC_EDATA, "line %" PRIu64 " has '%.*s' (%s)",
		    row->line, shown(value), value.p, why);
		memcpy(r->first_bad, text.msg, sizeof(r->first_bad) - 1);
	}
	return config->reject == NULL
		   ? RC_OK
		   : config->reject(config->arg, row->line, why, value, e);
}

static enum rc_err
take_value(struct reader *r, const struct rc_csv_row *row, struct rc_error *e)
{
	enum rc_ident_type type = r->config->channel->identifier;
	unsigned char key[RC_IDENT_KEY_MAX];
	struct rc_slice value = {"", 0}, k = {(char *)key, 0};
	const char *why = NULL;
	bool repaired = false;

	if (r->column < row->nfields)
		value = rc_slice_trim(row->field[r->column]);
	else
		why = "missing column";
	if (row->too_long)
		why = "too long";
	else if (has_more(row, r->width))
		why = "too many columns";
	if (why == NULL)
		why = rc_ident_list_value(type, value, key, &k.len, &repaired);
	if (why != NULL)
		return reject(r, row, why, value, e);
	r->list->repaired += repaired;
	return rc_sync_members_add(&r->members, value, k, e);
}

static enum rc_err
take_row(void *arg, const struct rc_csv_row *row, struct rc_error *e)
{
	struct reader *r = arg;

	if (is_blank(row))
		return RC_OK;
	if (!r->header)
		return take_header(r, row, e);
	if (++r->list->rows > r->config->max_rows)
		return rc_err_set(e, RC_EDATA,
		    "line %" PRIu64 ": more than %" PRIu64
		    " rows, which is the limit (--max-rows)",
		    row->line, r->config->max_rows);
	return take_value(r, row, e);
}

/* Lists of numbers alone need no taking apart. */
static size_t
take_lines(void *arg, struct rc_slice text, uint64_t line, uint64_t *lines)
{
	struct reader *r = arg;
	uint64_t left = r->config->max_rows - r->list->rows;
	size_t taken;

	(void)line;
	if (!r->header || r->width != 1 || r->list->rows > r->config->max_rows)
		return 0;
	taken = rc_sync_members_add_lines(&r->members, text, left, lines);
	r->list->rows += *lines;
	return taken;
}

/* --- bytes --------------------------------------------------------------- */

/* Where the list can be piped through, or the file that has to be converted. */
static enum rc_err
refuse_encoding(const struct reader *r, const char *what, const char *encoding,
    struct rc_error *e)
{
	const struct rc_source *source = r->config->source;
	int fd = rc_source_fd(source);

	if (fd == STDIN_FILENO)
		return rc_err_set(e, RC_EDATA,
		    "%s: pipe it through iconv -f %s -t UTF-8", what, encoding);
	return rc_err_set(e, RC_EDATA, "%s: %siconv -f %s -t UTF-8 '%s'", what,
	    fd < 0 ? "have it written as UTF-8, or fetch it and convert it: "
		   : "",
	    encoding, fd < 0 ? "data.csv" : rc_source_name(source));
}

static enum rc_err
refuse_byte(const struct reader *r, char byte, struct rc_error *e)
{
	char what[100];

	snprintf(what, sizeof(what),
	    "line %" PRIu64
	    " is not UTF-8 (byte 0x%02x); if it is Windows-1252",
	    rc_csv_line(r->csv), (unsigned char)byte);
	return refuse_encoding(r, what, "CP1252", e);
}

static enum rc_err
check_front(const struct reader *r, struct rc_slice front, struct rc_error *e)
{
	const char *packed = rc_sniff_packed(front);
	const char *encoding = rc_sniff_encoding(front);
	char what[100];

	if (packed != NULL)
		return rc_err_set(e, RC_EDATA, "this is no CSV but %s", packed);
	if (encoding == NULL)
		return RC_OK;
	snprintf(what, sizeof(what), "the list is %s, not UTF-8", encoding);
	return refuse_encoding(r, what, encoding, e);
}

/*
 * Hands whole characters on; *kept takes how many bytes are left at the end,
 * which may be the front of one.
 */
static enum rc_err
take_text(struct reader *r, struct rc_slice text, bool last, size_t *kept,
    struct rc_error *e)
{
	struct rc_slice whole = {text.p, rc_utf8_prefix(text)};
	enum rc_err err;

	*kept = text.len - whole.len;
	if (*kept == 0 || (*kept < 4 && !last))
		return rc_csv_feed(r->csv, whole, e);
	err = rc_csv_feed(r->csv, whole, e);
	return err == RC_OK ? refuse_byte(r, text.p[text.len - *kept], e) : err;
}

static enum rc_err
read_piece(
    struct reader *r, char *at, size_t room, size_t *n, struct rc_error *e)
{
	struct rc_source *source = r->config->source;
	enum rc_err err = rc_source_read(source, at, room, n, e);

	if (err != RC_OK)
		return err;
	r->bytes += *n;
	rc_hasher_add(r->hasher, rc_slice_of(at, *n));
	if (r->config->progress != NULL)
		r->config->progress(
		    r->config->arg, r->bytes, rc_source_size(source));
	return RC_OK;
}

/* As many bytes as tell what the list is, from a slow pipe as well. */
static enum rc_err
read_front(
    struct reader *r, char *piece, struct rc_slice *front, struct rc_error *e)
{
	size_t n = 1;
	enum rc_err err = RC_OK;

	*front = rc_slice_of(piece, 0);
	while (err == RC_OK && n > 0 && front->len < RC_SNIFF_LEN) {
		err = read_piece(
		    r, piece + front->len, PIECE - front->len, &n, e);
		if (err == RC_OK)
			front->len += n;
	}
	return err == RC_OK ? check_front(r, *front, e) : err;
}

/* A piece is read into one half while the other is still being hashed. */
static enum rc_err
read_all(struct reader *r, struct rc_error *e)
{
	char *at = r->pieces = malloc(2 * PIECE);
	struct rc_slice text;
	size_t kept = 0, n = 1;
	enum rc_err err;

	if (at == NULL)
		return rc_err_nomem(e);
	err = read_front(r, at, &text, e);
	while (err == RC_OK) {
		err = take_text(r, text, n == 0, &kept, e);
		if (err != RC_OK || n == 0)
			break;
		at = at == r->pieces ? r->pieces + PIECE : r->pieces;
		memcpy(at, text.p + text.len - kept, kept);
		err = read_piece(r, at + kept, PIECE - kept, &n, e);
		text = rc_slice_of(at, kept + n);
	}
	return err == RC_OK ? rc_csv_finish(r->csv, e) : err;
}

/* --- the whole ----------------------------------------------------------- */

static enum rc_err
check_rows(const struct reader *r, struct rc_error *e)
{
	const struct rc_sync_list *list = r->list;

	if (!r->header)
		return rc_err_set(e, RC_EDATA,
		    "the file is empty: the header '%s' and rows are expected",
		    header_name(r->config));
	if (list->rows == 0)
		return rc_err_set(e, RC_EDATA,
		    "the file has a header but no rows: a list of nobody is "
		    "refused");
	if (list->rejected == list->rows ||
	    (list->rejected > 0 && (double)list->rejected * 100 >=
				       r->config->max_bad * (double)list->rows))
		return rc_err_set(e, RC_EDATA,
		    "%" PRIu64 " of %" PRIu64 " %s %s bad, the limit is "
		    "%g %% (--max-bad): %s; --rejects FILE lists them",
		    list->rejected, list->rows,
		    rc_plural(list->rows, "row", "rows"),
		    rc_plural(list->rejected, "is", "are"), r->config->max_bad,
		    r->first_bad);
	return RC_OK;
}

static enum rc_err
read_list(struct reader *r, struct rc_error *e)
{
	struct rc_sync_list *list = r->list;
	enum rc_err err = rc_hasher_open(&r->hasher, e);

	list->list_time_ms = rc_source_time_ms(r->config->source);
	rc_sync_members_expect(&r->members, rc_source_size(r->config->source));
	if (err == RC_OK)
		err = rc_csv_open(&r->csv, take_row, r, e);
	if (err == RC_OK)
		rc_csv_set_lines(r->csv, take_lines);
	if (err == RC_OK)
		err = read_all(r, e);
	if (err == RC_OK)
		err = rc_source_finish(r->config->source, e);
	if (err == RC_OK)
		err = check_rows(r, e);
	if (err != RC_OK)
		return err;
	rc_hasher_finish(r->hasher, list->digest);
	return rc_sync_members_pack(
	    &r->members, &list->blocks, &list->duplicates, e);
}

enum rc_err
rc_sync_read(const struct rc_sync_config *config, struct rc_sync_list *list,
    struct rc_error *e)
{
	struct reader r = {.config = config, .list = list};
	enum rc_err err;

	*list = (struct rc_sync_list){0};
	rc_list_blocks_init(&list->blocks);
	rc_sync_members_init(&r.members, config->channel->identifier);
	err = read_list(&r, e);
	if (err != RC_OK)
		err = rc_err_prefix(e, "'%s'", rc_source_name(config->source));
	list->bytes = r.bytes;
	rc_sync_members_free(&r.members);
	rc_csv_close(r.csv);
	rc_hasher_close(r.hasher);
	free(r.pieces);
	return err;
}
