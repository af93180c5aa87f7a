/*
 * Typographic characters made GSM-7 ones, so that a text is not sent at 70
 * characters a segment for the sake of an apostrophe (reconnect-template(5),
 * SEGMENTS, has the table).
 *
 * Marks, spaces, what is not seen, and other spellings of the same letter are
 * changed; a letter never becomes another one, 'ç' not even 'c'.  A text that
 * would need UCS-2 all the same is left as it was, since nothing is saved.
 */
#ifndef RC_TEXT_GSM_SMART_H
#define RC_TEXT_GSM_SMART_H

#include "base/buf.h"

#define RC_GSM_ODD_MAX 8

/* Different characters of one text that stand in the way, as they appear. */
struct rc_gsm_odd {
	uint32_t c[RC_GSM_ODD_MAX];
	size_t n; /* further ones are left out */
};

/*
 * Appends text, which is valid UTF-8 and does not lie in out, with what can be
 * changed changed; or as it is when characters in *odd remain that cannot.
 * URLs are copied, and keep a space behind them where the mark there becomes
 * something that would be taken for a part of them.  Done twice, it changes
 * nothing more.
 */
void rc_gsm_smart(
    struct rc_slice text, struct rc_buf *out, struct rc_gsm_odd *);

#endif
