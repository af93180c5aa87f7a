#include "sys/http_kept.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum rc_err
rc_http_kept_open(struct rc_http_kept *k, size_t max, struct rc_error *e)
{
	k->one = calloc(max, sizeof(*k->one));
	k->max = max;
	k->n = 0;
	return k->one == NULL ? rc_err_nomem(e) : RC_OK;
}

void
rc_http_kept_close(struct rc_http_kept *k)
{
	free(k->one);
	*k = (struct rc_http_kept){0};
}

/* One that finds no room is never called stale. */
static int
on_open(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	struct rc_http_kept *k = arg;

	(void)purpose;
	if (k->n < k->max)
		k->one[k->n++] = (struct rc_http_kept_one){.fd = fd};
	return CURL_SOCKOPT_OK;
}

static int
on_close(void *arg, curl_socket_t fd)
{
	struct rc_http_kept *k = arg;

	for (size_t i = 0; i < k->n; i++)
		if (k->one[i].fd == fd) {
			k->one[i] = k->one[--k->n];
			break;
		}
	return close(fd);
}

bool
rc_http_kept_watch(struct rc_http_kept *k, CURL *easy)
{
	CURLcode c = CURLE_OK;

	RC_HTTP_SET(c, easy, CURLOPT_SOCKOPTFUNCTION, on_open);
	RC_HTTP_SET(c, easy, CURLOPT_SOCKOPTDATA, k);
	RC_HTTP_SET(c, easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	RC_HTTP_SET(c, easy, CURLOPT_CLOSESOCKETDATA, k);
	return c == CURLE_OK;
}

/* 0: not bound yet. */
static int
port_of(int fd)
{
	struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		return 0;
	if (address.ss_family == AF_INET)
		return ntohs(((struct sockaddr_in *)&address)->sin_port);
	if (address.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
	return 0;
}

/*
 * libcurl tells which connection it takes by its local port alone.  Another
 * of that port, to another server, would at worst cost a new connection.
 */
bool
rc_http_kept_is_stale(struct rc_http_kept *k, CURL *easy, int local_port)
{
	long connects = 1;

	/* A new one may have session tickets to read. */
	if (curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects) !=
		CURLE_OK ||
	    connects > 0)
		return false;
	for (size_t i = 0; i < k->n; i++) {
		struct pollfd p = {.fd = k->one[i].fd, .events = POLLIN};

		if (k->one[i].port == 0)
			k->one[i].port = port_of(p.fd);
		if (k->one[i].port == local_port && poll(&p, 1, 0) > 0)
			return true;
	}
	return false;
}
