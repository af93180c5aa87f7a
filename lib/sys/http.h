/*
 * HTTP as a client, on libcurl's multi interface: many requests at once from
 * one thread, each sent at most once.
 *
 * When a reused connection dies without an answer, libcurl sends the request
 * again by itself and reports success: a message goes out twice.  The guard
 * here stops the second sending of whatever method, and the request ends as
 * RC_HTTP_UNKNOWN.  A connection that the server has closed meanwhile is left
 * before the first byte, for a new one.
 *
 * HTTP/1.1 only.  Over HTTP/2 the guard holds as well, but of the streams that
 * a GOAWAY leaves unprocessed libcurl says nothing: they end as unknown (77 of
 * 5,000 at an nginx that closes after its usual 1,000 requests, 3,057 at one
 * that does after 10; over HTTP/1.1 none of either).
 *
 * Certificates are always verified, no redirect is followed, ~/.netrc is not
 * read, loopback is never reached through a proxy, and credentials are refused
 * over plain http except to loopback.
 *
 * Order: rc_http_open, then rc_http_start and rc_http_poll in any mix, then
 * rc_http_close.  One thread a handle.
 */
#ifndef RC_SYS_HTTP_H
#define RC_SYS_HTTP_H

#include "base/buf.h"

#define RC_HTTP_BODY_MAX (1u << 20) /* bytes of an answer that are kept */
#define RC_HTTP_SEND_MAX (1u << 24) /* bytes of a request's body */
#define RC_HTTP_TIMEOUT_MS 30000
#define RC_HTTP_HEADERS 64
#define RC_HTTP_SCOPE_MAX 64	       /* bytes of a region or service */
#define RC_HTTP_RETRY_MAX_MS 86400000u /* a longer Retry-After is cut to it */

struct rc_http;

struct rc_http_config {
	unsigned concurrency; /* requests at once, 1 to 1,000 */
	const char *cacert;   /* NULL: the system's */
	const char *proxy;    /* NULL: libcurl's own variables */
};

enum rc_http_outcome {
	RC_HTTP_ANSWERED, /* there is a status */
	/*
	 * Not a byte of the request left: name, connection, TLS, or a timeout
	 * before them.  Safe to try again.
	 */
	RC_HTTP_NEVER_SENT,
	RC_HTTP_UNKNOWN /* it may have been processed */
};

struct rc_http_header {
	const char *name, *value;
	bool secret; /* masked wherever the request is shown */
};

/* Signature Version 4 of Amazon's services. */
struct rc_http_sigv4 {
	const char *region, *service; /* "us-east-1", "s3"; rc_http_is_scope */
	const char *access_key, *secret_key;
	const char *session_token; /* or NULL */
};

/* All of it is copied by rc_http_start. */
struct rc_http_request {
	const char *method; /* "GET", "POST" */
	const char *url;
	const struct rc_http_header *header;
	size_t nheaders; /* at most RC_HTTP_HEADERS */
	struct rc_slice body;
	const char *user, *password; /* Basic, or NULL */
	/*
	 * Or NULL; not with user.  What is signed is the URL as it stands:
	 * every part of its path, and each name and value of its query, escaped
	 * by rc_url_escape, the names in order and each with '='.
	 */
	const struct rc_http_sigv4 *sigv4;
	unsigned timeout_ms; /* 0: RC_HTTP_TIMEOUT_MS */
};

struct rc_http_response { /* borrowed until the function ends */
	enum rc_http_outcome outcome;
	int status; /* when answered */
	struct rc_slice body;
	bool body_cut; /* longer than RC_HTTP_BODY_MAX, or broken off */
	const char *content_type; /* or "" */
	uint64_t retry_after_ms;  /* 0: not given; seconds or a date */
	const char *error;	  /* libcurl's words when not answered, or "" */
	uint64_t duration_us;
};

typedef void rc_http_fn(void *arg, const struct rc_http_response *);

/* 1 to RC_HTTP_SCOPE_MAX letters, digits, '-' and '_'. */
bool rc_http_is_scope(const char *) RC_MUST_USE;

/* RC_EUSAGE: concurrency; RC_ECONFIG: libcurl is too old. */
enum rc_err rc_http_open(struct rc_http **, const struct rc_http_config *,
    struct rc_error *) RC_MUST_USE;
/*
 * Requests under way end without their function being called.  NULL is fine.
 * Not to be called from a function of rc_http_start.
 */
void rc_http_close(struct rc_http *);
/*
 * Begins a request; done is called once, from rc_http_poll, and may itself
 * start the next one.  RC_EPERM: credentials or secret headers over plain
 * http.  RC_EDATA: no URL, or a header with a line break.  RC_EAGAIN:
 * concurrency requests are under way already, or memory is short.
 */
enum rc_err rc_http_start(struct rc_http *, const struct rc_http_request *,
    rc_http_fn *done, void *arg, struct rc_error *) RC_MUST_USE;
/* Requests under way. */
unsigned rc_http_active(const struct rc_http *);
/*
 * Moves transfers and calls functions.  When none has ended, waits at most
 * timeout_ms, or until wake_fd (-1: none) is readable, which the caller reads,
 * or a signal comes.  After a failure the handle can only be closed.
 */
enum rc_err rc_http_poll(struct rc_http *, int timeout_ms, int wake_fd,
    struct rc_error *) RC_MUST_USE;
/*
 * One request from begin to end, for tools that make one.  The response's
 * slices and strings point into body, which the caller owns.
 */
enum rc_err rc_http_call(struct rc_http *, const struct rc_http_request *,
    struct rc_http_response *, struct rc_buf *body,
    struct rc_error *) RC_MUST_USE;

#endif
