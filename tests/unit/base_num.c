#include "base/num.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

static void
whole_numbers_are_digits_alone(void **state)
{
	static const char *const wrong[] = {"", "-1", "+1", " 1", "1 ", "0x1",
	    "1.0", "18446744073709551616", "99999999999999999999",
	    "000000000000000000001"};
	uint64_t n = 7;

	(void)state;
	assert_true(rc_num_u64(RC_SLICE_LIT("0"), 10, &n));
	assert_true(n == 0);
	assert_true(
	    rc_num_u64(RC_SLICE_LIT("18446744073709551615"), UINT64_MAX, &n));
	assert_true(n == UINT64_MAX);
	assert_true(rc_num_u64(RC_SLICE_LIT("007"), 7, &n));
	assert_false(rc_num_u64(RC_SLICE_LIT("8"), 7, &n));
	assert_true(n == 7);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(
		    rc_num_u64(rc_slice_str(wrong[i]), UINT64_MAX, &n));
}

static void
prices_are_plain_decimals(void **state)
{
	static const char *const wrong[] = {"", ".", "-1", "1e3", "nan", "inf",
	    "0x1p3", "1..2", "1,5", " 1", "1000000000000001",
	    "0.00000000000000000000000000000001"};
	double d = 0;

	(void)state;
	assert_true(rc_num_double(RC_SLICE_LIT("0.0079"), &d));
	assert_true(fabs(d - 0.0079) < 1e-12);
	assert_true(rc_num_double(RC_SLICE_LIT("1000000000000000"), &d));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(rc_num_double(rc_slice_str(wrong[i]), &d));
}

static void
decimals_are_exact(void **state)
{
	static const char *const wrong[] = {"", ".", "-1", "+1", "1e3", "1..2",
	    "1.2.3", "1,5", " 1", "0x1", "0.0000000001", "18446744073.71",
	    "99999999999999999999999"};
	static const struct {
		const char *text;
		uint64_t n;
		const char *back;
	} right[] = {{"0", 0, "0"}, {"0.0079", 7900000, "0.0079"},
	    {"1", 1000000000, "1"}, {"12.50", 12500000000, "12.5"},
	    {".5", 500000000, "0.5"}, {"5.", 5000000000, "5"},
	    {"0.000000001000", 1, "0.000000001"},
	    {"18446744073.709551615", UINT64_MAX, "18446744073.709551615"}};
	char text[RC_NUM_DECIMAL_LEN];
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		assert_true(rc_num_decimal(
		    rc_slice_str(right[i].text), 9, UINT64_MAX, &n));
		assert_true(n == right[i].n);
		rc_num_decimal_format(n, 9, text);
		assert_string_equal(text, right[i].back);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(
		    rc_num_decimal(rc_slice_str(wrong[i]), 9, UINT64_MAX, &n));
	assert_true(rc_num_decimal(RC_SLICE_LIT("0.7"), 1, 7, &n));
	assert_false(rc_num_decimal(RC_SLICE_LIT("0.8"), 1, 7, &n));
}

static void
durations_have_a_unit_and_an_end(void **state)
{
	static const char *const wrong[] = {"", "s", "5", "5 m", "-5m", "1.5h",
	    "5M", "5w", "10001d", "864000001s", "99999999999999999999d"};
	uint64_t ms;

	(void)state;
	assert_true(rc_num_duration(RC_SLICE_LIT("30s"), &ms));
	assert_true(ms == 30000);
	assert_true(rc_num_duration(RC_SLICE_LIT("15m"), &ms));
	assert_true(ms == 900000);
	assert_true(rc_num_duration(RC_SLICE_LIT("24h"), &ms));
	assert_true(ms == 86400000);
	assert_true(rc_num_duration(RC_SLICE_LIT("10000d"), &ms));
	assert_true(ms == 864000000000);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(rc_num_duration(rc_slice_str(wrong[i]), &ms));
}

static void
packed_numbers_sort_as_bytes(void **state)
{
	unsigned char a[8], b[8];

	(void)state;
	rc_put64(a, 0x0102030405060708);
	assert_memory_equal(a, "\1\2\3\4\5\6\7\10", 8);
	rc_put64(a, 255);
	rc_put64(b, 256);
	assert_true(memcmp(a, b, 8) < 0);
	rc_put16(a, 0xfffe);
	assert_int_equal(rc_get16(a), 0xfffe);
	rc_put32(a, 0xfffefdfc);
	assert_true(rc_get32(a) == 0xfffefdfc);
	rc_put48(a, 0xfffefdfcfbfa);
	assert_true(rc_get48(a) == 0xfffefdfcfbfa);
	rc_put64(a, UINT64_MAX - 1);
	assert_true(rc_get64(a) == UINT64_MAX - 1);
}

static void
a_varint_of_any_size_comes_back(void **state)
{
	unsigned char bytes[RC_VARINT_MAX];
	uint64_t got;

	(void)state;
	for (unsigned bits = 0; bits <= 64; bits++) {
		uint64_t v = bits == 0 ? 0 : UINT64_MAX >> (64 - bits);
		size_t len = rc_varint_put(bytes, v);

		assert_int_equal(len, bits == 0 ? 1 : (bits + 6) / 7);
		for (size_t cut = 0; cut <= len; cut++) {
			const unsigned char *p = bytes;

			assert_int_equal(
			    rc_varint_get(&p, bytes + cut, &got), cut == len);
			assert_ptr_equal(p, bytes + (cut == len ? len : 0));
		}
		assert_true(got == v);
	}
}

static void
a_varint_past_64_bits_is_refused(void **state)
{
	static const unsigned char long_one[] = {
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
	static const unsigned char endless[] = {0x80, 0x80, 0x80, 0x80, 0x80,
	    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01};
	const unsigned char *p = long_one;
	uint64_t v;

	(void)state;
	assert_false(rc_varint_get(&p, p + sizeof(long_one), &v));
	p = endless;
	assert_false(rc_varint_get(&p, p + sizeof(endless), &v));
}

static void
a_record_is_read_back_in_order(void **state)
{
	struct rc_buf b = RC_BUF_INIT(1000);
	struct rc_unpack u;

	(void)state;
	rc_buf_add8(&b, 200);
	rc_buf_add32(&b, 3000000000);
	rc_buf_add64(&b, UINT64_MAX);
	rc_buf_add_varint(&b, 300);
	rc_buf_add_str(&b, RC_SLICE_LIT("a\0b"));
	rc_buf_addv(&b, RC_SLICE_LIT("xy"));
	u = rc_unpack_start(rc_buf_slice(&b));
	assert_int_equal(rc_unpack8(&u), 200);
	assert_true(rc_unpack32(&u) == 3000000000);
	assert_true(rc_unpack64(&u) == UINT64_MAX);
	assert_true(rc_unpack_varint(&u) == 300);
	assert_true(rc_slice_eq(rc_unpack_str(&u), RC_SLICE_LIT("a\0b")));
	assert_true(rc_slice_is(rc_unpack_bytes(&u, 2), "xy"));
	assert_false(u.short_read);
	assert_int_equal(rc_unpack8(&u), 0);
	assert_true(u.short_read);
	rc_buf_free(&b);
}

static void
a_short_record_reads_as_zeros_and_says_so(void **state)
{
	struct rc_unpack u = rc_unpack_start(RC_SLICE_LIT("\1\2\3"));

	(void)state;
	assert_true(rc_unpack32(&u) == 0);
	assert_int_equal(rc_unpack8(&u), 0);
	assert_true(u.short_read);
	u = rc_unpack_start(RC_SLICE_LIT("\5ab"));
	assert_int_equal(rc_unpack_str(&u).len, 0);
	assert_true(u.short_read);
	u = rc_unpack_start(
	    RC_SLICE_LIT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"));
	assert_int_equal(rc_unpack_str(&u).len, 0);
	assert_true(u.short_read);
}

static void
hex_goes_both_ways(void **state)
{
	unsigned char bytes[4];
	char text[9];

	(void)state;
	rc_hex("\0\x7f\xab\xff", 4, text);
	assert_string_equal(text, "007fabff");
	assert_true(rc_unhex(RC_SLICE_LIT("007FabFf"), bytes, 4));
	assert_memory_equal(bytes, "\0\x7f\xab\xff", 4);
	assert_false(rc_unhex(RC_SLICE_LIT("007fab"), bytes, 4));
	assert_false(rc_unhex(RC_SLICE_LIT("007fabfg"), bytes, 4));
	assert_false(rc_unhex(RC_SLICE_LIT("007fab f"), bytes, 4));
	assert_true(rc_unhex(RC_SLICE_LIT(""), bytes, 0));
}

/* Key 00..0f, inputs empty, 00, 00 01, ...: the authors' reference vectors. */
static void
siphash_is_the_papers(void **state)
{
	static const unsigned char want[16][8] = {
	    {0x31, 0x0e, 0x0e, 0xdd, 0x47, 0xdb, 0x6f, 0x72},
	    {0xfd, 0x67, 0xdc, 0x93, 0xc5, 0x39, 0xf8, 0x74},
	    {0x5a, 0x4f, 0xa9, 0xd9, 0x09, 0x80, 0x6c, 0x0d},
	    {0x2d, 0x7e, 0xfb, 0xd7, 0x96, 0x66, 0x67, 0x85},
	    {0xb7, 0x87, 0x71, 0x27, 0xe0, 0x94, 0x27, 0xcf},
	    {0x8d, 0xa6, 0x99, 0xcd, 0x64, 0x55, 0x76, 0x18},
	    {0xce, 0xe3, 0xfe, 0x58, 0x6e, 0x46, 0xc9, 0xcb},
	    {0x37, 0xd1, 0x01, 0x8b, 0xf5, 0x00, 0x02, 0xab},
	    {0x62, 0x24, 0x93, 0x9a, 0x79, 0xf5, 0xf5, 0x93},
	    {0xb0, 0xe4, 0xa9, 0x0b, 0xdf, 0x82, 0x00, 0x9e},
	    {0xf3, 0xb9, 0xdd, 0x94, 0xc5, 0xbb, 0x5d, 0x7a},
	    {0xa7, 0xad, 0x6b, 0x22, 0x46, 0x2f, 0xb3, 0xf4},
	    {0xfb, 0xe5, 0x0e, 0x86, 0xbc, 0x8f, 0x1e, 0x75},
	    {0x90, 0x3d, 0x84, 0xc0, 0x27, 0x56, 0xea, 0x14},
	    {0xee, 0xf2, 0x7a, 0x8e, 0x90, 0xca, 0x23, 0xf7},
	    {0xe5, 0x45, 0xbe, 0x49, 0x61, 0xca, 0x29, 0xa1}};
	unsigned char key[16], input[16];

	(void)state;
	for (unsigned char i = 0; i < 16; i++)
		key[i] = input[i] = i;
	for (size_t len = 0; len < 16; len++) {
		uint64_t hash = rc_siphash(key, input, len), expected = 0;

		for (size_t i = 8; i > 0; i--)
			expected = expected << 8 | want[len][i - 1];
		assert_true(hash == expected);
	}
	/* The paper's own example, appendix A. */
	assert_true(rc_siphash(key, input, 15) == 0xa129ca6149be45e5);
}

static void
one_of_a_thing_is_singular(void **arg)
{
	(void)arg;
	assert_string_equal(rc_plural(0, "row", "rows"), "rows");
	assert_string_equal(rc_plural(1, "row", "rows"), "row");
	assert_string_equal(rc_plural(2, "row", "rows"), "rows");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_of_a_thing_is_singular),
	    cmocka_unit_test(whole_numbers_are_digits_alone),
	    cmocka_unit_test(prices_are_plain_decimals),
	    cmocka_unit_test(decimals_are_exact),
	    cmocka_unit_test(durations_have_a_unit_and_an_end),
	    cmocka_unit_test(packed_numbers_sort_as_bytes),
	    cmocka_unit_test(a_varint_of_any_size_comes_back),
	    cmocka_unit_test(a_varint_past_64_bits_is_refused),
	    cmocka_unit_test(a_record_is_read_back_in_order),
	    cmocka_unit_test(a_short_record_reads_as_zeros_and_says_so),
	    cmocka_unit_test(hex_goes_both_ways),
	    cmocka_unit_test(siphash_is_the_papers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
