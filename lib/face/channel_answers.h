/*
 * A channel described by answers to questions: each key is asked for by its
 * name, checked at once together with what is known already, and asked for
 * again with the reason when it will not do.
 */
#ifndef RC_FACE_CHANNEL_ANSWERS_H
#define RC_FACE_CHANNEL_ANSWERS_H

#include "core/channel_key.h"

struct rc_channel_question {
	const char *key;      /* NULL ends */
	const char *standard; /* what is so without an answer, or NULL */
	const char *needs;    /* asked only when this key has an answer */
	bool http;	      /* asked only then */
};

struct rc_channel_answers {
	const char *name;			  /* of the channel */
	struct rc_buf value[RC_CHANNEL_KEYS_MAX]; /* empty: no answer */
	bool counts[RC_CHANNEL_KEYS_MAX];	  /* asked for in this round */
	struct rc_channel_header header[RC_CHANNEL_HEADERS];
	size_t nheaders;
	struct rc_channel *channel; /* what the answers make; NULL at first */
};

void rc_channel_answers_init(struct rc_channel_answers *, const char *name);
void rc_channel_answers_free(struct rc_channel_answers *); /* wipes */
/* Their answers count no more, but are offered when they are asked again. */
void rc_channel_answers_forget(
    struct rc_channel_answers *, const struct rc_channel_question *);
/*
 * Asks the questions that fit, and leaves the channel as it is so far.  RC_END:
 * the terminal was closed.
 */
enum rc_err rc_channel_answers_ask(struct rc_channel_answers *,
    const struct rc_channel_question *, struct rc_error *) RC_MUST_USE;
/* The channel, checked as a whole.  Errors are rc_channel_parse's. */
enum rc_err rc_channel_answers_check(
    struct rc_channel_answers *, struct rc_error *) RC_MUST_USE;

#endif
