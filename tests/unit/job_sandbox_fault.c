#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "job/sandbox_fault.h"

#include <string.h>

static struct rc_sandbox_fault
parse(const char *spec)
{
	struct rc_sandbox_fault f;
	struct rc_error e;

	assert_int_equal(rc_sandbox_fault_parse(&f, spec, &e), RC_OK);
	return f;
}

/* Which of the first opportunities it strikes, as "x..x". */
static void
assert_strikes(const char *spec, const char *want)
{
	struct rc_sandbox_fault f = parse(spec);

	for (size_t i = 0; want[i] != '\0'; i++)
		assert_int_equal(rc_sandbox_fault_strikes(&f), want[i] == 'x');
}

static void
a_fault_strikes_when_it_says(void **state)
{
	(void)state;
	assert_strikes("garbage", "xxxx");
	assert_strikes("429=every:3", "..x..x..x");
	assert_strikes("429=first:2", "xx.....");
	assert_strikes("429=at:4", "...x....");
	assert_strikes("429=0%", "........");
	assert_strikes("429=100%", "xxxxxxxx");
}

static unsigned
strikes_of(const char *spec, unsigned n)
{
	struct rc_sandbox_fault f = parse(spec);
	unsigned struck = 0;

	while (n-- > 0)
		struck += rc_sandbox_fault_strikes(&f);
	return struck;
}

static void
a_percentage_is_near_and_the_same_each_time(void **state)
{
	unsigned struck = strikes_of("429=5%", 20000);

	(void)state;
	assert_in_range(struck, 800, 1200);
	assert_int_equal(strikes_of("429=5%", 20000), struck);
	assert_in_range(strikes_of("429=0.5%", 20000), 60, 140);
}

static void
percentages_strike_apart_from_each_other(void **state)
{
	struct rc_sandbox_fault one = parse("429=50%"),
				other = parse("5xx=50%");
	unsigned both = 0;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		bool struck = rc_sandbox_fault_strikes(&one);

		both += rc_sandbox_fault_strikes(&other) && struck;
	}
	assert_in_range(both, 4500, 5500); /* a quarter */
}

static void
parts_come_in_any_order(void **state)
{
	struct rc_sandbox_fault f =
	    parse("503=on=token:retry-after=9:every:7:accepted");

	(void)state;
	assert_int_equal(f.kind, RC_FAULT_STATUS);
	assert_int_equal(f.status, 503);
	assert_int_equal(f.place, RC_PLACE_TOKEN);
	assert_int_equal(f.retry_after_s, 9);
	assert_int_equal(f.when, RC_FAULT_EVERY);
	assert_int_equal(f.n, 7);
	assert_true(f.accepted);
	f = parse("200:on=list");
	assert_int_equal(f.status, 200);
	assert_int_equal(f.place, RC_PLACE_LIST);
	f = parse("close-after:first:2");
	assert_int_equal(f.kind, RC_FAULT_CLOSE_AFTER);
	assert_int_equal(f.when, RC_FAULT_FIRST);
	assert_int_equal(f.place, RC_PLACE_MESSAGES);
}

static void
latency_goes_from_one_end_to_the_other(void **state)
{
	struct rc_sandbox_fault f = parse("latency=10ms-170ms");
	uint64_t last_us = 0;

	(void)state;
	assert_true(rc_sandbox_fault_strikes(&f));
	assert_int_equal(rc_sandbox_fault_delay_us(&f), 10000);
	for (int i = 0; i < 16; i++) {
		assert_true(rc_sandbox_fault_strikes(&f));
		assert_true(rc_sandbox_fault_delay_us(&f) > last_us);
		last_us = rc_sandbox_fault_delay_us(&f);
	}
	assert_int_equal(last_us, 170000);
	f = parse("latency=2s:at:1");
	assert_true(rc_sandbox_fault_strikes(&f));
	assert_int_equal(rc_sandbox_fault_delay_us(&f), 2000000);
}

static void
any_5xx_is_each_in_turn(void **state)
{
	static const unsigned want[] = {500, 502, 503, 504, 500};
	struct rc_sandbox_fault f = parse("5xx");

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		assert_true(rc_sandbox_fault_strikes(&f));
		assert_int_equal(rc_sandbox_fault_status(&f), want[i]);
	}
}

static void
what_is_not_understood_is_refused(void **state)
{
	static const char *const wrong[] = {"", "typo", "201", "399", "600",
	    "429=every", "429=every:0", "429=every:x", "429=101%", "429=-1%",
	    "429=%", "429=retry-after=x", "429=50ms", "latency", "latency=0ms",
	    "latency=5", "latency=9ms-3ms", "latency=2d", "garbage=accepted",
	    "garbage=on=moon", "429=every:2:typo"};
	struct rc_sandbox_fault f;
	struct rc_error e;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(
		    rc_sandbox_fault_parse(&f, wrong[i], &e), RC_EUSAGE);
		assert_non_null(strstr(e.msg, "not understood"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_fault_strikes_when_it_says),
	    cmocka_unit_test(a_percentage_is_near_and_the_same_each_time),
	    cmocka_unit_test(percentages_strike_apart_from_each_other),
	    cmocka_unit_test(parts_come_in_any_order),
	    cmocka_unit_test(latency_goes_from_one_end_to_the_other),
	    cmocka_unit_test(any_5xx_is_each_in_turn),
	    cmocka_unit_test(what_is_not_understood_is_refused),
	};

	return cmocka_run_group_tests_name(
	    "job_sandbox_fault", tests, NULL, NULL);
}
