/*
 * Sources: where a subscriber list is read from, one stream of bytes whatever
 * it is.
 *
 * A list that comes over a network is never stored: it goes from the connection
 * to the reader, and what was announced of it, its length and its digest, is
 * compared at the end.  In a drop folder or bucket the list is the data.csv of
 * the newest folder called upload_yyyy-MM-dd_HH-mm, once: what was imported is
 * on record with the channel (core/feed.h).  Knows nothing of what is in the
 * list.  Order: rc_source_open, rc_source_read until it gives 0 bytes,
 * rc_source_finish, rc_source_close.  One thread a source.
 */
#ifndef RC_JOB_SOURCE_H
#define RC_JOB_SOURCE_H

#include "base/log.h"
#include "core/channel.h"

struct rc_source;

struct rc_source_config {
	/* A file, a drop folder, http(s)://, s3://, or "-": standard input. */
	const char *where;
	/* S3's, as in sys/s3.h; for http(s) user and password; or NULL. */
	const char *endpoint, *region;
	const char *access_key, *secret_key, *session_token;
	enum rc_addressing addressing;
	const char *cacert; /* NULL: the system's */
	/* Tell which folder was imported last; state NULL: none was. */
	struct rc_state *state;
	uint32_t channel;
	const struct rc_log *log; /* what is skipped, and why; may be NULL */
};

/*
 * Opens what config names, which has to live as long as the source; of a
 * remote one the list's headers have come then.  RC_END: the newest folder was
 * imported before, there is nothing to do.  RC_ENOINPUT: not there or not
 * readable, or no folder with a list.  RC_EAGAIN: the newest list is still
 * being uploaded.  RC_EUSAGE: nothing to read a list from.  RC_EUNAVAIL: the
 * server is not reached, or has no time; RC_EPROTO: what it says is nonsense;
 * RC_EPERM: it does not let us in; RC_ECONFIG: the bucket is elsewhere.
 */
enum rc_err rc_source_open(struct rc_source **, const struct rc_source_config *,
    struct rc_error *) RC_MUST_USE;
void rc_source_close(struct rc_source *); /* NULL is fine */
/*
 * Into a buffer, anew, to be freed in any case: where as it may be shown and
 * kept, without what may be secret in an address of whatever scheme: user and
 * password, query, fragment; the key of an S3 object has no query.
 */
enum rc_err rc_source_shown(
    const char *where, struct rc_buf *shown, struct rc_error *) RC_MUST_USE;

/* What messages and the journal call it; valid until it is closed. */
const char *rc_source_name(const struct rc_source *);
/*
 * The folder, and what its feed is called in core/feed.h; both NULL when the
 * source is none that is read once.  Valid until it is closed.
 */
const char *rc_source_folder(const struct rc_source *);
const char *rc_source_feed(const struct rc_source *);
/*
 * When the list was made, as early as is known: the time in its folder's name
 * (UTC), its last change, or the moment it was opened.
 */
uint64_t rc_source_time_ms(const struct rc_source *);
/* Bytes in all; 0: not known. */
uint64_t rc_source_size(const struct rc_source *);
/* The descriptor of a local file or pipe, -1 for others; not to be closed. */
int rc_source_fd(const struct rc_source *);

/*
 * Reads up to room (at least 1) bytes into at; n takes how many, 0 at the end.
 * RC_EIO; RC_EUNAVAIL: the connection broke off.
 */
enum rc_err rc_source_read(struct rc_source *, char *at, size_t room, size_t *n,
    struct rc_error *) RC_MUST_USE;
/*
 * After the end: whether what was read is the whole list.  RC_EAGAIN: it
 * changed meanwhile, as half an upload looks like a list that shrank;
 * RC_EPROTO: it has another size or digest than was announced.
 */
enum rc_err rc_source_finish(struct rc_source *, struct rc_error *) RC_MUST_USE;

#endif
