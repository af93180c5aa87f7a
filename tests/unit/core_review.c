#include "scratch_state.h"

#include "base/clock.h"
#include "core/review.h"

#define MONDAY_MS 1774250096789ULL /* 2026-03-23T07:14:56.789Z */

static struct rc_review
reply_of(const char *phone, const char *id, const char *text)
{
	struct rc_review r = {.channel = 7,
	    .received_ms = MONDAY_MS,
	    .message_id = rc_slice_str(id),
	    .text = rc_slice_str(text)};

	assert_ok(
	    rc_ident_parse(RC_IDENT_PHONE, rc_slice_str(phone), &r.who, &err));
	return r;
}

static enum rc_err
add_in(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	return rc_review_add(txn, arg, e);
}

static void
add(struct rc_review r)
{
	assert_ok(rc_store_write(state->store, add_in, &r, &err));
}

static uint64_t
waiting(void)
{
	uint64_t n;

	assert_ok(rc_review_count(state->store, &n, &err));
	return n;
}

struct seen {
	size_t n;
	struct rc_review reply[10];
	char text[10][100];
};

static enum rc_err
see(void *arg, const struct rc_review *r, struct rc_error *e)
{
	struct seen *s = arg;

	(void)e;
	assert_true(s->n < 10);
	s->reply[s->n] = *r;
	snprintf(s->text[s->n++], 100, "%.*s", (int)r->text.len, r->text.p);
	return RC_OK;
}

static struct seen
all(void)
{
	struct seen s = {0};

	assert_ok(rc_review_each(state->store, see, &s, &err));
	return s;
}

static enum rc_err
decide(uint64_t number, bool out, bool dry_run, struct rc_consent_counts *c)
{
	struct rc_review_again again;
	struct rc_review_decision d = {out, dry_run, MONDAY_MS + 5000};
	struct rc_buf record = RC_BUF_INIT(100000);
	struct rc_review reply;
	enum rc_err result = rc_review_decide(
	    state->store, number, &d, &record, &reply, &again, c, &err);

	if (result == RC_OK || result == RC_END)
		assert_int_equal(reply.number, number);
	assert_int_equal(result == RC_END, again.seq > 0);
	rc_buf_free(&record);
	return result;
}

static struct rc_consent
consent_of(const char *phone)
{
	struct rc_review r = reply_of(phone, "", "");
	struct rc_consent c;

	assert_ok(rc_consent_ask(
	    state->store, 1, RC_IDENT_PHONE, &r.who, 1, &c, &err));
	return c;
}

/* --- tests --------------------------------------------------------------- */

static void
replies_wait_oldest_first_until_they_are_decided(void **arg)
{
	struct rc_consent_counts c;
	struct seen s;

	(void)arg;
	assert_int_equal(waiting(), 0);
	add(reply_of("12025550101", "SM1", "no more\ntexts"));
	add(reply_of("12025550102", "SM2", "wrong number"));
	add(reply_of("12025550103", "SM3", "stop it"));
	assert_int_equal(waiting(), 3);
	s = all();
	assert_int_equal(s.n, 3);
	assert_int_equal(s.reply[0].number, 1);
	assert_int_equal(s.reply[2].number, 3);
	assert_int_equal(s.reply[1].channel, 7);
	assert_int_equal(s.reply[1].received_ms, MONDAY_MS);
	assert_string_equal(s.reply[1].who.text, "12025550102");
	assert_string_equal(s.text[0], "no more\ntexts");
	assert_int_equal(decide(2, false, false, &c), RC_OK);
	assert_int_equal(decide(2, false, false, &c), RC_NOTFOUND);
	assert_int_equal(decide(2, true, false, &c), RC_NOTFOUND);
	assert_int_equal(decide(99, true, false, &c), RC_NOTFOUND);
	s = all();
	assert_int_equal(s.n, 2);
	assert_int_equal(s.reply[1].number, 3);
}

static void
a_repeated_delivery_makes_no_second_record(void **arg)
{
	struct rc_review other = reply_of("12025550101", "SM1", "stop it");
	struct rc_consent_counts c;

	(void)arg;
	add(other);
	add(other);
	assert_int_equal(waiting(), 1);
	other.channel = 8; /* of another account, perhaps */
	add(other);
	assert_int_equal(waiting(), 2);
	add(reply_of("12025550101", "SM2", "stop it"));
	assert_int_equal(waiting(), 3);
	assert_int_equal(decide(1, false, false, &c), RC_OK);
	add(reply_of("12025550101", "SM1", "stop it"));
	assert_int_equal(waiting(), 2);
	/* Without an id nothing tells them apart from new ones. */
	add(reply_of("12025550101", "", "stop it"));
	add(reply_of("12025550101", "", "stop it"));
	assert_int_equal(waiting(), 4);
	assert_int_equal(all().reply[3].number, 5);
}

struct told {
	struct rc_journal_entry entry;
	char source[20], evidence[20];
	size_t n;
};

static enum rc_err
tell(void *arg, const struct rc_journal_entry *j, enum rc_journal_set_kind set,
    struct rc_error *e)
{
	struct told *t = arg;

	(void)e;
	assert_int_equal(set, RC_J_REMOVED);
	t->n++;
	t->entry = *j;
	snprintf(t->source, 20, "%.*s", (int)j->source.len, j->source.p);
	snprintf(t->evidence, 20, "%.*s", (int)j->evidence.len, j->evidence.p);
	return RC_OK;
}

struct asked {
	struct rc_ident who;
	struct told told;
};

static enum rc_err
ask_journal(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct asked *a = arg;

	return rc_journal_of(txn, &a->who, 0, tell, &a->told, e);
}

static void
a_revocation_is_a_suppression_with_the_reply_as_evidence(void **arg)
{
	struct asked a = {.who = reply_of("12025550101", "", "").who};
	struct rc_consent_counts c;

	(void)arg;
	add(reply_of("12025550101", "SM1", "take me off"));
	assert_int_equal(decide(1, true, true, &c), RC_OK);
	assert_int_equal(c.changed, 1);
	assert_int_equal(waiting(), 1);
	assert_int_equal(consent_of("12025550101").state, RC_CONSENT_NONE);
	assert_int_equal(decide(1, true, false, &c), RC_OK);
	assert_int_equal(c.changed, 1);
	assert_int_equal(waiting(), 0);
	assert_int_equal(consent_of("12025550101").reason, RC_BY_SUPPRESSION);
	assert_ok(rc_store_read(state->store, ask_journal, &a, &err));
	assert_int_equal(a.told.n, 1);
	assert_int_equal(a.told.entry.kind, RC_J_SUPPRESS);
	assert_int_equal(a.told.entry.received_ms, MONDAY_MS + 5000);
	assert_int_equal(a.told.entry.claimed_ms, MONDAY_MS);
	assert_string_equal(a.told.source, "review");
	assert_string_equal(a.told.evidence, "take me off");
}

static void
a_dismissal_changes_nobodys_consent(void **arg)
{
	struct rc_consent_counts c;

	(void)arg;
	add(reply_of("12025550101", "SM1", "no more pink ones?"));
	assert_int_equal(decide(1, false, true, &c), RC_OK);
	assert_int_equal(waiting(), 1);
	assert_int_equal(decide(1, false, false, &c), RC_OK);
	assert_int_equal(waiting(), 0);
	assert_int_equal(consent_of("12025550101").state, RC_CONSENT_NONE);
	assert_int_equal(c.seq, 0);
}

/* At most as many people as fit a batch, and the reply's sender is the first.
 */
static void
change_some(enum rc_journal_kind kind, uint32_t channel, uint64_t claimed_ms,
    bool lift, size_t n)
{
	static struct rc_ident people[100];
	struct rc_consent_counts counts;
	struct rc_consent_change c = {.kind = kind,
	    .channel = channel,
	    .type = RC_IDENT_PHONE,
	    .received_ms = MONDAY_MS + 1,
	    .claimed_ms = claimed_ms,
	    .lift = lift};
	char phone[20];

	for (size_t i = 0; i < n; i++) {
		snprintf(phone, sizeof(phone), "12025550%zu", 101 + i);
		people[i] = reply_of(phone, "", "").who;
	}
	assert_ok(
	    rc_consent_change(state->store, &c, people, n, &counts, &err));
}

static void
who_opted_in_again_since_is_not_suppressed(void **arg)
{
	static const struct {
		enum rc_journal_kind kind;
		uint64_t claimed_ms;
		size_t n;
		enum rc_err out;
	} then[] = {
	    {RC_J_IN, 0, 1, RC_END},
	    {RC_J_OUT, 0, 1, RC_OK},
	    {RC_J_IN, MONDAY_MS - 1, 1, RC_OK}, /* had said so before */
	    {RC_J_IN, MONDAY_MS + 1, 100, RC_END},
	};
	struct rc_consent_counts c;

	(void)arg;
	make_channel("seven", 7);
	make_channel("eight", 8);
	change_some(RC_J_IN, 7, 0, false, 1); /* before the reply */
	add(reply_of("12025550101", "SM1", "stop it"));
	add(reply_of("12025550102", "SM2", "stop it"));
	for (size_t i = 0; i < sizeof(then) / sizeof(then[0]); i++) {
		/* Another channel: a suppression is for all. */
		change_some(
		    then[i].kind, 8, then[i].claimed_ms, false, then[i].n);
		assert_int_equal(decide(1, true, true, &c), then[i].out);
	}
	assert_int_equal(decide(1, true, false, &c), RC_END);
	assert_int_equal(waiting(), 2);
	assert_int_not_equal(
	    consent_of("12025550101").reason, RC_BY_SUPPRESSION);
	assert_int_equal(decide(1, false, false, &c), RC_OK);
	change_some(RC_J_SUPPRESS, 0, 0, false, 100);
	assert_int_equal(decide(2, true, false, &c), RC_OK);
}

static void
what_lifts_a_suppression_takes_waiting_replies_out(void **arg)
{
	(void)arg;
	make_channel("seven", 7);
	for (int times = 0; times < 2; times++) {
		add(reply_of("12025550101", times == 0 ? "SM1" : "", "stop"));
		add(reply_of("12025550101", "", "stop it"));
		add(reply_of("12025550999", "", "stop it"));
		change_some(RC_J_IN, 7, 0, false, 1);
		assert_int_equal(waiting(), 3 + times);
		change_some(times == 0 ? RC_J_LIFT : RC_J_IN, 7, 0, true, 100);
		assert_int_equal(waiting(), 1 + times);
		assert_string_equal(all().reply[times].who.text, "12025550999");
	}
	/* It was delivered, and decided. */
	add(reply_of("12025550101", "SM1", "stop"));
	assert_int_equal(waiting(), 2);
}

static void
a_long_text_is_cut_between_characters_and_made_utf8(void **arg)
{
	struct rc_review r = reply_of("12025550101", "SM1", "");
	struct rc_buf text = RC_BUF_INIT(100000);
	struct rc_consent_counts c;
	struct seen s;

	(void)arg;
	for (int i = 0; i < 2000; i++)
		rc_buf_adds(&text, "😡");
	r.text = rc_buf_slice(&text);
	add(r);
	r = reply_of("12025550102", "SM2", "arr\xeatez!");
	add(r);
	s = all();
	assert_int_equal(s.reply[0].text.len, 4 * 1600);
	assert_string_equal(s.text[1], "arr\ufffdtez!");
	assert_int_equal(decide(1, true, false, &c), RC_OK);
	rc_buf_free(&text);
}

static void
a_message_id_that_is_too_long_is_refused(void **arg)
{
	char id[RC_REVIEW_ID_MAX + 2] = {0};
	struct rc_review r;

	(void)arg;
	memset(id, 'x', RC_REVIEW_ID_MAX + 1);
	r = reply_of("12025550101", id, "stop it");
	assert_int_equal(
	    rc_store_write(state->store, add_in, &r, &err), RC_EDATA);
	r.message_id.len--;
	assert_ok(rc_store_write(state->store, add_in, &r, &err));
}

static uint64_t
ms(const char *time)
{
	uint64_t at;

	assert_ok(rc_time_parse(rc_slice_str(time), &at, &err));
	return at;
}

static void
a_reply_is_due_after_ten_business_days(void **arg)
{
	static const char *const days[][2] = {
	    {"2026-03-23T07:14:56Z", "2026-04-06T07:14:56Z"}, /* Monday */
	    {"2026-03-27T07:14:56Z", "2026-04-10T07:14:56Z"}, /* Friday */
	    {"2026-03-28T07:14:56Z", "2026-04-10T07:14:56Z"}, /* Saturday */
	    {"2026-03-29T23:59:59Z", "2026-04-10T23:59:59Z"}, /* Sunday */
	    {"2026-12-24T00:00:00Z", "2027-01-07T00:00:00Z"},
	};

	(void)arg;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		assert_int_equal(
		    rc_review_due_ms(ms(days[i][0])), ms(days[i][1]));
}

static enum rc_err
spoil(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	(void)arg;
	return rc_put(txn, RC_T_REVIEW, rc_slice_of("\0\0\0\0\0\0\0\1", 8),
	    RC_SLICE_LIT("x"), e);
}

static void
a_damaged_record_is_said(void **arg)
{
	struct seen s = {0};

	(void)arg;
	assert_ok(rc_store_write(state->store, spoil, NULL, &err));
	assert_int_equal(
	    rc_review_each(state->store, see, &s, &err), RC_ECONFIG);
	assert_says(err, "reply 1 is damaged");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STATE_TEST(replies_wait_oldest_first_until_they_are_decided),
	    STATE_TEST(a_repeated_delivery_makes_no_second_record),
	    STATE_TEST(
		a_revocation_is_a_suppression_with_the_reply_as_evidence),
	    STATE_TEST(a_dismissal_changes_nobodys_consent),
	    STATE_TEST(who_opted_in_again_since_is_not_suppressed),
	    STATE_TEST(what_lifts_a_suppression_takes_waiting_replies_out),
	    STATE_TEST(a_long_text_is_cut_between_characters_and_made_utf8),
	    STATE_TEST(a_message_id_that_is_too_long_is_refused),
	    STATE_TEST(a_reply_is_due_after_ten_business_days),
	    STATE_TEST(a_damaged_record_is_said),
	};

	return cmocka_run_group_tests_name("review", tests, NULL, NULL);
}
