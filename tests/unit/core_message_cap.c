/* How many messages a person may get within a time, whoever sends them. */
#include "ledger.h"

/* Sends phone(0) a message of a campaign; tells the claim's answer. */
static enum rc_claim_answer
send_one(const char *name, enum rc_message_state then)
{
	uint32_t number = campaign(name);
	struct rc_run run = open_run(number);
	struct rc_claim claim = then == RC_M_HELD
				    ? hold_one(&run, phone(0), 0)
				    : claim_one(&run, phone(0), 0);

	if (claim.answer == RC_CLAIMED && then != RC_M_CLAIMED)
		settle(number, 0, then);
	rc_run_abandon(&run);
	return claim.answer;
}

static void
the_cap_counts_across_campaigns_within_the_window(void **arg)
{
	const struct rc_run dry = {.lock_fd = -1};

	(void)arg;
	opt_in_phones(1);
	channel.cap = 2;
	assert_int_equal(send_one("a", RC_M_ACCEPTED), RC_CLAIMED);
	assert_int_equal(send_one("b", RC_M_REJECTED), RC_CLAIMED);
	assert_int_equal(send_one("c", RC_M_DEFERRED), RC_CLAIMED);
	assert_int_equal(send_one("d", RC_M_HELD), RC_CLAIM_HELD);
	now_ms = NOW + DAY / 2;
	assert_int_equal(send_one("e", RC_M_UNKNOWN), RC_CLAIMED);
	assert_int_equal(send_one("f", RC_M_ACCEPTED), RC_CLAIM_CAPPED);
	assert_int_equal(would_claim(&dry, phone(0)).answer, RC_CLAIM_CAPPED);
	/* A claim that is deferred asks again. */
	assert_int_equal(send_one("c", RC_M_ACCEPTED), RC_CLAIM_CAPPED);
	now_ms = NOW + DAY - 1000;
	assert_int_equal(send_one("f", RC_M_ACCEPTED), RC_CLAIM_CAPPED);
	now_ms = NOW + DAY + 1000;
	assert_int_equal(send_one("f", RC_M_CLAIMED), RC_CLAIMED);
	assert_int_equal(send_one("g", RC_M_ACCEPTED), RC_CLAIM_CAPPED);
	channel.number = 2; /* has a cap of its own */
	opt_in_phones(1);
	assert_int_equal(send_one("h", RC_M_ACCEPTED), RC_CLAIMED);
	channel.number = 1;
	channel.cap = 0;
	assert_int_equal(send_one("g", RC_M_ACCEPTED), RC_CLAIMED);
	now_ms = NOW;
}

static void
the_cap_sees_a_run_that_lasts_longer_than_its_window(void **arg)
{
	uint32_t slow = campaign("slow");
	struct rc_run run = open_run(slow);

	(void)arg;
	opt_in_phones(1);
	channel.cap = 1;
	now_ms = NOW + 3 * DAY;
	assert_int_equal(claim_one(&run, phone(0), 0).answer, RC_CLAIMED);
	settle(slow, 0, RC_M_ACCEPTED);
	now_ms += 1000;
	assert_int_equal(send_one("fast", RC_M_ACCEPTED), RC_CLAIM_CAPPED);
	channel.cap = 0;
	now_ms = NOW;
	rc_run_abandon(&run);
}

/* --- what is kept between transactions ------------------------------------ */

static struct rc_cap_window kept;

/* "mine" under a cap of 1, which has looked at the campaigns there are. */
static struct rc_run
begin_keeping(void)
{
	struct rc_run run = open_run(campaign("mine"));

	opt_in_phones(3);
	channel.cap = 1;
	cap_window = &kept;
	assert_int_equal(claim_one(&run, phone(2), 2).answer, RC_CLAIMED);
	assert_true(kept.known);
	return run;
}

static void
end_keeping(struct rc_run *run)
{
	rc_run_abandon(run);
	rc_cap_window_free(&kept);
	cap_window = NULL;
	channel.cap = 0;
	now_ms = NOW;
}

/* As another process does, which knows nothing of what this one keeps. */
static enum rc_claim_answer
send_elsewhere(const char *name)
{
	enum rc_claim_answer answer;

	cap_window = NULL;
	answer = send_one(name, RC_M_ACCEPTED);
	cap_window = &kept;
	return answer;
}

static enum rc_err
damage_campaigns(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	(void)arg;
	return rc_put(
	    txn, RC_T_CAMPAIGN, RC_SLICE_LIT("damaged"), RC_SLICE_LIT("?"), e);
}

static void
campaigns_are_read_again_only_after_one_ran(void **arg)
{
	struct rc_run run = begin_keeping();
	struct rc_claim claim = {.to = phone(1), .ordinal = 1};

	(void)arg;
	assert_ok(rc_store_write(state->store, damage_campaigns, NULL, &err));
	assert_ok(try_claims(&run, &claim, 1));
	assert_int_equal(claim.answer, RC_CLAIMED);
	campaign("other");
	claim = (struct rc_claim){.to = phone(0)};
	assert_int_equal(try_claims(&run, &claim, 1), RC_ECONFIG);
	assert_false(kept.known);
	end_keeping(&run);
}

static void
a_campaign_that_begins_elsewhere_counts_at_once(void **arg)
{
	struct rc_run run = begin_keeping();

	(void)arg;
	assert_int_equal(send_elsewhere("other"), RC_CLAIMED);
	assert_int_equal(claim_one(&run, phone(0), 0).answer, RC_CLAIM_CAPPED);
	assert_int_equal(would_claim(&run, phone(0)).answer, RC_CLAIM_CAPPED);
	end_keeping(&run);
}

static void
a_run_that_goes_on_elsewhere_counts_at_once(void **arg)
{
	struct rc_run slow = open_run(campaign("slow")), run;

	(void)arg;
	now_ms = NOW + 3 * DAY;
	run = begin_keeping();
	cap_window = NULL;
	assert_int_equal(claim_one(&slow, phone(0), 0).answer, RC_CLAIMED);
	cap_window = &kept;
	assert_int_equal(claim_one(&run, phone(0), 0).answer, RC_CLAIM_CAPPED);
	rc_run_abandon(&slow);
	end_keeping(&run);
}

static void
what_leaves_the_window_does_not_count(void **arg)
{
	struct rc_run run = begin_keeping();

	(void)arg;
	assert_int_equal(send_elsewhere("other"), RC_CLAIMED);
	assert_int_equal(claim_one(&run, phone(0), 0).answer, RC_CLAIM_CAPPED);
	now_ms = NOW + DAY + 1000;
	assert_int_equal(claim_one(&run, phone(0), 0).answer, RC_CLAIMED);
	end_keeping(&run);
}

static void
a_clock_set_back_finds_what_had_left_the_window(void **arg)
{
	struct rc_run run;

	(void)arg;
	opt_in_phones(1);
	assert_int_equal(send_one("old", RC_M_ACCEPTED), RC_CLAIMED);
	now_ms = NOW + 3 * DAY;
	run = begin_keeping();
	/* The first claim moved the last run, so look once more. */
	assert_int_equal(claim_one(&run, phone(1), 1).answer, RC_CLAIMED);
	now_ms = NOW + DAY / 2;
	assert_int_equal(claim_one(&run, phone(0), 0).answer, RC_CLAIM_CAPPED);
	end_keeping(&run);
}

static enum rc_err
claim_and_fail(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct call again = {.name = "mine"};

	if (call_campaign(txn, &again, e) == RC_OK &&
	    call_claim(txn, arg, e) == RC_OK)
		return rc_err_set(e, RC_EIO, "as if the disk were full");
	return RC_EINTERNAL;
}

static void
a_transaction_that_failed_leaves_nothing_to_rely_on(void **arg)
{
	struct rc_run run = begin_keeping();
	struct rc_claim claim = {.to = phone(1), .ordinal = 1};
	const struct rc_claim_batch batch = {.channel = &channel,
	    .run = &run,
	    .window = &kept,
	    .now_ms = now_ms};
	struct call c = {
	    .batch = &batch, .claim = &claim, .n = 1, .write = true};

	(void)arg;
	assert_int_equal(
	    rc_store_write(state->store, claim_and_fail, &c, &err), RC_EIO);
	assert_int_equal(send_elsewhere("other"), RC_CLAIMED);
	assert_int_equal(claim_one(&run, phone(0), 0).answer, RC_CLAIM_CAPPED);
	end_keeping(&run);
}

static enum rc_err
forget_stamp(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	(void)arg;
	return rc_del(txn, RC_T_META, RC_SLICE_LIT("campaign_stamp"), e);
}

static void
a_state_without_a_stamp_is_read_each_time(void **arg)
{
	struct rc_run run = begin_keeping();

	(void)arg;
	assert_int_equal(send_elsewhere("other"), RC_CLAIMED);
	assert_ok(rc_store_write(state->store, forget_stamp, NULL, &err));
	assert_int_equal(claim_one(&run, phone(0), 0).answer, RC_CLAIM_CAPPED);
	assert_false(kept.known);
	end_keeping(&run);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CHANNEL_TEST(the_cap_counts_across_campaigns_within_the_window),
	    CHANNEL_TEST(the_cap_sees_a_run_that_lasts_longer_than_its_window),
	    CHANNEL_TEST(campaigns_are_read_again_only_after_one_ran),
	    CHANNEL_TEST(a_campaign_that_begins_elsewhere_counts_at_once),
	    CHANNEL_TEST(a_run_that_goes_on_elsewhere_counts_at_once),
	    CHANNEL_TEST(what_leaves_the_window_does_not_count),
	    CHANNEL_TEST(a_clock_set_back_finds_what_had_left_the_window),
	    CHANNEL_TEST(a_transaction_that_failed_leaves_nothing_to_rely_on),
	    CHANNEL_TEST(a_state_without_a_stamp_is_read_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
