#include "sys/httpd.h"

#include "base/clock.h"
#include "base/num.h"
#include "sys/httpd_line.h"
#include "sys/httpd_listen.h"

#include <arpa/inet.h>
#include <limits.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 1024
#define OTHER_FILES 64 /* descriptors that connections leave to the process */
#define PATIENCE_US 2000000 /* with a slow client while others wait */
#define TARGET_MAX 65536    /* libmicrohttpd refuses sooner, by its memory */

enum phase {
	PHASE_HEADERS, /* of a first request, or between two */
	PHASE_BODY,
	PHASE_HANDLER, /* it runs, or has kept the request */
	PHASE_REPLY
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

	enum phase phase;
	bool kept, too_large, dropped;
	const char *method;
	struct rc_buf target, body;
	struct MHD_Response *response; /* NULL with PHASE_REPLY: drop */
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

/* --- what libmicrohttpd calls -------------------------------------------- */

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
	r->phase = PHASE_HEADERS;
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
	r->phase = PHASE_HANDLER;
	if (r->body.state == RC_BUF_NOMEM) /* it may be sent again */
		rc_httpd_reply(r, &(struct rc_httpd_reply){.status = 503});
	else if (r->too_large)
		rc_httpd_reply(r, &(struct rc_httpd_reply){.status = 413});
	else
		h->handler(h->arg, r);
	if (r->phase == PHASE_REPLY)
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
	r->phase = PHASE_BODY;
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
	case PHASE_HEADERS:
		return begin(r, method);
	case PHASE_BODY:
		if (*n == 0)
			return handle(r);
		take_body(r, data, *n);
		*n = 0;
		return MHD_YES;
	case PHASE_HANDLER:
		return MHD_YES;
	case PHASE_REPLY:
		return send_reply(r);
	}
	return MHD_NO;
}

/* --- the server ---------------------------------------------------------- */

/*
 * Asks for as many descriptors as it takes, and goes without connections rather
 * than without files: whoever opens many could keep keys and clicks from us.
 */
static unsigned
connections_possible(unsigned wanted)
{
	rlim_t needed = (rlim_t)wanted + OTHER_FILES;
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= needed)
		return wanted;
	files.rlim_cur = files.rlim_max < needed ? files.rlim_max : needed;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= needed)
		return wanted;
	if (files.rlim_cur >= 2 * OTHER_FILES)
		return (unsigned)files.rlim_cur - OTHER_FILES;
	return files.rlim_cur < 2 ? 1 : (unsigned)files.rlim_cur / 2;
}

static struct MHD_Daemon *
start_daemon(struct rc_httpd *h, const struct rc_httpd_config *cfg)
{
	unsigned possible = connections_possible(
	    cfg->connections == 0 ? CONNECTIONS : cfg->connections);

	h->crowded = possible - possible / 8;
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0,
	    NULL, NULL, on_request, h, MHD_OPTION_LISTEN_SOCKET, h->listener.fd,
	    MHD_OPTION_CONNECTION_LIMIT, possible,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, cfg->per_address,
	    MHD_OPTION_CONNECTION_TIMEOUT, 0u, MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_URI_LOG_CALLBACK, on_target, h,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_END);
}

static enum rc_err
open_daemon(
    struct rc_httpd *h, const struct rc_httpd_config *cfg, struct rc_error *e)
{
	const union MHD_DaemonInfo *info;

	h->daemon = start_daemon(h, cfg);
	if (h->daemon == NULL)
		return rc_err_set(e, RC_EINTERNAL,
		    "libmicrohttpd %s does not start", MHD_get_version());
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (info == NULL)
		return rc_err_set(e, RC_EINTERNAL,
		    "libmicrohttpd %s is built without epoll",
		    MHD_get_version());
	h->epoll_fd = info->epoll_fd;
	return RC_OK;
}

enum rc_err
rc_httpd_open(struct rc_httpd **out, const struct rc_httpd_config *cfg,
    struct rc_error *e)
{
	unsigned deadline_ms =
	    cfg->deadline_ms == 0 ? RC_HTTPD_DEADLINE_MS : cfg->deadline_ms;
	struct rc_httpd *h = calloc(1, sizeof(*h));
	enum rc_err err;

	*out = NULL;
	if (h == NULL)
		return rc_err_nomem(e);
	h->moving.length_us = deadline_ms * 1000ull;
	h->idle.length_us = h->moving.length_us * RC_HTTPD_IDLE_FACTOR;
	h->handler = cfg->handler;
	h->refuse = cfg->refuse;
	h->arg = cfg->arg;
	err = rc_listener_open(&h->listener, cfg->listen, e);
	if (err == RC_OK)
		err = open_daemon(h, cfg, e);
	if (err != RC_OK) {
		rc_httpd_close(h);
		return err;
	}
	*out = h;
	return RC_OK;
}

void
rc_httpd_close(struct rc_httpd *h)
{
	if (h == NULL)
		return;
	h->closing = true;
	while (h->kept.first != NULL)
		rc_httpd_drop(h->kept.first->owner);
	if (h->daemon != NULL) {
		MHD_run(h->daemon); /* suspended ones must be resumed first */
		MHD_stop_daemon(h->daemon);
	}
	if (h->listener.path[0] != '\0')
		unlink(h->listener.path);
	free(h);
}

uint16_t
rc_httpd_port(const struct rc_httpd *h)
{
	return h->listener.port;
}

int
rc_httpd_fd(const struct rc_httpd *h)
{
	return h->epoll_fd;
}

int
rc_httpd_timeout_ms(const struct rc_httpd *h)
{
	uint64_t now_us = rc_clock_mono_us();
	unsigned long long wanted;
	int timeout_ms = -1;

	/* libmicrohttpd does not count a resumed connection as work. */
	if (h->resumed)
		return 0;
	if (MHD_get_timeout(h->daemon, &wanted) == MHD_YES)
		timeout_ms = wanted > INT_MAX ? INT_MAX : (int)wanted;
	timeout_ms = rc_httpd_line_sooner(&h->moving, timeout_ms, now_us);
	return rc_httpd_line_sooner(&h->idle, timeout_ms, now_us);
}

/* Browsers keep connections that they never use again. */
static void
make_room(struct rc_httpd *h, uint64_t now_us)
{
	size_t open = h->moving.n + h->idle.n + h->kept.n;

	if (open > h->crowded)
		open -=
		    rc_httpd_line_trim(&h->idle, open - h->crowded, 0, now_us);
	if (open > h->crowded)
		rc_httpd_line_trim(
		    &h->moving, open - h->crowded, PATIENCE_US, now_us);
}

void
rc_httpd_run(struct rc_httpd *h)
{
	uint64_t now_us = rc_clock_mono_us();

	rc_httpd_line_cut(&h->moving, now_us);
	rc_httpd_line_cut(&h->idle, now_us);
	make_room(h, now_us);
	h->resumed = false;
	MHD_run(h->daemon);
}

/* --- a request ----------------------------------------------------------- */

struct rc_slice
rc_httpd_method(const struct rc_httpd_request *r)
{
	return rc_slice_str(r->method);
}

struct rc_slice
rc_httpd_path(const struct rc_httpd_request *r)
{
	const char *target = rc_buf_str(&r->target);

	return (struct rc_slice){target, strcspn(target, "?")};
}

struct rc_slice
rc_httpd_query(const struct rc_httpd_request *r)
{
	struct rc_slice path = rc_httpd_path(r);

	if (path.len == r->target.len)
		return RC_SLICE_LIT("");
	return (struct rc_slice){
	    path.p + path.len + 1, r->target.len - path.len - 1};
}

struct rc_slice
rc_httpd_body(const struct rc_httpd_request *r)
{
	return rc_buf_slice(&r->body);
}

struct rc_slice
rc_httpd_header(const struct rc_httpd_request *r, const char *name)
{
	const char *value = NULL;
	size_t n = 0;

	if (MHD_lookup_connection_value_n(r->connection, MHD_HEADER_KIND, name,
		strlen(name), &value, &n) != MHD_YES ||
	    value == NULL)
		return RC_SLICE_LIT("");
	return (struct rc_slice){value, n};
}

const char *
rc_httpd_peer(const struct rc_httpd_request *r)
{
	return r->peer;
}

static void
add_header(struct MHD_Response *m, const char *name, const char *value)
{
	if (name != NULL && value != NULL)
		MHD_add_response_header(m, name, value);
}

/* A kept request's connection is woken; libmicrohttpd then asks again. */
static void
end_request(struct rc_httpd_request *r)
{
	r->phase = PHASE_REPLY;
	if (!r->kept)
		return;
	r->kept = false;
	rc_httpd_line_join(&r->place, &r->httpd->moving);
	MHD_resume_connection(r->connection);
	r->httpd->resumed = true;
}

void
rc_httpd_reply(struct rc_httpd_request *r, const struct rc_httpd_reply *reply)
{
	union {
		const char *in;
		void *out;
	} body = {.in = reply->body.p}; /* copied, though not const there */
	struct MHD_Response *m = MHD_create_response_from_buffer(
	    reply->body.len, body.out, MHD_RESPMEM_MUST_COPY);

	if (m == NULL) {
		rc_httpd_drop(r);
		return;
	}
	add_header(m, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
	add_header(m, MHD_HTTP_HEADER_LOCATION, reply->location);
	add_header(m, reply->extra_name, reply->extra_value);
	r->response = m;
	r->status = (unsigned)reply->status;
	end_request(r);
}

void
rc_httpd_drop(struct rc_httpd_request *r)
{
	r->dropped = true;
	end_request(r);
}
