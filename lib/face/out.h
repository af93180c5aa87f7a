/*
 * Records on stdout: TSV, or NDJSON with -j, from the same calls
 * (reconnect-output(5)).  Buffered; a failure to write is kept and ends the
 * tool with one line and exit 74 at the next record or at rc_cli_finish.  A
 * reader that went away ends it silently by SIGPIPE, as any filter.
 */
#ifndef RC_FACE_OUT_H
#define RC_FACE_OUT_H

#include "text/json.h"

struct rc_out {
	bool json;
	struct rc_buf buf;
	struct rc_json_writer writer;
	bool first;	       /* no field in this record yet */
	bool unbuffered;       /* write after each record: daemons, pipes */
	bool broken_pipe;      /* the reader went away */
	struct rc_error error; /* what went wrong with stdout */
};

/* One a tool: it writes to stdout. */
void rc_out_start(struct rc_out *, bool json);
void rc_out_free(struct rc_out *);
/* Whether writing failed because the reader went away. */
bool rc_out_broken_pipe(const struct rc_out *);
void rc_out_begin(struct rc_out *); /* a record */
/*
 * A field of the record that was begun; the key shows with -j alone, so order
 * and number of fields are the same in every record.
 */
void rc_out_str(struct rc_out *, const char *key, struct rc_slice);
void rc_out_cstr(struct rc_out *, const char *key, const char *);
void rc_out_u64(struct rc_out *, const char *key, uint64_t);
void rc_out_double(struct rc_out *, const char *key, double);
/* RFC 3339; 0 is "" in TSV and null in JSON. */
void rc_out_time(struct rc_out *, const char *key, uint64_t ms);
/* "" in TSV. */
void rc_out_null(struct rc_out *, const char *key);
/* End of the record.  RC_EIO when stdout is full or closed. */
enum rc_err rc_out_end(struct rc_out *, struct rc_error *) RC_MUST_USE;
/* A line as it is: a text, or an NDJSON object made elsewhere. */
enum rc_err rc_out_line(
    struct rc_out *, struct rc_slice, struct rc_error *) RC_MUST_USE;
/* Bytes as they are, for a filter that keeps what it does not change. */
enum rc_err rc_out_text(
    struct rc_out *, struct rc_slice, struct rc_error *) RC_MUST_USE;
/* Writes what is buffered; RC_EIO, which stays. */
enum rc_err rc_out_flush(struct rc_out *, struct rc_error *) RC_MUST_USE;

#endif
