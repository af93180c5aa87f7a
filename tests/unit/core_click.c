#include "scratch_state.h"

#include "base/num.h"
#include "core/click_file.h"

static enum rc_click_class
classify(const char *agent, bool head, bool prefetch)
{
	struct rc_hit hit = {.at_ms = 1000000,
	    .agent = rc_slice_str(agent),
	    .head = head,
	    .prefetch = prefetch};
	enum rc_click_reason why;

	return rc_click_classify(&hit, 0, false, &why);
}

static void
machines_are_not_people(void **data)
{
	(void)data;
	assert_int_equal(
	    classify("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0)", 0, 0),
	    RC_CLICK_HUMAN);
	assert_int_equal(classify("Mozilla/5.0", 1, 0), RC_CLICK_BOT);
	assert_int_equal(classify("Mozilla/5.0", 0, 1), RC_CLICK_PREFETCH);
	assert_int_equal(classify("", 0, 0), RC_CLICK_BOT);
	assert_int_equal(classify("curl/7.88.1", 0, 0), RC_CLICK_BOT);
	assert_int_equal(classify("Go-http-client/1.1", 0, 0), RC_CLICK_BOT);
	assert_int_equal(
	    classify("facebookexternalhit/1.1 Facebot Twitterbot/1.0", 0, 0),
	    RC_CLICK_BOT);
	assert_int_equal(classify("WhatsApp/2.23", 0, 0), RC_CLICK_BOT);
	assert_int_equal(
	    classify("SLACKBOT-LinkExpanding", 0, 0), RC_CLICK_BOT);
}

static void
a_repeat_is_a_duplicate_for_ten_seconds(void **data)
{
	struct rc_hit hit = {
	    .at_ms = 100000, .agent = RC_SLICE_LIT("Mozilla/5.0")};
	enum rc_click_reason why;

	(void)data;
	assert_int_equal(rc_click_classify(&hit, 100000 - 9999, true, &why),
	    RC_CLICK_DUPLICATE);
	assert_int_equal(why, RC_WHY_REPEATED);
	assert_int_equal(rc_click_classify(&hit, 100000 - 10000, true, &why),
	    RC_CLICK_HUMAN);
	assert_int_equal(
	    rc_click_classify(&hit, 100000 - 1, false, &why), RC_CLICK_HUMAN);
}

static void
a_record_survives_coding_and_no_bit_flips(void **data)
{
	unsigned char record[RC_CLICK_RECORD_MAX];
	char agent[300];
	struct rc_hit in = {.at_ms = 0x123456789abc,
			  .link_id = 42,
			  .head = true,
			  .agent = {agent, sizeof(agent)}},
		      out;
	size_t n;

	(void)data;
	memset(agent, 'x', sizeof(agent));
	n = rc_click_encode(&in, record);
	assert_int_equal(
	    rc_click_decode((struct rc_slice){(char *)record, n}, &out), n);
	assert_int_equal(out.at_ms, in.at_ms);
	assert_int_equal(out.link_id, 42);
	assert_true(out.head && !out.prefetch);
	assert_int_equal(out.agent.len, RC_AGENT_MAX);
	for (size_t cut = 0; cut < n; cut++)
		assert_int_equal(
		    rc_click_decode(
			(struct rc_slice){(char *)record, cut}, &out),
		    0);
	for (size_t i = 0; i < n * 8; i++) {
		record[i / 8] ^= (unsigned char)(1u << i % 8);
		assert_int_equal(
		    rc_click_decode((struct rc_slice){(char *)record, n}, &out),
		    0);
		record[i / 8] ^= (unsigned char)(1u << i % 8);
	}
}

static enum rc_err
mint(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	return rc_link_mint(
	    txn, 0, RC_SLICE_LIT("https://shop.example/"), arg, e);
}

static void
hit(struct rc_click_file *f, uint64_t id, uint64_t at)
{
	struct rc_hit h = {
	    .at_ms = at, .link_id = id, .agent = RC_SLICE_LIT("Mozilla/5.0")};

	assert_ok(rc_click_file_append(f, &h, &err));
}

struct tally {
	uint64_t human, duplicate;
};

static enum rc_err
read_tally(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct tally *t = arg;
	enum rc_err r =
	    rc_tally_get(txn, 0, RC_TALLY_CLICK, RC_CLICK_HUMAN, &t->human, e);

	if (r == RC_OK)
		r = rc_tally_get(txn, 0, RC_TALLY_CLICK, RC_CLICK_DUPLICATE,
		    &t->duplicate, e);
	return r;
}

static void
every_hit_is_folded_once_across_cuts_and_rotations(void **data)
{
	struct rc_click_file *f, *second;
	struct stat st;
	struct tally t;
	uint64_t id, n;
	int fd;

	(void)data;
	assert_ok(rc_store_write(state->store, mint, &id, &err));
	assert_ok(rc_click_file_open(&f, state->store, &err));
	assert_int_equal(
	    rc_click_file_open(&second, state->store, &err), RC_EAGAIN);
	hit(f, id, 1000000);
	hit(f, id, 1000001);
	hit(f, id, 2000000);
	assert_ok(rc_click_fold(state, &n, &err));
	assert_int_equal(n, 3);
	assert_ok(rc_click_fold(state, &n, &err));
	assert_int_equal(n, 0);
	hit(f, id, 3000000);
	rc_click_file_close(f);

	/* Half a record, as a crash leaves it, is cut away and goes on. */
	assert_int_equal(stat(scratch("state-clicks"), &st), 0);
	fd = open(scratch("state-clicks"), O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "\0\x20half", 6), 6);
	close(fd);
	assert_ok(rc_click_file_open(&f, state->store, &err));
	hit(f, id, 4000000);
	assert_ok(rc_click_fold(state, &n, &err));
	assert_int_equal(n, 2);
	rc_click_file_close(f);

	/* A file that is gone begins anew with a higher number. */
	assert_int_equal(unlink(scratch("state-clicks")), 0);
	assert_ok(rc_click_file_open(&f, state->store, &err));
	hit(f, id, 5000000);
	assert_ok(rc_click_fold(state, &n, &err));
	assert_int_equal(n, 1);
	rc_click_file_close(f);
	assert_ok(rc_store_read(state->store, read_tally, &t, &err));
	assert_int_equal(t.human, 5);
	assert_int_equal(t.duplicate, 1);
}

/* The table of user agents at its end. */
static enum rc_err
fill_agents(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	unsigned char key[5] = {'n'};

	(void)arg;
	rc_put32(key + 1, RC_AGENTS_MAX);
	return rc_put(txn, RC_T_AGENT, rc_slice_of(key, sizeof(key)),
	    RC_SLICE_LIT("the last one"), e);
}

static enum rc_err
read_next_agent(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_slice value;

	(void)arg;
	return rc_get(txn, RC_T_META, RC_SLICE_LIT("next_agent"), &value, e);
}

static void
a_full_table_of_agents_gives_no_more_numbers(void **data)
{
	struct rc_click_file *f;
	uint64_t id, n;

	(void)data;
	assert_ok(rc_store_write(state->store, mint, &id, &err));
	assert_ok(rc_store_write(state->store, fill_agents, NULL, &err));
	assert_ok(rc_click_file_open(&f, state->store, &err));
	hit(f, id, 1000000);
	assert_ok(rc_click_fold(state, &n, &err));
	assert_int_equal(n, 1);
	assert_int_equal(
	    rc_store_read(state->store, read_next_agent, NULL, &err),
	    RC_NOTFOUND);
	rc_click_file_close(f);
}

static void
an_old_click_file_is_refused(void **data)
{
	struct rc_click_file *f;
	uint64_t id, n;
	char old[200];

	(void)data;
	assert_ok(rc_store_write(state->store, mint, &id, &err));
	snprintf(old, sizeof(old), "%s.old", scratch("state-clicks"));
	for (int i = 0; i < 2; i++) {
		assert_ok(rc_click_file_open(&f, state->store, &err));
		hit(f, id, 1000000);
		assert_ok(rc_click_fold(state, &n, &err));
		assert_int_equal(n, 1);
		rc_click_file_close(f);
		assert_int_equal(rename(scratch("state-clicks"),
				     i == 0 ? old : scratch("state-clicks")),
		    0);
	}
	assert_int_equal(rename(old, scratch("state-clicks")), 0);
	assert_ok(rc_click_fold(state, &n, &err));
	assert_int_equal(n, 0);
	assert_int_equal(
	    rc_click_file_open(&f, state->store, &err), RC_ECONFIG);
}

/* The store is synced, the click file is not: a power cut may cost its end. */
static void
clicks_after_a_lost_end_are_counted(void **data)
{
	struct rc_click_file *f;
	uint64_t id, n;

	(void)data;
	assert_ok(rc_store_write(state->store, mint, &id, &err));
	assert_ok(rc_click_file_open(&f, state->store, &err));
	for (uint64_t i = 1; i <= 4; i++)
		hit(f, id, i * 1000000);
	assert_ok(rc_click_fold(state, &n, &err));
	assert_int_equal(n, 4);
	rc_click_file_close(f);
	assert_int_equal(
	    truncate(scratch("state-clicks"), RC_CLICK_HEADER + 50), 0);
	assert_ok(rc_click_file_open(&f, state->store, &err));
	for (uint64_t i = 5; i <= 16; i++)
		hit(f, id, i * 1000000);
	assert_ok(rc_click_fold(state, &n, &err));
	assert_int_equal(n, 12);
	rc_click_file_close(f);
}

static void
a_clock_set_back_makes_nobody_a_duplicate(void **data)
{
	struct rc_hit hit = {
	    .at_ms = 100000, .agent = RC_SLICE_LIT("Mozilla/5.0")};
	enum rc_click_reason why;

	(void)data;
	assert_int_equal(rc_click_classify(&hit, 100000 + 3600000, true, &why),
	    RC_CLICK_HUMAN);
	assert_int_equal(rc_click_classify(&hit, 100000 + 5, true, &why),
	    RC_CLICK_DUPLICATE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_clock_set_back_makes_nobody_a_duplicate),
	    STATE_TEST(clicks_after_a_lost_end_are_counted),
	    cmocka_unit_test(machines_are_not_people),
	    cmocka_unit_test(a_repeat_is_a_duplicate_for_ten_seconds),
	    cmocka_unit_test(a_record_survives_coding_and_no_bit_flips),
	    STATE_TEST(every_hit_is_folded_once_across_cuts_and_rotations),
	    STATE_TEST(a_full_table_of_agents_gives_no_more_numbers),
	    STATE_TEST(an_old_click_file_is_refused),
	};

	return cmocka_run_group_tests_name("click", tests, NULL, NULL);
}
