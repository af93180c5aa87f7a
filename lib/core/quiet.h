/*
 * Quiet hours of a channel, by the clocks of the recipient's place.
 *
 * The place is guessed from the number (text/dialzone.h).  When it may be one
 * of several zones, a person may be texted while it is quiet in none of them;
 * when nothing is known, never.
 */
#ifndef RC_CORE_QUIET_H
#define RC_CORE_QUIET_H

#include "core/channel.h"
#include "text/ident.h"

#define RC_QUIET_NOWHERE "no known place"

struct rc_quiet;

/*
 * Reads the zones of all places from zone_dir (NULL: the system's), so that
 * nothing fails later; does nothing, *out is NULL, for a channel without quiet
 * hours.  RC_ECONFIG when a zone cannot be read; RC_EAGAIN.
 */
enum rc_err rc_quiet_open(struct rc_quiet **out, const struct rc_channel *,
    const char *zone_dir, struct rc_error *) RC_MUST_USE;
void rc_quiet_close(struct rc_quiet *);
/*
 * NULL when a person may be texted at this time, always when there are no
 * quiet hours; else a zone where it is quiet, or RC_QUIET_NOWHERE, valid until
 * close.  The first minute of the hours is quiet, the last is not.  Any thread
 * may ask.
 */
const char *rc_quiet_where(
    const struct rc_quiet *, const struct rc_ident *, uint64_t now_ms);
/*
 * From when on a person may be texted, now_ms at the earliest; 0: at no time of
 * the next two days.
 */
uint64_t rc_quiet_opens(
    const struct rc_quiet *, const struct rc_ident *, uint64_t now_ms);
/*
 * What the clocks show, minutes of the day, in a zone that rc_quiet_where
 * returned; -1 for RC_QUIET_NOWHERE.
 */
int rc_quiet_minute(const struct rc_quiet *, const char *zone, uint64_t now_ms);

#endif
