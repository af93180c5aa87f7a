#include "text/gsm.h"

#include "text/utf8.h"

#include <stdio.h>
#include <string.h>

#define EACH_BYTE 0x0101010101010101U
#define GSM_SINGLE 160
#define GSM_PART 153
#define UCS2_SINGLE 70
#define UCS2_PART 67

/* 3GPP TS 23.038 6.2.1, default alphabet beyond printable ASCII. */
static const uint16_t basic[] = {0x0a, 0x0d, 0xa1, 0xa3, 0xa4, 0xa5, 0xa7, 0xbf,
    0xc4, 0xc5, 0xc6, 0xc7, 0xc9, 0xd1, 0xd6, 0xd8, 0xdc, 0xdf, 0xe0, 0xe4,
    0xe5, 0xe6, 0xe8, 0xe9, 0xec, 0xf1, 0xf2, 0xf6, 0xf8, 0xf9, 0xfc, 0x393,
    0x394, 0x398, 0x39b, 0x39e, 0x3a0, 0x3a3, 0x3a6, 0x3a8, 0x3a9};

unsigned
rc_gsm_septets(uint32_t c)
{
	size_t i;

	switch (c) { /* 6.2.1.1, the extension table */
	case '\f':
	case '[':
	case '\\':
	case ']':
	case '^':
	case '{':
	case '|':
	case '}':
	case '~':
	case 0x20ac:
		return 2;
	case '`':
		return 0;
	default:
		break;
	}
	if (c >= ' ' && c < 0x7f)
		return 1;
	for (i = 0; i < sizeof(basic) / sizeof(basic[0]); i++)
		if (basic[i] == c)
			return 1;
	return 0;
}

/* In each byte's highest bit: whether a byte, below 0x80, is at least c. */
static inline uint64_t
at_least(uint64_t bytes, unsigned char c)
{
	return bytes + EACH_BYTE * (0x80U - c);
}

/*
 * How many bytes from pos on are ASCII letters, digits and the like that cost
 * one septet, eight at a time: nearly all bytes of nearly all texts.
 */
static size_t
plain_run(struct rc_slice text, size_t pos)
{
	size_t from = pos;
	uint64_t v, low, bad;

	for (; text.len - pos >= sizeof(v); pos += sizeof(v)) {
		memcpy(&v, text.p + pos, sizeof(v));
		low = v & EACH_BYTE * 0x7f;
		bad = v | ~at_least(low, ' ') | at_least(low, '{') |
		      (at_least(low, '[') & ~at_least(low, '_')) |
		      (at_least(low, '`') & ~at_least(low, 'a'));
		if ((bad & EACH_BYTE * 0x80) != 0)
			break;
	}
	while (pos < text.len && (unsigned char)text.p[pos] < 0x7f &&
	       text.p[pos] >= ' ' &&
	       rc_gsm_septets((unsigned char)text.p[pos]) == 1)
		pos++;
	return pos - from;
}

static bool
find_outside_gsm(struct rc_slice text, size_t pos, uint32_t *c)
{
	while (pos < text.len) {
		*c = rc_utf8_take(text, &pos);
		if (rc_gsm_septets(*c) == 0)
			return true;
		pos += plain_run(text, pos);
	}
	*c = 0;
	return false;
}

/* Adds n characters of one unit each to parts of at most so many. */
static void
add_plain(struct rc_gsm *m, size_t n, size_t part, size_t *used)
{
	m->units += n;
	for (; n > part - *used; m->segments++) {
		n -= part - *used;
		*used = 0;
	}
	*used += n;
}

struct rc_gsm
rc_gsm_measure(struct rc_slice text)
{
	struct rc_gsm m = {.ucs2 = false};
	size_t part, single, used = 0, pos = 0, plain = plain_run(text, 0);

	m.ucs2 = find_outside_gsm(text, plain, &m.first_odd);
	part = m.ucs2 ? UCS2_PART : GSM_PART;
	single = m.ucs2 ? UCS2_SINGLE : GSM_SINGLE;
	m.segments = text.len > 0;
	for (;;) {
		uint32_t c;
		unsigned cost;

		add_plain(&m, plain, part, &used);
		pos += plain;
		if (pos == text.len)
			break;
		c = rc_utf8_take(text, &pos);
		cost = m.ucs2 ? 1 + (c > 0xffff) : rc_gsm_septets(c);
		if (used + cost > part) {
			m.segments++;
			used = 0;
		}
		used += cost;
		m.units += cost;
		plain = plain_run(text, pos);
	}
	if (m.units > 0 && m.units <= single)
		m.segments = 1;
	return m;
}

/* Controls, spaces, marks that combine, and what steers the others. */
static bool
is_seen(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} unseen[] = {{0, 0x20}, {0x7f, 0xa0}, {0xad, 0xad}, {0x300, 0x36f},
	    {0x61c, 0x61c}, {0x115f, 0x1160}, {0x1680, 0x1680},
	    {0x180b, 0x180f}, {0x2000, 0x200f}, {0x2028, 0x202f},
	    {0x205f, 0x206f}, {0x20d0, 0x20f0}, {0x3000, 0x3000},
	    {0x3164, 0x3164}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
	    {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb},
	    {0xe0000, 0xe0fff}};

	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (c >= unseen[i].from && c <= unseen[i].to)
			return false;
	return true;
}

void
rc_gsm_char_name(uint32_t c, char name[RC_GSM_NAME_LEN])
{
	char utf8[5] = "";

	if (!is_seen(c)) {
		snprintf(name, RC_GSM_NAME_LEN, "U+%04X", c);
		return;
	}
	rc_utf8_put(c, utf8);
	snprintf(name, RC_GSM_NAME_LEN, "%s (U+%04X)", utf8, c);
}
