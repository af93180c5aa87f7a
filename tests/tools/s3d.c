/*
 * s3d [OPTION...] DIR: an S3 server for tests, on 127.0.0.1 and a free port,
 * which its first line of output says.  A folder of DIR is a bucket, a file in
 * it an object, an empty folder the object "folder/".  Runs until it is killed.
 * Also a plain web server: http://127.0.0.1:PORT/bucket/file.
 *
 * Knows ListObjectsV2 and GetObject, path style and bucket.localhost style.
 * Signatures (V4) are verified strictly; errors have S3's codes.
 *
 *  --region R           default us-east-1
 *  --access-key ID      default AKIDTEST
 *  --secret-key SECRET  default s3cret/KEY+
 *  --session-token T    must be sent; without this option, none may be
 *  --anonymous          requests without a signature are let in, too
 *  --basic USER:PASS    so are those with this name and password
 *  --max-keys N         the most that a page of a listing holds; default 1000
 *  --log FILE           a line a request: method, path and query, status
 *  --digest KIND        of each object, a header with its digest: md5
 *                       (Content-MD5), sha-256 (Digest), repr (Repr-Digest),
 *                       aws (x-amz-checksum-sha256)
 *  --fault NAME[=VALUE] may be given up to sixteen times; N: only as long as
 *                       no more requests than N have come
 *    slow-down[=N]      503 SlowDown
 *    retry-after=S      with slow-down: come again in so many seconds
 *    retry-after=S      of slow-down; default 0
 *    internal[=N]       500 InternalError
 *    hang-up[=N]        the request is read, the connection closed
 *    tell-tale          403 AccessDenied, with our keys in the message
 *    no-http            the answer is no HTTP
 *    headers=LINES      so many header lines of 900 bytes
 *    interim            103 Early Hints comes before the answer
 *    redirect=REGION    301 PermanentRedirect, the bucket is in REGION
 *    moved=URL          307 TemporaryRedirect there
 *    status=CODE        that status, and a body that is not S3's
 *    garbage            a listing is no XML
 *    doctype            a listing declares entities
 *    endless            a listing always has one more page
 *    same-token         so it does, and always by the same token
 *    cut-list[=N]       a listing breaks off half-way
 *    etag               the ETag, in listings too, is not the MD5
 *    multipart          the ETag is "…-2"
 *    changed            the ETag is not the one that was listed
 *    deaf               If-Match is not heeded
 *    gone               what is listed cannot be got
 *    digest             the digest header is wrong
 *    cut[=BYTES]        a body breaks off after so many, or half-way
 *    reset[=BYTES]      the same, with a reset
 *    stall[=BYTES]      the same, but the connection stays open
 *    pause=FILE         the body's second half waits until FILE exists
 *    longer, shorter    Content-Length is ten more, or less, than is sent
 *    no-length          the body ends with the connection
 *    chunked            the body comes in chunks (with cut: no last one)
 *    identity           a Transfer-Encoding that makes the length void
 *    encoding=NAME      Content-Encoding
 *    old                no Last-Modified
 */
#include "s3d_auth.h"
#include "s3d_http.h"
#include "s3d_list.h"
#include "s3d_object.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>

/* --- a request ------------------------------------------------------------ */

/* The bucket in the Host, "bucket.localhost:port"; 0: it is in the path. */
static size_t
bucket_in_host(const char *host)
{
	const char *dot = strstr(host, ".localhost");

	return dot == NULL ? 0 : (size_t)(dot - host);
}

static bool
find_names(struct request *r)
{
	char host[256];
	const char *path = r->path + (r->path[0] == '/');
	size_t n;

	rc_buf_reset(&r->bucket);
	rc_buf_reset(&r->key);
	header(r, "Host", host, sizeof(host));
	n = bucket_in_host(host);
	rc_buf_add(&r->bucket, host, n);
	if (n == 0) {
		n = strcspn(path, "/");
		if (!rc_url_unescape(&r->bucket, rc_slice_of(path, n), false))
			return false;
		path += n + (path[n] == '/');
	}
	return rc_url_unescape(&r->key, rc_slice_str(path), false) &&
	       r->bucket.len > 0 && strchr(r->bucket.data, '/') == NULL &&
	       r->bucket.data[0] != '.';
}

static void
send_redirect(struct request *r, const char *region)
{
	char more[256];

	snprintf(more, sizeof(more), "x-amz-bucket-region: %s\r\n", region);
	send_error(r, "301 Moved Permanently", "PermanentRedirect",
	    "The bucket you are attempting to access must be addressed using "
	    "the specified endpoint.",
	    "<Endpoint>elsewhere.example</Endpoint>", more);
}

/* True: a fault has answered in the server's stead. */
static bool
struck(struct request *r)
{
	const char *value;
	char more[1024];

	if (fault_now("hang-up")) {
		write_log(r, 0);
		r->close = true;
	} else if (fault("tell-tale") != NULL) {
		snprintf(more, sizeof(more), "you are %s, %s", opt.access_key,
		    opt.secret_key);
		send_error(r, "403 Forbidden", "AccessDenied", more, "", "");
	} else if (fault("no-http") != NULL) {
		write_log(r, 0);
		write_all(r->fd, "\x01\x02 nonsense\r\n\r\n", 15);
		r->close = true;
	} else if (fault_now("slow-down")) {
		value = fault("retry-after");
		snprintf(more, sizeof(more), "Retry-After: %s\r\n",
		    value == NULL ? "0" : value);
		send_error(r, "503 Slow Down", "SlowDown",
		    "Please reduce your request rate.", "", more);
	} else if (fault_now("internal")) {
		send_error(r, "500 Internal Server Error", "InternalError",
		    "We encountered an internal error. Please try again.", "",
		    "");
	} else if ((value = fault("status")) != NULL) {
		snprintf(more, sizeof(more), "%s Odd", value);
		send_text(r, more, "", RC_SLICE_LIT("<html>no S3 here</html>"));
	} else if ((value = fault("redirect")) != NULL) {
		send_redirect(r, value);
	} else if ((value = fault("moved")) != NULL) {
		snprintf(more, sizeof(more), "Location: %s\r\n", value);
		send_error(r, "307 Temporary Redirect", "TemporaryRedirect",
		    "Please re-send this request to the specified temporary "
		    "endpoint.",
		    "", more);
	} else {
		return false;
	}
	return true;
}

static void
answer(struct request *r)
{
	char top[8192];
	struct stat st;

	requests++;
	if (struck(r))
		return;
	if (strcmp(r->method, "GET") != 0) {
		send_error(r, "405 Method Not Allowed", "MethodNotAllowed",
		    "The specified method is not allowed.", "", "");
		r->close = true; /* its body was not read */
		return;
	}
	if (!may_ask(r))
		return;
	if (!find_names(r)) {
		send_error(r, "400 Bad Request", "InvalidURI",
		    "Couldn't parse the specified URI.", "", "");
		return;
	}
	snprintf(top, sizeof(top), "%s/%s", opt.dir, rc_buf_str(&r->bucket));
	if (stat(top, &st) != 0 || !S_ISDIR(st.st_mode))
		send_error(r, "404 Not Found", "NoSuchBucket",
		    "The specified bucket does not exist", "", "");
	else if (r->key.len == 0)
		list_bucket(r, top);
	else
		get_object(r);
}

static void *
serve(void *arg)
{
	struct request *r = arg;

	r->bucket = RC_BUF_INIT(REQUEST_MAX);
	r->key = RC_BUF_INIT(REQUEST_MAX);
	while (!r->close && read_request(r))
		answer(r);
	close(r->fd);
	rc_buf_free(&r->bucket);
	rc_buf_free(&r->key);
	free(r);
	return NULL;
}

/* --- the command line ----------------------------------------------------- */

static const char *
basic_header(const char *pair)
{
	static struct rc_buf b;

	b = RC_BUF_INIT(REQUEST_MAX);
	rc_buf_adds(&b, "Basic ");
	rc_base64(&b, rc_slice_str(pair));
	return rc_buf_str(&b);
}

static bool
take_option(int c)
{
	switch (c) {
	case 'r':
		opt.region = optarg;
		break;
	case 'a':
		opt.access_key = optarg;
		break;
	case 's':
		opt.secret_key = optarg;
		break;
	case 't':
		opt.session_token = optarg;
		break;
	case 'n':
		opt.anonymous = true;
		break;
	case 'b':
		opt.basic = basic_header(optarg);
		break;
	case 'm':
		opt.max_keys = (unsigned)strtoul(optarg, NULL, 10);
		break;
	case 'l':
		opt.log = open(
		    optarg, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		break;
	case 'd':
		opt.digest = optarg;
		break;
	case 'f':
		if (opt.nfaults < FAULTS_MAX)
			opt.fault[opt.nfaults++] = optarg;
		break;
	default:
		return false;
	}
	return true;
}

static bool
read_command_line(int argc, char **argv)
{
	static const struct option option[] = {
	    {"region", required_argument, NULL, 'r'},
	    {"access-key", required_argument, NULL, 'a'},
	    {"secret-key", required_argument, NULL, 's'},
	    {"session-token", required_argument, NULL, 't'},
	    {"anonymous", no_argument, NULL, 'n'},
	    {"basic", required_argument, NULL, 'b'},
	    {"max-keys", required_argument, NULL, 'm'},
	    {"log", required_argument, NULL, 'l'},
	    {"digest", required_argument, NULL, 'd'},
	    {"fault", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};
	int c;

	opt.region = "us-east-1";
	opt.access_key = "AKIDTEST";
	opt.secret_key = "s3cret/KEY+";
	opt.max_keys = 1000;
	opt.log = -1;
	while ((c = getopt_long(argc, argv, "", option, NULL)) != -1)
		if (!take_option(c))
			return false;
	opt.dir = argv[optind];
	return opt.dir != NULL;
}

static int
listen_on_loopback(void)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 ||
	    listen(fd, 64) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		return -1;
	printf("%u\n", ntohs(a.sin_port));
	fflush(stdout);
	return fd;
}

int
main(int argc, char **argv)
{
	pthread_attr_t detached;
	pthread_t thread;
	const int on = 1;
	int listener, fd;

	if (!read_command_line(argc, argv)) {
		fprintf(stderr, "usage: s3d [OPTION...] DIR\n");
		return 64;
	}
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	listener = listen_on_loopback();
	while (listener >= 0 && (fd = accept(listener, NULL, NULL)) >= 0) {
		struct request *r = calloc(1, sizeof(*r));

		r->fd = fd;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		if (pthread_create(&thread, &detached, serve, r) != 0)
			return 1;
	}
	perror("s3d");
	return 1;
}
