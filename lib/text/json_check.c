#include "text/json_check.h"

#include "text/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 63 /* bytes; cJSON copies a number into 64 */

struct scan {
	const char *start, *p, *end;
	unsigned depth;
	struct rc_error *e;
};

static enum rc_err check_value(struct scan *);

static enum rc_err
fail(const struct scan *s, const char *what)
{
	return rc_err_set(s->e, RC_EDATA, "broken JSON at byte %zu: %s",
	    (size_t)(s->p - s->start) + 1, what);
}

static char
peek(const struct scan *s)
{
	return s->p < s->end ? *s->p : '\0';
}

static void
skip_space(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' ||
				    *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
skip_digits(struct scan *s)
{
	const char *first = s->p;

	while (is_digit(peek(s)))
		s->p++;
	return s->p > first;
}

static bool
in_range(const char *p, size_t len)
{
	char text[NUMBER_MAX + 1];

	memcpy(text, p, len);
	text[len] = '\0';
	return isfinite(strtod(text, NULL));
}

static enum rc_err
check_number(struct scan *s)
{
	const char *first = s->p;
	size_t len;

	if (peek(s) == '-')
		s->p++;
	if (peek(s) == '0')
		s->p++;
	else if (!skip_digits(s))
		return fail(s, "a value is expected");
	if (peek(s) == '.') {
		s->p++;
		if (!skip_digits(s))
			return fail(s, "digits are missing after the point");
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		s->p++;
		if (peek(s) == '+' || peek(s) == '-')
			s->p++;
		if (!skip_digits(s))
			return fail(s, "digits are missing in the exponent");
	}
	len = (size_t)(s->p - first);
	if (is_digit(peek(s)))
		return fail(s, "a number starts with 0: put it in quotes");
	if (len > NUMBER_MAX || !in_range(first, len)) {
		s->p = first;
		return fail(s, "a number is too large: put it in quotes");
	}
	return RC_OK;
}

/* The four digits after \u; s->p is on the first. */
static bool
hex4(struct scan *s, unsigned *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++, s->p++) {
		char c = peek(s);
		unsigned d;

		if (is_digit(c))
			d = (unsigned)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			d = (unsigned)((c | 0x20) - 'a' + 10);
		else
			return false;
		*out = *out << 4 | d;
	}
	return true;
}

static enum rc_err
check_unicode_escape(struct scan *s)
{
	unsigned high, low;

	if (!hex4(s, &high))
		return fail(s, "\\u needs four hex digits");
	if (high == 0)
		return fail(s, "\\u0000 is not allowed");
	if (high >= 0xdc00 && high <= 0xdfff)
		return fail(s, "half a surrogate pair");
	if (high < 0xd800 || high > 0xdbff)
		return RC_OK;
	if (s->end - s->p < 2 || s->p[0] != '\\' || s->p[1] != 'u')
		return fail(s, "half a surrogate pair");
	s->p += 2;
	if (!hex4(s, &low))
		return fail(s, "\\u needs four hex digits");
	return low >= 0xdc00 && low <= 0xdfff
		   ? RC_OK
		   : fail(s, "half a surrogate pair");
}

static enum rc_err
check_escape(struct scan *s)
{
	s->p++;
	if (peek(s) == 'u') {
		s->p++;
		return check_unicode_escape(s);
	}
	if (peek(s) == '\0' || strchr("\"\\/bfnrt", peek(s)) == NULL)
		return fail(s, "an escape that JSON does not know");
	s->p++;
	return RC_OK;
}

static enum rc_err
check_string(struct scan *s)
{
	enum rc_err r = RC_OK;

	s->p++;
	while (r == RC_OK && s->p < s->end && *s->p != '"') {
		unsigned char c = (unsigned char)*s->p;
		size_t n = 1;

		if (c == '\\') {
			r = check_escape(s);
			continue;
		}
		if (c < 0x20)
			return fail(s, "a control character in a string");
		if (c >= 0x80)
			n = rc_utf8_step(
			    (struct rc_slice){s->p, (size_t)(s->end - s->p)},
			    NULL);
		if (n == 0)
			return fail(s, "not UTF-8");
		s->p += n;
	}
	if (r != RC_OK)
		return r;
	if (s->p == s->end)
		return fail(s, "a string does not end");
	s->p++;
	return RC_OK;
}

static enum rc_err
check_key(struct scan *s)
{
	enum rc_err r;

	skip_space(s);
	if (peek(s) != '"')
		return fail(s, "a key in quotes is expected");
	if ((r = check_string(s)) != RC_OK)
		return r;
	skip_space(s);
	if (peek(s) != ':')
		return fail(s, "a colon is expected");
	s->p++;
	return RC_OK;
}

static enum rc_err
check_members(struct scan *s, bool object)
{
	const char close = object ? '}' : ']';
	enum rc_err r;

	if (++s->depth > RC_JSON_DEPTH_MAX)
		return fail(s, "nested more than 64 deep");
	s->p++;
	skip_space(s);
	while (peek(s) != close) {
		if (object && (r = check_key(s)) != RC_OK)
			return r;
		if ((r = check_value(s)) != RC_OK)
			return r;
		skip_space(s);
		if (peek(s) == close)
			break;
		if (peek(s) != ',')
			return fail(s, object ? "a comma or } is expected"
					      : "a comma or ] is expected");
		s->p++;
		skip_space(s);
		if (peek(s) == close)
			return fail(s, "a value is missing after the comma");
	}
	s->p++;
	s->depth--;
	return RC_OK;
}

static enum rc_err
check_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(s->end - s->p) < len || memcmp(s->p, word, len) != 0)
		return fail(s, "a value is expected");
	s->p += len;
	return RC_OK;
}

static enum rc_err
check_value(struct scan *s)
{
	skip_space(s);
	switch (peek(s)) {
	case '{':
		return check_members(s, true);
	case '[':
		return check_members(s, false);
	case '"':
		return check_string(s);
	case 't':
		return check_word(s, "true");
	case 'f':
		return check_word(s, "false");
	case 'n':
		return check_word(s, "null");
	default:
		return check_number(s);
	}
}

enum rc_err
rc_json_check(struct rc_slice text, struct rc_error *e)
{
	struct scan s = {text.p, text.p, text.p + text.len, 0, e};
	enum rc_err r = check_value(&s);

	if (r != RC_OK)
		return r;
	skip_space(&s);
	return s.p == s.end ? RC_OK : fail(&s, "more follows after the value");
}

static bool
is_number_char(char c)
{
	return is_digit(c) || (c != '\0' && strchr("-+.eE", c) != NULL);
}

struct rc_slice
rc_json_next_number(struct rc_slice *rest)
{
	const char *p = rest->p, *end = rest->p + rest->len, *first;

	for (; *p != '-' && !is_digit(*p); p++) {
		if (*p != '"')
			continue;
		for (p++; *p != '"'; p++)
			if (*p == '\\')
				p++;
	}
	for (first = p; p < end && is_number_char(*p);)
		p++;
	rest->p = p;
	rest->len = (size_t)(end - p);
	return (struct rc_slice){first, (size_t)(p - first)};
}
