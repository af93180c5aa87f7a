#include "ledger.h"

#include "base/clock.h"

#include <signal.h>
#include <sys/wait.h>

/* --- runs ---------------------------------------------------------------- */

static void
a_claim_is_busy_while_its_run_lives_and_unknown_after(void **arg)
{
	uint32_t spring = campaign("spring");
	struct rc_run first = open_run(spring), second = open_run(spring);
	struct rc_claim claim;

	(void)arg;
	opt_in_phones(1);
	assert_int_not_equal(first.number, second.number);
	claim_one(&first, phone(0), 0);
	assert_true(rc_run_alive(state, first.number));
	assert_true(rc_run_alive(state, second.number));
	claim = claim_one(&second, phone(0), 1);
	assert_int_equal(claim.answer, RC_CLAIM_BUSY);
	assert_int_equal(claim.before, RC_M_CLAIMED);
	rc_run_abandon(&first);
	assert_false(rc_run_alive(state, first.number));
	assert_true(rc_run_alive(state, second.number));
	claim = claim_one(&second, phone(0), 1);
	assert_int_equal(claim.answer, RC_CLAIM_ALREADY);
	assert_int_equal(claim.before, RC_M_UNKNOWN);
	assert_int_equal(state_of(spring, 0), RC_M_UNKNOWN);
	assert_tallies_true(spring, 10);
	assert_ok(rc_run_close(state, &second, &err));
	assert_false(rc_run_alive(state, second.number));
}

static void
recovery_counts_the_claims_of_dead_runs_alone(void **arg)
{
	uint32_t spring = campaign("spring"), autumn = campaign("autumn");
	struct rc_run dead = open_run(spring), alive = open_run(spring),
		      elsewhere = open_run(autumn);
	uint64_t n;

	(void)arg;
	opt_in_phones(6);
	for (uint32_t i = 0; i < 4; i++)
		claim_one(&dead, phone(i), i * 90);
	settle(spring, 90, RC_M_ACCEPTED);
	claim_one(&alive, phone(4), 91);
	claim_one(&elsewhere, phone(0), 0);
	rc_run_abandon(&dead);
	rc_run_abandon(&elsewhere);
	assert_ok(rc_run_recover(state, spring, &n, &err));
	assert_int_equal(n, 3);
	assert_int_equal(state_of(spring, 0), RC_M_UNKNOWN);
	assert_int_equal(get(spring, 0).detail, 0);
	assert_int_equal(state_of(spring, 90), RC_M_ACCEPTED);
	assert_int_equal(state_of(spring, 91), RC_M_CLAIMED);
	assert_int_equal(state_of(spring, 270), RC_M_UNKNOWN);
	assert_int_equal(state_of(autumn, 0), RC_M_CLAIMED);
	assert_ok(rc_run_recover(state, spring, &n, &err));
	assert_int_equal(n, 0);
	assert_ok(rc_run_recover(state, 0, &n, &err));
	assert_int_equal(n, 1);
	assert_tallies_true(spring, 300);
	assert_tallies_true(autumn, 10);
	assert_ok(rc_run_close(state, &alive, &err));
}

static void
recovery_goes_through_a_long_run_in_parts(void **arg)
{
	uint32_t spring = campaign("spring");
	struct rc_run run = open_run(spring);
	const uint32_t at[] = {34567, 0, 9999, 20001, 10000};
	uint64_t n;

	(void)arg;
	opt_in_phones(5);
	for (unsigned i = 0; i < 5; i++)
		claim_one(&run, phone(i), at[i]);
	rc_run_abandon(&run);
	assert_ok(rc_run_recover(state, spring, &n, &err));
	assert_int_equal(n, 5);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(state_of(spring, at[i]), RC_M_UNKNOWN);
	assert_int_equal(tallies(spring).state[RC_M_UNKNOWN], 5);
}

/* Until then the run may have been asleep, and its request have left late. */
static void
what_is_recovered_is_unknown_as_of_then(void **arg)
{
	uint64_t before_s = rc_clock_now_ms() / 1000, n;
	uint32_t spring = campaign("spring");
	struct rc_run dead = open_run(spring), alive = open_run(spring);

	(void)arg;
	opt_in_phones(2);
	claim_one(&dead, phone(0), 0);
	claim_one(&dead, phone(1), 1);
	rc_run_abandon(&dead);
	now_ms = NOW + DAY;
	claim_one(&alive, phone(0), 2);
	assert_int_equal(state_of(spring, 0), RC_M_UNKNOWN);
	assert_int_equal(get(spring, 0).claimed_s, NOW / 1000);
	assert_int_equal(get(spring, 0).changed_s, now_ms / 1000);
	assert_ok(rc_run_recover(state, spring, &n, &err));
	assert_int_equal(n, 1);
	assert_int_equal(get(spring, 1).claimed_s, NOW / 1000);
	assert_true(get(spring, 1).changed_s >= before_s);
	now_ms = NOW;
	assert_ok(rc_run_close(state, &alive, &err));
}

static void
a_claim_below_the_low_mark_is_recovered_too(void **arg)
{
	uint32_t spring = campaign("spring");
	struct rc_run run = open_run(spring);
	struct rc_claim claim[2] = {
	    {.to = phone(0), .ordinal = 500}, {.to = phone(1), .ordinal = 20}};
	const struct rc_claim_batch batch = {
	    .channel = &channel, .run = &run, .now_ms = NOW, .low = 400};
	struct call c = {
	    .batch = &batch, .claim = claim, .n = 2, .write = true};
	uint64_t n;

	(void)arg;
	opt_in_phones(2);
	assert_ok(rc_store_write(state->store, call_claim, &c, &err));
	rc_run_abandon(&run);
	assert_ok(rc_run_recover(state, spring, &n, &err));
	assert_int_equal(n, 2);
}

static void
a_run_that_closes_leaves_no_open_claim(void **arg)
{
	uint32_t spring = campaign("spring");
	struct rc_run run = open_run(spring);
	uint64_t n;

	(void)arg;
	opt_in_phones(2);
	claim_one(&run, phone(0), 0);
	claim_one(&run, phone(1), 1);
	settle(spring, 0, RC_M_ACCEPTED);
	assert_ok(rc_run_close(state, &run, &err));
	assert_int_equal(state_of(spring, 0), RC_M_ACCEPTED);
	assert_int_equal(state_of(spring, 1), RC_M_UNKNOWN);
	assert_ok(rc_run_recover(state, 0, &n, &err));
	assert_int_equal(n, 0);
	rc_run_abandon(&run);
}

static void
a_run_taken_for_dead_makes_no_more_claims(void **arg)
{
	uint32_t spring = campaign("spring");
	struct rc_run run = open_run(spring);
	struct rc_claim claim = {.to = phone(0), .ordinal = 0};
	uint64_t n;

	(void)arg;
	opt_in_phones(1);
	assert_int_equal(unlink(scratch("state-runs")), 0);
	assert_ok(rc_run_recover(state, spring, &n, &err));
	assert_int_equal(try_claims(&run, &claim, 1), RC_EAGAIN);
	assert_int_equal(state_of(spring, 0), RC_M_NONE);
	rc_run_abandon(&run);
}

static void
the_runs_file_is_for_its_user_alone_and_empty(void **arg)
{
	struct rc_run run = open_run(campaign("spring"));
	struct stat st;

	(void)arg;
	assert_int_equal(stat(scratch("state-runs"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 0);
	assert_ok(rc_run_close(state, &run, &err));
}

/* --- many ---------------------------------------------------------------- */

#define MANY 3000

/* In an order that visits more chunks at once than a ledger keeps. */
static void
tallies_add_up_whatever_the_order(void **arg)
{
	static struct rc_claim claim[MANY];
	static struct rc_settlement settlement[MANY];
	static const enum rc_message_state to[] = {
	    RC_M_ACCEPTED, RC_M_REJECTED, RC_M_DEFERRED, RC_M_UNKNOWN};
	uint32_t spring = campaign("spring");
	struct rc_run run = open_run(spring);
	struct tallies t;
	uint32_t held = 0;

	(void)arg;
	opt_in_phones(MANY);
	for (uint32_t i = 0; i < MANY; i++) {
		uint32_t k = (uint32_t)(i * 1201ULL % MANY);

		claim[i] = (struct rc_claim){.to = phone(i),
		    .ordinal = k,
		    .variant = (uint8_t)draw(VARIANTS),
		    .segments = (uint8_t)draw(4),
		    .hold = draw(5) == 0};
		held += claim[i].hold;
		settlement[i] = (struct rc_settlement){.ordinal = i,
		    .state = to[draw(4)],
		    .segments = (uint8_t)draw(4)};
	}
	assert_ok(try_claims(&run, claim, MANY));
	for (uint32_t i = 0; i < MANY; i++) {
		assert_int_equal(claim[i].answer,
		    claim[i].hold ? RC_CLAIM_HELD : RC_CLAIMED);
		assert_string_equal(
		    get(spring, claim[i].ordinal).to.text, claim[i].to.text);
	}
	assert_int_equal(tallies(spring).state[RC_M_CLAIMED], MANY - held);
	for (uint32_t i = 0; i < MANY; i++) {
		uint32_t k = (uint32_t)draw(MANY);
		struct rc_settlement s = settlement[i];

		settlement[i] = settlement[k];
		settlement[k] = s;
	}
	assert_ok(try_settle(spring, settlement, MANY));
	for (uint32_t i = 0; i < MANY; i++) {
		uint32_t at = settlement[i].ordinal;

		if (state_of(spring, at) != RC_M_HELD)
			assert_int_equal(
			    state_of(spring, at), settlement[i].state);
	}
	assert_tallies_true(spring, MANY);
	t = tallies(spring);
	assert_int_equal(t.state[RC_M_CLAIMED], 0);
	assert_int_equal(t.state[RC_M_HELD], held);
	assert_int_equal(t.state[RC_M_ACCEPTED] + t.state[RC_M_REJECTED] +
			     t.state[RC_M_DEFERRED] + t.state[RC_M_UNKNOWN] +
			     t.state[RC_M_HELD],
	    MANY);
	assert_ok(rc_run_close(state, &run, &err));
}

/* --- kill -9 ------------------------------------------------------------- */

#define PEOPLE 6000u
#define BATCH 64u

struct sender {
	struct rc_run run;
	unsigned next; /* person */
	uint32_t first, ordinal;
	struct rc_claim claim[BATCH];
	size_t nclaims;
	struct rc_settlement settlement[BATCH];
	size_t nsettled;
};

/* Settles the last batch and claims the next one, in one transaction. */
static enum rc_err
send_batch(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct sender *s = arg;
	const struct rc_claim_batch batch = {.channel = &channel,
	    .run = &s->run,
	    .now_ms = NOW,
	    .low = s->ordinal};
	enum rc_err r = rc_message_settle(
	    txn, s->run.campaign, s->settlement, s->nsettled, NOW, e);

	if (r == RC_OK)
		r = rc_campaign_reserve(txn, "spring", BATCH, &s->first, e);
	for (size_t i = 0; i < s->nclaims; i++)
		s->claim[i].ordinal = s->first + (uint32_t)i;
	if (r == RC_OK)
		r = rc_message_claim(txn, &batch, s->claim, s->nclaims, e);
	return r;
}

static void
next_batch(struct sender *s)
{
	static const enum rc_message_state to[] = {
	    RC_M_ACCEPTED, RC_M_REJECTED, RC_M_DEFERRED};

	s->nsettled = 0;
	for (size_t i = 0; i < s->nclaims; i++)
		if (s->claim[i].answer == RC_CLAIMED)
			s->settlement[s->nsettled++] = (struct rc_settlement){
			    .ordinal = s->claim[i].ordinal,
			    .state = to[draw(3)],
			    .segments = 1};
	s->ordinal = s->first;
	for (s->nclaims = 0; s->nclaims < BATCH && s->next < PEOPLE;)
		s->claim[s->nclaims++] =
		    (struct rc_claim){.to = phone(s->next++), .segments = 2};
}

static void
send_until_killed(uint32_t number, int commits)
{
	static struct sender s;

	if (rc_state_open(&state, scratch("state"), scratch("key"), false,
		&err) != RC_OK ||
	    rc_run_open(state, number, &s.run, &err) != RC_OK)
		_exit(1);
	for (;;) {
		next_batch(&s);
		if (rc_store_write(state->store, send_batch, &s, &err) !=
			RC_OK ||
		    write(commits, "c", 1) != 1)
			_exit(1);
		if (s.nclaims == 0)
			s.next = 0; /* begin again, as another run would */
	}
}

/* Kills a sender behind a commit; tells how many it told of. */
static void
kill_a_sender(uint32_t number, size_t after)
{
	size_t heard = 0;
	int commits[2], status;
	char c[64];
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(commits), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		send_until_killed(number, commits[1]);
	close(commits[1]);
	while (heard < after && (n = read(commits[0], c, sizeof(c))) > 0)
		heard += (size_t)n;
	assert_true(heard >= after);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	close(commits[0]);
}

static enum rc_err
count_recipients(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_cursor *c;
	struct rc_slice key, value;
	enum rc_err r = rc_cursor_open(txn, RC_T_RECIPIENT, &c, e);

	*(uint64_t *)arg = 0;
	if (r == RC_OK)
		r = rc_cursor_ge(c, RC_SLICE_LIT(""), &key, &value, e);
	while (r == RC_OK) {
		++*(uint64_t *)arg;
		r = rc_cursor_next(c, &key, &value, e);
	}
	return r == RC_END || r == RC_NOTFOUND ? RC_OK : r;
}

static enum rc_err
get_next(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_campaign c;
	enum rc_err r = rc_campaign_get(txn, "spring", &c, e);

	*(uint32_t *)arg = c.next_ordinal;
	return r;
}

static void
assert_accounts_whole(uint32_t number, uint64_t *unknown)
{
	struct tallies t;
	uint64_t recovered, recipients, messages = 0;

	assert_ok(rc_run_recover(state, number, &recovered, &err));
	t = tallies(number);
	assert_int_equal(t.state[RC_M_CLAIMED], 0);
	/* At most the batch whose answers were on their way. */
	assert_true(recovered <= BATCH);
	assert_int_equal(t.state[RC_M_UNKNOWN], *unknown + recovered);
	*unknown = t.state[RC_M_UNKNOWN];
	for (size_t s = 0; s < RC_M_STATES; s++)
		messages += t.state[s];
	assert_ok(
	    rc_store_read(state->store, count_recipients, &recipients, &err));
	assert_int_equal(messages, recipients);
}

static void
a_killed_sender_leaves_nothing_unaccounted_for(void **arg)
{
	uint32_t spring = campaign("spring");
	uint64_t unknown = 0;
	uint32_t ordinals;

	(void)arg;
	opt_in_phones(PEOPLE);
	for (size_t round = 0; round < 10; round++) {
		rc_state_close(state);
		state = NULL;
		kill_a_sender(spring, 1 + (size_t)draw(40));
		assert_ok(rc_state_open(
		    &state, scratch("state"), scratch("key"), false, &err));
		assert_accounts_whole(spring, &unknown);
	}
	assert_true(unknown > 0);
	assert_ok(rc_store_read(state->store, get_next, &ordinals, &err));
	assert_tallies_true(spring, ordinals);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CHANNEL_TEST(a_claim_is_busy_while_its_run_lives_and_unknown_after),
	    CHANNEL_TEST(recovery_counts_the_claims_of_dead_runs_alone),
	    CHANNEL_TEST(recovery_goes_through_a_long_run_in_parts),
	    CHANNEL_TEST(what_is_recovered_is_unknown_as_of_then),
	    CHANNEL_TEST(a_claim_below_the_low_mark_is_recovered_too),
	    CHANNEL_TEST(a_run_that_closes_leaves_no_open_claim),
	    CHANNEL_TEST(a_run_taken_for_dead_makes_no_more_claims),
	    CHANNEL_TEST(the_runs_file_is_for_its_user_alone_and_empty),
	    CHANNEL_TEST(tallies_add_up_whatever_the_order),
	    CHANNEL_TEST(a_killed_sender_leaves_nothing_unaccounted_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
