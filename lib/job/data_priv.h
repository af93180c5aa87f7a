/* The inside of loading user data, shared by data_*.c alone. */
#ifndef RC_JOB_DATA_PRIV_H
#define RC_JOB_DATA_PRIV_H

#include "job/data_load.h"

#define RC_DATA_RUN_BYTES (64u << 20) /* of rows sorted at a time */

/* --- rows to be written (data_run.c) -------------------------------------- */

struct rc_data_run {
	struct rc_data_load *load; /* NULL: a dry run */
	struct rc_buf bytes;	   /* of each row: id, values */
	struct rc_buf rows;	   /* struct kept */
	struct rc_data_row batch[RC_DATA_BATCH];
	uint64_t loaded, duplicates;
};
/* Empty, and freed again; the load is borrowed. */
void rc_data_run_init(struct rc_data_run *, struct rc_data_load *);
void rc_data_run_free(struct rc_data_run *);
/* Takes a row; writes when there are many. */
enum rc_err rc_data_run_add(struct rc_data_run *, const struct rc_data_id *,
    struct rc_slice values, struct rc_error *) RC_MUST_USE;
/* Sorts what there is and writes it. */
enum rc_err rc_data_run_flush(
    struct rc_data_run *, struct rc_error *) RC_MUST_USE;

/* --- rows as they are read (data_rows.c) ---------------------------------- */

struct rc_data_rows {
	const struct rc_data_config *config;
	struct rc_data_run *run;
	struct rc_slice by;	/* once the first row was seen */
	struct rc_buf names;	/* str of each property */
	size_t nproperties, id; /* id: which one says who it is */
	struct rc_slice
	    value[RC_DATA_PROPERTIES]; /* of the row; p NULL: none */
	struct rc_buf packed;
	uint64_t rows, rejected;
	char first_bad[200]; /* line and reason */
};
/* Without a property yet, and freed again; config and run are borrowed. */
void rc_data_rows_init(
    struct rc_data_rows *, const struct rc_data_config *, struct rc_data_run *);
void rc_data_rows_free(struct rc_data_rows *);
/* The property of a name, a new one if need be; RC_EDATA: too many, no name. */
enum rc_err rc_data_rows_property(struct rc_data_rows *, struct rc_slice name,
    size_t *property, struct rc_error *) RC_MUST_USE;
/* Which property says who it is, and what it is; RC_EDATA. */
enum rc_err rc_data_rows_identify(struct rc_data_rows *, size_t id,
    struct rc_slice name, struct rc_error *) RC_MUST_USE;
/*
 * Takes the row in value, or rejects it for why; the values are forgotten.
 */
enum rc_err rc_data_rows_take(struct rc_data_rows *, uint64_t line,
    const char *why, struct rc_error *) RC_MUST_USE;

/* --- files (data_file.c) -------------------------------------------------- */

/* Reads the whole source; digest takes its SHA-256. */
enum rc_err rc_data_read(struct rc_data_rows *, uint64_t *bytes,
    unsigned char digest[RC_SHA256_LEN], struct rc_error *) RC_MUST_USE;

#endif
