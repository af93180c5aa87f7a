#include "sys/httpd_listen.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define UNIX_PREFIX "unix:"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un un;
};

static enum rc_err
not_an_address(const char *text, struct rc_error *e)
{
	return rc_err_set(e, RC_EUSAGE,
	    "'%.100s' is no address to listen on: write 127.0.0.1:8080, "
	    "[::1]:8080 or unix:PATH",
	    text);
}

static bool
parse_host(
    struct rc_slice host, uint16_t port, union address *a, socklen_t *len)
{
	char text[INET6_ADDRSTRLEN];
	bool v6 =
	    host.len >= 2 && host.p[0] == '[' && host.p[host.len - 1] == ']';

	if (v6)
		host = (struct rc_slice){host.p + 1, host.len - 2};
	if (host.len >= sizeof(text))
		return false;
	memcpy(text, host.p, host.len);
	text[host.len] = '\0';
	if (v6) {
		*len = sizeof(a->v6);
		a->v6.sin6_family = AF_INET6;
		a->v6.sin6_port = htons(port);
		return inet_pton(AF_INET6, text, &a->v6.sin6_addr) == 1;
	}
	*len = sizeof(a->v4);
	a->v4.sin_family = AF_INET;
	a->v4.sin_port = htons(port);
	return inet_pton(AF_INET, text, &a->v4.sin_addr) == 1;
}

static enum rc_err
parse_address(
    const char *text, union address *a, socklen_t *len, struct rc_error *e)
{
	const char *colon = strrchr(text, ':');
	struct rc_slice host;
	uint64_t port;

	if (colon == NULL)
		return not_an_address(text, e);
	host = (struct rc_slice){text, (size_t)(colon - text)};
	if (!rc_num_u64(rc_slice_str(colon + 1), UINT16_MAX, &port) ||
	    !parse_host(host, (uint16_t)port, a, len))
		return not_an_address(text, e);
	return RC_OK;
}

static enum rc_err
parse_path(const char *text, union address *a, socklen_t *len,
    struct rc_listener *l, struct rc_error *e)
{
	const char *path = text + sizeof(UNIX_PREFIX) - 1;
	size_t n = strlen(path);

	if (n == 0 || n >= sizeof(l->path))
		return rc_err_set(e, RC_EUSAGE,
		    "socket path '%.120s' must have 1 to %zu bytes", path,
		    sizeof(l->path) - 1);
	a->un.sun_family = AF_UNIX;
	memcpy(a->un.sun_path, path, n + 1);
	memcpy(l->path, path, n + 1);
	*len = sizeof(a->un);
	return RC_OK;
}

/* A socket file is left behind by kill -9; one that is in use answers. */
static void
remove_stale(const union address *a, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (connect(fd, &a->any, len) != 0 && errno == ECONNREFUSED)
		unlink(a->un.sun_path);
	close(fd);
}

static enum rc_err
bind_and_listen(struct rc_listener *l, const char *text, union address *a,
    socklen_t len, struct rc_error *e)
{
	int on = 1;

	l->fd = socket(
	    a->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return rc_err_errno(e, RC_EUNAVAIL, "no socket for '%s'", text);
	if (a->any.sa_family == AF_UNIX)
		remove_stale(a, len);
	else
		setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (a->any.sa_family == AF_INET6)
		setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(l->fd, &a->any, len) == 0 && listen(l->fd, SOMAXCONN) == 0)
		return RC_OK;
	rc_err_errno(e, RC_EUNAVAIL, "cannot listen on '%s'", text);
	close(l->fd);
	return e->code;
}

static uint16_t
bound_port(int fd)
{
	union address a = {0};
	socklen_t len = sizeof(a);

	if (getsockname(fd, &a.any, &len) != 0)
		return 0;
	if (a.any.sa_family == AF_INET6)
		return ntohs(a.v6.sin6_port);
	return a.any.sa_family == AF_INET ? ntohs(a.v4.sin_port) : 0;
}

enum rc_err
rc_listener_open(struct rc_listener *l, const char *text, struct rc_error *e)
{
	bool local = strncmp(text, UNIX_PREFIX, sizeof(UNIX_PREFIX) - 1) == 0;
	union address a = {0};
	socklen_t len = 0;
	enum rc_err err;

	*l = (struct rc_listener){.fd = -1};
	if (local)
		err = parse_path(text, &a, &len, l, e);
	else
		err = parse_address(text, &a, &len, e);
	if (err == RC_OK)
		err = bind_and_listen(l, text, &a, len, e);
	if (err == RC_OK)
		l->port = bound_port(l->fd);
	else
		l->path[0] = '\0';
	return err;
}
