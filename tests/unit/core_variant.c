#include "core/variant.h"

#include "base/num.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PEOPLE 100000u

static const struct rc_state_keys KEYS = {.variant = "0123456789abcde"};
static struct rc_error err;

static struct rc_ident
phone(uint64_t n)
{
	struct rc_ident to = {.type = RC_IDENT_PHONE, .key_len = 8};

	rc_put64(to.key, 15550000000 + n);
	return to;
}

static struct rc_variant
variant(const char *name, uint32_t weight)
{
	return (struct rc_variant){.name = rc_slice_str(name),
	    .text = rc_slice_str(name),
	    .weight = weight};
}

static struct rc_split
split_of(const char *campaign, const struct rc_variants *v, unsigned holdout)
{
	struct rc_split s;

	rc_split_open(&s, &KEYS, campaign, v, holdout);
	return s;
}

static struct rc_variants
three(void)
{
	return (struct rc_variants){
	    .list = {variant("a", 1), variant("b", 2), variant("c", 7)},
	    .n = 3};
}

/* Of n, each with that probability, as many as chance allows. */
static void
assert_share(uint64_t counted, double n, double probability)
{
	double sigma = sqrt(n * probability * (1 - probability));

	assert_true(fabs((double)counted - n * probability) < 3 * sigma);
}

static void
shares_are_those_of_the_weights(void **state)
{
	const struct rc_variants v = three();
	struct rc_split s = split_of("spring", &v, 1250);
	uint64_t got[4] = {0}, held[4] = {0};

	(void)state;
	for (uint64_t i = 0; i < PEOPLE; i++) {
		struct rc_ident to = phone(i);
		uint8_t number = rc_split_variant(&s, &to);

		assert_in_range(number, 1, 3);
		got[number]++;
		held[number] += rc_split_holds(&s, &to);
	}
	assert_share(got[1], PEOPLE, 0.1);
	assert_share(got[2], PEOPLE, 0.2);
	assert_share(got[3], PEOPLE, 0.7);
	/* The holdout is the same share of each variant's people. */
	for (int i = 1; i <= 3; i++)
		assert_share(held[i], (double)got[i], 0.125);
}

static void
another_campaign_splits_people_anew(void **state)
{
	const struct rc_variants v = three();
	struct rc_split spring = split_of("spring", &v, 1000),
			summer = split_of("summer", &v, 1000);
	uint64_t both = 0, same = 0;

	(void)state;
	for (uint64_t i = 0; i < PEOPLE; i++) {
		struct rc_ident to = phone(i);

		both += rc_split_holds(&spring, &to) &&
			rc_split_holds(&summer, &to);
		same += rc_split_variant(&spring, &to) ==
			rc_split_variant(&summer, &to);
	}
	assert_share(both, PEOPLE, 0.01);
	assert_share(same, PEOPLE, 0.1 * 0.1 + 0.2 * 0.2 + 0.7 * 0.7);
}

/* Each of an own computation, as reconnect-state(5) has it. */
static void
the_manual_says_who_gets_which(void **state)
{
	const struct rc_variants v = three();
	struct rc_split s = split_of("spring", &v, 1000);
	unsigned char key[RC_SHA256_LEN];
	char bytes[] = "0123456789abcde\0vspring";

	(void)state;
	rc_sha256((struct rc_slice){bytes, sizeof(bytes) - 1}, key);
	for (uint64_t i = 0; i < 1000; i++) {
		struct rc_ident to = phone(i);
		uint64_t n =
		    (rc_siphash(key, to.key, to.key_len) >> 32) * 10 >> 32;

		assert_int_equal(rc_split_variant(&s, &to), n < 1   ? 1
							    : n < 3 ? 2
								    : 3);
	}
	bytes[16] = 'h';
	rc_sha256((struct rc_slice){bytes, sizeof(bytes) - 1}, key);
	for (uint64_t i = 0; i < 1000; i++) {
		struct rc_ident to = phone(i);
		uint64_t n =
		    (rc_siphash(key, to.key, to.key_len) >> 32) * 10000 >> 32;

		assert_int_equal(rc_split_holds(&s, &to), n < 1000);
	}
}

static void
a_larger_holdout_holds_a_smaller_one(void **state)
{
	const struct rc_variants none = {.n = 0};
	struct rc_split few = split_of("spring", &none, 1),
			some = split_of("spring", &none, 500),
			most = split_of("spring", &none, 9999);
	uint64_t nfew = 0, nmost = 0;

	(void)state;
	for (uint64_t i = 0; i < PEOPLE; i++) {
		struct rc_ident to = phone(i);

		assert_int_equal(rc_split_variant(&few, &to), 0);
		nfew += rc_split_holds(&few, &to);
		nmost += rc_split_holds(&most, &to);
		assert_true(
		    !rc_split_holds(&few, &to) || rc_split_holds(&some, &to));
		assert_true(
		    !rc_split_holds(&some, &to) || rc_split_holds(&most, &to));
	}
	assert_share(nfew, PEOPLE, 0.0001);
	assert_share(nmost, PEOPLE, 0.9999);
}

static void
variants_keep_their_numbers(void **state)
{
	const struct rc_variant first[] = {variant("a", 1), variant("b", 1)},
				turned[] = {variant("b", 1), variant("a", 1)},
				other[] = {variant("c", 4), variant("b", 3)};
	struct rc_variants v = {.n = 0};
	struct rc_split before, after;

	(void)state;
	assert_int_equal(rc_variants_use(&v, first, 2, &err), RC_OK);
	before = split_of("spring", &v, 0);
	assert_int_equal(rc_variants_use(&v, turned, 2, &err), RC_OK);
	after = split_of("spring", &v, 0);
	assert_int_equal(v.n, 2);
	for (uint64_t i = 0; i < 1000; i++) {
		struct rc_ident to = phone(i);

		assert_int_equal(rc_split_variant(&before, &to),
		    rc_split_variant(&after, &to));
	}
	assert_int_equal(rc_variants_use(&v, other, 2, &err), RC_OK);
	assert_int_equal(v.n, 3);
	assert_true(rc_slice_is(v.list[0].name, "a"));
	assert_int_equal(v.list[0].weight, 0);
	assert_int_equal(v.list[0].text.len, 0);
	assert_true(rc_slice_is(v.list[1].name, "b"));
	assert_int_equal(v.list[1].weight, 3);
	assert_true(rc_slice_is(v.list[2].name, "c"));
	after = split_of("spring", &v, 0);
	for (uint64_t i = 0; i < 1000; i++) {
		struct rc_ident to = phone(i);

		assert_in_range(rc_split_variant(&after, &to), 2, 3);
	}
}

static void
numbers_run_out(void **state)
{
	struct rc_variants v = {.n = 0};
	char name[8];

	(void)state;
	for (unsigned i = 0; i <= RC_VARIANT_NUMBERS; i++) {
		static char names[RC_VARIANT_NUMBERS + 1][8];
		struct rc_variant one;

		snprintf(name, sizeof(name), "v%u", i);
		memcpy(names[i], name, sizeof(name));
		one = variant(names[i], 1);
		assert_int_equal(rc_variants_use(&v, &one, 1, &err),
		    i < RC_VARIANT_NUMBERS ? RC_OK : RC_ECONFIG);
	}
}

static void
a_split_is_read_as_it_was_written(void **state)
{
	const struct rc_variants v = three(), none = {.n = 0};
	struct rc_buf record = RC_BUF_INIT(4096);
	struct rc_variants read;
	unsigned holdout = 7;

	(void)state;
	rc_split_write(&none, 0, &record);
	assert_int_equal(record.len, 0);
	assert_int_equal(
	    rc_split_read(rc_buf_slice(&record), &read, &holdout, &err), RC_OK);
	assert_int_equal(read.n, 0);
	assert_int_equal(holdout, 0);
	rc_split_write(&v, 1234, &record);
	assert_int_equal(
	    rc_split_read(rc_buf_slice(&record), &read, &holdout, &err), RC_OK);
	assert_int_equal(read.n, 3);
	assert_int_equal(holdout, 1234);
	assert_true(rc_slice_is(read.list[2].name, "c"));
	assert_true(rc_slice_is(read.list[2].text, "c"));
	assert_int_equal(read.list[2].weight, 7);
	for (size_t n = 1; n < record.len; n++) {
		struct rc_slice cut = {rc_buf_slice(&record).p, n};

		assert_int_equal(
		    rc_split_read(cut, &read, &holdout, &err), RC_ECONFIG);
	}
	rc_buf_free(&record);
}

static void
names_are_simple(void **state)
{
	static const char *const right[] = {
	    "a", "A-1_b.c", "12345678901234567890123456789012"};
	static const char *const wrong[] = {"", "a b", "a=b", "\xc3\xa4", "a\n",
	    "123456789012345678901234567890123"};

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		assert_true(rc_variant_name_ok(rc_slice_str(right[i])));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(rc_variant_name_ok(rc_slice_str(wrong[i])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shares_are_those_of_the_weights),
	    cmocka_unit_test(another_campaign_splits_people_anew),
	    cmocka_unit_test(the_manual_says_who_gets_which),
	    cmocka_unit_test(a_larger_holdout_holds_a_smaller_one),
	    cmocka_unit_test(variants_keep_their_numbers),
	    cmocka_unit_test(numbers_run_out),
	    cmocka_unit_test(a_split_is_read_as_it_was_written),
	    cmocka_unit_test(names_are_simple),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
