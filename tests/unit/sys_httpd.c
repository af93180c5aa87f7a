/* The server and its clients, raw sockets, in one thread and one loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sys/httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define KEPT_MAX 300
#define SHORT_DEADLINE_MS 40	/* that nothing has to be done in */
#define LONGER_DEADLINE_MS 1000 /* that a request and its answer fit in */

struct server {
	struct rc_httpd *httpd;
	bool keep, drop, refuse;
	struct rc_httpd_request *kept[KEPT_MAX];
	size_t nkept, handled;
	char path[256], query[256], peer[64], agent[64];
	size_t body_len;
};

static void
copy(char *out, size_t max, struct rc_slice s)
{
	snprintf(out, max, "%.*s", (int)s.len, s.p);
}

static void
answer(struct rc_httpd_request *r)
{
	struct rc_httpd_reply reply = {.status = 200,
	    .content_type = "text/plain",
	    .extra_name = "X-Extra",
	    .extra_value = "1",
	    .body = RC_SLICE_LIT("hello")};

	rc_httpd_reply(r, &reply);
}

static void
on_request(void *arg, struct rc_httpd_request *r)
{
	struct server *s = arg;

	s->handled++;
	copy(s->path, sizeof(s->path), rc_httpd_path(r));
	copy(s->query, sizeof(s->query), rc_httpd_query(r));
	copy(s->agent, sizeof(s->agent), rc_httpd_header(r, "user-agent"));
	copy(s->peer, sizeof(s->peer), rc_slice_str(rc_httpd_peer(r)));
	s->body_len = rc_httpd_body(r).len;
	if (s->keep && s->nkept < KEPT_MAX)
		s->kept[s->nkept++] = r;
	else if (s->drop)
		rc_httpd_drop(r);
	else
		answer(r);
}

static bool
on_headers(void *arg, struct rc_httpd_request *r)
{
	struct server *s = arg;

	assert_true(rc_httpd_path(r).len > 0);
	return s->refuse;
}

static void
start_with(struct server *s, struct rc_httpd_config cfg)
{
	struct rc_error e;

	memset(s, 0, sizeof(*s));
	cfg.handler = on_request;
	cfg.refuse = on_headers;
	cfg.arg = s;
	if (cfg.listen == NULL)
		cfg.listen = "127.0.0.1:0";
	assert_int_equal(rc_httpd_open(&s->httpd, &cfg, &e), RC_OK);
}

static void
start(struct server *s)
{
	start_with(s, (struct rc_httpd_config){0});
}

/* One turn of a loop as a daemon has it. */
static void
turn(struct server *s)
{
	struct pollfd p = {.fd = rc_httpd_fd(s->httpd), .events = POLLIN};
	int timeout_ms = rc_httpd_timeout_ms(s->httpd);

	poll(&p, 1, timeout_ms < 0 || timeout_ms > 5 ? 5 : timeout_ms);
	rc_httpd_run(s->httpd);
}

/* --- clients ------------------------------------------------------------- */

struct client {
	int fd;
	char text[4096]; /* the newest answer */
	size_t len;
	bool closed;
};

static void
join_server(struct client *c, const struct server *s)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
	    .sin_port = htons(rc_httpd_port(s->httpd)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	memset(c, 0, sizeof(*c));
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(c->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
}

static void
say(struct client *c, const char *text)
{
	(void)!send(c->fd, text, strlen(text), MSG_NOSIGNAL);
}

static bool
is_whole(const struct client *c)
{
	const char *end = strstr(c->text, "\r\n\r\n");
	const char *length = strstr(c->text, "Content-Length: ");

	if (end == NULL)
		return false;
	return length == NULL ||
	       strlen(end + 4) >= strtoul(length + 16, NULL, 10);
}

static void
listen_once(struct client *c)
{
	ssize_t n = recv(c->fd, c->text + c->len, sizeof(c->text) - 1 - c->len,
	    MSG_DONTWAIT);

	if (n > 0)
		c->len += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		c->closed = true;
	c->text[c->len] = '\0';
}

/* Until there is a whole answer or the connection is closed. */
static void
hear(struct client *c, struct server *s)
{
	c->len = 0;
	c->text[0] = '\0';
	while (!c->closed && !is_whole(c)) {
		turn(s);
		listen_once(c);
	}
}

/* The end of a connection that the server has closed, or the alarm. */
static void
hear_end(struct client *c)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};

	c->len = 0;
	while (!c->closed) {
		poll(&p, 1, -1);
		listen_once(c);
	}
}

static void
ask(struct client *c, struct server *s, const char *text)
{
	say(c, text);
	hear(c, s);
}

static void
assert_status(const struct client *c, const char *status)
{
	assert_false(c->closed);
	assert_int_equal(strncmp(c->text, "HTTP/1.1 ", 9), 0);
	assert_int_equal(strncmp(c->text + 9, status, 3), 0);
}

static void
end(struct server *s, struct client *c)
{
	if (c != NULL)
		close(c->fd);
	rc_httpd_close(s->httpd);
}

#define GET "GET /r/abc HTTP/1.1\r\nHost: x\r\n\r\n"

/* --- tests --------------------------------------------------------------- */

static void
a_connection_is_kept_alive(void **state)
{
	struct server s;
	struct client c;

	(void)state;
	start(&s);
	join_server(&c, &s);
	for (int i = 0; i < 3; i++) {
		ask(&c, &s, GET);
		assert_status(&c, "200");
		assert_null(strstr(c.text, "Connection: close"));
		assert_non_null(strstr(c.text, "X-Extra: 1\r\n"));
		assert_non_null(strstr(c.text, "\r\n\r\nhello"));
	}
	assert_int_equal(s.handled, 3);
	end(&s, &c);
}

static void
a_request_comes_as_it_was_sent(void **state)
{
	struct server s;
	struct client c;

	(void)state;
	start(&s);
	join_server(&c, &s);
	ask(&c, &s,
	    "POST /a%2Fb+c?x=%31&y HTTP/1.1\r\nHost: x\r\n"
	    "User-Agent: test/1\r\nContent-Length: 4\r\n\r\nbody");
	assert_status(&c, "200");
	assert_string_equal(s.path, "/a%2Fb+c");
	assert_string_equal(s.query, "x=%31&y");
	assert_string_equal(s.agent, "test/1");
	assert_string_equal(s.peer, "127.0.0.1");
	assert_int_equal(s.body_len, 4);
	ask(&c, &s, GET);
	assert_string_equal(s.path, "/r/abc");
	assert_string_equal(s.query, "");
	assert_string_equal(s.agent, "");
	assert_int_equal(s.body_len, 0);
	end(&s, &c);
}

static void
a_kept_request_is_answered_later(void **state)
{
	struct client c[3];
	struct server s;

	(void)state;
	start(&s);
	s.keep = true;
	for (size_t i = 0; i < 3; i++) {
		join_server(&c[i], &s);
		say(&c[i], GET);
		while (s.nkept <= i)
			turn(&s);
	}
	for (size_t i = 3; i-- > 0;) {
		listen_once(&c[i]);
		assert_int_equal(c[i].len, 0);
		answer(s.kept[i]);
		/* Nobody waits for something else to happen first. */
		assert_int_equal(rc_httpd_timeout_ms(s.httpd), 0);
		hear(&c[i], &s);
		assert_status(&c[i], "200");
	}
	s.keep = false;
	for (size_t i = 0; i < 3; i++) { /* and the connections live on */
		ask(&c[i], &s, GET);
		assert_status(&c[i], "200");
		close(c[i].fd);
	}
	end(&s, NULL);
}

static void
all_are_served(struct server *s, struct client *c, size_t n)
{
	size_t answered = 0;

	for (size_t i = 0; i < n; i++) {
		c[i].len = 0;
		c[i].text[0] = '\0';
		say(&c[i], GET);
	}
	while (answered < n) {
		turn(s);
		answered = 0;
		for (size_t i = 0; i < n; i++) {
			if (!is_whole(&c[i]))
				listen_once(&c[i]);
			assert_false(c[i].closed);
			answered += is_whole(&c[i]);
		}
	}
}

/*
 * libmicrohttpd's own loop hangs here.  Every turn waits for at most 5 ms, so
 * a server that waits by itself runs into the program's alarm.
 */
static void
multiples_of_128_connections_do_not_stall(void **state)
{
	static const size_t counts[] = {127, 128, 129, 256};
	struct client *c = calloc(256, sizeof(*c));
	struct server s;

	(void)state;
	for (size_t k = 0; k < 4; k++) {
		start(&s);
		for (size_t i = 0; i < counts[k]; i++)
			join_server(&c[i], &s);
		for (int round = 0; round < 10; round++)
			all_are_served(&s, c, counts[k]);
		assert_int_equal(s.handled, 10 * counts[k]);
		for (size_t i = 0; i < counts[k]; i++)
			close(c[i].fd);
		end(&s, NULL);
	}
	free(c);
}

static void
many_kept_requests_are_answered_at_once(void **state)
{
	struct client *c = calloc(256, sizeof(*c));
	struct server s;

	(void)state;
	start(&s);
	s.keep = true;
	for (size_t i = 0; i < 256; i++) {
		join_server(&c[i], &s);
		say(&c[i], GET);
	}
	while (s.nkept < 256)
		turn(&s);
	for (size_t i = 0; i < 256; i++)
		answer(s.kept[i]);
	for (size_t i = 0; i < 256; i++) {
		hear(&c[i], &s);
		assert_status(&c[i], "200");
		close(c[i].fd);
	}
	free(c);
	end(&s, NULL);
}

/*
 * A byte a turn until the server hangs up; or for ever, and the alarm rings.
 * Not so many that they are too large a request before they are too late.
 */
static void
drip(struct client *c, struct server *s)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};

	while (!c->closed) {
		say(c, "a");
		turn(s);
		poll(&p, 1, 1);
		listen_once(c);
	}
	assert_int_equal(c->len, 0);
}

static void
start_short(struct server *s)
{
	start_with(
	    s, (struct rc_httpd_config){.deadline_ms = SHORT_DEADLINE_MS});
}

static void
start_longer(struct server *s)
{
	start_with(
	    s, (struct rc_httpd_config){.deadline_ms = LONGER_DEADLINE_MS});
}

static void
a_client_that_drips_headers_is_cut(void **state)
{
	struct server s;
	struct client c;

	(void)state;
	start_short(&s);
	join_server(&c, &s);
	say(&c, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
	drip(&c, &s);
	assert_int_equal(s.handled, 0);
	end(&s, &c);
}

static void
a_client_that_drips_a_body_is_cut(void **state)
{
	struct server s;
	struct client c;

	(void)state;
	start_short(&s);
	join_server(&c, &s);
	say(&c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n");
	drip(&c, &s);
	assert_int_equal(s.handled, 0);
	end(&s, &c);
}

static void
a_client_that_drips_after_an_answer_is_cut(void **state)
{
	struct server s;
	struct client c;

	(void)state;
	start_longer(&s);
	join_server(&c, &s);
	ask(&c, &s, GET);
	assert_status(&c, "200");
	c.len = 0;
	say(&c, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
	drip(&c, &s);
	assert_int_equal(s.handled, 1);
	end(&s, &c);
}

static void
a_client_that_says_nothing_is_cut(void **state)
{
	struct server s;
	struct client c;

	(void)state;
	start_short(&s);
	join_server(&c, &s);
	hear(&c, &s);
	assert_true(c.closed);
	end(&s, &c);
}

static void
a_kept_request_has_no_deadline(void **state)
{
	struct client kept, silent;
	struct server s;

	(void)state;
	start_longer(&s);
	s.keep = true;
	join_server(&kept, &s);
	say(&kept, GET);
	while (s.nkept == 0)
		turn(&s);
	join_server(&silent, &s);
	hear(&silent, &s); /* returns when its deadline is over */
	assert_true(silent.closed);
	answer(s.kept[0]);
	hear(&kept, &s);
	assert_status(&kept, "200");
	close(silent.fd);
	end(&s, &kept);
}

/* Sends n bytes of body, serving in between. */
static void
say_much(struct client *c, struct server *s, size_t n)
{
	static char block[16384];

	while (n > 0) {
		size_t part = n < sizeof(block) ? n : sizeof(block);
		ssize_t sent = send(c->fd, block, part, MSG_NOSIGNAL);

		if (sent > 0)
			n -= (size_t)sent;
		else if (errno != EAGAIN)
			return;
		turn(s);
	}
}

static void
a_body_too_large_is_answered_by_413(void **state)
{
	size_t n = RC_HTTPD_BODY_MAX + 1;
	char head[128];
	struct server s;
	struct client c;

	(void)state;
	start(&s);
	join_server(&c, &s);
	for (int round = 0; round < 2; round++) { /* on one connection */
		snprintf(head, sizeof(head),
		    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n",
		    n);
		say(&c, head);
		say_much(&c, &s, n);
		hear(&c, &s);
		assert_status(&c, "413");
	}
	assert_int_equal(s.handled, 0);
	snprintf(head, sizeof(head),
	    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", n - 1);
	say(&c, head);
	say_much(&c, &s, n - 1);
	hear(&c, &s);
	assert_status(&c, "200");
	assert_int_equal(s.body_len, RC_HTTPD_BODY_MAX);
	end(&s, &c);
}

static void
a_chunked_body_too_large_is_answered_by_413(void **state)
{
	struct server s;
	struct client c;

	(void)state;
	start(&s);
	join_server(&c, &s);
	say(&c, "POST / HTTP/1.1\r\nHost: x\r\n"
		"Transfer-Encoding: chunked\r\n\r\n180000\r\n");
	say_much(&c, &s, 0x180000);
	ask(&c, &s, "\r\n0\r\n\r\n");
	assert_status(&c, "413");
	assert_int_equal(s.handled, 0);
	end(&s, &c);
}

static void
a_body_too_large_is_not_waited_for_when_announced(void **state)
{
	struct server s;
	struct client c;

	(void)state;
	start(&s);
	join_server(&c, &s);
	ask(&c, &s,
	    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n"
	    "Expect: 100-continue\r\n\r\n");
	assert_status(&c, "413");
	end(&s, &c);
}

static void
a_dropped_request_gets_no_answer(void **state)
{
	struct client now, later;
	struct server s;

	(void)state;
	start(&s);
	s.drop = true;
	join_server(&now, &s);
	ask(&now, &s, GET);
	assert_true(now.closed);
	assert_int_equal(now.len, 0);
	s.keep = true;
	join_server(&later, &s);
	say(&later, GET);
	while (s.nkept == 0)
		turn(&s);
	rc_httpd_drop(s.kept[0]);
	hear(&later, &s);
	assert_true(later.closed);
	assert_int_equal(later.len, 0);
	close(now.fd);
	end(&s, &later);
}

static void
a_refused_request_is_closed_before_its_body(void **state)
{
	struct server s;
	struct client c;

	(void)state;
	start(&s);
	s.refuse = true;
	join_server(&c, &s);
	ask(&c, &s,
	    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n");
	assert_true(c.closed);
	assert_int_equal(c.len, 0);
	assert_int_equal(s.handled, 0);
	end(&s, &c);
}

static void
a_client_that_went_away_harms_nobody(void **state)
{
	struct client gone, stays;
	struct server s;

	(void)state;
	start(&s);
	s.keep = true;
	join_server(&gone, &s);
	say(&gone, GET);
	while (s.nkept == 0)
		turn(&s);
	close(gone.fd);
	answer(s.kept[0]);
	s.keep = false;
	join_server(&stays, &s);
	ask(&stays, &s, GET);
	assert_status(&stays, "200");
	end(&s, &stays);
}

static void
an_address_has_its_share_of_connections(void **state)
{
	struct client c[3];
	struct server s;

	(void)state;
	start_with(&s, (struct rc_httpd_config){.per_address = 2});
	for (size_t i = 0; i < 3; i++) {
		join_server(&c[i], &s);
		ask(&c[i], &s, GET);
	}
	assert_status(&c[0], "200");
	assert_status(&c[1], "200");
	assert_true(c[2].closed);
	for (size_t i = 0; i < 3; i++)
		close(c[i].fd);
	end(&s, NULL);
}

static void
connections_that_are_only_kept_make_room(void **state)
{
	struct client c[20];
	struct server s;

	(void)state;
	start_with(&s,
	    (struct rc_httpd_config){.connections = 8, .deadline_ms = 600000});
	for (size_t i = 0; i < 20; i++) {
		join_server(&c[i], &s);
		ask(&c[i], &s, GET);
		assert_status(&c[i], "200");
	}
	hear_end(&c[0]);
	for (size_t i = 0; i < 20; i++)
		close(c[i].fd);
	end(&s, NULL);
}

static void
a_close_drops_kept_requests(void **state)
{
	struct server s;
	struct client c;

	(void)state;
	start(&s);
	s.keep = true;
	join_server(&c, &s);
	say(&c, GET);
	while (s.nkept == 0)
		turn(&s);
	rc_httpd_close(s.httpd);
	hear_end(&c);
	assert_int_equal(c.len, 0);
	close(c.fd);
}

static void
a_unix_socket_serves_and_is_removed(void **state)
{
	char dir[] = "/tmp/rc-httpd-XXXXXX", listen_on[64];
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	struct rc_httpd_config cfg = {.listen = listen_on};
	struct rc_httpd *second;
	struct rc_error e;
	struct client c = {0};
	struct server s;
	int stale;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/s", dir);
	snprintf(listen_on, sizeof(listen_on), "unix:%s/s", dir);
	stale = socket(AF_UNIX, SOCK_STREAM, 0); /* as kill -9 leaves one */
	assert_int_equal(bind(stale, (struct sockaddr *)&a, sizeof(a)), 0);
	close(stale);
	start_with(&s, cfg);
	assert_int_equal(rc_httpd_port(s.httpd), 0);
	assert_int_equal(rc_httpd_open(&second, &cfg, &e), RC_EUNAVAIL);
	c.fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(c.fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ask(&c, &s, GET);
	assert_status(&c, "200");
	assert_string_equal(s.peer, "");
	end(&s, &c);
	assert_int_equal(access(a.sun_path, F_OK), -1);
	rmdir(dir);
}

static void
a_wrong_address_is_refused(void **state)
{
	static const char *const wrong[] = {"", "8080", "localhost:80",
	    "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "::1:80",
	    "127.0.0.1:80x", "unix:"};
	struct rc_httpd_config cfg = {.handler = on_request};
	struct rc_httpd *h;
	struct rc_error e;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		cfg.listen = wrong[i];
		assert_int_equal(rc_httpd_open(&h, &cfg, &e), RC_EUSAGE);
		assert_null(h);
	}
}

static void
a_port_in_use_is_refused(void **state)
{
	struct rc_httpd_config cfg = {.handler = on_request};
	char listen_on[32];
	struct rc_httpd *h;
	struct rc_error e;
	struct server s;

	(void)state;
	start(&s);
	snprintf(listen_on, sizeof(listen_on), "127.0.0.1:%u",
	    rc_httpd_port(s.httpd));
	cfg.listen = listen_on;
	assert_int_equal(rc_httpd_open(&h, &cfg, &e), RC_EUNAVAIL);
	assert_non_null(strstr(e.msg, listen_on));
	end(&s, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_connection_is_kept_alive),
	    cmocka_unit_test(a_request_comes_as_it_was_sent),
	    cmocka_unit_test(a_kept_request_is_answered_later),
	    cmocka_unit_test(multiples_of_128_connections_do_not_stall),
	    cmocka_unit_test(many_kept_requests_are_answered_at_once),
	    cmocka_unit_test(a_client_that_drips_headers_is_cut),
	    cmocka_unit_test(a_client_that_drips_a_body_is_cut),
	    cmocka_unit_test(a_client_that_drips_after_an_answer_is_cut),
	    cmocka_unit_test(a_client_that_says_nothing_is_cut),
	    cmocka_unit_test(a_kept_request_has_no_deadline),
	    cmocka_unit_test(a_body_too_large_is_answered_by_413),
	    cmocka_unit_test(a_chunked_body_too_large_is_answered_by_413),
	    cmocka_unit_test(a_body_too_large_is_not_waited_for_when_announced),
	    cmocka_unit_test(a_dropped_request_gets_no_answer),
	    cmocka_unit_test(a_refused_request_is_closed_before_its_body),
	    cmocka_unit_test(a_client_that_went_away_harms_nobody),
	    cmocka_unit_test(an_address_has_its_share_of_connections),
	    cmocka_unit_test(connections_that_are_only_kept_make_room),
	    cmocka_unit_test(a_close_drops_kept_requests),
	    cmocka_unit_test(a_unix_socket_serves_and_is_removed),
	    cmocka_unit_test(a_wrong_address_is_refused),
	    cmocka_unit_test(a_port_in_use_is_refused),
	};

	alarm(300); /* a hang is a failure */
	return cmocka_run_group_tests_name("sys_httpd", tests, NULL, NULL);
}
