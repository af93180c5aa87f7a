#include "text/country.h"

#include "text/phone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const char *
country(uint64_t phone)
{
	static char iso[RC_COUNTRY_LEN];

	rc_country_of(phone, iso);
	return iso;
}

static void
expect(uint64_t phone, const char *iso)
{
	if (strcmp(country(phone), iso) != 0)
		fail_msg("%llu is %s, not %s", (unsigned long long)phone,
		    country(phone), iso);
}

static void
every_assigned_calling_code_has_a_country(void **state)
{
	unsigned codes = 0, worldwide = 0;

	(void)state;
	for (unsigned code = 1; code < 1000; code++) {
		uint64_t phone = code;

		while (phone < 10000000)
			phone *= 10;
		phone += 1; /* no longer prefix ends like this */
		if (rc_phone_code(phone) != code)
			continue;
		codes++;
		if (strcmp(country(phone), "001") == 0)
			worldwide++;
		else if (code != 1 && strlen(country(phone)) != 2)
			fail_msg("%u has no country", code);
	}
	assert_int_equal(codes, 215);
	assert_int_equal(worldwide, 9);
}

static void
codes_are_told_by_their_longest_prefix(void **state)
{
	static const struct {
		uint64_t phone;
		const char *iso;
	} known[] = {{33612345678, "FR"}, {353861234567, "IE"},
	    {35312345, "IE"}, {491701234567, "DE"}, {3725012345, "EE"},
	    {972501234567, "IL"}, {970591234567, "PS"}, {998901234567, "UZ"},
	    {201001234567, "EG"}, {2301234567, "MU"}, {8613812345678, "CN"},
	    {85212345678, "HK"}, {6591234567, "SG"}, {4561234567, "DK"},
	    {6831234, "NU"}, {2906123, "SH"}, {2471234, "SH"},
	    /* shared codes */
	    {79161234567, "RU"}, {77011234567, "KZ"}, {76001234567, "KZ"},
	    {73431234567, "RU"}, {447700900123, "GB"}, {442071234567, "GB"},
	    {441481234567, "GG"}, {447781123456, "GG"}, {447911123456, "GG"},
	    {447911223456, "GB"}, {441534123456, "JE"}, {447797123456, "JE"},
	    {447700312345, "JE"}, {441624123456, "IM"}, {447624123456, "IM"},
	    {390612345678, "IT"}, {390669812345, "VA"}, {393471234567, "IT"},
	    {390549123456, "SM"}, {378123456789, "SM"}, {4740612345, "NO"},
	    {4779123456, "SJ"}, {358401234567, "FI"}, {3581812345, "AX"},
	    {61412345678, "AU"}, {61891621234, "CC"}, {61891641234, "CX"},
	    {61891611234, "AU"}, {590690123456, "GP"}, {590590271234, "BL"},
	    {590590871234, "MF"}, {590590811234, "GP"}, {596696123456, "MQ"},
	    {262692123456, "RE"}, {262639123456, "YT"}, {262269123456, "YT"},
	    {59995123456, "CW"}, {5997123456, "BQ"}, {5993123456, "BQ"},
	    {212612345678, "MA"}, {212528812345, "EH"}, {672112345, "AQ"},
	    {672322345, "NF"}, {38344123456, "XK"},
	    /* of no country */
	    {80012345678, "001"}, {80812345678, "001"}, {870773123456, "001"},
	    {878101234567, "001"}, {881612345678, "001"}, {8821612345, "001"},
	    {883510012345, "001"}, {888123456789, "001"}, {979123456789, "001"},
	    {8801712345678, "BD"}, {886912345678, "TW"}};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		expect(known[i].phone, known[i].iso);
}

static void
the_countries_of_1_are_told_by_area_code(void **state)
{
	static const struct {
		unsigned area;
		const char *iso;
	} known[] = {{201, "US"}, {202, "US"}, {212, "US"}, {305, "US"},
	    {415, "US"}, {710, "US"}, {907, "US"}, {808, "US"}, {329, "US"},
	    {983, "US"}, {989, "US"}, {204, "CA"}, {263, "CA"}, {306, "CA"},
	    {416, "CA"}, {514, "CA"}, {604, "CA"}, {867, "CA"}, {942, "CA"},
	    {905, "CA"}, {600, "CA"}, {242, "BS"}, {246, "BB"}, {264, "AI"},
	    {268, "AG"}, {284, "VG"}, {340, "VI"}, {345, "KY"}, {441, "BM"},
	    {473, "GD"}, {649, "TC"}, {658, "JM"}, {876, "JM"}, {664, "MS"},
	    {670, "MP"}, {671, "GU"}, {684, "AS"}, {721, "SX"}, {758, "LC"},
	    {767, "DM"}, {784, "VC"}, {787, "PR"}, {939, "PR"}, {809, "DO"},
	    {829, "DO"}, {849, "DO"}, {868, "TT"}, {869, "KN"}, {800, ""},
	    {888, ""}, {900, ""}, {500, ""}, {555, ""}, {199, ""}, {200, ""},
	    {999, ""}, {100, ""}};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		expect(10000000000 + known[i].area * 10000000ULL + 5550123,
		    known[i].iso);
}

static void
area_codes_of_1_are_as_many_as_were_assigned(void **state)
{
	unsigned us = 0, ca = 0, others = 0;

	(void)state;
	for (uint64_t area = 100; area < 1000; area++) {
		const char *iso =
		    country(10000000000 + area * 10000000 + 2345678);

		us += strcmp(iso, "US") == 0;
		ca += strcmp(iso, "CA") == 0;
		others += iso[0] != '\0';
	}
	assert_int_equal(us, 371);
	assert_int_equal(ca, 62);
	assert_int_equal(others - us - ca, 27);
}

/* --- choices ------------------------------------------------------------- */

static struct rc_error err;

static struct rc_country_choice
choice(const char *list)
{
	struct rc_country_choice c = {0};

	if (rc_country_choose(&c, rc_slice_str(list), &err) != RC_OK)
		fail_msg("%s", err.msg);
	return c;
}

static void
countries_are_chosen_by_letters_or_calling_code(void **state)
{
	struct rc_country_choice c = choice("GB, ie,+49,1");

	(void)state;
	assert_true(rc_country_chosen(&c, 447700900123));
	assert_true(rc_country_chosen(&c, 353861234567));
	assert_true(rc_country_chosen(&c, 491701234567));
	assert_true(rc_country_chosen(&c, 12025550101));
	assert_true(rc_country_chosen(&c, 15550000001)); /* not assigned */
	assert_true(rc_country_chosen(&c, 18764567890));
	assert_false(rc_country_chosen(&c, 441481234567)); /* Guernsey */
	assert_false(rc_country_chosen(&c, 33612345678));
	assert_false(rc_country_chosen(&c, 870773123456));
	assert_int_equal(c.left_out, 0);
	c = choice("44");
	assert_true(rc_country_chosen(&c, 441481234567));
	c = choice("001");
	assert_true(rc_country_chosen(&c, 870773123456));
	assert_true(rc_country_chosen(&c, 88312345678));
	assert_false(rc_country_chosen(&c, 33612345678));
	assert_false(rc_country_chosen(&c, 15550000001));
	c = choice("US");
	assert_false(rc_country_chosen(&c, 15550000001));
	assert_false(rc_country_chosen(&c, 15550000002));
	assert_true(rc_country_chosen(&c, 12025550101));
	assert_false(rc_country_chosen(&c, 17871234567));
	assert_int_equal(c.left_out, 2);
	assert_int_equal(
	    rc_country_choose(&c, RC_SLICE_LIT("PR"), &err), RC_OK);
	assert_true(rc_country_chosen(&c, 17871234567));
	assert_true(rc_country_chosen(&c, 12025550101));
}

static void
what_is_no_country_is_refused_by_name(void **state)
{
	static const char *const bad[] = {"UK", "XX", "GBR", "", "GB,", ",GB",
	    "GB;IE", "210", "0", "2", "1809", "044", "+", "++44", "4 4", "G1",
	    "002", "Ö"};
	struct rc_country_choice c;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&c, 0, sizeof(c));
		if (rc_country_choose(&c, rc_slice_str(bad[i]), &err) !=
		    RC_EUSAGE)
			fail_msg("'%s' was taken", bad[i]);
	}
	assert_int_equal(
	    rc_country_choose(&c, RC_SLICE_LIT("GB,UK"), &err), RC_EUSAGE);
	assert_non_null(strstr(err.msg, "'UK' is no country"));
}

/* Numbers around every prefix: what is remembered is what would be found. */
static void
ascending_questions_are_answered_as_single_ones(void **state)
{
	struct rc_country_choice c = choice("GB,JE,KZ,VA,CA,BL,BQ,YT,001,358");
	size_t asked = 0, in = 0;

	(void)state;
	for (uint64_t base = 1000000; base < 1000000000000000; base *= 10)
		for (uint64_t n = 1000; n < 10000; n++)
			for (int edge = -1; edge < 2; edge++) {
				uint64_t phone = n * (base / 1000);
				struct rc_country_choice fresh = c;

				phone += (uint64_t)(int64_t)edge;
				if (rc_phone_code(phone) == 0)
					continue;
				fresh.low = fresh.high = 0;
				if (rc_country_chosen(&c, phone) !=
				    rc_country_chosen(&fresh, phone))
					fail_msg(
					    "%llu", (unsigned long long)phone);
				asked++;
				in += c.chosen;
			}
	assert_true(asked > 100000);
	assert_true(in > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_assigned_calling_code_has_a_country),
	    cmocka_unit_test(codes_are_told_by_their_longest_prefix),
	    cmocka_unit_test(the_countries_of_1_are_told_by_area_code),
	    cmocka_unit_test(area_codes_of_1_are_as_many_as_were_assigned),
	    cmocka_unit_test(countries_are_chosen_by_letters_or_calling_code),
	    cmocka_unit_test(what_is_no_country_is_refused_by_name),
	    cmocka_unit_test(ascending_questions_are_answered_as_single_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
