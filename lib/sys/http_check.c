#include "sys/http_check.h"

#include "text/url.h"

#include <string.h>

static bool
is_one_line(const char *s)
{
	return s[strcspn(s, "\r\n")] == '\0';
}

static enum rc_err
check_headers(const struct rc_http_request *r, struct rc_error *e)
{
	if (r->nheaders > RC_HTTP_HEADERS)
		return rc_err_set(
		    e, RC_EDATA, "more than %d headers", RC_HTTP_HEADERS);
	for (size_t i = 0; i < r->nheaders; i++)
		if (!is_one_line(r->header[i].name) ||
		    !is_one_line(r->header[i].value))
			return rc_err_set(e, RC_EDATA,
			    "header '%.60s' has a line break in it",
			    r->header[i].name);
	return RC_OK;
}

/* A ':' would make it another provider in libcurl's option. */
bool
rc_http_is_scope(const char *s)
{
	size_t n = strspn(s,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

	return n > 0 && n <= RC_HTTP_SCOPE_MAX && s[n] == '\0';
}

static enum rc_err
check_sigv4(const struct rc_http_sigv4 *sig, struct rc_error *e)
{
	if (sig == NULL)
		return RC_OK;
	if (!rc_http_is_scope(sig->region) || !rc_http_is_scope(sig->service))
		return rc_err_set(e, RC_EDATA,
		    "'%.64s' is not a region: letters, digits and '-' alone",
		    sig->region);
	if (!is_one_line(sig->access_key) || !is_one_line(sig->secret_key) ||
	    (sig->session_token != NULL && !is_one_line(sig->session_token)))
		return rc_err_set(e, RC_EDATA, "a key has a line break in it");
	return RC_OK;
}

static enum rc_err
check_query(struct rc_slice query, struct rc_error *e)
{
	if (query.len > RC_HTTP_QUERY_MAX)
		return rc_err_set(e, RC_EDATA,
		    "a URL's query is longer than %d bytes", RC_HTTP_QUERY_MAX);
	for (size_t i = 0; i < query.len; i++)
		if ((unsigned char)query.p[i] <= ' ' ||
		    strchr("\"<>\\\x7f", query.p[i]) != NULL)
			return rc_err_set(e, RC_EDATA,
			    "a character in a query is not escaped: write "
			    "spaces, quotes, <, > and \\ as %%HH");
	return RC_OK;
}

/*
 * Where it goes is checked as every URL is.  A query may be longer than
 * RC_URL_MAX: that of a listing has two names of a kilobyte, escaped.
 */
enum rc_err
rc_http_check_url(
    const char *text, struct rc_http_target *target, struct rc_error *e)
{
	size_t head = strcspn(text, "?");
	struct rc_url url;
	enum rc_err err = check_query(rc_slice_str(text + head), e);

	if (err == RC_OK)
		err = rc_url_parse(rc_slice_of(text, head), &url, e);
	if (err != RC_OK)
		return err;
	target->loopback = rc_url_is_loopback(&url);
	target->plain = !url.https && !target->loopback;
	target->userinfo = url.userinfo.len > 0;
	return RC_OK;
}

static bool
has_secret(const struct rc_http_request *r, const struct rc_http_target *target)
{
	if (r->user != NULL || r->sigv4 != NULL || target->userinfo)
		return true;
	for (size_t i = 0; i < r->nheaders; i++)
		if (r->header[i].secret)
			return true;
	return false;
}

static enum rc_err
check_secrecy(const struct rc_http_request *r,
    const struct rc_http_target *target, struct rc_error *e)
{
	struct rc_url url;
	enum rc_err err;

	if (!target->plain || !has_secret(r, target))
		return RC_OK;
	err = rc_url_parse(rc_slice_of(r->url, strcspn(r->url, "?")), &url, e);
	if (err != RC_OK)
		return err;
	return rc_err_set(e, RC_EPERM,
	    "credentials would go to '%.*s' unencrypted: use https",
	    (int)url.host.len, url.host.p);
}

enum rc_err
rc_http_check(const struct rc_http_request *r,
    const struct rc_http_target *target, struct rc_error *e)
{
	enum rc_err err = check_headers(r, e);

	if (err == RC_OK)
		err = check_sigv4(r->sigv4, e);
	return err == RC_OK ? check_secrecy(r, target, e) : err;
}
