#include "core/provider_lookup.h"

#include "core/provider_priv.h"

#include <stdio.h>
#include <string.h>

/* Bytes of a scalar that decides whether something is there. */
#define TEXT_MAX 4096

enum rc_err
rc_lookup_check(const struct rc_channel *c, struct rc_error *e)
{
	if (c->provider == RC_PROVIDER_TWILIO || c->lookup_url != NULL)
		return RC_OK;
	return rc_err_set(e, RC_ECONFIG,
	    "channel '%s' has no lookup_url to ask the provider with: set one "
	    "if it has such a request, see rc-channel(1)",
	    c->name);
}

enum rc_err
rc_lookup_build(const struct rc_channel *c, const struct rc_lookup_question *q,
    const char *page, const char *token, struct rc_provider_request *r,
    struct rc_error *e)
{
	enum rc_err err;

	if (c->provider == RC_PROVIDER_TWILIO)
		return rc_twilio_build_list(c, q->to, page, r, e);
	rc_provider_begin(r, "GET");
	err = rc_channel_lookup_url(c, q, &r->url, e);
	if (err != RC_OK)
		return err;
	rc_provider_headers(r, c->headers, c->nheaders);
	rc_provider_authorize(c, token, r);
	return rc_provider_finish(r, e);
}

/* --- the answer of an http channel ---------------------------------------- */

/* Null, false, 0, and what is empty, are nothing. */
static bool
is_something(const struct rc_json_value *v)
{
	struct rc_buf text = RC_BUF_INIT(TEXT_MAX);
	bool is;

	switch (rc_json_type(v)) {
	case RC_JSON_ARRAY:
	case RC_JSON_OBJECT:
		return rc_json_count(v) > 0;
	case RC_JSON_BOOL:
		return rc_json_bool(v);
	case RC_JSON_NUMBER:
		rc_json_to_text(v, &text);
		is = strspn(rc_buf_str(&text), "-0.") < text.len;
		rc_buf_free(&text);
		return is;
	case RC_JSON_STRING:
		return rc_json_str(v).len > 0;
	default:
		return false;
	}
}

/* Nothing is where a pointer leads: because a list has no such element? */
static bool
is_past_list(const struct rc_json_value *root, const char *pointer)
{
	const struct rc_json_value *v = NULL;
	char above[TEXT_MAX], *end;
	const char *step = "";

	if (strlen(pointer) >= sizeof(above))
		return false;
	memcpy(above, pointer, strlen(pointer) + 1);
	while (v == NULL && (end = strrchr(above, '/')) != NULL) {
		*end = '\0';
		step = end + 1;
		v = rc_json_pointer(root, above);
	}
	return rc_json_type(v) == RC_JSON_ARRAY && *step != '\0' &&
	       strspn(step, "0123456789") == strlen(step);
}

static bool
tells_error(const struct rc_channel *c, const struct rc_json_value *root)
{
	return is_something(rc_json_get(root, "error")) ||
	       is_something(rc_json_get(root, "errors")) ||
	       (c->error_pointer != NULL &&
		   is_something(rc_json_pointer(root, c->error_pointer)));
}

/*
 * What keeps an answer from saying that there is no such message; NULL: it does
 * say so.  An error that comes with 200 has other words at other places.
 */
static const char *
why_no_no(const struct rc_channel *c, const struct rc_json_value *root)
{
	const struct rc_json_value *v =
	    rc_json_pointer(root, c->lookup_pointer);

	if (tells_error(c, root))
		return "tells an error";
	if (v == NULL && !is_past_list(root, c->lookup_pointer))
		return "has nothing at 'lookup_pointer'";
	return rc_json_type(v) == RC_JSON_NULL ? "has null at 'lookup_pointer'"
					       : NULL;
}

static enum rc_err
report(const struct rc_channel *c, const struct rc_json_value *root,
    rc_lookup_fn *fn, void *arg, struct rc_error *e)
{
	struct rc_lookup_found found = {.state = RC_M_ACCEPTED};
	struct rc_buf text = RC_BUF_INIT(TEXT_MAX);
	enum rc_err err;

	if (c->lookup_id_pointer != NULL)
		rc_json_to_text(
		    rc_json_pointer(root, c->lookup_id_pointer), &text);
	found.id = rc_buf_slice(&text);
	err = fn(arg, &found, e);
	rc_buf_free(&text);
	return err;
}

static enum rc_err
read_http(const struct rc_channel *c, const struct rc_http_response *r,
    const struct rc_json_value *root, rc_lookup_fn *fn, void *arg,
    struct rc_lookup_answer *a, struct rc_error *e)
{
	bool absent = r->status == 404,
	     empty = r->body.len == 0 && !r->body_cut;
	const char *why = NULL;

	/* Any server has a page for what it does not know. */
	if (root == NULL && (absent ? !empty : c->lookup_pointer != NULL))
		why = "is no JSON";
	else if (!absent &&
		 (c->lookup_pointer == NULL ||
		     is_something(rc_json_pointer(root, c->lookup_pointer))))
		return report(c, root, fn, arg, e);
	else if (!absent)
		why = why_no_no(c, root);
	if (why == NULL)
		return RC_OK;
	a->verdict = RC_V_UNKNOWN;
	snprintf(a->detail, sizeof(a->detail), "HTTP %d, but the answer %s",
	    r->status, why);
	return RC_OK;
}

/* --- any answer ------------------------------------------------------------
 */

static void
judge_refusal(const struct rc_channel *c, const struct rc_http_response *r,
    struct rc_lookup_answer *a)
{
	struct rc_result result;

	rc_provider_judge(c, r, &result);
	a->verdict = result.verdict;
	a->stop = result.stop;
	if (a->verdict == RC_V_ACCEPTED || a->verdict == RC_V_SUPPRESS)
		a->verdict = RC_V_REJECTED; /* it is about nobody's consent */
	snprintf(a->detail, sizeof(a->detail), "%s", result.detail);
}

static enum rc_err
read_answer(const struct rc_channel *c, const char *to,
    const struct rc_http_response *r, rc_lookup_fn *fn, void *arg,
    struct rc_lookup_answer *a, struct rc_error *e)
{
	bool twilio = c->provider == RC_PROVIDER_TWILIO;
	struct rc_json *json;
	const struct rc_json_value *root;
	enum rc_err err;

	a->verdict = RC_V_UNKNOWN;
	if (r->outcome != RC_HTTP_ANSWERED) {
		snprintf(a->detail, sizeof(a->detail), "%s", r->error);
		return RC_OK;
	}
	a->verdict = RC_V_ACCEPTED;
	if ((r->status < 200 || r->status > 299) &&
	    (twilio || r->status != 404)) {
		judge_refusal(c, r, a);
		return RC_OK;
	}
	json = rc_response_json(r);
	root = json == NULL ? NULL : rc_json_root(json);
	err = twilio ? rc_twilio_read_list(c, to, root, fn, arg, a, e)
		     : read_http(c, r, root, fn, arg, a, e);
	rc_json_free(json);
	return err;
}

enum rc_err
rc_lookup_read(const struct rc_channel *c, const char *to,
    const struct rc_http_response *r, const char *token, rc_lookup_fn *fn,
    void *arg, struct rc_lookup_answer *a, struct rc_error *e)
{
	enum rc_err err;

	memset(a, 0, sizeof(*a));
	a->retry_after_ms = r->retry_after_ms;
	err = read_answer(c, to, r, fn, arg, a, e);
	rc_provider_mask(c, token, a->detail, strlen(a->detail));
	rc_err_defuse(a->detail);
	return err;
}
