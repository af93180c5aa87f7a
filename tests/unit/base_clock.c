#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

static void
assert_time(const char *text, uint64_t want)
{
	struct rc_error e;
	uint64_t ms = 0;

	if (rc_time_parse(rc_slice_str(text), &ms, &e) != RC_OK)
		fail_msg("%s", e.msg);
	if (ms != want)
		fail_msg("'%s' is %llu", text, (unsigned long long)ms);
}

static void
times_of_every_allowed_form_are_read(void **state)
{
	(void)state;
	assert_time("1970-01-01T00:00:00Z", 0);
	assert_time("2026-03-01T12:00:00Z", 1772366400000);
	assert_time("2026-03-01t12:00:00z", 1772366400000);
	assert_time("2026-03-01 12:00:00Z", 1772366400000);
	assert_time("2026-03-01T12:00:00.1Z", 1772366400100);
	assert_time("2026-03-01T12:00:00.123456789Z", 1772366400123);
	assert_time("2026-03-01T12:00:00.999999999Z", 1772366400999);
	assert_time("2026-03-01", 1772323200000);
	assert_time("9999-12-31T23:59:59.999Z", 253402300799999);
}

static void
offsets_are_taken_off(void **state)
{
	(void)state;
	assert_time("2026-03-01T17:30:00+05:30", 1772366400000);
	assert_time("2026-03-01T04:00:00-08:00", 1772366400000);
	assert_time("2026-03-01T12:00:00-00:00", 1772366400000);
	assert_time("1969-12-31T23:00:00-01:00", 0);
}

static void
the_calendar_is_kept(void **state)
{
	(void)state;
	assert_time("2024-02-29T00:00:00Z", 1709164800000);
	assert_time("2000-02-29T00:00:00Z", 951782400000);
	assert_time("2016-12-31T23:59:60Z", 1483228800000);
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const wrong[] = {"", "now", "2026", "2026-3-1",
	    "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10",
	    "2026-04-31", "2026-01-00", "1969-12-31", "1969-12-31T23:59:59Z",
	    "1970-01-01T00:00:00+00:01", "2026-03-01T", "2026-03-01T12:00Z",
	    "2026-03-01T24:00:00Z", "2026-03-01T12:60:00Z",
	    "2026-03-01T12:00:61Z", "2026-03-01T12:00:00",
	    "2026-03-01T12:00:00.Z", "2026-03-01T12:00:00.1234567890Z",
	    "2026-03-01T12:00:00+24:00", "2026-03-01T12:00:00+01:60",
	    "2026-03-01T12:00:00+0100", "2026-03-01T12:00:00Z ",
	    "2026-03-01T12:00:00ZZ", "+026-03-01", "20260301"};
	struct rc_error e;
	uint64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (rc_time_parse(rc_slice_str(wrong[i]), &ms, &e) != RC_EDATA)
			fail_msg("'%s' was taken", wrong[i]);
		assert_non_null(strstr(e.msg, "2026-03-01T12:00:00Z"));
	}
}

static void
a_time_written_is_the_time_read(void **state)
{
	static const uint64_t times[] = {0, 1, 999, 951782400000, 1772366400123,
	    4102444800000, 253402300799999};
	char text[RC_TIME_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		rc_time_format(times[i], text);
		assert_int_equal(strlen(text), RC_TIME_LEN - 1);
		assert_time(text, times[i]);
	}
	rc_time_format(1772366400007, text);
	assert_string_equal(text, "2026-03-01T12:00:00.007Z");
}

static void
the_steady_clock_never_goes_back(void **state)
{
	uint64_t before = rc_clock_mono_us();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint64_t now = rc_clock_mono_us();

		assert_true(now >= before);
		before = now;
	}
	assert_true(rc_clock_now_ms() > 1700000000000);
}

static void
how_long_is_told_in_two_units(void **state)
{
	static const struct {
		double s;
		const char *text;
	} known[] = {{0, "0 s"}, {0.9, "0 s"}, {59.9, "59 s"}, {60, "1 min"},
	    {90, "1 min 30 s"}, {3600, "1 h"}, {3659, "1 h"},
	    {3660, "1 h 1 min"}, {86399, "23 h 59 min"}, {86400, "1 d"},
	    {100 * 86400.0 + 7200, "100 d 2 h"}, {1e300, "1157407 d 9 h"}};
	char text[RC_DURATION_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		rc_duration_format(known[i].s, text);
		assert_string_equal(text, known[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(how_long_is_told_in_two_units),
	    cmocka_unit_test(times_of_every_allowed_form_are_read),
	    cmocka_unit_test(offsets_are_taken_off),
	    cmocka_unit_test(the_calendar_is_kept),
	    cmocka_unit_test(what_is_no_time_is_refused),
	    cmocka_unit_test(a_time_written_is_the_time_read),
	    cmocka_unit_test(the_steady_clock_never_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
