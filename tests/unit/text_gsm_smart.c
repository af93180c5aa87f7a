#include "text/gsm_smart.h"

#include "text/gsm.h"
#include "text/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

struct pair {
	const char *text, *becomes;
};

static struct rc_gsm_odd
smart(const char *text, struct rc_buf *out)
{
	struct rc_gsm_odd odd;

	rc_buf_reset(out);
	rc_gsm_smart(rc_slice_str(text), out, &odd);
	return odd;
}

static void
assert_each(const struct pair *p, size_t n)
{
	struct rc_buf out = RC_BUF_INIT(1000);

	for (size_t i = 0; i < n; i++) {
		struct rc_gsm_odd odd = smart(p[i].text, &out);

		if (odd.n > 0 || strcmp(rc_buf_str(&out), p[i].becomes) != 0)
			fail_msg(
			    "'%s' becomes '%s'", p[i].text, rc_buf_str(&out));
	}
	rc_buf_free(&out);
}

#define ASSERT_EACH(p) assert_each(p, sizeof(p) / sizeof((p)[0]))

static void
marks_and_spaces_become_plain(void **state)
{
	static const struct pair pairs[] = {
	    {"", ""},
	    {"it's GSM-7 à la carte: 5 €", "it's GSM-7 à la carte: 5 €"},
	    {"It’s “new” – really…", "It's \"new\" - really..."},
	    {"«Oui», ‹non›, „ja‟, ‚nein‛", "\"Oui\", 'non', \"ja\", 'nein'"},
	    {"a — b − c ‐ d‑e ‒ f ― g", "a - b - c - d-e - f - g"},
	    {"`code´ 5′ 6″", "'code' 5' 6\""},
	    {"• one ‣ two ◦ three", "- one - two - three"},
	    {"1\u00a0000\u202f€\u2009!\u3000x\ty", "1 000 € ! x y"},
	    {"a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg", "abcdefg"},
	    {"\u200e\u202eabc\u202c\u2066x\u2069", "abcx"},
	    {"a\u2028b\u2029c\xc2\x85"
	     "d",
		"a\nb\nc\nd"},
	    {"ﬁnd oﬃce ﬂow ﬀ ﬄ ﬅ ﬆ", "find office flow ff ffl st st"},
	    {"Ĳs ĳs", "IJs ijs"},
	    {"ＡＢＣ　１２３！｀", "ABC 123!'"},
	    {"Wow‼ Eh⁇ ⁈ ⁉ ‥", "Wow!! Eh?? ?! !? .."},
	    {"1⁄2 3∕4 a∶b ∗", "1/2 3/4 a:b *"},
	};

	(void)state;
	ASSERT_EACH(pairs);
}

static void
other_spellings_of_a_letter_become_the_letter(void **state)
{
	static const struct pair pairs[] = {
	    {"Cafe\u0301 a\u0300 A\u030a n\u0303 u\u0308ber",
		"Café à Å ñ über"},
	    {"C\u0327a", "Ça"},
	    {"5 \u2126, \u212a, \u212b", "5 Ω, K, Å"},
	};

	(void)state;
	ASSERT_EACH(pairs);
}

static void
a_text_that_needs_ucs2_anyway_is_left_as_it_was(void **state)
{
	static const struct {
		const char *text;
		uint32_t odd[RC_GSM_ODD_MAX + 1];
	} left[] = {
	    {"“Łódź” – it’s", {0x141, 0xf3, 0x17a}},
	    {"français", {0xe7}}, /* no 'c': a letter stays one */
	    {"c\u0327a", {0x327}},
	    {"e\u0327", {0x327}},
	    {"cœur", {0x153}},
	    {"👨\u200d👩\u200d👧…", {0x1f468, 0x1f469, 0x1f467}},
	    {"می\u200cخواهم", {0x645, 0x6cc, 0x62e, 0x648, 0x627, 0x647}},
	    {"ж’ж", {0x436}},
	    {"абвгдежзий",
		{0x430, 0x431, 0x432, 0x433, 0x434, 0x435, 0x436, 0x437}},
	    {"a\x1b"
	     "b’",
		{0x1b}},
	    {"e\u200b\u0301", {0x301}},
	    {"https://x.example/é-ł ’", {0x142}},
	};
	struct rc_buf out = RC_BUF_INIT(1000);

	(void)state;
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		struct rc_gsm_odd odd = smart(left[i].text, &out);
		size_t n = 0;

		while (left[i].odd[n] != 0)
			n++;
		assert_string_equal(rc_buf_str(&out), left[i].text);
		assert_int_equal(odd.n, n);
		assert_memory_equal(odd.c, left[i].odd, n * sizeof(uint32_t));
	}
	rc_buf_free(&out);
}

static void
a_url_is_not_touched_and_does_not_grow(void **state)
{
	static const struct pair pairs[] = {
	    {"“https://s.example/AbCd1234”", "\"https://s.example/AbCd1234\""},
	    {"‘https://s.example/AbCd1234’", "'https://s.example/AbCd1234 '"},
	    {"https://s.example/AbCd1234–go", "https://s.example/AbCd1234 -go"},
	    {"https://s.example/AbCd1234…", "https://s.example/AbCd1234 ..."},
	    {"https://s.example/AbCd1234\u200bnow’s",
		"https://s.example/AbCd1234 now's"},
	    {"https://s.example/AbCd1234\u200b", "https://s.example/AbCd1234"},
	    {"https://s.example/AbCd1234\u00a0and’s",
		"https://s.example/AbCd1234 and's"},
	    {"https://a.example/x https://b.example/y…z",
		"https://a.example/x https://b.example/y ...z"},
	};

	(void)state;
	ASSERT_EACH(pairs);
}

/* No character alone makes UCS-2 of what is not called odd. */
static void
every_character_becomes_gsm7_or_is_called_odd(void **state)
{
	struct rc_buf out = RC_BUF_INIT(100), again = RC_BUF_INIT(100);
	struct rc_gsm_odd odd;
	char text[5];

	(void)state;
	for (uint32_t c = 1; c <= 0x10ffff; c++) {
		if (c == 0xd800)
			c = 0xe000;
		rc_utf8_put(c, text);
		odd = smart(text, &out);
		if (odd.n == 0) {
			assert_false(rc_gsm_measure(rc_buf_slice(&out)).ucs2);
		} else {
			assert_string_equal(rc_buf_str(&out), text);
			assert_int_equal(odd.c[0], c);
		}
		smart(rc_buf_str(&out), &again);
		assert_string_equal(rc_buf_str(&again), rc_buf_str(&out));
	}
	rc_buf_free(&out);
	rc_buf_free(&again);
}

static void
a_character_is_named_so_that_it_can_be_seen(void **state)
{
	static const struct {
		uint32_t c;
		const char *name;
	} names[] = {{0x2019, "’ (U+2019)"}, {'`', "` (U+0060)"},
	    {0x142, "ł (U+0142)"}, {0x1f389, "🎉 (U+1F389)"}, {0x1b, "U+001B"},
	    {'\t', "U+0009"}, {0x202e, "U+202E"}, {0x301, "U+0301"},
	    {0x10ffff, "\xf4\x8f\xbf\xbf (U+10FFFF)"}};
	char name[RC_GSM_NAME_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		rc_gsm_char_name(names[i].c, name);
		assert_string_equal(name, names[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(marks_and_spaces_become_plain),
	    cmocka_unit_test(other_spellings_of_a_letter_become_the_letter),
	    cmocka_unit_test(a_text_that_needs_ucs2_anyway_is_left_as_it_was),
	    cmocka_unit_test(a_url_is_not_touched_and_does_not_grow),
	    cmocka_unit_test(every_character_becomes_gsm7_or_is_called_odd),
	    cmocka_unit_test(a_character_is_named_so_that_it_can_be_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
