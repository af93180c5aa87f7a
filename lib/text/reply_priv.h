/*
 * What the files of reply share: reply_fold.c turns a text into plain words,
 * reply_words.c has the tables, reply.c compares.  Included by reply*.c alone.
 */
#ifndef RC_TEXT_REPLY_PRIV_H
#define RC_TEXT_REPLY_PRIV_H

#include "text/reply.h"

#define RC_REPLY_WORDS_MAX 800 /* a message of 1,600 characters has no more */
#define RC_REPLY_BYTES_MAX 4000

struct rc_reply_word {
	const char *p; /* a to z, 0 to 9 */
	size_t len;
	bool parted; /* punctuation stands before it */
	bool single; /* made of letters that stood alone, as in "S T O P" */
	bool masked; /* part of a harmless phrase */
};

/* A text as words; it points into itself: not to be copied. */
struct rc_reply_text {
	char bytes[RC_REPLY_BYTES_MAX];
	size_t len;
	struct rc_reply_word word[RC_REPLY_WORDS_MAX];
	size_t n;
	bool bent;   /* more than case and width had to be folded */
	bool sign;   /* a gesture that says no, such as a stop sign */
	bool opaque; /* letters that cannot be read, or too many of them */
};

/* Fills it from UTF-8, valid or not; what has no room makes it opaque. */
void rc_reply_fold(struct rc_slice, struct rc_reply_text *);

/*
 * Tables end with NULL.  A pattern is words parted by one space: a word,
 * "@class" for any word of a class, "*" for at most one word of any kind, "~"
 * for at most three, as many as there are at the end of a pattern.
 */
extern const char *const rc_reply_stop[], *const rc_reply_start[],
					      *const rc_reply_help[];
/* Patterns that are a revocation wherever they stand. */
extern const char *const rc_reply_revoking[];
/* Patterns that are one when they are the whole text. */
extern const char *const rc_reply_alone[];
/* Patterns whose words say nothing there, unless they revoke. */
extern const char *const rc_reply_harmless[];
/* Words that are suspicious wherever they stand. */
extern const char *const rc_reply_telling[];
/* Words that are, one letter amiss included, and words they are not. */
extern const char *const rc_reply_main[], *const rc_reply_unlike[];

struct rc_reply_class {
	const char *name;  /* with its "@" */
	const char *words; /* parted by one space */
};
extern const struct rc_reply_class rc_reply_class[]; /* name NULL ends */

#endif
