/*
 * How an SMS text is cut into segments (3GPP TS 23.038 and 23.040): GSM-7 160
 * alone or 153 a segment, UCS-2 70 or 67 UTF-16 units; an extension character
 * costs two septets; neither it nor a surrogate pair is split.
 */
#ifndef RC_TEXT_GSM_H
#define RC_TEXT_GSM_H

#include "base/buf.h"

struct rc_gsm {
	bool ucs2;
	unsigned segments;  /* 0 for an empty text */
	size_t units;	    /* septets or UTF-16 units in all */
	uint32_t first_odd; /* first character outside GSM-7; 0: none */
};

/* text is valid UTF-8. */
struct rc_gsm rc_gsm_measure(struct rc_slice text);
/* Septets a character costs in GSM-7: 1 or 2; 0: it is not in there. */
unsigned rc_gsm_septets(uint32_t c);

#define RC_GSM_NAME_LEN 20
/* "’ (U+2019)", or "U+202E" for what is not seen or acts on what is beside. */
void rc_gsm_char_name(uint32_t c, char name[RC_GSM_NAME_LEN]);

#endif
