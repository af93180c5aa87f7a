#include "job/serve_priv.h"

#include "base/clock.h"
#include "base/num.h"
#include "text/code.h"

#include <stdio.h>
#include <string.h>

#define CHANNEL_FRESH_MS 5000 /* how long a channel's secrets are kept */

/* The channel with its secrets; read again after a while. */
static enum rc_err
webhook_channel(struct rc_serve *s, struct rc_slice name, struct rc_error *e)
{
	uint64_t now = rc_clock_now_ms();
	char text[RC_CHANNEL_NAME_MAX + 1];
	enum rc_err err;

	if (s->channel != NULL && rc_slice_is(name, s->channel->name) &&
	    now - s->channel_read_ms < CHANNEL_FRESH_MS)
		return RC_OK;
	rc_channel_free(s->channel);
	s->channel = NULL;
	if (name.len == 0 || name.len > RC_CHANNEL_NAME_MAX)
		return rc_err_set(e, RC_ENOINPUT, "no such channel");
	memcpy(text, name.p, name.len);
	text[name.len] = '\0';
	err = s->state->seal == NULL ? rc_state_unseal(s->state, false, e)
				     : RC_OK;
	if (err == RC_OK)
		err = rc_channel_load(s->state, text, true, &s->channel, e);
	s->channel_read_ms = now;
	return err;
}

/* Whether the webhook is from Twilio; answers itself when it is not. */
static bool
check_signature(
    struct rc_serve *s, struct rc_httpd_request *r, struct rc_slice name)
{
	struct rc_buf url = RC_BUF_INIT(2 * RC_URL_MAX);
	int status = 503; /* a trouble of ours: Twilio may ask elsewhere */
	struct rc_error e;
	enum rc_err err = webhook_channel(s, name, &e);

	if (err == RC_OK) {
		rc_buf_adds(&url, s->public_url);
		rc_buf_addv(&url, rc_httpd_path(r));
		if (rc_httpd_query(r).len > 0)
			rc_buf_addc(&url, '?');
		rc_buf_addv(&url, rc_httpd_query(r));
		err = rc_buf_check(&url, "URL", &e);
	}
	if (err == RC_OK)
		err = rc_twilio_verify(s->channel, rc_buf_str(&url),
		    rc_httpd_body(r), rc_httpd_header(r, "X-Twilio-Signature"),
		    &e);
	rc_buf_free(&url);
	if (err == RC_OK)
		return true;
	rc_log(s->log, RC_LOG_WARN, "webhook for '%.*s' refused: %s",
	    (int)name.len, name.p, e.msg);
	if (err == RC_EPERM || err == RC_EDATA)
		status = 403;
	else if (err == RC_ENOINPUT && s->state->seal != NULL)
		status = 404;
	rc_serve_refuse(r, RC_FAMILY_TWILIO, status, "");
	return false;
}

/* A field of a form; empty when it is not there.  out is the caller's. */
static struct rc_slice
form_field(struct rc_slice form, const char *want, struct rc_buf *out)
{
	struct rc_buf name = RC_BUF_INIT(1024);
	struct rc_error e;
	bool found = false;

	while (!found && rc_form_next(&form, &name, out, &e) == RC_OK)
		found = rc_slice_is(rc_buf_slice(&name), want);
	if (!found)
		rc_buf_reset(out);
	rc_buf_free(&name);
	return rc_buf_slice(out);
}

/* RC_M_NONE for a status that says nothing new. */
static enum rc_message_state
twilio_state(struct rc_slice status)
{
	static const struct {
		const char *name;
		enum rc_message_state state;
	} map[] = {
	    {"sent", RC_M_SENT},
	    {"delivered", RC_M_DELIVERED},
	    {"read", RC_M_DELIVERED},
	    {"undelivered", RC_M_UNDELIVERED},
	    {"failed", RC_M_FAILED},
	    {"canceled", RC_M_FAILED},
	};

	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if (rc_slice_is(status, map[i].name))
			return map[i].state;
	return RC_M_NONE;
}

static void
read_receipt(struct rc_job *job, struct rc_slice form)
{
	struct rc_buf value = RC_BUF_INIT(RC_HTTPD_BODY_MAX);
	struct rc_slice v;
	uint64_t code = 0;

	job->state = twilio_state(form_field(form, "MessageStatus", &value));
	v = form_field(form, "ErrorCode", &value);
	if (rc_num_u64(v, UINT32_MAX, &code))
		job->error_code = (uint32_t)code;
	v = form_field(form, "MessageSid", &value);
	if (v.len < sizeof(job->provider_id))
		memcpy(job->provider_id, v.p, v.len);
	rc_buf_free(&value);
}

void
rc_serve_status(
    struct rc_serve *s, struct rc_httpd_request *r, struct rc_slice name)
{
	struct rc_buf id = RC_BUF_INIT(RC_URL_MAX);
	struct rc_job *job;
	bool ours;

	if (!check_signature(s, r, name))
		return;
	job = rc_serve_job(r, RC_JOB_RECEIPT, RC_FAMILY_TWILIO);
	if (job == NULL)
		return;
	ours = rc_message_id_decode(s->state->keys.message,
	    form_field(rc_httpd_query(r), "m", &id), &job->campaign,
	    &job->ordinal);
	rc_buf_free(&id);
	read_receipt(job, rc_httpd_body(r));
	if (ours && job->state != RC_M_NONE) {
		rc_committer_put(&s->committer, job);
		return;
	}
	rc_serve_reply(r, ours ? 204 : 404, NULL, RC_SLICE_LIT(""));
	rc_job_free(job);
}

/* People write "Stop." as well; what they mean is plain. */
static struct rc_slice
without_marks(struct rc_slice s)
{
	static const char marks[] = " \t\r\n.,;:!?'\"()*-";

	while (s.len > 0 && strchr(marks, s.p[s.len - 1]) != NULL)
		s.len--;
	while (s.len > 0 && strchr(marks, *s.p) != NULL) {
		s.p++;
		s.len--;
	}
	return s;
}

/*
 * What an inbound message asks for: OptOutType where Twilio's Advanced Opt-Out
 * says it, else a body that is one of Twilio's default words alone.
 */
static enum rc_journal_kind
inbound_wish(struct rc_slice type, struct rc_slice body)
{
	static const char *const stop[] = {"STOP", "STOPALL", "UNSUBSCRIBE",
	    "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"};
	static const char *const start[] = {"START", "YES", "UNSTOP"};

	if (rc_slice_is_nocase(type, "STOP"))
		return RC_J_SUPPRESS;
	if (rc_slice_is_nocase(type, "START"))
		return RC_J_LIFT;
	body = without_marks(body);
	for (size_t i = 0; i < sizeof(stop) / sizeof(stop[0]); i++)
		if (rc_slice_is_nocase(body, stop[i]))
			return RC_J_SUPPRESS;
	for (size_t i = 0; i < sizeof(start) / sizeof(start[0]); i++)
		if (rc_slice_is_nocase(body, start[i]))
			return RC_J_LIFT;
	return 0;
}

void
rc_serve_inbound(
    struct rc_serve *s, struct rc_httpd_request *r, struct rc_slice name)
{
	struct rc_buf type = RC_BUF_INIT(RC_HTTPD_BODY_MAX);
	struct rc_buf text = RC_BUF_INIT(RC_HTTPD_BODY_MAX);
	struct rc_slice form = rc_httpd_body(r);
	enum rc_journal_kind kind;
	struct rc_job *job = NULL;
	struct rc_error e;

	if (!check_signature(s, r, name))
		return;
	form_field(form, "OptOutType", &type);
	form_field(form, "Body", &text);
	kind = inbound_wish(rc_buf_slice(&type), rc_buf_slice(&text));
	if (kind != 0)
		job = rc_serve_job(r, RC_JOB_CONSENT, RC_FAMILY_TWILIO);
	if (kind == 0) {
		rc_serve_reply(r, 200, "text/xml", RC_SLICE_LIT("<Response/>"));
	} else if (job != NULL && rc_ident_parse(RC_IDENT_PHONE,
				      form_field(form, "From", &type),
				      &job->ident, &e) == RC_OK) {
		snprintf(job->source, sizeof(job->source), "inbound message");
		snprintf(job->evidence, sizeof(job->evidence), "%.*s %.300s",
		    34, rc_buf_str(&type), rc_buf_str(&text));
		rc_serve_set_change(job, kind, 0);
		rc_committer_put(&s->committer, job);
	} else if (job != NULL) {
		rc_serve_refuse(r, RC_FAMILY_TWILIO, 400, e.msg);
		rc_job_free(job);
	}
	rc_buf_free(&type);
	rc_buf_free(&text);
}
