/*
 * What every kind of source has in common, and what each kind brings.  A kind's
 * own struct begins with struct rc_source and is allocated by its opener.
 */
#ifndef RC_JOB_SOURCE_PRIV_H
#define RC_JOB_SOURCE_PRIV_H

#include "job/source.h"

struct rc_source_kind {
	/* As in job/source.h; finish may be NULL. */
	enum rc_err (*read)(struct rc_source *, char *at, size_t room,
	    size_t *n, struct rc_error *);
	enum rc_err (*finish)(struct rc_source *, struct rc_error *);
	/* Frees what is the kind's own, of a source in whatever state. */
	void (*close)(struct rc_source *);
};

struct rc_source {
	const struct rc_source_kind *kind;
	char *name;	  /* owned */
	uint64_t time_ms; /* the moment of opening, or earlier */
	uint64_t size;
	int fd;
};

/*
 * A source of size bytes (that of a kind's struct), named and timed now; NULL
 * when memory is short.
 */
void *rc_source_new(
    const struct rc_source_kind *, size_t size, const char *name);
/* Moves the time to an earlier one; later ones say nothing. */
void rc_source_made(struct rc_source *, uint64_t time_ms);

/* The opener of each kind. */
enum rc_err rc_source_file_open(struct rc_source **,
    const struct rc_source_config *, struct rc_error *) RC_MUST_USE;

#endif
