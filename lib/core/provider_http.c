#include "core/provider_priv.h"

#include <stdio.h>
#include <string.h>

#define TEXT_MAX 4096 /* bytes of a value of an answer that are looked at */

/* Where APIs tell an error when it is not where the channel says. */
static const char *const ERROR_POINTERS[] = {"/error/message", "/message",
    "/error_description", "/detail", "/title", "/error", "/errors/0/detail",
    "/errors/0/title", "/errors/0/description",
    "/messages/0/status/description"};

void
rc_provider_authorize(const struct rc_channel *c, const char *token,
    struct rc_provider_request *r)
{
	if (c->auth == RC_AUTH_BASIC) {
		r->http.user = c->username;
		r->http.password = c->password == NULL ? RC_MASK : c->password;
	}
	if (c->auth == RC_AUTH_OAUTH2) {
		rc_buf_addf(&r->authorization, "Bearer %s",
		    token == NULL ? RC_MASK : token);
		rc_provider_header(
		    r, "Authorization", rc_buf_str(&r->authorization), true);
	}
}

enum rc_err
rc_provider_http_build(const struct rc_channel *c, struct rc_slice document,
    const char *token, struct rc_provider_request *r, struct rc_error *e)
{
	rc_provider_begin(r, "POST");
	rc_buf_adds(&r->url, c->url);
	rc_buf_addv(&r->body, document);
	rc_provider_header(r, "Content-Type", c->content_type, false);
	rc_provider_headers(r, c->headers, c->nheaders);
	rc_provider_authorize(c, token, r);
	return rc_provider_finish(r, e);
}

/* The text at a pointer; false when there is no scalar. */
static bool
text_at(
    const struct rc_json_value *root, const char *pointer, struct rc_buf *out)
{
	const struct rc_json_value *v = rc_json_pointer(root, pointer);
	enum rc_json_type type = rc_json_type(v);

	rc_buf_reset(out);
	if (type != RC_JSON_STRING && type != RC_JSON_NUMBER &&
	    type != RC_JSON_BOOL)
		return false;
	rc_json_to_text(v, out);
	return out->state == RC_BUF_FINE;
}

static bool
find_error(const struct rc_channel *c, const struct rc_json_value *root,
    struct rc_buf *out)
{
	size_t n = sizeof(ERROR_POINTERS) / sizeof(ERROR_POINTERS[0]);

	if (c->error_pointer != NULL && text_at(root, c->error_pointer, out) &&
	    out->len > 0)
		return true;
	for (size_t i = 0; i < n; i++)
		if (text_at(root, ERROR_POINTERS[i], out) && out->len > 0)
			return true;
	return false;
}

static void
describe(const struct rc_channel *c, const struct rc_json_value *root,
    int status, struct rc_result *r)
{
	struct rc_buf text = RC_BUF_INIT(TEXT_MAX);

	r->error_code = (uint32_t)status;
	if (find_error(c, root, &text))
		snprintf(r->detail, sizeof(r->detail), "HTTP %d: %s", status,
		    rc_buf_str(&text));
	else
		snprintf(r->detail, sizeof(r->detail), "HTTP %d%s", status,
		    status >= 300 && status < 400
			? ", a redirect, which is not followed: is the URL "
			  "right?"
			: "");
	rc_buf_free(&text);
}

static void
unclear(struct rc_result *r, int status, const char *what, const char *pointer)
{
	r->verdict = RC_V_UNKNOWN;
	r->error_code = (uint32_t)status;
	snprintf(r->detail, sizeof(r->detail), "HTTP %d, but %s%s%s%s", status,
	    what, *pointer == '\0' ? "" : " '", pointer,
	    *pointer == '\0' ? "" : "'");
}

/* Whether the channel says what a code of a refusal means. */
static bool
is_known(
    const struct rc_channel *c, struct rc_slice code, enum rc_verdict *verdict)
{
	if (rc_channel_lists_code(c->stop_codes, code))
		*verdict = RC_V_STOP;
	else if (rc_channel_lists_code(c->retry_codes, code))
		*verdict = RC_V_RETRY;
	else if (rc_channel_lists_code(c->optout_codes, code))
		*verdict = RC_V_SUPPRESS;
	else
		return false;
	return true;
}

/* What a refusal means by the codes it holds, else that. */
static enum rc_verdict
verdict_of_body(const struct rc_channel *c, const struct rc_json_value *root,
    enum rc_verdict otherwise)
{
	const char *const at[] = {c->success_pointer, c->error_pointer};
	struct rc_buf text = RC_BUF_INIT(TEXT_MAX);
	enum rc_verdict verdict = otherwise;
	bool known = false;

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]) && !known; i++)
		known = at[i] != NULL && text_at(root, at[i], &text) &&
			is_known(c, rc_buf_slice(&text), &verdict);
	rc_buf_free(&text);
	return verdict;
}

/* After 5xx the message may be on its way, whatever the body says. */
static enum rc_verdict
verdict_of_refusal(
    const struct rc_channel *c, const struct rc_json_value *root, int status)
{
	enum rc_verdict verdict =
	    rc_verdict_of_status(status, c->auth == RC_AUTH_OAUTH2);
	char code[16];

	snprintf(code, sizeof(code), "%d", status);
	(void)is_known(c, rc_slice_str(code), &verdict);
	return status >= 400 && status < 500 ? verdict_of_body(c, root, verdict)
					     : verdict;
}

/* Whether the channel's place for an error has one: false and 0 are none. */
static bool
tells_error(const struct rc_channel *c, const struct rc_json_value *root)
{
	struct rc_buf text = RC_BUF_INIT(TEXT_MAX);
	bool tells = c->error_pointer != NULL &&
		     text_at(root, c->error_pointer, &text) && text.len > 0 &&
		     !rc_slice_is(rc_buf_slice(&text), "false") &&
		     !rc_slice_is(rc_buf_slice(&text), "0");

	rc_buf_free(&text);
	return tells;
}

static void
refused(const struct rc_channel *c, const struct rc_json_value *root,
    int status, struct rc_result *r)
{
	describe(c, root, status, r);
	r->verdict = verdict_of_body(c, root, RC_V_REJECTED);
}

static void
judge_success(const struct rc_channel *c, const struct rc_json_value *root,
    int status, struct rc_result *r)
{
	struct rc_buf text = RC_BUF_INIT(TEXT_MAX);

	r->verdict = RC_V_ACCEPTED;
	if (root == NULL &&
	    (c->success_pointer != NULL || c->id_pointer != NULL)) {
		unclear(r, status, "the answer is no JSON", "");
	} else if (c->success_pointer != NULL &&
		   !text_at(root, c->success_pointer, &text)) {
		if (tells_error(c, root))
			refused(c, root, status, r);
		else
			unclear(r, status, "the answer has nothing at",
			    c->success_pointer);
	} else if (c->success_pointer != NULL &&
		   strcmp(rc_buf_str(&text), c->success_equals) != 0) {
		refused(c, root, status, r);
	} else if (c->id_pointer != NULL) {
		if (text_at(root, c->id_pointer, &text) && text.len > 0)
			rc_result_id(r, rc_buf_slice(&text));
		else
			unclear(r, status, "the answer has no id at",
			    c->id_pointer);
	}
	rc_buf_free(&text);
}

void
rc_provider_http_judge(const struct rc_channel *c,
    const struct rc_http_response *response, struct rc_result *r)
{
	int status = response->status;
	struct rc_json *json = rc_response_json(response);
	const struct rc_json_value *root = NULL;

	if (json != NULL)
		root = rc_json_root(json);
	if (status >= (int)c->status_min && status <= (int)c->status_max) {
		judge_success(c, root, status, r);
	} else if (status >= 200 && status < 300) {
		unclear(r, status, "that is not in 'success.status'", "");
	} else {
		describe(c, root, status, r);
		r->verdict = verdict_of_refusal(c, root, status);
	}
	rc_json_free(json);
}
