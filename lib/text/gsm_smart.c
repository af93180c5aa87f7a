#include "text/gsm_smart.h"

#include "text/gsm.h"
#include "text/url.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

#define FULL_WIDTH_FIRST 0xff01u /* of '!' to '~', Unicode's block */
#define FULL_WIDTH_LAST 0xff5eu

struct change {
	uint32_t from;
	const char *to;
};

/* Ascending. */
static const struct change TABLE[] = {
    {'\t', " "}, {'`', "'"}, {0x85, "\n"},	/* next line */
    {0xa0, " "},				/* no-break space */
    {0xab, "\""},				/* « */
    {0xad, ""},					/* soft hyphen */
    {0xb4, "'"}, {0xbb, "\""},			/* » */
    {0x132, "IJ"}, {0x133, "ij"}, {0x2b9, "'"}, /* modifier letters prime, */
    {0x2ba, "\""},				/* double prime, */
    {0x2bb, "'"},				/* turned comma, */
    {0x2bc, "'"},				/* apostrophe, */
    {0x2bd, "'"},				/* reversed comma, */
    {0x2c8, "'"},				/* vertical line, */
    {0x2ca, "'"},				/* acute, */
    {0x2cb, "'"},				/* grave */
    {0x34f, ""},				/* grapheme joiner */
    {0x37e, ";"}, /* Greek question mark: the same as ';' */
    {0x180e, ""}, /* vowel separator */
    {0x2000, " "}, {0x2001, " "}, {0x2002, " "}, {0x2003, " "}, {0x2004, " "},
    {0x2005, " "}, {0x2006, " "}, {0x2007, " "}, {0x2008, " "}, {0x2009, " "},
    {0x200a, " "}, {0x200b, ""}, /* zero-width space, */
    {0x200c, ""},		 /* non-joiner, */
    {0x200d, ""},		 /* joiner */
    {0x200e, ""},		 /* direction marks */
    {0x200f, ""}, {0x2010, "-"}, /* hyphens, dashes, bar */
    {0x2011, "-"}, {0x2012, "-"}, {0x2013, "-"}, {0x2014, "-"}, {0x2015, "-"},
    {0x2018, "'"}, /* ‘ ’ ‚ ‛ */
    {0x2019, "'"}, {0x201a, "'"}, {0x201b, "'"}, {0x201c, "\""}, /* “ ” „ ‟ */
    {0x201d, "\""}, {0x201e, "\""}, {0x201f, "\""}, {0x2022, "-"}, /* bullets */
    {0x2023, "-"}, {0x2024, "."}, {0x2025, ".."}, {0x2026, "..."},
    {0x2028, "\n"},		  /* separators of lines and paragraphs */
    {0x2029, "\n"}, {0x202a, ""}, /* embeddings, overrides */
    {0x202b, ""}, {0x202c, ""}, {0x202d, ""}, {0x202e, ""},
    {0x202f, " "}, /* narrow no-break space */
    {0x2032, "'"}, /* primes */
    {0x2033, "\""}, {0x2035, "'"}, {0x2036, "\""}, {0x2039, "'"}, /* ‹ › */
    {0x203a, "'"}, {0x203c, "!!"}, {0x2043, "-"},
    {0x2044, "/"}, /* fraction slash */
    {0x2047, "??"}, {0x2048, "?!"}, {0x2049, "!?"}, {0x205f, " "},
    {0x2060, ""}, /* word joiner */
    {0x2061, ""}, {0x2062, ""}, {0x2063, ""}, {0x2064, ""},
    {0x2066, ""}, /* isolates */
    {0x2067, ""}, {0x2068, ""}, {0x2069, ""},
    {0x2126, "Ω"}, /* ohm, kelvin, angstrom: the same as the letters */
    {0x212a, "K"}, {0x212b, "Å"}, {0x2212, "-"}, /* minus */
    {0x2215, "/"}, {0x2217, "*"}, {0x2219, "-"}, {0x2236, ":"}, {0x223c, "~"},
    {0x25aa, "-"}, /* bullets */
    {0x25ab, "-"}, {0x25cf, "-"}, {0x25e6, "-"},
    {0x275b, "'"}, /* heavy quotation marks */
    {0x275c, "'"}, {0x275d, "\""}, {0x275e, "\""}, {0x3000, " "},
    {0x301d, "\""}, {0x301e, "\""}, {0x301f, "\""},
    {0xfb00, "ff"}, /* ligatures */
    {0xfb01, "fi"}, {0xfb02, "fl"}, {0xfb03, "ffi"}, {0xfb04, "ffl"},
    {0xfb05, "st"}, {0xfb06, "st"}, {0xfe0e, ""}, /* variation selectors */
    {0xfe0f, ""}, {0xfe58, "-"},		  /* small dashes */
    {0xfe63, "-"}, {0xfeff, ""},		  /* byte order mark */
};

/* A letter and the mark behind it, as some systems write what is one. */
static const struct {
	char base;
	uint16_t mark;
	const char *to;
} COMPOSED[] = {{'a', 0x300, "à"}, {'e', 0x300, "è"}, {'i', 0x300, "ì"},
    {'o', 0x300, "ò"}, {'u', 0x300, "ù"}, {'E', 0x301, "É"}, {'e', 0x301, "é"},
    {'N', 0x303, "Ñ"}, {'n', 0x303, "ñ"}, {'A', 0x308, "Ä"}, {'O', 0x308, "Ö"},
    {'U', 0x308, "Ü"}, {'a', 0x308, "ä"}, {'o', 0x308, "ö"}, {'u', 0x308, "ü"},
    {'A', 0x30a, "Å"}, {'a', 0x30a, "å"}, {'C', 0x327, "Ç"}};

struct smart {
	struct rc_slice text;
	size_t pos;
	struct rc_slice url; /* the next one, from url_at on */
	size_t url_at;
	bool after_url;
	struct rc_buf *out;
	struct rc_gsm_odd *odd;
};

static int
compare(const void *key, const void *change)
{
	uint32_t c = *(const uint32_t *)key;
	uint32_t from = ((const struct change *)change)->from;

	return (c > from) - (c < from);
}

static const char *
composed(const struct smart *s, uint32_t base, size_t *pos)
{
	uint32_t mark;

	if (base >= 0x80 || *pos >= s->text.len ||
	    (unsigned char)s->text.p[*pos] < 0x80)
		return NULL;
	mark = rc_utf8_take(s->text, pos);
	for (size_t i = 0; i < sizeof(COMPOSED) / sizeof(COMPOSED[0]); i++)
		if ((unsigned char)COMPOSED[i].base == base &&
		    COMPOSED[i].mark == mark)
			return COMPOSED[i].to;
	return NULL;
}

static void
note_odd(struct rc_gsm_odd *odd, uint32_t c)
{
	for (size_t i = 0; i < odd->n; i++)
		if (odd->c[i] == c)
			return;
	if (odd->n < RC_GSM_ODD_MAX)
		odd->c[odd->n++] = c;
}

/* Ends a URL before what would be read as more of it. */
static void
put(struct smart *s, const char *to)
{
	bool ends =
	    *to != '\0' ? strchr(" \n\"", *to) != NULL : s->pos == s->text.len;

	if (s->after_url && !ends)
		rc_buf_addc(s->out, ' ');
	rc_buf_adds(s->out, to);
}

static void
put_char(struct smart *s)
{
	size_t from = s->pos, behind;
	uint32_t c = rc_utf8_take(s->text, &s->pos);
	const struct change *change;
	char narrow[2] = "";
	const char *to;

	behind = s->pos;
	to = composed(s, c, &behind);
	if (to != NULL) {
		s->pos = behind;
		rc_buf_adds(s->out, to);
		return;
	}
	if (rc_gsm_septets(c) > 0) {
		rc_buf_add(s->out, s->text.p + from, s->pos - from);
		return;
	}
	if (c >= FULL_WIDTH_FIRST && c <= FULL_WIDTH_LAST) {
		narrow[0] = (char)('!' + (c - FULL_WIDTH_FIRST));
		put(s, narrow[0] == '`' ? "'" : narrow);
		return;
	}
	change = bsearch(&c, TABLE, sizeof(TABLE) / sizeof(TABLE[0]),
	    sizeof(TABLE[0]), compare);
	if (change != NULL)
		put(s, change->to);
	else
		note_odd(s->odd, c);
}

static void
put_url(struct smart *s)
{
	size_t pos = 0;

	while (pos < s->url.len) {
		uint32_t c = rc_utf8_take(s->url, &pos);

		if (rc_gsm_septets(c) == 0)
			note_odd(s->odd, c);
	}
	rc_buf_addv(s->out, s->url);
	s->pos += s->url.len;
}

static void
find_url(struct smart *s)
{
	size_t pos = s->pos;

	s->url_at = SIZE_MAX;
	if (rc_url_find(s->text, &pos, &s->url))
		s->url_at = pos - s->url.len;
}

void
rc_gsm_smart(struct rc_slice text, struct rc_buf *out, struct rc_gsm_odd *odd)
{
	struct smart s = {.text = text, .out = out, .odd = odd};
	size_t from = out->len;

	odd->n = 0;
	if (!rc_gsm_measure(text).ucs2) {
		rc_buf_addv(out, text);
		return;
	}
	find_url(&s);
	while (s.pos < text.len) {
		if (s.pos == s.url_at) {
			put_url(&s);
			find_url(&s);
			s.after_url = true;
		} else {
			put_char(&s);
			s.after_url = false;
		}
	}
	if (odd->n > 0) {
		rc_buf_cut(out, from);
		rc_buf_addv(out, text);
	}
}
