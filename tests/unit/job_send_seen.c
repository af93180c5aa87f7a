#include "scratch_state.h"

#include "job/send_seen.h"

/*
 * Compared with an array: people are numbers from FIRST on, every third of
 * them on the list.
 */

#define PEOPLE 9000
#define QUESTIONS 40000
#define FIRST 15550000000

static struct rc_channel channel = {.number = 7};
static struct send_seen *seen;

static struct rc_ident
person(size_t i)
{
	char text[40];
	struct rc_ident who;

	snprintf(text, sizeof(text),
	    channel.identifier == RC_IDENT_PHONE ? "%llu" : "P%llu@example.com",
	    (unsigned long long)FIRST + i);
	assert_ok(
	    rc_ident_parse(channel.identifier, rc_slice_str(text), &who, &err));
	return who;
}

static enum rc_err
put_list(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_list_info info = {.generation = *(uint32_t *)arg};
	enum rc_pack_format format = rc_list_format(channel.identifier);
	struct rc_list_blocks blocks;
	struct rc_packer packer;

	rc_list_blocks_init(&blocks);
	rc_packer_start(&packer, format, rc_list_blocks_emit, &blocks);
	for (size_t i = 0; i < PEOPLE; i += 3) {
		struct rc_ident who = person(i);
		struct rc_member m = rc_list_member(&who);

		assert_ok(rc_packer_add(&packer, &m, e));
	}
	assert_ok(rc_packer_finish(&packer, e));
	info.members = blocks.members;
	assert_ok(
	    rc_list_store(txn, channel.number, info.generation, &blocks, e));
	rc_list_blocks_free(&blocks);
	return rc_list_info_put(txn, channel.number, &info, e);
}

static void
begin(enum rc_ident_type type, bool lines)
{
	uint32_t generation = 1;

	channel.identifier = type;
	assert_ok(rc_store_write(state->store, put_list, &generation, &err));
	assert_ok(rc_send_seen_open(&seen, state, &channel, lines, &err));
}

static uint64_t
ask(size_t i, uint64_t line)
{
	struct rc_ident who = person(i);
	uint64_t first;

	assert_ok(rc_send_seen(seen, &who, line, &first, &err));
	return first;
}

static void
ask_in_any_order(bool lines)
{
	static uint64_t first[PEOPLE];

	memset(first, 0, sizeof(first));
	for (uint64_t line = 1; line <= QUESTIONS; line++) {
		size_t i = draw(PEOPLE);
		uint64_t answer = ask(i, line);

		assert_int_equal(answer != 0, first[i] != 0);
		if (lines || i % 3 != 0)
			assert_int_equal(answer, first[i]);
		if (first[i] == 0)
			first[i] = line;
	}
	rc_send_seen_close(seen);
}

/* --- tests ---------------------------------------------------------------- */

static void
numbers_are_known_exactly_with_the_line_they_came_with(void **arg)
{
	(void)arg;
	begin(RC_IDENT_PHONE, true);
	ask_in_any_order(true);
}

static void
numbers_are_known_exactly_without_lines(void **arg)
{
	(void)arg;
	begin(RC_IDENT_PHONE, false);
	ask_in_any_order(false);
}

static void
addresses_are_known_exactly(void **arg)
{
	(void)arg;
	begin(RC_IDENT_EMAIL, true);
	ask_in_any_order(true);
}

static void
another_list_does_not_make_people_forgotten(void **arg)
{
	uint32_t generation = 2;

	(void)arg;
	begin(RC_IDENT_PHONE, true);
	for (size_t i = 0; i < PEOPLE; i++)
		assert_int_equal(ask(i, i + 1), 0);
	assert_ok(rc_store_write(state->store, put_list, &generation, &err));
	assert_ok(rc_list_sweep(state->store, 7, 2, &err));
	for (size_t i = 0; i < PEOPLE; i++)
		assert_int_equal(ask(i, PEOPLE + 1), i + 1);
	rc_send_seen_close(seen);
}

static void
a_line_of_a_huge_input_is_still_a_line(void **arg)
{
	(void)arg;
	begin(RC_IDENT_PHONE, true);
	assert_int_equal(ask(0, 1ULL << 32), 0);
	assert_int_equal(ask(0, 1), UINT32_MAX);
	rc_send_seen_close(seen);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STATE_TEST(numbers_are_known_exactly_with_the_line_they_came_with),
	    STATE_TEST(numbers_are_known_exactly_without_lines),
	    STATE_TEST(addresses_are_known_exactly),
	    STATE_TEST(another_list_does_not_make_people_forgotten),
	    STATE_TEST(a_line_of_a_huge_input_is_still_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
