/*
 * Time zones: what the clocks of a place show, from the system's tz database
 * (TZif, RFC 9636).
 *
 * The zone of this process and TZ play no part.  A zone never changes once it
 * is open, so threads may share it.
 */
#ifndef RC_SYS_ZONE_H
#define RC_SYS_ZONE_H

#include "base/err.h"

#include <stdint.h>

#define RC_ZONE_DIR "/usr/share/zoneinfo"

struct rc_zone;

/*
 * Reads dir/name, such as "Europe/Paris"; dir NULL or "" is RC_ZONE_DIR.
 * RC_ECONFIG when it is not there, or not of version 2 or later; RC_EAGAIN.
 */
enum rc_err rc_zone_open(struct rc_zone **, const char *dir, const char *name,
    struct rc_error *) RC_MUST_USE;
void rc_zone_close(struct rc_zone *);
/* Seconds the zone's clocks are ahead of UTC at a time, seconds since 1970. */
int32_t rc_zone_offset(const struct rc_zone *, int64_t utc_s);

#endif
