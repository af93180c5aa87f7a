#include "job/sandbox_priv.h"

#define REFUSED_NUMBER "15005550001" /* as Twilio's invalid number */

/* The recipient: "to", a string or number, or the first of an array. */
static void
read_to(const struct rc_json_value *root, struct rc_buf *to)
{
	const struct rc_json_value *v = rc_json_get(root, "to");

	rc_buf_reset(to);
	if (rc_json_type(v) == RC_JSON_ARRAY)
		v = rc_json_at(v, 0);
	if (rc_json_type(v) == RC_JSON_STRING ||
	    rc_json_type(v) == RC_JSON_NUMBER)
		rc_json_to_text(v, to);
}

static void
refuse(struct rc_sandbox *s, struct rc_sandbox_answer *a, int status,
    const char *message, const char *fault)
{
	rc_sandbox_record(s, &(struct rc_sandbox_event){.event = "refused",
				 .channel = "json",
				 .to = rc_buf_slice(&s->value),
				 .code = (unsigned)status,
				 .fault = fault});
	rc_buf_reset(&a->body);
	rc_buf_addf(&a->body, "{\"error\":{\"message\":\"%s\"}}", message);
	a->reply.status = status;
}

static void
accept_message(struct rc_sandbox *s, struct rc_httpd_request *r,
    const struct rc_json_value *root, struct rc_sandbox_answer *a,
    const struct rc_sandbox_luck *luck)
{
	char id[RC_SANDBOX_ID_LEN + 1];

	rc_sandbox_new_id(s, "JM", id);
	rc_sandbox_record(s, &(struct rc_sandbox_event){.event = "message",
				 .channel = "json",
				 .to = rc_buf_slice(&s->value),
				 .from = rc_json_str(rc_json_get(root, "from")),
				 .body = rc_httpd_body(r),
				 .id = {id, RC_SANDBOX_ID_LEN},
				 .fault = rc_sandbox_fault_name(luck)});
	rc_buf_addf(&a->body, "{\"id\":\"%s\"}", id);
	a->reply.status = 202;
}

static void
fail(struct rc_sandbox_answer *a, const struct rc_sandbox_fault *f)
{
	rc_buf_reset(&a->body);
	rc_buf_adds(&a->body, "{\"error\":{\"message\":\"out of order\"}}");
	a->reply.status = (int)rc_sandbox_fault_status(f);
	rc_sandbox_retry_after(a, f);
}

static void
create(struct rc_sandbox *s, struct rc_httpd_request *r, bool authorized,
    struct rc_sandbox_answer *a)
{
	struct rc_sandbox_luck luck = rc_sandbox_try(s, RC_PLACE_MESSAGES, a);
	const struct rc_json_value *root;
	struct rc_json *document = NULL;
	struct rc_error e;
	bool readable;

	readable = rc_json_parse(&document, rc_httpd_body(r), &e) == RC_OK;
	root = readable ? rc_json_root(document) : NULL;
	read_to(root, &s->value);
	if (luck.status != NULL && !luck.status->accepted) {
		refuse(s, a, (int)rc_sandbox_fault_status(luck.status),
		    "out of order", "status");
		rc_sandbox_retry_after(a, luck.status);
	} else if (!authorized) {
		refuse(s, a, 401, "unauthorized", NULL);
	} else if (!readable) {
		refuse(s, a, 400, "the body is not JSON", NULL);
	} else if (rc_slice_is(rc_buf_slice(&s->value), REFUSED_NUMBER) ||
		   rc_slice_is(rc_buf_slice(&s->value), "+" REFUSED_NUMBER)) {
		refuse(s, a, 400, "invalid recipient", NULL);
	} else {
		accept_message(s, r, root, a, &luck);
		if (luck.status != NULL)
			fail(a, luck.status);
	}
	rc_sandbox_spoil(&luck, a);
	if (readable)
		rc_json_free(document);
}

void
rc_sandbox_json(struct rc_sandbox *s, struct rc_httpd_request *r,
    struct rc_slice path, struct rc_sandbox_answer *a)
{
	bool authorized;

	if (rc_slice_is(path, "none")) {
		authorized = true;
	} else if (rc_slice_is(path, "basic")) {
		authorized = rc_sandbox_authorized(r, &s->json_auth);
	} else if (rc_slice_is(path, "bearer")) {
		authorized = rc_sandbox_token_valid(s, r);
	} else {
		rc_buf_adds(
		    &a->body, "{\"error\":{\"message\":\"no such path\"}}");
		a->reply.status = 404;
		return;
	}
	if (rc_slice_is(rc_httpd_method(r), "POST")) {
		create(s, r, authorized, a);
		return;
	}
	rc_buf_adds(&a->body, "{\"error\":{\"message\":\"use POST\"}}");
	a->reply.status = 405;
}
