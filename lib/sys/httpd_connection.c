#include "sys/httpd_priv.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdlib.h>

#define TARGET_MAX 65536 /* libmicrohttpd refuses sooner, by its memory */

static struct rc_httpd_request *
open_request(struct rc_httpd *h, struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *fd, *address;
	struct rc_httpd_request *r = calloc(1, sizeof(*r));

	fd = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	address =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (r == NULL || fd == NULL) {
		free(r);
		return NULL;
	}
	r->httpd = h;
	r->connection = c;
	r->place = (struct rc_httpd_place){.owner = r, .fd = fd->connect_fd};
	r->target = RC_BUF_INIT(TARGET_MAX);
	r->body = RC_BUF_INIT(RC_HTTPD_BODY_MAX);
	if (address == NULL || address->client_addr == NULL)
		return r;
	if (address->client_addr->sa_family == AF_INET)
		inet_ntop(AF_INET,
		    &((const struct sockaddr_in *)(const void *)
			    address->client_addr)
			 ->sin_addr,
		    r->peer, sizeof(r->peer));
	else if (address->client_addr->sa_family == AF_INET6)
		inet_ntop(AF_INET6,
		    &((const struct sockaddr_in6 *)(const void *)
			    address->client_addr)
			 ->sin6_addr,
		    r->peer, sizeof(r->peer));
	return r;
}

static void
free_request(struct rc_httpd_request *r)
{
	if (r == NULL)
		return;
	rc_httpd_line_leave(&r->place);
	if (r->response != NULL)
		MHD_destroy_response(r->response);
	rc_buf_free(&r->target);
	rc_buf_free(&r->body);
	free(r);
}

static void
on_connection(void *arg, struct MHD_Connection *c, void **context,
    enum MHD_ConnectionNotificationCode code)
{
	struct rc_httpd *h = arg;
	struct rc_httpd_request *r;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		free_request(*context);
		*context = NULL;
		return;
	}
	r = open_request(h, c);
	if (r != NULL)
		rc_httpd_line_join(&r->place, &h->moving);
	*context = r;
}

/*
 * The target as it was sent, before libmicrohttpd decodes it in place: also
 * the first sign of a further request on a connection.
 */
static void *
on_target(void *arg, const char *target, struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct rc_httpd *h = arg;
	struct rc_httpd_request *r;

	if (info == NULL || info->socket_context == NULL)
		return NULL;
	r = info->socket_context;
	rc_buf_reset(&r->target);
	rc_buf_adds(&r->target, target);
	if (r->place.line == &h->idle)
		rc_httpd_line_join(&r->place, &h->moving);
	return r;
}

static void
on_completed(void *arg, struct MHD_Connection *c, void **context,
    enum MHD_RequestTerminationCode code)
{
	struct rc_httpd_request *r = *context;
	struct rc_httpd *h = arg;

	(void)c, (void)code;
	if (r == NULL)
		return;
	r->phase = RC_PHASE_HEADERS;
	r->too_large = r->dropped = r->kept = false;
	rc_buf_reset(&r->body);
	if (r->place.line != NULL)
		rc_httpd_line_join(&r->place, &h->idle);
}

static enum MHD_Result
send_reply(struct rc_httpd_request *r)
{
	enum MHD_Result done;

	if (r->dropped || r->response == NULL)
		return MHD_NO;
	done = MHD_queue_response(r->connection, r->status, r->response);
	MHD_destroy_response(r->response);
	r->response = NULL;
	return done;
}

static enum MHD_Result
handle(struct rc_httpd_request *r)
{
	struct rc_httpd *h = r->httpd;

	if (h->closing)
		return MHD_NO;
	r->phase = RC_PHASE_HANDLER;
	if (r->body.state == RC_BUF_NOMEM) /* it may be sent again */
		rc_httpd_reply(r, &(struct rc_httpd_reply){.status = 503});
	else if (r->too_large)
		rc_httpd_reply(r, &(struct rc_httpd_reply){.status = 413});
	else
		h->handler(h->arg, r);
	if (r->phase == RC_PHASE_REPLY)
		return send_reply(r);
	r->kept = true;
	rc_httpd_line_join(&r->place, &h->kept);
	MHD_suspend_connection(r->connection);
	return MHD_YES;
}

/*
 * Never answers: a reply to the first call would close the connection.  A
 * client that waits for "100 Continue" is the exception; it has not sent the
 * body yet, and need not.
 */
static enum MHD_Result
begin(struct rc_httpd_request *r, const char *method)
{
	struct rc_slice length = rc_httpd_header(r, "Content-Length");
	uint64_t n;

	r->method = method;
	r->phase = RC_PHASE_BODY;
	if (r->httpd->closing || r->target.state != RC_BUF_FINE)
		return MHD_NO;
	if (r->httpd->refuse != NULL && r->httpd->refuse(r->httpd->arg, r))
		return MHD_NO;
	r->too_large =
	    length.len > 0 && !rc_num_u64(length, RC_HTTPD_BODY_MAX, &n);
	if (r->too_large && rc_httpd_header(r, "Expect").len > 0)
		return handle(r);
	return MHD_YES;
}

/* What is too large is read to its end, or the client would miss the 413. */
static void
take_body(struct rc_httpd_request *r, const char *data, size_t n)
{
	if (r->too_large)
		return;
	rc_buf_add(&r->body, data, n);
	r->too_large = r->body.state == RC_BUF_FULL;
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *data, size_t *n,
    void **context)
{
	struct rc_httpd_request *r = *context;

	(void)arg, (void)c, (void)url, (void)version;
	if (r == NULL)
		return MHD_NO;
	switch (r->phase) {
	case RC_PHASE_HEADERS:
		return begin(r, method);
	case RC_PHASE_BODY:
		if (*n == 0)
			return handle(r);
		take_body(r, data, *n);
		*n = 0;
		return MHD_YES;
	case RC_PHASE_HANDLER:
		return MHD_YES;
	case RC_PHASE_REPLY:
		return send_reply(r);
	}
	return MHD_NO;
}

struct MHD_Daemon *
rc_httpd_daemon(struct rc_httpd *h, unsigned connections, unsigned per_address)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0,
	    NULL, NULL, on_request, h, MHD_OPTION_LISTEN_SOCKET, h->listener.fd,
	    MHD_OPTION_CONNECTION_LIMIT, connections,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, per_address,
	    MHD_OPTION_CONNECTION_TIMEOUT, 0u, MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_URI_LOG_CALLBACK, on_target, h,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_END);
}
