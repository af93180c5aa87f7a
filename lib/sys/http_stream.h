/*
 * One GET whose body is pulled piece by piece, in flat memory: what the reader
 * has not taken yet waits in the kernel and at the sender, not here.
 *
 * The rules of http.h hold (certificates, redirects, loopback, secrets), but
 * for two: there is no limit to the time a transfer takes, only to how slow it
 * may be; and libcurl may repeat a GET whose reused connection has died, since
 * reading twice changes nothing.
 *
 * Order: rc_http_stream_open, rc_http_stream_read until it gives nothing,
 * rc_http_stream_close before the handle's rc_http_close.  Several may be open
 * on one handle; they use its connections again.  One thread a handle.
 */
#ifndef RC_SYS_HTTP_STREAM_H
#define RC_SYS_HTTP_STREAM_H

#include "sys/http.h"

#define RC_HTTP_STREAM_AHEAD (1u << 20) /* bytes taken before they are read */
#define RC_HTTP_HEAD_MAX 65536		/* bytes of an answer's headers */
/* A transfer is stalled below this, over the request's timeout_ms. */
#define RC_HTTP_STALL_BYTES_PER_S 100

struct rc_http_stream;

struct rc_http_head { /* strings are borrowed until the stream is closed */
	int status;   /* 200 to 599; what it means is the caller's to say */
	uint64_t content_length;   /* UINT64_MAX: not announced */
	uint64_t last_modified_ms; /* 0: not given */
	/* As sent, the ETag with its quotes; "" when absent. */
	const char *etag, *content_type, *content_encoding;
	/*
	 * The body has a length or an end mark.  If not, it ends where the
	 * connection does: one that was cut cannot be told from a whole one.
	 */
	bool end_marked;
};

/*
 * Sends a request and waits for the status and the headers of its answer.  The
 * method is "GET", there is no body.  timeout_ms is how long silence, or less
 * than RC_HTTP_STALL_BYTES_PER_S, is borne while we wait.  RC_EPERM and
 * RC_EDATA as rc_http_start; RC_EUNAVAIL: no connection, or it broke off or
 * stalled; RC_EPROTO: what came is no HTTP.
 */
enum rc_err rc_http_stream_open(struct rc_http_stream **, struct rc_http *,
    const struct rc_http_request *, const struct rc_http_head **,
    struct rc_error *) RC_MUST_USE;
/*
 * Value of a header of the answer, name in any case, the first one when there
 * are several; "" when absent.  Borrowed until the stream is closed.
 */
const char *rc_http_stream_header(struct rc_http_stream *, const char *name);
/*
 * At least one byte and at most room; *n 0: the body is complete.  room is at
 * least 1.  RC_EUNAVAIL: the connection broke off, before the announced length
 * or the end mark too, or it stalls; RC_EPROTO: the body is malformed.
 */
enum rc_err rc_http_stream_read(struct rc_http_stream *, char *at, size_t room,
    size_t *n, struct rc_error *) RC_MUST_USE;
/* Also before the end; NULL is fine. */
void rc_http_stream_close(struct rc_http_stream *);

#endif
