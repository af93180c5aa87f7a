#include "job/serve_priv.h"

#include "base/clock.h"
#include "base/num.h"
#include "core/provider_lookup.h"
#include "text/code.h"
#include "text/reply.h"

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

/* The channel Twilio signed for; NULL, and the answer sent, if it did not. */
static const struct rc_channel *
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
		return s->channel;
	rc_log(s->log, RC_LOG_WARN, "webhook for '%.*s' refused: %s",
	    (int)name.len, name.p, e.msg);
	if (err == RC_EPERM || err == RC_EDATA)
		status = 403;
	else if (err == RC_ENOINPUT && s->state->seal != NULL)
		status = 404;
	rc_serve_refuse(r, RC_FAMILY_TWILIO, status, "");
	return NULL;
}

/*
 * A field of a form into out; empty when it is not there.  A field that cannot
 * be read is not one that is not there: it may have been a STOP.
 */
static enum rc_err
form_field(struct rc_slice form, const char *want, struct rc_buf *out,
    struct rc_error *e)
{
	struct rc_buf name = RC_BUF_INIT(RC_HTTPD_BODY_MAX);
	enum rc_err err = RC_OK;
	bool found = false;

	while (!found && err == RC_OK) {
		err = rc_form_next(&form, &name, out, e);
		found = err == RC_OK && rc_slice_is(rc_buf_slice(&name), want);
	}
	if (!found)
		rc_buf_reset(out);
	rc_buf_free(&name);
	return err == RC_END ? RC_OK : err;
}

static enum rc_err
read_receipt(struct rc_job *job, struct rc_slice form, struct rc_error *e)
{
	struct rc_buf value = RC_BUF_INIT(RC_HTTPD_BODY_MAX);
	uint64_t code = 0;
	enum rc_err err = form_field(form, "MessageStatus", &value, e);

	job->state = rc_twilio_state(rc_buf_slice(&value));
	if (err == RC_OK)
		err = form_field(form, "ErrorCode", &value, e);
	if (rc_num_u64(rc_buf_slice(&value), UINT32_MAX, &code))
		job->error_code = (uint32_t)code;
	if (err == RC_OK)
		err = form_field(form, "MessageSid", &value, e);
	if (value.len < sizeof(job->provider_id) && value.len > 0)
		memcpy(job->provider_id, value.data, value.len);
	rc_buf_free(&value);
	return err;
}

void
rc_serve_status(
    struct rc_serve *s, struct rc_httpd_request *r, struct rc_slice name)
{
	struct rc_buf id = RC_BUF_INIT(RC_URL_MAX);
	struct rc_job *job;
	struct rc_error e;
	enum rc_err err;
	bool ours;

	if (check_signature(s, r, name) == NULL)
		return;
	job = rc_serve_job(r, RC_JOB_RECEIPT, RC_FAMILY_TWILIO);
	if (job == NULL)
		return;
	err = form_field(rc_httpd_query(r), "m", &id, &e);
	ours = rc_message_id_decode(s->state->keys.message, rc_buf_slice(&id),
	    &job->campaign, &job->ordinal);
	rc_buf_free(&id);
	if (err == RC_OK)
		err = read_receipt(job, rc_httpd_body(r), &e);
	if (err == RC_OK && ours && job->state != RC_M_NONE) {
		rc_committer_put(&s->committer, job);
		return;
	}
	if (err != RC_OK)
		rc_serve_refuse_for(r, RC_FAMILY_TWILIO, &e);
	else
		rc_serve_reply(r, ours ? 204 : 404, NULL, RC_SLICE_LIT(""));
	rc_job_free(job);
}

/*
 * What an inbound message asks for: OptOutType where Twilio's Advanced Opt-Out
 * says it, else what the text says.
 */
static enum rc_reply
inbound_wish(struct rc_slice type, struct rc_slice body)
{
	if (rc_slice_is_nocase(type, "STOP"))
		return RC_REPLY_STOP;
	if (rc_slice_is_nocase(type, "START"))
		return RC_REPLY_START;
	return rc_reply_classify(body);
}

/* Whose wish it is. */
static enum rc_err
read_sender(struct rc_job *job, struct rc_slice form, struct rc_buf *from,
    struct rc_error *e)
{
	enum rc_err err = form_field(form, "From", from, e);

	return err == RC_OK ? rc_ident_parse(RC_IDENT_PHONE, rc_buf_slice(from),
				  &job->ident, e)
			    : err;
}

/* A change of consent at once, with the message as evidence. */
static enum rc_err
read_wish(struct rc_job *job, struct rc_slice form, enum rc_reply wish,
    struct rc_slice text, struct rc_error *e)
{
	struct rc_buf from = RC_BUF_INIT(RC_HTTPD_BODY_MAX);
	enum rc_err err = read_sender(job, form, &from, e);

	snprintf(job->source, sizeof(job->source), RC_SOURCE_REPLY);
	rc_buf_addf(&job->evidence, "%.34s ", rc_buf_str(&from));
	rc_buf_free(&from);
	/* No STOP is refused for what comes with it. */
	if (text.len > job->evidence.max - job->evidence.len)
		text.len = job->evidence.max - job->evidence.len;
	rc_buf_addv(&job->evidence, text);
	return err == RC_OK
		   ? rc_serve_set_change(job,
			 wish == RC_REPLY_STOP ? RC_J_SUPPRESS : RC_J_LIFT, 0,
			 e)
		   : err;
}

/* A reply that somebody is to read. */
static enum rc_err
read_reply(struct rc_job *job, struct rc_slice form, struct rc_error *e)
{
	struct rc_buf value = RC_BUF_INIT(RC_HTTPD_BODY_MAX);
	enum rc_err err = read_sender(job, form, &value, e);

	job->text = RC_BUF_INIT(RC_HTTPD_BODY_MAX);
	if (err == RC_OK)
		err = form_field(form, "Body", &job->text, e);
	if (err == RC_OK)
		err = form_field(form, "MessageSid", &value, e);
	if (value.len > 0 && value.len < sizeof(job->provider_id))
		memcpy(job->provider_id, value.data, value.len);
	rc_buf_free(&value);
	return err;
}

static void
take_wish(struct rc_serve *s, struct rc_httpd_request *r, uint32_t channel,
    enum rc_reply wish, struct rc_slice text)
{
	bool review = wish == RC_REPLY_REVIEW;
	struct rc_job *job = rc_serve_job(
	    r, review ? RC_JOB_REVIEW : RC_JOB_CONSENT, RC_FAMILY_TWILIO);
	struct rc_slice form = rc_httpd_body(r);
	struct rc_error e;
	enum rc_err err;

	if (job == NULL)
		return;
	job->channel = channel;
	err = review ? read_reply(job, form, &e)
		     : read_wish(job, form, wish, text, &e);
	if (err == RC_OK) {
		rc_committer_put(&s->committer, job);
		return;
	}
	rc_serve_refuse_for(r, RC_FAMILY_TWILIO, &e);
	rc_job_free(job);
}

void
rc_serve_inbound(
    struct rc_serve *s, struct rc_httpd_request *r, struct rc_slice name)
{
	struct rc_buf type = RC_BUF_INIT(RC_HTTPD_BODY_MAX);
	struct rc_buf text = RC_BUF_INIT(RC_HTTPD_BODY_MAX);
	const struct rc_channel *channel = check_signature(s, r, name);
	struct rc_slice form = rc_httpd_body(r);
	enum rc_reply wish;
	struct rc_error e;
	enum rc_err err;

	if (channel == NULL)
		return;
	err = form_field(form, "OptOutType", &type, &e);
	if (err == RC_OK)
		err = form_field(form, "Body", &text, &e);
	wish = inbound_wish(rc_buf_slice(&type), rc_buf_slice(&text));
	if (err != RC_OK)
		rc_serve_refuse_for(r, RC_FAMILY_TWILIO, &e);
	else if (wish == RC_REPLY_OTHER || wish == RC_REPLY_HELP)
		rc_serve_reply(r, 200, "text/xml", RC_SLICE_LIT("<Response/>"));
	else
		take_wish(s, r, channel->number, wish, rc_buf_slice(&text));
	rc_buf_free(&type);
	rc_buf_free(&text);
}
