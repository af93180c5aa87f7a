/*
 * What people take for a CSV in UTF-8, told by its first bytes.
 */
#ifndef RC_TEXT_SNIFF_H
#define RC_TEXT_SNIFF_H

#include "base/buf.h"

#define RC_SNIFF_LEN 8 /* bytes that tell, if the file has as many */

/* "a spreadsheet: …" and what to do about it, or NULL. */
const char *rc_sniff_packed(struct rc_slice front);
/*
 * The encoding as iconv(1) calls it, with or without a byte order mark, or
 * NULL: UTF-8, or one that the front does not tell.
 */
const char *rc_sniff_encoding(struct rc_slice front);

#endif
