/* A channel, campaigns, people who opted in, and one ledger call at a time. */
#ifndef RC_TEST_LEDGER_H
#define RC_TEST_LEDGER_H

#include "scratch_state.h"

#include "base/num.h"
#include "core/message.h"

#define NOW 1767225600000ULL /* 2026-01-01 */
#define DAY (24ULL * 3600 * 1000)

static struct rc_channel channel = {
    .number = 1, .identifier = RC_IDENT_PHONE, .cap = 0, .cap_window_ms = DAY};
static uint64_t now_ms = NOW;
static struct rc_quiet *quiet_hours;
static struct rc_cap_window *cap_window;

static inline struct rc_ident
ident(enum rc_ident_type type, const char *text)
{
	struct rc_ident id;

	assert_ok(rc_ident_parse(type, rc_slice_str(text), &id, &err));
	return id;
}

static inline struct rc_ident
phone(unsigned n)
{
	char text[16];

	snprintf(text, sizeof(text), "1555%07u", n);
	return ident(RC_IDENT_PHONE, text);
}

static inline void
consent(enum rc_journal_kind kind, const struct rc_ident *people, size_t n)
{
	const struct rc_consent_change change = {.kind = kind,
	    .channel = channel.number,
	    .type = channel.identifier,
	    .received_ms = now_ms,
	    .source = RC_SLICE_LIT("test"),
	    .evidence = RC_SLICE_LIT("")};
	struct rc_consent_counts counts;

	for (size_t i = 0; i < n; i += RC_CONSENT_BATCH)
		assert_ok(rc_consent_change(state->store, &change, people + i,
		    n - i < RC_CONSENT_BATCH ? n - i : RC_CONSENT_BATCH,
		    &counts, &err));
}

/* Opts in phone(0) to phone(n - 1). */
static inline void
opt_in_phones(unsigned n)
{
	struct rc_ident *people = calloc(n, sizeof(*people));

	assert_non_null(people);
	for (unsigned i = 0; i < n; i++)
		people[i] = phone(i);
	for (unsigned i = 0; i < n; i += RC_CONSENT_BATCH)
		consent(RC_J_IN, people + i,
		    n - i < RC_CONSENT_BATCH ? n - i : RC_CONSENT_BATCH);
	free(people);
}

/* --- calls in a transaction of their own --------------------------------- */

struct call {
	const char *name;
	uint32_t campaign, ordinal;
	const struct rc_claim_batch *batch;
	struct rc_claim *claim;
	const struct rc_settlement *settlement;
	size_t n;
	bool write, changed;
	enum rc_message_state state;
	uint32_t error_code;
	const char *provider_id;
	struct rc_message *message;
};

static inline enum rc_err
call_campaign(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct call *c = arg;
	const struct rc_content content = {.template_text = RC_SLICE_LIT("Hi"),
	    .message_text = RC_SLICE_LIT("")};
	struct rc_campaign campaign;
	enum rc_err r = rc_campaign_open(txn, c->name, channel.number, &content,
	    false, now_ms, &campaign, e);

	if (r == RC_OK)
		c->campaign = campaign.number;
	return r;
}

static inline uint32_t
campaign(const char *name)
{
	struct call c = {.name = name};

	assert_ok(rc_store_write(state->store, call_campaign, &c, &err));
	return c.campaign;
}

static inline struct rc_run
open_run(uint32_t number)
{
	struct rc_run run;

	assert_ok(rc_run_open(state, number, &run, &err));
	return run;
}

static inline enum rc_err
call_claim(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct call *c = arg;

	return c->write
		   ? rc_message_claim(txn, c->batch, c->claim, c->n, e)
		   : rc_message_would_claim(txn, c->batch, c->claim, c->n, e);
}

static inline enum rc_err
try_claims(const struct rc_run *run, struct rc_claim *claim, size_t n)
{
	const struct rc_claim_batch batch = {.channel = &channel,
	    .run = run,
	    .quiet = quiet_hours,
	    .window = cap_window,
	    .now_ms = now_ms};
	struct call c = {
	    .batch = &batch, .claim = claim, .n = n, .write = true};

	return rc_store_write(state->store, call_claim, &c, &err);
}

static inline struct rc_claim
claim_one(const struct rc_run *run, struct rc_ident to, uint32_t ordinal)
{
	struct rc_claim claim = {.to = to, .ordinal = ordinal};

	assert_ok(try_claims(run, &claim, 1));
	return claim;
}

/* Of the holdout. */
static inline struct rc_claim
hold_one(const struct rc_run *run, struct rc_ident to, uint32_t ordinal)
{
	struct rc_claim claim = {.to = to, .ordinal = ordinal, .hold = true};

	assert_ok(try_claims(run, &claim, 1));
	return claim;
}

static inline struct rc_claim
would_claim(const struct rc_run *run, struct rc_ident to)
{
	struct rc_claim claim = {.to = to};
	const struct rc_claim_batch batch = {.channel = &channel,
	    .run = run,
	    .quiet = quiet_hours,
	    .window = cap_window,
	    .now_ms = now_ms};
	struct call c = {.batch = &batch, .claim = &claim, .n = 1};

	assert_ok(rc_store_read(state->store, call_claim, &c, &err));
	return claim;
}

static inline enum rc_err
call_settle(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct call *c = arg;

	return rc_message_settle(
	    txn, c->campaign, c->settlement, c->n, now_ms, e);
}

static inline enum rc_err
try_settle(uint32_t number, const struct rc_settlement *s, size_t n)
{
	struct call c = {.campaign = number, .settlement = s, .n = n};

	return rc_store_write(state->store, call_settle, &c, &err);
}

static inline void
settle(uint32_t number, uint32_t ordinal, enum rc_message_state to)
{
	const struct rc_settlement s = {.ordinal = ordinal,
	    .state = to,
	    .error_code = to == RC_M_REJECTED ? 21211 : 0,
	    .segments = to == RC_M_ACCEPTED ? 2 : 0};

	assert_ok(try_settle(number, &s, 1));
}

static inline enum rc_err
call_receipt(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct call *c = arg;

	return rc_message_receipt(txn, c->campaign, c->ordinal, c->state,
	    c->error_code, c->provider_id, now_ms, &c->changed, e);
}

static inline bool
receipt(uint32_t number, uint32_t ordinal, enum rc_message_state to)
{
	struct call c = {.campaign = number, .ordinal = ordinal, .state = to};

	assert_ok(rc_store_write(state->store, call_receipt, &c, &err));
	return c.changed;
}

static inline enum rc_err
call_get(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct call *c = arg;

	return rc_message_get(txn, c->campaign, c->ordinal, c->message, e);
}

static inline enum rc_err
try_get(uint32_t number, uint32_t ordinal, struct rc_message *m)
{
	struct call c = {.campaign = number, .ordinal = ordinal, .message = m};

	return rc_store_read(state->store, call_get, &c, &err);
}

static inline struct rc_message
get(uint32_t number, uint32_t ordinal)
{
	struct rc_message m;

	assert_ok(try_get(number, ordinal, &m));
	return m;
}

static inline enum rc_message_state
state_of(uint32_t number, uint32_t ordinal)
{
	struct rc_message m;

	return try_get(number, ordinal, &m) == RC_NOTFOUND ? RC_M_NONE
							   : m.state;
}

#define VARIANTS 4 /* numbers that tests use; 0: none */

struct tallies {
	uint32_t campaign;
	uint64_t state[RC_M_STATES], segments;
	uint64_t of_variant[VARIANTS][RC_M_STATES], segments_of[VARIANTS],
	    clickers_of[VARIANTS];
};

static inline enum rc_err
variant_tally(struct rc_txn *txn, uint32_t number, uint8_t variant,
    unsigned what, uint64_t *n, struct rc_error *e)
{
	return rc_tally_get(txn, number, RC_TALLY_VARIANT,
	    rc_variant_member(variant, what), n, e);
}

static inline void
get_variant_tallies(struct rc_txn *txn, struct tallies *t, struct rc_error *e)
{
	for (uint8_t v = 0; v < VARIANTS; v++) {
		for (uint32_t s = 0; s < RC_M_STATES; s++)
			assert_ok(variant_tally(
			    txn, t->campaign, v, s, &t->of_variant[v][s], e));
		assert_ok(variant_tally(txn, t->campaign, v,
		    RC_VARIANT_SEGMENTS, &t->segments_of[v], e));
		assert_ok(variant_tally(txn, t->campaign, v,
		    RC_VARIANT_CLICKERS, &t->clickers_of[v], e));
	}
}

static inline enum rc_err
call_tallies(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct tallies *t = arg;

	for (uint32_t s = 0; s < RC_M_STATES; s++)
		assert_int_equal(rc_tally_get(txn, t->campaign, RC_TALLY_STATE,
				     s, &t->state[s], e),
		    RC_OK);
	get_variant_tallies(txn, t, e);
	return rc_tally_get(
	    txn, t->campaign, RC_TALLY_SEGMENTS, 0, &t->segments, e);
}

static inline struct tallies
tallies(uint32_t number)
{
	struct tallies t = {.campaign = number};

	assert_ok(rc_store_read(state->store, call_tallies, &t, &err));
	return t;
}

/* Compares the tallies with the records themselves. */
static inline void
assert_tallies_true(uint32_t number, uint32_t ordinals)
{
	struct tallies t = tallies(number), counted = {0};

	for (uint32_t i = 0; i < ordinals; i++) {
		struct rc_message m;

		if (try_get(number, i, &m) != RC_OK)
			continue;
		counted.state[m.state]++;
		if (m.state != RC_M_ACCEPTED && m.state < RC_M_SENT)
			m.segments = 0; /* is not counted */
		counted.segments += m.segments;
		if (m.variant == 0) /* is not counted */
			continue;
		assert_true(m.variant < VARIANTS);
		counted.of_variant[m.variant][m.state]++;
		counted.segments_of[m.variant] += m.segments;
		counted.clickers_of[m.variant] += m.clicked;
	}
	counted.campaign = number;
	assert_memory_equal(&t, &counted, sizeof(t));
}

#endif
