#include "text/reply_priv.h"

#include "text/utf8.h"

#include <string.h>

enum kind {
	LETTERS,
	SPACE,
	MARK,	 /* punctuation: ends a phrase */
	NOTHING, /* does not count: combining marks, apostrophes */
	SIGN,	 /* punctuation that says no */
	OPAQUE	 /* a letter that cannot be read */
};

struct folded {
	enum kind kind;
	char letters[3];
	bool bent;
};

/* U+00C0 to U+017F without their marks, two cells each; ".." is no letter. */
static const char latin[] = "a a a a a a aec e e e e i i i i "
			    "d n o o o o o ..o u u u u y thss"
			    "a a a a a a aec e e e e i i i i "
			    "d n o o o o o ..o u u u u y thy "
			    "a a a a a a c c c c c c c c d d "
			    "d d e e e e e e e e e e g g g g "
			    "g g g g h h h h i i i i i i i i "
			    "i i ijijj j k k k l l l l l l l "
			    "l l l n n n n n n n n n o o o o "
			    "o o oeoer r r r r r s s s s s s "
			    "s s t t t t t t u u u u u u u u "
			    "u u u u w w y y y z z z z z z s ";

/* Code points that are no letters; the first range that holds one decides. */
static const struct {
	uint32_t first, last;
	enum kind kind;
} ranges[] = {
    {0x80, 0x9f, MARK}, {0xa0, 0xa0, SPACE}, {0xa1, 0xac, MARK},
    {0xad, 0xad, NOTHING},		       /* soft hyphen */
    {0xae, 0xb3, MARK}, {0xb4, 0xb4, NOTHING}, /* typed for an apostrophe */
    {0xb5, 0xbf, MARK},
    {0x2b0, 0x2ff, NOTHING}, /* modifiers, an apostrophe among them */
    {0x300, 0x36f, NOTHING}, /* combining marks */
    {0x2000, 0x200a, SPACE}, {0x200b, 0x200f, NOTHING},
    {0x2010, 0x2012, SPACE}, /* hyphens */
    {0x2018, 0x201b, NOTHING}, {0x202a, 0x202e, NOTHING},
    {0x202f, 0x202f, SPACE}, {0x2032, 0x2032, NOTHING}, {0x205f, 0x205f, SPACE},
    {0x2060, 0x2064, NOTHING}, {0x20d0, 0x20ff, NOTHING}, /* keycaps */
    {0x26d4, 0x26d4, SIGN},				  /* no entry */
    {0x270b, 0x270b, SIGN},				  /* raised hand */
    {0x2000, 0x2bff, MARK}, {0x2e00, 0x2e7f, MARK}, {0x3000, 0x3000, SPACE},
    {0x3001, 0x303f, MARK},
    {0xfe00, 0xfe2f, NOTHING}, /* variants of emoji, combining halves */
    {0xfeff, 0xfeff, NOTHING}, {0xff00, 0xff65, MARK}, {0xffe0, 0xffff, MARK},
    {0x1f44e, 0x1f44e, SIGN}, /* thumb down */
    {0x1f595, 0x1f595, SIGN}, /* middle finger */
    {0x1f645, 0x1f645, SIGN}, /* arms crossed */
    {0x1f6ab, 0x1f6ab, SIGN}, /* prohibited */
    {0x1f6d1, 0x1f6d1, SIGN}, /* stop sign */
    {0x1f92c, 0x1f92c, SIGN}, /* swearing face */
    {0x1f000, 0x1faff, MARK},
    {0xe0000, 0xe0fff, NOTHING}, /* tags within flags */
};

/* Alphabets of a to z that pass for Latin, each in a row, capitals first. */
static const struct {
	uint32_t first, last;
} alphabets[] = {
    {0x24b6, 0x24e9},	/* circled */
    {0x1d400, 0x1d6a3}, /* mathematical, thirteen of them */
    {0x1f130, 0x1f149}, /* squared */
    {0x1f150, 0x1f169}, /* white on black */
    {0x1f170, 0x1f189},
};

static struct folded
fold_ascii(uint32_t c)
{
	if (c >= 'A' && c <= 'Z')
		c += 'a' - 'A';
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		return (struct folded){LETTERS, {(char)c}, false};
	if (c == '\'' || c == '`')
		return (struct folded){.kind = NOTHING};
	if (c == ' ' || c == '\t' || c == '-' || c == '_' || c == '/')
		return (struct folded){.kind = SPACE};
	return (struct folded){.kind = MARK};
}

static struct folded
fold_latin(uint32_t c)
{
	const char *cell = latin + 2 * (c - 0xc0);

	if (cell[0] == '.')
		return (struct folded){.kind = MARK};
	return (struct folded){
	    LETTERS, {cell[0], (char)(cell[1] == ' ' ? '\0' : cell[1])}, true};
}

static struct folded
fold_character(uint32_t c)
{
	struct folded f = {.kind = OPAQUE};

	if (c < 0x80)
		return fold_ascii(c);
	if (c >= 0xc0 && c <= 0x17f)
		return fold_latin(c);
	if (c >= 0x218 && c <= 0x21b) /* Romanian, with a comma below */
		return (struct folded){LETTERS, {c < 0x21a ? 's' : 't'}, true};
	if (c >= 0xff01 && c <= 0xff5e) /* fullwidth */
		return fold_ascii(c - 0xff01 + '!');
	for (size_t i = 0; i < sizeof(alphabets) / sizeof(alphabets[0]); i++)
		if (c >= alphabets[i].first && c <= alphabets[i].last) {
			f = fold_ascii('a' + (c - alphabets[i].first) % 26);
			f.bent = true;
			return f;
		}
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i].first && c <= ranges[i].last) {
			f.kind = ranges[i].kind;
			f.bent = c >= 0x300 && c <= 0x36f;
			break;
		}
	return f;
}

static uint32_t
decode(const char *s, size_t len)
{
	static const unsigned char lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t c = (unsigned char)s[0] & lead[len];

	for (size_t i = 1; i < len; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	return c;
}

struct folding {
	struct rc_reply_text *t;
	struct rc_reply_word *word; /* open, or NULL */
	bool parted;
};

static void
open_word(struct folding *f)
{
	struct rc_reply_text *t = f->t;

	if (t->n == RC_REPLY_WORDS_MAX) {
		t->opaque = true;
		return;
	}
	f->word = &t->word[t->n++];
	*f->word =
	    (struct rc_reply_word){.p = t->bytes + t->len, .parted = f->parted};
	f->parted = false;
}

/* "Stoooop" means "stop": three of a kind are one. */
static void
shorten(struct rc_reply_text *t, struct rc_reply_word *word)
{
	char *at = t->bytes + (word->p - t->bytes);
	size_t n = 0;

	for (size_t i = 0; i < word->len; i++) {
		size_t run = 1;

		while (i + run < word->len && at[i + run] == at[i])
			run++;
		if (run < 3 || at[i] <= '9')
			run = 1;
		at[n++] = at[i];
		i += run - 1;
	}
	t->bent = t->bent || n < word->len;
	word->len = n;
}

/* "S T O P" and "s.t.o.p" are one word: each lies behind the one before. */
static void
close_word(struct folding *f)
{
	struct rc_reply_text *t = f->t;
	struct rc_reply_word *word = f->word;

	f->word = NULL;
	if (word == NULL)
		return;
	shorten(t, word);
	t->len = (size_t)(word->p - t->bytes) + word->len;
	word->single = word->len == 1;
	if (!word->single || t->n < 2 || !word[-1].single)
		return;
	word[-1].len++;
	t->n--;
	t->bent = true;
}

static void
add_letters(struct folding *f, const char *letters)
{
	struct rc_reply_text *t = f->t;
	size_t n = strlen(letters);

	if (f->word == NULL)
		open_word(f);
	if (f->word == NULL || n > sizeof(t->bytes) - t->len) {
		t->opaque = true;
		return;
	}
	memcpy(t->bytes + t->len, letters, n);
	t->len += n;
	f->word->len += n;
}

static void
add(struct folding *f, const struct folded *c)
{
	f->t->bent = f->t->bent || c->bent;
	switch (c->kind) {
	case LETTERS:
		add_letters(f, c->letters);
		return;
	case NOTHING:
		return;
	case OPAQUE:
		f->t->opaque = true;
		break;
	case SIGN:
		f->t->sign = true;
		break;
	case MARK:
	case SPACE:
		break;
	}
	close_word(f);
	f->parted = f->parted || c->kind != SPACE;
}

void
rc_reply_fold(struct rc_slice s, struct rc_reply_text *t)
{
	struct folding f = {.t = t};

	t->len = t->n = 0;
	t->bent = t->sign = t->opaque = false;
	while (s.len > 0) {
		struct folded c = {.kind = OPAQUE};
		size_t bad = 1, len = rc_utf8_step(s, &bad);

		if (len > 0)
			c = fold_character(decode(s.p, len));
		else
			len = bad;
		add(&f, &c);
		s.p += len;
		s.len -= len;
	}
	close_word(&f);
}
