/*
 * Loading a feed of user data (core/user_data.h): a CSV file with a header, or
 * NDJSON objects, in which one column or member identifies the person and all
 * are properties.  The feed is replaced whole or not at all; memory does not
 * grow with it.
 */
#ifndef RC_JOB_DATA_LOAD_H
#define RC_JOB_DATA_LOAD_H

#include "core/user_data.h"
#include "job/source.h"

#define RC_DATA_MAX_BAD 30.0	      /* percent */
#define RC_DATA_MAX_SHRINK 50.0	      /* percent */
#define RC_DATA_LINE_MAX (256u << 10) /* bytes of an NDJSON line */

struct rc_data_config {
	const char *feed;
	struct rc_source *source; /* freshly opened; borrowed */
	const char *column;	  /* who it is; NULL: the first */
	const char *by;	   /* what that is; NULL: as the column is called */
	double max_bad;	   /* percent of rows; as many are too many */
	double max_shrink; /* percent of the feed there is; more is too much */
	bool dry_run;
	/* A rejected row; value is of the identifier. */
	enum rc_err (*reject)(void *arg, uint64_t line, const char *reason,
	    struct rc_slice value, struct rc_error *);
	/* Progress in bytes; total 0: not known. */
	void (*progress)(void *arg, uint64_t bytes, uint64_t total);
	void *arg;
	const struct rc_log *log;
};

/*
 * rows = loaded + duplicates + rejected; of duplicates the last row counts.  A
 * dry run finds those within 64 MB of each other.
 */
struct rc_data_counts {
	uint64_t bytes, rows, loaded, duplicates, rejected;
	uint64_t before; /* rows the feed had */
	size_t properties;
	char by[RC_PERSON_NAME_MAX + 1];
};

/*
 * RC_EDATA: refused for what is in the file (header, encoding, bad rows,
 * shrinking), or the feed's name; other errors are the source's and the
 * store's.  Whatever fails, the feed is as it was.
 */
enum rc_err rc_data_load(struct rc_state *, const struct rc_data_config *,
    struct rc_data_counts *, struct rc_error *) RC_MUST_USE;

#endif
