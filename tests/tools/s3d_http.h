/*
 * The wire of s3d: reading a request and writing an answer on a blocking
 * socket, and what the command line asked for.
 */
#ifndef S3D_HTTP_H
#define S3D_HTTP_H

#include "base/num.h"
#include "sys/seal.h"
#include "text/url.h"

#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define FAULTS_MAX 16
#define REQUEST_MAX 65536
#define INTERIM_MS 100
#define TEXT_MAX (16u << 20)
#define PATH_ROOM 16384 /* a folder and a key */

static struct {
	const char *dir, *region, *access_key, *secret_key, *session_token;
	const char *basic, *digest;
	unsigned max_keys;
	bool anonymous;
	int log;
	const char *fault[FAULTS_MAX];
	size_t nfaults;
} opt;

static atomic_uint requests;

struct request {
	int fd;
	char text[REQUEST_MAX];
	const char *method, *path, *query, *headers; /* as sent */
	struct rc_buf bucket, key;		     /* unescaped */
	bool close;				     /* when answered */
};

/* A fault's value, "" without one; NULL when it was not asked for. */
static const char *
fault(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < opt.nfaults; i++)
		if (strncmp(opt.fault[i], name, n) == 0 &&
		    strchr("=", opt.fault[i][n]) != NULL)
			return opt.fault[i] + n + (opt.fault[i][n] == '=');
	return NULL;
}

/* A fault that ends after as many requests as its value says. */
static bool
fault_now(const char *name)
{
	const char *times = fault(name);

	return times != NULL &&
	       (*times == '\0' || requests <= strtoul(times, NULL, 10));
}

/* A header's value, copied to out; "" when absent. */
static const char *
header(const struct request *r, const char *name, char *out, size_t room)
{
	size_t n = strlen(name), len;

	out[0] = '\0';
	for (const char *p = r->headers; *p != '\0'; p += strlen(p) + 2) {
		if (strncasecmp(p, name, n) != 0 || p[n] != ':')
			continue;
		p += n + 1;
		p += strspn(p, " \t");
		len = strlen(p) < room - 1 ? strlen(p) : room - 1;
		memcpy(out, p, len);
		out[len] = '\0';
		break;
	}
	return out;
}

/* Header lines end in two NULs each: the walk above needs no length. */
static void
split_request(struct request *r)
{
	char *end = strstr(r->text, "\r\n\r\n");
	char *p = strstr(r->text, "\r\n"), *query;

	end[2] = '\0';
	r->headers = p + 2;
	for (; p != NULL; p = strstr(p + 2, "\r\n"))
		p[0] = p[1] = '\0';
	r->method = r->text;
	r->path = r->query = "";
	p = strchr(r->text, ' ');
	if (p == NULL)
		return;
	*p++ = '\0';
	r->path = p;
	p[strcspn(p, " ")] = '\0';
	query = strchr(p, '?');
	if (query != NULL) {
		*query = '\0';
		r->query = query + 1;
	}
}

/* False: the client went away, or sends what is no request. */
static bool
read_request(struct request *r)
{
	size_t len = 0;
	ssize_t n;

	r->text[0] = '\0';
	while (strstr(r->text, "\r\n\r\n") == NULL) {
		n = recv(r->fd, r->text + len, REQUEST_MAX - 1 - len, 0);
		if (n <= 0)
			return false;
		len += (size_t)n;
		r->text[len] = '\0';
	}
	split_request(r);
	return r->headers[0] != '\0';
}

static void
write_log(const struct request *r, int status)
{
	if (opt.log >= 0)
		dprintf(opt.log, "%s %s%s%s %d\n", r->method, r->path,
		    *r->query == '\0' ? "" : "?", r->query, status);
}

/* False when the client went away. */
static bool
write_all(int fd, const char *s, size_t n)
{
	while (n > 0) {
		ssize_t got = send(fd, s, n, MSG_NOSIGNAL);

		if (got <= 0)
			return false;
		s += got;
		n -= (size_t)got;
	}
	return true;
}

/* What no decent server sends before its headers' end, and what one may. */
static void
add_odd_headers(struct rc_buf *b)
{
	const char *lines = fault("headers");

	for (unsigned long n = lines ? strtoul(lines, NULL, 10) : 0; n > 0; n--)
		rc_buf_addf(b, "X-Pad-%lu: %0900lu\r\n", n, n);
}

/* Some time before the answer, so that it is read by itself. */
static void
send_interim(int fd)
{
	static const char text[] =
	    "HTTP/1.1 103 Early Hints\r\nETag: \"early\"\r\n\r\n";

	write_all(fd, text, sizeof(text) - 1);
	poll(NULL, 0, INTERIM_MS);
}

static void
send_head(struct request *r, const char *status, const char *headers)
{
	struct rc_buf b = RC_BUF_INIT(TEXT_MAX);

	if (fault("interim") != NULL)
		send_interim(r->fd);
	rc_buf_addf(&b, "HTTP/1.1 %s\r\n%s", status, headers);
	add_odd_headers(&b);
	rc_buf_adds(&b, "\r\n");
	write_log(r, atoi(status));
	if (!write_all(r->fd, b.data, b.len))
		r->close = true;
	rc_buf_free(&b);
}

static void
send_text(struct request *r, const char *status, const char *more,
    struct rc_slice body)
{
	char headers[2048];

	snprintf(headers, sizeof(headers),
	    "Content-Type: application/xml\r\nContent-Length: %zu\r\n%s",
	    body.len, more);
	send_head(r, status, headers);
	if (!write_all(r->fd, body.p, body.len))
		r->close = true;
}

/* S3's error document; details are further elements, or "". */
static void
send_error(struct request *r, const char *status, const char *code,
    const char *message, const char *details, const char *more)
{
	struct rc_buf b = RC_BUF_INIT(TEXT_MAX);

	rc_buf_addf(&b,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s"
	    "</Code><Message>%s</Message>%s<RequestId>1</RequestId></Error>",
	    code, message, details);
	send_text(r, status, more, rc_buf_slice(&b));
	rc_buf_free(&b);
}

#endif
