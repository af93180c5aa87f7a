#include "job/send_reconcile_priv.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MAX_US                                                            \
	250000ULL /* a signal may come between looking and waiting */
#define WRITE_BATCH 256
#define SETTLE_US 200000ULL
#define CONCURRENCY_MAX 999 /* one more request is for the token */

const char *
rc_reconcile_outcome(enum rc_message_state state)
{
	return state == RC_M_NONE ? "settled meanwhile"
				  : rc_message_state_name(state);
}

/* --- what is unknown --------------------------------------------------------
 */

static enum rc_err
scan_some(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct reconcile *r = arg;

	return rc_message_scan(
	    txn, r->campaign, RC_M_UNKNOWN, r->scan.next, &r->scan, e);
}

/* The next unknown message; NULL at the end. */
static const struct rc_message *
next_unknown(struct reconcile *r)
{
	struct rc_error e;
	enum rc_err err;

	while (r->scanned == r->scan.n) {
		if (r->scan_end)
			return NULL;
		r->scanned = 0;
		err = rc_store_read(r->state->store, scan_some, r, &e);
		r->scan_end = err != RC_OK;
		if (err == RC_OK || err == RC_END)
			continue;
		r->scan.n = 0;
		rc_reconcile_stop(r, &e);
	}
	return &r->scan.message[r->scanned++];
}

static void
take(struct reconcile_item *item, const struct rc_message *m, bool probe)
{
	struct reconcile *r = item->r;

	*item = (struct reconcile_item){.r = r,
	    .place = RECONCILE_READY,
	    .probe = probe,
	    .answers_before = r->answers,
	    .message = *m};
	rc_message_id_encode(
	    r->state->keys.message, m->campaign, m->ordinal, item->id);
	if (!probe)
		r->counts->asked++;
	if (r->stopping)
		rc_reconcile_leave(item, "not asked about");
}

static bool
is_probing(const struct reconcile *r)
{
	for (size_t i = 0; i < r->nitems; i++)
		if (r->items[i].probe && r->items[i].place != RECONCILE_IDLE)
			return true;
	return false;
}

static void
take_next(struct reconcile_item *item, bool probing)
{
	struct reconcile *r = item->r;
	const struct rc_message *m;

	if (r->probed < r->nprobes) {
		take(item, &r->probe[r->probed++], true);
		return;
	}
	m = probing ? NULL : next_unknown(r);
	if (m != NULL)
		take(item, m, false);
}

/* Probes first.  Whoever is not asked about any more is told so. */
static void
fill(struct reconcile *r)
{
	bool probing = r->probed < r->nprobes || is_probing(r);

	for (size_t i = 0; i < r->nitems; i++) {
		struct reconcile_item *item = &r->items[i];

		if (item->place == RECONCILE_READY && r->stopping)
			rc_reconcile_leave(item, "not asked about");
		if (item->place == RECONCILE_IDLE)
			take_next(item, probing);
	}
}

/* --- writing ----------------------------------------------------------------
 */

/* The recipient said no on the handset: no other campaign may try again. */
#define TWILIO_OPTED_OUT 21610

static enum rc_err
suppress(struct rc_txn *txn, const struct reconcile_item *item, uint64_t now_ms,
    struct rc_error *e)
{
	struct rc_consent_counts counts;
	char evidence[RC_CAMPAIGN_NAME_MAX + 40];
	struct rc_consent_change change = {
	    .kind = RC_J_SUPPRESS,
	    .type = item->message.to.type,
	    .received_ms = now_ms,
	    .source = RC_SLICE_LIT(RC_SOURCE_PROVIDER),
	};

	snprintf(evidence, sizeof(evidence), "campaign %s, error %u",
	    item->r->cfg->campaign, item->says.error_code);
	change.evidence = rc_slice_str(evidence);
	return rc_consent_change_in(
	    txn, &change, &item->message.to, 1, &counts, e);
}

static enum rc_err
write_answer(struct rc_txn *txn, struct reconcile_item *item, uint64_t now_ms,
    struct rc_error *e)
{
	const struct reconcile *r = item->r;
	enum rc_err err = rc_message_answer(
	    txn, r->campaign, &item->says, now_ms, &item->now, e);

	if (err == RC_OK && item->says.error_code == TWILIO_OPTED_OUT)
		err = suppress(txn, item, now_ms, e);
	return err == RC_NOTFOUND ? RC_OK : err;
}

static bool
is_to_write(const struct reconcile_item *item)
{
	return item->place == RECONCILE_DONE && item->settles;
}

static bool
anything_to_write(const struct reconcile *r)
{
	for (size_t i = 0; i < r->nitems; i++)
		if (is_to_write(&r->items[i]))
			return true;
	return false;
}

static enum rc_err
write_answers(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct reconcile *r = arg;
	uint64_t now_ms = rc_clock_now_ms();
	enum rc_err err = RC_OK;

	for (size_t i = 0; i < r->nitems && err == RC_OK; i++)
		if (r->items[i].place == RECONCILE_DONE && r->items[i].settles)
			err = write_answer(txn, &r->items[i], now_ms, e);
	return err;
}

static void
tell(struct reconcile *r, struct reconcile_item *item)
{
	enum rc_message_state outcome = RC_M_UNKNOWN;
	struct rc_reconcile_record record = {
	    .to = item->message.to.text,
	    .message_id = item->id,
	    .provider_id = item->provider_id,
	    .detail = item->detail,
	};
	struct rc_error e;

	if (item->settles) {
		outcome = item->now == item->says.state ? item->now : RC_M_NONE;
		if (outcome == RC_M_NONE)
			record.detail = rc_message_state_name(item->now);
	}
	record.outcome = rc_reconcile_outcome(outcome);
	r->counts->outcome[outcome]++;
	item->place = RECONCILE_IDLE;
	if (r->mute)
		return;
	if (r->cfg->record(r->cfg->arg, &record, &e) == RC_OK)
		return;
	r->mute = true;
	rc_reconcile_stop(r, &e);
}

static void
settle(struct reconcile *r)
{
	struct rc_error e;
	bool failed = false;

	if (anything_to_write(r))
		failed = rc_store_write_bulk(
			     r->state->store, write_answers, r, &e) != RC_OK;
	if (failed)
		rc_reconcile_stop(r, &e);
	for (size_t i = 0; i < r->nitems; i++) {
		struct reconcile_item *item = &r->items[i];

		if (item->place != RECONCILE_DONE)
			continue;
		if (failed && item->settles) {
			item->settles = false;
			snprintf(item->detail, sizeof(item->detail),
			    "the outcome could not be recorded");
		}
		tell(r, item);
	}
	r->done = 0;
	r->settle_us = rc_clock_mono_us() + SETTLE_US;
}

/* --- the loop ---------------------------------------------------------------
 */

static bool
anything_left(const struct reconcile *r)
{
	if (!r->scan_end || r->scanned < r->scan.n)
		return true;
	for (size_t i = 0; i < r->nitems; i++)
		if (r->items[i].place != RECONCILE_IDLE)
			return true;
	return false;
}

static void
look_for_signals(struct reconcile *r)
{
	struct rc_error e;

	if (*r->cfg->stop == 0 || r->stopping)
		return;
	rc_err_set(
	    &e, RC_EAGAIN, "interrupted: ask again to go on where it stopped");
	rc_reconcile_stop(r, &e);
}

/* A second signal, or no network: what has no answer stays unknown. */
static void
leave(struct reconcile *r)
{
	for (size_t i = 0; i < r->nitems; i++) {
		struct reconcile_item *item = &r->items[i];

		if (item->place == RECONCILE_WIRE ||
		    item->place == RECONCILE_READY)
			rc_reconcile_leave(item, "left before an answer came");
	}
	settle(r);
}

static int
wait_ms(const struct reconcile *r)
{
	uint64_t wait = rc_reconcile_wait_us(r, rc_clock_mono_us());

	if (r->stopping && r->on_wire == 0)
		return 0;
	return (int)(((wait < WAIT_MAX_US ? wait : WAIT_MAX_US) + 999) / 1000);
}

/* Neither a transaction each, nor a slow provider's answers held for long. */
static bool
is_time_to_settle(const struct reconcile *r)
{
	return r->done >= WRITE_BATCH || r->done > r->nitems / 2 ||
	       (r->done > 0 &&
		   (r->on_wire == 0 || rc_clock_mono_us() >= r->settle_us));
}

static void
run(struct reconcile *r)
{
	struct rc_error e;

	while (anything_left(r)) {
		look_for_signals(r);
		if (*r->cfg->stop > 1) {
			leave(r);
			return;
		}
		fill(r);
		rc_reconcile_ask(r, rc_clock_mono_us());
		if (is_time_to_settle(r)) {
			settle(r);
		} else if (rc_http_poll(r->http, wait_ms(r), -1, &e) != RC_OK) {
			rc_reconcile_stop(r, &e);
			leave(r);
			return;
		}
	}
}

/* --- opening and closing ----------------------------------------------------
 */

static enum rc_err
open_campaign(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct reconcile *r = arg;
	const struct rc_channel *channel = r->cfg->channel;
	struct rc_campaign c;
	enum rc_err err = rc_campaign_get(txn, r->cfg->campaign, &c, e);

	if (err == RC_NOTFOUND)
		return rc_err_set(e, RC_ENOINPUT,
		    "no campaign '%s': rc-stats lists them", r->cfg->campaign);
	if (err != RC_OK)
		return err;
	if (c.channel != channel->number)
		return rc_err_set(e, RC_ECONFIG,
		    "campaign '%s' belongs to another channel than '%s'",
		    c.name, channel->name);
	r->campaign = c.number;
	err = rc_campaign_same_route(
	    txn, c.number, channel, r->state->seal, &r->same_route, e);
	if (err == RC_OK)
		err = rc_campaign_was_amended(txn, c.number, &r->amended, e);
	return err == RC_OK ? rc_reconcile_texts_open(&r->texts, channel, &c, e)
			    : err;
}

static enum rc_err
open_wire(struct reconcile *r, struct rc_error *e)
{
	const struct rc_channel *c = r->cfg->channel;
	struct rc_http_config http = {.cacert = c->cacert};
	double rate = r->cfg->rate > 0 ? r->cfg->rate : c->rate;

	http.concurrency =
	    1 + (c->concurrency < CONCURRENCY_MAX ? c->concurrency
						  : CONCURRENCY_MAX);
	r->limit = http.concurrency - 1;
	/* On the wire, and as many whose answers are to be written. */
	r->nitems = 2 * (size_t)http.concurrency;
	r->items = calloc(r->nitems, sizeof(*r->items));
	if (r->items == NULL) {
		r->nitems = 0;
		return rc_err_nomem(e);
	}
	for (size_t i = 0; i < r->nitems; i++)
		r->items[i].r = r;
	if (rate > 0)
		r->interval_us = (uint64_t)(1e6 / rate);
	rc_provider_request_init(&r->request);
	if (rc_random(r->seed, sizeof(r->seed), e) != RC_OK)
		return e->code;
	return rc_http_open(&r->http, &http, e);
}

static void
close_all(struct reconcile *r)
{
	rc_http_close(r->http);
	rc_provider_request_free(&r->request);
	rc_token_free(&r->token);
	rc_reconcile_texts_close(&r->texts);
	free(r->items);
	free(r);
}

static enum rc_err
verdict(const struct reconcile *r, struct rc_error *e)
{
	uint64_t left = r->counts->outcome[RC_M_UNKNOWN];

	if (r->fate.code != RC_OK) {
		*e = r->fate;
		return e->code;
	}
	if (left == 0)
		return RC_OK;
	if (r->disbelieved)
		return rc_err_set(e, RC_EAGAIN,
		    "%llu %s still unknown, since the provider tells of none "
		    "that it accepted either: has channel '%s' still the "
		    "account, sender and lookup_url it had?",
		    (unsigned long long)left,
		    left == 1 ? "message is" : "messages are",
		    r->cfg->channel->name);
	return rc_err_set(e, RC_EAGAIN,
	    "%llu %s still unknown: ask again later, or send to them again "
	    "with --retry unknown",
	    (unsigned long long)left,
	    left == 1 ? "message is" : "messages are");
}

static enum rc_err
count_unknown(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct reconcile *r = arg;

	return rc_tally_get(
	    txn, r->campaign, RC_TALLY_STATE, RC_M_UNKNOWN, &r->unknown, e);
}

static enum rc_err
ask(struct reconcile *r, struct rc_error *e)
{
	struct rc_store *store = r->state->store;
	enum rc_err err = rc_lookup_check(r->cfg->channel, e);

	if (err == RC_OK)
		err = open_wire(r, e);
	if (err == RC_OK)
		err = rc_store_read(store, rc_reconcile_probes, r, e);
	if (err == RC_OK) {
		run(r);
		err = verdict(r, e);
	}
	return err;
}

enum rc_err
rc_reconcile(struct rc_state *state, const struct rc_reconcile_config *cfg,
    struct rc_reconcile_counts *counts, struct rc_error *e)
{
	struct reconcile *r = calloc(1, sizeof(*r));
	uint64_t recovered;
	enum rc_err err;

	*counts = (struct rc_reconcile_counts){0};
	if (r == NULL)
		return rc_err_nomem(e);
	r->state = state;
	r->cfg = cfg;
	r->counts = counts;
	err = rc_store_read(state->store, open_campaign, r, e);
	if (err == RC_OK)
		err = rc_run_recover(state, r->campaign, &recovered, e);
	if (err == RC_OK)
		err = rc_store_read(state->store, count_unknown, r, e);
	if (err == RC_OK && r->unknown > 0)
		err = ask(r, e);
	close_all(r);
	return err;
}
