/*
 * Connections that wait in line for their deadlines; private to httpd.
 *
 * All in a line have the same time, counted from when they joined it, so the
 * first is always the next: joining, leaving and asking cost nothing.
 */
#ifndef RC_SYS_HTTPD_LINE_H
#define RC_SYS_HTTPD_LINE_H

#include "base/buf.h"

struct rc_httpd_line {
	struct rc_httpd_place *first, *last;
	size_t n;
	uint64_t length_us;
};

struct rc_httpd_place {
	struct rc_httpd_place *before, *after;
	struct rc_httpd_line *line; /* NULL: in none */
	uint64_t due_us;
	struct rc_httpd_request *owner;
	int fd;
};

/* Leaves the line it is in, if any, and joins this one at its end. */
void rc_httpd_line_join(struct rc_httpd_place *, struct rc_httpd_line *);
void rc_httpd_line_leave(struct rc_httpd_place *); /* if it is in one */
/*
 * Shuts down the sockets of those that are overdue and takes them out.
 * libmicrohttpd sees the end of the stream and closes the connection.
 */
void rc_httpd_line_cut(struct rc_httpd_line *, uint64_t now_us);
/*
 * The same for at most so many that have been in line longest, at least for
 * grace_us; tells how many they were.
 */
size_t rc_httpd_line_trim(
    struct rc_httpd_line *, size_t most, uint64_t grace_us, uint64_t now_us);
/* timeout_ms (-1: for ever), or less when a deadline comes sooner. */
int rc_httpd_line_sooner(
    const struct rc_httpd_line *, int timeout_ms, uint64_t now_us);

#endif
