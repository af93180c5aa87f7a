#include "scratch_state.h"

#include "core/channel.h"
#include "core/link.h"

#define FIRST_ORDINAL 100
#define URL "https://shop.example/a?b=c"

static struct rc_channel channel = {
    .number = 1, .identifier = RC_IDENT_PHONE, .cap = 0};

static void
opt_in(const struct rc_ident *who)
{
	struct rc_consent_change change = {.kind = RC_J_IN,
	    .channel = channel.number,
	    .type = RC_IDENT_PHONE,
	    .received_ms = 1};
	struct rc_consent_counts counts;

	assert_ok(
	    rc_consent_change(state->store, &change, who, 1, &counts, &err));
}

struct scene {
	struct rc_run run;
	struct rc_claim claim;
	uint32_t campaign;
	uint64_t fixed, expanded; /* first ids of two blocks of three */
};

static enum rc_err
set_scene(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct scene *s = arg;
	const struct rc_content content = {.template_text = RC_SLICE_LIT(""),
	    .message_text = RC_SLICE_LIT("text")};
	struct rc_campaign c;
	enum rc_err result = rc_campaign_open(
	    txn, "spring", channel.number, &content, false, 1, &c, e);

	s->campaign = c.number;
	if (result == RC_OK)
		result = rc_link_reserve(txn, c.number, FIRST_ORDINAL, 3, 0,
		    RC_SLICE_LIT(URL), &s->fixed, e);
	if (result == RC_OK)
		result = rc_link_reserve(txn, c.number, FIRST_ORDINAL, 3, 2,
		    RC_SLICE_LIT("https://x.example/${u}"), &s->expanded, e);
	return result;
}

static enum rc_err
claim_one(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct scene *s = arg;
	struct rc_claim_batch batch = {.channel = &channel,
	    .run = &s->run,
	    .now_ms = 1000000,
	    .low = FIRST_ORDINAL};
	enum rc_err result = rc_message_claim(txn, &batch, &s->claim, 1, e);

	if (result == RC_OK)
		result = rc_message_url_put(txn, s->campaign, s->claim.ordinal,
		    2, RC_SLICE_LIT("https://x.example/ada"), e);
	return result;
}

/* A campaign with two blocks, and a message of the second ordinal alone. */
static void
make_scene(struct scene *s)
{
	*s = (struct scene){.claim.ordinal = FIRST_ORDINAL + 1};
	assert_ok(rc_ident_parse(
	    RC_IDENT_PHONE, RC_SLICE_LIT("15551234567"), &s->claim.to, &err));
	opt_in(&s->claim.to);
	assert_ok(rc_store_write(state->store, set_scene, s, &err));
	assert_ok(rc_run_open(state, s->campaign, &s->run, &err));
	assert_ok(rc_store_write(state->store, claim_one, s, &err));
	assert_int_equal(s->claim.answer, RC_CLAIMED);
}

struct question {
	uint64_t id;
	struct rc_link link;
	char url[100];
};

static enum rc_err
get_in(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct question *q = arg;
	enum rc_err result = rc_link_get(txn, q->id, &q->link, e);

	if (result == RC_OK)
		snprintf(q->url, sizeof(q->url), "%.*s", (int)q->link.url.len,
		    q->link.url.p);
	return result;
}

static enum rc_err
get(struct question *q, uint64_t id)
{
	q->id = id;
	return rc_store_read(state->store, get_in, q, &err);
}

struct minting {
	uint32_t campaign;
	const char *url;
	uint64_t id;
};

static enum rc_err
mint_in(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct minting *m = arg;

	return rc_link_mint(txn, m->campaign, rc_slice_str(m->url), &m->id, e);
}

static uint64_t
mint(uint32_t campaign, const char *url)
{
	struct minting m = {.campaign = campaign, .url = url};

	assert_ok(rc_store_write(state->store, mint_in, &m, &err));
	return m.id;
}

static enum rc_err
find_in(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct minting *m = arg;

	return rc_link_find(txn, m->campaign, rc_slice_str(m->url), &m->id, e);
}

static void
minting_again_gives_the_same_link(void **arg)
{
	struct minting m = {.url = URL};
	struct question q;
	uint64_t id, other;

	(void)arg;
	assert_int_equal(
	    rc_store_read(state->store, find_in, &m, &err), RC_NOTFOUND);
	id = mint(0, URL);
	assert_true(mint(0, URL) == id);
	assert_ok(rc_store_read(state->store, find_in, &m, &err));
	assert_true(m.id == id);
	other = mint(7, URL);
	assert_true(other != id);
	assert_true(mint(7, URL) == other);
	assert_true(mint(0, "https://shop.example/b") != id);

	assert_ok(get(&q, id));
	assert_string_equal(q.url, URL);
	assert_int_equal(q.link.campaign, 0);
	assert_int_equal(q.link.ordinal, RC_LINK_UNBOUND);
	assert_ok(get(&q, other));
	assert_int_equal(q.link.campaign, 7);
}

static void
a_code_of_a_message_leads_to_its_ordinal(void **arg)
{
	struct question q;
	struct scene s;

	(void)arg;
	make_scene(&s);
	assert_ok(get(&q, s.fixed + 1));
	assert_string_equal(q.url, URL);
	assert_int_equal(q.link.campaign, s.campaign);
	assert_int_equal(q.link.ordinal, FIRST_ORDINAL + 1);
	assert_ok(get(&q, s.expanded + 1));
	assert_string_equal(q.url, "https://x.example/ada");
	assert_int_equal(q.link.ordinal, FIRST_ORDINAL + 1);
	assert_ok(rc_run_close(state, &s.run, &err));
}

static void
a_code_without_a_message_leads_nowhere(void **arg)
{
	struct question q;
	struct scene s;

	(void)arg;
	assert_int_equal(get(&q, 1), RC_NOTFOUND);
	make_scene(&s);
	assert_int_equal(get(&q, s.fixed), RC_NOTFOUND);
	assert_int_equal(get(&q, s.fixed + 2), RC_NOTFOUND);
	assert_int_equal(get(&q, s.expanded), RC_NOTFOUND);
	assert_int_equal(get(&q, 0), RC_NOTFOUND);
	assert_int_equal(get(&q, s.expanded + 3), RC_NOTFOUND);
	assert_int_equal(get(&q, UINT64_MAX), RC_NOTFOUND);
	assert_ok(rc_run_close(state, &s.run, &err));
}

struct listing {
	uint64_t from;
	size_t n;
	uint64_t id[10];
	uint32_t count[10];
	enum rc_err stop_with;
};

static enum rc_err
note(void *arg, const struct rc_link *link, uint32_t count, struct rc_error *e)
{
	struct listing *l = arg;

	(void)e;
	assert_in_range(l->n, 0, 9);
	l->id[l->n] = link->id;
	l->count[l->n++] = count;
	return l->stop_with;
}

static enum rc_err
list_in(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct listing *l = arg;

	l->n = 0;
	return rc_link_each(txn, l->from, note, l, e);
}

static void
blocks_are_listed_from_an_id_on(void **arg)
{
	struct listing l = {.from = 0};
	struct scene s;
	uint64_t id;

	(void)arg;
	assert_ok(rc_store_read(state->store, list_in, &l, &err));
	assert_int_equal(l.n, 0);
	make_scene(&s);
	id = mint(0, URL);
	assert_ok(rc_store_read(state->store, list_in, &l, &err));
	assert_int_equal(l.n, 3);
	assert_true(l.id[0] == s.fixed && l.count[0] == 3);
	assert_true(l.id[1] == s.expanded && l.count[1] == 3);
	assert_true(l.id[2] == id && l.count[2] == 1);
	l.from = s.fixed + 1;
	assert_ok(rc_store_read(state->store, list_in, &l, &err));
	assert_int_equal(l.n, 2);
	l.stop_with = RC_END;
	assert_ok(rc_store_read(state->store, list_in, &l, &err));
	assert_int_equal(l.n, 1);
	assert_ok(rc_run_close(state, &s.run, &err));
}

static void
a_link_is_the_base_and_eight_characters(void **arg)
{
	struct rc_buf a = RC_BUF_INIT(100), b = RC_BUF_INIT(100);

	(void)arg;
	rc_link_write(
	    &state->keys, RC_SLICE_LIT("https://s.example/l//"), 5, &a);
	rc_link_write(&state->keys, RC_SLICE_LIT("https://s.example/l"), 5, &b);
	assert_string_equal(rc_buf_str(&a), rc_buf_str(&b));
	assert_int_equal(a.len, strlen("https://s.example/l/") + 8);
	rc_buf_reset(&a);
	rc_link_write(&state->keys, RC_SLICE_LIT("https://s.example"), 0, &a);
	assert_string_equal(rc_buf_str(&a), "https://s.example/preview0");
	rc_buf_free(&a);
	rc_buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CHANNEL_TEST(minting_again_gives_the_same_link),
	    CHANNEL_TEST(a_code_of_a_message_leads_to_its_ordinal),
	    CHANNEL_TEST(a_code_without_a_message_leads_nowhere),
	    CHANNEL_TEST(blocks_are_listed_from_an_id_on),
	    CHANNEL_TEST(a_link_is_the_base_and_eight_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
