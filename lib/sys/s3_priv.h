/*
 * One request and what its answer means; private to s3.
 */
#ifndef RC_SYS_S3_PRIV_H
#define RC_SYS_S3_PRIV_H

#include "sys/s3.h"

struct rc_s3 {
	struct rc_s3_config config; /* with its defaults filled in */
	struct rc_http_sigv4 sigv4;
	struct rc_http *http;
	struct rc_buf bucket; /* its name */
	struct rc_buf base;   /* the bucket's URL, with a slash at its end */
	struct rc_buf url, page;
	uint64_t server_wait_ms; /* as the last refusal asked for; or 0 */
};

/* For a key: its URL; for NULL: the bucket's. */
enum rc_err rc_s3_write_url(
    struct rc_s3 *, const char *key, struct rc_error *) RC_MUST_USE;
/*
 * Asks once for s->url.  key and etag, or NULL, are for messages and for the
 * condition.  On RC_OK the status is 200; the other results are rc_s3_list's
 * and rc_s3_get's.
 */
enum rc_err rc_s3_ask(struct rc_s3 *, const char *key, const char *etag,
    struct rc_http_stream **, const struct rc_http_head **,
    struct rc_error *) RC_MUST_USE;
/*
 * After a failure err, the tries-th one: waits and returns true when it is
 * worth another try.
 */
bool rc_s3_try_again(
    struct rc_s3 *, unsigned *tries, enum rc_err, const struct rc_error *);
/* Reads what is left of a stream, cut at the buffer's ceiling. */
enum rc_err rc_s3_read_all(
    struct rc_http_stream *, struct rc_buf *, struct rc_error *) RC_MUST_USE;

#endif
