/*
 * Connections that are kept for the next request, and whether the server has
 * closed one meanwhile; private to http.
 *
 * Under TLS a server's farewell lies there to be read before the end does, and
 * libcurl takes it for a sign of life: the request goes out, is lost, and
 * nobody knows whether it was processed.  So each is looked at before its first
 * byte.
 */
#ifndef RC_SYS_HTTP_KEPT_H
#define RC_SYS_HTTP_KEPT_H

#include "sys/http_easy.h"

struct rc_http_kept {
	struct rc_http_kept_one {
		int fd, port; /* local; 0: not known yet */
	} * one;
	size_t n, max;
};

/* Room for so many; RC_EAGAIN when memory is short. */
enum rc_err rc_http_kept_open(
    struct rc_http_kept *, size_t max, struct rc_error *) RC_MUST_USE;
/* When no connection is left that a watched handle has made. */
void rc_http_kept_close(struct rc_http_kept *);
/* Notes what connections a handle opens and closes; false: not set. */
bool rc_http_kept_watch(struct rc_http_kept *, CURL *);
/*
 * In CURLOPT_PREREQFUNCTION, with its local port: whether the connection was
 * used before and has something to say that nobody asked for.
 */
bool rc_http_kept_is_stale(struct rc_http_kept *, CURL *, int local_port);

#endif
