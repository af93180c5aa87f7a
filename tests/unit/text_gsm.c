#include "text/gsm.h"

#include "text/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* n times c, then tail. */
static struct rc_gsm
measure(size_t n, const char *c, const char *tail)
{
	struct rc_buf text = RC_BUF_INIT(10000);
	struct rc_gsm m;

	while (n-- > 0)
		rc_buf_adds(&text, c);
	rc_buf_adds(&text, tail);
	m = rc_gsm_measure(rc_buf_slice(&text));
	rc_buf_free(&text);
	return m;
}

static void
the_whole_default_alphabet_is_seven_bit(void **state)
{
	static const char alphabet[] =
	    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;"
	    "<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyz"
	    "äöñüà";
	struct rc_gsm m = rc_gsm_measure(RC_SLICE_LIT(alphabet));

	(void)state;
	assert_false(m.ucs2);
	assert_int_equal(m.first_odd, 0);
	assert_int_equal(m.units, 127); /* all but ESC */
}

static void
the_extension_table_costs_two(void **state)
{
	struct rc_gsm m = rc_gsm_measure(RC_SLICE_LIT("\f^{}\\[~]|€"));

	(void)state;
	assert_false(m.ucs2);
	assert_int_equal(m.units, 20);
	assert_int_equal(m.segments, 1);
}

static void
one_character_outside_makes_it_ucs2_and_is_named(void **state)
{
	static const struct {
		const char *text;
		uint32_t odd;
	} odd[] = {{"façade", 0xe7}, {"a`b", '`'}, {"it’s", 0x2019},
	    {"\tx", '\t'}, {"x\x1b", 0x1b}, {"ĳ", 0x133}, {"é€🎉ç", 0x1f389}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct rc_gsm m = rc_gsm_measure(rc_slice_str(odd[i].text));

		assert_true(m.ucs2);
		assert_int_equal(m.first_odd, odd[i].odd);
	}
}

static void
segments_are_counted_at_every_edge(void **state)
{
	static const struct {
		size_t n;
		const char *c, *tail;
		unsigned segments, units;
	} edge[] = {
	    {0, "a", "", 0, 0}, {1, "a", "", 1, 1}, {160, "a", "", 1, 160},
	    {161, "a", "", 2, 161}, {306, "a", "", 2, 306},
	    {307, "a", "", 3, 307},
	    {158, "a", "€", 1, 160}, /* the pair fits alone */
	    {159, "a", "€", 2, 161}, {80, "€", "", 1, 160},
	    {81, "€", "", 2, 162},
	    {152, "€", "", 2, 304}, /* 76 a segment: 152 of 153 used */
	    {153, "€", "", 3, 306}, {70, "ж", "", 1, 70}, {71, "ж", "", 2, 71},
	    {134, "ж", "", 2, 134}, {135, "ж", "", 3, 135},
	    {35, "🎉", "", 1, 70}, {36, "🎉", "", 2, 72},
	    {66, "🎉", "", 2, 132}, /* 33 a segment: 66 of 67 used */
	    {67, "🎉", "", 3, 134},
	    {66, "ж", "🎉жжж", 2, 71}, /* pair moves to the next */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(edge) / sizeof(edge[0]); i++) {
		struct rc_gsm m = measure(edge[i].n, edge[i].c, edge[i].tail);

		if (m.segments != edge[i].segments || m.units != edge[i].units)
			fail_msg("%zu x '%s' + '%s': %u segments, %zu units",
			    edge[i].n, edge[i].c, edge[i].tail, m.segments,
			    m.units);
	}
}

static void
an_escape_pair_is_never_split(void **state)
{
	struct rc_buf text = RC_BUF_INIT(1000);
	size_t i;

	(void)state;
	/* 306 septets would fit two segments, were the pair split. */
	for (i = 0; i < 304; i++)
		rc_buf_adds(&text, i == 152 ? "€" : "a");
	rc_buf_addc(&text, 'a');
	assert_int_equal(rc_gsm_measure(rc_buf_slice(&text)).units, 306);
	assert_int_equal(rc_gsm_measure(rc_buf_slice(&text)).segments, 3);
	rc_buf_free(&text);
}

static void
a_surrogate_pair_is_never_split(void **state)
{
	struct rc_buf text = RC_BUF_INIT(1000);
	size_t i;

	(void)state;
	for (i = 0; i < 133; i++)
		rc_buf_adds(&text, i == 66 ? "🎉" : "ж");
	assert_int_equal(rc_gsm_measure(rc_buf_slice(&text)).units, 134);
	assert_int_equal(rc_gsm_measure(rc_buf_slice(&text)).segments, 3);
	rc_buf_free(&text);
}

/* One character after the other, as the standard puts it. */
static struct rc_gsm
measure_slowly(struct rc_slice text)
{
	struct rc_gsm m = {.segments = text.len > 0};
	size_t used = 0, part, single;

	for (size_t pos = 0; pos < text.len && !m.ucs2;) {
		m.first_odd = rc_utf8_take(text, &pos);
		m.ucs2 = rc_gsm_septets(m.first_odd) == 0;
	}
	m.first_odd = m.ucs2 ? m.first_odd : 0;
	part = m.ucs2 ? 67 : 153;
	single = m.ucs2 ? 70 : 160;
	for (size_t pos = 0; pos < text.len;) {
		uint32_t c = rc_utf8_take(text, &pos);
		unsigned cost = m.ucs2 ? 1 + (c > 0xffff) : rc_gsm_septets(c);

		if (used + cost > part) {
			m.segments++;
			used = 0;
		}
		used += cost;
		m.units += cost;
	}
	if (m.units > 0 && m.units <= single)
		m.segments = 1;
	return m;
}

/* Every ASCII character and some others, at every place of eight bytes. */
static void
texts_are_measured_in_runs_as_by_the_character(void **state)
{
	static const char *const others[] = {"é", "€", "ж", "🎉", "[", "`"};
	struct rc_buf text = RC_BUF_INIT(10000);
	uint64_t x = 88172645463325252ULL;

	(void)state;
	for (unsigned n = 0; n < 20000; n++) {
		size_t len = n % 400;

		rc_buf_reset(&text);
		while (text.len < len) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			if (x % 128 < n % 8)
				rc_buf_adds(&text, others[x / 128 % 6]);
			else if (x % 128 == 100)
				rc_buf_addc(&text, (char)(x / 128 % 128));
			else
				rc_buf_addc(&text, (char)('a' + x / 128 % 26));
		}
		for (size_t from = 0; from < 9 && from <= text.len; from++) {
			struct rc_slice s = {
			    rc_buf_str(&text) + from, text.len - from};
			struct rc_gsm slow, quick;

			if (s.len > 0 && (s.p[0] & 0xc0) == 0x80)
				continue;
			slow = measure_slowly(s);
			quick = rc_gsm_measure(s);
			assert_int_equal(quick.ucs2, slow.ucs2);
			assert_int_equal(quick.segments, slow.segments);
			assert_int_equal(quick.units, slow.units);
			assert_int_equal(quick.first_odd, slow.first_odd);
		}
	}
	rc_buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_whole_default_alphabet_is_seven_bit),
	    cmocka_unit_test(the_extension_table_costs_two),
	    cmocka_unit_test(one_character_outside_makes_it_ucs2_and_is_named),
	    cmocka_unit_test(segments_are_counted_at_every_edge),
	    cmocka_unit_test(an_escape_pair_is_never_split),
	    cmocka_unit_test(a_surrogate_pair_is_never_split),
	    cmocka_unit_test(texts_are_measured_in_runs_as_by_the_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
