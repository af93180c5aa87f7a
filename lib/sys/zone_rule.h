/*
 * The rule at the end of a TZif file, for the time after its last transition:
 * the TZ string of POSIX with the extensions of RFC 9636, 3.3.1; for
 * sys/zone.c alone.
 */
#ifndef RC_SYS_ZONE_RULE_H
#define RC_SYS_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

enum rc_zone_day {
	RC_ZONE_JULIAN,	 /* day 1 to 365, 29 February never counts */
	RC_ZONE_ORDINAL, /* day 0 to 365 */
	RC_ZONE_WEEKDAY	 /* of week 1 to 5, the last, of a month */
};

struct rc_zone_change {
	enum rc_zone_day kind;
	int day, week, month; /* day: 0 is Sunday for WEEKDAY */
	int32_t time_s;	      /* of the clock before; may be before or after
				 that day */
};

struct rc_zone_rule {
	int32_t standard, saving; /* seconds ahead of UTC */
	bool changes;
	struct rc_zone_change begin, end; /* of saving */
};

/* Reads "CET-1CEST,M3.5.0,M10.5.0/3"; false when it is nothing of the kind. */
bool rc_zone_rule_parse(const char *, struct rc_zone_rule *);
/* How many seconds the clock is ahead of UTC at a moment. */
int32_t rc_zone_rule_offset(const struct rc_zone_rule *, int64_t utc_s);

#endif
