/*
 * oddd: an HTTP server on loopback that answers whatever a test wants: a
 * request to /HOW/NAME gets the bytes of the file NAME as they are, HOW being
 *
 *	keep	and the connection stays open
 *	close	and it ends, once the client has all
 *	reset	and it is torn
 *	drip	a byte in a tenth of a second
 *	loop	and then the bytes of NAME.loop for ever
 *	echo	none, but 400 and the request itself: as an error's text in
 *		JSON, of its body alone when NAME is body, or as it is when
 *		NAME is plain
 *
 * Prints its port, then "NAME BODY" for each request.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX 65536
#define ANSWER_MAX (32u << 20)
#define DRIP_MS 100

struct request {
	char text[REQUEST_MAX + 1];
	size_t len; /* of what was read */
	char how[16], name[64];
	const char *body;
};

static bool
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = send(fd, p, n, MSG_NOSIGNAL);

		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

/* The bytes of a file; NULL when there is none.  The caller frees. */
static char *
read_file(const char *name, const char *suffix, size_t *len)
{
	char path[128], *bytes = malloc(ANSWER_MAX);
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", name, suffix);
	f = fopen(path, "r");
	if (f == NULL || bytes == NULL) {
		free(bytes);
		return NULL;
	}
	*len = fread(bytes, 1, ANSWER_MAX, f);
	fclose(f);
	return bytes;
}

/* Until the client has gone; nothing is read that could be answered. */
static void
wait_for_end(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLRDHUP};

	(void)poll(&p, 1, -1);
}

static void
drip(int fd, const char *p, size_t n)
{
	while (n-- > 0 && write_all(fd, p++, 1))
		poll(NULL, 0, DRIP_MS);
	wait_for_end(fd);
}

static void
loop(int fd, const char *name)
{
	size_t n;
	char *bytes = read_file(name, ".loop", &n);

	while (bytes != NULL && n > 0 && write_all(fd, bytes, n))
		continue;
	free(bytes);
}

static void
reset(int fd)
{
	struct linger none = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

static size_t
escape(char *out, const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20)
			n += (size_t)sprintf(out + n, "\\u%04x", *text);
		else if (*text == '"' || *text == '\\')
			n += (size_t)sprintf(out + n, "\\%c", *text);
		else
			out[n++] = *text;
	return n;
}

static void
echo(int fd, const struct request *r)
{
	static const char begin[] =
	    "{\"error\":\"invalid_client\",\"error_description\":\"";
	bool plain = strcmp(r->name, "plain") == 0;
	size_t max = 2 * 6 * sizeof(r->text), n;
	char *body = malloc(max), head[128];

	if (body == NULL)
		return;
	n = (size_t)sprintf(body, "%s", plain ? r->text : begin);
	if (!plain) {
		n += escape(
		    body + n, strcmp(r->name, "body") == 0 ? r->body : r->text);
		n += (size_t)sprintf(body + n, "\"}");
	}
	snprintf(head, sizeof(head),
	    "HTTP/1.1 400 Bad\r\nContent-Length: %zu\r\n\r\n", n);
	if (write_all(fd, head, strlen(head)))
		write_all(fd, body, n);
	free(body);
}

/* True: another request may come. */
static bool
answer(int fd, const struct request *r)
{
	size_t n = 0;
	char *bytes;

	if (strcmp(r->how, "echo") == 0) {
		echo(fd, r);
		return true;
	}
	bytes = read_file(r->name, "", &n);
	if (strcmp(r->how, "drip") == 0)
		drip(fd, bytes, n);
	else if (bytes != NULL && !write_all(fd, bytes, n))
		n = 0;
	free(bytes);
	if (strcmp(r->how, "loop") == 0)
		loop(fd, r->name);
	if (strcmp(r->how, "reset") == 0)
		reset(fd);
	return strcmp(r->how, "keep") == 0;
}

/* Keeps what is behind the request for the next one. */
static bool
read_request(int fd, struct request *r)
{
	for (;;) {
		const char *end, *length;
		ssize_t got =
		    recv(fd, r->text + r->len, REQUEST_MAX - r->len, 0);

		if (got <= 0)
			return false;
		r->len += (size_t)got;
		r->text[r->len] = '\0';
		end = strstr(r->text, "\r\n\r\n");
		if (end == NULL)
			continue;
		r->body = end + 4;
		length = strcasestr(r->text, "\r\nContent-Length:");
		if (length == NULL ||
		    strlen(r->body) >= strtoul(length + 17, NULL, 10))
			return sscanf(r->text, "%*s /%15[a-z]/%63[a-z0-9-]",
				   r->how, r->name) == 2;
	}
}

static void *
serve(void *arg)
{
	int fd = *(int *)arg;
	struct request *r = calloc(1, sizeof(*r));

	free(arg);
	while (r != NULL && read_request(fd, r)) {
		printf("%s %s\n", r->name, r->body);
		fflush(stdout);
		r->len = 0;
		if (!answer(fd, r))
			break;
	}
	free(r);
	close(fd);
	return NULL;
}

int
main(void)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;

	signal(SIGPIPE, SIG_IGN);
	if (bind(listener, (struct sockaddr *)&a, len) != 0 ||
	    listen(listener, 1024) != 0)
		return 69;
	getsockname(listener, (struct sockaddr *)&a, &len);
	printf("port %u\n", ntohs(a.sin_port));
	fflush(stdout);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		int *arg = malloc(sizeof(*arg));
		pthread_t thread;

		if (arg == NULL)
			return 71;
		*arg = fd;
		if (pthread_create(&thread, NULL, serve, arg) != 0)
			return 71;
		pthread_detach(thread);
	}
	return 0;
}
