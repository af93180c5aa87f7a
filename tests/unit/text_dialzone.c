#include "text/dialzone.h"

#include "text/country.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const char *
zones(uint64_t phone)
{
	return rc_dialzone_zones(rc_dialzone_of(phone));
}

static void
expect(uint64_t phone, const char *want)
{
	if (strcmp(zones(phone), want) != 0)
		fail_msg("%llu is in '%s', not '%s'", (unsigned long long)phone,
		    zones(phone), want);
}

static void
numbers_are_placed_by_their_longest_prefix(void **state)
{
	(void)state;
	expect(12125550100, "America/New_York");
	expect(13125550100, "America/Chicago");
	expect(13035550100, "America/Denver");
	expect(14155550100, "America/Los_Angeles");
	expect(16025550100, "America/Phoenix");
	expect(18085550100, "Pacific/Honolulu");
	expect(14165550100, "America/Toronto");
	expect(16045550100, "America/Vancouver");
	expect(18765550100, "America/Jamaica");
	expect(17875550100, "America/Puerto_Rico");
	expect(16715550100, "Pacific/Guam");
	expect(447700900123, "Europe/London");
	expect(447797123456, "Europe/Jersey");
	expect(4915112345678, "Europe/Berlin");
	expect(819012345678, "Asia/Tokyo");
	expect(38344123456, "Europe/Belgrade");
	expect(919812345678, "Asia/Kolkata");
}

static void
a_prefix_that_spans_zones_has_all_of_them(void **state)
{
	(void)state;
	expect(12085550100, "America/Denver America/Los_Angeles");
	expect(17015550100, "America/Chicago America/Denver");
	expect(19285550100, "America/Phoenix America/Denver");
	expect(18075550100, "America/Toronto America/Winnipeg");
	expect(34612345678, "Europe/Madrid Atlantic/Canary");
	expect(79161234567,
	    "Europe/Moscow Europe/Samara Asia/Yekaterinburg Asia/Omsk "
	    "Asia/Krasnoyarsk Asia/Irkutsk Asia/Yakutsk Asia/Vladivostok "
	    "Asia/Magadan Asia/Kamchatka Europe/Kaliningrad");
	/* Toll-free, 555, not assigned: anywhere in +1. */
	assert_non_null(strstr(zones(18005550100), "Pacific/Pago_Pago"));
	assert_non_null(strstr(zones(18005550100), "America/St_Johns"));
	assert_string_equal(zones(15555550100), zones(18005550100));
	assert_string_equal(zones(11115550100), zones(18005550100));
	/* Of one country, but of no region of it. */
	assert_non_null(strstr(zones(17105550100), "Pacific/Honolulu"));
	assert_null(strstr(zones(17105550100), "America/Toronto"));
	assert_non_null(strstr(zones(16005550100), "America/St_Johns"));
}

static void
numbers_of_no_country_are_nowhere(void **state)
{
	static const uint64_t nowhere[] = {
	    881612345678, 870773123456, 80012345678, 883510012345};

	(void)state;
	for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++)
		assert_int_equal(
		    rc_dialzone_of(nowhere[i]), RC_DIALZONE_NOWHERE);
	assert_string_equal(rc_dialzone_zones(RC_DIALZONE_NOWHERE), "");
}

static void
every_country_has_zones(void **state)
{
	char iso[RC_COUNTRY_LEN];
	unsigned countries = 0;

	(void)state;
	for (uint64_t head = 20000; head < 100000; head++) {
		uint64_t phone = head * 1000000 + 1;

		rc_country_of(phone, iso);
		if (iso[0] < 'A')
			continue;
		countries++;
		if (zones(phone)[0] == '\0')
			fail_msg("%s has no zone", iso);
	}
	assert_true(countries > 50000);
}

/* Whoever adds an area code to text/country is told to place it here too. */
static void
every_area_code_of_a_region_has_the_zones_of_it(void **state)
{
	static const unsigned anywhere[] = {
	    600, 622, 633, 644, 655, 677, 688, 710};
	const char *us = zones(17105550100), *ca = zones(16005550100);
	size_t next = 0;

	(void)state;
	for (unsigned code = 200; code < 1000; code++) {
		uint64_t phone = (1000 + (uint64_t)code) * 10000000 + 5550100;
		char iso[RC_COUNTRY_LEN];

		rc_country_of(phone, iso);
		if (iso[0] == '\0') {
			assert_string_equal(zones(phone), zones(18005550100));
			continue;
		}
		if (zones(phone) != us && zones(phone) != ca)
			continue;
		if (next == sizeof(anywhere) / sizeof(anywhere[0]) ||
		    anywhere[next] != code)
			fail_msg("%u has no region", code);
		next++;
	}
	assert_int_equal(next, sizeof(anywhere) / sizeof(anywhere[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_are_placed_by_their_longest_prefix),
	    cmocka_unit_test(a_prefix_that_spans_zones_has_all_of_them),
	    cmocka_unit_test(numbers_of_no_country_are_nowhere),
	    cmocka_unit_test(every_country_has_zones),
	    cmocka_unit_test(every_area_code_of_a_region_has_the_zones_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
