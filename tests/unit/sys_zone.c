#include "sys/zone.h"

#include "sys/zone_rule.h"
#include "text/dialzone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#define WEEK (7 * 86400LL)
#define FROM 946684800LL   /* 2000 */
#define UNTIL 4102444800LL /* 2100 */

static struct rc_error err;

static struct rc_zone *
zone(const char *name)
{
	struct rc_zone *z;

	if (rc_zone_open(&z, NULL, name, &err) != RC_OK)
		fail_msg("%s", err.msg);
	return z;
}

/* --- as the C library has it ---------------------------------------------- */

static int32_t
expected(int64_t t)
{
	time_t s = (time_t)t;
	struct tm tm;

	assert_non_null(localtime_r(&s, &tm));
	return (int32_t)tm.tm_gmtoff;
}

static void
compare_at(const struct rc_zone *z, const char *name, int64_t t)
{
	if (rc_zone_offset(z, t) != expected(t))
		fail_msg("%s at %lld: %d, not %d", name, (long long)t,
		    rc_zone_offset(z, t), expected(t));
}

/* The second at which clocks change between two times that differ. */
static int64_t
change_between(int64_t low, int64_t high)
{
	int32_t before = expected(low);

	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;

		if (expected(middle) == before)
			low = middle;
		else
			high = middle;
	}
	return high;
}

static void
compare(const char *name)
{
	struct rc_zone *z = zone(name);

	assert_int_equal(setenv("TZ", name, 1), 0);
	tzset();
	for (int64_t t = FROM; t < UNTIL; t += WEEK) {
		compare_at(z, name, t);
		if (expected(t) != expected(t + WEEK)) {
			int64_t change = change_between(t, t + WEEK);

			compare_at(z, name, change - 1);
			compare_at(z, name, change);
		}
	}
	rc_zone_close(z);
}

static void
every_zone_in_use_goes_as_the_c_library_says(void **state)
{
	char name[64];

	(void)state;
	for (size_t i = 0; i < rc_dialzone_places(); i++)
		for (const char *at = rc_dialzone_zones(i); *at != '\0';) {
			size_t len = strcspn(at, " ");

			assert_true(len < sizeof(name));
			memcpy(name, at, len);
			name[len] = '\0';
			compare(name);
			at += len;
			at += strspn(at, " ");
		}
	unsetenv("TZ");
	tzset();
}

/* --- rules ---------------------------------------------------------------- */

static int32_t
by_rule(const char *text, int64_t utc_s)
{
	struct rc_zone_rule rule;

	if (!rc_zone_rule_parse(text, &rule))
		fail_msg("'%s' is no rule", text);
	return rc_zone_rule_offset(&rule, utc_s);
}

static void
rules_of_every_shape_are_kept(void **state)
{
	(void)state;
	assert_int_equal(by_rule("UTC0", 0), 0);
	assert_int_equal(by_rule("<+0545>-5:45", 0), 20700);
	/* 2024-03-31T01:00:00Z and 2024-10-27T01:00:00Z */
	assert_int_equal(
	    by_rule("CET-1CEST,M3.5.0,M10.5.0/3", 1711846799), 3600);
	assert_int_equal(
	    by_rule("CET-1CEST,M3.5.0,M10.5.0/3", 1711846800), 7200);
	assert_int_equal(
	    by_rule("CET-1CEST,M3.5.0,M10.5.0/3", 1729990799), 7200);
	assert_int_equal(
	    by_rule("CET-1CEST,M3.5.0,M10.5.0/3", 1729990800), 3600);
	/* Dublin calls winter the exception. */
	assert_int_equal(by_rule("IST-1GMT0,M10.5.0,M3.5.0/1", 1711846799), 0);
	assert_int_equal(
	    by_rule("IST-1GMT0,M10.5.0,M3.5.0/1", 1711846800), 3600);
	/* Days by number: J60 is 1 March in a leap year, 60 is too. */
	assert_int_equal(by_rule("AAA0BBB,J60/0,J300", 1709251199), 0);
	assert_int_equal(by_rule("AAA0BBB,J60/0,J300", 1709251200), 3600);
	assert_int_equal(by_rule("AAA0BBB,60/0,J300", 1709251199), 0);
	assert_int_equal(by_rule("AAA0BBB,60/0,J300", 1709251200), 3600);
	/* Always saving (RFC 9636, 3.3.1). */
	assert_int_equal(by_rule("EST5EDT,0/0,J365/25", 1704067200), -14400);
	assert_int_equal(by_rule("EST5EDT,0/0,J365/25", 1720000000), -14400);
}

static void
what_is_no_rule_is_refused(void **state)
{
	static const char *const wrong[] = {"", "CE-1", "CET", "CET-1CEST",
	    "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,M10.5.0/", "<+01-1", "CET-x",
	    "CET-1CEST,M0.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
	    "CET-1CEST,M13.1.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
	    "CET-1CEST,J0,J5", "CET-1CEST,366,J5", "CET-1CEST,M3.5.0,M10.5.0 ",
	    "CET-168", "CET-1:60"};
	struct rc_zone_rule rule;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (rc_zone_rule_parse(wrong[i], &rule))
			fail_msg("'%s' is taken for a rule", wrong[i]);
}

/* --- files ---------------------------------------------------------------- */

static void
refuses(const char *dir, const char *name, const char *why)
{
	struct rc_zone *z = (void *)dir;

	assert_int_equal(rc_zone_open(&z, dir, name, &err), RC_ECONFIG);
	assert_null(z);
	if (strstr(err.msg, why) == NULL)
		fail_msg("no '%s' in: %s", why, err.msg);
}

static void
broken_files_are_refused_wherever_they_are_cut(void **state)
{
	char dir[] = "/tmp/rc-zone-XXXXXX", path[64], data[65536];
	size_t len;
	FILE *f = fopen(RC_ZONE_DIR "/Europe/Paris", "rb");

	(void)state;
	assert_non_null(f);
	len = fread(data, 1, sizeof(data), f);
	fclose(f);
	assert_non_null(mkdtemp(dir));
	refuses(dir, "Cut", "package tzdata");
	snprintf(path, sizeof(path), "%s/Cut", dir);
	for (size_t n = 0; n < len; n++) {
		f = fopen(path, "wb");
		assert_non_null(f);
		assert_int_equal(fwrite(data, 1, n, f), n);
		assert_int_equal(fclose(f), 0);
		refuses(dir, "Cut", "is no time zone");
	}
	unlink(path);
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_zone_in_use_goes_as_the_c_library_says),
	    cmocka_unit_test(rules_of_every_shape_are_kept),
	    cmocka_unit_test(what_is_no_rule_is_refused),
	    cmocka_unit_test(broken_files_are_refused_wherever_they_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
