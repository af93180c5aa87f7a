#include "job/serve_priv.h"

#include "base/clock.h"
#include "base/num.h"
#include "text/code.h"
#include "text/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON_TYPE "application/json"
#define CHANNEL_FRESH_MS 5000 /* how long a channel's secrets are kept */

static const char OPT_IN[] = "/v2/userdata/channels/sms/opt-in";
static const char OPT_OUT[] = "/v2/userdata/channels/sms/opt-out";
static const char COLLECT[] = "/v2/collect/user/event";
static const char STATUS[] = "/twilio/status/";
static const char INBOUND[] = "/twilio/inbound/";

static void
reply_text(struct rc_httpd_request *r, int status, const char *type,
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

/* A refusal in the form of its family. */
static void
refuse(struct rc_httpd_request *r, enum rc_serve_family family, int status,
    const char *message)
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
	reply_text(r, status, family == RC_FAMILY_TWILIO ? NULL : JSON_TYPE,
	    rc_buf_slice(&body));
	rc_buf_free(&body);
}

static void
redirect(struct rc_httpd_request *r, const char *location)
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
rc_serve_answer(struct rc_serve *s, struct rc_job *job)
{
	struct rc_buf body = RC_BUF_INIT(4096);

	(void)s;
	if (job->result == RC_EDATA)
		refuse(job->request, job->family, 400, job->error.msg);
	else if (job->result == RC_NOTFOUND)
		refuse(job->request, job->family, 404, "no such message");
	else if (job->result != RC_OK)
		refuse(
		    job->request, job->family, 503, "not recorded: try again");
	else if (job->kind == RC_JOB_SYNC)
		redirect(job->request, job->location);
	else if (job->family == RC_FAMILY_USERDATA) {
		userdata_body(&body, NULL, NULL);
		reply_text(job->request, 202, JSON_TYPE, rc_buf_slice(&body));
	} else if (job->family == RC_FAMILY_TWILIO &&
		   job->kind == RC_JOB_CONSENT)
		reply_text(
		    job->request, 200, "text/xml", RC_SLICE_LIT("<Response/>"));
	else
		reply_text(job->request, 204, NULL, RC_SLICE_LIT(""));
	rc_buf_free(&body);
	rc_job_free(job);
}

static struct rc_job *
new_job(struct rc_httpd_request *r, enum rc_job_kind kind,
    enum rc_serve_family family)
{
	struct rc_job *job = calloc(1, sizeof(*job));

	if (job == NULL) {
		refuse(r, family, 503, "not recorded: try again");
		return NULL;
	}
	job->kind = kind;
	job->family = family;
	job->request = r;
	job->now_ms = rc_clock_now_ms();
	return job;
}

/* --- short links --------------------------------------------------------- */

struct lookup {
	uint64_t id;
	char url[RC_URL_MAX + 1];
};

static enum rc_err
look_up(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct lookup *l = arg;
	struct rc_link link;
	enum rc_err err = rc_link_get(txn, l->id, &link, e);

	if (err != RC_OK)
		return err;
	if (link.url.len > RC_URL_MAX)
		return rc_err_set(e, RC_EINTERNAL, "a link is too long");
	memcpy(l->url, link.url.p, link.url.len);
	l->url[link.url.len] = '\0';
	return RC_OK;
}

static bool
asks_prefetch(const struct rc_httpd_request *r)
{
	static const char *const name[] = {
	    "Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"};

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		struct rc_slice v = rc_httpd_header(r, name[i]);

		if (v.len >= 8 &&
		    (memmem(v.p, v.len, "prefetch", 8) != NULL ||
			memmem(v.p, v.len, "Prefetch", 8) != NULL))
			return true;
	}
	return false;
}

/* Puts the hit into the click file; a full disk does not stop the redirect. */
static void
keep_click(struct rc_serve *s, struct rc_httpd_request *r, uint64_t id)
{
	struct rc_hit hit = {
	    .at_ms = rc_clock_now_ms(),
	    .link_id = id,
	    .head = rc_slice_is(rc_httpd_method(r), "HEAD"),
	    .prefetch = asks_prefetch(r),
	    .agent = rc_httpd_header(r, "User-Agent"),
	};
	struct rc_error e;
	bool lost = rc_click_file_append(s->clicks, &hit, &e) != RC_OK;

	if (lost && rc_click_file_lost(s->clicks) == 1)
		rc_log(s->log, RC_LOG_WARN, "a click is lost: %s", e.msg);
	rc_committer_clicked(&s->committer, lost);
}

static void
route_link(struct rc_serve *s, struct rc_httpd_request *r, struct rc_slice code)
{
	struct lookup l;
	struct rc_error e;
	struct rc_job *job;
	enum rc_err err = RC_NOTFOUND;

	if (rc_code_decode(s->state->keys.code, code, &l.id))
		err = rc_store_read(s->state->store, look_up, &l, &e);
	if (err == RC_NOTFOUND) {
		reply_text(r, 404, "text/plain",
		    RC_SLICE_LIT("there is no such link\n"));
		return;
	}
	if (err != RC_OK) {
		rc_log(s->log, RC_LOG_WARN, "cannot look up a link: %s", e.msg);
		reply_text(r, 503, NULL, RC_SLICE_LIT(""));
		return;
	}
	keep_click(s, r, l.id);
	if (!s->click_sync) {
		redirect(r, l.url);
		return;
	}
	job = new_job(r, RC_JOB_SYNC, RC_FAMILY_TWILIO);
	if (job == NULL)
		return;
	job->location = strdup(l.url);
	if (job->location == NULL) {
		reply_text(r, 503, NULL, RC_SLICE_LIT(""));
		rc_job_free(job);
		return;
	}
	rc_committer_put(&s->committer, job);
}

/* --- the API ------------------------------------------------------------- */

struct key_lookup {
	struct rc_slice key;
	uint32_t number;
	enum rc_ident_type type;
};

static enum rc_err
find_key(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct key_lookup *k = arg;
	struct rc_channel *channel = NULL;
	enum rc_err err = rc_api_key_find(txn, k->key, &k->number, e);

	if (err == RC_OK)
		err = rc_channel_by_number(txn, k->number, &channel, e);
	if (err == RC_OK)
		k->type = channel->identifier;
	rc_channel_free(channel);
	return err;
}

/* Whom the request's key speaks for; answers itself when for nobody. */
static bool
check_key(struct rc_serve *s, struct rc_httpd_request *r,
    enum rc_serve_family family, struct key_lookup *k)
{
	struct rc_error e;
	enum rc_err err;

	k->key = rc_httpd_header(r, "dy-api-key");
	err = rc_store_read(s->state->store, find_key, k, &e);
	if (err == RC_OK)
		return true;
	if (err == RC_NOTFOUND || err == RC_ENOINPUT)
		refuse(r, family, 401, "header dy-api-key has no valid key");
	else
		refuse(r, family, 503, "try again");
	return false;
}

/* Reads {"identifier":{"type":…,"value":…}} into the job. */
static enum rc_err
read_identifier(struct rc_job *job, const struct rc_json_value *root,
    enum rc_ident_type want, struct rc_error *e)
{
	const struct rc_json_value *identifier =
	    rc_json_get(root, "identifier");
	enum rc_ident_type type;
	enum rc_err err;

	if (rc_json_type(identifier) != RC_JSON_OBJECT ||
	    rc_json_type(rc_json_get(identifier, "value")) != RC_JSON_STRING)
		return rc_err_set(e, RC_EDATA,
		    "the body must have 'identifier' with the strings "
		    "'type' and 'value'");
	err = rc_ident_type_parse(
	    rc_json_str(rc_json_get(identifier, "type")), &type, e);
	if (err != RC_OK)
		return err;
	if (type != want)
		return rc_err_set(e, RC_EDATA,
		    "identifier type %s, but the channel's is %s",
		    rc_ident_type_name(type), rc_ident_type_name(want));
	return rc_ident_parse(type,
	    rc_json_str(rc_json_get(identifier, "value")), &job->ident, e);
}

static void
describe_source(
    struct rc_job *job, struct rc_slice key, const struct rc_json_value *root)
{
	struct rc_slice dyid = rc_json_str(
	    rc_json_get(rc_json_get(root, "associatedDevice"), "dyid"));
	unsigned char digest[RC_SHA256_LEN];
	char id[17];

	rc_sha256(key, digest);
	rc_hex(digest, 8, id);
	snprintf(job->source, sizeof(job->source), "api key %s", id);
	snprintf(job->evidence, sizeof(job->evidence), "from %s%s%.*s",
	    rc_httpd_peer(job->request), dyid.len > 0 ? ", dyid " : "",
	    (int)(dyid.len > 100 ? 100 : dyid.len), dyid.p);
}

static void
set_change(struct rc_job *job, enum rc_journal_kind kind, uint32_t channel)
{
	job->change = (struct rc_consent_change){
	    .kind = kind,
	    .channel = channel,
	    .type = job->ident.type,
	    .received_ms = job->now_ms,
	    .source = rc_slice_str(job->source),
	    .evidence = rc_slice_str(job->evidence),
	};
}

static void
route_opt(
    struct rc_serve *s, struct rc_httpd_request *r, enum rc_journal_kind kind)
{
	struct rc_json *body = NULL;
	struct key_lookup k;
	struct rc_error e;
	struct rc_job *job;
	enum rc_err err;

	if (!check_key(s, r, RC_FAMILY_USERDATA, &k))
		return;
	job = new_job(r, RC_JOB_CONSENT, RC_FAMILY_USERDATA);
	if (job == NULL)
		return;
	err = rc_json_parse(&body, rc_httpd_body(r), &e);
	if (err == RC_OK)
		err = read_identifier(job, rc_json_root(body), k.type, &e);
	if (err == RC_OK) {
		describe_source(job, k.key, rc_json_root(body));
		set_change(job, kind, k.number);
		rc_committer_put(&s->committer, job);
	} else {
		refuse(r, RC_FAMILY_USERDATA, 400, e.msg);
		rc_job_free(job);
	}
	rc_json_free(body);
}

static void
route_event(struct rc_serve *s, struct rc_httpd_request *r)
{
	struct key_lookup k;
	struct rc_error e;
	struct rc_job *job;
	enum rc_err err;

	if (!check_key(s, r, RC_FAMILY_COLLECT, &k))
		return;
	job = new_job(r, RC_JOB_EVENTS, RC_FAMILY_COLLECT);
	if (job == NULL)
		return;
	err = rc_json_parse(&job->body, rc_httpd_body(r), &e);
	if (err == RC_OK)
		err = rc_person_events_check(rc_json_root(job->body), &e);
	if (err == RC_OK) {
		rc_committer_put(&s->committer, job);
		return;
	}
	refuse(r, RC_FAMILY_COLLECT, 400, e.msg);
	rc_job_free(job);
}

/* --- Twilio's webhooks --------------------------------------------------- */

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
	refuse(r, RC_FAMILY_TWILIO, err == RC_ENOINPUT ? 404 : 403, "");
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

static void
route_status(
    struct rc_serve *s, struct rc_httpd_request *r, struct rc_slice name)
{
	struct rc_buf id = RC_BUF_INIT(RC_URL_MAX);
	struct rc_job *job;
	bool ours;

	if (!check_signature(s, r, name))
		return;
	job = new_job(r, RC_JOB_RECEIPT, RC_FAMILY_TWILIO);
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
	reply_text(r, ours ? 204 : 404, NULL, RC_SLICE_LIT(""));
	rc_job_free(job);
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

	body = rc_slice_trim(body);
	if (type.len > 0)
		return rc_slice_is(type, "STOP")    ? RC_J_SUPPRESS
		       : rc_slice_is(type, "START") ? RC_J_LIFT
						    : 0;
	for (size_t i = 0; i < sizeof(stop) / sizeof(stop[0]); i++)
		if (rc_slice_is_nocase(body, stop[i]))
			return RC_J_SUPPRESS;
	for (size_t i = 0; i < sizeof(start) / sizeof(start[0]); i++)
		if (rc_slice_is_nocase(body, start[i]))
			return RC_J_LIFT;
	return 0;
}

static void
route_inbound(
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
		job = new_job(r, RC_JOB_CONSENT, RC_FAMILY_TWILIO);
	if (kind == 0) {
		reply_text(r, 200, "text/xml", RC_SLICE_LIT("<Response/>"));
	} else if (job != NULL && rc_ident_parse(RC_IDENT_PHONE,
				      form_field(form, "From", &type),
				      &job->ident, &e) == RC_OK) {
		snprintf(job->source, sizeof(job->source), "inbound message");
		snprintf(job->evidence, sizeof(job->evidence), "%.*s %.300s",
		    34, rc_buf_str(&type), rc_buf_str(&text));
		set_change(job, kind, 0);
		rc_committer_put(&s->committer, job);
	} else if (job != NULL) {
		refuse(r, RC_FAMILY_TWILIO, 400, e.msg);
		rc_job_free(job);
	}
	rc_buf_free(&type);
	rc_buf_free(&text);
}

/* --- where a request goes ------------------------------------------------ */

static void
route_post(struct rc_serve *s, struct rc_httpd_request *r)
{
	struct rc_slice path = rc_httpd_path(r), rest;

	if (rc_slice_is(path, OPT_IN))
		route_opt(s, r, RC_J_IN);
	else if (rc_slice_is(path, OPT_OUT))
		route_opt(s, r, RC_J_OUT);
	else if (rc_slice_is(path, COLLECT))
		route_event(s, r);
	else if (rc_slice_starts(path, rc_slice_str(STATUS), &rest))
		route_status(s, r, rest);
	else if (rc_slice_starts(path, rc_slice_str(INBOUND), &rest))
		route_inbound(s, r, rest);
	else
		reply_text(r, 404, NULL, RC_SLICE_LIT(""));
}

void
rc_serve_route(void *arg, struct rc_httpd_request *r)
{
	struct rc_slice method = rc_httpd_method(r), path = rc_httpd_path(r);
	struct rc_serve *s = arg;
	struct rc_slice code = {path.p + 1, path.len - 1};

	if (rc_slice_is(method, "POST"))
		route_post(s, r);
	else if (!rc_slice_is(method, "GET") && !rc_slice_is(method, "HEAD"))
		reply_text(r, 405, NULL, RC_SLICE_LIT(""));
	else if (path.len < 2 || memchr(code.p, '/', code.len) != NULL)
		reply_text(r, 404, NULL, RC_SLICE_LIT(""));
	else
		route_link(s, r, code);
}
