/*
 * What a reply to a text message asks for.  A single one of the words that
 * Twilio's default opt-out handling knows is an instruction; anything else
 * that may be a revocation of consent ("by any reasonable means", 47 CFR
 * 64.1200(a)(10)) is for a person to read.
 *
 * The matcher reads English, Spanish, French, German, Portuguese and Italian,
 * with accents or without, in any case and width, with emoji and typing
 * errors.  What it cannot read at all may be a revocation, too.  The words it
 * knows are in reply_words.c.
 */
#ifndef RC_TEXT_REPLY_H
#define RC_TEXT_REPLY_H

#include "base/buf.h"

enum rc_reply {
	RC_REPLY_OTHER,
	RC_REPLY_STOP,	/* STOP, STOPALL, UNSUBSCRIBE, END, QUIT, CANCEL, … */
	RC_REPLY_START, /* START, YES, UNSTOP */
	RC_REPLY_HELP,	/* HELP, INFO */
	RC_REPLY_REVIEW /* looks like a revocation, or cannot be read */
};

/*
 * Never fails, allocates nothing; the text may be any bytes.  A word counts
 * alone, whatever punctuation, white space and emoji stand around it.  When
 * in doubt the answer is RC_REPLY_REVIEW, so also for a text of more words
 * than any message has.
 */
enum rc_reply rc_reply_classify(struct rc_slice text);

#endif
