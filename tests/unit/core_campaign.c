#include "scratch_state.h"

#include "core/campaign.h"

struct run {
	const char *name, *template_text, *message_text;
	const struct rc_variant *variants;
	size_t nvariants;
	unsigned holdout;
	uint32_t channel, reserve;
	bool amend;
	uint64_t now_ms;
	struct rc_campaign c; /* out, its texts checked within */
	uint32_t first;
};

static enum rc_err
open_in(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct run *r = arg;
	const struct rc_content content = {
	    .template_text = rc_slice_str(r->template_text),
	    .message_text = rc_slice_str(r->message_text),
	    .variants = r->variants,
	    .nvariants = r->nvariants,
	    .holdout = r->holdout};
	enum rc_err result = rc_campaign_open(
	    txn, r->name, r->channel, &content, r->amend, r->now_ms, &r->c, e);

	if (result == RC_OK) {
		assert_true(rc_slice_is(r->c.template_text, r->template_text));
		assert_true(rc_slice_is(r->c.message_text, r->message_text));
	}
	return result;
}

static enum rc_err
reserve_in(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct run *r = arg;

	return rc_campaign_reserve(txn, r->name, r->reserve, &r->first, e);
}

static enum rc_err
get_in(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct run *r = arg;
	enum rc_err result = rc_campaign_get(txn, r->name, &r->c, e);

	if (result == RC_OK && r->template_text != NULL)
		assert_true(rc_slice_is(r->c.template_text, r->template_text));
	return result;
}

static enum rc_err
write_with(rc_txn_fn *fn, struct run *r)
{
	return rc_store_write(state->store, fn, r, &err);
}

static enum rc_err
get(struct run *r)
{
	return rc_store_read(state->store, get_in, r, &err);
}

static void
a_campaign_is_made_by_its_first_run(void **arg)
{
	struct run r = {.name = "spring",
	    .template_text = "{}",
	    .message_text = "Hi",
	    .channel = 7,
	    .now_ms = 1000};

	(void)arg;
	assert_int_equal(get(&r), RC_NOTFOUND);
	assert_ok(write_with(open_in, &r));
	assert_string_equal(r.c.name, "spring");
	assert_int_equal(r.c.number, 1);
	assert_int_equal(r.c.channel, 7);
	assert_int_equal(r.c.next_ordinal, 0);

	r.now_ms = 2000;
	assert_ok(write_with(open_in, &r));
	assert_ok(get(&r));
	assert_int_equal(r.c.number, 1);
	assert_int_equal(r.c.first_run_ms, 1000);
	assert_int_equal(r.c.last_run_ms, 2000);

	r.now_ms = 1500; /* a clock set back */
	assert_ok(write_with(open_in, &r));
	assert_int_equal(r.c.last_run_ms, 2000);

	r.name = "summer";
	assert_ok(write_with(open_in, &r));
	assert_int_equal(r.c.number, 2);
}

static void
a_changed_template_needs_to_be_amended(void **arg)
{
	struct run r = {.name = "spring",
	    .template_text = "one",
	    .message_text = "text",
	    .channel = 1,
	    .now_ms = 1};
	unsigned char hash[RC_SHA256_LEN];

	(void)arg;
	assert_ok(write_with(open_in, &r));
	memcpy(hash, r.c.template_hash, sizeof(hash));
	r.template_text = "two";
	assert_int_equal(write_with(open_in, &r), RC_ECONFIG);
	assert_says(err, "--amend");
	r.template_text = "one";
	r.message_text = "other";
	assert_int_equal(write_with(open_in, &r), RC_ECONFIG);
	assert_ok(get(&r));
	assert_memory_equal(r.c.template_hash, hash, sizeof(hash));

	r.amend = true;
	assert_ok(write_with(open_in, &r));
	assert_memory_not_equal(r.c.template_hash, hash, sizeof(hash));
	r.amend = false;
	assert_ok(write_with(open_in, &r));
	assert_int_equal(r.c.number, 1);
}

static void
a_changed_split_needs_to_be_amended(void **arg)
{
	struct rc_variant set[] = {{RC_SLICE_LIT("a"), RC_SLICE_LIT("one"), 1},
	    {RC_SLICE_LIT("b"), RC_SLICE_LIT("two"), 1}};
	const struct rc_variant turned[] = {set[1], set[0]};
	struct run r = {.name = "spring",
	    .template_text = "",
	    .message_text = "",
	    .variants = set,
	    .nvariants = 2,
	    .holdout = 100,
	    .channel = 1};
	unsigned char hash[RC_SHA256_LEN];

	(void)arg;
	assert_ok(write_with(open_in, &r));
	memcpy(hash, r.c.template_hash, sizeof(hash));
	r.variants = turned; /* the same set */
	assert_ok(write_with(open_in, &r));
	assert_memory_equal(r.c.template_hash, hash, sizeof(hash));
	r.variants = set;
	for (int change = 0; change < 5; change++) {
		struct run other = r;

		set[0].weight = change == 0 ? 2 : 1;
		set[0].text = rc_slice_str(change == 1 ? "three" : "one");
		set[0].name = rc_slice_str(change == 2 ? "c" : "a");
		other.nvariants = change == 3 ? 1 : 2;
		other.holdout = change == 4 ? 101 : 100;
		assert_int_equal(write_with(open_in, &other), RC_ECONFIG);
		assert_says(err, "other variants or another holdout");
	}
	r.amend = true;
	assert_ok(write_with(open_in, &r)); /* as it was, but for a holdout */
	r.holdout = 101;
	assert_ok(write_with(open_in, &r));
	assert_memory_not_equal(r.c.template_hash, hash, sizeof(hash));
}

static void
more_text_than_a_campaign_keeps_is_refused(void **arg)
{
	static char much[RC_CONTENT_MAX];
	const struct rc_variant set[] = {
	    {RC_SLICE_LIT("a"), {much, sizeof(much) - 1}, 1},
	    {RC_SLICE_LIT("b"), RC_SLICE_LIT("x"), 1},
	    {RC_SLICE_LIT("c"), RC_SLICE_LIT("x"), 1}};
	struct run r = {.name = "spring",
	    .template_text = "",
	    .message_text = "",
	    .variants = set,
	    .nvariants = 3,
	    .channel = 1};

	(void)arg;
	memset(much, 'x', sizeof(much));
	assert_int_equal(write_with(open_in, &r), RC_EDATA);
	assert_int_equal(get(&r), RC_NOTFOUND);
	r.nvariants = 2;
	assert_ok(write_with(open_in, &r));
	assert_ok(get(&r));
}

static void
a_campaign_never_changes_its_channel(void **arg)
{
	struct run r = {.name = "spring",
	    .template_text = "",
	    .message_text = "text",
	    .channel = 1,
	    .amend = true};

	(void)arg;
	assert_ok(write_with(open_in, &r));
	r.channel = 2;
	assert_int_equal(write_with(open_in, &r), RC_ECONFIG);
	assert_says(err, "another channel");
}

static void
ordinals_are_given_once(void **arg)
{
	struct run r = {.name = "spring",
	    .template_text = "",
	    .message_text = "text",
	    .channel = 1,
	    .reserve = 100};

	(void)arg;
	assert_int_equal(write_with(reserve_in, &r), RC_ENOINPUT);
	assert_ok(write_with(open_in, &r));
	assert_ok(write_with(reserve_in, &r));
	assert_int_equal(r.first, 0);
	assert_ok(write_with(reserve_in, &r));
	assert_int_equal(r.first, 100);
	assert_ok(write_with(open_in, &r));
	assert_int_equal(r.c.next_ordinal, 200);

	r.reserve = RC_CAMPAIGN_ORDINALS - 200;
	assert_ok(write_with(reserve_in, &r));
	r.reserve = 1;
	assert_int_equal(write_with(reserve_in, &r), RC_ECONFIG);
	assert_says(err, "full");
}

static void
what_is_no_name_is_refused(void **arg)
{
	char longest[RC_CAMPAIGN_NAME_MAX + 2];
	const char *const wrong[] = {"", longest, "a\nb", "a\x7f", "\xff"};
	struct run r = {.template_text = "", .message_text = "text"};
	size_t i;

	(void)arg;
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		r.name = wrong[i];
		assert_int_equal(write_with(open_in, &r), RC_EUSAGE);
		assert_int_equal(get(&r), RC_EUSAGE);
	}
	longest[RC_CAMPAIGN_NAME_MAX] = '\0';
	r.name = longest;
	assert_ok(write_with(open_in, &r));
	r.name = "Frühling 2026 / A|B";
	assert_ok(write_with(open_in, &r));
}

struct names {
	char seen[100];
	enum rc_err stop_with;
};

static enum rc_err
collect(void *arg, const struct rc_campaign *c, struct rc_error *e)
{
	struct names *n = arg;

	(void)e;
	strncat(n->seen, c->name, sizeof(n->seen) - strlen(n->seen) - 1);
	return n->stop_with;
}

static enum rc_err
each_in(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	return rc_campaign_each(txn, collect, arg, e);
}

static enum rc_err
each(struct names *n)
{
	n->seen[0] = '\0';
	return rc_store_read(state->store, each_in, n, &err);
}

static void
campaigns_are_listed_by_name(void **arg)
{
	struct run r = {.template_text = "", .message_text = "text"};
	static const char *const name[] = {"c", "a", "b"};
	struct names n = {.stop_with = RC_OK};
	size_t i;

	(void)arg;
	assert_ok(each(&n));
	assert_string_equal(n.seen, "");
	for (i = 0; i < 3; i++) {
		r.name = name[i];
		assert_ok(write_with(open_in, &r));
	}
	assert_ok(each(&n));
	assert_string_equal(n.seen, "abc");
	n.stop_with = RC_END;
	assert_ok(each(&n));
	assert_string_equal(n.seen, "a");
	n.stop_with = RC_NOTFOUND;
	assert_int_equal(each(&n), RC_NOTFOUND);
}

struct route {
	struct rc_channel channel;
	const struct rc_seal *seal;
	bool same;
};

static enum rc_err
note_in(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct route *r = arg;

	return rc_campaign_note_route(txn, 7, &r->channel, r->seal, e);
}

static enum rc_err
compare_in(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct route *r = arg;

	return rc_campaign_same_route(
	    txn, 7, &r->channel, r->seal, &r->same, e);
}

static bool
is_same_route(struct route *r)
{
	assert_ok(rc_store_read(state->store, compare_in, r, &err));
	return r->same;
}

static void
runs_by_two_accounts_are_like_neither(void **arg)
{
	struct route one = {.channel = {.account_sid = "AC1", .from = "1"}};
	struct route two = {.channel = {.account_sid = "AC1", .from = "2"}};

	(void)arg;
	assert_true(is_same_route(&one));
	assert_ok(rc_store_write(state->store, note_in, &one, &err));
	one.channel.rate = 9;
	assert_ok(rc_store_write(state->store, note_in, &one, &err));
	assert_true(is_same_route(&one));
	assert_false(is_same_route(&two));
	assert_ok(rc_store_write(state->store, note_in, &two, &err));
	assert_false(is_same_route(&one));
	assert_false(is_same_route(&two));
	assert_ok(rc_store_write(state->store, note_in, &one, &err));
	assert_false(is_same_route(&one));
}

static void
the_headers_of_an_http_channel_tell_its_account(void **arg)
{
	char name[] = "X-Api-Key", a[] = "a", b[] = "b";
	struct rc_seal *seal, *other;
	struct route one = {.channel = {.provider = RC_PROVIDER_HTTP,
				.headers = {{name, a, true}},
				.nheaders = 1}};
	struct route two;

	(void)arg;
	assert_ok(rc_seal_draw(&seal, &err));
	assert_ok(rc_seal_draw(&other, &err));
	one.seal = seal;
	assert_ok(rc_store_write(state->store, note_in, &one, &err));
	assert_true(is_same_route(&one));
	two = one;
	two.channel.headers[0].value = b;
	assert_false(is_same_route(&two));
	two = one;
	two.channel.password = b;
	assert_false(is_same_route(&two));
	two = one;
	two.channel.token_params[two.channel.ntoken_params++] =
	    (struct rc_channel_header){name, b, false};
	assert_false(is_same_route(&two));
	two = one;
	two.seal = other; /* secrets can be tried out with the key alone */
	assert_false(is_same_route(&two));
	rc_seal_close(seal);
	rc_seal_close(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STATE_TEST(a_campaign_is_made_by_its_first_run),
	    STATE_TEST(a_changed_template_needs_to_be_amended),
	    STATE_TEST(a_changed_split_needs_to_be_amended),
	    STATE_TEST(more_text_than_a_campaign_keeps_is_refused),
	    STATE_TEST(a_campaign_never_changes_its_channel),
	    STATE_TEST(ordinals_are_given_once),
	    STATE_TEST(what_is_no_name_is_refused),
	    STATE_TEST(campaigns_are_listed_by_name),
	    STATE_TEST(runs_by_two_accounts_are_like_neither),
	    STATE_TEST(the_headers_of_an_http_channel_tell_its_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
