#include "scratch_state.h"

#include "core/user_data.h"

#include <stdio.h>

static void
a_variable_is_a_feed_and_a_property(void **arg)
{
	static const char *const wrong[] = {"User data|", "User data|a",
	    "User data||b", "User data|a|", "User data|a|b|c", "User data| a|b",
	    "User data|a|b:-c", "User data|a{|b"};
	struct rc_slice feed, property;
	struct rc_error e;

	(void)arg;
	assert_int_equal(
	    rc_data_variable(RC_SLICE_LIT("User data|my feed|First name"),
		&feed, &property, &e),
	    RC_OK);
	assert_true(rc_slice_is(feed, "my feed"));
	assert_true(rc_slice_is(property, "First name"));
	assert_int_equal(
	    rc_data_variable(RC_SLICE_LIT("User data"), &feed, &property, &e),
	    RC_NOTFOUND);
	assert_int_equal(rc_data_variable(RC_SLICE_LIT("user data|a|b"), &feed,
			     &property, &e),
	    RC_NOTFOUND);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(rc_data_variable(rc_slice_str(wrong[i]), &feed,
				     &property, &e),
		    RC_EDATA);
}

static void
a_row_gives_back_what_it_has(void **arg)
{
	struct rc_buf row = RC_BUF_INIT(1000);
	struct rc_slice value;

	(void)arg;
	rc_data_add(&row, 0, RC_SLICE_LIT("zero"));
	rc_data_add(&row, 7, RC_SLICE_LIT("\xc3\xa9"));
	rc_data_add(&row, 99, RC_SLICE_LIT("last"));
	assert_true(rc_data_value(rc_buf_slice(&row), 7, &value));
	assert_true(rc_slice_is(value, "é"));
	assert_true(rc_data_value(rc_buf_slice(&row), 99, &value));
	assert_true(rc_slice_is(value, "last"));
	assert_false(rc_data_value(rc_buf_slice(&row), 1, &value));
	assert_false(rc_data_value((struct rc_slice){"", 0}, 0, &value));
	rc_buf_free(&row);
}

/* Loads rows "1" to "n" with a value, and leaves the load open. */
static void
put(struct rc_data_load *load, size_t n, const char *text)
{
	struct rc_data_row *row = calloc(n, sizeof(*row));
	char(*id)[16] = calloc(n, sizeof(*id));
	struct rc_buf values = RC_BUF_INIT(1000);
	struct rc_error e;
	uint64_t fresh;

	rc_data_add(&values, 0, rc_slice_str(text));
	for (size_t i = 0; i < n; i++) {
		snprintf(id[i], sizeof(id[i]), "%09zu", i);
		row[i] = (struct rc_data_row){
		    rc_slice_str(id[i]), rc_buf_slice(&values)};
	}
	assert_int_equal(rc_data_load_open(load, state, &e), RC_OK);
	assert_int_equal(rc_data_load_put(load, row, n, &fresh, &e), RC_OK);
	assert_int_equal(fresh, n);
	assert_int_equal(rc_data_load_put(load, row, 1, &fresh, &e), RC_OK);
	assert_int_equal(fresh, 0);
	rc_buf_free(&values);
	free(row);
	free(id);
}

static void
commit(struct rc_data_load *load, const char *name)
{
	struct rc_data_feed f = {.by = "id", .rows = 1, .nproperties = 1};
	struct rc_buf names = RC_BUF_INIT(100);
	struct rc_error e;

	snprintf(f.name, sizeof(f.name), "%s", name);
	rc_buf_add_str(&names, RC_SLICE_LIT("p"));
	f.properties = rc_buf_slice(&names);
	assert_int_equal(rc_data_load_commit(load, &f, &e), RC_OK);
	rc_buf_free(&names);
}

static enum rc_err
count_rows(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_slice key, value;
	struct rc_cursor *c;
	enum rc_err r = rc_cursor_open(txn, RC_T_DATA, &c, e);

	*(size_t *)arg = 0;
	if (r == RC_OK)
		r = rc_cursor_ge(c, RC_SLICE_LIT(""), &key, &value, e);
	while (r == RC_OK) {
		++*(size_t *)arg;
		r = rc_cursor_next(c, &key, &value, e);
	}
	rc_cursor_close(c);
	return r == RC_END || r == RC_NOTFOUND ? RC_OK : r;
}

static size_t
rows(void)
{
	struct rc_error e;
	size_t n;

	assert_int_equal(
	    rc_store_read(state->store, count_rows, &n, &e), RC_OK);
	return n;
}

struct question {
	const char *feed, *id;
	char value[100];
};

static enum rc_err
ask(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct question *q = arg;
	struct rc_data_feed f;
	struct rc_slice row, value;
	enum rc_err r = rc_data_feed_get(txn, rc_slice_str(q->feed), &f, e);

	if (r == RC_OK)
		r = rc_data_find(
		    txn, &f, RC_SLICE_LIT("id"), rc_slice_str(q->id), &row, e);
	if (r != RC_OK)
		return r;
	assert_true(rc_data_value(row, 0, &value));
	snprintf(q->value, sizeof(q->value), "%.*s", (int)value.len, value.p);
	return RC_OK;
}

static void
assert_has(const char *feed, const char *id, const char *value)
{
	struct question q = {feed, id, ""};
	struct rc_error e;

	assert_int_equal(rc_store_read(state->store, ask, &q, &e),
	    value == NULL ? RC_NOTFOUND : RC_OK);
	assert_string_equal(q.value, value == NULL ? "" : value);
}

static void
a_load_takes_the_place_of_the_feed_at_once(void **arg)
{
	struct rc_data_load one, two;
	struct rc_error e;

	(void)arg;
	put(&one, 7000, "old");
	assert_has("f", "000000001", NULL);
	commit(&one, "f");
	rc_data_load_close(&one);
	put(&two, 3, "new");
	assert_has("f", "000000001", "old");
	/* What lives is not swept, committed or not. */
	assert_int_equal(rc_data_sweep(state, &e), RC_OK);
	assert_int_equal(rows(), 7003);
	commit(&two, "f");
	assert_has("f", "000000001", "new");
	assert_has("f", "000000003", NULL);
	rc_data_load_close(&two);
	assert_int_equal(rc_data_sweep(state, &e), RC_OK);
	assert_int_equal(rows(), 3);
}

static void
a_load_that_died_is_swept_and_others_are_not(void **arg)
{
	struct rc_data_load dead, good, gone;
	struct rc_error e;

	(void)arg;
	put(&good, 10, "good");
	commit(&good, "a");
	rc_data_load_close(&good);
	put(&dead, 6000, "dead");
	rc_data_load_close(&dead);
	put(&gone, 5, "gone");
	commit(&gone, "b");
	rc_data_load_close(&gone);
	assert_int_equal(rc_data_sweep(state, &e), RC_OK);
	assert_int_equal(rows(), 15);
	assert_int_equal(rc_data_remove(state, RC_SLICE_LIT("b"), &e), RC_OK);
	assert_int_equal(
	    rc_data_remove(state, RC_SLICE_LIT("b"), &e), RC_NOTFOUND);
	assert_int_equal(rc_data_sweep(state, &e), RC_OK);
	assert_int_equal(rows(), 10);
	assert_has("a", "000000009", "good");
	assert_has("b", "000000001", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_variable_is_a_feed_and_a_property),
	    cmocka_unit_test(a_row_gives_back_what_it_has),
	    STATE_TEST(a_load_takes_the_place_of_the_feed_at_once),
	    STATE_TEST(a_load_that_died_is_swept_and_others_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
