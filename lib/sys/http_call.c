#include "sys/http.h"

#include <string.h>

#define CALL_WAIT_MS 1000

struct call {
	struct rc_http_response *response;
	struct rc_buf *body;
	bool done;
};

/* Content, type and error behind one another, a NUL after each. */
static void
keep_response(void *arg, const struct rc_http_response *r)
{
	struct call *c = arg;

	*c->response = *r;
	rc_buf_reset(c->body);
	rc_buf_addv(c->body, r->body);
	rc_buf_addc(c->body, '\0');
	rc_buf_adds(c->body, r->content_type);
	rc_buf_addc(c->body, '\0');
	rc_buf_adds(c->body, r->error);
	c->done = true;
}

static void
point_into_body(struct rc_http_response *r, const struct rc_buf *body)
{
	r->body.p = body->data;
	r->content_type = body->data + r->body.len + 1;
	r->error = r->content_type + strlen(r->content_type) + 1;
}

enum rc_err
rc_http_call(struct rc_http *h, const struct rc_http_request *request,
    struct rc_http_response *response, struct rc_buf *body, struct rc_error *e)
{
	struct call call = {.response = response, .body = body};
	enum rc_err err = rc_http_start(h, request, keep_response, &call, e);

	while (err == RC_OK && !call.done)
		err = rc_http_poll(h, CALL_WAIT_MS, -1, e);
	if (err == RC_OK)
		err = rc_buf_check(body, "answer", e);
	if (err != RC_OK)
		return err;
	point_into_body(response, body);
	return RC_OK;
}
