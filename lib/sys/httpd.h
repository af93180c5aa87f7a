/*
 * HTTP as a server, on libmicrohttpd in external epoll mode: the caller's loop
 * drives it, one thread.  (Its own epoll thread stalls when a multiple of 128
 * connections are ready at once.)
 *
 * The handler sees a request once, whole, and answers at once or later.  A
 * request has a deadline of our own (libmicrohttpd times out only silence, so
 * a client that drips a byte a second would stay for ever), a largest body,
 * and a share of the connections per address.
 *
 * Order: rc_httpd_open; then poll(2) rc_httpd_fd for at most
 * rc_httpd_timeout_ms and call rc_httpd_run, again and again; rc_httpd_close.
 */
#ifndef RC_SYS_HTTPD_H
#define RC_SYS_HTTPD_H

#include "base/buf.h"

#define RC_HTTPD_BODY_MAX (1u << 20) /* more is answered by 413 */
#define RC_HTTPD_DEADLINE_MS 15000
#define RC_HTTPD_IDLE_FACTOR 4 /* deadlines that an idle connection lives */

struct rc_httpd;
struct rc_httpd_request;

/*
 * Called once a request.  Answers with rc_httpd_reply or rc_httpd_drop before
 * it returns, or keeps the request and answers later from the same thread.
 * That the client of a kept request went away shows only when it is answered.
 */
typedef void rc_httpd_fn(void *arg, struct rc_httpd_request *);

struct rc_httpd_config {
	/*
	 * "127.0.0.1:0", "[::1]:80", "unix:PATH".  The file of a unix socket
	 * is made under the umask, replaces one nobody listens on, and is
	 * removed at the end.
	 */
	const char *listen;
	rc_httpd_fn *handler;
	void *arg;
	/*
	 * Called when the headers are read, before the body; true closes the
	 * connection at once.  NULL: never.
	 */
	bool (*refuse)(void *arg, struct rc_httpd_request *);
	/*
	 * 0: 1,024; further ones wait in the backlog.  Fewer where the limit of
	 * open files, which is raised if need be, leaves no room.
	 */
	unsigned connections;
	unsigned per_address; /* connections, on TCP; 0: no limit */
	/*
	 * How long a request may take to arrive whole, from the connection's
	 * start or from its request line, and an answer to leave; then the
	 * connection is cut.  One that is kept alive is cut after
	 * RC_HTTPD_IDLE_FACTOR times this.  0: RC_HTTPD_DEADLINE_MS.  With
	 * seven eighths of the connections open, those idle longest make room,
	 * and then those that took more than two seconds.
	 */
	unsigned deadline_ms;
};

/* RC_EUSAGE for an address that is none; RC_EUNAVAIL when it is taken. */
enum rc_err rc_httpd_open(struct rc_httpd **, const struct rc_httpd_config *,
    struct rc_error *) RC_MUST_USE;
/* Kept requests are dropped.  NULL is fine. */
void rc_httpd_close(struct rc_httpd *);
uint16_t rc_httpd_port(const struct rc_httpd *); /* as bound; unix: 0 */
/*
 * A descriptor that is readable when rc_httpd_run has work; for the caller's
 * poll(2), nothing else.
 */
int rc_httpd_fd(const struct rc_httpd *);
/* How long the caller may wait at most before rc_httpd_run; -1: for ever. */
int rc_httpd_timeout_ms(const struct rc_httpd *);
/* Serves what is ready; never waits. */
void rc_httpd_run(struct rc_httpd *);

/* Slices live until the request is answered. */
struct rc_slice rc_httpd_method(const struct rc_httpd_request *);
struct rc_slice rc_httpd_path(const struct rc_httpd_request *);	 /* as sent */
struct rc_slice rc_httpd_query(const struct rc_httpd_request *); /* no '?' */
struct rc_slice rc_httpd_body(const struct rc_httpd_request *);
/* Value of a header, any case; empty when absent. */
struct rc_slice rc_httpd_header(
    const struct rc_httpd_request *, const char *name);
/* The peer's address as text, without port; "" on a unix socket. */
const char *rc_httpd_peer(const struct rc_httpd_request *);

struct rc_httpd_reply {
	int status;			      /* 200 to 599 */
	const char *content_type;	      /* NULL: none */
	const char *location;		      /* NULL: none */
	const char *extra_name, *extra_value; /* one more header, or NULL */
	struct rc_slice body;		      /* copied */
};

/* Each ends the request: it is not to be used after. */
void rc_httpd_reply(struct rc_httpd_request *, const struct rc_httpd_reply *);
void rc_httpd_drop(struct rc_httpd_request *); /* close, no answer */

#endif
