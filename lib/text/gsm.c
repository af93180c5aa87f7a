#include "text/gsm.h"

#define GSM_SINGLE 160
#define GSM_PART 153
#define UCS2_SINGLE 70
#define UCS2_PART 67

/* 3GPP TS 23.038 6.2.1, default alphabet beyond printable ASCII. */
static const uint16_t basic[] = {0x0a, 0x0d, 0xa1, 0xa3, 0xa4, 0xa5, 0xa7, 0xbf,
    0xc4, 0xc5, 0xc6, 0xc7, 0xc9, 0xd1, 0xd6, 0xd8, 0xdc, 0xdf, 0xe0, 0xe4,
    0xe5, 0xe6, 0xe8, 0xe9, 0xec, 0xf1, 0xf2, 0xf6, 0xf8, 0xf9, 0xfc, 0x393,
    0x394, 0x398, 0x39b, 0x39e, 0x3a0, 0x3a3, 0x3a6, 0x3a8, 0x3a9};

/* Septets a character costs; 0: not in GSM-7. */
static unsigned
septets(uint32_t c)
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

/* The character at *pos of valid UTF-8; moves behind it. */
static uint32_t
next_char(struct rc_slice text, size_t *pos)
{
	unsigned char lead = (unsigned char)text.p[(*pos)++];
	uint32_t c = lead;

	if (lead >= 0xf0)
		c = lead & 0x07;
	else if (lead >= 0xe0)
		c = lead & 0x0f;
	else if (lead >= 0xc0)
		c = lead & 0x1f;
	while (*pos < text.len && (text.p[*pos] & 0xc0) == 0x80)
		c = c << 6 | ((unsigned char)text.p[(*pos)++] & 0x3f);
	return c;
}

static bool
find_outside_gsm(struct rc_slice text, uint32_t *c)
{
	size_t pos = 0;

	while (pos < text.len) {
		*c = next_char(text, &pos);
		if (septets(*c) == 0)
			return true;
	}
	*c = 0;
	return false;
}

struct rc_gsm
rc_gsm_measure(struct rc_slice text)
{
	struct rc_gsm m = {.ucs2 = false};
	size_t part, single, used = 0, pos = 0;

	m.ucs2 = find_outside_gsm(text, &m.first_odd);
	part = m.ucs2 ? UCS2_PART : GSM_PART;
	single = m.ucs2 ? UCS2_SINGLE : GSM_SINGLE;
	m.segments = text.len > 0;
	while (pos < text.len) {
		uint32_t c = next_char(text, &pos);
		unsigned cost = m.ucs2 ? 1 + (c > 0xffff) : septets(c);

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
