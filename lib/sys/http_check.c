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

static bool
has_secret(const struct rc_http_request *r, const struct rc_url *url)
{
	if (r->user != NULL || url->userinfo.len > 0)
		return true;
	for (size_t i = 0; i < r->nheaders; i++)
		if (r->header[i].secret)
			return true;
	return false;
}

enum rc_err
rc_http_check(
    const struct rc_http_request *r, bool *loopback, struct rc_error *e)
{
	struct rc_url url;
	enum rc_err err = rc_url_parse(rc_slice_str(r->url), &url, e);

	if (err == RC_OK)
		err = check_headers(r, e);
	if (err != RC_OK)
		return err;
	*loopback = rc_url_is_loopback(&url);
	if (url.https || *loopback || !has_secret(r, &url))
		return RC_OK;
	return rc_err_set(e, RC_EPERM,
	    "credentials would go to '%.*s' unencrypted: use https",
	    (int)url.host.len, url.host.p);
}
