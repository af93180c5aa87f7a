#include "sys/httpd_priv.h"

#include <microhttpd.h>
#include <string.h>

struct rc_slice
rc_httpd_method(const struct rc_httpd_request *r)
{
	return rc_slice_str(r->method);
}

struct rc_slice
rc_httpd_path(const struct rc_httpd_request *r)
{
	const char *target = rc_buf_str(&r->target);

	return (struct rc_slice){target, strcspn(target, "?")};
}

struct rc_slice
rc_httpd_query(const struct rc_httpd_request *r)
{
	struct rc_slice path = rc_httpd_path(r);

	if (path.len == r->target.len)
		return RC_SLICE_LIT("");
	return (struct rc_slice){
	    path.p + path.len + 1, r->target.len - path.len - 1};
}

struct rc_slice
rc_httpd_body(const struct rc_httpd_request *r)
{
	return rc_buf_slice(&r->body);
}

struct rc_slice
rc_httpd_header(const struct rc_httpd_request *r, const char *name)
{
	const char *value = NULL;
	size_t n = 0;

	if (MHD_lookup_connection_value_n(r->connection, MHD_HEADER_KIND, name,
		strlen(name), &value, &n) != MHD_YES ||
	    value == NULL)
		return RC_SLICE_LIT("");
	return (struct rc_slice){value, n};
}

const char *
rc_httpd_peer(const struct rc_httpd_request *r)
{
	return r->peer;
}

static void
add_header(struct MHD_Response *m, const char *name, const char *value)
{
	if (name != NULL && value != NULL)
		MHD_add_response_header(m, name, value);
}

/* A kept request's connection is woken; libmicrohttpd then asks again. */
static void
end_request(struct rc_httpd_request *r)
{
	r->phase = RC_PHASE_REPLY;
	if (!r->kept)
		return;
	r->kept = false;
	rc_httpd_line_join(&r->place, &r->httpd->moving);
	MHD_resume_connection(r->connection);
	r->httpd->resumed = true;
}

void
rc_httpd_reply(struct rc_httpd_request *r, const struct rc_httpd_reply *reply)
{
	union {
		const char *in;
		void *out;
	} body = {.in = reply->body.p}; /* copied, though not const there */
	struct MHD_Response *m = MHD_create_response_from_buffer(
	    reply->body.len, body.out, MHD_RESPMEM_MUST_COPY);

	if (m == NULL) {
		rc_httpd_drop(r);
		return;
	}
	add_header(m, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
	add_header(m, MHD_HTTP_HEADER_LOCATION, reply->location);
	add_header(m, reply->extra_name, reply->extra_value);
	r->response = m;
	r->status = (unsigned)reply->status;
	end_request(r);
}

void
rc_httpd_drop(struct rc_httpd_request *r)
{
	r->dropped = true;
	end_request(r);
}
