/*
 * Where a phone number belongs: E.164 to ISO 3166-1 alpha-2, by the longest
 * prefix that is known.
 *
 * Calling codes are those of ITU-T's list of assigned codes (E.164 Annex); area
 * codes of +1 those that NANPA and CNAC have assigned or set a date for; codes
 * that several countries share (+7, +39, +44, +47, +61, +212, +262, +358, +590,
 * +599, +672) are parted by the national numbering plans.  A number range that
 * is open to all who share a code belongs to the largest of them.  Codes of no
 * country are "001", the world in UN M49.
 */
#ifndef RC_TEXT_COUNTRY_H
#define RC_TEXT_COUNTRY_H

#include "base/buf.h"

#define RC_COUNTRY_LEN 4 /* with NUL */

/*
 * "GB"; "001"; "" for an area code of +1 that is not assigned, or belongs to
 * all countries of +1 (toll-free and the like).  The number is canonical.
 */
void rc_country_of(uint64_t phone, char iso[RC_COUNTRY_LEN]);

/* Countries that were asked for; zeros: none yet. */
struct rc_country_choice {
	uint64_t left_out; /* numbers asked about whose country is unknown */
	/* private */
	bool iso[26 * 26], world;
	bool code[1000]; /* calling codes */
	uint64_t low, high;
	bool chosen, unknown; /* all from low to high */
};
/*
 * Adds words parted by commas: alpha-2 codes of any case, calling codes with
 * '+' or without, "001".  RC_EUSAGE names a word that is none of them.
 */
enum rc_err rc_country_choose(
    struct rc_country_choice *, struct rc_slice, struct rc_error *) RC_MUST_USE;
/* Learns about the numbers around this one. */
void rc_country_look(struct rc_country_choice *, uint64_t phone);
/* Whether a number was asked for; next to nothing for ascending numbers. */
static inline bool
rc_country_chosen(struct rc_country_choice *c, uint64_t phone)
{
	if (phone < c->low || phone > c->high)
		rc_country_look(c, phone);
	c->left_out += c->unknown;
	return c->chosen;
}

#endif
