/* The server is tests/tools/s3d, which breaks off, stalls and lies. */
#include "s3d.h"

#include "sys/http_stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define BODY (8u << 20)
#define BUCKET "bucket/data.csv"

struct pull {
	struct s3d server;
	struct rc_http *http;
	struct rc_http_stream *stream;
	const struct rc_http_head *head;
	char *body; /* what the server has */
	struct rc_buf got;
	struct rc_error e;
};

static void
make_body(struct pull *p, size_t n)
{
	p->body = malloc(n);
	for (size_t i = 0; i < n; i++)
		p->body[i] = (char)("0123456789abcdef"[i * 7919 % 16]);
	s3d_put(BUCKET, p->body, n);
}

static void
start(struct pull *p, size_t n, const char *const *options)
{
	const struct rc_http_config config = {.concurrency = 1};

	memset(p, 0, sizeof(*p));
	p->got = RC_BUF_INIT(64u << 20);
	make_body(p, n);
	s3d_start(&p->server, options);
	assert_int_equal(rc_http_open(&p->http, &config, &p->e), RC_OK);
}

static void
end(struct pull *p)
{
	rc_http_stream_close(p->stream);
	rc_http_close(p->http);
	s3d_stop(&p->server);
	rc_buf_free(&p->got);
	free(p->body);
}

static enum rc_err
open_stream(struct pull *p, unsigned timeout_ms)
{
	char url[128];
	struct rc_http_request r = {
	    .method = "GET", .url = url, .timeout_ms = timeout_ms};

	snprintf(url, sizeof(url), "%s/" BUCKET, p->server.url);
	return rc_http_stream_open(&p->stream, p->http, &r, &p->head, &p->e);
}

/* Reads to the end, in pieces of this size. */
static enum rc_err
read_stream(struct pull *p, size_t piece)
{
	char *at = malloc(piece);
	enum rc_err err;
	size_t n;

	do {
		err = rc_http_stream_read(p->stream, at, piece, &n, &p->e);
		if (err == RC_OK)
			rc_buf_add(&p->got, at, n);
	} while (err == RC_OK && n > 0);
	free(at);
	return err;
}

static void
assert_got(const struct pull *p, size_t n)
{
	assert_int_equal(p->got.len, n);
	assert_memory_equal(p->got.data, p->body, n);
}

static const char *const open_to_all[] = {"--anonymous", NULL};

static void
a_body_comes_whole_in_pieces_of_any_size(void **state)
{
	static const size_t piece[] = {77, 4096, 65536, 3u << 20};
	struct pull p;

	(void)state;
	start(&p, BODY, open_to_all);
	for (size_t i = 0; i < sizeof(piece) / sizeof(piece[0]); i++) {
		rc_buf_reset(&p.got);
		assert_int_equal(open_stream(&p, 0), RC_OK);
		assert_int_equal(p.head->status, 200);
		assert_int_equal(p.head->content_length, BODY);
		assert_int_equal(read_stream(&p, piece[i]), RC_OK);
		assert_got(&p, BODY);
		rc_http_stream_close(p.stream);
		p.stream = NULL;
	}
	end(&p);
}

static void
the_head_tells_what_it_is(void **state)
{
	struct pull p;

	(void)state;
	start(&p, 3,
	    S3D_OPTIONS("--anonymous", "--digest", "repr", "--fault",
		"encoding=gzip", "--fault", "interim"));
	assert_int_equal(open_stream(&p, 0), RC_OK);
	assert_int_equal(strlen(p.head->etag), 34);
	assert_string_equal(p.head->content_type, "text/csv");
	assert_string_equal(p.head->content_encoding, "gzip");
	assert_true(p.head->last_modified_ms > 0);
	assert_int_equal(p.head->last_modified_ms % 1000, 0);
	assert_true(p.head->end_marked);
	assert_memory_equal(
	    rc_http_stream_header(p.stream, "rEPR-digest"), "sha-256=:", 9);
	assert_string_equal(rc_http_stream_header(p.stream, "Digest"), "");
	assert_int_equal(read_stream(&p, 100), RC_OK);
	assert_got(&p, 3); /* and it is not unpacked */
	end(&p);
}

/* If it did not pause, the first one's buffer would pass its ceiling. */
static void
what_is_not_read_waits_at_the_sender(void **state)
{
	struct rc_http_stream *first;
	struct pull p;

	(void)state;
	start(&p, BODY, open_to_all);
	assert_int_equal(open_stream(&p, 0), RC_OK);
	first = p.stream;
	assert_int_equal(open_stream(&p, 0), RC_OK);
	assert_int_equal(read_stream(&p, 65536), RC_OK);
	assert_got(&p, BODY);
	rc_http_stream_close(p.stream);
	p.stream = first;
	rc_buf_reset(&p.got);
	assert_int_equal(read_stream(&p, 65536), RC_OK);
	assert_got(&p, BODY);
	end(&p);
}

static void
a_stream_may_be_closed_before_its_end(void **state)
{
	struct pull p;
	char piece[10];
	size_t n;

	(void)state;
	start(&p, BODY, open_to_all);
	assert_int_equal(open_stream(&p, 0), RC_OK);
	assert_int_equal(
	    rc_http_stream_read(p.stream, piece, sizeof(piece), &n, &p.e),
	    RC_OK);
	rc_http_stream_close(p.stream);
	assert_int_equal(open_stream(&p, 0), RC_OK);
	assert_int_equal(read_stream(&p, 65536), RC_OK);
	assert_got(&p, BODY);
	end(&p);
}

static void
reads_until(enum rc_err wanted, const char *const *options, const char *says)
{
	struct pull p;

	start(&p, 1000, options);
	assert_int_equal(open_stream(&p, 0), RC_OK);
	assert_int_equal(read_stream(&p, 64), wanted);
	assert_memory_equal(p.got.data, p.body, p.got.len);
	assert_says(p.e, says);
	/* It stays so. */
	assert_int_equal(read_stream(&p, 64), wanted);
	end(&p);
}

static void
a_body_that_breaks_off_is_never_whole(void **state)
{
	(void)state;
	reads_until(RC_EUNAVAIL, S3D_OPTIONS("--anonymous", "--fault", "cut"),
	    "broke off");
	reads_until(RC_EUNAVAIL,
	    S3D_OPTIONS("--anonymous", "--fault", "cut=999"), "broke off");
	reads_until(RC_EUNAVAIL, S3D_OPTIONS("--anonymous", "--fault", "cut=0"),
	    "broke off");
	reads_until(RC_EUNAVAIL,
	    S3D_OPTIONS("--anonymous", "--fault", "longer"), "broke off");
	reads_until(RC_EUNAVAIL,
	    S3D_OPTIONS("--anonymous", "--fault", "cut", "--fault", "chunked"),
	    "broke off");
}

/* The reset may overtake the headers. */
static void
a_reset_is_a_break(void **state)
{
	struct pull p;
	enum rc_err err;

	(void)state;
	start(&p, BODY, S3D_OPTIONS("--anonymous", "--fault", "reset"));
	err = open_stream(&p, 0);
	if (err == RC_OK)
		err = read_stream(&p, 65536);
	assert_int_equal(err, RC_EUNAVAIL);
	assert_true(p.got.len < BODY);
	end(&p);
}

static void
silence_is_a_stall(void **state)
{
	struct pull p;
	enum rc_err err;

	(void)state;
	start(&p, 1000, S3D_OPTIONS("--anonymous", "--fault", "stall"));
	err = open_stream(&p, 100);
	if (err == RC_OK)
		err = read_stream(&p, 65536);
	assert_int_equal(err, RC_EUNAVAIL);
	assert_says(p.e, "stalls");
	end(&p);
}

static void
chunks_are_put_together(void **state)
{
	struct pull p;

	(void)state;
	start(&p, BODY, S3D_OPTIONS("--anonymous", "--fault", "chunked"));
	assert_int_equal(open_stream(&p, 0), RC_OK);
	assert_true(p.head->content_length == UINT64_MAX);
	assert_true(p.head->end_marked);
	assert_int_equal(read_stream(&p, 65536), RC_OK);
	assert_got(&p, BODY);
	end(&p);
}

static void
a_body_without_a_mark_at_its_end_is_told(void **state)
{
	struct pull p;

	(void)state;
	start(&p, 100,
	    S3D_OPTIONS(
		"--anonymous", "--fault", "no-length", "--fault", "cut"));
	assert_int_equal(open_stream(&p, 0), RC_OK);
	assert_true(p.head->content_length == UINT64_MAX);
	assert_false(p.head->end_marked);
	assert_int_equal(read_stream(&p, 65536), RC_OK);
	assert_got(&p, 50);
	end(&p);
}

static void
a_coding_that_marks_no_end_makes_the_length_void(void **state)
{
	struct pull p;

	(void)state;
	start(&p, 100,
	    S3D_OPTIONS(
		"--anonymous", "--fault", "identity", "--fault", "cut"));
	assert_int_equal(open_stream(&p, 0), RC_OK);
	assert_false(p.head->end_marked);
	end(&p);
}

static void
empty_bodies_are_whole(void **state)
{
	struct pull p;

	(void)state;
	start(&p, 0, open_to_all);
	assert_int_equal(open_stream(&p, 0), RC_OK);
	assert_int_equal(p.head->content_length, 0);
	assert_int_equal(read_stream(&p, 10), RC_OK);
	assert_int_equal(p.got.len, 0);
	end(&p);
}

static void
refuses_to_open(enum rc_err wanted, const char *const *options)
{
	struct pull p;

	start(&p, 100, options);
	assert_int_equal(open_stream(&p, 0), wanted);
	assert_null(p.stream);
	assert_says(p.e, "'127.0.0.1:");
	end(&p);
}

static void
what_is_no_answer_is_refused(void **state)
{
	(void)state;
	refuses_to_open(
	    RC_EPROTO, S3D_OPTIONS("--anonymous", "--fault", "no-http"));
	refuses_to_open(
	    RC_EPROTO, S3D_OPTIONS("--anonymous", "--fault", "headers=80"));
	refuses_to_open(
	    RC_EUNAVAIL, S3D_OPTIONS("--anonymous", "--fault", "hang-up"));
}

static void
many_headers_are_borne(void **state)
{
	struct pull p;

	(void)state;
	start(&p, 100, S3D_OPTIONS("--anonymous", "--fault", "headers=60"));
	assert_int_equal(open_stream(&p, 0), RC_OK);
	assert_int_equal(read_stream(&p, 65536), RC_OK);
	assert_got(&p, 100);
	end(&p);
}

static void
no_redirect_is_followed(void **state)
{
	struct pull p;
	char moved[128];

	(void)state;
	/* Had it gone there, the answer would be that of a second request. */
	snprintf(moved, sizeof(moved), "moved=/%s", BUCKET);
	start(&p, 100, S3D_OPTIONS("--anonymous", "--fault", moved));
	assert_int_equal(open_stream(&p, 0), RC_OK);
	assert_int_equal(p.head->status, 307);
	end(&p);
	assert_int_equal(s3d_requests(), 1);
}

static void
nobody_there_is_unavailable(void **state)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0); /* bound, not listening */
	socklen_t len = sizeof(a);
	struct pull p;

	(void)state;
	start(&p, 100, open_to_all);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	snprintf(p.server.url, sizeof(p.server.url), "http://127.0.0.1:%u",
	    ntohs(a.sin_port));
	assert_int_equal(open_stream(&p, 0), RC_EUNAVAIL);
	assert_says(p.e, "no answer from '127.0.0.1:");
	end(&p);
	close(fd);
}

/* --- signatures ----------------------------------------------------------- */

static const struct rc_http_sigv4 key = {.region = "us-east-1",
    .service = "s3",
    .access_key = "AKIDTEST",
    .secret_key = S3D_SECRET};

/* A handle is used again: each request goes with its own credentials alone. */
static void
a_signature_does_not_leak_into_the_next_request(void **state)
{
	static const struct {
		const struct rc_http_sigv4 *sigv4;
		const char *user;
		int status;
	} step[] = {{&key, NULL, 200}, {NULL, NULL, 403}, {NULL, NULL, 403},
	    {&key, NULL, 200}, {&key, NULL, 200}, {NULL, "ada", 200},
	    {NULL, "ada", 200}, {NULL, NULL, 403}, {&key, NULL, 200}};
	struct rc_http_response answer;
	struct rc_buf body = RC_BUF_INIT(4096);
	struct pull p;
	char url[128];

	(void)state;
	start(&p, 100, S3D_OPTIONS("--basic", "ada:pass"));
	snprintf(url, sizeof(url), "%s/" BUCKET, p.server.url);
	for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
		const struct rc_http_request r = {.method = "GET",
		    .url = url,
		    .user = step[i].user,
		    .password = step[i].user == NULL ? NULL : "pass",
		    .sigv4 = step[i].sigv4};

		assert_int_equal(
		    rc_http_call(p.http, &r, &answer, &body, &p.e), RC_OK);
		assert_int_equal(answer.status, step[i].status);
	}
	rc_buf_free(&body);
	end(&p);
}

static void
refuses_to_sign(struct pull *p, const char *url, struct rc_http_sigv4 sig,
    enum rc_err wanted)
{
	const struct rc_http_request r = {
	    .method = "GET", .url = url, .sigv4 = &sig};

	assert_int_equal(
	    rc_http_stream_open(&p->stream, p->http, &r, &p->head, &p->e),
	    wanted);
	assert_null(strstr(p->e.msg, sig.secret_key));
	assert_null(strstr(p->e.msg, sig.access_key));
}

static void
keys_go_over_plain_http_to_loopback_alone(void **state)
{
	struct rc_http_sigv4 sig = key;
	struct pull p;

	(void)state;
	start(&p, 100, S3D_OPTIONS(NULL));
	refuses_to_sign(&p, "http://192.0.2.1/b/k", sig, RC_EPERM);
	sig.region = "us-east-1:s3";
	refuses_to_sign(&p, p.server.url, sig, RC_EDATA);
	sig.region = "";
	refuses_to_sign(&p, p.server.url, sig, RC_EDATA);
	sig = key;
	sig.session_token = "a\r\nX-Amz-Acl: public";
	refuses_to_sign(&p, p.server.url, sig, RC_EDATA);
	end(&p);
	assert_int_equal(s3d_requests(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCRATCH_TEST(a_body_comes_whole_in_pieces_of_any_size),
	    SCRATCH_TEST(the_head_tells_what_it_is),
	    SCRATCH_TEST(what_is_not_read_waits_at_the_sender),
	    SCRATCH_TEST(a_stream_may_be_closed_before_its_end),
	    SCRATCH_TEST(a_body_that_breaks_off_is_never_whole),
	    SCRATCH_TEST(a_reset_is_a_break),
	    SCRATCH_TEST(silence_is_a_stall),
	    SCRATCH_TEST(chunks_are_put_together),
	    SCRATCH_TEST(a_body_without_a_mark_at_its_end_is_told),
	    SCRATCH_TEST(a_coding_that_marks_no_end_makes_the_length_void),
	    SCRATCH_TEST(empty_bodies_are_whole),
	    SCRATCH_TEST(what_is_no_answer_is_refused),
	    SCRATCH_TEST(many_headers_are_borne),
	    SCRATCH_TEST(no_redirect_is_followed),
	    SCRATCH_TEST(nobody_there_is_unavailable),
	    SCRATCH_TEST(a_signature_does_not_leak_into_the_next_request),
	    SCRATCH_TEST(keys_go_over_plain_http_to_loopback_alone),
	};

	alarm(120); /* a hang is a failure */
	return cmocka_run_group_tests_name(
	    "sys_http_stream", tests, NULL, NULL);
}
