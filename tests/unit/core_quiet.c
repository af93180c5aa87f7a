#include "core/quiet.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static struct rc_error err;

static struct rc_quiet *
hours(const char *text)
{
	struct rc_channel channel = {
	    .name = "sms", .quiet_hours = (char *)(uintptr_t)text};
	struct rc_quiet *q;

	if (rc_quiet_open(&q, &channel, NULL, &err) != RC_OK)
		fail_msg("%s", err.msg);
	return q;
}

static const char *
where(const struct rc_quiet *q, const char *number, const char *time)
{
	struct rc_ident to;
	uint64_t ms;

	assert_int_equal(
	    rc_ident_parse(RC_IDENT_PHONE, rc_slice_str(number), &to, &err),
	    RC_OK);
	assert_int_equal(rc_time_parse(rc_slice_str(time), &ms, &err), RC_OK);
	return rc_quiet_where(q, &to, ms);
}

static void
the_clock_of_the_recipient_counts(void **state)
{
	struct rc_quiet *q = hours("21:00-08:00");

	(void)state;
	/* New York is five hours behind in winter, four in summer. */
	assert_null(where(q, "12125550100", "2026-01-10T20:59:59-05:00"));
	assert_string_equal(
	    where(q, "12125550100", "2026-01-10T21:00:00-05:00"),
	    "America/New_York");
	assert_non_null(where(q, "12125550100", "2026-01-11T00:00:00-05:00"));
	assert_non_null(where(q, "12125550100", "2026-01-11T07:59:59-05:00"));
	assert_null(where(q, "12125550100", "2026-01-11T08:00:00-05:00"));
	assert_non_null(where(q, "12125550100", "2026-07-11T07:59:59-04:00"));
	assert_null(where(q, "12125550100", "2026-07-11T08:00:00-04:00"));
	/* At the same moment, elsewhere. */
	assert_non_null(where(q, "14155550100", "2026-07-11T08:00:00-04:00"));
	assert_null(where(q, "447700900123", "2026-07-11T08:00:00-04:00"));
	assert_string_equal(
	    where(q, "819012345678", "2026-07-11T08:00:00-04:00"),
	    "Asia/Tokyo");
	/* A quarter of an hour counts. */
	assert_non_null(where(q, "9779812345678", "2026-07-11T02:14:00Z"));
	assert_null(where(q, "9779812345678", "2026-07-11T02:15:00Z"));
	rc_quiet_close(q);
}

static void
all_zones_of_a_prefix_must_be_open(void **state)
{
	struct rc_quiet *q = hours("21:00-08:00");

	(void)state;
	/* Idaho: Denver's clocks and Los Angeles'. */
	assert_string_equal(
	    where(q, "12085550100", "2026-01-10T08:30:00-07:00"),
	    "America/Los_Angeles");
	assert_null(where(q, "12085550100", "2026-01-10T09:00:00-07:00"));
	assert_null(where(q, "12085550100", "2026-01-10T20:59:00-07:00"));
	assert_string_equal(
	    where(q, "12085550100", "2026-01-10T21:00:00-07:00"),
	    "America/Denver");
	/* Anywhere in +1, from Guam to Newfoundland: a few hours are left. */
	assert_non_null(where(q, "18005550100", "2026-01-10T12:00:00-05:00"));
	assert_null(where(q, "18005550100", "2026-01-10T18:30:00-05:00"));
	rc_quiet_close(q);
}

static void
who_is_nowhere_is_never_texted(void **state)
{
	struct rc_quiet *q = hours("03:00-03:01");
	char time[] = "2026-01-10T00:00:00Z";

	(void)state;
	for (int hour = 0; hour < 24; hour++) {
		time[11] = (char)('0' + hour / 10);
		time[12] = (char)('0' + hour % 10);
		assert_string_equal(
		    where(q, "881612345678", time), RC_QUIET_NOWHERE);
		if (hour != 8)
			assert_null(where(q, "12125550100", time));
	}
	assert_non_null(where(q, "12125550100", "2026-01-10T08:00:59Z"));
	rc_quiet_close(q);
}

static void
hours_within_a_day_end_on_that_day(void **state)
{
	struct rc_quiet *q = hours("12:00-13:30");

	(void)state;
	assert_null(where(q, "447700900123", "2026-01-10T11:59:59Z"));
	assert_non_null(where(q, "447700900123", "2026-01-10T12:00:00Z"));
	assert_non_null(where(q, "447700900123", "2026-01-10T13:29:59Z"));
	assert_null(where(q, "447700900123", "2026-01-10T13:30:00Z"));
	assert_null(where(q, "447700900123", "2026-01-10T23:00:00Z"));
	rc_quiet_close(q);
}

static void
a_channel_without_quiet_hours_needs_no_zones(void **state)
{
	struct rc_channel channel = {.name = "sms"};
	struct rc_quiet *q = (void *)&channel;

	(void)state;
	assert_int_equal(
	    rc_quiet_open(&q, &channel, "/nonexistent", &err), RC_OK);
	assert_null(q);
	assert_null(where(q, "881612345678", "2026-01-10T03:00:00Z"));
	rc_quiet_close(q);
}

static void
without_zones_nothing_opens(void **state)
{
	char text[] = "21:00-08:00";
	struct rc_channel channel = {.name = "sms", .quiet_hours = text};
	struct rc_quiet *q = (void *)&channel;

	(void)state;
	assert_int_equal(
	    rc_quiet_open(&q, &channel, "/nonexistent", &err), RC_ECONFIG);
	assert_null(q);
	assert_non_null(strstr(err.msg, "channel 'sms' has quiet hours"));
	assert_non_null(strstr(err.msg, "package tzdata"));
}

static uint64_t
at(const char *time)
{
	uint64_t ms;

	assert_int_equal(rc_time_parse(rc_slice_str(time), &ms, &err), RC_OK);
	return ms;
}

static struct rc_ident
phone(const char *number)
{
	struct rc_ident to;

	assert_int_equal(
	    rc_ident_parse(RC_IDENT_PHONE, rc_slice_str(number), &to, &err),
	    RC_OK);
	return to;
}

/* Compared with looking at every minute; clocks are changed in between. */
static void
it_is_told_when_the_hours_end(void **state)
{
	static const char *const numbers[] = {"12125550100", "12085550100",
	    "18005550100", "447700900123", "79161234567", "9779812345678"};
	static const char *const all[] = {
	    "21:00-08:00", "12:00-13:30", "01:30-02:30", "08:00-07:00"};
	static const char *const from[] = {"2026-03-07T12:00:00Z",
	    "2026-03-28T11:11:11Z", "2026-07-01T00:00:30Z",
	    "2026-10-24T20:00:00Z", "2026-10-31T23:59:59.5Z"};
	const size_t nall = sizeof(all) / sizeof(all[0]);

	(void)state;
	for (size_t h = 0; h < nall; h++) {
		struct rc_quiet *q = hours(all[h]);

		for (size_t i = 0; i < 6 * 5 * 9; i++) {
			struct rc_ident to = phone(numbers[i % 6]);
			uint64_t now = at(from[i / 6 % 5]) + i / 30 * 10000000;
			uint64_t wait = 0, opens = rc_quiet_opens(q, &to, now);

			while (rc_quiet_where(q, &to, now + wait) != NULL &&
			       wait < 172800000)
				wait += 60000 - (now + wait) % 60000;
			assert_int_equal(
			    opens, wait >= 172800000 ? 0 : now + wait);
		}
		rc_quiet_close(q);
	}
}

static void
nowhere_the_hours_end_at_no_time(void **state)
{
	struct rc_quiet *q = hours("03:00-03:01");
	struct rc_ident to = phone("881612345678");

	(void)state;
	assert_int_equal(rc_quiet_opens(q, &to, at("2026-01-10T12:00:00Z")), 0);
	rc_quiet_close(q);
}

static void
clocks_are_told_of_the_zone_that_was_named(void **state)
{
	struct rc_quiet *q = hours("21:00-08:00");
	struct rc_ident to = phone("12125550100");
	uint64_t now = at("2026-01-10T22:05:59-05:00");
	const char *zone = rc_quiet_where(q, &to, now);

	(void)state;
	assert_int_equal(rc_quiet_minute(q, zone, now), 22 * 60 + 5);
	assert_int_equal(rc_quiet_minute(q, RC_QUIET_NOWHERE, now), -1);
	rc_quiet_close(q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_clock_of_the_recipient_counts),
	    cmocka_unit_test(all_zones_of_a_prefix_must_be_open),
	    cmocka_unit_test(who_is_nowhere_is_never_texted),
	    cmocka_unit_test(hours_within_a_day_end_on_that_day),
	    cmocka_unit_test(it_is_told_when_the_hours_end),
	    cmocka_unit_test(nowhere_the_hours_end_at_no_time),
	    cmocka_unit_test(clocks_are_told_of_the_zone_that_was_named),
	    cmocka_unit_test(a_channel_without_quiet_hours_needs_no_zones),
	    cmocka_unit_test(without_zones_nothing_opens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
