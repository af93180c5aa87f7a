/*
 * Objects in a bucket of Amazon S3, or of what speaks its protocol: listing
 * and reading, nothing else.
 *
 * Requests are signed (Signature Version 4), or anonymous without keys.
 * Credentials go over plain http to loopback alone, to no redirect's target,
 * and never into a message.  What could not be read for the server's sake (no
 * connection, 429, 500, 502, 503, 504) is tried RC_S3_TRIES times, with
 * growing waits: reading twice changes nothing.
 *
 * Order: rc_s3_open; rc_s3_list and rc_s3_get in any mix; rc_s3_close, after
 * every stream of rc_s3_get.  One thread a handle.
 */
#ifndef RC_SYS_S3_H
#define RC_SYS_S3_H

#include "sys/http_stream.h"

#define RC_S3_TRIES 4
#define RC_S3_RETRY_MS 300	  /* the first wait; each is twice the last */
#define RC_S3_PAGE_MAX (8u << 20) /* bytes of a page of a listing */
#define RC_S3_PAGES_MAX 10000	  /* ten million names, at 1,000 a page */

struct rc_log;
struct rc_s3;

struct rc_s3_config { /* borrowed until rc_s3_close */
	/* "https://host[:port][/path]"; NULL: Amazon's of the region. */
	const char *endpoint;
	const char *region;		     /* NULL: us-east-1 */
	const char *access_key, *secret_key; /* both NULL: anonymous */
	const char *session_token;	     /* or NULL */
	const char *cacert;		     /* NULL: the system's */
	/*
	 * The bucket is the path's first part, not the host's.  It always is
	 * at Amazon for a bucket with a dot, which fits no certificate.
	 */
	bool path_style;
	unsigned timeout_ms;	  /* of silence; 0: RC_HTTP_TIMEOUT_MS */
	unsigned retry_ms;	  /* 0: RC_S3_RETRY_MS */
	unsigned max_pages;	  /* 0: RC_S3_PAGES_MAX */
	const struct rc_log *log; /* tells of tries; or NULL */
};

/*
 * Splits "s3://bucket[/prefix]", whose prefix is taken as it stands, without
 * unescaping.  Slices of the text.  RC_EDATA: not of this form, or a bucket
 * name of other than 1 to 255 letters, digits, '.', '_' and '-'.
 */
enum rc_err rc_s3_parse(const char *url, struct rc_slice *bucket,
    struct rc_slice *prefix, struct rc_error *) RC_MUST_USE;

/*
 * Sends nothing yet.  RC_EDATA: bucket or endpoint are none; RC_ECONFIG: one
 * key without the other, or a region that is none.
 */
enum rc_err rc_s3_open(struct rc_s3 **, const struct rc_s3_config *,
    const char *bucket, struct rc_error *) RC_MUST_USE;
void rc_s3_close(struct rc_s3 *); /* NULL is fine */

struct rc_s3_object {	  /* borrowed until the function returns */
	const char *key;  /* UTF-8, unescaped */
	bool is_prefix;	  /* what is behind the delimiter is left out */
	uint64_t size;	  /* bytes */
	const char *etag; /* with its quotes; "" when absent */
	uint64_t last_modified_ms; /* 0: not given */
};

/* What is not RC_OK ends the listing and is what rc_s3_list returns. */
typedef enum rc_err rc_s3_fn(
    void *arg, const struct rc_s3_object *, struct rc_error *);

/*
 * Every object whose key begins with prefix ("": every one); with a delimiter
 * ("/"; or NULL), those that have it behind the prefix are put together as one
 * prefix that ends in it.  A page is in memory at a time.
 *
 * RC_EUNAVAIL: not reached, broken off, or the server asks to slow down;
 * RC_EPERM: it refuses us, with its own code and words, or keys would go over
 * plain http to elsewhere than loopback; RC_ECONFIG: the bucket
 * is in another region, which is named if the server does; RC_ENOINPUT: no
 * such bucket; RC_EPROTO: not a listing, one without end, or a redirect.
 */
enum rc_err rc_s3_list(struct rc_s3 *, const char *prefix,
    const char *delimiter, rc_s3_fn *fn, void *arg,
    struct rc_error *) RC_MUST_USE;

/*
 * Opens an object's body.  With an etag, as listed, it is that very version or
 * RC_EAGAIN "changed" (also when it is gone).  Its checksum headers are asked
 * for; comparing them, and the size, is the caller's.  Otherwise as
 * rc_s3_list, and RC_ENOINPUT: no such object.  On RC_OK the status is 200.
 */
enum rc_err rc_s3_get(struct rc_s3 *, const char *key, const char *etag,
    struct rc_http_stream **, const struct rc_http_head **,
    struct rc_error *) RC_MUST_USE;

#endif
