#include "job/sandbox_priv.h"

/* One message under way. */
struct taking {
	struct rc_sandbox *s;
	const struct rc_sandbox_shape *shape;
	struct rc_httpd_request *r;
	struct rc_sandbox_answer *a;
	const struct rc_json_value *root; /* NULL: the body is no JSON */
};

/* The recipient: a string or number, or the first of an array. */
static void
read_to(const struct taking *t, struct rc_buf *to)
{
	const struct rc_json_value *v = rc_json_pointer(t->root, t->shape->to);

	rc_buf_reset(to);
	if (rc_json_type(v) == RC_JSON_ARRAY)
		v = rc_json_at(v, 0);
	if (rc_json_type(v) == RC_JSON_STRING ||
	    rc_json_type(v) == RC_JSON_NUMBER)
		rc_json_to_text(v, to);
}

static struct rc_slice
from(const struct taking *t)
{
	if (t->shape->from == NULL)
		return RC_SLICE_LIT("");
	return rc_json_str(rc_json_pointer(t->root, t->shape->from));
}

static void
answer_error(
    const struct taking *t, int status, const char *code, const char *message)
{
	rc_sandbox_shape_fill(
	    &t->a->body, message == NULL ? "" : t->shape->error, code, message);
	t->a->reply.status = status;
}

static void
record_refusal(const struct taking *t, int status, const char *fault)
{
	rc_sandbox_record(t->s, &(struct rc_sandbox_event){.event = "refused",
				    .channel = t->shape->name,
				    .to = rc_buf_slice(&t->s->value),
				    .code = (unsigned)status,
				    .fault = fault});
}

static void
refuse(const struct taking *t, enum rc_sandbox_refusal why)
{
	const char *rejected = t->shape->rejected;
	char id[RC_SANDBOX_ID_LEN + 1];

	record_refusal(t, t->shape->refusal[why].status, NULL);
	answer_error(t, t->shape->refusal[why].status,
	    t->shape->refusal[why].code, t->shape->refusal[why].message);
	if (why != RC_REFUSE_RECIPIENT || rejected == NULL)
		return;
	rc_sandbox_new_id(t->s, "JM", id);
	rc_sandbox_shape_fill(&t->a->body, rejected, "", id);
}

static void
fail(const struct taking *t, const struct rc_sandbox_fault *f, bool taken)
{
	int status = (int)rc_sandbox_fault_status(f);

	if (!taken)
		record_refusal(t, status, "status");
	answer_error(t, status, "0", "out of order");
	rc_sandbox_retry_after(t->a, f);
}

/* What is kept can be asked for by the sender's own reference. */
static void
keep(const struct taking *t, const char *id)
{
	struct rc_slice ref = rc_json_str(rc_json_get(t->root, "ref"));
	struct rc_slice none = RC_SLICE_LIT("");

	if (ref.len > 0 && rc_sandbox_keep(t->s, id, ref, none, none) == NULL)
		t->a->drop = true;
}

static void
accept_message(const struct taking *t, const struct rc_sandbox_luck *luck)
{
	char id[RC_SANDBOX_ID_LEN + 1];

	rc_sandbox_new_id(t->s, "JM", id);
	keep(t, id);
	rc_sandbox_record(t->s, &(struct rc_sandbox_event){.event = "message",
				    .channel = t->shape->name,
				    .to = rc_buf_slice(&t->s->value),
				    .from = from(t),
				    .body = rc_httpd_body(t->r),
				    .id = {id, RC_SANDBOX_ID_LEN},
				    .fault = rc_sandbox_fault_name(luck)});
	rc_sandbox_shape_fill(&t->a->body, t->shape->answer, "", id);
	t->a->reply.status = t->shape->status;
}

static bool
has_key(const struct rc_sandbox *s, const struct rc_sandbox_shape *shape,
    const struct rc_httpd_request *r)
{
	struct rc_slice header = rc_httpd_header(r, "Authorization");
	struct rc_slice scheme = rc_slice_str(shape->scheme);

	return rc_slice_starts(header, scheme, &header) &&
	       rc_slice_starts(header, RC_SLICE_LIT(" "), &header) &&
	       rc_equal_secret(header, rc_slice_str(s->cfg.password));
}

bool
rc_sandbox_json_authorized(const struct rc_sandbox *s,
    const struct rc_sandbox_shape *shape, const struct rc_httpd_request *r)
{
	switch (shape->auth) {
	case RC_SANDBOX_OPEN:
		break;
	case RC_SANDBOX_BASIC:
		return rc_sandbox_authorized(r, &s->json_auth);
	case RC_SANDBOX_BEARER:
		return rc_sandbox_token_valid(s, r);
	case RC_SANDBOX_KEY:
		return has_key(s, shape, r) || rc_sandbox_token_valid(s, r);
	}
	return true;
}

static bool
is_whole(const struct taking *t)
{
	const char *header = t->shape->header;

	return t->root != NULL &&
	       rc_sandbox_shape_is_whole(t->shape, t->root) &&
	       (header == NULL || rc_httpd_header(t->r, header).len > 0);
}

static void
create(struct taking *t)
{
	struct rc_sandbox_luck luck =
	    rc_sandbox_try(t->s, RC_PLACE_MESSAGES, t->a);
	struct rc_json *document = NULL;
	struct rc_error e;

	if (rc_json_parse(&document, rc_httpd_body(t->r), &e) == RC_OK)
		t->root = rc_json_root(document);
	read_to(t, &t->s->value);
	if (luck.status != NULL && !luck.status->accepted) {
		fail(t, luck.status, false);
	} else if (!rc_sandbox_json_authorized(t->s, t->shape, t->r)) {
		refuse(t, RC_REFUSE_CREDENTIALS);
	} else if (!is_whole(t)) {
		refuse(t, RC_REFUSE_DOCUMENT);
	} else if (!rc_sandbox_shape_takes(
		       t->shape, rc_buf_slice(&t->s->value))) {
		refuse(t, RC_REFUSE_RECIPIENT);
	} else {
		accept_message(t, &luck);
		if (luck.status != NULL)
			fail(t, luck.status, true);
	}
	rc_sandbox_spoil(&luck, t->a);
	rc_json_free(document);
}

void
rc_sandbox_json(struct rc_sandbox *s, struct rc_httpd_request *r,
    const struct rc_sandbox_shape *shape, struct rc_sandbox_answer *a)
{
	struct taking t = {.s = s, .shape = shape, .r = r, .a = a};

	if (rc_slice_is(rc_httpd_method(r), "POST"))
		create(&t);
	else
		answer_error(&t, 405, "0", "use POST");
}
