#include "text/email.h"

#include <string.h>

#define LOCAL_MAX 64 /* bytes; RFC 5321, 4.5.3.1.1 */
#define LABEL_MAX 63 /* bytes; RFC 1035, 2.3.4 */

/*
 * Letters, digits and hyphens; bytes above ASCII belong to internationalised
 * names (RFC 6531).
 */
static bool
is_label_byte(unsigned char c)
{
	static const uint64_t ascii[2] = {
	    1ULL << '-' | 0x3ffULL << '0', 0x07fffffe07fffffe};

	return c >= 0x80 || (ascii[c / 64] >> c % 64 & 1) != 0;
}

/* Of bytes that may be in one: not too long, hyphens not at its ends. */
static bool
is_label(const char *p, size_t len)
{
	return len > 0 && len <= LABEL_MAX && p[0] != '-' && p[len - 1] != '-';
}

/* Two labels at least: nobody's subscribers are at "localhost". */
static bool
is_domain(struct rc_slice s)
{
	size_t labels = 0, start = 0;

	for (size_t i = 0; i <= s.len; i++) {
		if (i < s.len && s.p[i] != '.') {
			if (!is_label_byte((unsigned char)s.p[i]))
				return false;
			continue;
		}
		if (!is_label(s.p + start, i - start))
			return false;
		labels++;
		start = i + 1;
	}
	return labels >= 2;
}

const char *
rc_email_check(struct rc_slice s)
{
	static const bool odd[256] = {[' '] = true,
	    ['"'] = true,
	    ['('] = true,
	    [')'] = true,
	    [','] = true,
	    [':'] = true,
	    [';'] = true,
	    ['<'] = true,
	    ['>'] = true,
	    ['['] = true,
	    ['\\'] = true,
	    [']'] = true};
	const char *at = memchr(s.p, '@', s.len);
	size_t local;

	if (at == NULL)
		return "no at sign";
	local = (size_t)(at - s.p);
	if (local == 0 || local > LOCAL_MAX)
		return "wrong part before the at sign";
	for (size_t i = 0; i < local; i++)
		if (odd[(unsigned char)s.p[i]])
			return "wrong part before the at sign";
	if (!is_domain((struct rc_slice){at + 1, s.len - local - 1}))
		return "wrong domain";
	return NULL;
}

/* --- plain lines --------------------------------------------------------- */

#define DOMAIN_MAX 63 /* bytes, so that a bit of a word is left for its end */

/* What an ASCII character can be in an address; all others are nothing. */
enum {
	LOCAL = 1,
	LABEL = 2, /* a letter or digit */
	DOT = 4,
	HYPHEN = 8
};
#define BOTH (LOCAL | LABEL)
#define BOTH10(c)                                                              \
	[c] = BOTH, [(c) + 1] = BOTH, [(c) + 2] = BOTH, [(c) + 3] = BOTH,      \
	[(c) + 4] = BOTH, [(c) + 5] = BOTH, [(c) + 6] = BOTH,                  \
	[(c) + 7] = BOTH, [(c) + 8] = BOTH, [(c) + 9] = BOTH
#define BOTH26(c)                                                              \
	BOTH10(c), BOTH10((c) + 10),                                           \
	    [(c) + 20] = BOTH, [(c) + 21] = BOTH, [(c) + 22] = BOTH,           \
		   [(c) + 23] = BOTH, [(c) + 24] = BOTH, [(c) + 25] = BOTH

static const unsigned char may_be[256] = {BOTH10('0'), BOTH26('A'),
    BOTH26('a'), ['.'] = LOCAL | DOT, ['-'] = LOCAL | HYPHEN, ['!'] = LOCAL,
    ['#'] = LOCAL, ['$'] = LOCAL, ['%'] = LOCAL, ['&'] = LOCAL, ['\''] = LOCAL,
    ['*'] = LOCAL, ['+'] = LOCAL, ['/'] = LOCAL, ['='] = LOCAL, ['?'] = LOCAL,
    ['^'] = LOCAL, ['_'] = LOCAL, ['`'] = LOCAL, ['{'] = LOCAL, ['|'] = LOCAL,
    ['}'] = LOCAL, ['~'] = LOCAL};

/*
 * Bytes of the domain at p, which ends at a byte that may be in none; 0 when it
 * is wrong or long.  Dots and hyphens are bits of where they are, so that their
 * neighbours are looked at all at once.
 */
static size_t
plain_domain(const char *p)
{
	uint64_t dots = 0, hyphens = 0, beside;
	size_t len;
	unsigned c;

	for (len = 0; len <= DOMAIN_MAX; len++) {
		c = may_be[(unsigned char)p[len]];
		if ((c & (LABEL | DOT | HYPHEN)) == 0)
			break;
		dots |= (uint64_t)((c & DOT) != 0) << len;
		hyphens |= (uint64_t)((c & HYPHEN) != 0) << len;
	}
	if (len == 0 || len > DOMAIN_MAX || dots == 0)
		return 0;
	beside = dots << 1 | dots >> 1 | 1 | 1ULL << (len - 1);
	return ((dots | hyphens) & beside) == 0 ? len : 0;
}

/* Bytes of the address at p, before a line end; 0 when there is none. */
static size_t
plain_address(const char *p)
{
	size_t local = 0, domain;

	while ((may_be[(unsigned char)p[local]] & LOCAL) != 0)
		local++;
	if (local == 0 || local > LOCAL_MAX || p[local] != '@')
		return 0;
	domain = plain_domain(p + local + 1);
	return domain == 0 ? 0 : local + 1 + domain;
}

size_t
rc_email_lines(
    struct rc_slice text, struct rc_slice *addresses, size_t max, size_t *n)
{
	const char *p = text.p, *last = memrchr(p, '\n', text.len);

	/* No address goes over a line end: none needs the end of the text. */
	for (*n = 0; *n < max && last != NULL && p <= last; ++*n) {
		size_t len = plain_address(p), ends;

		if (len == 0 || (ends = rc_line_end(p + len)) == 0)
			break;
		addresses[*n] = rc_slice_of(p, len);
		p += len + ends;
	}
	return (size_t)(p - text.p);
}
