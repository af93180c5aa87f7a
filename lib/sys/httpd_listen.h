/*
 * The socket a server listens on; private to httpd.
 */
#ifndef RC_SYS_HTTPD_LISTEN_H
#define RC_SYS_HTTPD_LISTEN_H

#include "base/buf.h"

#include <sys/un.h>

struct rc_listener {
	int fd; /* non-blocking, closed on exec */
	uint16_t port;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* or "" */
};

/* As rc_httpd_open: RC_EUSAGE or RC_EUNAVAIL, and then path is "". */
enum rc_err rc_listener_open(
    struct rc_listener *, const char *address, struct rc_error *) RC_MUST_USE;

#endif
