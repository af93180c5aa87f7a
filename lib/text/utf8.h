/*
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above
 * U+10FFFF.
 */
#ifndef RC_TEXT_UTF8_H
#define RC_TEXT_UTF8_H

#include "base/buf.h"

/*
 * Bytes of the character at the front of a slice that is not empty, 1 to 4.
 * 0 when it is none; *bad, unless NULL, then takes how many bytes one U+FFFD
 * stands for (the maximal subpart, Unicode 3.9, 1 to 3).
 */
size_t rc_utf8_step(struct rc_slice, size_t *bad);
/* Bytes of whole characters at the front, before the first that is none. */
size_t rc_utf8_prefix(struct rc_slice);
/* Whether all of it is whole characters; the empty text is. */
bool rc_utf8_valid(struct rc_slice);

/* The character at *pos, before the end of valid UTF-8; moves behind it. */
uint32_t rc_utf8_take(struct rc_slice, size_t *pos);
/* Its 1 to 4 bytes, terminated; a surrogate is none, nor is one too large. */
void rc_utf8_put(uint32_t c, char bytes[5]);

#endif
