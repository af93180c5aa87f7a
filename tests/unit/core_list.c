#include "scratch_state.h"

#include "base/num.h"
#include "core/list.h"

#define N 6000

static struct rc_slice
str(const char *s)
{
	return rc_slice_str(s);
}

/* --- making lists -------------------------------------------------------- */

struct putting {
	uint32_t channel, generation;
	const struct rc_list_blocks *blocks;
};

static enum rc_err
put_list(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct putting *p = arg;

	return rc_list_store(txn, p->channel, p->generation, p->blocks, e);
}

static void
pack_numbers(struct rc_list_blocks *b, const uint64_t *v, size_t n)
{
	struct rc_packer packer;

	rc_list_blocks_init(b);
	rc_packer_start(&packer, RC_PACK_NUMBERS, rc_list_blocks_emit, b);
	for (size_t i = 0; i < n; i++) {
		struct rc_member m = {.num = v[i]};

		assert_ok(rc_packer_add(&packer, &m, &err));
	}
	assert_ok(rc_packer_finish(&packer, &err));
}

static void
pack_strings(struct rc_list_blocks *b, enum rc_pack_format format,
    const char *const *v, size_t n)
{
	struct rc_packer packer;

	rc_list_blocks_init(b);
	rc_packer_start(&packer, format, rc_list_blocks_emit, b);
	for (size_t i = 0; i < n; i++) {
		struct rc_member m = {.str = str(v[i])};

		assert_ok(rc_packer_add(&packer, &m, &err));
	}
	assert_ok(rc_packer_finish(&packer, &err));
}

static void
save(uint32_t channel, uint32_t generation, const struct rc_list_blocks *b)
{
	struct putting p = {channel, generation, b};

	assert_ok(rc_store_write(state->store, put_list, &p, &err));
}

static void
save_numbers(uint32_t channel, uint32_t generation, const uint64_t *v, size_t n)
{
	struct rc_list_blocks b;

	pack_numbers(&b, v, n);
	save(channel, generation, &b);
	rc_list_blocks_free(&b);
}

/* N ascending numbers with gaps of one to many. */
static void
draw_numbers(uint64_t *v)
{
	uint64_t at = 15550000000;

	for (size_t i = 0; i < N; i++)
		v[i] = at += 1 + draw(draw(4) == 0 ? 100000 : 3);
}

/* --- copying and walking ------------------------------------------------- */

struct copying {
	uint32_t channel, generation;
	struct rc_list_blocks blocks;
};

static enum rc_err
copy_list(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct copying *c = arg;

	return rc_list_copy(txn, c->channel, c->generation, &c->blocks, e);
}

static struct rc_list_blocks
load(uint32_t channel, uint32_t generation)
{
	struct copying c = {.channel = channel, .generation = generation};

	rc_list_blocks_init(&c.blocks);
	assert_ok(rc_store_read(state->store, copy_list, &c, &err));
	return c.blocks;
}

static void
expect_list(uint32_t channel, uint32_t generation, const uint64_t *v, size_t n)
{
	struct rc_list_blocks b = load(channel, generation);
	struct rc_list_walk w;
	struct rc_member m;

	assert_int_equal(b.members, n);
	rc_list_walk_start(&w, &b);
	for (size_t i = 0; i < n; i++) {
		assert_ok(rc_list_walk_next(&w, &m, &err));
		assert_int_equal(m.num, v[i]);
	}
	assert_int_equal(rc_list_walk_next(&w, &m, &err), RC_END);
	rc_list_blocks_free(&b);
}

static void
a_list_comes_back_as_it_was_stored(void **arg)
{
	static uint64_t v[N], other[N];

	(void)arg;
	draw_numbers(v);
	draw_numbers(other);
	save_numbers(2, 1, v, N);
	/* Sorts before what is there, and behind it. */
	save_numbers(1, 7, other, N);
	save_numbers(2, 2, other, 3);
	save_numbers(3, 1, v, 1);
	expect_list(2, 1, v, N);
	expect_list(1, 7, other, N);
	expect_list(2, 2, other, 3);
	expect_list(3, 1, v, 1);
	expect_list(3, 2, v, 0);
	expect_list(4, 1, v, 0);
}

static enum rc_err
put_info(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	return rc_list_info_put(txn, 5, arg, e);
}

static enum rc_err
get_info(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	return rc_list_info_get(txn, 5, arg, e);
}

static void
what_a_list_is_comes_back(void **arg)
{
	struct rc_list_info in = {3, 1000, 2000, 1ULL << 40, 17}, out;

	(void)arg;
	assert_ok(rc_store_read(state->store, get_info, &out, &err));
	assert_int_equal(out.generation, 0);
	assert_ok(rc_store_write(state->store, put_info, &in, &err));
	assert_ok(rc_store_read(state->store, get_info, &out, &err));
	assert_int_equal(out.generation, 3);
	assert_int_equal(out.list_time_ms, 1000);
	assert_int_equal(out.synced_ms, 2000);
	assert_int_equal(out.members, 1ULL << 40);
	assert_int_equal(out.journal_seq, 17);
}

/* --- when lists were seen ------------------------------------------------ */

#define SEEN 200
struct seeing {
	struct rc_list_seen all[SEEN]; /* seq 0: forgotten */
	size_t n;
};

static void
compare_seen(struct rc_txn *txn, const struct seeing *s, struct rc_error *e)
{
	for (uint64_t time = 0; time <= 60; time++) {
		struct rc_list_seen got = {0};
		uint64_t want = UINT64_MAX;
		enum rc_err r = rc_list_seen_get(txn, 5, time, &got, e);

		for (size_t i = 0; i < s->n; i++)
			if (s->all[i].seq > 0 &&
			    s->all[i].list_time_ms >= time &&
			    s->all[i].seq < want)
				want = s->all[i].seq;
		assert_int_equal(r, want == UINT64_MAX ? RC_NOTFOUND : RC_OK);
		assert_int_equal(r == RC_OK ? got.seq : want, want);
		assert_true(r == RC_NOTFOUND || got.list_time_ms >= time);
	}
}

/* With a later list's reading that is forgotten goes what it had replaced. */
static void
forget(struct seeing *s, uint64_t last)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->n; k++)
			if (s->all[k].list_time_ms > last &&
			    s->all[k].list_time_ms >= s->all[i].list_time_ms &&
			    s->all[k].seq > 0 &&
			    s->all[k].seq <= s->all[i].seq && i != k)
				s->all[i].seq = 0;
	for (size_t i = 0; i < s->n; i++)
		if (s->all[i].list_time_ms > last)
			s->all[i].seq = 0;
}

static enum rc_err
see_some(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	static const struct rc_list_seen lower = {30, 1};
	struct seeing *s = arg;

	for (uint32_t other = 4; other <= 6; other += 2)
		assert_ok(rc_list_seen_put(txn, other, &lower, e));
	while (s->n < SEEN) {
		struct rc_list_seen *seen = &s->all[s->n++];

		*seen = (struct rc_list_seen){draw(60), 1 + draw(1000)};
		assert_ok(rc_list_seen_put(txn, 5, seen, e));
		if (draw(20) == 0) {
			uint64_t last = draw(70);

			assert_ok(rc_list_seen_forget(txn, 5, last, e));
			forget(s, last);
		}
		compare_seen(txn, s, e);
	}
	assert_ok(rc_list_seen_forget(txn, 5, 0, e));
	return rc_list_seen_get(txn, 6, 30, &s->all[0], e);
}

static void
the_earliest_reading_of_lists_from_a_time_on_is_told(void **arg)
{
	struct seeing s = {.n = 0};

	(void)arg;
	assert_ok(rc_store_write(state->store, see_some, &s, &err));
}

/* --- probing ------------------------------------------------------------- */

struct probing {
	const uint64_t *v; /* members */
	size_t n;
	const uint64_t *asked;
	size_t nasked;
};

static bool
is_member(const struct probing *p, uint64_t number)
{
	size_t low = 0, high = p->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (p->v[mid] < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low < p->n && p->v[low] == number;
}

static void
phone(struct rc_ident *id, uint64_t number)
{
	unsigned char key[8];

	rc_put64(key, number);
	assert_ok(rc_ident_from_key(RC_IDENT_PHONE,
	    (struct rc_slice){(char *)key, sizeof(key)}, id, &err));
}

static enum rc_err
ask_numbers(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct probing *p = arg;
	struct rc_list_probe probe;
	struct rc_ident id;

	assert_ok(rc_list_probe_open(&probe, txn, 2, 1, RC_PACK_NUMBERS, e));
	for (size_t i = 0; i < p->nasked; i++) {
		enum rc_err want =
		    is_member(p, p->asked[i]) ? RC_OK : RC_NOTFOUND;

		phone(&id, p->asked[i]);
		assert_int_equal(
		    rc_list_probe_find(&probe, &id, NULL, e), want);
	}
	rc_list_probe_close(&probe);
	return RC_OK;
}

static void
a_probe_agrees_with_the_list_in_any_order_of_questions(void **arg)
{
	static uint64_t v[N], asked[4 * N];
	struct probing p = {v, N, asked, 4 * N};

	(void)arg;
	draw_numbers(v);
	save_numbers(2, 1, v, N);
	save_numbers(1, 1, v + 1, N - 1);
	save_numbers(2, 2, v + 1, N - 1);
	/* Ascending, with gaps, neighbours, and both ends. */
	for (size_t i = 0; i < N; i++) {
		asked[3 * i] = v[i] - 1;
		asked[3 * i + 1] = v[i];
		asked[3 * i + 2] = v[i] + 1;
	}
	for (size_t i = 3 * N; i < 4 * N; i++)
		asked[i] = v[N - 1] + i;
	assert_ok(rc_store_read(state->store, ask_numbers, &p, &err));
	for (size_t i = 0; i < 4 * N; i++)
		asked[i] = v[draw(N)] - 2 + draw(5);
	assert_ok(rc_store_read(state->store, ask_numbers, &p, &err));
}

struct asking {
	enum rc_ident_type type;
	const char *name;
	enum rc_err answer;
	struct rc_buf text;
};

static enum rc_err
ask_string(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct asking *a = arg;
	struct rc_list_probe probe;
	struct rc_ident id;

	assert_ok(rc_ident_parse(a->type, str(a->name), &id, e));
	assert_ok(
	    rc_list_probe_open(&probe, txn, 1, 1, rc_list_format(a->type), e));
	a->answer = rc_list_probe_find(&probe, &id, &a->text, e);
	rc_list_probe_close(&probe);
	return RC_OK;
}

static void
expect_text(enum rc_ident_type type, const char *name, const char *text)
{
	struct asking a = {type, name, RC_OK, RC_BUF_INIT(300)};

	assert_ok(rc_store_read(state->store, ask_string, &a, &err));
	assert_int_equal(a.answer, text == NULL ? RC_NOTFOUND : RC_OK);
	if (text != NULL)
		assert_string_equal(rc_buf_str(&a.text), text);
	rc_buf_free(&a.text);
}

static void
an_email_is_found_in_any_case_and_kept_as_the_list_gave_it(void **arg)
{
	const char *const list[] = {"Ada@Example.com", "bob@example.com"};
	struct rc_list_blocks b;

	(void)arg;
	pack_strings(&b, RC_PACK_FOLDED, list, 2);
	save(1, 1, &b);
	rc_list_blocks_free(&b);
	expect_text(RC_IDENT_EMAIL, "ADA@example.COM", "Ada@Example.com");
	expect_text(RC_IDENT_EMAIL, "Bob@example.com", "bob@example.com");
	expect_text(RC_IDENT_EMAIL, "bo@example.com", NULL);
}

static void
custom_ids_that_differ_in_case_are_two_people(void **arg)
{
	const char *const list[] = {"ID-1", "id-2"};
	struct rc_list_blocks b;

	(void)arg;
	pack_strings(&b, RC_PACK_EXACT, list, 2);
	save(1, 1, &b);
	rc_list_blocks_free(&b);
	expect_text(RC_IDENT_CUSTOM, "ID-1", "ID-1");
	expect_text(RC_IDENT_CUSTOM, "id-1", NULL);
	expect_text(RC_IDENT_CUSTOM, "id-2", "id-2");
	expect_text(RC_IDENT_CUSTOM, "ID-2", NULL);
}

/* --- sweeping ------------------------------------------------------------ */

static enum rc_err
put_events(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	(void)arg;
	for (uint32_t channel = 1; channel <= 3; channel++) {
		for (uint32_t generation = 0; generation < 4; generation++) {
			unsigned char key[16] = {0};

			rc_put32(key, channel);
			rc_put32(key + 4, generation);
			assert_ok(rc_put(txn, RC_T_EVENT,
			    (struct rc_slice){(char *)key, sizeof(key)},
			    str("x"), e));
		}
	}
	return RC_OK;
}

static enum rc_err
count_events(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	int *count = arg; /* [channel * 4 + generation] */
	struct rc_slice key, value;
	struct rc_cursor *c;
	enum rc_err r;

	assert_ok(rc_cursor_open(txn, RC_T_EVENT, &c, e));
	r = rc_cursor_ge(c, str(""), &key, &value, e);
	for (; r == RC_OK; r = rc_cursor_next(c, &key, &value, e))
		count[rc_get32(key.p) * 4 + rc_get32(key.p + 4)]++;
	rc_cursor_close(c);
	return RC_OK;
}

static void
a_sweep_takes_older_generations_of_its_channel_only(void **arg)
{
	static uint64_t v[N];
	int count[16] = {0};

	(void)arg;
	draw_numbers(v);
	for (uint32_t channel = 1; channel <= 3; channel++)
		for (uint32_t generation = 1; generation < 4; generation++)
			save_numbers(channel, generation, v, N);
	assert_ok(rc_store_write(state->store, put_events, NULL, &err));
	assert_ok(rc_list_sweep(state->store, 2, 3, &err));
	expect_list(2, 1, v, 0);
	expect_list(2, 2, v, 0);
	expect_list(2, 3, v, N);
	expect_list(1, 1, v, N);
	expect_list(3, 1, v, N);
	assert_ok(rc_store_read(state->store, count_events, count, &err));
	for (int i = 4; i < 16; i++)
		assert_int_equal(count[i], i / 4 != 2 || i % 4 == 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STATE_TEST(a_list_comes_back_as_it_was_stored),
	    STATE_TEST(what_a_list_is_comes_back),
	    STATE_TEST(the_earliest_reading_of_lists_from_a_time_on_is_told),
	    STATE_TEST(a_probe_agrees_with_the_list_in_any_order_of_questions),
	    STATE_TEST(
		an_email_is_found_in_any_case_and_kept_as_the_list_gave_it),
	    STATE_TEST(custom_ids_that_differ_in_case_are_two_people),
	    STATE_TEST(a_sweep_takes_older_generations_of_its_channel_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
