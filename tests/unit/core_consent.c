#include "scratch_state.h"

#include "core/consent.h"

#include <ctype.h>

/*
 * Consent is compared with a model that is arrays and ifs, over random
 * sequences of lists and changes.
 */

#define PEOPLE 60
#define CHANNELS 2
#define STEPS 120

struct model {
	enum rc_ident_type type;
	struct rc_ident person[PEOPLE]; /* ascending by key */
	char listed_text[PEOPLE][64];	/* as lists give them */
	bool listed[CHANNELS][PEOPLE];
	enum rc_consent_state event[CHANNELS][PEOPLE];
	bool suppressed[PEOPLE];
	uint32_t generation[CHANNELS];
	uint64_t entries;
};
static struct model model;

static enum rc_consent_state
expected(int channel, int i)
{
	if (model.suppressed[i])
		return RC_CONSENT_OUT;
	if (model.event[channel][i] != RC_CONSENT_NONE)
		return model.event[channel][i];
	return model.listed[channel][i] ? RC_CONSENT_IN : RC_CONSENT_NONE;
}

static enum rc_consent_reason
expected_reason(int channel, int i)
{
	if (model.suppressed[i])
		return RC_BY_SUPPRESSION;
	if (model.event[channel][i] != RC_CONSENT_NONE)
		return RC_BY_EVENT;
	return model.listed[channel][i] ? RC_BY_LIST : RC_BY_NOTHING;
}

static int
compare_people(const void *a, const void *b)
{
	const struct rc_ident *x = a, *y = b;

	return rc_slice_cmp((struct rc_slice){(char *)x->key, x->key_len},
	    (struct rc_slice){(char *)y->key, y->key_len});
}

/* Names that are prefixes of others and differ in case are among them. */
static void
name_person(int i, char *text, size_t len)
{
	if (model.type == RC_IDENT_PHONE)
		snprintf(text, len, "1555%d", 1000 + i * i * 37);
	else if (model.type == RC_IDENT_EMAIL)
		snprintf(text, len, "user%d@example.co%s", i / 2,
		    i % 2 == 0 ? "" : "m");
	else
		snprintf(text, len, "%s-%d", i % 3 == 0 ? "Id" : "id", i / 3);
}

static void
model_start(enum rc_ident_type type)
{
	char text[64];

	memset(&model, 0, sizeof(model));
	model.type = type;
	for (int i = 0; i < PEOPLE; i++) {
		name_person(i, text, sizeof(text));
		/* Custom names i and i + 1 of a triple would be the same. */
		if (type == RC_IDENT_CUSTOM && i % 3 == 2)
			snprintf(text, sizeof(text), "id-%d\xc3\xa9", i);
		assert_ok(rc_ident_parse(
		    type, rc_slice_str(text), &model.person[i], &err));
	}
	qsort(model.person, PEOPLE, sizeof(model.person[0]), compare_people);
	for (int i = 0; i < PEOPLE; i++) {
		strncpy(model.listed_text[i], model.person[i].text,
		    sizeof(model.listed_text[i]) - 1);
		if (type == RC_IDENT_EMAIL)
			model.listed_text[i][0] =
			    (char)toupper(model.listed_text[i][0]);
	}
}

/* --- lists --------------------------------------------------------------- */

struct listing {
	int channel;
	struct rc_list_info info;
	struct rc_list_blocks blocks;
};

static enum rc_err
put_list(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct listing *l = arg;
	uint32_t number = (uint32_t)l->channel + 1;

	assert_ok(
	    rc_list_store(txn, number, l->info.generation, &l->blocks, e));
	assert_ok(rc_list_info_put(txn, number, &l->info, e));
	return RC_OK;
}

/* A new list of a random half of the people; events before it are gone. */
static void
replace_list(int channel)
{
	struct listing l = {.channel = channel};
	struct rc_packer packer;

	rc_list_blocks_init(&l.blocks);
	rc_packer_start(&packer, rc_list_format(model.type),
	    rc_list_blocks_emit, &l.blocks);
	for (int i = 0; i < PEOPLE; i++) {
		struct rc_member m = rc_list_member(&model.person[i]);

		model.event[channel][i] = RC_CONSENT_NONE;
		model.listed[channel][i] = draw(2) == 0;
		m.str = rc_slice_str(model.listed_text[i]);
		if (model.listed[channel][i])
			assert_ok(rc_packer_add(&packer, &m, &err));
	}
	assert_ok(rc_packer_finish(&packer, &err));
	l.info.generation = ++model.generation[channel];
	l.info.synced_ms = 5000 + l.info.generation;
	assert_ok(rc_store_write(state->store, put_list, &l, &err));
	if (draw(2) == 0)
		assert_ok(rc_list_sweep(state->store, (uint32_t)channel + 1,
		    l.info.generation, &err));
	rc_list_blocks_free(&l.blocks);
}

/* --- changes ------------------------------------------------------------- */

/* Applies a change of one person to the model; which count it belongs to. */
static uint64_t *
apply(const struct rc_consent_change *c, int i, struct rc_consent_counts *n)
{
	int channel = (int)c->channel - 1;
	bool before = expected(channel, i) == RC_CONSENT_IN;
	bool was_suppressed = model.suppressed[i];

	switch (c->kind) {
	case RC_J_IN:
		if (c->lift)
			was_suppressed = model.suppressed[i] = false;
		model.event[channel][i] = RC_CONSENT_IN;
		if (was_suppressed)
			return &n->suppressed;
		return before ? &n->unchanged : &n->changed;
	case RC_J_OUT:
		model.event[channel][i] = RC_CONSENT_OUT;
		return before ? &n->changed : &n->unchanged;
	case RC_J_SUPPRESS:
		model.suppressed[i] = true;
		return was_suppressed ? &n->unchanged : &n->changed;
	default:
		model.suppressed[i] = false;
		return was_suppressed ? &n->changed : &n->unchanged;
	}
}

/* One random change for some random people, some of them named twice. */
static void
make_change(void)
{
	static struct rc_ident people[PEOPLE];
	struct rc_consent_counts got, tried, want = {0};
	struct rc_consent_change c = {
	    .kind = (enum rc_journal_kind)(RC_J_IN + draw(4)),
	    .channel = 1 + (uint32_t)draw(CHANNELS),
	    .type = model.type,
	    .received_ms = 9000,
	    .lift = draw(4) == 0};
	size_t n = 1 + draw(draw(2) == 0 ? 3 : PEOPLE);
	bool done[PEOPLE] = {false};

	for (size_t k = 0; k < n; k++) {
		int i = (int)draw(PEOPLE);

		people[k] = model.person[i];
		if (!done[i])
			++*apply(&c, i, &want);
		done[i] = true;
	}
	assert_ok(rc_consent_try(state->store, &c, people, n, &tried, &err));
	assert_ok(rc_consent_change(state->store, &c, people, n, &got, &err));
	assert_int_equal(got.changed, want.changed);
	assert_int_equal(got.unchanged, want.unchanged);
	assert_int_equal(got.suppressed, want.suppressed);
	assert_int_equal(tried.changed, want.changed);
	assert_int_equal(tried.unchanged, want.unchanged);
	assert_int_equal(tried.suppressed, want.suppressed);
	assert_true(got.seq >= model.entries);
	model.entries = got.seq;
}

/* --- comparing ----------------------------------------------------------- */

struct asking {
	int channel;
	bool shuffled;
};

static void
compare_one(struct rc_consent_view *v, int channel, int i, struct rc_buf *text,
    struct rc_error *e)
{
	struct rc_consent c;
	const char *want = model.person[i].text;

	assert_ok(rc_consent_of(v, &model.person[i], &c, text, e));
	assert_int_equal(c.state, expected(channel, i));
	assert_int_equal(c.reason, expected_reason(channel, i));
	if (c.reason == RC_BY_EVENT || c.reason == RC_BY_SUPPRESSION)
		assert_int_equal(c.since_ms, 9000);
	if (c.reason == RC_BY_LIST)
		assert_int_equal(c.since_ms, 5000 + model.generation[channel]);
	if (c.state == RC_CONSENT_IN && model.listed[channel][i])
		want = model.listed_text[i];
	if (c.state == RC_CONSENT_IN)
		assert_string_equal(rc_buf_str(text), want);
}

static enum rc_err
compare_view(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct asking *a = arg;
	struct rc_buf text = RC_BUF_INIT(300);
	struct rc_consent_view v;

	assert_ok(
	    rc_consent_open(&v, txn, (uint32_t)a->channel + 1, model.type, e));
	for (int i = 0; i < PEOPLE; i++)
		compare_one(&v, a->channel, a->shuffled ? (int)draw(PEOPLE) : i,
		    &text, e);
	rc_consent_close(&v);
	rc_buf_free(&text);
	return RC_OK;
}

struct reading {
	int channel; /* -1: suppressed */
	int at;	     /* person that comes next, at the earliest */
};

/* Whether person i is to be in the listing that is read. */
static bool
is_due(const struct reading *r, int i)
{
	if (r->channel < 0)
		return model.suppressed[i];
	return expected(r->channel, i) == RC_CONSENT_IN;
}

/* What is handed out is what would be told of that person. */
static void
compare_consent(const struct reading *r, const struct rc_ident *who,
    const struct rc_consent *got)
{
	struct rc_consent want;

	assert_ok(rc_consent_ask(state->store, (uint32_t)(r->channel + 1),
	    model.type, who, 1, &want, &err));
	assert_int_equal(got->state, want.state);
	assert_int_equal(got->reason, want.reason);
	assert_int_equal(got->since_ms, want.since_ms);
	assert_int_equal(got->seq, want.seq);
}

static enum rc_err
compare_line(void *arg, struct rc_slice text, const struct rc_consent *consent,
    struct rc_error *e)
{
	struct reading *r = arg;
	const char *want;

	(void)e;
	while (r->at < PEOPLE && !is_due(r, r->at))
		r->at++;
	if (r->at == PEOPLE)
		fail_msg("'%.*s' is too much", (int)text.len, text.p);
	want = model.person[r->at].text;
	if (r->channel >= 0 && model.listed[r->channel][r->at])
		want = model.listed_text[r->at];
	if (!rc_slice_is(text, want))
		fail_msg("'%.*s' instead of '%s'", (int)text.len, text.p, want);
	compare_consent(r, &model.person[r->at], consent);
	r->at++;
	return RC_OK;
}

static void
expect_end(const struct reading *r)
{
	for (int i = r->at; i < PEOPLE; i++)
		assert_false(is_due(r, i));
}

static void
compare_all(void)
{
	const struct rc_consent_pick all = {0};
	struct reading r = {-1, 0};

	assert_ok(rc_consent_suppressed(
	    state->store, model.type, &all, compare_line, &r, &err));
	expect_end(&r);
	for (int channel = 0; channel < CHANNELS; channel++) {
		struct rc_channel c = {
		    .number = (uint32_t)channel + 1, .identifier = model.type};
		struct asking a = {channel, false};

		assert_ok(rc_store_read(state->store, compare_view, &a, &err));
		a.shuffled = true;
		assert_ok(rc_store_read(state->store, compare_view, &a, &err));
		r = (struct reading){channel, 0};
		assert_ok(rc_consent_list(
		    state->store, &c, &all, compare_line, &r, &err));
		expect_end(&r);
	}
}

static void
follow_the_model(enum rc_ident_type type)
{
	struct rc_journal_verdict v;

	model_start(type);
	for (int step = 0; step < STEPS; step++) {
		if (draw(15) == 0)
			replace_list((int)draw(CHANNELS));
		else
			make_change();
		compare_all();
	}
	assert_ok(rc_journal_verify(state->store, NULL, &v, &err));
	assert_int_equal(v.broken_seq, 0);
	assert_int_equal(v.entries, model.entries);
}

static void
phones_are_decided_as_the_model_decides(void **arg)
{
	(void)arg;
	follow_the_model(RC_IDENT_PHONE);
}

static void
emails_are_decided_as_the_model_decides(void **arg)
{
	(void)arg;
	follow_the_model(RC_IDENT_EMAIL);
}

static void
custom_ids_are_decided_as_the_model_decides(void **arg)
{
	(void)arg;
	follow_the_model(RC_IDENT_CUSTOM);
}

/* --- single rules -------------------------------------------------------- */

static struct rc_consent_counts
change(enum rc_journal_kind kind, const char *who, bool lift)
{
	struct rc_consent_change c = {.kind = kind,
	    .channel = 1,
	    .type = RC_IDENT_PHONE,
	    .received_ms = 1,
	    .lift = lift};
	struct rc_consent_counts n;
	struct rc_ident id;

	assert_ok(rc_ident_parse(c.type, rc_slice_str(who), &id, &err));
	assert_ok(rc_consent_change(state->store, &c, &id, 1, &n, &err));
	return n;
}

static struct rc_consent
ask(uint32_t channel, const char *who)
{
	struct rc_consent answer;
	struct rc_ident id;

	assert_ok(rc_ident_parse(RC_IDENT_PHONE, rc_slice_str(who), &id, &err));
	assert_ok(rc_consent_ask(
	    state->store, channel, RC_IDENT_PHONE, &id, 1, &answer, &err));
	return answer;
}

static void
a_stop_holds_for_every_channel_until_it_is_lifted(void **arg)
{
	(void)arg;
	change(RC_J_IN, "15550000001", false);
	change(RC_J_SUPPRESS, "15550000001", false);
	assert_int_equal(ask(1, "15550000001").state, RC_CONSENT_OUT);
	assert_int_equal(ask(2, "15550000001").state, RC_CONSENT_OUT);
	assert_int_equal(change(RC_J_IN, "15550000001", false).suppressed, 1);
	assert_int_equal(ask(1, "15550000001").state, RC_CONSENT_OUT);
	assert_int_equal(change(RC_J_IN, "15550000001", true).suppressed, 0);
	assert_int_equal(ask(1, "15550000001").state, RC_CONSENT_IN);
	assert_int_equal(ask(2, "15550000001").state, RC_CONSENT_NONE);
}

static void
a_lift_that_lifts_nothing_leaves_no_entry(void **arg)
{
	struct rc_consent_counts n;

	(void)arg;
	n = change(RC_J_IN, "15550000001", true);
	assert_int_equal(n.seq, 1);
	n = change(RC_J_LIFT, "15550000001", false);
	assert_int_equal(n.seq, 1);
	assert_int_equal(n.unchanged, 1);
}

static enum rc_err
remove_one(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	(void)arg;
	return rc_del(txn, RC_T_CHANNEL, RC_SLICE_LIT("one"), e);
}

static void
a_channel_that_is_gone_takes_no_change(void **arg)
{
	struct rc_consent_change c = {
	    .kind = RC_J_IN, .channel = 1, .type = RC_IDENT_PHONE};
	struct rc_consent_counts n;
	struct rc_ident id;

	(void)arg;
	change(RC_J_IN, "15550000001", false);
	assert_ok(rc_store_write(state->store, remove_one, NULL, &err));
	assert_ok(
	    rc_ident_parse(c.type, rc_slice_str("15550000002"), &id, &err));
	for (c.kind = RC_J_IN; c.kind <= RC_J_OUT; c.kind++) {
		assert_int_equal(
		    rc_consent_change(state->store, &c, &id, 1, &n, &err),
		    RC_ENOINPUT);
		assert_says(err, "removed meanwhile");
	}
	/* What concerns all channels is nobody's alone. */
	assert_int_equal(change(RC_J_SUPPRESS, "15550000002", false).seq, 2);
}

static void
a_dry_run_changes_nothing(void **arg)
{
	struct rc_consent_change c = {
	    .kind = RC_J_IN, .channel = 1, .type = RC_IDENT_PHONE};
	struct rc_journal_verdict v;
	struct rc_consent_counts n;
	struct rc_ident id;

	(void)arg;
	assert_ok(
	    rc_ident_parse(c.type, rc_slice_str("15550000001"), &id, &err));
	assert_ok(rc_consent_try(state->store, &c, &id, 1, &n, &err));
	assert_int_equal(n.changed, 1);
	assert_int_equal(ask(1, "15550000001").state, RC_CONSENT_NONE);
	assert_ok(rc_journal_verify(state->store, NULL, &v, &err));
	assert_int_equal(v.entries, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CHANNEL_TEST(phones_are_decided_as_the_model_decides),
	    CHANNEL_TEST(emails_are_decided_as_the_model_decides),
	    CHANNEL_TEST(custom_ids_are_decided_as_the_model_decides),
	    CHANNEL_TEST(a_stop_holds_for_every_channel_until_it_is_lifted),
	    CHANNEL_TEST(a_lift_that_lifts_nothing_leaves_no_entry),
	    CHANNEL_TEST(a_channel_that_is_gone_takes_no_change),
	    CHANNEL_TEST(a_dry_run_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
