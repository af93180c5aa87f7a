#include "scratch_state.h"

#include "job/bulk.h"

#define PEOPLE 12000

static struct rc_consent_change change;
static struct rc_bulk bulk;

static void
start(enum rc_ident_type type, enum rc_journal_kind kind, bool dry_run)
{
	change = (struct rc_consent_change){.kind = kind,
	    .channel = 1,
	    .type = type,
	    .source = RC_SLICE_LIT("test")};
	assert_ok(rc_bulk_init(&bulk, state->store, &change, dry_run, &err));
}

static struct rc_ident
person(enum rc_ident_type type, size_t i)
{
	struct rc_ident id;
	char text[40];

	if (type == RC_IDENT_PHONE)
		snprintf(text, sizeof(text), "1555%07zu", i);
	else
		snprintf(text, sizeof(text), "Person%zu@example.com", i);
	assert_ok(rc_ident_parse(type, rc_slice_str(text), &id, &err));
	return id;
}

/* Everybody below n, from the last to the first, every third of them twice. */
static void
add_backwards(enum rc_ident_type type, size_t n)
{
	for (size_t i = n; i-- > 0;) {
		struct rc_ident id[2] = {person(type, i), person(type, i)};

		assert_ok(rc_bulk_add(&bulk, id, i % 3 == 0 ? 2 : 1, &err));
	}
}

static struct rc_journal_verdict
journal(void)
{
	struct rc_journal_verdict v;

	assert_ok(rc_journal_verify(state->store, NULL, &v, &err));
	assert_int_equal(v.broken_seq, 0);
	return v;
}

static enum rc_consent_state
consent(enum rc_ident_type type, size_t i)
{
	struct rc_ident id = person(type, i);
	struct rc_consent answer;

	assert_ok(rc_consent_ask(state->store, 1, type, &id, 1, &answer, &err));
	return answer.state;
}

static void
record_in_any_order(enum rc_ident_type type)
{
	start(type, RC_J_IN, false);
	add_backwards(type, PEOPLE);
	assert_int_equal(journal().entries, 0);
	assert_int_equal(consent(type, 0), RC_CONSENT_NONE);
	assert_ok(rc_bulk_settle(&bulk, &err));
	assert_int_equal(bulk.sum.changed, PEOPLE);
	assert_int_equal(bulk.sum.unchanged, PEOPLE / 3);
	assert_int_equal(journal().entries,
	    (PEOPLE + RC_CONSENT_BATCH - 1) / RC_CONSENT_BATCH);
	assert_int_equal(journal().entries, bulk.sum.seq);
	assert_int_equal(consent(type, 0), RC_CONSENT_IN);
	assert_int_equal(consent(type, PEOPLE - 1), RC_CONSENT_IN);
	assert_int_equal(consent(type, PEOPLE), RC_CONSENT_NONE);
	/* Whoever comes later is settled alone, and nobody is nothing. */
	add_backwards(type, 1);
	assert_ok(rc_bulk_settle(&bulk, &err));
	assert_int_equal(bulk.sum.changed, PEOPLE);
	assert_int_equal(bulk.sum.unchanged, PEOPLE / 3 + 2);
	assert_ok(rc_bulk_settle(&bulk, &err));
	assert_int_equal(bulk.sum.seq, journal().entries);
	rc_bulk_free(&bulk);
}

static void
phones_in_any_order_are_recorded_once_each(void **arg)
{
	(void)arg;
	record_in_any_order(RC_IDENT_PHONE);
}

static void
addresses_in_any_order_are_recorded_once_each(void **arg)
{
	(void)arg;
	record_in_any_order(RC_IDENT_EMAIL);
}

static void
custom_ids_in_any_order_are_recorded_once_each(void **arg)
{
	(void)arg;
	record_in_any_order(RC_IDENT_CUSTOM);
}

static void
a_dry_run_counts_the_same_and_changes_nothing(void **arg)
{
	(void)arg;
	start(RC_IDENT_PHONE, RC_J_IN, true);
	add_backwards(RC_IDENT_PHONE, PEOPLE);
	assert_ok(rc_bulk_wait(&bulk, &err));
	add_backwards(RC_IDENT_PHONE, 3);
	assert_ok(rc_bulk_settle(&bulk, &err));
	assert_int_equal(bulk.sum.changed, PEOPLE);
	assert_int_equal(bulk.sum.unchanged, PEOPLE / 3 + 4);
	assert_int_equal(journal().entries, 0);
	assert_int_equal(consent(RC_IDENT_PHONE, 0), RC_CONSENT_NONE);
	rc_bulk_free(&bulk);
}

static void
suppress(enum rc_ident_type type, size_t i)
{
	struct rc_consent_change c = {.kind = RC_J_SUPPRESS, .type = type};
	struct rc_ident id = person(type, i);
	struct rc_consent_counts counts;

	assert_ok(rc_consent_change(state->store, &c, &id, 1, &counts, &err));
}

/* Some of 20 people, 60 times, of whom every fourth is suppressed. */
static struct rc_consent_counts
mention(enum rc_ident_type type, enum rc_journal_kind kind, bool lift, bool cut)
{
	struct rc_consent_counts sum;

	for (size_t i = 0; i < 20; i += 4)
		suppress(type, i);
	start(type, kind, false);
	change.lift = lift;
	for (size_t i = 0; i < 60; i++) {
		struct rc_ident id = person(type, i * i % 20);

		assert_ok(rc_bulk_add(&bulk, &id, 1, &err));
		if (cut && draw(4) == 0)
			assert_ok(rc_bulk_wait(&bulk, &err));
	}
	assert_ok(rc_bulk_settle(&bulk, &err));
	sum = bulk.sum;
	rc_bulk_free(&bulk);
	/* As it was before. */
	change.kind = kind == RC_J_IN ? RC_J_OUT : RC_J_IN;
	for (size_t i = 0; i < 20; i++) {
		struct rc_ident id = person(type, i);
		struct rc_consent_counts counts;

		assert_ok(rc_consent_change(
		    state->store, &change, &id, 1, &counts, &err));
	}
	return sum;
}

static void
who_is_named_again_is_counted_alike_however_mentions_are_parted(void **arg)
{
	static const enum rc_ident_type types[] = {
	    RC_IDENT_PHONE, RC_IDENT_EMAIL};

	(void)arg;
	for (int n = 0; n < 8; n++) {
		enum rc_ident_type type = types[n / 4];
		enum rc_journal_kind kind = n % 2 ? RC_J_IN : RC_J_OUT;
		bool lift = n % 4 == 3;
		struct rc_consent_counts whole, cut;

		mention(type, kind, lift, false);
		whole = mention(type, kind, lift, false);
		cut = mention(type, kind, lift, true);
		assert_int_equal(
		    whole.changed + whole.unchanged + whole.suppressed, 60);
		assert_int_equal(whole.changed, cut.changed);
		assert_int_equal(whole.unchanged, cut.unchanged);
		assert_int_equal(whole.suppressed, cut.suppressed);
		assert_int_equal(whole.suppressed > 0, n % 4 == 1);
	}
}

static void
what_is_gathered_is_settled_before_it_fills_the_memory(void **arg)
{
	struct rc_ident id;
	char text[251];
	size_t bytes = 0;

	(void)arg;
	start(RC_IDENT_CUSTOM, RC_J_OUT, false);
	for (size_t i = 0; bulk.sum.seq == 0; i++) {
		snprintf(text, sizeof(text), "%0250zu", i);
		assert_ok(rc_ident_parse(
		    RC_IDENT_CUSTOM, rc_slice_str(text), &id, &err));
		assert_ok(rc_bulk_add(&bulk, &id, 1, &err));
		bytes += 250;
		assert_true(bytes < 20u << 20);
	}
	assert_int_equal(bulk.sum.unchanged, bytes / 250);
	rc_bulk_free(&bulk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CHANNEL_TEST(phones_in_any_order_are_recorded_once_each),
	    CHANNEL_TEST(addresses_in_any_order_are_recorded_once_each),
	    CHANNEL_TEST(custom_ids_in_any_order_are_recorded_once_each),
	    CHANNEL_TEST(a_dry_run_counts_the_same_and_changes_nothing),
	    CHANNEL_TEST(
		who_is_named_again_is_counted_alike_however_mentions_are_parted),
	    CHANNEL_TEST(
		what_is_gathered_is_settled_before_it_fills_the_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
