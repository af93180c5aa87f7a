#include "job/send_priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* --- ordinals ------------------------------------------------------------ */

static struct rc_send_config CONFIG = {.campaign = "spring"};

static void
begin(struct send *s)
{
	*s = (struct send){.cfg = &CONFIG};
	rc_send_ordinals_init(&s->render);
	s->render.nlinks = 2;
}

static void
reserve(struct send *s, uint32_t first, uint32_t n, uint64_t id)
{
	uint64_t ids[2] = {id, id + n};
	struct rc_error e;

	assert_int_equal(rc_send_ordinals_add(s, first, n, ids, &e), RC_OK);
}

static void
an_ordinal_given_back_is_used_again(void **state)
{
	struct send_item a = {0}, b = {0}, c = {0};
	struct send s;

	(void)state;
	begin(&s);
	assert_false(rc_send_ordinal_take(&s, &a));
	reserve(&s, 100, 2, 1000);
	assert_true(rc_send_ordinal_take(&s, &a));
	assert_true(rc_send_ordinal_take(&s, &b));
	assert_false(rc_send_ordinal_take(&s, &c));
	assert_int_equal(a.claim.ordinal, 100);
	assert_int_equal(b.claim.ordinal, 101);
	rc_send_ordinal_give(&s, &a);
	rc_send_ordinal_give(&s, &a); /* once is enough */
	assert_true(rc_send_ordinal_take(&s, &c));
	assert_int_equal(c.claim.ordinal, 100);
	assert_false(rc_send_ordinal_take(&s, &a));
	rc_send_ordinals_free(&s.render);
}

static void
what_is_left_of_a_range_is_not_lost(void **state)
{
	struct send_item item = {0};
	bool seen[8] = {false};
	struct send s;

	(void)state;
	begin(&s);
	reserve(&s, 0, 3, 1000);
	assert_true(rc_send_ordinal_take(&s, &item));
	seen[item.claim.ordinal] = true;
	reserve(&s, 3, 5, 2000);
	for (int i = 0; i < 7; i++) {
		assert_true(rc_send_ordinal_take(&s, &item));
		assert_in_range(item.claim.ordinal, 0, 7);
		assert_false(seen[item.claim.ordinal]);
		seen[item.claim.ordinal] = true;
	}
	assert_false(rc_send_ordinal_take(&s, &item));
	rc_send_ordinals_free(&s.render);
}

static void
link_ids_belong_to_the_ordinal_in_every_range(void **state)
{
	struct send s;

	(void)state;
	begin(&s);
	reserve(&s, 10, 5, 1000);
	reserve(&s, 40, 2, 5000);
	assert_int_equal(rc_send_link_id(&s.render, 10, 0), 1000);
	assert_int_equal(rc_send_link_id(&s.render, 14, 0), 1004);
	assert_int_equal(rc_send_link_id(&s.render, 14, 1), 1009);
	assert_int_equal(rc_send_link_id(&s.render, 41, 1), 5003);
	rc_send_ordinals_free(&s.render);
}

static void
a_foreign_ordinal_is_not_ours(void **state)
{
	struct send s;

	(void)state;
	begin(&s);
	assert_false(rc_send_ordinal_own(&s.render, 0));
	reserve(&s, 10, 5, 1000);
	reserve(&s, 40, 2, 5000);
	assert_false(rc_send_ordinal_own(&s.render, 9));
	assert_true(rc_send_ordinal_own(&s.render, 10));
	assert_true(rc_send_ordinal_own(&s.render, 14));
	assert_false(rc_send_ordinal_own(&s.render, 15));
	assert_false(rc_send_ordinal_own(&s.render, 39));
	assert_true(rc_send_ordinal_own(&s.render, 41));
	assert_false(rc_send_ordinal_own(&s.render, UINT32_MAX));
	rc_send_ordinals_free(&s.render);
}

static void
nothing_is_reserved_before_somebody_is_there(void **state)
{
	struct send_item item = {0};
	uint32_t first;
	struct send s;

	(void)state;
	begin(&s);
	assert_int_equal(rc_send_ordinals_wanted(&s), 0);
	s.unrendered = &item;
	first = rc_send_ordinals_wanted(&s);
	assert_in_range(first, 1, 100);
	reserve(&s, 0, first, 1000);
	assert_int_equal(rc_send_ordinals_wanted(&s), 0);
	while (rc_send_ordinal_take(&s, &item))
		;
	assert_true(rc_send_ordinals_wanted(&s) > first);
	rc_send_ordinals_free(&s.render);
}

/* --- recipients ---------------------------------------------------------- */

static enum rc_err
parse(const char *line, struct rc_ident *to, char *name, size_t size,
    struct rc_error *e)
{
	const struct rc_json_value *vars;
	struct rc_slice value;
	struct rc_json *doc;
	enum rc_err err;

	memset(to, 0, sizeof(*to));
	err = rc_send_parse(
	    NULL, RC_IDENT_PHONE, rc_slice_str(line), to, &doc, &vars, e);
	value = rc_json_str(rc_json_get(vars, "name"));
	snprintf(name, size, "%.*s", (int)value.len, value.p);
	rc_json_free(doc);
	return err;
}

static void
a_recipient_is_a_number_or_an_object(void **state)
{
	static const char *const same[] = {"15551234567", "+1 (555) 123-4567",
	    " 15551234567 ", "{\"to\":\"15551234567\"}",
	    "{\"to\":\"+1 555 123 4567\",\"vars\":{}}", "{\"to\":15551234567}"};
	struct rc_ident to;
	struct rc_error e;
	char name[20];

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(
		    parse(same[i], &to, name, sizeof(name), &e), RC_OK);
		assert_string_equal(to.text, "15551234567");
	}
	assert_int_equal(
	    parse("{\"vars\":{\"name\":\"Ada\"},\"to\":\"15551234567\"}", &to,
		name, sizeof(name), &e),
	    RC_OK);
	assert_string_equal(name, "Ada");
}

static void
a_line_that_is_no_recipient_says_why(void **state)
{
	static const char *const bad[] = {"", "hello", "{", "{}",
	    "{\"to\":", "{\"to\":\"15551234567\"} x", "{\"to\":null}",
	    "{\"to\":[]}", "{\"to\":\"hello\"}",
	    "{\"to\":\"15551234567\",\"vars\":[]}", "{\"cuid\":\"\"}",
	    "{\"cuid\":\"1\",\"cuidType\":7}",
	    "{\"cuid\":\"1\",\"cuidtype\":\"\"}", "{\"vars\":{}}"};
	struct rc_ident to;
	struct rc_error e;
	char name[20];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		e.msg[0] = '\0';
		assert_int_equal(
		    parse(bad[i], &to, name, sizeof(name), &e), RC_EDATA);
		assert_true(e.msg[0] != '\0');
	}
}

/* --- the wire ------------------------------------------------------------ */

static void
the_moment_of_a_claim_says_how_long_to_wait(void **state)
{
	struct send_item item = {.start_us = 1100000};
	struct send s = {.cfg = &CONFIG};

	(void)state;
	s.wire.limit = 4;
	assert_true(rc_send_wire_wait_us(&s, 1000000) == UINT64_MAX);
	rc_send_push(&s.claimed, &item);
	assert_int_equal(rc_send_wire_wait_us(&s, 1000000), 100000);
	assert_int_equal(rc_send_wire_wait_us(&s, 1050000), 50000);
	assert_int_equal(rc_send_wire_wait_us(&s, 1100000), 0);
	assert_int_equal(rc_send_wire_wait_us(&s, 1100001), 0);
	s.wire.on_wire = 4;
	assert_true(rc_send_wire_wait_us(&s, 1100001) == UINT64_MAX);
	s.wire.on_wire = 0;
	s.wire.token_refused = true;
	assert_true(rc_send_wire_wait_us(&s, 1100001) == UINT64_MAX);
}

static void
another_attempt_is_never_due_too_early(void **state)
{
	struct send s = {.cfg = &CONFIG};
	struct send_item item = {.attempts = 1};

	(void)state;
	item.result.verdict = RC_V_RETRY;
	for (int i = 0; i < 1000; i++) {
		item.result.retry_after_ms = 0;
		for (item.attempts = 1; item.attempts < 4; item.attempts++)
			assert_in_range(rc_send_wire_due_us(&s, &item, 7), 7,
			    7 + (500000u << (item.attempts - 1)));
		item.result.retry_after_ms = 2000;
		assert_in_range(
		    rc_send_wire_due_us(&s, &item, 7), 2000007, 2500007);
	}
	item.result.verdict = RC_V_TOKEN;
	item.result.retry_after_ms = 0;
	assert_int_equal(rc_send_wire_due_us(&s, &item, 7), 7);
}

static void
every_outcome_has_a_name(void **state)
{
	(void)state;
	for (int o = 0; o < RC_SEND_OUTCOMES; o++)
		assert_non_null(rc_send_outcome_name((enum rc_send_outcome)o));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_ordinal_given_back_is_used_again),
	    cmocka_unit_test(what_is_left_of_a_range_is_not_lost),
	    cmocka_unit_test(link_ids_belong_to_the_ordinal_in_every_range),
	    cmocka_unit_test(a_foreign_ordinal_is_not_ours),
	    cmocka_unit_test(nothing_is_reserved_before_somebody_is_there),
	    cmocka_unit_test(a_recipient_is_a_number_or_an_object),
	    cmocka_unit_test(a_line_that_is_no_recipient_says_why),
	    cmocka_unit_test(the_moment_of_a_claim_says_how_long_to_wait),
	    cmocka_unit_test(another_attempt_is_never_due_too_early),
	    cmocka_unit_test(every_outcome_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
