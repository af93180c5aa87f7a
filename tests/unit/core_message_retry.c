#include "ledger.h"

static struct rc_claim
retry_one(const struct rc_run *run, struct rc_ident to, uint32_t ordinal,
    enum rc_message_state what)
{
	struct rc_claim claim = {.to = to, .ordinal = ordinal};
	const struct rc_claim_batch batch = {.channel = &channel,
	    .run = run,
	    .retry = {what, (uint32_t)(now_ms / 1000), ordinal},
	    .now_ms = now_ms};
	struct call c = {
	    .batch = &batch, .claim = &claim, .n = 1, .write = true};

	assert_ok(rc_store_write(state->store, call_claim, &c, &err));
	return claim;
}

/* A message of phone(0) at ordinal 5 that was left in a state a minute ago. */
static struct rc_run
left_in(const char *name, enum rc_message_state what)
{
	struct rc_run run = open_run(campaign(name));

	opt_in_phones(2);
	now_ms = NOW;
	claim_one(&run, phone(0), 5);
	settle(run.campaign, 5, what);
	now_ms = NOW + 60000;
	return run;
}

static void
an_unknown_message_is_sent_again_on_request_alone(void **arg)
{
	struct rc_run run = left_in("spring", RC_M_UNKNOWN);
	struct rc_claim claim;

	(void)arg;
	assert_int_equal(claim_one(&run, phone(0), 6).answer, RC_CLAIM_ALREADY);
	assert_int_equal(retry_one(&run, phone(0), 6, RC_M_REJECTED).answer,
	    RC_CLAIM_ALREADY);
	claim = retry_one(&run, phone(0), 7, RC_M_UNKNOWN);
	assert_int_equal(claim.answer, RC_CLAIMED);
	assert_int_equal(claim.before, RC_M_UNKNOWN);
	assert_int_equal(claim.before_ordinal, 5);
	assert_int_equal(state_of(run.campaign, 5), RC_M_NONE);
	assert_int_equal(state_of(run.campaign, 7), RC_M_CLAIMED);
	assert_tallies_true(run.campaign, 10);
	settle(run.campaign, 7, RC_M_ACCEPTED);
	assert_int_equal(retry_one(&run, phone(0), 8, RC_M_UNKNOWN).answer,
	    RC_CLAIM_ALREADY);
	rc_run_abandon(&run);
}

static void
every_other_state_is_left_alone(void **arg)
{
	(void)arg;
	for (enum rc_message_state s = RC_M_ACCEPTED; s <= RC_M_HELD; s++) {
		struct rc_run run = left_in(rc_message_state_name(s), s);

		assert_int_equal(
		    retry_one(&run, phone(0), 7, RC_M_UNKNOWN).answer,
		    s == RC_M_UNKNOWN ? RC_CLAIMED : RC_CLAIM_ALREADY);
		assert_int_equal(
		    retry_one(&run, phone(0), 8, RC_M_REJECTED).answer,
		    s == RC_M_REJECTED ? RC_CLAIMED : RC_CLAIM_ALREADY);
		assert_int_equal(
		    retry_one(&run, phone(1), 9, RC_M_UNKNOWN).answer,
		    RC_CLAIM_NO_MESSAGE);
		assert_tallies_true(run.campaign, 10);
		rc_run_abandon(&run);
	}
}

static void
what_is_sent_again_is_not_sent_a_third_time_at_once(void **arg)
{
	struct rc_run run = left_in("spring", RC_M_UNKNOWN);

	(void)arg;
	retry_one(&run, phone(0), 7, RC_M_UNKNOWN);
	settle(run.campaign, 7, RC_M_UNKNOWN);
	assert_int_equal(retry_one(&run, phone(0), 8, RC_M_UNKNOWN).answer,
	    RC_CLAIM_ALREADY);
	now_ms += 1000; /* a run that began in the second it became unknown */
	assert_int_equal(retry_one(&run, phone(0), 8, RC_M_UNKNOWN).answer,
	    RC_CLAIM_ALREADY);
	now_ms += 1000; /* one that began after it */
	assert_int_equal(
	    retry_one(&run, phone(0), 8, RC_M_UNKNOWN).answer, RC_CLAIMED);
	rc_run_abandon(&run);
}

static void
a_clock_set_back_makes_no_run_send_a_third_time(void **arg)
{
	struct rc_run run = left_in("spring", RC_M_UNKNOWN);
	struct rc_claim claim[2] = {
	    {.to = phone(0), .ordinal = 7}, {.to = phone(0), .ordinal = 8}};
	struct rc_claim_batch batch = {.channel = &channel,
	    .run = &run,
	    .retry = {RC_M_UNKNOWN, (uint32_t)(now_ms / 1000), 7}};
	struct call c = {.batch = &batch, .n = 1, .write = true};

	(void)arg;
	now_ms -= 30000;
	for (int i = 0; i < 2; i++) {
		batch.now_ms = now_ms;
		c.claim = &claim[i];
		assert_ok(rc_store_write(state->store, call_claim, &c, &err));
		assert_int_equal(
		    claim[i].answer, i == 0 ? RC_CLAIMED : RC_CLAIM_ALREADY);
		settle(run.campaign, 7, RC_M_UNKNOWN);
		now_ms += 5000;
	}
	rc_run_abandon(&run);
}

static void
another_attempt_of_a_retry_takes_its_own_deferred_message(void **arg)
{
	struct rc_run run = left_in("spring", RC_M_REJECTED);

	(void)arg;
	retry_one(&run, phone(0), 7, RC_M_REJECTED);
	settle(run.campaign, 7, RC_M_DEFERRED);
	assert_int_equal(retry_one(&run, phone(0), 8, RC_M_REJECTED).answer,
	    RC_CLAIM_ALREADY);
	assert_int_equal(
	    retry_one(&run, phone(0), 7, RC_M_REJECTED).answer, RC_CLAIMED);
	rc_run_abandon(&run);
}

/* The first one may have arrived. */
static void
the_holdout_takes_nobody_who_is_sent_again(void **arg)
{
	uint32_t spring = campaign("spring");
	struct rc_run run = open_run(spring);
	struct rc_claim claim = {
	    .to = phone(0), .ordinal = 7, .variant = 2, .hold = true};
	const struct rc_claim_batch retry = {.channel = &channel,
	    .run = &run,
	    .retry = {RC_M_UNKNOWN, (uint32_t)(now_ms / 1000) + 1, 7},
	    .now_ms = now_ms};
	struct call c = {
	    .batch = &retry, .claim = &claim, .n = 1, .write = true};

	(void)arg;
	opt_in_phones(1);
	claim_one(&run, phone(0), 6);
	settle(spring, 6, RC_M_UNKNOWN);
	assert_ok(rc_store_write(state->store, call_claim, &c, &err));
	assert_int_equal(claim.answer, RC_CLAIMED);
	assert_int_equal(get(spring, 7).variant, 2);
	settle(spring, 7, RC_M_DEFERRED);
	assert_int_equal(hold_one(&run, phone(0), 8).answer, RC_CLAIMED);
	assert_tallies_true(spring, 9);
	rc_run_abandon(&run);
}

static void
consent_and_cap_decide_a_retry_too(void **arg)
{
	struct rc_run run = left_in("spring", RC_M_REJECTED);
	struct rc_ident person = phone(0);

	(void)arg;
	channel.cap = 1; /* which its own old message does not fill */
	assert_int_equal(
	    retry_one(&run, phone(0), 7, RC_M_REJECTED).answer, RC_CLAIMED);
	settle(run.campaign, 7, RC_M_REJECTED);
	channel.cap = 0;
	now_ms += 60000;
	consent(RC_J_SUPPRESS, &person, 1);
	assert_int_equal(retry_one(&run, phone(0), 8, RC_M_REJECTED).answer,
	    RC_CLAIM_SUPPRESSED);
	assert_int_equal(state_of(run.campaign, 7), RC_M_REJECTED);
	rc_run_abandon(&run);
}

static enum rc_err
click(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	bool first;

	enum rc_err r = RC_NOTFOUND;

	for (uint32_t i = 5; i <= 7 && r == RC_NOTFOUND; i++)
		r = rc_message_clicked(txn, *(uint32_t *)arg, i, &first, e);
	return r;
}

static void
a_clicked_message_has_arrived_and_is_not_sent_again(void **arg)
{
	struct rc_run run = left_in("spring", RC_M_UNKNOWN);
	struct rc_claim claim;

	(void)arg;
	assert_ok(rc_store_write(state->store, click, &run.campaign, &err));
	claim = retry_one(&run, phone(0), 7, RC_M_UNKNOWN);
	assert_int_equal(claim.answer, RC_CLAIM_ALREADY);
	assert_true(claim.clicked);
	rc_run_abandon(&run);
}

/* Whatever the provider said: it may have said so of a late list. */
static void
a_clicked_message_is_not_deferred(void **arg)
{
	struct rc_run run = left_in("spring", RC_M_DEFERRED);
	const struct rc_claim_batch batch = {
	    .channel = &channel, .run = &run, .now_ms = now_ms};
	struct rc_claim claim = {.to = phone(0), .ordinal = 7, .variant = 1};
	struct call c = {
	    .batch = &batch, .claim = &claim, .n = 1, .write = true};

	(void)arg;
	assert_ok(rc_store_write(state->store, call_claim, &c, &err));
	settle(run.campaign, 7, RC_M_DEFERRED);
	assert_ok(rc_store_write(state->store, click, &run.campaign, &err));
	assert_int_equal(claim_one(&run, phone(0), 8).answer, RC_CLAIM_ALREADY);
	assert_int_equal(state_of(run.campaign, 7), RC_M_UNKNOWN);
	assert_tallies_true(run.campaign, 9);
	rc_run_abandon(&run);
}

/* --- receipts for the first one ------------------------------------------ */

static void
a_good_late_receipt_for_the_first_counts_for_the_second(void **arg)
{
	struct rc_run run = left_in("spring", RC_M_UNKNOWN);

	(void)arg;
	retry_one(&run, phone(0), 7, RC_M_UNKNOWN);
	settle(run.campaign, 7, RC_M_DEFERRED);
	/* Or a later run would send it twice. */
	assert_true(receipt(run.campaign, 5, RC_M_DELIVERED));
	assert_int_equal(state_of(run.campaign, 7), RC_M_DELIVERED);
	assert_int_equal(claim_one(&run, phone(0), 8).answer, RC_CLAIM_ALREADY);
	assert_false(receipt(run.campaign, 5, RC_M_SENT));
	assert_tallies_true(run.campaign, 10);
	rc_run_abandon(&run);
}

static void
a_bad_late_receipt_for_the_first_says_nothing_of_the_second(void **arg)
{
	struct rc_run run = left_in("spring", RC_M_UNKNOWN);

	(void)arg;
	retry_one(&run, phone(0), 7, RC_M_UNKNOWN);
	settle(run.campaign, 7, RC_M_ACCEPTED);
	assert_false(receipt(run.campaign, 5, RC_M_UNDELIVERED));
	assert_false(receipt(run.campaign, 5, RC_M_FAILED));
	assert_int_equal(state_of(run.campaign, 7), RC_M_ACCEPTED);
	assert_true(receipt(run.campaign, 7, RC_M_FAILED));
	rc_run_abandon(&run);
}

static enum rc_err
follow(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct call *c = arg;

	return rc_message_now(txn, c->campaign, &c->ordinal, e);
}

static uint32_t
now_at(uint32_t number, uint32_t ordinal)
{
	struct call c = {.campaign = number, .ordinal = ordinal};

	assert_ok(rc_store_read(state->store, follow, &c, &err));
	return c.ordinal;
}

static void
every_old_ordinal_leads_to_the_newest(void **arg)
{
	struct rc_run run = left_in("spring", RC_M_UNKNOWN);

	(void)arg;
	retry_one(&run, phone(0), 7, RC_M_UNKNOWN);
	settle(run.campaign, 7, RC_M_DEFERRED);
	claim_one(&run, phone(0), 8); /* an ordinary run takes it up */
	settle(run.campaign, 8, RC_M_UNKNOWN);
	now_ms += 60000;
	retry_one(&run, phone(0), 9, RC_M_UNKNOWN);
	for (uint32_t i = 5; i < 10; i++)
		assert_int_equal(now_at(run.campaign, i), i == 6 ? 6 : 9);
	assert_true(receipt(run.campaign, 7, RC_M_SENT));
	assert_int_equal(state_of(run.campaign, 9), RC_M_SENT);
	rc_run_abandon(&run);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CHANNEL_TEST(an_unknown_message_is_sent_again_on_request_alone),
	    CHANNEL_TEST(every_other_state_is_left_alone),
	    CHANNEL_TEST(what_is_sent_again_is_not_sent_a_third_time_at_once),
	    CHANNEL_TEST(
		another_attempt_of_a_retry_takes_its_own_deferred_message),
	    CHANNEL_TEST(the_holdout_takes_nobody_who_is_sent_again),
	    CHANNEL_TEST(consent_and_cap_decide_a_retry_too),
	    CHANNEL_TEST(a_clicked_message_has_arrived_and_is_not_sent_again),
	    CHANNEL_TEST(a_clicked_message_is_not_deferred),
	    CHANNEL_TEST(
		a_good_late_receipt_for_the_first_counts_for_the_second),
	    CHANNEL_TEST(a_clock_set_back_makes_no_run_send_a_third_time),
	    CHANNEL_TEST(
		a_bad_late_receipt_for_the_first_says_nothing_of_the_second),
	    CHANNEL_TEST(every_old_ordinal_leads_to_the_newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
