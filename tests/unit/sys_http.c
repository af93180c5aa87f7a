/* A real server on loopback, in threads, that can be asked to misbehave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sys/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUESTS 40
#define CONNECTIONS 64

enum mode {
	MODE_ECHO,
	MODE_CUT_SECOND, /* read each connection's second request, hang up */
	MODE_CUT_AND_GO, /* the same, and nobody listens from then on */
	MODE_FAREWELL,	 /* when told, say something unasked and hang up */
	MODE_SILENT,
	MODE_GARBAGE,
	MODE_HUGE,
	MODE_BROKEN_OFF,
	MODE_LIMIT,
	MODE_LIMIT_DATE
};

struct server {
	enum mode mode;
	int listener;
	uint16_t port;
	pthread_t acceptor, worker[CONNECTIONS];
	int fd[CONNECTIONS];
	size_t nworkers;
	atomic_bool told, said;	    /* MODE_FAREWELL */
	atomic_uint seen[REQUESTS]; /* by the number in a request's body */
};

struct connection {
	struct server *server;
	int fd;
	char text[8192];
	size_t len;
};

/* --- the server ---------------------------------------------------------- */

static void
write_all(int fd, const char *s, size_t n)
{
	while (n > 0) {
		ssize_t got = send(fd, s, n, MSG_NOSIGNAL);

		if (got <= 0)
			return;
		s += got;
		n -= (size_t)got;
	}
}

/* A whole request in c->text; false when the client went away. */
static bool
read_request(struct connection *c)
{
	const char *end, *length;
	ssize_t got;

	c->len = 0;
	for (;;) {
		got = recv(
		    c->fd, c->text + c->len, sizeof(c->text) - 1 - c->len, 0);
		if (got <= 0)
			return false;
		c->len += (size_t)got;
		c->text[c->len] = '\0';
		end = strstr(c->text, "\r\n\r\n");
		if (end == NULL)
			continue;
		length = strstr(c->text, "Content-Length: ");
		if (length == NULL ||
		    strlen(end + 4) >= strtoul(length + 16, NULL, 10))
			return true;
	}
}

static void
count_request(struct connection *c)
{
	const char *number = strstr(c->text, "\r\n\r\nid=");
	unsigned long i;

	if (number == NULL)
		return;
	i = strtoul(number + 7, NULL, 10);
	if (i < REQUESTS)
		c->server->seen[i]++;
}

static void
send_answer(int fd, const char *head, const char *body, size_t n)
{
	char text[512];
	int len = snprintf(text, sizeof(text),
	    "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n", head, n);

	write_all(fd, text, (size_t)len);
	write_all(fd, body, n);
}

static void
send_huge(int fd)
{
	size_t n = 3u << 20;
	char *body = calloc(1, n);

	send_answer(fd, "200 OK", body, n);
	free(body);
}

static void
hang_up_for_good(struct server *s)
{
	shutdown(s->listener, SHUT_RDWR);
}

static bool
say_farewell(struct connection *c)
{
	send_answer(c->fd, "200 OK", c->text, c->len);
	while (!c->server->told)
		sched_yield();
	write_all(c->fd, "x", 1);
	c->server->said = true;
	return false;
}

/* False: the connection is to be closed. */
static bool
answer(struct connection *c, unsigned nth)
{
	switch (c->server->mode) {
	case MODE_CUT_AND_GO:
	case MODE_CUT_SECOND:
		if (nth == 2 && c->server->mode == MODE_CUT_AND_GO)
			hang_up_for_good(c->server);
		if (nth == 2)
			return false;
		break;
	case MODE_FAREWELL:
		return say_farewell(c);
	case MODE_SILENT:
		return true;
	case MODE_GARBAGE:
		write_all(c->fd, "\x01\x02 nonsense\r\n\r\n", 15);
		return false;
	case MODE_HUGE:
		send_huge(c->fd);
		return true;
	case MODE_BROKEN_OFF:
		write_all(c->fd,
		    "HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\n{\"si",
		    46);
		return false;
	case MODE_LIMIT:
		send_answer(c->fd, "429 Slow\r\nRetry-After: 7", "", 0);
		return true;
	case MODE_LIMIT_DATE:
		send_answer(c->fd,
		    "429 Slow\r\nRetry-After: Wed, 01 Jan 2098 00:00:00 GMT",
		    "", 0);
		return true;
	case MODE_ECHO:
		break;
	}
	send_answer(
	    c->fd, "200 OK\r\nContent-Type: text/x-echo", c->text, c->len);
	return true;
}

static void *
serve_connection(void *arg)
{
	struct connection *c = arg;

	for (unsigned nth = 1; read_request(c); nth++) {
		count_request(c);
		if (!answer(c, nth))
			break;
	}
	shutdown(c->fd, SHUT_RDWR);
	free(c);
	return NULL;
}

static void *
accept_all(void *arg)
{
	struct server *s = arg;
	int fd;

	while (s->nworkers < CONNECTIONS &&
	       (fd = accept(s->listener, NULL, NULL)) >= 0) {
		struct connection *c = calloc(1, sizeof(*c));

		c->server = s;
		c->fd = fd;
		s->fd[s->nworkers] = fd;
		pthread_create(
		    &s->worker[s->nworkers++], NULL, serve_connection, c);
	}
	return NULL;
}

static int
bind_loopback(uint16_t *port)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	getsockname(fd, (struct sockaddr *)&a, &len);
	*port = ntohs(a.sin_port);
	return fd;
}

static void
start_server(struct server *s, enum mode mode)
{
	memset(s, 0, sizeof(*s));
	s->mode = mode;
	s->listener = bind_loopback(&s->port);
	assert_int_equal(listen(s->listener, 64), 0);
	pthread_create(&s->acceptor, NULL, accept_all, s);
}

static void
stop_server(struct server *s)
{
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->acceptor, NULL);
	for (size_t i = 0; i < s->nworkers; i++)
		shutdown(s->fd[i], SHUT_RDWR);
	for (size_t i = 0; i < s->nworkers; i++) {
		pthread_join(s->worker[i], NULL);
		close(s->fd[i]);
	}
	close(s->listener);
}

/* --- the client ---------------------------------------------------------- */

struct outcomes {
	struct rc_http *http;
	uint16_t port;
	unsigned started, answered, never_sent, unknown;
	enum rc_http_outcome of[REQUESTS];
};

struct ticket {
	struct outcomes *all;
	unsigned i;
};

static struct rc_http *
open_http(unsigned concurrency)
{
	struct rc_http_config cfg = {.concurrency = concurrency};
	struct rc_http *h;
	struct rc_error e;

	assert_int_equal(rc_http_open(&h, &cfg, &e), RC_OK);
	return h;
}

static const char *
url_of(uint16_t port)
{
	static char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u/messages", port);
	return url;
}

static void
on_outcome(void *arg, const struct rc_http_response *r)
{
	struct ticket *t = arg;

	t->all->of[t->i] = r->outcome;
	if (r->outcome == RC_HTTP_ANSWERED)
		t->all->answered++;
	else if (r->outcome == RC_HTTP_UNKNOWN)
		t->all->unknown++;
	else
		t->all->never_sent++;
}

static void
post_all(struct outcomes *o, unsigned n)
{
	struct ticket ticket[REQUESTS];
	struct rc_error e;
	char body[16];

	while (o->started < n || rc_http_active(o->http) > 0) {
		struct rc_http_request r = {
		    .method = "POST", .url = url_of(o->port)};
		struct ticket *t = &ticket[o->started];

		if (o->started < n) {
			snprintf(body, sizeof(body), "id=%u", o->started);
			r.body = rc_slice_str(body);
			*t = (struct ticket){o, o->started};
			if (rc_http_start(o->http, &r, on_outcome, t, &e) ==
			    RC_OK) {
				o->started++;
				continue;
			}
			assert_int_equal(e.code, RC_EAGAIN);
		}
		assert_int_equal(rc_http_poll(o->http, 1000, -1, &e), RC_OK);
	}
}

static void
a_request_is_never_sent_twice(unsigned concurrency)
{
	struct outcomes o = {0};
	struct server s;

	start_server(&s, MODE_CUT_SECOND);
	o.http = open_http(concurrency);
	o.port = s.port;
	post_all(&o, REQUESTS);
	rc_http_close(o.http);
	stop_server(&s);
	for (unsigned i = 0; i < REQUESTS; i++)
		assert_int_equal(s.seen[i], 1);
	assert_int_equal(o.answered + o.unknown, REQUESTS);
	assert_true(o.unknown > 0);
	assert_true(o.answered > 0);
}

static void
cut_reused_connections_send_nothing_twice(void **state)
{
	(void)state;
	a_request_is_never_sent_twice(1);
	a_request_is_never_sent_twice(8);
}

static void
a_repetition_that_cannot_connect_is_not_called_never_sent(void **state)
{
	struct outcomes o = {0};
	struct server s;

	(void)state;
	start_server(&s, MODE_CUT_AND_GO);
	o.http = open_http(1);
	o.port = s.port;
	post_all(&o, 2);
	rc_http_close(o.http);
	stop_server(&s);
	assert_int_equal(s.seen[1], 1);
	assert_int_equal(o.of[0], RC_HTTP_ANSWERED);
	assert_int_equal(o.of[1], RC_HTTP_UNKNOWN);
}

/* As a server's farewell does under TLS, and libcurl takes for life. */
static void
a_connection_that_says_something_unasked_is_left(void **state)
{
	struct outcomes o = {0};
	struct server s;

	(void)state;
	start_server(&s, MODE_FAREWELL);
	o.http = open_http(1);
	o.port = s.port;
	post_all(&o, 1);
	s.told = true;
	while (!s.said)
		sched_yield();
	post_all(&o, 2);
	rc_http_close(o.http);
	stop_server(&s);
	assert_int_equal(s.seen[0], 1);
	assert_int_equal(s.seen[1], 1);
	assert_int_equal(o.answered, 2);
}

static void
a_refused_connection_was_never_sent(void **state)
{
	struct outcomes o = {0};
	int fd = bind_loopback(&o.port); /* bound, and nobody listens */

	(void)state;
	o.http = open_http(1);
	post_all(&o, 1);
	assert_int_equal(o.of[0], RC_HTTP_NEVER_SENT);
	rc_http_close(o.http);
	close(fd);
}

/* One request to a server in some mode. */
struct call {
	struct server server;
	struct rc_http *http;
	struct rc_buf body;
	struct rc_http_response response;
};

static void
start_call(struct call *c, enum mode mode, struct rc_http_request r)
{
	struct rc_error e;

	start_server(&c->server, mode);
	c->http = open_http(1);
	c->body = RC_BUF_INIT(4u << 20);
	r.url = url_of(c->server.port);
	assert_int_equal(
	    rc_http_call(c->http, &r, &c->response, &c->body, &e), RC_OK);
}

static void
end_call(struct call *c)
{
	rc_buf_free(&c->body);
	rc_http_close(c->http);
	stop_server(&c->server);
}

static const struct rc_http_request post_one = {
    .method = "POST", .body = {"id=0", 4}};

/* With more time until the server saw the request, which is soon. */
static void
an_answer_that_does_not_come_is_unknown(void **state)
{
	struct rc_http_request r = post_one;
	struct call c;

	(void)state;
	c.server.seen[0] = 0;
	for (r.timeout_ms = 50; c.server.seen[0] == 0; r.timeout_ms *= 2) {
		start_call(&c, MODE_SILENT, r);
		assert_string_not_equal(c.response.error, "");
		end_call(&c);
	}
	assert_int_equal(c.response.outcome, RC_HTTP_UNKNOWN);
	assert_int_equal(c.server.seen[0], 1);
}

static void
garbage_for_an_answer_is_unknown(void **state)
{
	struct call c;

	(void)state;
	start_call(&c, MODE_GARBAGE, post_one);
	assert_int_equal(c.response.outcome, RC_HTTP_UNKNOWN);
	end_call(&c);
	assert_int_equal(c.server.seen[0], 1);
}

static void
a_huge_answer_keeps_its_status_and_is_cut(void **state)
{
	struct call c;

	(void)state;
	start_call(&c, MODE_HUGE, post_one);
	assert_int_equal(c.response.outcome, RC_HTTP_ANSWERED);
	assert_int_equal(c.response.status, 200);
	assert_true(c.response.body_cut);
	assert_true(c.response.body.len <= RC_HTTP_BODY_MAX);
	end_call(&c);
}

static void
an_answer_broken_off_keeps_its_status_and_is_cut(void **state)
{
	struct call c;

	(void)state;
	start_call(&c, MODE_BROKEN_OFF, post_one);
	assert_int_equal(c.response.outcome, RC_HTTP_ANSWERED);
	assert_int_equal(c.response.status, 201);
	assert_true(c.response.body_cut);
	end_call(&c);
	assert_int_equal(c.server.seen[0], 1);
}

static void
retry_after_is_seconds_or_a_date(void **state)
{
	struct call c;

	(void)state;
	start_call(&c, MODE_LIMIT, post_one);
	assert_int_equal(c.response.status, 429);
	assert_int_equal(c.response.retry_after_ms, 7000);
	end_call(&c);
	start_call(&c, MODE_LIMIT_DATE, post_one);
	assert_int_equal(c.response.retry_after_ms, RC_HTTP_RETRY_MAX_MS);
	end_call(&c);
}

static bool
echoed(const struct call *c, const char *text)
{
	return memmem(c->response.body.p, c->response.body.len, text,
		   strlen(text)) != NULL;
}

static void
a_request_arrives_as_it_was_asked_for(void **state)
{
	static const struct rc_http_header header[] = {
	    {"Content-Type", "application/json", false},
	    {"X-Api-Key", "sesame", true}, {"X-Empty", "", false}};
	struct rc_http_request r = {.method = "POST",
	    .header = header,
	    .nheaders = 3,
	    .body = RC_SLICE_LIT("{\"to\":1}"),
	    .user = "AC1",
	    .password = "pass"};
	struct call c;

	(void)state;
	start_call(&c, MODE_ECHO, r);
	assert_int_equal(c.response.status, 200);
	assert_false(c.response.body_cut);
	assert_string_equal(c.response.content_type, "text/x-echo");
	assert_true(echoed(&c, "POST /messages HTTP/1.1\r\n"));
	assert_true(echoed(&c, "Content-Type: application/json\r\n"));
	assert_true(echoed(&c, "X-Api-Key: sesame\r\n"));
	assert_true(echoed(&c, "X-Empty:\r\n"));
	assert_true(echoed(&c, "Authorization: Basic QUMxOnBhc3M=\r\n"));
	assert_true(echoed(&c, "\r\n\r\n{\"to\":1}"));
	assert_false(echoed(&c, "Expect"));
	end_call(&c);
}

/* A handle is used again: nothing of the request before may stick to it. */
static void
nothing_of_a_request_leaks_into_the_next(void **state)
{
	static const struct rc_http_header header[] = {
	    {"X-Api-Key", "sesame", true}};
	struct rc_http_request r = {.method = "PUT",
	    .header = header,
	    .nheaders = 1,
	    .body = RC_SLICE_LIT("text"),
	    .user = "AC1",
	    .password = "pass"};
	struct rc_error e;
	struct call c;

	(void)state;
	start_call(&c, MODE_ECHO, r);
	assert_true(echoed(&c, "PUT /messages"));
	for (int i = 0; i < 2; i++) { /* both handles of this engine */
		r = (struct rc_http_request){
		    .method = "GET", .url = url_of(c.server.port)};
		assert_int_equal(
		    rc_http_call(c.http, &r, &c.response, &c.body, &e), RC_OK);
		assert_true(echoed(&c, "GET /messages HTTP/1.1\r\n"));
		assert_false(echoed(&c, "sesame"));
		assert_false(echoed(&c, "Authorization"));
		assert_false(echoed(&c, "Content-Length"));
	}
	end_call(&c);
}

static void
call_again(struct call *c, const char *url, const struct rc_http_header *header)
{
	struct rc_http_request r = {.method = "GET",
	    .url = url,
	    .header = header,
	    .nheaders = header != NULL};
	struct rc_error e;

	assert_int_equal(
	    rc_http_call(c->http, &r, &c->response, &c->body, &e), RC_OK);
}

/* What is known of a URL holds for that one alone. */
static void
each_request_goes_to_its_own_url(void **state)
{
	static const struct rc_http_header agent = {
	    "user-agent", "mine/1", false};
	char url[200];
	struct call c;

	(void)state;
	start_call(&c, MODE_ECHO, post_one);
	assert_true(echoed(&c, "User-Agent: reconnect/"));
	for (int i = 0; i < 6; i++) { /* both handles, and known ones again */
		snprintf(url, sizeof(url),
		    "http://AC1:pass@127.0.0.1:%u/a/../b?c=%d", c.server.port,
		    i / 3);
		call_again(&c, url, &agent);
		snprintf(
		    url, sizeof(url), "GET /a/../b?c=%d HTTP/1.1\r\n", i / 3);
		assert_true(echoed(&c, url));
		assert_true(
		    echoed(&c, "Authorization: Basic QUMxOnBhc3M=\r\n"));
		assert_true(echoed(&c, "user-agent: mine/1\r\n"));
		assert_false(echoed(&c, "reconnect/"));
	}
	for (int i = 0; i < 2; i++) {
		call_again(&c, url_of(c.server.port), NULL);
		assert_true(echoed(&c, "GET /messages HTTP/1.1\r\n"));
		assert_false(echoed(&c, "Authorization"));
		assert_true(echoed(&c, "User-Agent: reconnect/"));
	}
	end_call(&c);
}

static void
refused(struct rc_http *h, const struct rc_http_request *r, enum rc_err code)
{
	struct rc_error e;

	assert_int_equal(rc_http_start(h, r, on_outcome, NULL, &e), code);
	assert_null(strstr(e.msg, "sesame"));
	assert_int_equal(rc_http_active(h), 0);
}

static void
secrets_go_over_plain_http_to_loopback_alone(void **state)
{
	struct rc_http_header header = {"X-Api-Key", "sesame", true};
	struct rc_http_request r = {.method = "POST",
	    .url = "http://192.0.2.1/",
	    .header = &header,
	    .nheaders = 1};
	struct rc_http *h = open_http(1);

	(void)state;
	refused(h, &r, RC_EPERM);
	refused(h, &r, RC_EPERM); /* the handle knows the URL by now */
	r = (struct rc_http_request){.method = "POST",
	    .url = "http://192.0.2.1/",
	    .user = "AC1",
	    .password = "sesame"};
	refused(h, &r, RC_EPERM);
	r = (struct rc_http_request){
	    .method = "POST", .url = "http://AC1:sesame@192.0.2.1/"};
	refused(h, &r, RC_EPERM);
	rc_http_close(h);
}

static void
what_is_no_request_is_refused(void **state)
{
	struct rc_http_header header = {"X-To", "a\r\nX-Api-Key: b", false};
	struct rc_http_request r = {.method = "POST",
	    .url = "http://127.0.0.1/",
	    .header = &header,
	    .nheaders = 1};
	struct rc_http *h = open_http(1);

	(void)state;
	refused(h, &r, RC_EDATA);
	r = (struct rc_http_request){.method = "GET", .url = ""};
	refused(h, &r, RC_EDATA); /* and does not go to the URL before */
	r.url = "file:///etc";
	refused(h, &r, RC_EDATA);
	r.url = "";
	refused(h, &r, RC_EDATA);
	rc_http_close(h);
}

static void
a_wake_ends_the_wait(void **state)
{
	struct rc_http *h = open_http(1);
	struct rc_error e;
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(write(pipes[1], "x", 1), 1);
	/* Without the wake this would outlast the test's own time limit. */
	assert_int_equal(rc_http_poll(h, 3600000, pipes[0], &e), RC_OK);
	close(pipes[0]);
	close(pipes[1]);
	rc_http_close(h);
}

static void
a_close_with_requests_under_way_is_quiet(void **state)
{
	struct outcomes o = {0};
	struct ticket ticket = {&o, 0};
	struct rc_http_request r = post_one;
	struct server s;
	struct rc_error e;

	(void)state;
	start_server(&s, MODE_SILENT);
	o.http = open_http(2);
	r.url = url_of(s.port);
	assert_int_equal(
	    rc_http_start(o.http, &r, on_outcome, &ticket, &e), RC_OK);
	assert_int_equal(rc_http_poll(o.http, 0, -1, &e), RC_OK);
	rc_http_close(o.http);
	assert_int_equal(o.answered + o.unknown + o.never_sent, 0);
	stop_server(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cut_reused_connections_send_nothing_twice),
	    cmocka_unit_test(
		a_repetition_that_cannot_connect_is_not_called_never_sent),
	    cmocka_unit_test(a_connection_that_says_something_unasked_is_left),
	    cmocka_unit_test(a_refused_connection_was_never_sent),
	    cmocka_unit_test(an_answer_that_does_not_come_is_unknown),
	    cmocka_unit_test(garbage_for_an_answer_is_unknown),
	    cmocka_unit_test(a_huge_answer_keeps_its_status_and_is_cut),
	    cmocka_unit_test(an_answer_broken_off_keeps_its_status_and_is_cut),
	    cmocka_unit_test(retry_after_is_seconds_or_a_date),
	    cmocka_unit_test(a_request_arrives_as_it_was_asked_for),
	    cmocka_unit_test(nothing_of_a_request_leaks_into_the_next),
	    cmocka_unit_test(each_request_goes_to_its_own_url),
	    cmocka_unit_test(secrets_go_over_plain_http_to_loopback_alone),
	    cmocka_unit_test(what_is_no_request_is_refused),
	    cmocka_unit_test(a_wake_ends_the_wait),
	    cmocka_unit_test(a_close_with_requests_under_way_is_quiet),
	};

	alarm(300); /* a hang is a failure */
	return cmocka_run_group_tests_name("sys_http", tests, NULL, NULL);
}
