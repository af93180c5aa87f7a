#include "job/sandbox_priv.h"

#include "base/num.h"
#include "text/phone.h"
#include "text/url.h"

/* Not a secret: buckets are the same in every run. */
static const unsigned char SPREAD[16] = "sandbox buckets";

/* --- kept messages by recipient --------------------------------------------
 */

static size_t
bucket_of(struct rc_slice to)
{
	uint64_t number;

	if (rc_phone_lenient(to, &number) <= RC_PHONE_REPAIRED)
		return rc_siphash(SPREAD, &number, sizeof(number)) %
		       RC_SANDBOX_BUCKETS;
	return rc_siphash(SPREAD, to.p, to.len) % RC_SANDBOX_BUCKETS;
}

static struct rc_sandbox_message *
kept(const struct rc_sandbox *s, uint64_t number)
{
	bool there = number > 0 && number + RC_SANDBOX_KEPT > s->nkept;

	return there ? s->kept[(number - 1) % RC_SANDBOX_KEPT] : NULL;
}

void
rc_sandbox_index(struct rc_sandbox *s, struct rc_sandbox_message *m)
{
	uint64_t *newest = &s->bucket[bucket_of(rc_slice_str(m->to))];

	m->before = *newest;
	*newest = s->nkept;
}

const struct rc_sandbox_message *
rc_sandbox_newest(const struct rc_sandbox *s, struct rc_slice to)
{
	return kept(s, s->bucket[bucket_of(to)]);
}

const struct rc_sandbox_message *
rc_sandbox_before(
    const struct rc_sandbox *s, const struct rc_sandbox_message *m)
{
	return kept(s, m->before);
}

/* --- lookups of JSON endpoints ---------------------------------------------
 */

static const struct rc_sandbox_message *
find(const struct rc_sandbox *s, struct rc_slice ref)
{
	const struct rc_sandbox_message *m = rc_sandbox_newest(s, ref);

	while (
	    m != NULL && (rc_sandbox_is_twilio(m) || !rc_slice_is(ref, m->to)))
		m = rc_sandbox_before(s, m);
	return m;
}

static void
write_message(const struct rc_sandbox_message *m, struct rc_json_writer *w)
{
	rc_jw_object(w);
	rc_jw_key(w, "id");
	rc_jw_cstr(w, m->id);
	rc_jw_key(w, "ref");
	rc_jw_cstr(w, m->to);
	rc_jw_key(w, "status");
	rc_jw_cstr(w, "accepted");
	rc_jw_end(w);
}

static void
answer_one(const struct rc_sandbox_message *m, struct rc_sandbox_answer *a)
{
	struct rc_json_writer w = rc_json_writer_start(&a->body);
	struct rc_error e;

	if (m == NULL) {
		rc_jw_object(&w);
		rc_jw_key(&w, "error");
		rc_jw_object(&w);
		rc_jw_key(&w, "message");
		rc_jw_cstr(&w, "no such message");
		rc_jw_end(&w);
		rc_jw_end(&w);
		a->reply.status = 404;
	} else {
		write_message(m, &w);
	}
	a->drop = rc_jw_finish(&w, &e) != RC_OK;
}

static void
answer_list(const struct rc_sandbox_message *m, struct rc_sandbox_answer *a)
{
	struct rc_json_writer w = rc_json_writer_start(&a->body);
	struct rc_error e;

	rc_jw_object(&w);
	rc_jw_key(&w, "messages");
	rc_jw_array(&w);
	if (m != NULL)
		write_message(m, &w);
	rc_jw_end(&w);
	rc_jw_end(&w);
	a->drop = rc_jw_finish(&w, &e) != RC_OK;
}

/* The value of ref= in the query, into s->value; false when there is none. */
static bool
read_ref(struct rc_sandbox *s, struct rc_slice query)
{
	struct rc_error e;

	while (rc_form_next(&query, &s->name, &s->value, &e) == RC_OK)
		if (rc_slice_is(rc_buf_slice(&s->name), "ref"))
			return true;
	return false;
}

static void
fail(const struct rc_sandbox_shape *shape, const struct rc_sandbox_fault *f,
    struct rc_sandbox_answer *a)
{
	rc_sandbox_shape_fill(&a->body, shape->error, "0", "out of order");
	a->reply.status = (int)rc_sandbox_fault_status(f);
	rc_sandbox_retry_after(a, f);
}

void
rc_sandbox_lookup(struct rc_sandbox *s, struct rc_httpd_request *r,
    const struct rc_sandbox_shape *shape, struct rc_slice ref,
    struct rc_sandbox_answer *a)
{
	struct rc_sandbox_luck luck = rc_sandbox_try(s, RC_PLACE_LIST, a);

	rc_buf_reset(&s->value);
	if (luck.status != NULL) {
		fail(shape, luck.status, a);
	} else if (!rc_sandbox_json_authorized(s, shape, r)) {
		rc_sandbox_shape_fill(
		    &a->body, shape->error, "", "unauthorized");
		a->reply.status = 401;
	} else if (ref.len > 0 && rc_url_unescape(&s->value, ref, false)) {
		answer_one(find(s, rc_buf_slice(&s->value)), a);
	} else if (read_ref(s, rc_httpd_query(r))) {
		answer_list(find(s, rc_buf_slice(&s->value)), a);
	} else {
		rc_sandbox_shape_fill(
		    &a->body, shape->error, "", "say which one: ?ref=");
		a->reply.status = 400;
	}
	rc_sandbox_spoil(&luck, a);
}
