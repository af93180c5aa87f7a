#include "ledger.h"

struct scanning {
	uint32_t campaign;
	uint64_t from;
	struct rc_scan scan;
};

static enum rc_err
scan(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct scanning *s = arg;

	return rc_message_scan(
	    txn, s->campaign, RC_M_UNKNOWN, s->from, &s->scan, e);
}

static void
every_unknown_message_is_found_once_in_order(void **arg)
{
	static const uint32_t at[] = {0, 99, 100, 101, 4242, 77777};
	struct scanning *s = calloc(1, sizeof(*s));
	struct rc_run run = open_run(campaign("spring"));
	struct rc_run other = open_run(campaign("summer"));

	(void)arg;
	assert_non_null(s);
	opt_in_phones(20);
	for (unsigned i = 0; i < 6; i++) {
		claim_one(&run, phone(i), at[i]);
		settle(run.campaign, at[i], RC_M_UNKNOWN);
		claim_one(&run, phone(i + 6), at[i] + 3);
		settle(run.campaign, at[i] + 3, RC_M_ACCEPTED);
	}
	claim_one(&other, phone(0), 5);
	settle(other.campaign, 5, RC_M_UNKNOWN);
	s->campaign = run.campaign;
	assert_int_equal(rc_store_read(state->store, scan, s, &err), RC_END);
	assert_int_equal(s->scan.n, 6);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(s->scan.message[i].ordinal, at[i]);
	s->from = 101;
	assert_int_equal(rc_store_read(state->store, scan, s, &err), RC_END);
	assert_int_equal(s->scan.n, 3);
	s->campaign = 99;
	assert_int_equal(rc_store_read(state->store, scan, s, &err), RC_END);
	assert_int_equal(s->scan.n, 0);
	rc_run_abandon(&run);
	rc_run_abandon(&other);
	free(s);
}

static void
more_than_fit_are_found_in_parts(void **arg)
{
	enum {
		MANY = 2 * RC_SCAN_MAX + 7
	};
	struct scanning *s = calloc(1, sizeof(*s));
	struct rc_run run = open_run(campaign("spring"));
	struct rc_claim *claim = calloc(MANY, sizeof(*claim));
	uint32_t next = 3;
	enum rc_err r;

	(void)arg;
	assert_non_null(s);
	assert_non_null(claim);
	opt_in_phones(MANY);
	for (uint32_t i = 0; i < MANY; i++)
		claim[i] = (struct rc_claim){.to = phone(i), .ordinal = i + 3};
	assert_ok(try_claims(&run, claim, MANY));
	for (uint32_t i = 0; i < MANY; i++)
		settle(run.campaign, i + 3, RC_M_UNKNOWN);
	s->campaign = run.campaign;
	do {
		r = rc_store_read(state->store, scan, s, &err);
		for (size_t i = 0; i < s->scan.n; i++)
			assert_int_equal(s->scan.message[i].ordinal, next++);
		s->from = s->scan.next;
	} while (r == RC_OK);
	assert_int_equal(r, RC_END);
	assert_int_equal(next, MANY + 3);
	rc_run_abandon(&run);
	free(claim);
	free(s);
}

/* --- answers ---------------------------------------------------------------
 */

static enum rc_err
call_answer(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct call *c = arg;

	return rc_message_answer(
	    txn, c->campaign, c->settlement, now_ms, &c->state, e);
}

static enum rc_message_state
answered(uint32_t number, uint32_t ordinal, enum rc_message_state says)
{
	const struct rc_settlement s = {.ordinal = ordinal,
	    .state = says,
	    .segments = 3,
	    .provider_id = says == RC_M_DEFERRED ? NULL : "SM-x"};
	struct call c = {.campaign = number, .settlement = &s};
	enum rc_err r = rc_store_write(state->store, call_answer, &c, &err);

	return r == RC_OK ? c.state : RC_M_NONE;
}

static void
an_unknown_message_becomes_what_the_provider_says(void **arg)
{
	static const enum rc_message_state says[] = {RC_M_ACCEPTED, RC_M_SENT,
	    RC_M_DELIVERED, RC_M_UNDELIVERED, RC_M_FAILED, RC_M_DEFERRED};
	struct rc_run run = open_run(campaign("spring"));

	(void)arg;
	opt_in_phones(10);
	for (unsigned i = 0; i < 6; i++) {
		claim_one(&run, phone(i), i);
		settle(run.campaign, i, RC_M_UNKNOWN);
		assert_int_equal(answered(run.campaign, i, says[i]), says[i]);
		assert_string_equal(get(run.campaign, i).provider_id,
		    says[i] == RC_M_DEFERRED ? "" : "SM-x");
		assert_int_equal(get(run.campaign, i).segments,
		    says[i] == RC_M_DEFERRED ? 0 : 3);
	}
	assert_tallies_true(run.campaign, 10);
	rc_run_abandon(&run);
}

static void
what_has_moved_on_keeps_its_state(void **arg)
{
	struct rc_run run = open_run(campaign("spring"));

	(void)arg;
	opt_in_phones(3);
	claim_one(&run, phone(0), 0);
	settle(run.campaign, 0, RC_M_UNKNOWN);
	receipt(run.campaign, 0, RC_M_DELIVERED);
	assert_int_equal(
	    answered(run.campaign, 0, RC_M_DEFERRED), RC_M_DELIVERED);
	assert_int_equal(answered(run.campaign, 0, RC_M_SENT), RC_M_DELIVERED);
	claim_one(&run, phone(1), 1);
	assert_int_equal(
	    answered(run.campaign, 1, RC_M_DEFERRED), RC_M_CLAIMED);
	settle(run.campaign, 1, RC_M_REJECTED);
	assert_int_equal(
	    answered(run.campaign, 1, RC_M_DEFERRED), RC_M_REJECTED);
	assert_int_equal(answered(run.campaign, 7, RC_M_DEFERRED), RC_M_NONE);
	assert_tallies_true(run.campaign, 10);
	rc_run_abandon(&run);
}

struct owning {
	struct rc_ident to;
	uint32_t campaign;
	const char *id;
	uint64_t given_ms;
	bool is;
};

static enum rc_err
whose(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct owning *o = arg;

	return rc_message_is_others(txn, channel.number, o->campaign, &o->to,
	    o->id, o->given_ms, &o->is, e);
}

static bool
is_others_of(
    uint32_t but, struct rc_ident to, const char *id, uint64_t given_ms)
{
	struct owning o = {
	    .to = to, .campaign = but, .id = id, .given_ms = given_ms};

	assert_ok(rc_store_read(state->store, whose, &o, &err));
	return o.is;
}

static bool
is_others(uint32_t but, struct rc_ident to, const char *id)
{
	return is_others_of(but, to, id, 0);
}

static void
a_provider_id_belongs_to_one_message(void **arg)
{
	struct rc_run spring = open_run(campaign("spring"));
	struct rc_run summer = open_run(campaign("summer"));

	(void)arg;
	opt_in_phones(2);
	claim_one(&summer, phone(0), 0);
	settle(summer.campaign, 0, RC_M_UNKNOWN);
	answered(summer.campaign, 0, RC_M_SENT);
	assert_true(is_others(spring.campaign, phone(0), "SM-x"));
	assert_false(is_others(spring.campaign, phone(0), "SM-y"));
	assert_false(is_others(spring.campaign, phone(1), "SM-x"));
	assert_false(is_others(summer.campaign, phone(0), "SM-x"));
	/* Late by the provider's clock, and long after the last run. */
	assert_true(is_others_of(spring.campaign, phone(0), "SM-x", NOW + DAY));
	assert_false(
	    is_others_of(spring.campaign, phone(0), "SM-x", NOW + 2 * DAY));
	rc_run_abandon(&spring);
	rc_run_abandon(&summer);
}

static enum rc_err
call_clicked(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct call *c = arg;

	return rc_message_clicked(txn, c->campaign, 0, &c->changed, e);
}

static void
what_was_clicked_is_not_deferred(void **arg)
{
	struct rc_run run = open_run(campaign("spring"));
	struct call c = {.campaign = run.campaign};

	(void)arg;
	opt_in_phones(1);
	claim_one(&run, phone(0), 0);
	settle(run.campaign, 0, RC_M_UNKNOWN);
	assert_ok(rc_store_write(state->store, call_clicked, &c, &err));
	assert_int_equal(
	    answered(run.campaign, 0, RC_M_DEFERRED), RC_M_UNKNOWN);
	assert_int_equal(
	    answered(run.campaign, 0, RC_M_DELIVERED), RC_M_DELIVERED);
	assert_tallies_true(run.campaign, 10);
	rc_run_abandon(&run);
}

static enum rc_err
follow(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct call *c = arg;

	return rc_message_now(txn, c->campaign, &c->ordinal, e);
}

static void
what_was_denied_leads_to_what_is_sent_for_it(void **arg)
{
	struct rc_run run = open_run(campaign("spring"));
	struct call c = {.campaign = run.campaign, .ordinal = 0};

	(void)arg;
	opt_in_phones(1);
	claim_one(&run, phone(0), 0);
	settle(run.campaign, 0, RC_M_UNKNOWN);
	assert_int_equal(
	    answered(run.campaign, 0, RC_M_DEFERRED), RC_M_DEFERRED);
	assert_int_equal(claim_one(&run, phone(0), 1).answer, RC_CLAIMED);
	settle(run.campaign, 1, RC_M_DEFERRED);
	assert_int_equal(claim_one(&run, phone(0), 2).answer, RC_CLAIMED);
	assert_ok(rc_store_read(state->store, follow, &c, &err));
	assert_int_equal(c.ordinal, 2);
	settle(run.campaign, 2, RC_M_UNKNOWN);
	assert_true(receipt(run.campaign, 0, RC_M_DELIVERED));
	assert_int_equal(state_of(run.campaign, 2), RC_M_DELIVERED);
	assert_tallies_true(run.campaign, 10);
	rc_run_abandon(&run);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CHANNEL_TEST(every_unknown_message_is_found_once_in_order),
	    CHANNEL_TEST(more_than_fit_are_found_in_parts),
	    CHANNEL_TEST(an_unknown_message_becomes_what_the_provider_says),
	    CHANNEL_TEST(what_has_moved_on_keeps_its_state),
	    CHANNEL_TEST(a_provider_id_belongs_to_one_message),
	    CHANNEL_TEST(what_was_clicked_is_not_deferred),
	    CHANNEL_TEST(what_was_denied_leads_to_what_is_sent_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
