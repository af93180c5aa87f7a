/*
 * Reading CSV (RFC 4180), fed a piece at a time, on libcsv with its traps
 * handled: byte order marks, NUL bytes, endless fields, quotes that never end.
 * Line ends are LF, CRLF or CR, mixed as they come; spaces and tabs around a
 * value that is not quoted are dropped.
 *
 * Open, feed every piece in order, finish, close.  The reader knows nothing of
 * what a field means; it hands rows to a function.
 */
#ifndef RC_TEXT_CSV_H
#define RC_TEXT_CSV_H

#include "base/buf.h"

#define RC_CSV_FIELD_MAX 65536	  /* bytes; a longer field is cut and marked */
#define RC_CSV_FIELDS_MAX 1024	  /* fields a row; further ones are dropped */
#define RC_CSV_ROW_MAX (1u << 20) /* bytes; fields beyond it become empty */

struct rc_csv;

struct rc_csv_row {
	const struct rc_slice *field; /* borrowed until the function ends */
	size_t nfields;		      /* 1 or more; blank lines are rows too */
	uint64_t line;		      /* line its first byte is on, from 1 */
	bool too_long;		      /* a field or the row was cut */
};

/*
 * Called for every row.  Anything but RC_OK ends the reading at once and is
 * what feed or finish return; the function has then filled the error.
 */
typedef enum rc_err rc_csv_fn(
    void *arg, const struct rc_csv_row *, struct rc_error *);

/*
 * Offered the rest of a piece at the beginning of every row: may take whole
 * rows off its front, each a line of one value without quotes that ends with
 * LF or CR LF.  line is the first one's; lines takes how many it took.
 * Returns their bytes, 0 for none: the next row is taken apart as ever.
 */
typedef size_t rc_csv_lines_fn(
    void *arg, struct rc_slice text, uint64_t line, uint64_t *lines);

/* fn is called with arg by rc_csv_feed and rc_csv_finish. */
enum rc_err rc_csv_open(
    struct rc_csv **, rc_csv_fn *, void *arg, struct rc_error *) RC_MUST_USE;
/* A shortcut for rows that are quickly told; with the arg of rc_csv_open. */
void rc_csv_set_lines(struct rc_csv *, rc_csv_lines_fn *);
/*
 * The next piece of the file, of any size.  A leading UTF-8 byte order mark
 * is dropped.  RC_EDATA, with the line, for a NUL byte, UTF-16 (named as
 * such) or broken quoting.  Memory stays bounded whatever the input.  After
 * anything but RC_OK only rc_csv_close may follow.
 */
enum rc_err rc_csv_feed(
    struct rc_csv *, struct rc_slice, struct rc_error *) RC_MUST_USE;
/* The end of the file: the last row, and RC_EDATA for an open quote. */
enum rc_err rc_csv_finish(struct rc_csv *, struct rc_error *) RC_MUST_USE;
/* The line on which the next piece begins. */
uint64_t rc_csv_line(const struct rc_csv *);
/* NULL is fine. */
void rc_csv_close(struct rc_csv *);

#endif
