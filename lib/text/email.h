/*
 * E-mail addresses: looser than RFC 5321 where real ones are (dots at odd
 * places), stricter where only typing errors are (spaces, a second at sign).
 */
#ifndef RC_TEXT_EMAIL_H
#define RC_TEXT_EMAIL_H

#include "base/buf.h"

/*
 * Of a text that is UTF-8 without control characters and trimmed: NULL when it
 * is an address but for its whole length, else one word or more for a rejects
 * file, e.g. "no at sign".
 */
const char *rc_email_check(struct rc_slice);
/*
 * The bulk of every list: takes lines off the front of text that are addresses
 * in ASCII with a domain of at most 63 bytes and nothing around them, each
 * ended by LF or CR LF, at most max.  Stops before any other line, and before
 * one whose end is not there.  Returns how many bytes were taken; addresses
 * takes n slices of text.
 */
size_t rc_email_lines(
    struct rc_slice text, struct rc_slice *addresses, size_t max, size_t *n);

#endif
