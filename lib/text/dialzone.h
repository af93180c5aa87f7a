/*
 * Which time zones a phone number may be in, by its longest known prefix: the
 * area code in the United States and Canada, the country elsewhere
 * (text/country.h).
 *
 * It is a guess: people move and keep their numbers, and mobile numbers of most
 * countries tell no region.  So a place has all zones that its numbers may be
 * in, one of those whose clocks go alike; border counties count, and so do
 * clocks that a town keeps by custom.  Names are those of the tz database,
 * 2025b; area codes those of NANPA and CNAC with the state or province they
 * serve.
 */
#ifndef RC_TEXT_DIALZONE_H
#define RC_TEXT_DIALZONE_H

#include <stddef.h>
#include <stdint.h>

/* Numbers of no country (satellites, worldwide services) or of no plan. */
#define RC_DIALZONE_NOWHERE 0

/* How many places there are; they are numbered from 0. */
size_t rc_dialzone_places(void);
/* The place of a canonical number. */
size_t rc_dialzone_of(uint64_t phone);
/* "America/Denver America/Los_Angeles"; "" for nowhere. */
const char *rc_dialzone_zones(size_t place);

#endif
