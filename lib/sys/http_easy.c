#include "sys/http_easy.h"

#include "base/num.h"
#include "base/version.h"
#include "sys/seal.h"
#include "text/url.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define CONNECT_TIMEOUT_MS 10000
#define HEADER_TEXT_MAX 262144 /* bytes of a request's headers */
#define URL_TEXT_MAX (RC_URL_MAX + RC_HTTP_QUERY_MAX)
#define AGENT "reconnect/" RC_VERSION
#define PROVIDER_MAX 160 /* bytes of "aws:amz:REGION:SERVICE" */

static CURLcode
set_lasting_options(struct rc_http_easy *t, const char *cacert)
{
	CURL *easy = t->curl;
	CURLcode c = CURLE_OK;

	RC_HTTP_SET(c, easy, CURLOPT_ERRORBUFFER, t->error);
	RC_HTTP_SET(c, easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	RC_HTTP_SET(c, easy, CURLOPT_PROTOCOLS_STR, "http,https");
	RC_HTTP_SET(c, easy, CURLOPT_FOLLOWLOCATION, 0L);
	RC_HTTP_SET(c, easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	RC_HTTP_SET(c, easy, CURLOPT_NOSIGNAL, 1L);
	RC_HTTP_SET(c, easy, CURLOPT_NOPROGRESS, 1L);
	RC_HTTP_SET(c, easy, CURLOPT_TCP_NODELAY, 1L);
	RC_HTTP_SET(c, easy, CURLOPT_TCP_KEEPALIVE, 1L);
	RC_HTTP_SET(
	    c, easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
	RC_HTTP_SET(c, easy, CURLOPT_SSL_VERIFYPEER, 1L);
	RC_HTTP_SET(c, easy, CURLOPT_SSL_VERIFYHOST, 2L);
	RC_HTTP_SET(c, easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (cacert != NULL)
		RC_HTTP_SET(c, easy, CURLOPT_CAINFO, cacert);
	return c;
}

enum rc_err
rc_http_easy_open(
    struct rc_http_easy *t, const char *cacert, struct rc_error *e)
{
	CURLcode c;

	t->url = RC_BUF_INIT(URL_TEXT_MAX);
	t->headers = RC_BUF_INIT(HEADER_TEXT_MAX);
	t->error[0] = '\0';
	t->parsed = curl_url();
	t->curl = curl_easy_init();
	if (t->parsed == NULL || t->curl == NULL)
		return rc_err_nomem(e);
	c = set_lasting_options(t, cacert);
	if (c == CURLE_OUT_OF_MEMORY)
		return rc_err_nomem(e);
	if (c != CURLE_OK)
		return rc_err_set(e, RC_ECONFIG,
		    "libcurl %s lacks an option that is needed here: "
		    "install 7.85 or newer",
		    curl_version_info(CURLVERSION_NOW)->version);
	return RC_OK;
}

void
rc_http_easy_close(struct rc_http_easy *t)
{
	curl_easy_cleanup(t->curl);
	curl_url_cleanup(t->parsed);
	rc_wipe(&t->url);
	rc_buf_free(&t->url);
	rc_wipe(&t->headers);
	rc_buf_free(&t->headers);
}

/* libcurl takes "Name:" as "leave this header out", "Name;" as empty. */
static void
add_header(struct rc_buf *b, const char *name, const char *value)
{
	rc_buf_adds(b, name);
	if (value[0] == '\0') {
		rc_buf_addc(b, ';');
	} else {
		rc_buf_adds(b, ": ");
		rc_buf_adds(b, value);
	}
	rc_buf_addc(b, '\0');
}

/* What libcurl leaves to its caller; it signs them with the others. */
static size_t
add_signed_headers(struct rc_buf *b, const struct rc_http_request *r)
{
	unsigned char digest[RC_SHA256_LEN];
	char hex[2 * RC_SHA256_LEN + 1];

	rc_sha256(r->body, digest);
	rc_hex(digest, sizeof(digest), hex);
	add_header(b, "x-amz-content-sha256", hex);
	if (r->sigv4->session_token == NULL)
		return 1;
	add_header(b, "x-amz-security-token", r->sigv4->session_token);
	return 2;
}

static bool
has_header(const struct rc_http_request *r, const char *name)
{
	for (size_t i = 0; i < r->nheaders; i++)
		if (strcasecmp(r->header[i].name, name) == 0)
			return true;
	return false;
}

/*
 * "Expect:" saves a round trip.  User-Agent stands here since libcurl formats
 * its own twice for each request.
 */
static size_t
add_our_headers(struct rc_buf *b, const struct rc_http_request *r)
{
	rc_buf_add(b, "Expect:", sizeof("Expect:"));
	if (has_header(r, "User-Agent"))
		return 1;
	add_header(b, "User-Agent", AGENT);
	return 2;
}

/*
 * The list's nodes are ours: libcurl only reads them, nothing is allocated.
 * It signs whatever stands here, even "Expect:", which it leaves out.
 */
static enum rc_err
write_headers(
    struct rc_http_easy *t, const struct rc_http_request *r, struct rc_error *e)
{
	struct rc_buf *b = &t->headers;
	size_t n = r->nheaders;
	enum rc_err err;
	char *p;

	rc_buf_reset(b);
	n +=
	    r->sigv4 != NULL ? add_signed_headers(b, r) : add_our_headers(b, r);
	for (size_t i = 0; i < r->nheaders; i++)
		add_header(b, r->header[i].name, r->header[i].value);
	err = rc_buf_check(b, "request header", e);
	if (err != RC_OK)
		return err;
	p = b->data;
	for (size_t i = 0; i < n; i++) {
		t->node[i] = (struct curl_slist){p, &t->node[i + 1]};
		p += strlen(p) + 1;
	}
	t->node[n - 1].next = NULL;
	return RC_OK;
}

static CURLcode
set_credentials(struct rc_http_easy *t, const struct rc_http_request *r)
{
	const struct rc_http_sigv4 *sig = r->sigv4;
	char provider[PROVIDER_MAX];
	CURLcode c = CURLE_OK;

	if (sig != NULL)
		snprintf(provider, sizeof(provider), "aws:amz:%s:%s",
		    sig->region, sig->service);
	RC_HTTP_SET(
	    c, t->curl, CURLOPT_AWS_SIGV4, sig == NULL ? NULL : provider);
	if (sig == NULL)
		RC_HTTP_SET(c, t->curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	RC_HTTP_SET(c, t->curl, CURLOPT_USERNAME,
	    sig == NULL ? r->user : sig->access_key);
	RC_HTTP_SET(c, t->curl, CURLOPT_PASSWORD,
	    sig == NULL ? r->password : sig->secret_key);
	return c;
}

/* Only when it is another: parsing took a tenth of a request's time. */
static enum rc_err
set_url(struct rc_http_easy *t, const char *url, const char *proxy,
    struct rc_error *e)
{
	struct rc_slice text = rc_slice_str(url);
	CURLcode c = CURLE_OK;
	CURLUcode uc;
	enum rc_err err;

	if (text.len > 0 && rc_slice_eq(rc_buf_slice(&t->url), text))
		return RC_OK;
	rc_buf_reset(&t->url);
	err = rc_http_check_url(url, &t->target, e);
	if (err != RC_OK)
		return err;
	uc = curl_url_set(t->parsed, CURLUPART_URL, url, CURLU_PATH_AS_IS);
	if (uc != CURLUE_OK && uc != CURLUE_OUT_OF_MEMORY)
		return rc_err_set(e, RC_EDATA, "no URL for libcurl: %s",
		    curl_url_strerror(uc));
	/* Its text too, or libcurl would keep that of the one before. */
	RC_HTTP_SET(c, t->curl, CURLOPT_URL, url);
	RC_HTTP_SET(c, t->curl, CURLOPT_CURLU, t->parsed);
	RC_HTTP_SET(c, t->curl, CURLOPT_PROXY, t->target.loopback ? "" : proxy);
	if (uc != CURLUE_OK || c != CURLE_OK)
		return rc_err_nomem(e);
	rc_buf_addv(&t->url, text);
	return rc_buf_check(&t->url, "URL", e);
}

enum rc_err
rc_http_easy_prepare(struct rc_http_easy *t, const struct rc_http_request *r,
    const char *proxy, struct rc_error *e)
{
	enum rc_err err = set_url(t, r->url, proxy, e);
	CURLcode c;

	if (err == RC_OK)
		err = rc_http_check(r, &t->target, e);
	if (err == RC_OK)
		err = write_headers(t, r, e);
	if (err != RC_OK)
		return err;
	t->error[0] = '\0';
	c = set_credentials(t, r);
	/* It would sign one that stands among the headers. */
	RC_HTTP_SET(
	    c, t->curl, CURLOPT_USERAGENT, r->sigv4 != NULL ? AGENT : NULL);
	RC_HTTP_SET(c, t->curl, CURLOPT_HTTPHEADER, t->node);
	return c == CURLE_OK ? RC_OK : rc_err_nomem(e);
}

const char *
rc_http_easy_why(const struct rc_http_easy *t, CURLcode code)
{
	if (code == CURLE_COULDNT_RESOLVE_PROXY ||
	    strstr(t->error, "nsupported proxy") != NULL)
		return "the environment's proxy is no URL, or its host is "
		       "unknown";
	return t->error[0] == '\0' ? curl_easy_strerror(code) : t->error;
}
