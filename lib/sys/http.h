/*
 * HTTP as a client, on libcurl's multi interface: many requests at once from
 * one thread, each sent at most once.
 *
 * libcurl silently sends a POST again when a reused connection dies without an
 * answer (FACTS "replay"); the guard here stops the second sending, and the
 * request ends as RC_HTTP_UNKNOWN.  Certificates are always verified, no
 * redirect is followed, and credentials are refused over plain http except to
 * loopback.
 */
#ifndef RC_SYS_HTTP_H
#define RC_SYS_HTTP_H

#include "base/buf.h"

#define RC_HTTP_BODY_MAX (1u << 20) /* bytes of an answer that are kept */
#define RC_HTTP_TIMEOUT_MS 30000

struct rc_http;

struct rc_http_config {
	unsigned concurrency; /* requests at once, 1 to 1,000 */
	const char *cacert;   /* NULL: the system's */
	const char *proxy;    /* NULL: libcurl's own variables */
};

enum rc_http_outcome {
	RC_HTTP_ANSWERED,   /* there is a status */
	RC_HTTP_NEVER_SENT, /* name, connection, TLS: safe to try again */
	RC_HTTP_UNKNOWN	    /* it may have been processed */
};

struct rc_http_header {
	const char *name, *value;
	bool secret; /* masked wherever the request is shown */
};

/* All of it is copied by rc_http_start. */
struct rc_http_request {
	const char *method; /* "GET", "POST" */
	const char *url;
	const struct rc_http_header *header;
	size_t nheaders;
	struct rc_slice body;
	const char *user, *password; /* Basic, or NULL */
	unsigned timeout_ms;	     /* 0: RC_HTTP_TIMEOUT_MS */
};

struct rc_http_response { /* borrowed until the function ends */
	enum rc_http_outcome outcome;
	int status; /* when answered */
	struct rc_slice body;
	bool body_cut;		  /* longer than RC_HTTP_BODY_MAX */
	const char *content_type; /* or "" */
	uint64_t retry_after_ms;  /* 0: not given; seconds or a date */
	const char *error;	  /* libcurl's words when not answered, or "" */
	uint64_t duration_us;
};

typedef void rc_http_fn(void *arg, const struct rc_http_response *);

enum rc_err rc_http_open(struct rc_http **, const struct rc_http_config *,
    struct rc_error *) RC_MUST_USE;
/* Requests under way end without their function being called. */
void rc_http_close(struct rc_http *);
/*
 * Begins a request; done is called once, from rc_http_poll.  RC_EPERM:
 * credentials or secret headers over plain http.  RC_EDATA: no URL.
 * RC_EAGAIN: concurrency requests are under way already.
 */
enum rc_err rc_http_start(struct rc_http *, const struct rc_http_request *,
    rc_http_fn *done, void *arg, struct rc_error *) RC_MUST_USE;
unsigned rc_http_active(const struct rc_http *);
/*
 * Moves transfers and calls functions, waiting at most timeout_ms, or until
 * wake_fd (-1: none) is readable; the caller reads it.
 */
enum rc_err rc_http_poll(struct rc_http *, int timeout_ms, int wake_fd,
    struct rc_error *) RC_MUST_USE;
/*
 * One request from begin to end, for tools that make one.  The response's
 * slices point into body, which the caller owns.
 */
enum rc_err rc_http_call(struct rc_http *, const struct rc_http_request *,
    struct rc_http_response *, struct rc_buf *body,
    struct rc_error *) RC_MUST_USE;

#endif
