#include "sys/s3_priv.h"

#include "base/log.h"
#include "base/num.h"
#include "sys/s3_xml.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define FAULT_MAX 65536		 /* bytes of an error that are read */
#define SERVER_WAIT_MAX_MS 10000 /* a longer Retry-After is cut to it */

enum rc_err
rc_s3_read_all(
    struct rc_http_stream *stream, struct rc_buf *out, struct rc_error *e)
{
	char piece[16384];
	enum rc_err err;
	size_t n;

	do {
		err = rc_http_stream_read(stream, piece, sizeof(piece), &n, e);
		if (err == RC_OK)
			rc_buf_add(out, piece, n);
	} while (err == RC_OK && n > 0 && out->state == RC_BUF_FINE);
	return err;
}

/* --- what a refusal means ------------------------------------------------- */

struct refusal {
	int status;
	struct rc_s3_fault fault;
	char words[384]; /* "403 AccessDenied: Access Denied" */
};

static bool
is_one_of(const char *code, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(code, *list) == 0)
			return true;
	return false;
}

/* Those of status 400 that are about who we are. */
static bool
is_about_keys(const char *code)
{
	static const char *const list[] = {"AuthorizationHeaderMalformed",
	    "ExpiredToken", "InvalidAccessKeyId", "InvalidSecurity",
	    "InvalidToken", "MissingSecurityHeader", "RequestTimeTooSkewed",
	    "TokenRefreshRequired", NULL};

	return is_one_of(code, list);
}

static bool
is_passing(int status)
{
	return status == 429 || status == 500 ||
	       (status >= 502 && status <= 504);
}

static bool
shows(const char *text, const char *secret)
{
	return secret != NULL && *secret != '\0' &&
	       strstr(text, secret) != NULL;
}

/* A server may repeat what it was sent: no key gets into our message. */
static void
write_words(const struct rc_s3 *s, struct refusal *r)
{
	const struct rc_s3_config *c = &s->config;
	struct rc_buf b = RC_BUF_INIT(sizeof(r->words) - 1);
	struct rc_s3_fault *f = &r->fault;

	if (shows(f->message, c->access_key) ||
	    shows(f->message, c->secret_key) ||
	    shows(f->message, c->session_token))
		f->message[0] = '\0';
	rc_buf_addf(&b, "%d", r->status);
	if (f->code[0] != '\0')
		rc_buf_addf(&b, " %s", f->code);
	if (f->message[0] != '\0')
		rc_buf_addf(&b, ": %s", f->message);
	memcpy(r->words, rc_buf_str(&b), b.len + 1);
	rc_buf_free(&b);
}

static uint64_t
wait_of(struct rc_slice seconds)
{
	uint64_t n;

	if (!rc_num_u64(seconds, UINT64_MAX, &n)) /* a date, or nothing */
		return 0;
	return n < SERVER_WAIT_MAX_MS / 1000 ? n * 1000 : SERVER_WAIT_MAX_MS;
}

static void
read_refusal(struct rc_s3 *s, struct rc_http_stream *stream,
    const struct rc_http_head *head, struct refusal *r)
{
	struct rc_buf body = RC_BUF_INIT(FAULT_MAX);
	struct rc_error ignored;

	r->status = head->status;
	(void)!rc_s3_read_all(stream, &body, &ignored);
	rc_s3_fault_read(rc_buf_slice(&body), &r->fault);
	rc_buf_free(&body);
	if (r->fault.region[0] == '\0') {
		const char *region =
		    rc_http_stream_header(stream, "x-amz-bucket-region");

		memcpy(r->fault.region, region,
		    strnlen(region, sizeof(r->fault.region) - 1));
	}
	s->server_wait_ms =
	    wait_of(rc_slice_str(rc_http_stream_header(stream, "Retry-After")));
	write_words(s, r);
}

static enum rc_err
refuse_region(
    const struct rc_s3 *s, const struct refusal *r, struct rc_error *e)
{
	const char *bucket = rc_buf_str(&s->bucket);

	if (r->fault.region[0] != '\0' &&
	    strcmp(r->fault.region, s->config.region) != 0)
		return rc_err_set(e, RC_ECONFIG,
		    "bucket '%s' is in region '%s', not in '%s': set it "
		    "with --region",
		    bucket, r->fault.region, s->config.region);
	if (r->fault.endpoint[0] != '\0')
		return rc_err_set(e, RC_ECONFIG,
		    "bucket '%s' is at '%s': set --region or --endpoint",
		    bucket, r->fault.endpoint);
	if (r->status >= 400)
		return rc_err_set(e, RC_EPERM, "bucket '%s' refuses us: %s",
		    bucket, r->words);
	return rc_err_set(e, RC_EPROTO,
	    "bucket '%s' redirects, which is not followed: %s", bucket,
	    r->words);
}

static enum rc_err
refuse_missing(const struct rc_s3 *s, const struct refusal *r, const char *key,
    const char *etag, struct rc_error *e)
{
	const char *bucket = rc_buf_str(&s->bucket);

	if (strcmp(r->fault.code, "NoSuchBucket") == 0)
		return rc_err_set(
		    e, RC_ENOINPUT, "bucket '%s' does not exist", bucket);
	if (key == NULL || strcmp(r->fault.code, "NoSuchKey") != 0)
		return rc_err_set(e, RC_EPROTO,
		    "bucket '%s' answers %s: is --endpoint right?", bucket,
		    r->words);
	if (etag != NULL)
		return rc_err_set(e, RC_EAGAIN,
		    "'%s' is gone since it was listed: try again", key);
	return rc_err_set(
	    e, RC_ENOINPUT, "'%s' is not in bucket '%s'", key, bucket);
}

static enum rc_err
refuse(const struct rc_s3 *s, const struct refusal *r, const char *key,
    const char *etag, struct rc_error *e)
{
	const char *bucket = rc_buf_str(&s->bucket);
	enum rc_err err = RC_EPROTO;

	if ((r->status >= 300 && r->status < 400) ||
	    strcmp(r->fault.code, "AuthorizationHeaderMalformed") == 0)
		return refuse_region(s, r, e);
	if (r->status == 404)
		return refuse_missing(s, r, key, etag, e);
	if (r->status == 412 && key != NULL)
		return rc_err_set(e, RC_EAGAIN,
		    "'%s' changed since it was listed: try again", key);
	if (r->status == 401 || r->status == 403 ||
	    is_about_keys(r->fault.code))
		return rc_err_set(e, RC_EPERM, "bucket '%s' refuses us: %s",
		    bucket, r->words);
	if (is_passing(r->status))
		err = RC_EUNAVAIL;
	return rc_err_set(e, err, "bucket '%s' answers %s", bucket, r->words);
}

/* --- a request ------------------------------------------------------------ */

enum rc_err
rc_s3_ask(struct rc_s3 *s, const char *key, const char *etag,
    struct rc_http_stream **out, const struct rc_http_head **head,
    struct rc_error *e)
{
	struct rc_http_header header[2];
	struct rc_http_request r = {.method = "GET",
	    .url = rc_buf_str(&s->url),
	    .header = header,
	    .sigv4 = s->config.access_key == NULL ? NULL : &s->sigv4,
	    .timeout_ms = s->config.timeout_ms};
	struct refusal refusal;
	enum rc_err err;

	if (key != NULL)
		header[r.nheaders++] = (struct rc_http_header){
		    "x-amz-checksum-mode", "ENABLED", false};
	if (etag != NULL && *etag != '\0')
		header[r.nheaders++] =
		    (struct rc_http_header){"If-Match", etag, false};
	s->server_wait_ms = 0;
	err = rc_http_stream_open(out, s->http, &r, head, e);
	if (err != RC_OK || (*head)->status == 200)
		return err;
	read_refusal(s, *out, *head, &refusal);
	rc_http_stream_close(*out);
	*out = NULL;
	*head = NULL;
	return refuse(s, &refusal, key, etag, e);
}

static void
sleep_ms(uint64_t ms)
{
	struct timespec left = {.tv_sec = (time_t)(ms / 1000),
	    .tv_nsec = (long)(ms % 1000) * 1000000};

	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

bool
rc_s3_try_again(
    struct rc_s3 *s, unsigned *tries, enum rc_err err, const struct rc_error *e)
{
	uint64_t wait = (uint64_t)s->config.retry_ms << *tries;

	if (err != RC_EUNAVAIL || ++*tries == RC_S3_TRIES)
		return false;
	if (wait < s->server_wait_ms)
		wait = s->server_wait_ms;
	rc_log(s->config.log, RC_LOG_INFO, "%s: trying again in %llu ms",
	    e->msg, (unsigned long long)wait);
	sleep_ms(wait);
	return true;
}
