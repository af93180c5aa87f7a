/*
 * Phone numbers: E.164 (ITU-T), canonical as digits without '+': 7 to 15,
 * no leading 0, an assigned calling code (ITU-T E.164 Annex, 215 of them).
 */
#ifndef RC_TEXT_PHONE_H
#define RC_TEXT_PHONE_H

#include "base/buf.h"

#define RC_PHONE_LEN 16 /* 15 digits and NUL */

enum rc_phone_result {
	RC_PHONE_OK,
	RC_PHONE_REPAIRED, /* fine after dropping '+' and the like */
	RC_PHONE_EMPTY,
	RC_PHONE_CHARACTER, /* something that is no digit */
	RC_PHONE_SHORT,
	RC_PHONE_LONG,
	RC_PHONE_ZERO,	  /* leading 0: a national number */
	RC_PHONE_CODE,	  /* calling code not assigned */
	RC_PHONE_EXPONENT /* "4.41E+11": a spreadsheet spoilt it */
};

/* A subscriber list's rule: digits, and one leading '+' (repaired). */
enum rc_phone_result rc_phone_strict(struct rc_slice, uint64_t *) RC_MUST_USE;
/* The command line's rule: also spaces, dashes, dots and parentheses. */
enum rc_phone_result rc_phone_lenient(struct rc_slice, uint64_t *) RC_MUST_USE;
/* One word or two for a rejects file, e.g. "leading zero". */
const char *rc_phone_reason(enum rc_phone_result);
/* Digits of a canonical number; returns how many. */
size_t rc_phone_format(uint64_t, char out[RC_PHONE_LEN]);
/* The calling code of a canonical number (1, 44, 351); 0: not assigned. */
unsigned rc_phone_code(uint64_t);

#endif
