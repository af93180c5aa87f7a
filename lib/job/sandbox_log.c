#include "job/sandbox_priv.h"

#include "base/clock.h"
#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rc_json_writer
begin(struct rc_sandbox *s, const char *event)
{
	struct rc_json_writer w;

	rc_buf_reset(&s->record);
	w = rc_json_writer_start(&s->record);
	rc_jw_object(&w);
	rc_jw_key(&w, "event");
	rc_jw_cstr(&w, event);
	return w;
}

static void
end(struct rc_sandbox *s, struct rc_json_writer *w)
{
	struct rc_error e;
	enum rc_err err;

	rc_jw_end(w);
	err = rc_jw_finish(w, &e);
	if (err == RC_OK)
		err = s->cfg.record(s->cfg.arg, rc_buf_slice(&s->record), &e);
	if (err != RC_OK && s->error.code == RC_OK)
		s->error = e;
	s->unflushed = true;
}

static void
add(struct rc_json_writer *w, const char *key, struct rc_slice value)
{
	rc_jw_key(w, key);
	rc_jw_str(w, value);
}

static void
add_params(struct rc_json_writer *w, struct rc_slice params)
{
	const char *p = params.p, *end = params.p + params.len;

	rc_jw_key(w, "params");
	rc_jw_object(w);
	while (p < end) {
		const char *value = p + strlen(p) + 1;

		add(w, p, rc_slice_str(value));
		p = value + strlen(value) + 1;
	}
	rc_jw_end(w);
}

void
rc_sandbox_record(struct rc_sandbox *s, const struct rc_sandbox_event *v)
{
	bool message = strcmp(v->event, "message") == 0;
	struct rc_json_writer w = begin(s, v->event);

	if (v->channel != NULL)
		add(&w, "channel", rc_slice_str(v->channel));
	if (message || v->to.len > 0)
		add(&w, "to", v->to);
	if (message || v->from.len > 0)
		add(&w, "from", v->from);
	if (message) {
		add(&w, "body", v->body);
		add(&w, "id", v->id);
	}
	if (v->style != NULL)
		add(&w, "style", rc_slice_str(v->style));
	if (v->params.len > 0)
		add_params(&w, v->params);
	if (v->callback.len > 0)
		add(&w, "status_callback", v->callback);
	if (v->code != 0) {
		rc_jw_key(&w, "code");
		rc_jw_u64(&w, v->code);
	}
	if (v->fault != NULL)
		add(&w, "fault", rc_slice_str(v->fault));
	end(s, &w);
}

void
rc_sandbox_record_listening(struct rc_sandbox *s)
{
	struct rc_json_writer w = begin(s, "listening");
	const char *listen = s->cfg.listen;
	const char *colon = strrchr(listen, ':');
	char url[128];

	if (rc_httpd_port(s->httpd) == 0)
		snprintf(url, sizeof(url), "%s", listen);
	else
		snprintf(url, sizeof(url), "http://%.*s:%u",
		    (int)(colon - listen), listen, rc_httpd_port(s->httpd));
	add(&w, "url", rc_slice_str(url));
	end(s, &w);
}

void
rc_sandbox_record_callback(struct rc_sandbox *s, const char *id,
    const char *status, const struct rc_http_response *r)
{
	struct rc_json_writer w = begin(s, "callback");

	add(&w, "id", rc_slice_str(id));
	add(&w, "status", rc_slice_str(status));
	rc_jw_key(&w, "http_status");
	rc_jw_u64(&w, (uint64_t)r->status);
	if (r->error[0] != '\0')
		add(&w, "error", rc_slice_str(r->error));
	end(s, &w);
}

void
rc_sandbox_flush(struct rc_sandbox *s)
{
	if (!s->unflushed || s->error.code != RC_OK)
		return;
	s->unflushed = false;
	/* What it returns is in the error as well. */
	if (s->cfg.flush(s->cfg.arg, &s->error) == RC_OK)
		s->error.code = RC_OK;
}

const char *
rc_sandbox_fault_name(const struct rc_sandbox_luck *luck)
{
	if (luck->close_after != NULL)
		return "close-after";
	if (luck->garbage != NULL)
		return "garbage";
	return luck->status != NULL ? "status" : NULL;
}

void
rc_sandbox_new_id(
    struct rc_sandbox *s, const char *prefix, char id[RC_SANDBOX_ID_LEN + 1])
{
	unsigned char raw[16];

	memcpy(raw, s->run, 8);
	rc_put64(raw + 8, ++s->nids);
	memcpy(id, prefix, 2);
	rc_hex(raw, sizeof(raw), id + 2);
}

static unsigned
error_of(struct rc_slice to)
{
	static const unsigned codes[] = {30003, 30005, 30006, 30007, 30008};
	char digits[8];

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		int n = snprintf(digits, sizeof(digits), "%u", codes[i]);

		if (to.len > (size_t)n &&
		    memcmp(to.p + to.len - n, digits, (size_t)n) == 0)
			return codes[i];
	}
	return 0;
}

static char *
put_text(char *at, struct rc_slice s)
{
	memcpy(at, s.p, s.len);
	at[s.len] = '\0';
	return at + s.len + 1;
}

const struct rc_sandbox_message *
rc_sandbox_keep(struct rc_sandbox *s, const char *id, struct rc_slice to,
    struct rc_slice from, struct rc_slice body)
{
	size_t n = to.len + from.len + body.len + 3;
	struct rc_sandbox_message *m = malloc(sizeof(*m) + n);
	struct rc_sandbox_message **slot = &s->kept[s->nkept % RC_SANDBOX_KEPT];

	if (m == NULL)
		return NULL;
	m->created_ms = rc_clock_now_ms();
	m->error = error_of(to);
	memcpy(m->id, id, sizeof(m->id));
	m->to = m->text;
	m->from = put_text(m->text, to);
	m->body = put_text(m->text + to.len + 1, from);
	put_text(m->text + to.len + from.len + 2, body);
	free(*slot);
	*slot = m;
	s->nkept++;
	rc_sandbox_index(s, m);
	return m;
}
