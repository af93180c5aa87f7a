#include "base/clock.h"
#include "base/num.h"
#include "job/send_reconcile_priv.h"

#include <stdio.h>
#include <string.h>

#define ATTEMPTS 4
#define PAGES_MAX 200
#define BACKOFF_BASE_US 500000ULL
#define BACKOFF_CAP_US 30000000ULL
#define LIMITED_MAX 10 /* times in a row */
/* A provider that asks for more is left to the next time. */
#define RETRY_AFTER_MAX_MS 60000
#define NOT_EVEN_KNOWN "not listed, but nor is what was accepted"

/* --- what an item comes to -------------------------------------------------
 */

static void
done(struct reconcile_item *item)
{
	if (item->probe) { /* nothing is to be written or told */
		item->place = RECONCILE_IDLE;
		return;
	}
	item->place = RECONCILE_DONE;
	item->r->done++;
}

void
rc_reconcile_leave(struct reconcile_item *item, const char *why)
{
	snprintf(item->detail, sizeof(item->detail), "%.199s", why);
	item->settles = false;
	done(item);
}

void
rc_reconcile_stop(struct reconcile *r, const struct rc_error *e)
{
	if (r->fate.code == RC_OK)
		r->fate = *e;
	r->stopping = true;
}

static void
stop_for(
    struct reconcile *r, enum rc_err code, const char *what, const char *detail)
{
	struct rc_error e;

	rc_err_set(&e, code, "channel '%s': %s%s%s", r->cfg->channel->name,
	    what, *detail == '\0' ? "" : ": ", detail);
	rc_reconcile_stop(r, &e);
}

static void
again(struct reconcile_item *item, uint64_t due_us)
{
	item->place = RECONCILE_READY;
	item->due_us = due_us;
}

/* Of the list's first page. */
static void
ask_from_start(struct reconcile_item *item)
{
	item->pages = 0;
	item->page[0] = '\0';
	again(item, 0);
}

static void
disbelieve(struct reconcile_item *item, const char *why)
{
	item->r->disbelieved = true;
	rc_reconcile_leave(item, why);
}

/*
 * Not listed, but is the list still what it was when it was proven?  What was
 * found then is asked about once more.
 */
static void
doubt_list(struct reconcile_item *item)
{
	item->denied = true;
	item->twin = false;
	ask_from_start(item);
}

/* What was found before is found again, or not. */
static void
defer(struct reconcile_item *item)
{
	if (!item->found) {
		disbelieve(item, NOT_EVEN_KNOWN);
		return;
	}
	item->says = (struct rc_settlement){
	    .ordinal = item->message.ordinal, .state = RC_M_DEFERRED};
	snprintf(item->detail, sizeof(item->detail),
	    "the provider does not have it");
	item->settles = true;
	done(item);
}

/* What an http channel asks by is in nobody's list unless it was sent. */
static const char *
why_not_asked_by(const struct reconcile_item *item)
{
	const struct reconcile *r = item->r;

	if (r->cfg->channel->provider != RC_PROVIDER_HTTP)
		return NULL;
	if (r->amended)
		return "not listed, but --amend may have changed what "
		       "lookup_url asks by";
	return rc_reconcile_had_what_is_asked(item)
		   ? NULL
		   : "not listed, but it was sent without what lookup_url asks "
		     "by";
}

static void
leave_for_later(struct reconcile_item *item, uint64_t sure_ms)
{
	char when[RC_TIME_LEN], why[80];

	rc_time_format(sure_ms, when);
	snprintf(why, sizeof(why),
	    "not listed, but it may yet be: ask again after %.19sZ", when);
	rc_reconcile_leave(item, why);
}

/* What the provider does not have was not sent, once it would be listed. */
static void
conclude(struct reconcile_item *item)
{
	uint64_t sure_ms =
	    rc_reconcile_left_ms(&item->message) + RC_RECONCILE_MARGIN_MS;
	const char *why = why_not_asked_by(item);
	struct reconcile *r = item->r;

	if (item->probe) {
		if (item->found)
			r->known = item->message;
		r->proven |= item->found;
		done(item);
	} else if (item->denied) {
		defer(item);
	} else if (item->found) {
		item->settles = true;
		item->detail[0] = '\0';
		done(item);
	} else if (item->doubt != NULL) {
		rc_reconcile_leave(item, item->doubt);
	} else if (item->message.clicked) {
		rc_reconcile_leave(
		    item, "not listed, but its link was clicked");
	} else if (item->asked_ms < sure_ms) {
		leave_for_later(item, sure_ms);
	} else if (r->nprobes == 0) {
		disbelieve(item,
		    "not listed, but nothing was ever accepted that would be");
	} else if (!r->proven) {
		disbelieve(item, NOT_EVEN_KNOWN);
	} else if (!r->same_route) {
		rc_reconcile_leave(item,
		    "not listed, but a run had another account, sender, URL "
		    "or credentials");
	} else if (why != NULL) {
		rc_reconcile_leave(item, why);
	} else {
		doubt_list(item);
	}
}

/* --- what an answer leads to -----------------------------------------------
 */

static uint64_t
backoff_us(struct reconcile *r, unsigned times)
{
	uint64_t span = BACKOFF_CAP_US, draw = ++r->draws;

	if (times < 7)
		span = BACKOFF_BASE_US << times;
	if (span > BACKOFF_CAP_US)
		span = BACKOFF_CAP_US;
	return rc_siphash(r->seed, &draw, sizeof(draw)) % span;
}

static void
try_again(struct reconcile_item *item, const char *detail)
{
	struct reconcile *r = item->r;

	if (++item->attempts < ATTEMPTS) {
		again(item,
		    rc_clock_mono_us() + backoff_us(r, item->attempts - 1));
		return;
	}
	if (r->answers == item->answers_before)
		stop_for(
		    r, RC_EUNAVAIL, "the provider does not answer", detail);
	rc_reconcile_leave(item, detail);
}

/* Everybody waits, since everybody is limited. */
static void
wait_out(struct reconcile_item *item, const struct rc_lookup_answer *a)
{
	struct reconcile *r = item->r;
	uint64_t now_us = rc_clock_mono_us(), until_us;

	if (++r->limited > LIMITED_MAX ||
	    a->retry_after_ms > RETRY_AFTER_MAX_MS) {
		stop_for(r, RC_EAGAIN,
		    "the provider limits requests, ask again later", a->detail);
		rc_reconcile_leave(item, a->detail);
		return;
	}
	until_us = now_us + a->retry_after_ms * 1000 +
		   backoff_us(r, a->retry_after_ms > 0 ? 0 : r->limited);
	if (r->pause_until_us < until_us)
		r->pause_until_us = until_us;
	again(item, until_us);
}

/* A new token may help, once. */
static void
want_token(struct reconcile_item *item, const char *detail)
{
	struct reconcile *r = item->r;

	if (item->token_tried) {
		stop_for(
		    r, RC_EPERM, "the provider refuses a new token", detail);
		rc_reconcile_leave(item, detail);
		return;
	}
	item->token_tried = true;
	if (item->token_serial == r->token_serial)
		r->token_refused = true;
	again(item, 0);
}

/* The number as the provider may have written it; 0: as it is. */
static uint64_t
twin_of(const struct reconcile_item *item)
{
	const struct rc_message *m = rc_reconcile_subject(item);

	return item->r->cfg->channel->provider == RC_PROVIDER_TWILIO &&
		       m->to.type == RC_IDENT_PHONE
		   ? rc_phone_twin(m->to.phone)
		   : 0;
}

/* A list has what the provider calls the number, whatever it was asked for. */
static void
end_list(struct reconcile_item *item)
{
	if (item->found || item->twin || twin_of(item) == 0) {
		conclude(item);
		return;
	}
	item->twin = true;
	ask_from_start(item);
}

static void
listed(struct reconcile_item *item, const struct rc_lookup_answer *a, bool more)
{
	struct reconcile *r = item->r;

	r->answers++;
	r->limited = 0;
	item->attempts = 0;
	item->token_tried = false;
	if (!more) {
		end_list(item);
	} else if (++item->pages == PAGES_MAX) {
		rc_reconcile_leave(item, "the provider's list has no end");
	} else {
		memcpy(item->page, a->page, sizeof(item->page));
		again(item, 0);
	}
}

static void
judge(struct reconcile_item *item, const struct rc_lookup_answer *a, bool more)
{
	switch (a->verdict) {
	case RC_V_ACCEPTED:
		listed(item, a, more);
		break;
	case RC_V_RETRY:
		wait_out(item, a);
		break;
	case RC_V_TOKEN:
		want_token(item, a->detail);
		break;
	case RC_V_STOP:
		stop_for(item->r, a->stop,
		    a->stop == RC_EPERM
			? "the provider refuses to answer, mend the credentials"
			: "the provider refuses to answer, mend the channel",
		    a->detail);
		rc_reconcile_leave(item, a->detail);
		break;
	case RC_V_UNKNOWN:
		try_again(item, a->detail);
		break;
	case RC_V_REJECTED:
	case RC_V_SUPPRESS:
		item->r->answers++;
		rc_reconcile_leave(item, a->detail);
		break;
	}
}

struct arrival {
	struct reconcile_item *item;
	const struct rc_http_response *response;
	struct rc_lookup_answer answer;
	bool more;
};

static enum rc_err
read_arrival(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct arrival *a = arg;

	return rc_reconcile_read(
	    txn, a->item, a->response, &a->answer, &a->more, e);
}

static void
on_answer(void *arg, const struct rc_http_response *response)
{
	struct arrival a = {.item = arg, .response = response};
	struct reconcile *r = a.item->r;
	struct rc_error e;

	r->on_wire--;
	if (rc_store_read(r->state->store, read_arrival, &a, &e) != RC_OK) {
		rc_reconcile_stop(r, &e);
		rc_reconcile_leave(a.item, e.msg);
		return;
	}
	judge(a.item, &a.answer, a.more);
}

/* --- asking ----------------------------------------------------------------
 */

/* Waits for the token server: nothing can be asked meanwhile. */
static bool
have_token(struct reconcile *r)
{
	const struct rc_channel *c = r->cfg->channel;
	struct rc_error e;

	if (c->provider != RC_PROVIDER_HTTP || c->auth != RC_AUTH_OAUTH2)
		return true;
	if (r->token.value.len > 0 && !r->token_refused &&
	    r->token.expires_ms > rc_clock_now_ms())
		return true;
	if (rc_token_get(r->state, r->http, c, r->token_refused, &r->token,
		&e) != RC_OK) {
		rc_reconcile_stop(r, &e);
		return false;
	}
	r->token_refused = false;
	r->token_serial++;
	return true;
}

static enum rc_err
start(struct reconcile_item *item, struct rc_error *e)
{
	struct reconcile *r = item->r;
	const struct rc_message *m = rc_reconcile_subject(item);
	char id[RC_MESSAGE_ID_LEN + 1], twin[RC_PHONE_LEN];
	const struct rc_lookup_question q = {item->twin ? twin : m->to.text, id,
	    item->probe || item->denied ? r->probes_of : r->cfg->campaign};
	const char *token =
	    r->token.value.len > 0 ? rc_buf_str(&r->token.value) : NULL;
	enum rc_err err;

	rc_message_id_encode(
	    r->state->keys.message, m->campaign, m->ordinal, id);
	rc_phone_format(twin_of(item), twin);
	err = rc_lookup_build(
	    r->cfg->channel, &q, item->page, token, &r->request, e);
	if (item->page[0] == '\0' && !item->denied && !item->twin)
		item->asked_ms = rc_clock_now_ms();
	if (err == RC_OK)
		err = rc_http_start(
		    r->http, &r->request.http, on_answer, item, e);
	if (err != RC_OK)
		return err;
	item->place = RECONCILE_WIRE;
	item->token_serial = r->token_serial;
	r->on_wire++;
	return RC_OK;
}

/* Whether the rate, the provider's limit and the connections allow one more. */
static bool
may_start(const struct reconcile *r, uint64_t now_us)
{
	return !r->stopping && r->on_wire < r->limit &&
	       now_us >= r->next_start_us && now_us >= r->pause_until_us;
}

static struct reconcile_item *
next_ready(const struct reconcile *r, uint64_t now_us)
{
	for (size_t i = 0; i < r->nitems; i++)
		if (r->items[i].place == RECONCILE_READY &&
		    r->items[i].due_us <= now_us)
			return &r->items[i];
	return NULL;
}

void
rc_reconcile_ask(struct reconcile *r, uint64_t now_us)
{
	struct reconcile_item *item;
	struct rc_error e;

	while (may_start(r, now_us) && (item = next_ready(r, now_us)) != NULL &&
	       have_token(r)) {
		if (item->place != RECONCILE_READY)
			continue;
		r->next_start_us = (r->next_start_us + r->interval_us > now_us
					   ? r->next_start_us
					   : now_us) +
				   r->interval_us;
		if (start(item, &e) == RC_OK)
			continue;
		if (e.code != RC_EDATA)
			rc_reconcile_stop(r, &e);
		rc_reconcile_leave(item, e.msg);
	}
}

uint64_t
rc_reconcile_wait_us(const struct reconcile *r, uint64_t now_us)
{
	uint64_t from_us = UINT64_MAX;

	if (r->on_wire >= r->limit)
		return UINT64_MAX;
	for (size_t i = 0; i < r->nitems; i++)
		if (r->items[i].place == RECONCILE_READY &&
		    r->items[i].due_us < from_us)
			from_us = r->items[i].due_us;
	if (from_us == UINT64_MAX)
		return UINT64_MAX;
	if (from_us < r->next_start_us)
		from_us = r->next_start_us;
	if (from_us < r->pause_until_us)
		from_us = r->pause_until_us;
	return from_us > now_us ? from_us - now_us : 0;
}
