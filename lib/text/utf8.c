#include "text/utf8.h"

#include <string.h>

/* What the table 3-7 of the Unicode standard says of a first byte. */
struct lead {
	size_t len;		 /* 0: no first byte at all */
	unsigned char low, high; /* of the second byte */
};

static struct lead
lead_of(unsigned char c)
{
	if (c >= 0xc2 && c <= 0xdf)
		return (struct lead){2, 0x80, 0xbf};
	if (c == 0xe0)
		return (struct lead){3, 0xa0, 0xbf};
	if (c == 0xed)
		return (struct lead){3, 0x80, 0x9f};
	if (c >= 0xe1 && c <= 0xef)
		return (struct lead){3, 0x80, 0xbf};
	if (c == 0xf0)
		return (struct lead){4, 0x90, 0xbf};
	if (c >= 0xf1 && c <= 0xf3)
		return (struct lead){4, 0x80, 0xbf};
	if (c == 0xf4)
		return (struct lead){4, 0x80, 0x8f};
	return (struct lead){0, 0, 0};
}

size_t
rc_utf8_step(struct rc_slice s, size_t *bad)
{
	const unsigned char *p = (const unsigned char *)s.p;
	struct lead lead;
	size_t n = 1;

	if (p[0] < 0x80)
		return 1;
	lead = lead_of(p[0]);
	if (lead.len > 0 && s.len > 1 && p[1] >= lead.low && p[1] <= lead.high)
		for (n = 2; n < lead.len && n < s.len; n++)
			if ((p[n] & 0xc0) != 0x80)
				break;
	if (n == lead.len)
		return n;
	if (bad != NULL)
		*bad = n;
	return 0;
}

/* Eight bytes of ASCII at once: most text is nothing else. */
static size_t
ascii_run(struct rc_slice s)
{
	size_t i = 0;
	uint64_t word;

	for (; s.len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, s.p + i, sizeof(word));
		if (word & 0x8080808080808080ULL)
			break;
	}
	return i;
}

size_t
rc_utf8_prefix(struct rc_slice s)
{
	size_t at = 0, n;

	while (at < s.len) {
		struct rc_slice rest = {s.p + at, s.len - at};

		n = ascii_run(rest);
		if (n == 0)
			n = rc_utf8_step(rest, NULL);
		if (n == 0)
			break;
		at += n;
	}
	return at;
}

bool
rc_utf8_valid(struct rc_slice s)
{
	return rc_utf8_prefix(s) == s.len;
}

uint32_t
rc_utf8_take(struct rc_slice text, size_t *pos)
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

void
rc_utf8_put(uint32_t c, char bytes[5])
{
	unsigned tail = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};

	bytes[0] = (char)(lead[tail] | c >> 6 * tail);
	for (unsigned i = 1; i <= tail; i++)
		bytes[i] = (char)(0x80 | (c >> 6 * (tail - i) & 0x3f));
	bytes[tail + 1] = '\0';
}
