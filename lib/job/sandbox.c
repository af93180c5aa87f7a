#include "job/sandbox_priv.h"

#include "base/clock.h"
#include "text/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MAX_MS 200 /* a signal between test and wait costs this much */
#define DRAIN_US 2000000
#define ANSWER_MAX (16u << 20)
#define AUTH_MAX 1024
#define RECORD_MAX (8u << 20)

/* --- faults --------------------------------------------------------------- */

bool
rc_sandbox_strikes(struct rc_sandbox *s, enum rc_sandbox_fault_kind kind,
    enum rc_sandbox_place place)
{
	bool strikes = false;

	for (size_t i = 0; i < s->nfaults; i++)
		if (s->fault[i].kind == kind && s->fault[i].place == place &&
		    rc_sandbox_fault_strikes(&s->fault[i]))
			strikes = true;
	return strikes;
}

struct rc_sandbox_luck
rc_sandbox_try(struct rc_sandbox *s, enum rc_sandbox_place place,
    struct rc_sandbox_answer *a)
{
	struct rc_sandbox_luck luck = {0};

	for (size_t i = 0; i < s->nfaults; i++) {
		struct rc_sandbox_fault *f = &s->fault[i];

		if (f->place != place || f->kind == RC_FAULT_CLOSE_BEFORE ||
		    f->kind > RC_FAULT_CLOSE_AFTER ||
		    !rc_sandbox_fault_strikes(f))
			continue;
		if (f->kind == RC_FAULT_LATENCY)
			a->due_us += rc_sandbox_fault_delay_us(f);
		else if (f->kind == RC_FAULT_STATUS && luck.status == NULL)
			luck.status = f;
		else if (f->kind == RC_FAULT_GARBAGE)
			luck.garbage = f;
		else if (f->kind == RC_FAULT_CLOSE_AFTER)
			luck.close_after = f;
	}
	return luck;
}

void
rc_sandbox_retry_after(
    struct rc_sandbox_answer *a, const struct rc_sandbox_fault *f)
{
	if (f->retry_after_s == 0)
		return;
	snprintf(
	    a->extra_value, sizeof(a->extra_value), "%u", f->retry_after_s);
	a->reply.extra_name = "Retry-After";
	a->reply.extra_value = a->extra_value;
}

void
rc_sandbox_spoil(
    const struct rc_sandbox_luck *luck, struct rc_sandbox_answer *a)
{
	if (luck->garbage != NULL) {
		rc_buf_reset(&a->body);
		rc_buf_add(&a->body, "{\"sid\": \"\x01\xff<html>", 16);
		a->reply.content_type = "text/html";
	}
	if (luck->close_after != NULL)
		a->drop = true;
}

/* --- credentials ---------------------------------------------------------- */

static void
basic(struct rc_buf *out, const char *user, const char *password)
{
	struct rc_buf plain = RC_BUF_INIT(AUTH_MAX);

	rc_buf_adds(&plain, user);
	rc_buf_addc(&plain, ':');
	rc_buf_adds(&plain, password);
	rc_buf_adds(out, "Basic ");
	rc_base64(out, rc_buf_slice(&plain));
	rc_wipe(&plain);
	rc_buf_free(&plain);
}

bool
rc_sandbox_authorized(
    const struct rc_httpd_request *r, const struct rc_buf *basic)
{
	return rc_equal_secret(
	    rc_httpd_header(r, "Authorization"), rc_buf_slice(basic));
}

/* --- requests ------------------------------------------------------------- */

static bool
is_post(const struct rc_httpd_request *r)
{
	return rc_slice_is(rc_httpd_method(r), "POST");
}

static enum rc_sandbox_place
place_of(const struct rc_httpd_request *r)
{
	if (!is_post(r))
		return RC_PLACE_LIST;
	if (rc_sandbox_is_token_path(rc_httpd_path(r)))
		return RC_PLACE_TOKEN;
	return RC_PLACE_MESSAGES;
}

static bool
on_headers(void *arg, struct rc_httpd_request *r)
{
	struct rc_sandbox *s = arg;

	if (!rc_sandbox_strikes(s, RC_FAULT_CLOSE_BEFORE, place_of(r)))
		return false;
	rc_sandbox_record(s, &(struct rc_sandbox_event){
				 .event = "fault", .fault = "close-before"});
	return true;
}

static void
route(struct rc_sandbox *s, struct rc_httpd_request *r,
    struct rc_sandbox_answer *a)
{
	struct rc_slice path = rc_httpd_path(r);
	const struct rc_sandbox_shape *shape = rc_sandbox_shape_of(path);
	const struct rc_sandbox_shape *plain = NULL;
	struct rc_slice ref = {"", 0};

	if (rc_slice_is(rc_httpd_method(r), "GET"))
		plain = rc_sandbox_shape_plain(path, &ref);
	if (plain != NULL)
		rc_sandbox_lookup(s, r, plain, ref, a);
	else if (shape != NULL)
		rc_sandbox_json(s, r, shape, a);
	else if (rc_slice_starts(path, RC_SLICE_LIT(RC_SANDBOX_API), &path))
		rc_sandbox_twilio(s, r, path, a);
	else if (rc_sandbox_is_token_path(path))
		rc_sandbox_token(s, r, a);
	else
		rc_sandbox_twilio_error(
		    a, 404, 20404, "The requested resource was not found");
}

static struct rc_sandbox_answer *
take_answer(struct rc_sandbox *s, struct rc_httpd_request *r)
{
	struct rc_sandbox_answer *a = s->spare;

	if (a != NULL) {
		s->spare = a->next;
	} else {
		a = calloc(1, sizeof(*a));
		if (a == NULL)
			return NULL;
		a->body = RC_BUF_INIT(ANSWER_MAX);
	}
	rc_buf_reset(&a->body);
	a->next = NULL;
	a->request = r;
	a->due_us = rc_clock_mono_us();
	a->drop = false;
	a->reply = (struct rc_httpd_reply){
	    .status = 200, .content_type = "application/json"};
	return a;
}

/* In order of due_us; almost always the last. */
static void
queue_answer(struct rc_sandbox *s, struct rc_sandbox_answer *a)
{
	struct rc_sandbox_answer **at = &s->first;

	if (s->last != NULL && s->last->due_us <= a->due_us)
		at = &s->last->next;
	while (*at != NULL && (*at)->due_us <= a->due_us)
		at = &(*at)->next;
	a->next = *at;
	*at = a;
	if (a->next == NULL)
		s->last = a;
}

static void
on_request(void *arg, struct rc_httpd_request *r)
{
	struct rc_sandbox *s = arg;
	struct rc_sandbox_answer *a = take_answer(s, r);

	if (a == NULL) {
		rc_httpd_drop(r);
		return;
	}
	route(s, r, a);
	queue_answer(s, a);
}

static void
send_answer(struct rc_sandbox *s, struct rc_sandbox_answer *a)
{
	if (a->drop || a->body.state != RC_BUF_FINE) {
		rc_httpd_drop(a->request);
	} else {
		a->reply.body = rc_buf_slice(&a->body);
		rc_httpd_reply(a->request, &a->reply);
	}
	a->next = s->spare;
	s->spare = a;
}

static void
send_due_answers(struct rc_sandbox *s)
{
	uint64_t now_us;

	if (s->first == NULL)
		return;
	now_us = rc_clock_mono_us();
	while (s->first != NULL && s->first->due_us <= now_us) {
		struct rc_sandbox_answer *a = s->first;

		s->first = a->next;
		if (s->first == NULL)
			s->last = NULL;
		send_answer(s, a);
	}
}

/* --- the loop ------------------------------------------------------------- */

static int
wait_ms(const struct rc_sandbox *s)
{
	int timeout_ms = rc_httpd_timeout_ms(s->httpd);
	uint64_t now_us, ms;

	if (timeout_ms < 0 || timeout_ms > WAIT_MAX_MS)
		timeout_ms = WAIT_MAX_MS;
	if (s->first == NULL)
		return timeout_ms;
	now_us = rc_clock_mono_us();
	if (s->first->due_us <= now_us)
		return 0;
	ms = (s->first->due_us - now_us + 999) / 1000;
	return ms < (uint64_t)timeout_ms ? (int)ms : timeout_ms;
}

static enum rc_err
turn(struct rc_sandbox *s, struct rc_error *e)
{
	enum rc_err err =
	    rc_http_poll(s->http, wait_ms(s), rc_httpd_fd(s->httpd), e);

	if (err != RC_OK)
		return err;
	rc_httpd_run(s->httpd);
	rc_sandbox_callbacks_run(s);
	rc_sandbox_flush(s);
	if (s->error.code != RC_OK) {
		*e = s->error;
		return e->code;
	}
	send_due_answers(s);
	return RC_OK;
}

enum rc_err
rc_sandbox_run(struct rc_sandbox *s, const atomic_int *stop, struct rc_error *e)
{
	enum rc_err err = RC_OK;
	uint64_t end_us;

	while (err == RC_OK && !*stop)
		err = turn(s, e);
	end_us = rc_clock_mono_us() + DRAIN_US;
	while (err == RC_OK && rc_clock_mono_us() < end_us &&
	       (s->first != NULL || !rc_sandbox_callbacks_idle(s)))
		err = turn(s, e);
	return err;
}

/* --- opening and closing -------------------------------------------------- */

static void
set_defaults(struct rc_sandbox_config *c)
{
	const struct {
		const char **value, *standard;
	} strings[] = {
	    {&c->account_sid, RC_SANDBOX_ACCOUNT_SID},
	    {&c->auth_token, RC_SANDBOX_AUTH_TOKEN},
	    {&c->api_key_sid, RC_SANDBOX_API_KEY_SID},
	    {&c->api_key_secret, RC_SANDBOX_API_KEY_SECRET},
	    {&c->username, RC_SANDBOX_USERNAME},
	    {&c->password, RC_SANDBOX_PASSWORD},
	    {&c->client_id, RC_SANDBOX_CLIENT_ID},
	    {&c->client_secret, RC_SANDBOX_CLIENT_SECRET},
	};

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		if (*strings[i].value == NULL)
			*strings[i].value = strings[i].standard;
	if (c->token_ttl_s == 0)
		c->token_ttl_s = RC_SANDBOX_TOKEN_TTL_S;
}

static enum rc_err
read_faults(struct rc_sandbox *s, struct rc_error *e)
{
	const char *const *spec = s->cfg.faults;
	enum rc_err err = RC_OK;

	for (; spec != NULL && *spec != NULL && err == RC_OK; spec++) {
		if (s->nfaults == RC_SANDBOX_FAULTS)
			return rc_err_set(e, RC_EUSAGE, "more than %d faults",
			    RC_SANDBOX_FAULTS);
		err = rc_sandbox_fault_parse(&s->fault[s->nfaults++], *spec, e);
	}
	return err;
}

static enum rc_err
check_callback(const struct rc_sandbox *s, struct rc_error *e)
{
	struct rc_url url;

	if (s->cfg.callback == NULL ||
	    rc_url_parse(rc_slice_str(s->cfg.callback), &url, e) == RC_OK)
		return RC_OK;
	rc_err_prefix(e, "callback");
	return e->code = RC_EUSAGE;
}

static enum rc_err
prepare(struct rc_sandbox *s, struct rc_error *e)
{
	enum rc_err err = read_faults(s, e);

	s->account_auth = s->key_auth = s->json_auth =
	    RC_BUF_INIT(2 * AUTH_MAX);
	s->record = s->name = s->value = RC_BUF_INIT(RECORD_MAX);
	for (size_t i = 0; i < RC_FIELDS; i++)
		s->field[i] = RC_BUF_INIT(RC_HTTPD_BODY_MAX);
	basic(&s->account_auth, s->cfg.account_sid, s->cfg.auth_token);
	basic(&s->key_auth, s->cfg.api_key_sid, s->cfg.api_key_secret);
	basic(&s->json_auth, s->cfg.username, s->cfg.password);
	if (err == RC_OK)
		err = check_callback(s, e);
	if (err == RC_OK)
		err = rc_random(s->secret, sizeof(s->secret), e);
	if (err == RC_OK)
		err = rc_random(s->run, sizeof(s->run), e);
	if (err != RC_OK)
		return err;
	s->kept = calloc(RC_SANDBOX_KEPT, sizeof(struct rc_sandbox_message *));
	return s->kept == NULL ? rc_err_nomem(e) : RC_OK;
}

static enum rc_err
start(struct rc_sandbox *s, struct rc_error *e)
{
	struct rc_http_config http = {.concurrency = RC_SANDBOX_CALLBACKS};
	struct rc_httpd_config httpd = {.listen = s->cfg.listen,
	    .handler = on_request,
	    .refuse = on_headers,
	    .arg = s};
	enum rc_err err = prepare(s, e);

	if (err == RC_OK)
		err = rc_http_open(&s->http, &http, e);
	if (err == RC_OK)
		err = rc_sandbox_callbacks_open(s, e);
	if (err == RC_OK)
		err = rc_httpd_open(&s->httpd, &httpd, e);
	if (err != RC_OK)
		return err;
	rc_sandbox_record_listening(s);
	rc_sandbox_flush(s);
	if (s->error.code != RC_OK)
		*e = s->error;
	return s->error.code;
}

enum rc_err
rc_sandbox_open(struct rc_sandbox **out, const struct rc_sandbox_config *cfg,
    struct rc_error *e)
{
	struct rc_sandbox *s = calloc(1, sizeof(*s));
	enum rc_err err;

	*out = NULL;
	if (s == NULL)
		return rc_err_nomem(e);
	s->cfg = *cfg;
	set_defaults(&s->cfg);
	err = start(s, e);
	if (err != RC_OK) {
		rc_sandbox_close(s);
		return err;
	}
	*out = s;
	return RC_OK;
}

static void
free_answers(struct rc_sandbox_answer *a)
{
	while (a != NULL) {
		struct rc_sandbox_answer *next = a->next;

		rc_buf_free(&a->body);
		free(a);
		a = next;
	}
}

static void
free_secret(struct rc_buf *secret)
{
	rc_wipe(secret);
	rc_buf_free(secret);
}

void
rc_sandbox_close(struct rc_sandbox *s)
{
	if (s == NULL)
		return;
	rc_httpd_close(s->httpd);
	rc_sandbox_callbacks_close(s);
	rc_http_close(s->http);
	free_answers(s->first);
	free_answers(s->spare);
	for (size_t i = 0; s->kept != NULL && i < RC_SANDBOX_KEPT; i++)
		free(s->kept[i]);
	free(s->kept);
	free_secret(&s->account_auth);
	free_secret(&s->key_auth);
	free_secret(&s->json_auth);
	rc_buf_free(&s->record);
	rc_buf_free(&s->name);
	rc_buf_free(&s->value);
	for (size_t i = 0; i < RC_FIELDS; i++)
		rc_buf_free(&s->field[i]);
	explicit_bzero(s->secret, sizeof(s->secret));
	free(s);
}

uint16_t
rc_sandbox_port(const struct rc_sandbox *s)
{
	return rc_httpd_port(s->httpd);
}
