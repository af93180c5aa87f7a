/*
 * Clocks and times.  Rules take the time as an argument and never ask here;
 * engines ask once and hand it down.
 */
#ifndef RC_BASE_CLOCK_H
#define RC_BASE_CLOCK_H

#include "base/buf.h"

#define RC_TIME_LEN 25 /* "2026-03-01T12:00:00.123Z" and NUL */

/* Milliseconds since 1970 in UTC; may jump. */
uint64_t rc_clock_now_ms(void);
/* Microseconds since some moment; never goes back. */
uint64_t rc_clock_mono_us(void);

/* RFC 3339 in UTC with milliseconds, up to the year 9999. */
void rc_time_format(uint64_t ms, char out[RC_TIME_LEN]);

#define RC_DURATION_LEN 32
/* How long, in the two largest units: "2 d 5 h", "14 s"; s is not negative. */
void rc_duration_format(double s, char out[RC_DURATION_LEN]);

/*
 * RFC 3339 date-time with any offset and up to nine fraction digits (cut to
 * milliseconds), or a date alone (midnight UTC); from 1970 on.  RC_EDATA when
 * it is neither.
 */
enum rc_err rc_time_parse(
    struct rc_slice, uint64_t *ms, struct rc_error *) RC_MUST_USE;

#endif
