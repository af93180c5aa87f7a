#include "sys/zone_rule.h"

#include <ctype.h>
#include <string.h>

#define DAY_S 86400
#define HOUR_S 3600
#define HOURS_MAX 167 /* RFC 9636, 3.3.1 */

/* --- reading -------------------------------------------------------------- */

static bool
number(const char **p, int max, int *out)
{
	int n = 0;

	if (!isdigit((unsigned char)**p))
		return false;
	for (; isdigit((unsigned char)**p); (*p)++) {
		n = n * 10 + (**p - '0');
		if (n > max)
			return false;
	}
	*out = n;
	return true;
}

/* "CET", or "<+03>" */
static bool
skip_name(const char **p)
{
	const char *start = *p;

	if (**p == '<') {
		*p += strcspn(*p, ">");
		return *(*p)++ == '>';
	}
	while (isalpha((unsigned char)**p))
		(*p)++;
	return *p - start >= 3;
}

/* "-3:30", "2", "2:00:00", in seconds */
static bool
clock_time(const char **p, int32_t *out)
{
	int sign = **p == '-' ? -1 : 1, part[3] = {0, 0, 0};

	if (**p == '-' || **p == '+')
		(*p)++;
	if (!number(p, HOURS_MAX, &part[0]))
		return false;
	for (int i = 1; i < 3 && **p == ':'; i++) {
		(*p)++;
		if (!number(p, 59, &part[i]))
			return false;
	}
	*out = sign * (part[0] * HOUR_S + part[1] * 60 + part[2]);
	return true;
}

static bool
weekday(const char **p, struct rc_zone_change *c)
{
	c->kind = RC_ZONE_WEEKDAY;
	return number(p, 12, &c->month) && c->month > 0 && *(*p)++ == '.' &&
	       number(p, 5, &c->week) && c->week > 0 && *(*p)++ == '.' &&
	       number(p, 6, &c->day);
}

/* ",M3.5.0/2" */
static bool
change(const char **p, struct rc_zone_change *c)
{
	bool fine;

	if (**p != ',')
		return false;
	(*p)++;
	if (**p == 'M') {
		(*p)++;
		fine = weekday(p, c);
	} else if (**p == 'J') {
		(*p)++;
		c->kind = RC_ZONE_JULIAN;
		fine = number(p, 365, &c->day) && c->day > 0;
	} else {
		c->kind = RC_ZONE_ORDINAL;
		fine = number(p, 365, &c->day);
	}
	c->time_s = 2 * HOUR_S;
	if (!fine || **p != '/')
		return fine;
	(*p)++;
	return clock_time(p, &c->time_s);
}

bool
rc_zone_rule_parse(const char *p, struct rc_zone_rule *r)
{
	int32_t west;

	*r = (struct rc_zone_rule){0};
	if (!skip_name(&p) || !clock_time(&p, &west))
		return false;
	r->standard = -west;
	if (*p == '\0')
		return true;
	r->changes = true;
	if (!skip_name(&p))
		return false;
	r->saving = r->standard + HOUR_S;
	if (*p != ',') {
		if (!clock_time(&p, &west))
			return false;
		r->saving = -west;
	}
	return change(&p, &r->begin) && change(&p, &r->end) && *p == '\0';
}

/* --- applying ------------------------------------------------------------- */

static bool
is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970 to the first of January. */
static int64_t
days_to(int64_t year)
{
	int64_t y = year - 1;

	return 365 * (year - 1970) + (y / 4 - 1969 / 4) -
	       (y / 100 - 1969 / 100) + (y / 400 - 1969 / 400);
}

static int64_t
year_of(int64_t day)
{
	int64_t year = 1970 + day / 365;

	while (days_to(year) > day)
		year--;
	return year;
}

/* The day of the year a change falls on, from 0. */
static int64_t
day_in(int64_t year, const struct rc_zone_change *c)
{
	static const int before[] = {
	    0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
	bool leap = is_leap(year);
	int64_t first, day, next;

	if (c->kind == RC_ZONE_ORDINAL)
		return c->day;
	if (c->kind == RC_ZONE_JULIAN)
		return c->day - 1 + (leap && c->day > 59);
	first = before[c->month - 1] + (leap && c->month > 2);
	next = before[c->month] + (leap && c->month > 1);
	/* 1 January 1970 was a Thursday. */
	day = first + (c->day + 7 - (days_to(year) + first + 4) % 7) % 7;
	day += 7 * ((int64_t)c->week - 1);
	return day < next ? day : day - 7;
}

static int64_t
change_utc(int64_t year, const struct rc_zone_change *c, int32_t before)
{
	return (days_to(year) + day_in(year, c)) * DAY_S + c->time_s - before;
}

int32_t
rc_zone_rule_offset(const struct rc_zone_rule *r, int64_t utc_s)
{
	int64_t year, begin, end;
	bool saving;

	if (!r->changes)
		return r->standard;
	year = year_of((utc_s + r->standard) / DAY_S);
	begin = change_utc(year, &r->begin, r->standard);
	end = change_utc(year, &r->end, r->saving);
	/* South of the equator saving spans the new year. */
	saving = begin < end ? utc_s >= begin && utc_s < end
			     : utc_s >= begin || utc_s < end;
	return saving ? r->saving : r->standard;
}
