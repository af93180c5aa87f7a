/*
 * What every kind of source has in common, and what each kind brings.  A kind's
 * own struct begins with struct rc_source and is allocated by its opener.
 */
#ifndef RC_JOB_SOURCE_PRIV_H
#define RC_JOB_SOURCE_PRIV_H

#include "core/feed.h"
#include "job/source.h"
#include "job/source_digest.h"
#include "sys/http_stream.h"

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
	char *name;	     /* owned */
	char *feed, *folder; /* owned, both or none */
	uint64_t time_ms;    /* the moment of opening, or earlier */
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
/* Likewise to the time in its folder's name, if it lies in an upload folder. */
void rc_source_made_in_folder(struct rc_source *);

/*
 * The opener of each kind.  What an opener that fails has put into its first
 * argument is closed by rc_source_open.  rc_source_file_open: "-" is standard
 * input, name is what messages call the file.
 */
enum rc_err rc_source_file_open(struct rc_source **, const char *path,
    const char *name, struct rc_error *) RC_MUST_USE;
enum rc_err rc_source_drop_open(struct rc_source **,
    const struct rc_source_config *, struct rc_error *) RC_MUST_USE;

enum rc_err rc_source_http_open(struct rc_source **,
    const struct rc_source_config *, struct rc_error *) RC_MUST_USE;
enum rc_err rc_source_s3_open(struct rc_source **,
    const struct rc_source_config *, struct rc_error *) RC_MUST_USE;

/* --- what comes over a network ------------------------------------------- */

struct rc_source_stream { /* a kind's struct begins with it */
	struct rc_source source;
	struct rc_http_stream *stream; /* filled by the kind's opener */
	struct rc_digest digest;
	uint64_t got, announced; /* bytes; UINT64_MAX: not announced */
	bool ended;
};
/* Once the headers are there: takes size, time and digest from them. */
enum rc_err rc_source_stream_start(struct rc_source_stream *,
    const struct rc_http_head *, struct rc_error *) RC_MUST_USE;
/* For the kind's struct rc_source_kind; close does all but its own. */
enum rc_err rc_source_stream_read(struct rc_source *, char *at, size_t room,
    size_t *n, struct rc_error *) RC_MUST_USE;
enum rc_err rc_source_stream_finish(
    struct rc_source *, struct rc_error *) RC_MUST_USE;
void rc_source_stream_close(struct rc_source_stream *);

/* --- upload folders ------------------------------------------------------ */

#define RC_FOLDER_LEN 23 /* upload_yyyy-MM-dd_HH-mm */
#define RC_FOLDER_FILE "data.csv"

/* Those of a drop folder or bucket that may be imported. */
struct rc_folders {
	const struct rc_source_config *config;
	const char *feed;   /* borrowed */
	struct rc_buf done; /* imported last, or empty */
	/* Newer ones: char[RC_FOLDER_LEN + 1] each, in no order. */
	struct rc_buf newer;
	uint64_t wrong; /* names that are none */
};
/* Looks up what was imported last; to be closed in any case. */
enum rc_err rc_folders_open(struct rc_folders *,
    const struct rc_source_config *, const char *feed,
    struct rc_error *) RC_MUST_USE;
void rc_folders_close(struct rc_folders *);
/* Takes the name of one that is there, in any order; warns of wrong ones. */
enum rc_err rc_folders_add(
    struct rc_folders *, struct rc_slice name, struct rc_error *) RC_MUST_USE;
/*
 * Calls open with each folder, the newest first, until it is not RC_NOTFOUND,
 * which says that there is no list in it.  Then marks the source that was
 * opened, by whatever has opened it.  RC_END: nothing is newer; RC_ENOINPUT:
 * there is no list at all.
 */
enum rc_err rc_folders_pick(struct rc_folders *, struct rc_source **,
    enum rc_err (*open)(
	void *arg, const char *folder, struct rc_source **, struct rc_error *),
    void *arg, struct rc_error *) RC_MUST_USE;

#endif
