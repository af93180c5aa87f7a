#include "job/send_priv.h"

#include "base/clock.h"
#include "base/num.h"
#include "text/code.h"

#include <stdio.h>
#include <string.h>

#define REQUESTS_MAX 1000
#define BACKOFF_BASE_US 500000ULL
#define BACKOFF_CAP_US 30000000ULL
/* A provider that asks for more is left to the next run. */
#define RETRY_AFTER_MAX_MS 60000
/* How long to live on with a token that could not be renewed in time. */
#define TOKEN_AGAIN_MS 10000
#define CALLBACK_MAX 2048
/*
 * Longer than one waits behind a provider that does not answer.  A machine that
 * slept in between wakes to people who have withdrawn, and to quiet hours.
 */
#define CLAIM_MAX_MS 60000

/* --- opening ------------------------------------------------------------- */

static enum rc_err
open_callback(struct send *s, struct rc_error *e)
{
	struct send_wire *w = &s->wire;
	struct rc_slice base;

	w->callback = RC_BUF_INIT(CALLBACK_MAX);
	if (s->cfg->public_url == NULL ||
	    s->cfg->channel->provider != RC_PROVIDER_TWILIO)
		return RC_OK;
	base = rc_slice_str(s->cfg->public_url);
	while (base.len > 0 && base.p[base.len - 1] == '/')
		base.len--;
	rc_buf_addv(&w->callback, base);
	rc_buf_addf(
	    &w->callback, "/twilio/status/%s?m=", s->cfg->channel->name);
	w->callback_len = w->callback.len;
	return rc_buf_check(&w->callback, "public URL", e);
}

enum rc_err
rc_send_wire_open(struct send *s, struct rc_error *e)
{
	const struct rc_channel *c = s->cfg->channel;
	struct send_wire *w = &s->wire;
	struct rc_http_config http = {.cacert = c->cacert};
	enum rc_err err;

	/* One more request is for the token. */
	http.concurrency =
	    c->concurrency < REQUESTS_MAX ? c->concurrency + 1 : REQUESTS_MAX;
	w->limit = http.concurrency - 1;
	w->rate = s->cfg->rate > 0 ? s->cfg->rate : c->rate;
	rc_provider_request_init(&w->request);
	rc_provider_request_init(&w->token_request);
	err = rc_random(w->seed, sizeof(w->seed), e);
	if (err == RC_OK)
		err = open_callback(s, e);
	if (err == RC_OK)
		err = rc_http_open(&w->http, &http, e);
	if (err == RC_OK && c->auth == RC_AUTH_OAUTH2 &&
	    c->provider == RC_PROVIDER_HTTP)
		err = rc_token_get(s->state, w->http, c, false, &w->token, e);
	return err;
}

void
rc_send_wire_close(struct send_wire *w)
{
	rc_http_close(w->http);
	rc_provider_request_free(&w->request);
	rc_provider_request_free(&w->token_request);
	rc_token_free(&w->token);
	rc_buf_free(&w->callback);
}

/* --- what an answer leads to --------------------------------------------- */

static void
stop_for(struct send *s, enum rc_err code, const char *what, const char *detail)
{
	struct rc_error e;

	rc_err_set(&e, code, "channel '%s': %s: %s", s->cfg->channel->name,
	    what, detail);
	rc_send_stop(s, &e, true);
}

static void
put_off(struct send *s, struct send_item *item)
{
	item->outcome = RC_SEND_DEFERRED;
	item->again = item->attempts < RC_SEND_ATTEMPTS &&
		      item->result.retry_after_ms <= RETRY_AFTER_MAX_MS;
	/* Nobody has been reached since this one first tried. */
	if (!item->again && item->never_sent &&
	    s->wire.answers == item->answers_before)
		stop_for(s, RC_EUNAVAIL, "the provider cannot be reached",
		    item->result.detail);
}

/* A 401 was not processed; one new token, and one more try with it. */
static void
retry_with_token(struct send *s, struct send_item *item)
{
	item->outcome = RC_SEND_DEFERRED;
	if (item->token_tried) {
		stop_for(s, RC_EPERM, "the provider refuses a new token",
		    item->result.detail);
		return;
	}
	item->token_tried = item->again = true;
	if (item->token_serial == s->wire.token_serial)
		s->wire.token_refused = true;
}

static void
decide(struct send *s, struct send_item *item)
{
	item->again = false;
	switch (item->result.verdict) {
	case RC_V_ACCEPTED:
		item->outcome = RC_SEND_ACCEPTED;
		break;
	case RC_V_REJECTED:
	case RC_V_SUPPRESS:
		item->outcome = RC_SEND_REJECTED;
		break;
	case RC_V_RETRY:
		put_off(s, item);
		break;
	case RC_V_TOKEN:
		retry_with_token(s, item);
		break;
	case RC_V_UNKNOWN:
		item->outcome = RC_SEND_UNKNOWN;
		break;
	case RC_V_STOP: /* not processed: the next run may take it */
		item->outcome = RC_SEND_DEFERRED;
		stop_for(s, item->result.stop,
		    "the provider refuses to send, mend "
		    "credentials, sender or URL",
		    item->result.detail);
		break;
	}
	rc_send_push(&s->settling, item);
}

static void
on_answer(void *arg, const struct rc_http_response *r)
{
	struct send_item *item = arg;
	struct send *s = item->send;

	s->wire.on_wire--;
	s->wire.ended++;
	s->wire.answers += r->outcome == RC_HTTP_ANSWERED;
	item->never_sent = r->outcome == RC_HTTP_NEVER_SENT;
	rc_provider_judge(s->cfg->channel, r, &item->result);
	if (s->wire.token.value.len > 0)
		rc_provider_mask(s->cfg->channel,
		    rc_buf_str(&s->wire.token.value), item->result.detail,
		    strlen(item->result.detail));
	decide(s, item);
	rc_send_breaker_note(s, item, r);
}

uint64_t
rc_send_wire_draw(struct send *s)
{
	uint64_t draw = ++s->wire.draws;

	return rc_siphash(s->wire.seed, &draw, sizeof(draw));
}

uint64_t
rc_send_wire_due_us(
    struct send *s, const struct send_item *item, uint64_t now_us)
{
	uint64_t span, draw;

	/* Refused for its token alone, or not even started. */
	if (item->result.verdict == RC_V_TOKEN || item->attempts == 0)
		return now_us;
	span = BACKOFF_BASE_US << (item->attempts - 1);
	if (span > BACKOFF_CAP_US)
		span = BACKOFF_CAP_US;
	draw = rc_send_wire_draw(s);
	if (item->result.retry_after_ms > 0)
		return now_us + item->result.retry_after_ms * 1000 +
		       draw % BACKOFF_BASE_US;
	return now_us + draw % span;
}

/* --- the token ----------------------------------------------------------- */

/*
 * No token now.  The old one may still do; if it was refused, everything waits
 * for a new one, and one bad moment of the token server ends no run.
 */
static bool
token_can_wait(struct send_wire *w, uint64_t now_ms)
{
	if (!w->token_refused) {
		w->token.expires_ms = now_ms + TOKEN_AGAIN_MS;
		return true;
	}
	if (++w->token_failures >= RC_SEND_ATTEMPTS)
		return false;
	w->token_due_us =
	    rc_clock_mono_us() + (BACKOFF_BASE_US << (w->token_failures - 1));
	return true;
}

static void
on_token(void *arg, const struct rc_http_response *r)
{
	struct send *s = arg;
	struct send_wire *w = &s->wire;
	uint64_t now_ms = rc_clock_now_ms();
	struct rc_token token = {0};
	struct rc_error e;
	enum rc_err err;

	w->refreshing = false;
	err = rc_token_read(s->cfg->channel, r, now_ms, &token, &e);
	if (err == RC_EUNAVAIL && token_can_wait(w, now_ms))
		return;
	if (err != RC_OK) {
		rc_send_stop(s, &e, true);
		return;
	}
	rc_token_free(&w->token);
	w->token = token;
	w->token_serial++;
	w->token_refused = false;
	w->token_failures = 0;
	w->token_due_us = 0;
	if (rc_token_store(s->state, s->cfg->channel, &w->token, &e) != RC_OK)
		rc_log(s->cfg->log, RC_LOG_WARN,
		    "the new access token is not kept: %s", e.msg);
}

static void
ask_token(struct send *s)
{
	struct send_wire *w = &s->wire;
	struct rc_error e;
	enum rc_err err;

	if (w->refreshing)
		return;
	err = rc_token_build(s->cfg->channel, &w->token_request, &e);
	if (err == RC_OK)
		err = rc_http_start(
		    w->http, &w->token_request.http, on_token, s, &e);
	if (err == RC_OK)
		w->refreshing = true;
	else
		rc_send_stop(s, &e, true);
}

/* --- starting ------------------------------------------------------------ */

static const char *
callback_of(struct send *s, const struct send_item *item)
{
	struct send_wire *w = &s->wire;
	char id[RC_MESSAGE_ID_LEN + 1];

	if (w->callback_len == 0)
		return NULL;
	rc_message_id_encode(
	    s->state->keys.message, s->campaign, item->claim.ordinal, id);
	rc_buf_cut(&w->callback, w->callback_len);
	rc_buf_adds(&w->callback, id);
	return rc_buf_str(&w->callback);
}

static enum rc_err
start_one(struct send *s, struct send_item *item, struct rc_error *e)
{
	struct send_wire *w = &s->wire;
	const char *token =
	    w->token.value.len > 0 ? rc_buf_str(&w->token.value) : NULL;
	enum rc_err err;

	err = rc_provider_build(s->cfg->channel, item->claim.to.text,
	    rc_buf_slice(&item->text), callback_of(s, item), token, &w->request,
	    e);
	if (err == RC_OK)
		err = rc_http_start(
		    w->http, &w->request.http, on_answer, item, e);
	if (err != RC_OK)
		return err;
	if (item->attempts++ == 0)
		item->answers_before = w->answers;
	item->token_serial = w->token_serial;
	w->on_wire++;
	return RC_OK;
}

/* A request that cannot even be made: this message's fault, or the run's. */
static void
refuse(struct send *s, struct send_item *item, const struct rc_error *e)
{
	item->result = (struct rc_result){.verdict = RC_V_REJECTED};
	snprintf(
	    item->result.detail, sizeof(item->result.detail), "%.190s", e->msg);
	item->again = false;
	rc_send_breaker_missed(s, item);
	item->outcome =
	    e->code == RC_EDATA ? RC_SEND_REJECTED : RC_SEND_DEFERRED;
	if (e->code != RC_EDATA)
		rc_send_stop(s, e, true);
	rc_send_push(&s->settling, item);
}

uint64_t
rc_send_wire_wait_us(const struct send *s, uint64_t now_us)
{
	const struct send_wire *w = &s->wire;
	uint64_t start_us;

	if (s->claimed.n == 0 || w->on_wire >= w->limit || w->token_refused)
		return UINT64_MAX;
	start_us = s->claimed.first->start_us;
	return start_us > now_us ? start_us - now_us : 0;
}

static bool
wants_token(const struct send *s, uint64_t now_us)
{
	const struct send_wire *w = &s->wire;

	if (s->stopping || w->token.value.len == 0)
		return false;
	if (w->token_refused)
		return w->token_due_us <= now_us;
	return s->claimed.n > 0 && w->token.expires_ms <= rc_clock_now_ms();
}

void
rc_send_put_back(struct send *s, struct send_item *item)
{
	item->result = (struct rc_result){
	    .verdict = RC_V_RETRY, .detail = RC_SEND_UNREACHED};
	item->outcome = RC_SEND_DEFERRED;
	item->again = true;
	rc_send_breaker_missed(s, item);
	rc_send_push(&s->settling, item);
}

/* One clock may have been set back, the other stands while one sleeps. */
static bool
is_old(const struct send_item *item, uint64_t now_ms, uint64_t now_us)
{
	return now_ms >= item->claimed_ms + CLAIM_MAX_MS ||
	       now_us >= item->claimed_us + CLAIM_MAX_MS * 1000ULL;
}

void
rc_send_wire_start(struct send *s, uint64_t now_us)
{
	uint64_t now_ms = rc_clock_now_ms();
	struct rc_error e;

	if (wants_token(s, now_us))
		ask_token(s);
	while (!s->stopping && rc_send_wire_wait_us(s, now_us) == 0) {
		struct send_item *item = rc_send_pop(&s->claimed);

		if (is_old(item, now_ms, now_us))
			rc_send_put_back(s, item);
		else if (start_one(s, item, &e) != RC_OK)
			refuse(s, item, &e);
	}
}
