#include "core/provider_priv.h"

#include "base/num.h"
#include "text/url.h"

#include <stdio.h>
#include <string.h>

#define SEGMENTS_MAX 255 /* parts of one message (3GPP TS 23.040) */

/* Twilio's error dictionary, where a code says more than its status. */
static const struct {
	uint32_t code;
	enum rc_verdict verdict;
} CODES[] = {
    {20003, RC_V_STOP},	    /* credentials */
    {20005, RC_V_STOP},	    /* account not active */
    {20404, RC_V_STOP},	    /* no such account */
    {20429, RC_V_RETRY},    /* too many requests: never processed */
    {21211, RC_V_REJECTED}, /* no valid number */
    {21212, RC_V_STOP},	    /* no valid sender */
    {21408, RC_V_REJECTED}, /* region not enabled */
    {21603, RC_V_STOP},	    /* no sender */
    {21606, RC_V_STOP},	    /* the sender is not the account's */
    {21608, RC_V_REJECTED}, /* trial account, number not verified */
    {21610, RC_V_SUPPRESS}, /* the recipient said STOP */
    {21611, RC_V_RETRY},    /* the sender's queue is full */
    {21612, RC_V_REJECTED}, /* no route */
    {21614, RC_V_REJECTED}, /* no mobile number */
    {21701, RC_V_STOP},	    /* no such messaging service */
    {21703, RC_V_STOP},	    /* messaging service without a sender */
    {30001, RC_V_RETRY},    /* queue full */
    {30002, RC_V_STOP},	    /* account suspended */
};

void
rc_twilio_base(const struct rc_channel *c, struct rc_buf *url)
{
	size_t len = strlen(c->base_url);

	while (len > 0 && c->base_url[len - 1] == '/')
		len--;
	rc_buf_add(url, c->base_url, len);
}

bool
rc_twilio_is_service(const char *from)
{
	return strncmp(from, "MG", 2) == 0 && strlen(from) == 34;
}

void
rc_twilio_begin(const struct rc_channel *c, const char *method,
    struct rc_provider_request *r)
{
	rc_provider_begin(r, method);
	rc_twilio_base(c, &r->url);
	rc_buf_addf(
	    &r->url, RC_TWILIO_ACCOUNTS "%s/Messages.json", c->account_sid);
	r->http.user = c->api_key_sid != NULL ? c->api_key_sid : c->account_sid;
	r->http.password =
	    c->api_key_sid != NULL ? c->api_key_secret : c->auth_token;
	if (r->http.password == NULL)
		r->http.password = RC_MASK;
}

enum rc_err
rc_twilio_build(const struct rc_channel *c, const char *to,
    struct rc_slice text, const char *callback, struct rc_provider_request *r,
    struct rc_error *e)
{
	char plus[RC_IDENT_KEY_MAX + 2] = "+";
	size_t len = strnlen(to, RC_IDENT_KEY_MAX);

	memcpy(plus + 1, to, len);
	rc_twilio_begin(c, "POST", r);
	rc_provider_header(
	    r, "Content-Type", "application/x-www-form-urlencoded", false);
	rc_form_add(&r->body, "To", rc_slice_str(*to == '+' ? plus + 1 : plus));
	rc_form_add(&r->body,
	    rc_twilio_is_service(c->from) ? "MessagingServiceSid" : "From",
	    rc_slice_str(c->from));
	rc_form_add(&r->body, "Body", text);
	if (callback != NULL)
		rc_form_add(&r->body, "StatusCallback", rc_slice_str(callback));
	return rc_provider_finish(r, e);
}

enum rc_err
rc_provider_build_check(const struct rc_channel *c,
    struct rc_provider_request *r, struct rc_error *e)
{
	if (c->provider != RC_PROVIDER_TWILIO)
		return RC_NOTFOUND;
	rc_twilio_begin(c, "GET", r);
	rc_buf_adds(&r->url, "?PageSize=1");
	return rc_provider_finish(r, e);
}

uint32_t
rc_twilio_number(
    const struct rc_json_value *object, const char *key, uint32_t max)
{
	struct rc_buf text = RC_BUF_INIT(32);
	uint64_t n = 0;

	rc_json_to_text(rc_json_get(object, key), &text);
	if (!rc_num_u64(rc_buf_slice(&text), max, &n))
		n = 0;
	rc_buf_free(&text);
	return (uint32_t)n;
}

static enum rc_verdict
verdict_of_code(uint32_t code, enum rc_verdict otherwise)
{
	for (size_t i = 0; i < sizeof(CODES) / sizeof(CODES[0]); i++)
		if (CODES[i].code == code)
			return CODES[i].verdict;
	return otherwise;
}

/* A message resource: {"sid":"SM…","status":"queued","num_segments":"1"} */
static void
judge_created(const struct rc_json_value *v, struct rc_result *r)
{
	struct rc_slice status = rc_json_str(rc_json_get(v, "status"));
	struct rc_slice sid = rc_json_str(rc_json_get(v, "sid"));

	if (sid.len == 0) {
		r->verdict = RC_V_UNKNOWN;
		snprintf(r->detail, sizeof(r->detail),
		    "the answer is no message: it has no 'sid'");
		return;
	}
	rc_result_id(r, sid);
	r->verdict = RC_V_ACCEPTED;
	r->segments = rc_twilio_number(v, "num_segments", SEGMENTS_MAX);
	if (!rc_slice_is(status, "failed") &&
	    !rc_slice_is(status, "undelivered"))
		return;
	r->error_code = rc_twilio_number(v, "error_code", UINT32_MAX);
	r->verdict = verdict_of_code(r->error_code, RC_V_REJECTED);
	snprintf(
	    r->detail, sizeof(r->detail), "%u: failed at once", r->error_code);
}

/* {"code":21211,"message":"…","status":400}; code may be missing. */
static void
judge_error(const struct rc_json_value *v, int status, struct rc_result *r)
{
	struct rc_slice message = rc_json_str(rc_json_get(v, "message"));
	uint32_t code = rc_twilio_number(v, "code", UINT32_MAX);

	r->verdict = rc_verdict_of_status(status, false);
	/* After a 5xx the message may be on its way, whatever the code. */
	if (status >= 400 && status < 500 && status != 429)
		r->verdict = verdict_of_code(code, r->verdict);
	r->error_code = code != 0 ? code : (uint32_t)status;
	snprintf(r->detail, sizeof(r->detail), "%u%s%.*s", r->error_code,
	    message.len > 0 ? ": " : "",
	    (int)(message.len > sizeof(r->detail) ? sizeof(r->detail)
						  : message.len),
	    message.len > 0 ? message.p : "");
}

void
rc_twilio_judge(const struct rc_http_response *response, struct rc_result *r)
{
	struct rc_json *json = rc_response_json(response);
	const struct rc_json_value *root = NULL;

	if (json != NULL)
		root = rc_json_root(json);
	if (response->status >= 200 && response->status < 300)
		judge_created(root, r);
	else
		judge_error(root, response->status, r);
	rc_json_free(json);
}
