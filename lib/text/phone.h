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
	RC_PHONE_ZERO,	   /* leading 0: a national number */
	RC_PHONE_CODE,	   /* calling code not assigned */
	RC_PHONE_EXPONENT, /* "4.41E+11": a spreadsheet spoilt it */
	RC_PHONE_TRUNK,	   /* "(0)", which is not dialled from abroad */
	RC_PHONE_DECIMALS  /* "447700900123.0": a spreadsheet spoilt it */
};

/* A subscriber list's rule: digits, and one leading '+' (repaired). */
enum rc_phone_result rc_phone_strict(struct rc_slice, uint64_t *) RC_MUST_USE;
/*
 * The command line's rule: also spaces, dashes, dots and parentheses.  A "(0)"
 * and an only dot with nothing but zeros behind it would make it another
 * number: both are refused.
 */
enum rc_phone_result rc_phone_lenient(struct rc_slice, uint64_t *) RC_MUST_USE;
/*
 * The bulk of every list, eight digits at a time: takes lines off the front of
 * text that rc_phone_strict calls OK as they are, each ended by LF or CR LF, at
 * most max.  Stops before any other line, and before the last 17 bytes.
 * Returns how many bytes were taken, numbers takes n values.
 */
size_t rc_phone_lines(
    struct rc_slice text, uint64_t *numbers, size_t max, size_t *n);
/* One word or two for a rejects file, e.g. "leading zero". */
const char *rc_phone_reason(enum rc_phone_result);
/* Digits of a canonical number; returns how many. */
size_t rc_phone_format(uint64_t, char out[RC_PHONE_LEN]);
/* The calling code of a canonical number (1, 44, 351); 0: not assigned. */
unsigned rc_phone_code(uint64_t);
/*
 * The other way in which a canonical mobile number is written: Mexico's with
 * or without 1 behind 52 (the plan before 2019), Argentina's with or without
 * 9 behind 54 (without it is how a landline is called), Brazil's with or
 * without 9 behind the area code (the plan before 2016).  0: there is none.
 */
uint64_t rc_phone_twin(uint64_t);

#endif
