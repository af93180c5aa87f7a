#include "scratch_state.h"

#include "core/list_rank.h"

#define N 6000

static struct rc_list_blocks blocks;
static struct rc_list_rank *rank;

static void
pack(enum rc_ident_type type, const struct rc_member *m, size_t n)
{
	struct rc_packer packer;

	rc_list_blocks_init(&blocks);
	rc_packer_start(
	    &packer, rc_list_format(type), rc_list_blocks_emit, &blocks);
	for (size_t i = 0; i < n; i++)
		assert_ok(rc_packer_add(&packer, &m[i], &err));
	assert_ok(rc_packer_finish(&packer, &err));
	assert_ok(rc_list_rank_open(&rank, type, &blocks, &err));
}

static void
unpack(void)
{
	rc_list_rank_close(rank);
	rc_list_blocks_free(&blocks);
}

static struct rc_ident
ident(enum rc_ident_type type, const char *text)
{
	struct rc_ident who;

	assert_ok(rc_ident_parse(type, rc_slice_str(text), &who, &err));
	return who;
}

/* UINT64_MAX: not there. */
static uint64_t
rank_of(enum rc_ident_type type, const char *text)
{
	struct rc_ident who = ident(type, text);
	uint64_t at = 0;
	enum rc_err answer = rc_list_rank_of(rank, &who, &at, &err);

	if (answer == RC_NOTFOUND)
		return UINT64_MAX;
	assert_ok(answer);
	return at;
}

static uint64_t
rank_of_number(uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	return rank_of(RC_IDENT_PHONE, text);
}

/* --- tests ---------------------------------------------------------------- */

static void
numbers_have_their_rank_in_any_order_of_questions(void **arg)
{
	static struct rc_member m[N];
	uint64_t at = 15550000000;

	(void)arg;
	for (size_t i = 0; i < N; i++)
		m[i].num = at += 2 + draw(draw(4) == 0 ? 100000 : 3);
	pack(RC_IDENT_PHONE, m, N);
	for (size_t i = 0; i < N; i++)
		assert_int_equal(rank_of_number(m[i].num), i);
	for (size_t i = N; i-- > 0;)
		assert_int_equal(rank_of_number(m[i].num), i);
	for (size_t n = 0; n < 5 * N; n++) {
		size_t i = draw(N);

		assert_int_equal(rank_of_number(m[i].num), i);
		assert_int_equal(rank_of_number(m[i].num + 1), UINT64_MAX);
	}
	assert_int_equal(rank_of_number(15550000000), UINT64_MAX);
	assert_int_equal(rank_of_number(447700900123), UINT64_MAX);
	unpack();
}

static void
strings_have_their_rank_in_any_order_of_questions(void **arg)
{
	static const enum rc_ident_type types[] = {
	    RC_IDENT_EMAIL, RC_IDENT_CUSTOM};
	static struct rc_member m[N];
	static char text[N][24];

	(void)arg;
	for (size_t i = 0; i < N; i++) {
		snprintf(text[i], sizeof(text[i]), "p%05zu@example.com", i);
		m[i].str = rc_slice_str(text[i]);
	}
	for (size_t t = 0; t < 2; t++) {
		pack(types[t], m, N);
		for (size_t i = 0; i < N; i++)
			assert_int_equal(rank_of(types[t], text[i]), i);
		for (size_t n = 0; n < N; n++) {
			size_t i = draw(N);

			assert_int_equal(rank_of(types[t], text[i]), i);
		}
		assert_int_equal(
		    rank_of(types[t], "p02000@example.de"), UINT64_MAX);
		assert_int_equal(rank_of(types[t], "a@b.example"), UINT64_MAX);
		assert_int_equal(rank_of(types[t], "z@b.example"), UINT64_MAX);
		assert_int_equal(rank_of(types[t], "P03000@EXAMPLE.com"),
		    types[t] == RC_IDENT_EMAIL ? 3000 : UINT64_MAX);
		unpack();
	}
}

static void
nobody_is_in_an_empty_set(void **arg)
{
	(void)arg;
	pack(RC_IDENT_PHONE, NULL, 0);
	assert_int_equal(rank_of_number(15550000000), UINT64_MAX);
	unpack();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_have_their_rank_in_any_order_of_questions),
	    cmocka_unit_test(strings_have_their_rank_in_any_order_of_questions),
	    cmocka_unit_test(nobody_is_in_an_empty_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
