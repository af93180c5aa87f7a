#include "face/exchange.h"

#include "text/utf8.h"

#define SHOWN_MAX (1u << 20) /* bytes of an exchange as it is shown */

static struct rc_slice
cut(struct rc_slice body)
{
	if (body.len > RC_EXCHANGE_BODY_MAX)
		body.len = RC_EXCHANGE_BODY_MAX;
	return body;
}

static const char *
shown_value(const struct rc_http_header *h)
{
	return h->secret ? RC_MASK : h->value;
}

/* One character, or '?' for what is none or what a terminal might obey. */
static size_t
add_character(struct rc_buf *out, struct rc_slice rest)
{
	size_t pos = 0, n = rc_utf8_step(rest, NULL);
	uint32_t c = n == 0 ? 0 : rc_utf8_take(rest, &pos);

	if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
		rc_buf_addc(out, '?');
		return n == 0 ? 1 : n;
	}
	rc_buf_add(out, rest.p, n);
	return n;
}

/* Every line of a text behind a mark, safe for a terminal. */
static void
add_lines(struct rc_buf *out, const char *mark, struct rc_slice text)
{
	struct rc_slice rest = cut(text);

	if (rest.len == 0)
		return;
	rc_buf_adds(out, mark);
	for (size_t i = 0; i < rest.len;) {
		char c = rest.p[i];

		if (c == '\n')
			rc_buf_addf(out, "\n%s", mark);
		else if (c != '\r')
			i += add_character(
			    out, rc_slice_of(rest.p + i, rest.len - i));
		if (c == '\n' || c == '\r')
			i++;
	}
	rc_buf_addf(out, "%s\n", rest.len < text.len ? " ..." : "");
}

static void
add_request(struct rc_buf *out, const struct rc_http_request *r)
{
	rc_buf_addf(out, "> %s ", r->method);
	rc_channel_url_shown(rc_slice_str(r->url), out);
	rc_buf_addc(out, '\n');
	if (r->user != NULL)
		rc_buf_addf(out, "> Authorization: Basic %s\n", RC_MASK);
	for (size_t i = 0; i < r->nheaders; i++)
		rc_buf_addf(out, "> %s: %s\n", r->header[i].name,
		    shown_value(&r->header[i]));
	if (r->body.len > 0)
		rc_buf_adds(out, ">\n");
	add_lines(out, "> ", r->body);
}

static void
add_response(struct rc_buf *out, const struct rc_http_response *r)
{
	if (r->outcome != RC_HTTP_ANSWERED) {
		rc_buf_adds(out, "< ");
		add_lines(out, "", rc_slice_str(r->error));
		return;
	}
	rc_buf_addf(out, "< HTTP %d after %llu ms\n", r->status,
	    (unsigned long long)(r->duration_us / 1000));
	if (*r->content_type != '\0') {
		rc_buf_adds(out, "< Content-Type: ");
		add_lines(out, "", rc_slice_str(r->content_type));
	}
	if (r->retry_after_ms > 0)
		rc_buf_addf(out, "< Retry-After: %llu\n",
		    (unsigned long long)(r->retry_after_ms / 1000));
	if (r->body.len > 0)
		rc_buf_adds(out, "<\n");
	add_lines(out, "< ", r->body);
}

static void
add_result(struct rc_buf *out, const struct rc_result *r)
{
	rc_buf_adds(out, rc_verdict_name(r->verdict));
	if (r->provider_id[0] != '\0')
		rc_buf_addf(out, "\t%s", r->provider_id);
	if (r->detail[0] != '\0')
		rc_buf_addf(out, "\t%s", r->detail);
}

static void
add_lines_of(struct rc_buf *out, const struct rc_exchange *x)
{
	add_request(out, x->request);
	if (x->response == NULL) {
		rc_buf_adds(out, "not sent");
		return;
	}
	add_response(out, x->response);
	add_result(out, x->result);
}

static void
put(struct rc_json_writer *jw, const char *key, const char *value)
{
	rc_jw_key(jw, key);
	rc_jw_cstr(jw, value);
}

static void
write_request(struct rc_json_writer *jw, const struct rc_http_request *r)
{
	struct rc_buf url = RC_BUF_INIT(SHOWN_MAX);

	rc_jw_key(jw, "request");
	rc_jw_object(jw);
	put(jw, "method", r->method);
	rc_channel_url_shown(rc_slice_str(r->url), &url);
	put(jw, "url", rc_buf_str(&url));
	rc_buf_free(&url);
	rc_jw_key(jw, "headers");
	rc_jw_object(jw);
	if (r->user != NULL)
		put(jw, "Authorization", "Basic " RC_MASK);
	for (size_t i = 0; i < r->nheaders; i++)
		put(jw, r->header[i].name, shown_value(&r->header[i]));
	rc_jw_end(jw);
	rc_jw_key(jw, "body");
	rc_jw_str(jw, cut(r->body));
	rc_jw_end(jw);
}

static void
write_response(struct rc_json_writer *jw, const struct rc_http_response *r)
{
	bool answered = r->outcome == RC_HTTP_ANSWERED;

	rc_jw_key(jw, "response");
	rc_jw_object(jw);
	rc_jw_key(jw, "status");
	if (answered)
		rc_jw_u64(jw, (uint64_t)r->status);
	else
		rc_jw_null(jw);
	put(jw, "content_type", answered ? r->content_type : "");
	rc_jw_key(jw, "body");
	rc_jw_str(jw, answered ? cut(r->body) : RC_SLICE_LIT(""));
	put(jw, "error", answered ? "" : r->error);
	rc_jw_end(jw);
}

static enum rc_err
write_object(
    struct rc_buf *out, const struct rc_exchange *x, struct rc_error *e)
{
	struct rc_json_writer jw = rc_json_writer_start(out);

	rc_jw_object(&jw);
	write_request(&jw, x->request);
	if (x->response != NULL) {
		write_response(&jw, x->response);
		put(&jw, "verdict", rc_verdict_name(x->result->verdict));
		put(&jw, "provider_id", x->result->provider_id);
		put(&jw, "detail", x->result->detail);
	}
	rc_jw_end(&jw);
	return rc_jw_finish(&jw, e);
}

enum rc_err
rc_exchange_show(
    struct rc_out *out, const struct rc_exchange *x, struct rc_error *e)
{
	struct rc_buf shown = RC_BUF_INIT(SHOWN_MAX);
	enum rc_err err = RC_OK;

	if (out->json) {
		err = write_object(&shown, x, e);
	} else {
		add_lines_of(&shown, x);
	}
	if (err == RC_OK)
		err = rc_buf_check(&shown, "the exchange", e);
	if (err == RC_OK)
		err = rc_out_line(out, rc_buf_slice(&shown), e);
	rc_buf_free(&shown);
	return err;
}

/* No answer, an answer without meaning, or a server that has trouble. */
static enum rc_err
unknown_outcome(const struct rc_exchange *x, struct rc_error *e)
{
	const char *detail = x->result->detail;

	if (x->response->outcome != RC_HTTP_ANSWERED)
		return rc_err_set(e, RC_EUNAVAIL,
		    "the provider gave no answer: %s: the message may have "
		    "been sent",
		    detail);
	if (x->response->status >= 500)
		return rc_err_set(e, RC_EUNAVAIL,
		    "the provider is in trouble: %s: the message may have "
		    "been sent",
		    detail);
	return rc_err_set(e, RC_EPROTO,
	    "the provider spoke nonsense: %s: the message may have been sent",
	    detail);
}

enum rc_err
rc_exchange_outcome(const struct rc_exchange *x, struct rc_error *e)
{
	const struct rc_result *r = x->result;

	switch (r->verdict) {
	case RC_V_ACCEPTED:
		return RC_OK;
	case RC_V_REJECTED:
	case RC_V_SUPPRESS:
		return rc_err_set(e, RC_EDATA,
		    "the provider rejected the message: %s", r->detail);
	case RC_V_RETRY:
		if (x->response->outcome == RC_HTTP_ANSWERED)
			return rc_err_set(e, RC_EAGAIN,
			    "the provider wants it slower: %s: try again",
			    r->detail);
		return rc_err_set(
		    e, RC_EUNAVAIL, "cannot reach the provider: %s", r->detail);
	case RC_V_TOKEN:
		return rc_err_set(e, RC_EPERM,
		    "the provider refuses the access token: %s", r->detail);
	case RC_V_STOP:
		return rc_err_set(e, r->stop,
		    "the provider refuses the account or sender: %s",
		    r->detail);
	case RC_V_UNKNOWN:
		break;
	}
	return unknown_outcome(x, e);
}
