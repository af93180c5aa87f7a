#include "sys/s3_priv.h"

#include "text/url.h"

#include <stdlib.h>
#include <string.h>

#define BUCKET_MAX 255
#define DEFAULT_REGION "us-east-1"
#define REQUEST_URL_MAX 32768 /* sys/http has limits of its own */

static bool
is_bucket(struct rc_slice s)
{
	static const char fine[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789._-";

	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '\0' || strchr(fine, s.p[i]) == NULL)
			return false;
	return s.len > 0 && s.len <= BUCKET_MAX && s.p[0] != '.';
}

/* Before an '@' there would be a secret, which is not quoted. */
static enum rc_err
refuse_bucket(struct rc_slice name, struct rc_error *e)
{
	if (memchr(name.p, '@', name.len) != NULL)
		return rc_err_set(e, RC_EDATA,
		    "an s3:// address begins with a bucket's name, and holds "
		    "no keys");
	return rc_err_set(e, RC_EDATA,
	    "'%.*s' is not a bucket's name: letters, digits, '.', '_' and '-'",
	    (int)(name.len < BUCKET_MAX ? name.len : BUCKET_MAX), name.p);
}

enum rc_err
rc_s3_parse(const char *url, struct rc_slice *bucket, struct rc_slice *prefix,
    struct rc_error *e)
{
	struct rc_slice rest;

	if (!rc_slice_starts(rc_slice_str(url), RC_SLICE_LIT("s3://"), &rest))
		return rc_err_set(
		    e, RC_EDATA, "'%.100s' does not begin with s3://", url);
	*bucket = rc_slice_of(rest.p, strcspn(rest.p, "/"));
	*prefix = rc_slice_str(
	    rest.p + bucket->len + (rest.p[bucket->len] == '/' ? 1 : 0));
	return is_bucket(*bucket) ? RC_OK : refuse_bucket(*bucket, e);
}

/* --- where a bucket is ---------------------------------------------------- */

static void
write_amazon(struct rc_s3 *s)
{
	const char *region = s->config.region;
	const char *bucket = rc_buf_str(&s->bucket);
	const char *china = strncmp(region, "cn-", 3) == 0 ? ".cn" : "";

	if (s->config.path_style || strchr(bucket, '.') != NULL)
		rc_buf_addf(&s->base, "https://s3.%s.amazonaws.com%s/%s/",
		    region, china, bucket);
	else
		rc_buf_addf(&s->base, "https://%s.s3.%s.amazonaws.com%s/",
		    bucket, region, china);
}

static bool
is_address(const struct rc_url *url)
{
	return memchr(url->host.p, ':', url->host.len) != NULL ||
	       (url->host.len > 0 && url->host.p[url->host.len - 1] >= '0' &&
		   url->host.p[url->host.len - 1] <= '9');
}

static enum rc_err
write_endpoint(struct rc_s3 *s, struct rc_error *e)
{
	struct rc_slice text = rc_slice_str(s->config.endpoint);
	struct rc_url url;
	enum rc_err err = rc_url_parse(text, &url, e);
	size_t scheme = rc_url_scheme_len(text);

	if (err != RC_OK)
		return rc_err_prefix(e, "endpoint");
	if (url.query.len > 0 || url.userinfo.len > 0)
		return rc_err_set(
		    e, RC_EDATA, "an endpoint has neither a user nor a query");
	if (!s->config.path_style && is_address(&url))
		return rc_err_set(e, RC_EDATA,
		    "endpoint '%.*s' is an address, which has no names under "
		    "it: use --addressing path",
		    (int)url.host.len, url.host.p);
	while (text.len > scheme && text.p[text.len - 1] == '/')
		text.len--;
	rc_buf_add(&s->base, text.p, scheme);
	if (!s->config.path_style)
		rc_buf_addf(&s->base, "%s.", rc_buf_str(&s->bucket));
	rc_buf_add(&s->base, text.p + scheme, text.len - scheme);
	if (s->config.path_style)
		rc_buf_addf(&s->base, "/%s", rc_buf_str(&s->bucket));
	rc_buf_addc(&s->base, '/');
	return RC_OK;
}

enum rc_err
rc_s3_write_url(struct rc_s3 *s, const char *key, struct rc_error *e)
{
	rc_buf_reset(&s->url);
	rc_buf_addv(&s->url, rc_buf_slice(&s->base));
	while (key != NULL) { /* its slashes stay */
		size_t n = strcspn(key, "/");

		rc_url_escape(&s->url, rc_slice_of(key, n));
		if (key[n] == '\0')
			break;
		rc_buf_addc(&s->url, '/');
		key += n + 1;
	}
	return rc_buf_check(&s->url, "an object's URL", e);
}

/* --- a handle ------------------------------------------------------------- */

static enum rc_err
check_config(const struct rc_s3_config *c, struct rc_error *e)
{
	if ((c->access_key == NULL) != (c->secret_key == NULL))
		return rc_err_set(e, RC_ECONFIG,
		    "an access key needs its secret key, and the other way "
		    "round");
	if (c->session_token != NULL && c->access_key == NULL)
		return rc_err_set(e, RC_ECONFIG,
		    "a session token needs its access key and secret key");
	if (!rc_http_is_scope(c->region))
		return rc_err_set(e, RC_ECONFIG,
		    "'%.64s' is not a region: letters, digits and '-'",
		    c->region);
	return RC_OK;
}

static void
fill_defaults(struct rc_s3 *s)
{
	struct rc_s3_config *c = &s->config;

	if (c->region == NULL)
		c->region = DEFAULT_REGION;
	if (c->retry_ms == 0)
		c->retry_ms = RC_S3_RETRY_MS;
	if (c->max_pages == 0)
		c->max_pages = RC_S3_PAGES_MAX;
	s->sigv4 = (struct rc_http_sigv4){.region = c->region,
	    .service = "s3",
	    .access_key = c->access_key,
	    .secret_key = c->secret_key,
	    .session_token = c->session_token};
}

static enum rc_err
open_handle(struct rc_s3 *s, const char *bucket, struct rc_error *e)
{
	struct rc_http_config http = {
	    .concurrency = 1, .cacert = s->config.cacert};
	enum rc_err err = check_config(&s->config, e);

	if (err == RC_OK && !is_bucket(rc_slice_str(bucket)))
		err = refuse_bucket(rc_slice_str(bucket), e);
	if (err != RC_OK)
		return err;
	rc_buf_adds(&s->bucket, bucket);
	if (s->config.endpoint == NULL)
		write_amazon(s);
	else
		err = write_endpoint(s, e);
	if (err == RC_OK)
		err = rc_buf_check(&s->bucket, "a bucket's name", e);
	if (err == RC_OK)
		err = rc_buf_check(&s->base, "a bucket's URL", e);
	if (err == RC_OK)
		err = rc_http_open(&s->http, &http, e);
	return err;
}

enum rc_err
rc_s3_open(struct rc_s3 **out, const struct rc_s3_config *config,
    const char *bucket, struct rc_error *e)
{
	struct rc_s3 *s = calloc(1, sizeof(*s));
	enum rc_err err;

	*out = NULL;
	if (s == NULL)
		return rc_err_nomem(e);
	s->config = *config;
	s->bucket = RC_BUF_INIT(BUCKET_MAX);
	s->base = RC_BUF_INIT(RC_URL_MAX);
	s->url = RC_BUF_INIT(REQUEST_URL_MAX);
	s->page = RC_BUF_INIT(RC_S3_PAGE_MAX);
	fill_defaults(s);
	err = open_handle(s, bucket, e);
	if (err != RC_OK) {
		rc_s3_close(s);
		return err;
	}
	*out = s;
	return RC_OK;
}

void
rc_s3_close(struct rc_s3 *s)
{
	if (s == NULL)
		return;
	rc_http_close(s->http);
	rc_buf_free(&s->bucket);
	rc_buf_free(&s->base);
	rc_buf_free(&s->url);
	rc_buf_free(&s->page);
	free(s);
}

/* --- an object ------------------------------------------------------------ */

/* Some servers do not heed If-Match. */
static enum rc_err
check_version(const char *key, const char *etag,
    const struct rc_http_head *head, struct rc_error *e)
{
	if (etag == NULL || head->etag[0] == '\0' ||
	    strcmp(etag, head->etag) == 0)
		return RC_OK;
	return rc_err_set(
	    e, RC_EAGAIN, "'%s' changed since it was listed: try again", key);
}

enum rc_err
rc_s3_get(struct rc_s3 *s, const char *key, const char *etag,
    struct rc_http_stream **out, const struct rc_http_head **head,
    struct rc_error *e)
{
	unsigned tries = 0;
	enum rc_err err = rc_s3_write_url(s, key, e);

	*out = NULL;
	*head = NULL;
	if (err != RC_OK)
		return err;
	do
		err = rc_s3_ask(s, key, etag, out, head, e);
	while (rc_s3_try_again(s, &tries, err, e));
	if (err == RC_OK)
		err = check_version(key, etag, *head, e);
	if (err != RC_OK) {
		rc_http_stream_close(*out);
		*out = NULL;
		*head = NULL;
	}
	return err;
}
