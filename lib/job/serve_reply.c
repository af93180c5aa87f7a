#include "job/serve_priv.h"

#include "base/clock.h"
#include "base/num.h"

#include <stdlib.h>
#include <string.h>

#define JSON_TYPE "application/json"

void
rc_serve_reply(struct rc_httpd_request *r, int status, const char *type,
    struct rc_slice body)
{
	struct rc_httpd_reply reply = {
	    .status = status, .content_type = type, .body = body};

	rc_httpd_reply(r, &reply);
}

static void
add_trace(struct rc_json_writer *w)
{
	unsigned char raw[RC_TRACE_LEN / 2];
	char trace[RC_TRACE_LEN + 1];
	struct rc_error ignored;

	if (rc_random(raw, sizeof(raw), &ignored) != RC_OK)
		memset(raw, 0, sizeof(raw));
	rc_hex(raw, sizeof(raw), trace);
	rc_jw_key(w, "dy_trace_id");
	rc_jw_cstr(w, trace);
}

/* {"error":null|{"message":…,"type":…},"dy_trace_id":…} */
static void
userdata_body(struct rc_buf *out, const char *message, const char *type)
{
	struct rc_json_writer w = rc_json_writer_start(out);

	rc_jw_object(&w);
	rc_jw_key(&w, "error");
	if (message == NULL) {
		rc_jw_null(&w);
	} else {
		rc_jw_object(&w);
		rc_jw_key(&w, "message");
		rc_jw_cstr(&w, message);
		rc_jw_key(&w, "type");
		rc_jw_cstr(&w, type);
		rc_jw_end(&w);
	}
	add_trace(&w);
	rc_jw_end(&w);
}

static void
collect_body(struct rc_buf *out, const char *message, const char *type)
{
	struct rc_json_writer w = rc_json_writer_start(out);

	rc_jw_object(&w);
	rc_jw_key(&w, "message");
	rc_jw_cstr(&w, message);
	rc_jw_key(&w, "type");
	rc_jw_cstr(&w, type);
	rc_jw_end(&w);
}

void
rc_serve_refuse(struct rc_httpd_request *r, enum rc_serve_family family,
    int status, const char *message)
{
	struct rc_buf body = RC_BUF_INIT(4096);
	const char *type = status == 401   ? "EUnauthorized"
			   : status >= 500 ? "EUnavailable"
					   : "EBadRequest";

	if (family == RC_FAMILY_USERDATA)
		userdata_body(&body, message, type);
	else if (family == RC_FAMILY_COLLECT && status == 401)
		rc_buf_adds(&body, "{\"error\":\"401\"}");
	else if (family == RC_FAMILY_COLLECT)
		collect_body(&body, message,
		    status >= 500 ? "unavailable" : "badRequest");
	rc_serve_reply(r, status, family == RC_FAMILY_TWILIO ? NULL : JSON_TYPE,
	    rc_buf_slice(&body));
	rc_buf_free(&body);
}

void
rc_serve_refuse_key(struct rc_httpd_request *r, enum rc_serve_family family)
{
	rc_serve_refuse(r, family, 401, "header dy-api-key has no valid key");
}

void
rc_serve_redirect(struct rc_httpd_request *r, const char *location)
{
	struct rc_httpd_reply reply = {
	    .status = 302,
	    .location = location,
	    .extra_name = "Cache-Control",
	    .extra_value = "no-store",
	};

	rc_httpd_reply(r, &reply);
}

void
rc_serve_refuse_for(struct rc_httpd_request *r, enum rc_serve_family family,
    const struct rc_error *e)
{
	if (e->code == RC_EDATA)
		rc_serve_refuse(r, family, 400, e->msg);
	else
		rc_serve_refuse(r, family, 503, "not recorded: try again");
}

void
rc_serve_answer(struct rc_job *job)
{
	struct rc_buf body = RC_BUF_INIT(4096);

	if (job->result == RC_EDATA)
		rc_serve_refuse(job->request, job->family, 400, job->error.msg);
	else if (job->result == RC_NOTFOUND)
		rc_serve_refuse(
		    job->request, job->family, 404, "no such message");
	else if (job->result == RC_ENOINPUT) /* the channel went, and its key */
		rc_serve_refuse_key(job->request, job->family);
	else if (job->result != RC_OK)
		rc_serve_refuse(
		    job->request, job->family, 503, "not recorded: try again");
	else if (job->kind == RC_JOB_SYNC)
		rc_serve_redirect(job->request, job->location);
	else if (job->family == RC_FAMILY_USERDATA) {
		userdata_body(&body, NULL, NULL);
		rc_serve_reply(
		    job->request, 202, JSON_TYPE, rc_buf_slice(&body));
	} else if (job->family == RC_FAMILY_TWILIO &&
		   (job->kind == RC_JOB_CONSENT || job->kind == RC_JOB_REVIEW))
		rc_serve_reply(
		    job->request, 200, "text/xml", RC_SLICE_LIT("<Response/>"));
	else
		rc_serve_reply(job->request, 204, NULL, RC_SLICE_LIT(""));
	rc_buf_free(&body);
	rc_job_free(job);
}

struct rc_job *
rc_serve_job(struct rc_httpd_request *r, enum rc_job_kind kind,
    enum rc_serve_family family)
{
	struct rc_job *job = calloc(1, sizeof(*job));

	if (job == NULL) {
		rc_serve_refuse(r, family, 503, "not recorded: try again");
		return NULL;
	}
	job->kind = kind;
	job->family = family;
	job->request = r;
	job->evidence = RC_BUF_INIT(RC_JOURNAL_EVIDENCE_MAX);
	job->now_ms = rc_clock_now_ms();
	return job;
}

enum rc_err
rc_serve_set_change(struct rc_job *job, enum rc_journal_kind kind,
    uint32_t channel, struct rc_error *e)
{
	job->change = (struct rc_consent_change){
	    .kind = kind,
	    .channel = channel,
	    .type = job->ident.type,
	    .received_ms = job->now_ms,
	    .source = rc_slice_str(job->source),
	    .evidence = rc_buf_slice(&job->evidence),
	};
	return rc_buf_check(&job->evidence, "the evidence", e);
}
