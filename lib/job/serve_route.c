#include "job/serve_priv.h"

#include "base/clock.h"
#include "base/num.h"
#include "text/code.h"
#include "text/ident_json.h"
#include "text/url.h"

#include <stdio.h>
#include <string.h>

static const char OPT_IN[] = "/v2/userdata/channels/sms/opt-in";
static const char OPT_OUT[] = "/v2/userdata/channels/sms/opt-out";
static const char COLLECT[] = "/v2/collect/user/event";
static const char STATUS[] = "/twilio/status/";
static const char INBOUND[] = "/twilio/inbound/";

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
		rc_serve_reply(r, 404, "text/plain",
		    RC_SLICE_LIT("there is no such link\n"));
		return;
	}
	if (err != RC_OK) {
		rc_log(s->log, RC_LOG_WARN, "cannot look up a link: %s", e.msg);
		rc_serve_reply(r, 503, NULL, RC_SLICE_LIT(""));
		return;
	}
	keep_click(s, r, l.id);
	if (!s->click_sync) {
		rc_serve_redirect(r, l.url);
		return;
	}
	job = rc_serve_job(r, RC_JOB_SYNC, RC_FAMILY_TWILIO);
	if (job == NULL)
		return;
	job->location = strdup(l.url);
	if (job->location == NULL) {
		rc_serve_reply(r, 503, NULL, RC_SLICE_LIT(""));
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
		rc_serve_refuse_key(r, family);
	else
		rc_serve_refuse(r, family, 503, "try again");
	return false;
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
	rc_buf_addf(&job->evidence, "from %s%s%.*s",
	    rc_httpd_peer(job->request), dyid.len > 0 ? ", dyid " : "",
	    (int)(dyid.len > 100 ? 100 : dyid.len), dyid.p);
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
	job = rc_serve_job(r, RC_JOB_CONSENT, RC_FAMILY_USERDATA);
	if (job == NULL)
		return;
	err = rc_json_parse(&body, rc_httpd_body(r), &e);
	if (err == RC_OK)
		err = rc_ident_from_json(
		    rc_json_get(rc_json_root(body), "identifier"), k.type,
		    &job->ident, &e);
	if (err == RC_OK) {
		describe_source(job, k.key, rc_json_root(body));
		err = rc_serve_set_change(job, kind, k.number, &e);
	}
	if (err == RC_OK) {
		rc_committer_put(&s->committer, job);
	} else {
		rc_serve_refuse_for(r, RC_FAMILY_USERDATA, &e);
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
	job = rc_serve_job(r, RC_JOB_EVENTS, RC_FAMILY_COLLECT);
	if (job == NULL)
		return;
	err = rc_json_parse(&job->body, rc_httpd_body(r), &e);
	if (err == RC_OK)
		err = rc_person_events_check(rc_json_root(job->body), &e);
	if (err == RC_OK) {
		rc_committer_put(&s->committer, job);
		return;
	}
	rc_serve_refuse_for(r, RC_FAMILY_COLLECT, &e);
	rc_job_free(job);
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
		rc_serve_status(s, r, rest);
	else if (rc_slice_starts(path, rc_slice_str(INBOUND), &rest))
		rc_serve_inbound(s, r, rest);
	else
		rc_serve_reply(r, 404, NULL, RC_SLICE_LIT(""));
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
		rc_serve_reply(r, 405, NULL, RC_SLICE_LIT(""));
	else if (path.len < 2 || memchr(code.p, '/', code.len) != NULL)
		rc_serve_reply(r, 404, NULL, RC_SLICE_LIT(""));
	else
		route_link(s, r, code);
}
