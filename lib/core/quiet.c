#include "core/quiet.h"

#include "sys/zone.h"
#include "text/dialzone.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MINUTES (24 * 60)
#define DAY_S (DAY_MINUTES * (int64_t)60)
#define LOOK_AHEAD_S (2 * DAY_S)
#define CHANGE_S 1800 /* clocks are changed at multiples of it */
#define ZONE_NAME_MAX 64

struct place_zone {
	char name[ZONE_NAME_MAX];
	struct rc_zone *zone;
};

struct rc_quiet {
	int from, until; /* minutes of the day; until is exclusive */
	size_t nzones, room;
	struct place_zone *zones;
	/* Of place i, those from first[i] up to first[i + 1] in member. */
	size_t *first;
	struct rc_buf member; /* uint16_t, which zone */
};

/* --- opening ------------------------------------------------------------- */

static int
minutes(const char *hhmm)
{
	return ((hhmm[0] - '0') * 10 + hhmm[1] - '0') * 60 +
	       (hhmm[3] - '0') * 10 + hhmm[4] - '0';
}

static enum rc_err
find_zone(struct rc_quiet *q, const char *dir, struct rc_slice name,
    size_t *out, struct rc_error *e)
{
	struct place_zone *new;
	enum rc_err err;

	for (*out = 0; *out < q->nzones; (*out)++)
		if (rc_slice_is(name, q->zones[*out].name))
			return RC_OK;
	if (q->nzones == q->room) {
		q->room = q->room == 0 ? 512 : q->room * 2;
		new = realloc(q->zones, q->room * sizeof(*new));
		if (new == NULL)
			return rc_err_nomem(e);
		q->zones = new;
	}
	new = &q->zones[q->nzones];
	if (name.len >= sizeof(new->name))
		return rc_err_set(e, RC_EINTERNAL, "a zone's name is long");
	memcpy(new->name, name.p, name.len);
	new->name[name.len] = '\0';
	err = rc_zone_open(&new->zone, dir, new->name, e);
	if (err == RC_OK)
		q->nzones++;
	return err;
}

static enum rc_err
add_place(
    struct rc_quiet *q, const char *dir, const char *zones, struct rc_error *e)
{
	enum rc_err err = RC_OK;

	while (*zones != '\0' && err == RC_OK) {
		size_t len = strcspn(zones, " "), zone;
		uint16_t number;

		err = find_zone(q, dir, rc_slice_of(zones, len), &zone, e);
		number = (uint16_t)zone;
		rc_buf_add(&q->member, &number, sizeof(number));
		zones += len;
		zones += strspn(zones, " ");
	}
	return err;
}

static enum rc_err
read_zones(struct rc_quiet *q, const char *dir, struct rc_error *e)
{
	size_t places = rc_dialzone_places();
	enum rc_err err = RC_OK;

	q->first = calloc(places + 1, sizeof(*q->first));
	if (q->first == NULL)
		return rc_err_nomem(e);
	for (size_t i = 0; i < places && err == RC_OK; i++) {
		q->first[i] = q->member.len / sizeof(uint16_t);
		err = add_place(q, dir, rc_dialzone_zones(i), e);
	}
	q->first[places] = q->member.len / sizeof(uint16_t);
	return err == RC_OK ? rc_buf_check(&q->member, "zones", e) : err;
}

enum rc_err
rc_quiet_open(struct rc_quiet **out, const struct rc_channel *c,
    const char *zone_dir, struct rc_error *e)
{
	struct rc_quiet *q;
	enum rc_err err;

	*out = NULL;
	if (c->quiet_hours == NULL)
		return RC_OK;
	q = calloc(1, sizeof(*q));
	if (q == NULL)
		return rc_err_nomem(e);
	q->from = minutes(c->quiet_hours);
	q->until = minutes(c->quiet_hours + sizeof("21:00-") - 1);
	q->member = RC_BUF_INIT(UINT16_MAX);
	err = read_zones(q, zone_dir, e);
	if (err != RC_OK) {
		rc_quiet_close(q);
		return rc_err_prefix(
		    e, "channel '%s' has quiet hours", c->name);
	}
	*out = q;
	return RC_OK;
}

void
rc_quiet_close(struct rc_quiet *q)
{
	if (q == NULL)
		return;
	for (size_t i = 0; i < q->nzones; i++)
		rc_zone_close(q->zones[i].zone);
	free(q->zones);
	free(q->first);
	rc_buf_free(&q->member);
	free(q);
}

/* --- asking -------------------------------------------------------------- */

static bool
is_quiet(const struct rc_quiet *q, const struct rc_zone *z, int64_t now_s)
{
	int64_t local = now_s + rc_zone_offset(z, now_s);
	int64_t minute = local / 60 % DAY_MINUTES;

	if (q->from < q->until)
		return minute >= q->from && minute < q->until;
	return minute >= q->from || minute < q->until; /* over midnight */
}

/* The zones of a person's place; how many. */
static size_t
zones_of(
    const struct rc_quiet *q, const struct rc_ident *to, const uint16_t **zone)
{
	size_t place = RC_DIALZONE_NOWHERE;

	if (to->type == RC_IDENT_PHONE)
		place = rc_dialzone_of(to->phone);
	*zone =
	    (const uint16_t *)(const void *)q->member.data + q->first[place];
	return q->first[place + 1] - q->first[place];
}

const char *
rc_quiet_where(
    const struct rc_quiet *q, const struct rc_ident *to, uint64_t now_ms)
{
	const uint16_t *zone;
	size_t n;

	if (q == NULL)
		return NULL;
	n = zones_of(q, to, &zone);
	for (size_t i = 0; i < n; i++) {
		const struct place_zone *z = &q->zones[zone[i]];

		if (is_quiet(q, z->zone, (int64_t)(now_ms / 1000)))
			return z->name;
	}
	return n == 0 ? RC_QUIET_NOWHERE : NULL;
}

/* --- when it ends --------------------------------------------------------- */

/* Seconds until the hours end in a zone where it is quiet. */
static int64_t
seconds_left(const struct rc_quiet *q, const struct rc_zone *z, int64_t now_s)
{
	int64_t second = (now_s + rc_zone_offset(z, now_s)) % DAY_S;

	return (q->until * (int64_t)60 - second + DAY_S) % DAY_S;
}

/* How long it stays quiet in the last of n zones where it is. */
static int64_t
longest_left(
    const struct rc_quiet *q, const uint16_t *zone, size_t n, int64_t now_s)
{
	int64_t longest = 0;

	for (size_t i = 0; i < n; i++) {
		const struct rc_zone *z = q->zones[zone[i]].zone;
		int64_t left =
		    is_quiet(q, z, now_s) ? seconds_left(q, z, now_s) : 0;

		longest = left > longest ? left : longest;
	}
	return longest;
}

uint64_t
rc_quiet_opens(
    const struct rc_quiet *q, const struct rc_ident *to, uint64_t now_ms)
{
	int64_t now_s = (int64_t)(now_ms / 1000), from_s = now_s, left;
	const uint16_t *zone;
	size_t n;

	if (q == NULL)
		return now_ms;
	n = zones_of(q, to, &zone);
	if (n == 0)
		return 0;
	while ((left = longest_left(q, zone, n, now_s)) > 0) {
		int64_t change = CHANGE_S - now_s % CHANGE_S;

		now_s += left < change ? left : change;
		if (now_s - from_s > LOOK_AHEAD_S)
			return 0;
	}
	return now_s == from_s ? now_ms : (uint64_t)now_s * 1000;
}

int
rc_quiet_minute(const struct rc_quiet *q, const char *name, uint64_t now_ms)
{
	int64_t now_s = (int64_t)(now_ms / 1000);

	for (size_t i = 0; i < q->nzones; i++)
		if (q->zones[i].name == name)
			return (int)((now_s + rc_zone_offset(
						  q->zones[i].zone, now_s)) /
				     60 % DAY_MINUTES);
	return -1;
}
