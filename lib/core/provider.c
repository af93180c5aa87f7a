#include "core/provider_priv.h"

#include "text/url.h"

#include <stdio.h>
#include <string.h>

#define URL_MAX (RC_URL_MAX + 200) /* a base URL and Twilio's path */

void
rc_provider_request_init(struct rc_provider_request *r)
{
	memset(r, 0, sizeof(*r));
	r->url = RC_BUF_INIT(URL_MAX);
	r->body = RC_BUF_INIT(RC_JSON_MAX);
	r->authorization = RC_BUF_INIT((size_t)RC_SECRET_MAX * 8);
}

void
rc_provider_request_free(struct rc_provider_request *r)
{
	rc_wipe(&r->body);
	rc_wipe(&r->authorization);
	rc_buf_free(&r->url);
	rc_buf_free(&r->body);
	rc_buf_free(&r->authorization);
}

void
rc_provider_begin(struct rc_provider_request *r, const char *method)
{
	rc_buf_reset(&r->url);
	rc_buf_reset(&r->body);
	rc_buf_reset(&r->authorization);
	memset(&r->http, 0, sizeof(r->http));
	r->http.method = method;
	r->http.header = r->header;
}

void
rc_provider_header(struct rc_provider_request *r, const char *name,
    const char *value, bool secret)
{
	/* Loaded without secrets it is only shown, and shown masked. */
	r->header[r->http.nheaders++] = (struct rc_http_header){
	    name, value == NULL ? RC_MASK : value, secret};
}

void
rc_provider_headers(struct rc_provider_request *r,
    const struct rc_channel_header *header, size_t n)
{
	for (size_t i = 0; i < n; i++)
		rc_provider_header(
		    r, header[i].name, header[i].value, header[i].secret);
}

enum rc_err
rc_provider_finish(struct rc_provider_request *r, struct rc_error *e)
{
	enum rc_err err = rc_buf_check(&r->url, "the URL", e);

	if (err == RC_OK)
		err = rc_buf_check(&r->body, "the message", e);
	if (err == RC_OK)
		err = rc_buf_check(&r->authorization, "the credentials", e);
	r->http.url = rc_buf_str(&r->url);
	r->http.body = rc_buf_slice(&r->body);
	return err;
}

enum rc_err
rc_provider_build(const struct rc_channel *c, const char *to,
    struct rc_slice rendered, const char *callback, const char *token,
    struct rc_provider_request *r, struct rc_error *e)
{
	if (c->provider == RC_PROVIDER_TWILIO)
		return rc_twilio_build(c, to, rendered, callback, r, e);
	return rc_provider_http_build(c, rendered, token, r, e);
}

enum rc_verdict
rc_verdict_of_status(int status, bool oauth2)
{
	switch (status) {
	case 425: /* too early: asks to be sent again (RFC 8470, 5.2) */
	case 429: /* never processed */
		return RC_V_RETRY;
	case 401:
		return oauth2 ? RC_V_TOKEN : RC_V_STOP;
	case 301: /* the URL is another: nobody would get anything */
	case 307:
	case 308:
	case 402: /* no credit */
	case 403:
	case 405: /* no POST there */
	case 407:
		return RC_V_STOP;
	case 408: /* whether it arrived whole only they know */
		return RC_V_UNKNOWN;
	default:
		return status >= 400 && status < 500 ? RC_V_REJECTED
						     : RC_V_UNKNOWN;
	}
}

void
rc_result_id(struct rc_result *r, struct rc_slice id)
{
	if (id.len == 0 || id.len >= sizeof(r->provider_id))
		return;
	for (size_t i = 0; i < id.len; i++)
		if ((unsigned char)id.p[i] < 0x20 || id.p[i] == 0x7f)
			return;
	memcpy(r->provider_id, id.p, id.len);
	r->provider_id[id.len] = '\0';
}

struct rc_json *
rc_response_json(const struct rc_http_response *response)
{
	struct rc_json *json = NULL;
	struct rc_error ignored;

	if (response->body_cut || response->body.len == 0)
		return NULL;
	if (rc_json_parse(&json, response->body, &ignored) != RC_OK)
		return NULL;
	return json;
}

static void
judge(const struct rc_channel *c, const struct rc_http_response *response,
    struct rc_result *r)
{
	if (response->outcome == RC_HTTP_ANSWERED) {
		if (c->provider == RC_PROVIDER_TWILIO)
			rc_twilio_judge(response, r);
		else
			rc_provider_http_judge(c, response, r);
		return;
	}
	r->verdict =
	    response->outcome == RC_HTTP_NEVER_SENT ? RC_V_RETRY : RC_V_UNKNOWN;
	snprintf(r->detail, sizeof(r->detail), "%s", response->error);
}

void
rc_provider_judge(const struct rc_channel *c,
    const struct rc_http_response *response, struct rc_result *r)
{
	memset(r, 0, sizeof(*r));
	r->retry_after_ms = response->retry_after_ms;
	judge(c, response, r);
	/* The credentials, or else sender, account or URL. */
	if (r->verdict == RC_V_STOP)
		r->stop = response->status == 401 || response->status == 403
			      ? RC_EPERM
			      : RC_ECONFIG;
	rc_provider_mask(c, NULL, r->detail, strlen(r->detail));
	rc_provider_mask_id(c, r->provider_id);
	rc_err_defuse(r->detail);
}

const char *
rc_verdict_name(enum rc_verdict verdict)
{
	static const char *const names[] = {[RC_V_ACCEPTED] = "accepted",
	    [RC_V_REJECTED] = "rejected",
	    [RC_V_SUPPRESS] = "opted out",
	    [RC_V_RETRY] = "not processed",
	    [RC_V_TOKEN] = "access token refused",
	    [RC_V_UNKNOWN] = "unknown",
	    [RC_V_STOP] = "account or sender refused"};

	return names[verdict];
}
