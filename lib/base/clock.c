#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#define DAY_MS 86400000ULL
#define DURATION_MAX_S 100000000000ULL /* three thousand years */

static uint64_t
read_clock(clockid_t id, uint64_t per_second)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * per_second +
	       (uint64_t)ts.tv_nsec / (1000000000ULL / per_second);
}

uint64_t
rc_clock_now_ms(void)
{
	return read_clock(CLOCK_REALTIME, 1000);
}

uint64_t
rc_clock_mono_us(void)
{
	return read_clock(CLOCK_MONOTONIC, 1000000);
}

void
rc_time_format(uint64_t ms, char out[RC_TIME_LEN])
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;
	size_t n;

	gmtime_r(&s, &tm);
	n = strftime(out, RC_TIME_LEN, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, RC_TIME_LEN - n, ".%03uZ", (unsigned)(ms % 1000));
}

void
rc_duration_format(double s, char out[RC_DURATION_LEN])
{
	static const struct {
		const char *name;
		uint64_t s;
	} units[] = {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};
	uint64_t left = s < DURATION_MAX_S ? (uint64_t)s : DURATION_MAX_S, more;
	size_t i = 0;
	int n;

	while (i < 3 && left < units[i].s)
		i++;
	n = snprintf(out, RC_DURATION_LEN, "%llu %s",
	    (unsigned long long)(left / units[i].s), units[i].name);
	more = i < 3 ? left % units[i].s / units[i + 1].s : 0;
	if (more > 0)
		snprintf(out + n, (size_t)(RC_DURATION_LEN - n), " %llu %s",
		    (unsigned long long)more, units[i + 1].name);
}

/* Reads exactly n digits at *s. */
static bool
digits(struct rc_slice *s, int n, int *out)
{
	*out = 0;
	if (s->len < (size_t)n)
		return false;
	for (int i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		*out = *out * 10 + (s->p[i] - '0');
	}
	s->p += n;
	s->len -= (size_t)n;
	return true;
}

static bool
one_of(struct rc_slice *s, char a, char b)
{
	if (s->len == 0 || (s->p[0] != a && s->p[0] != b))
		return false;
	s->p++;
	s->len--;
	return true;
}

/* Days since 1970 of a date in the Gregorian calendar; false: no such day. */
static bool
days_of(int y, int m, int d, int64_t *days)
{
	struct tm tm = {.tm_year = y - 1900, .tm_mon = m - 1, .tm_mday = d};
	time_t t = timegm(&tm);

	*days = (int64_t)t / 86400;
	return tm.tm_mon == m - 1 && tm.tm_mday == d;
}

static bool
parse_fraction(struct rc_slice *s, int *ms)
{
	int scale = 100, seen = 0;

	*ms = 0;
	if (!one_of(s, '.', ','))
		return true;
	for (; s->len > 0 && *s->p >= '0' && *s->p <= '9'; s->p++, s->len--) {
		*ms += scale * (*s->p - '0');
		scale /= 10;
		seen++;
	}
	return seen >= 1 && seen <= 9;
}

static bool
parse_offset(struct rc_slice *s, int *minutes)
{
	int h, m, sign;

	*minutes = 0;
	if (one_of(s, 'Z', 'z'))
		return true;
	if (s->len == 0)
		return false;
	sign = *s->p == '-' ? -1 : 1;
	if (!one_of(s, '+', '-') || !digits(s, 2, &h) || !one_of(s, ':', ':') ||
	    !digits(s, 2, &m) || h > 23 || m > 59)
		return false;
	*minutes = sign * (h * 60 + m);
	return true;
}

static bool
parse_time(struct rc_slice s, int64_t *out)
{
	int y, mo, d, h, mi, sec, ms, offset;
	int64_t days;

	if (!digits(&s, 4, &y) || !one_of(&s, '-', '-') ||
	    !digits(&s, 2, &mo) || !one_of(&s, '-', '-') || !digits(&s, 2, &d))
		return false;
	if (!days_of(y, mo, d, &days))
		return false;
	*out = days * (int64_t)DAY_MS;
	if (s.len == 0)
		return *out >= 0;
	if (!(one_of(&s, 'T', 't') || one_of(&s, ' ', ' ')) ||
	    !digits(&s, 2, &h) || !one_of(&s, ':', ':') ||
	    !digits(&s, 2, &mi) || !one_of(&s, ':', ':') ||
	    !digits(&s, 2, &sec) || h > 23 || mi > 59 || sec > 60 ||
	    !parse_fraction(&s, &ms) || !parse_offset(&s, &offset))
		return false;
	*out += (int64_t)(h * 3600 + mi * 60 + sec) * 1000 + ms -
		(int64_t)offset * 60000;
	return s.len == 0 && *out >= 0;
}

enum rc_err
rc_time_parse(struct rc_slice s, uint64_t *ms, struct rc_error *e)
{
	int64_t t;

	if (!parse_time(s, &t))
		return rc_err_set(e, RC_EDATA,
		    "'%.*s' is no time: write it as 2026-03-01T12:00:00Z",
		    (int)(s.len > 40 ? 40 : s.len), s.p);
	*ms = (uint64_t)t;
	return RC_OK;
}
