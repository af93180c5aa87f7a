/*
 * What the parts of httpd share: httpd.c opens and runs the server,
 * httpd_connection.c is what libmicrohttpd calls, httpd_request.c what its
 * handler does with a request.
 */
#ifndef RC_SYS_HTTPD_PRIV_H
#define RC_SYS_HTTPD_PRIV_H

#include "sys/httpd.h"
#include "sys/httpd_line.h"
#include "sys/httpd_listen.h"

#include <netinet/in.h>

struct MHD_Connection;
struct MHD_Daemon;
struct MHD_Response;

enum rc_httpd_phase {
	RC_PHASE_HEADERS, /* of a first request, or between two */
	RC_PHASE_BODY,
	RC_PHASE_HANDLER, /* it runs, or has kept the request */
	RC_PHASE_REPLY
};

/*
 * One for each connection, since HTTP/1.1 has one request at a time on it:
 * memory is reused from request to request.
 */
struct rc_httpd_request {
	struct rc_httpd *httpd;
	struct MHD_Connection *connection;
	struct rc_httpd_place place;
	char peer[INET6_ADDRSTRLEN];

	enum rc_httpd_phase phase;
	bool kept, too_large, dropped;
	const char *method;
	struct rc_buf target, body;
	struct MHD_Response *response; /* NULL with RC_PHASE_REPLY: drop */
	unsigned status;
};

struct rc_httpd {
	struct MHD_Daemon *daemon;
	struct rc_listener listener;
	int epoll_fd;
	struct rc_httpd_line moving, idle, kept;
	size_t crowded; /* make room beyond as many connections */
	bool closing;	/* nothing is handled any more */
	bool resumed;	/* a kept request was answered since the last run */
	rc_httpd_fn *handler;
	bool (*refuse)(void *arg, struct rc_httpd_request *);
	void *arg;
};

/*
 * A daemon that serves the listener of h, with at most so many connections, in
 * all and of one address (0: no limit); NULL when it does not start.
 */
struct MHD_Daemon *rc_httpd_daemon(
    struct rc_httpd *, unsigned connections, unsigned per_address);

#endif
