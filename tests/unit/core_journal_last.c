/* When people were last added or removed: all at once as one by one. */
#include "scratch_state.h"

#include "core/journal.h"
#include "core/list.h"

#define UNIVERSE 3000
#define ASKED 200

static enum rc_ident_type type;

static struct rc_ident
person(size_t i)
{
	char text[40];
	struct rc_ident id;

	snprintf(text, sizeof(text),
	    type == RC_IDENT_PHONE ? "1555%07zu" : "u%zu@x.example", i * 7);
	assert_ok(rc_ident_parse(type, rc_slice_str(text), &id, &err));
	return id;
}

static int
by_key(const void *a, const void *b)
{
	return rc_slice_cmp(rc_ident_key(a), rc_ident_key(b));
}

/* About n people of all. */
static struct rc_journal_set *
draw_set(size_t n)
{
	struct rc_ident *people = calloc(UNIVERSE, sizeof(*people));
	struct rc_journal_set *s;
	size_t chosen = 0;

	assert_non_null(people);
	for (size_t i = 0; i < UNIVERSE; i++)
		if (draw(UNIVERSE) < n)
			people[chosen++] = person(i);
	qsort(people, chosen, sizeof(*people), by_key);
	assert_ok(rc_journal_set_open(&s, type, &err));
	for (size_t i = 0; i < chosen; i++) {
		struct rc_member m = rc_list_member(&people[i]);

		assert_ok(rc_journal_set_add(s, &m, &err));
	}
	assert_ok(rc_journal_set_finish(s, &err));
	free(people);
	return s;
}

static enum rc_err
append(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_journal_set *const *set = arg;
	struct rc_journal_entry j = {.kind = RC_J_SYNC,
	    .type = type,
	    .channel = 1 + (uint32_t)draw(2),
	    .received_ms = 1000};

	return rc_journal_append(txn, &j, set, e);
}

static void
append_drawn(size_t n)
{
	struct rc_journal_set *set[3];

	for (int i = 0; i < 3; i++)
		set[i] = draw_set(n);
	assert_ok(rc_store_write(state->store, append, set, &err));
	for (int i = 0; i < 3; i++)
		rc_journal_set_close(set[i]);
}

static enum rc_err
note(void *arg, const struct rc_journal_entry *j, enum rc_journal_set_kind set,
    struct rc_error *e)
{
	struct rc_journal_last *last = arg;

	(void)e;
	if (j->channel != 1 || set == RC_J_CONFIRMED)
		return RC_OK;
	last->seq = j->seq;
	last->set = set;
	return RC_OK;
}

static enum rc_err
compare(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_ident who[ASKED];
	struct rc_journal_last last[ASKED];
	size_t *found = arg;

	for (size_t i = 0; i < ASKED; i++) {
		who[i] = person(draw(UNIVERSE + 100));
		last[i] = (struct rc_journal_last){.who = &who[i], .seq = 99};
	}
	assert_ok(rc_journal_last(txn, 1, last, ASKED, e));
	for (size_t i = 0; i < ASKED; i++) {
		struct rc_journal_last one = {.seq = 0};

		assert_ok(rc_journal_of(txn, &who[i], 1, note, &one, e));
		assert_int_equal(last[i].seq, one.seq);
		if (one.seq != 0)
			assert_int_equal(last[i].set, one.set);
		*found += one.seq != 0;
	}
	assert_ok(rc_journal_last(txn, 1, last, 0, e));
	return RC_OK;
}

static void
expect_the_same(enum rc_ident_type of)
{
	size_t found = 0;

	type = of;
	assert_ok(rc_store_read(state->store, compare, &found, &err));
	assert_int_equal(found, 0);
	for (size_t i = 0; i < 15; i++)
		append_drawn(i % 3 == 0 ? 1 + draw(15) : 10 + draw(1500));
	/* Entries of the other type are between them. */
	type = of == RC_IDENT_PHONE ? RC_IDENT_EMAIL : RC_IDENT_PHONE;
	append_drawn(500);
	append_drawn(5);
	type = of;
	append_drawn(10);
	assert_ok(rc_store_read(state->store, compare, &found, &err));
	assert_in_range(found, ASKED / 2, ASKED);
}

static void
numbers_all_at_once_are_as_one_by_one(void **arg)
{
	(void)arg;
	expect_the_same(RC_IDENT_PHONE);
}

static void
addresses_all_at_once_are_as_one_by_one(void **arg)
{
	(void)arg;
	expect_the_same(RC_IDENT_EMAIL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STATE_TEST(numbers_all_at_once_are_as_one_by_one),
	    STATE_TEST(addresses_all_at_once_are_as_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
