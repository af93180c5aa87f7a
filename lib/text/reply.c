#include "text/reply_priv.h"

#include <string.h>

#define WIDE 3	    /* words that "~" stands for at most */
#define NEAR_FROM 5 /* letters a word of a pattern must have to be misspelt */

/* --- words --------------------------------------------------------------- */

static struct rc_slice
word_at(const struct rc_reply_text *t, size_t i)
{
	return (struct rc_slice){t->word[i].p, t->word[i].len};
}

/* Whether one letter too many, too few, another or two swapped part them. */
static bool
is_near(struct rc_slice a, struct rc_slice b)
{
	while (a.len > 0 && b.len > 0 && a.p[0] == b.p[0]) {
		a.p++, a.len--;
		b.p++, b.len--;
	}
	while (a.len > 0 && b.len > 0 && a.p[a.len - 1] == b.p[b.len - 1]) {
		a.len--;
		b.len--;
	}
	return (a.len <= 1 && b.len <= 1) ||
	       (a.len == 2 && b.len == 2 && a.p[0] == b.p[1] &&
		   a.p[1] == b.p[0]);
}

static bool
is_word(struct rc_slice word, struct rc_slice known, bool near)
{
	if (near && known.len >= NEAR_FROM)
		return is_near(word, known);
	return rc_slice_eq(word, known);
}

static bool
is_in(const char *const *list, struct rc_slice word)
{
	for (; *list != NULL; list++)
		if (rc_slice_is(word, *list))
			return true;
	return false;
}

/* The word at the front of a text of words; moves behind it and its space. */
static struct rc_slice
take_word(const char **text)
{
	struct rc_slice word = {*text, strcspn(*text, " ")};

	*text += word.len;
	*text += **text == ' ';
	return word;
}

static bool
is_of_class(struct rc_slice word, struct rc_slice name, bool near)
{
	const struct rc_reply_class *c = rc_reply_class;
	const char *words;

	while (!rc_slice_is(name, c->name))
		c++;
	for (words = c->words; *words != '\0';)
		if (is_word(word, take_word(&words), near))
			return true;
	return false;
}

/* --- patterns ------------------------------------------------------------ */

enum how {
	EXACT, /* and no punctuation within */
	NEAR
};

/*
 * Whether the words from i on follow the pattern; *end takes the first behind
 * it.
 */
static bool
follows(const struct rc_reply_text *t, size_t i, const char *pattern,
    enum how how, size_t *end)
{
	struct rc_slice token = take_word(&pattern);
	size_t gap = 0;

	if (token.p[0] == '*' || token.p[0] == '~') {
		size_t most = token.p[0] == '*' ? 1 : WIDE;

		*end = i + most < t->n ? i + most : t->n;
		if (*pattern == '\0')
			return true;
		for (; gap <= most; gap++)
			if (follows(t, i + gap, pattern, how, end))
				return true;
		return false;
	}
	if (i >= t->n)
		return false;
	if (token.p[0] == '@' ? !is_of_class(word_at(t, i), token, how == NEAR)
			      : !is_word(word_at(t, i), token, how == NEAR))
		return false;
	*end = i + 1;
	if (*pattern == '\0')
		return true;
	if (how == EXACT && *end < t->n && t->word[*end].parted)
		return false;
	return follows(t, i + 1, pattern, how, end);
}

/* Whether any pattern is found anywhere. */
static bool
has_any(const struct rc_reply_text *t, const char *const *patterns)
{
	size_t end;

	for (; *patterns != NULL; patterns++)
		for (size_t i = 0; i < t->n; i++)
			if (follows(t, i, *patterns, NEAR, &end))
				return true;
	return false;
}

static bool
is_any(const struct rc_reply_text *t, const char *const *patterns)
{
	size_t end;

	for (; *patterns != NULL; patterns++)
		if (follows(t, 0, *patterns, NEAR, &end) && end == t->n)
			return true;
	return false;
}

static void
mask_harmless(struct rc_reply_text *t)
{
	const char *const *pattern;
	size_t end;

	for (pattern = rc_reply_harmless; *pattern != NULL; pattern++)
		for (size_t i = 0; i < t->n; i++)
			if (follows(t, i, *pattern, EXACT, &end))
				for (size_t k = i; k < end; k++)
					t->word[k].masked = true;
}

/* Whether it is one of the main words, or one with a letter amiss. */
static bool
is_main(struct rc_slice word)
{
	if (is_in(rc_reply_unlike, word))
		return false;
	for (const char *const *m = rc_reply_main; *m != NULL; m++)
		if (is_near(word, rc_slice_str(*m)))
			return true;
	return false;
}

static bool
has_telling_word(const struct rc_reply_text *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (!t->word[i].masked &&
		    (is_main(word_at(t, i)) ||
			is_in(rc_reply_telling, word_at(t, i))))
			return true;
	return false;
}

/* --- whole texts --------------------------------------------------------- */

/*
 * Phones send a reaction as a text that quotes the message, in which "Reply
 * STOP" may stand: Loved "New shoes! Reply STOP to end".
 */
static bool
is_reaction(struct rc_slice s)
{
	static const char *const said[] = {"Liked ", "Loved ", "Laughed at ",
	    "Emphasized ", "Emphasised ", "Questioned "};
	static const struct rc_slice open = RC_SLICE_LIT("\u201c");
	static const struct rc_slice close = RC_SLICE_LIT("\u201d");
	struct rc_slice rest;

	s = rc_slice_trim(s);
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if (rc_slice_starts(s, rc_slice_str(said[i]), &rest) &&
		    rc_slice_starts(rest, open, &rest) &&
		    rest.len >= close.len &&
		    memmem(rest.p, rest.len, close.p, close.len) ==
			rest.p + rest.len - close.len)
			return true;
	return false;
}

static enum rc_reply
classify_word(struct rc_slice word)
{
	if (is_in(rc_reply_stop, word))
		return RC_REPLY_STOP;
	if (is_in(rc_reply_start, word))
		return RC_REPLY_START;
	if (is_in(rc_reply_help, word))
		return RC_REPLY_HELP;
	return RC_REPLY_OTHER;
}

enum rc_reply
rc_reply_classify(struct rc_slice text)
{
	struct rc_reply_text t;
	enum rc_reply word = RC_REPLY_OTHER;

	if (is_reaction(text))
		return RC_REPLY_OTHER;
	rc_reply_fold(text, &t);
	if (t.n == 1 && !t.bent && !t.opaque)
		word = classify_word(word_at(&t, 0));
	if (word == RC_REPLY_STOP || (word != RC_REPLY_OTHER && !t.sign))
		return word;
	if (t.opaque || t.sign || has_any(&t, rc_reply_revoking) ||
	    is_any(&t, rc_reply_alone))
		return RC_REPLY_REVIEW;
	mask_harmless(&t);
	return has_telling_word(&t) ? RC_REPLY_REVIEW : RC_REPLY_OTHER;
}
