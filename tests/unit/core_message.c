#include "ledger.h"

/* --- claims -------------------------------------------------------------- */

static void
only_people_who_opted_in_are_claimed(void **arg)
{
	uint32_t spring = campaign("spring");
	struct rc_run run = open_run(spring);
	struct rc_ident in = phone(1), out = phone(2), stopped = phone(3);

	(void)arg;
	consent(RC_J_IN, (struct rc_ident[]){in, out, stopped}, 3);
	consent(RC_J_OUT, &out, 1);
	consent(RC_J_SUPPRESS, &stopped, 1);
	assert_int_equal(claim_one(&run, in, 0).answer, RC_CLAIMED);
	assert_int_equal(claim_one(&run, out, 1).answer, RC_CLAIM_NOT_IN);
	assert_int_equal(claim_one(&run, phone(4), 1).answer, RC_CLAIM_NOT_IN);
	assert_int_equal(
	    claim_one(&run, stopped, 1).answer, RC_CLAIM_SUPPRESSED);
	assert_int_equal(state_of(spring, 0), RC_M_CLAIMED);
	assert_int_equal(state_of(spring, 1), RC_M_NONE);
	assert_ok(rc_run_close(state, &run, &err));
}

static void
a_claimed_message_says_who_when_and_by_which_run(void **arg)
{
	uint32_t spring = campaign("spring");
	struct rc_run run = open_run(spring);
	struct rc_message m;

	(void)arg;
	opt_in_phones(1);
	claim_one(&run, phone(0), 250);
	m = get(spring, 250);
	assert_int_equal(m.campaign, spring);
	assert_int_equal(m.ordinal, 250);
	assert_int_equal(m.state, RC_M_CLAIMED);
	assert_int_equal(m.detail, run.number);
	assert_int_equal(m.claimed_s, NOW / 1000);
	assert_int_equal(m.changed_s, NOW / 1000);
	assert_string_equal(m.to.text, "15550000000");
	assert_string_equal(m.provider_id, "");
	assert_false(m.clicked);
	assert_ok(rc_run_close(state, &run, &err));
}

static void
nobody_gets_a_campaign_twice(void **arg)
{
	uint32_t spring = campaign("spring"), autumn = campaign("autumn");
	struct rc_run run = open_run(spring), other = open_run(autumn);
	struct rc_claim claim[3] = {{.to = phone(0), .ordinal = 7},
	    {.to = phone(0), .ordinal = 8}, {.to = phone(1), .ordinal = 9}};

	(void)arg;
	opt_in_phones(2);
	assert_ok(try_claims(&run, claim, 3));
	assert_int_equal(claim[0].answer, RC_CLAIMED);
	assert_int_equal(claim[0].before, RC_M_NONE);
	assert_int_equal(claim[1].answer, RC_CLAIM_ALREADY);
	assert_int_equal(claim[1].before, RC_M_CLAIMED);
	assert_int_equal(claim[1].before_ordinal, 7);
	assert_int_equal(claim[1].ordinal, 8);
	assert_int_equal(claim[2].answer, RC_CLAIMED);
	assert_int_equal(state_of(spring, 8), RC_M_NONE);
	assert_int_equal(claim_one(&other, phone(0), 0).answer, RC_CLAIMED);
	for (enum rc_message_state s = RC_M_ACCEPTED; s <= RC_M_HELD; s++) {
		uint32_t number = campaign(rc_message_state_name(s));
		struct rc_run mine = open_run(number);
		struct rc_claim again;

		if (s == RC_M_HELD)
			hold_one(&mine, phone(0), 0);
		else
			claim_one(&mine, phone(0), 0);
		settle(number, 0, s);
		again = claim_one(&mine, phone(0), 1);
		assert_int_equal(again.before, s);
		assert_int_equal(again.before_ordinal, 0);
		assert_int_equal(again.answer, s == RC_M_DEFERRED ? RC_CLAIMED
					       : s == RC_M_HELD
						   ? RC_CLAIM_HELD
						   : RC_CLAIM_ALREADY);
		assert_ok(rc_run_close(state, &mine, &err));
	}
	rc_run_abandon(&run);
	rc_run_abandon(&other);
}

static void
a_taken_ordinal_is_refused_and_changes_nothing(void **arg)
{
	uint32_t spring = campaign("spring");
	struct rc_run run = open_run(spring);
	struct rc_claim claim = {.to = phone(1), .ordinal = 0};

	(void)arg;
	opt_in_phones(2);
	claim_one(&run, phone(0), 0);
	assert_int_equal(try_claims(&run, &claim, 1), RC_EINTERNAL);
	assert_string_equal(get(spring, 0).to.text, "15550000000");
	assert_int_equal(claim_one(&run, phone(1), 1).answer, RC_CLAIMED);
	assert_tallies_true(spring, 10);
	rc_run_abandon(&run);
}

static enum rc_err
put_url(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	return rc_message_url_put(txn, *(uint32_t *)arg, 3, 1,
	    RC_SLICE_LIT("https://shop.example/ada"), e);
}

static enum rc_err
read_url(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_slice url;
	enum rc_err r =
	    rc_message_url_get(txn, *(uint32_t *)arg, 3, 1, &url, e);

	if (r == RC_OK)
		assert_true(rc_slice_is(url, "https://shop.example/ada"));
	return r;
}

static void
a_deferred_message_moves_to_its_new_claim(void **arg)
{
	uint32_t spring = campaign("spring");
	struct rc_run run = open_run(spring);
	struct rc_claim again;

	(void)arg;
	opt_in_phones(1);
	claim_one(&run, phone(0), 3);
	assert_ok(rc_store_write(state->store, put_url, &spring, &err));
	assert_ok(rc_store_read(state->store, read_url, &spring, &err));
	settle(spring, 3, RC_M_DEFERRED);
	again = claim_one(&run, phone(0), 1200);
	assert_int_equal(again.answer, RC_CLAIMED);
	assert_int_equal(again.before, RC_M_DEFERRED);
	assert_int_equal(again.before_ordinal, 3);
	assert_int_equal(state_of(spring, 3), RC_M_NONE);
	assert_int_equal(state_of(spring, 1200), RC_M_CLAIMED);
	assert_int_equal(
	    rc_store_read(state->store, read_url, &spring, &err), RC_NOTFOUND);
	assert_tallies_true(spring, 1300);
	/* Under its own ordinal it stays where it is. */
	settle(spring, 1200, RC_M_DEFERRED);
	now_ms += 5000;
	assert_int_equal(claim_one(&run, phone(0), 1200).answer, RC_CLAIMED);
	assert_int_equal(get(spring, 1200).claimed_s, now_ms / 1000);
	assert_tallies_true(spring, 1300);
	now_ms = NOW;
	rc_run_abandon(&run);
}

static void
a_withdrawal_between_two_attempts_stops_the_second(void **arg)
{
	uint32_t spring = campaign("spring");
	struct rc_run run = open_run(spring);
	struct rc_ident ada = phone(0);

	(void)arg;
	opt_in_phones(1);
	claim_one(&run, ada, 0);
	settle(spring, 0, RC_M_DEFERRED);
	consent(RC_J_OUT, &ada, 1);
	assert_int_equal(claim_one(&run, ada, 1).answer, RC_CLAIM_NOT_IN);
	assert_int_equal(state_of(spring, 0), RC_M_DEFERRED);
	rc_run_abandon(&run);
}

static void
quiet_hours_hold_back_and_leave_no_trace(void **arg)
{
	struct rc_run run, dry = {.lock_fd = -1};
	struct rc_ident ada = ident(RC_IDENT_PHONE, "12125550100");
	char hours[] = "19:00-20:00"; /* midnight in London */
	uint32_t spring = dry.campaign = campaign("spring");
	struct rc_claim claim;

	(void)arg;
	run = open_run(spring);
	consent(RC_J_IN, &ada, 1);
	channel.quiet_hours = hours;
	assert_ok(rc_quiet_open(&quiet_hours, &channel, NULL, &err));
	claim = claim_one(&run, ada, 0);
	assert_int_equal(claim.answer, RC_CLAIM_QUIET);
	assert_string_equal(claim.quiet_in, "America/New_York");
	assert_int_equal(would_claim(&dry, ada).answer, RC_CLAIM_QUIET);
	assert_int_equal(state_of(spring, 0), RC_M_NONE);
	/* Who may not be texted at all is not held back. */
	assert_int_equal(claim_one(&run, phone(1), 0).answer, RC_CLAIM_NOT_IN);
	now_ms += 3600 * 1000;
	assert_int_equal(would_claim(&dry, ada).answer, RC_CLAIMED);
	assert_int_equal(claim_one(&run, ada, 0).answer, RC_CLAIMED);
	/* Another attempt at night: the message waits for the next run. */
	settle(spring, 0, RC_M_DEFERRED);
	now_ms += DAY - 1800 * 1000;
	assert_int_equal(claim_one(&run, ada, 0).answer, RC_CLAIM_QUIET);
	assert_int_equal(state_of(spring, 0), RC_M_DEFERRED);
	assert_tallies_true(spring, 10);
	rc_quiet_close(quiet_hours);
	quiet_hours = NULL;
	channel.quiet_hours = NULL;
	now_ms = NOW;
	rc_run_abandon(&run);
}

static void
a_dry_run_answers_the_same_and_changes_nothing(void **arg)
{
	const struct rc_run nobody = {.lock_fd = -1};
	struct rc_run dry = {.lock_fd = -1}, run;
	uint32_t spring;
	struct rc_claim claim;

	(void)arg;
	opt_in_phones(2);
	/* Before there is such a campaign. */
	assert_int_equal(would_claim(&nobody, phone(0)).answer, RC_CLAIMED);
	assert_int_equal(
	    would_claim(&nobody, phone(5)).answer, RC_CLAIM_NOT_IN);
	spring = dry.campaign = campaign("spring");
	run = open_run(spring);
	assert_int_equal(would_claim(&dry, phone(0)).answer, RC_CLAIMED);
	assert_int_equal(state_of(spring, 0), RC_M_NONE);
	claim_one(&run, phone(0), 0);
	assert_int_equal(would_claim(&dry, phone(0)).answer, RC_CLAIM_BUSY);
	rc_run_abandon(&run);
	claim = would_claim(&dry, phone(0));
	assert_int_equal(claim.answer, RC_CLAIM_ALREADY);
	assert_int_equal(claim.before, RC_M_UNKNOWN);
	assert_int_equal(state_of(spring, 0), RC_M_CLAIMED);
}

/* --- settlements and receipts -------------------------------------------- */

static const enum rc_message_state any[] = {RC_M_CLAIMED, RC_M_ACCEPTED,
    RC_M_REJECTED, RC_M_DEFERRED, RC_M_UNKNOWN, RC_M_HELD, RC_M_SENT,
    RC_M_DELIVERED, RC_M_UNDELIVERED, RC_M_FAILED};
#define STATES (sizeof(any) / sizeof(any[0]))

/* A campaign whose message 0 is in a state. */
static uint32_t
message_in(enum rc_message_state s)
{
	static unsigned made;
	char name[32];
	uint32_t number;
	struct rc_run run;

	snprintf(name, sizeof(name), "c%u", made++);
	number = campaign(name);
	run = open_run(number);
	if (s == RC_M_HELD)
		hold_one(&run, phone(0), 0);
	else
		claim_one(&run, phone(0), 0);
	if (s >= RC_M_SENT)
		receipt(number, 0, s);
	else if (s != RC_M_CLAIMED)
		settle(number, 0, s);
	assert_int_equal(state_of(number, 0), s);
	rc_run_abandon(&run);
	return number;
}

static bool
settles(enum rc_message_state from, enum rc_message_state to)
{
	bool answer =
	    to == RC_M_ACCEPTED || to == RC_M_REJECTED || to == RC_M_DEFERRED;

	return (from == RC_M_CLAIMED && (answer || to == RC_M_UNKNOWN)) ||
	       (from == RC_M_UNKNOWN && answer);
}

static void
only_open_messages_are_settled(void **arg)
{
	(void)arg;
	opt_in_phones(1);
	for (size_t i = 0; i < STATES; i++)
		for (size_t k = 0; k < STATES; k++) {
			uint32_t number = message_in(any[i]);

			settle(number, 0, any[k]);
			assert_int_equal(state_of(number, 0),
			    settles(any[i], any[k]) ? any[k] : any[i]);
			assert_tallies_true(number, 1);
		}
}

static int
rank(enum rc_message_state s)
{
	switch (s) {
	case RC_M_ACCEPTED:
		return 1;
	case RC_M_SENT:
		return 2;
	case RC_M_DELIVERED:
	case RC_M_UNDELIVERED:
	case RC_M_FAILED:
		return 3;
	case RC_M_HELD:
		return 9;
	default:
		return 0;
	}
}

static void
receipts_never_regress(void **arg)
{
	(void)arg;
	opt_in_phones(1);
	for (size_t i = 0; i < STATES; i++)
		for (size_t k = 0; k < STATES; k++) {
			bool rises = rank(any[k]) > rank(any[i]);
			uint32_t number;

			if (rank(any[k]) == 0 || any[k] == RC_M_HELD)
				continue;
			number = message_in(any[i]);
			assert_int_equal(receipt(number, 0, any[k]), rises);
			assert_int_equal(
			    state_of(number, 0), rises ? any[k] : any[i]);
			assert_tallies_true(number, 1);
		}
}

static struct rc_claim
claim_with(
    const struct rc_run *run, uint32_t ordinal, uint8_t variant, bool hold)
{
	struct rc_claim claim = {.to = phone(0),
	    .ordinal = ordinal,
	    .variant = variant,
	    .hold = hold};

	assert_ok(try_claims(run, &claim, 1));
	return claim;
}

static void
who_is_held_would_have_been_texted_and_never_is(void **arg)
{
	const struct rc_ident one = phone(0);
	uint32_t spring = campaign("spring");
	struct rc_run run = open_run(spring);
	struct rc_claim claim;

	(void)arg;
	assert_int_equal(claim_with(&run, 0, 2, true).answer, RC_CLAIM_NOT_IN);
	assert_int_equal(state_of(spring, 0), RC_M_NONE);
	consent(RC_J_IN, &one, 1);
	claim = claim_with(&run, 0, 2, true);
	assert_int_equal(claim.answer, RC_CLAIM_HELD);
	assert_int_equal(claim.before, RC_M_NONE);
	assert_int_equal(get(spring, 0).state, RC_M_HELD);
	assert_int_equal(get(spring, 0).variant, 2);
	for (int hold = 0; hold < 2; hold++) {
		claim = claim_with(&run, 1, 1, hold);
		assert_int_equal(claim.answer, RC_CLAIM_HELD);
		assert_int_equal(claim.before, RC_M_HELD);
		assert_int_equal(claim.before_ordinal, 0);
		assert_int_equal(claim.before_variant, 2);
		consent(RC_J_OUT, &one, 1); /* changes nothing */
	}
	assert_int_equal(state_of(spring, 1), RC_M_NONE);
	assert_false(receipt(spring, 0, RC_M_DELIVERED));
	assert_ok(rc_run_close(state, &run, &err));
	assert_int_equal(state_of(spring, 0), RC_M_HELD);
	assert_tallies_true(spring, 2);
}

static void
a_later_holdout_takes_nobody_a_message_may_have_gone_to(void **arg)
{
	(void)arg;
	opt_in_phones(1);
	for (size_t i = 0; i < STATES; i++) {
		uint32_t number = message_in(any[i]);
		struct rc_run run = open_run(number);
		bool held = any[i] == RC_M_DEFERRED || any[i] == RC_M_HELD;

		assert_int_equal(
		    claim_with(&run, 1, 1, true).answer == RC_CLAIM_HELD, held);
		assert_int_equal(state_of(number, 1),
		    any[i] == RC_M_DEFERRED ? RC_M_HELD : RC_M_NONE);
		assert_tallies_true(number, 2);
		rc_run_abandon(&run);
	}
}

static enum rc_err
click(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct call *c = arg;

	return rc_message_clicked(txn, c->campaign, c->ordinal, &c->changed, e);
}

static void
a_variant_is_counted_wherever_its_message_goes(void **arg)
{
	uint32_t spring = campaign("spring");
	struct rc_run run = open_run(spring);
	struct call c = {.campaign = spring, .ordinal = 2};
	struct tallies t;

	(void)arg;
	opt_in_phones(1);
	claim_with(&run, 0, 1, false);
	assert_tallies_true(spring, 3);
	settle(spring, 0, RC_M_DEFERRED);
	assert_tallies_true(spring, 3);
	claim_with(&run, 0, 3, false); /* at its place */
	assert_int_equal(get(spring, 0).variant, 3);
	assert_tallies_true(spring, 3);
	settle(spring, 0, RC_M_DEFERRED);
	claim_with(&run, 2, 2, false); /* and at another one */
	assert_tallies_true(spring, 3);
	settle(spring, 2, RC_M_ACCEPTED);
	receipt(spring, 2, RC_M_DELIVERED);
	for (int i = 0; i < 2; i++) {
		assert_ok(rc_store_write(state->store, click, &c, &err));
		assert_int_equal(c.changed, i == 0);
	}
	assert_tallies_true(spring, 3);
	t = tallies(spring);
	assert_int_equal(t.of_variant[2][RC_M_DELIVERED], 1);
	assert_int_equal(t.segments_of[2], 2);
	assert_int_equal(t.clickers_of[2], 1);
	rc_run_abandon(&run);
}

/* A provider that counts none, a receipt, and one that counts otherwise. */
static void
segments_are_counted_once_the_provider_has_the_message(void **arg)
{
	const struct rc_settlement its = {
	    .ordinal = 2, .state = RC_M_ACCEPTED, .segments = 5};
	const struct rc_settlement none = {
	    .ordinal = 0, .state = RC_M_ACCEPTED};
	uint32_t spring = campaign("spring");
	struct rc_run run = open_run(spring);

	(void)arg;
	opt_in_phones(4);
	for (uint32_t i = 0; i < 4; i++) {
		struct rc_claim claim = {.to = phone(i),
		    .ordinal = i,
		    .variant = (uint8_t)(i % 2),
		    .segments = 3};

		assert_ok(try_claims(&run, &claim, 1));
	}
	settle(spring, 1, RC_M_UNKNOWN);
	settle(spring, 3, RC_M_REJECTED);
	assert_int_equal(tallies(spring).segments, 0);
	assert_ok(try_settle(spring, &none, 1));
	assert_int_equal(tallies(spring).segments, 3);
	assert_true(receipt(spring, 1, RC_M_SENT));
	assert_true(receipt(spring, 1, RC_M_DELIVERED));
	assert_int_equal(tallies(spring).segments, 6);
	assert_ok(try_settle(spring, &its, 1));
	assert_ok(try_settle(spring, &its, 1));
	assert_int_equal(tallies(spring).segments, 11);
	assert_int_equal(tallies(spring).segments_of[1], 3);
	assert_tallies_true(spring, 4);
	rc_run_abandon(&run);
}

static void
a_receipt_before_the_settlement_keeps_its_state(void **arg)
{
	const struct rc_settlement accepted = {.ordinal = 0,
	    .state = RC_M_ACCEPTED,
	    .segments = 3,
	    .provider_id = "SM0123456789abcdef0123456789abcdef"};
	uint32_t spring = campaign("spring");
	struct rc_run run = open_run(spring);
	struct rc_message m;

	(void)arg;
	opt_in_phones(1);
	claim_one(&run, phone(0), 0);
	assert_true(receipt(spring, 0, RC_M_DELIVERED));
	assert_false(receipt(spring, 0, RC_M_SENT));
	assert_ok(try_settle(spring, &accepted, 1));
	assert_ok(try_settle(spring, &accepted, 1));
	m = get(spring, 0);
	assert_int_equal(m.state, RC_M_DELIVERED);
	assert_int_equal(m.segments, 3);
	assert_string_equal(m.provider_id, accepted.provider_id);
	assert_int_equal(tallies(spring).segments, 3);
	assert_tallies_true(spring, 1);
	assert_ok(rc_run_close(state, &run, &err));
	assert_int_equal(state_of(spring, 0), RC_M_DELIVERED);
}

static void
a_receipt_keeps_its_error_code_and_time(void **arg)
{
	uint32_t number;
	struct call c = {.state = RC_M_UNDELIVERED,
	    .error_code = 30003,
	    .provider_id = "SM0123456789abcdef0123456789abcdef"};
	struct rc_message m;

	(void)arg;
	opt_in_phones(1);
	number = c.campaign = message_in(RC_M_ACCEPTED);
	now_ms = NOW + 90000;
	assert_ok(rc_store_write(state->store, call_receipt, &c, &err));
	now_ms = NOW;
	m = get(number, 0);
	assert_int_equal(m.detail, 30003);
	assert_int_equal(m.claimed_s, NOW / 1000);
	assert_int_equal(m.changed_s, NOW / 1000 + 90);
	assert_string_equal(m.provider_id, c.provider_id);
}

static void
what_was_never_claimed_cannot_be_settled_or_received(void **arg)
{
	const struct rc_settlement s = {.ordinal = 5, .state = RC_M_ACCEPTED};
	uint32_t spring = campaign("spring");
	struct call c = {.campaign = spring, .state = RC_M_SENT};
	struct rc_message m;

	(void)arg;
	assert_int_equal(try_settle(spring, &s, 1), RC_EINTERNAL);
	c.ordinal = 5;
	assert_int_equal(
	    rc_store_write(state->store, call_receipt, &c, &err), RC_NOTFOUND);
	c.campaign = 0x89abcdef;
	c.ordinal = UINT32_MAX;
	assert_int_equal(
	    rc_store_write(state->store, call_receipt, &c, &err), RC_NOTFOUND);
	c.state = RC_M_HELD;
	assert_int_equal(
	    rc_store_write(state->store, call_receipt, &c, &err), RC_EINTERNAL);
	assert_int_equal(try_get(spring, 5, &m), RC_NOTFOUND);
}

static void
provider_ids_come_back_as_they_were(void **arg)
{
	static const char *const ids[] = {"SM0123456789abcdef0123456789abcdef",
	    "MMfedcba9876543210fedcba9876543210",
	    "123e4567-e89b-12d3-a456-426614174000",
	    "123E4567-E89B-12D3-A456-426614174000",
	    "SM0123456789ABCDEF0123456789ABCDEF",
	    "XX0123456789abcdef0123456789abcdef",
	    "SM0123456789abcdef0123456789abcdeg",
	    "123e4567e89b-12d3-a456-4266-1417-400", "7", "",
	    "a-long-id-of-a-provider-that-likes-long-ids/2026-01-01/0001"};
	size_t n = sizeof(ids) / sizeof(ids[0]);
	uint32_t spring = campaign("spring");
	struct rc_run run = open_run(spring);
	char endless[301];

	(void)arg;
	opt_in_phones((unsigned)n);
	for (uint32_t i = 0; i < n; i++) {
		const struct rc_settlement s = {.ordinal = i,
		    .state = RC_M_ACCEPTED,
		    .provider_id = ids[i]};

		claim_one(&run, phone(i), i);
		assert_ok(try_settle(spring, &s, 1));
		assert_string_equal(get(spring, i).provider_id, ids[i]);
	}
	memset(endless, 'x', 300);
	endless[300] = '\0';
	assert_ok(try_settle(spring,
	    &(struct rc_settlement){.ordinal = 0, .provider_id = endless}, 1));
	assert_int_equal(strlen(get(spring, 0).provider_id), 127);
	assert_ok(rc_run_close(state, &run, &err));
}

static void
people_without_a_phone_number_are_kept_as_given(void **arg)
{
	uint32_t spring = campaign("spring");
	struct rc_run run = open_run(spring);
	struct rc_ident mail = ident(RC_IDENT_EMAIL, "Ada@Example.org"),
			folded = ident(RC_IDENT_EMAIL, "ada@example.ORG");
	struct rc_message m;

	(void)arg;
	channel.identifier = RC_IDENT_EMAIL;
	consent(RC_J_IN, &mail, 1);
	assert_int_equal(claim_one(&run, mail, 0).answer, RC_CLAIMED);
	assert_int_equal(claim_one(&run, folded, 1).answer, RC_CLAIM_ALREADY);
	m = get(spring, 0);
	assert_int_equal(m.to.type, RC_IDENT_EMAIL);
	assert_string_equal(m.to.text, mail.text);
	assert_int_equal(m.to.key_len, mail.key_len);
	assert_memory_equal(m.to.key, mail.key, mail.key_len);
	channel.identifier = RC_IDENT_PHONE;
	rc_run_abandon(&run);
}

static void
a_message_is_clicked_first_once(void **arg)
{
	uint32_t number;
	struct call c = {.ordinal = 0};

	(void)arg;
	opt_in_phones(1);
	number = c.campaign = message_in(RC_M_ACCEPTED);
	assert_ok(rc_store_write(state->store, click, &c, &err));
	assert_true(c.changed);
	assert_ok(rc_store_write(state->store, click, &c, &err));
	assert_false(c.changed);
	c.ordinal = 1;
	assert_int_equal(
	    rc_store_write(state->store, click, &c, &err), RC_NOTFOUND);
	assert_true(get(number, 0).clicked);
	assert_int_equal(get(number, 0).state, RC_M_ACCEPTED);
	assert_true(receipt(number, 0, RC_M_DELIVERED));
	assert_true(get(number, 0).clicked);
}

static void
every_state_has_a_name(void **arg)
{
	(void)arg;
	assert_string_equal(rc_message_state_name(RC_M_DEFERRED), "deferred");
	for (size_t i = 0; i < STATES; i++)
		assert_string_not_equal(
		    rc_message_state_name(any[i]), "damaged");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CHANNEL_TEST(only_people_who_opted_in_are_claimed),
	    CHANNEL_TEST(a_claimed_message_says_who_when_and_by_which_run),
	    CHANNEL_TEST(nobody_gets_a_campaign_twice),
	    CHANNEL_TEST(a_taken_ordinal_is_refused_and_changes_nothing),
	    CHANNEL_TEST(a_deferred_message_moves_to_its_new_claim),
	    CHANNEL_TEST(a_withdrawal_between_two_attempts_stops_the_second),
	    CHANNEL_TEST(quiet_hours_hold_back_and_leave_no_trace),
	    CHANNEL_TEST(a_dry_run_answers_the_same_and_changes_nothing),
	    CHANNEL_TEST(only_open_messages_are_settled),
	    CHANNEL_TEST(receipts_never_regress),
	    CHANNEL_TEST(who_is_held_would_have_been_texted_and_never_is),
	    CHANNEL_TEST(
		a_later_holdout_takes_nobody_a_message_may_have_gone_to),
	    CHANNEL_TEST(a_variant_is_counted_wherever_its_message_goes),
	    CHANNEL_TEST(
		segments_are_counted_once_the_provider_has_the_message),
	    CHANNEL_TEST(a_receipt_before_the_settlement_keeps_its_state),
	    CHANNEL_TEST(a_receipt_keeps_its_error_code_and_time),
	    CHANNEL_TEST(what_was_never_claimed_cannot_be_settled_or_received),
	    CHANNEL_TEST(provider_ids_come_back_as_they_were),
	    CHANNEL_TEST(people_without_a_phone_number_are_kept_as_given),
	    CHANNEL_TEST(a_message_is_clicked_first_once),
	    CHANNEL_TEST(every_state_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
