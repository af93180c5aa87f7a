#include "job/sandbox_fault.h"

#include "base/num.h"

#include <string.h>

#define PERCENT_WHOLE 10000 /* hundredths of a percent */
#define COUNT_MAX 1000000000
#define RETRY_AFTER_MAX_S 86400
#define DELAY_MAX_MS 86400000 /* a day */
#define DELAY_STEPS 16

/* Not a secret: the same faults strike at the same requests in every run. */
static const unsigned char CHANCE[16] = "sandbox faults";

static const struct {
	const char *name;
	enum rc_sandbox_fault_kind kind;
} NAMES[] = {
    {"latency", RC_FAULT_LATENCY},
    {"garbage", RC_FAULT_GARBAGE},
    {"close-before", RC_FAULT_CLOSE_BEFORE},
    {"close-after", RC_FAULT_CLOSE_AFTER},
    {"callback-shuffle", RC_FAULT_CALLBACK_SHUFFLE},
    {"callback-dup", RC_FAULT_CALLBACK_DUP},
    {"callback-drop", RC_FAULT_CALLBACK_DROP},
};

static const struct {
	const char *name;
	enum rc_sandbox_fault_when when;
} WHENS[] = {
    {"every", RC_FAULT_EVERY},
    {"first", RC_FAULT_FIRST},
    {"at", RC_FAULT_AT},
};

static const struct {
	const char *name;
	enum rc_sandbox_place place;
} PLACES[] = {
    {"messages", RC_PLACE_MESSAGES},
    {"token", RC_PLACE_TOKEN},
    {"list", RC_PLACE_LIST},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What stands before the first separator; rest is what follows it. */
static struct rc_slice
cut_at(struct rc_slice *rest, char separator)
{
	const char *end = memchr(rest->p, separator, rest->len);
	struct rc_slice part = *rest;

	if (end == NULL) {
		rest->p += rest->len;
		rest->len = 0;
		return part;
	}
	part.len = (size_t)(end - rest->p);
	rest->p += part.len + 1;
	rest->len -= part.len + 1;
	return part;
}

static bool
drop_suffix(struct rc_slice *s, const char *suffix)
{
	size_t n = strlen(suffix);

	if (s->len < n || memcmp(s->p + s->len - n, suffix, n) != 0)
		return false;
	s->len -= n;
	return true;
}

/* "50ms", or a duration as elsewhere: "2s", "5m", "1h" */
static bool
read_delay(struct rc_slice s, uint64_t *us)
{
	if (drop_suffix(&s, "ms")) {
		if (!rc_num_u64(s, DELAY_MAX_MS, us))
			return false;
	} else if (!rc_num_duration(s, us) || *us > DELAY_MAX_MS) {
		return false;
	}
	*us *= 1000;
	return true;
}

/* "50ms", "50ms-2s" */
static bool
read_latency(struct rc_sandbox_fault *f, struct rc_slice s)
{
	bool range = memchr(s.p, '-', s.len) != NULL;
	struct rc_slice low = cut_at(&s, '-');

	if (!read_delay(low, &f->min_us))
		return false;
	f->max_us = f->min_us;
	return !range || (read_delay(s, &f->max_us) && f->max_us >= f->min_us);
}

/* "5%", "0.25%" */
static bool
read_percent(struct rc_sandbox_fault *f, struct rc_slice s)
{
	double percent;

	if (!rc_num_double(s, &percent) || percent > 100)
		return false;
	f->when = RC_FAULT_PERCENT;
	f->n = (uint64_t)(percent * PERCENT_WHOLE / 100 + 0.5);
	return true;
}

static bool
read_place(struct rc_sandbox_fault *f, struct rc_slice s)
{
	for (size_t i = 0; i < COUNT(PLACES); i++) {
		if (!rc_slice_is(s, PLACES[i].name))
			continue;
		f->place = PLACES[i].place;
		return true;
	}
	return false;
}

/* One part of a fault; those of two words take the second from rest. */
static bool
read_part(
    struct rc_sandbox_fault *f, struct rc_slice part, struct rc_slice *rest)
{
	bool status = f->kind == RC_FAULT_STATUS;
	uint64_t n;

	for (size_t i = 0; i < COUNT(WHENS); i++) {
		if (!rc_slice_is(part, WHENS[i].name))
			continue;
		f->when = WHENS[i].when;
		return rc_num_u64(cut_at(rest, ':'), COUNT_MAX, &f->n) &&
		       f->n > 0;
	}
	if (drop_suffix(&part, "%"))
		return read_percent(f, part);
	if (rc_slice_starts(part, RC_SLICE_LIT("on="), &part))
		return read_place(f, part);
	if (status && rc_slice_is(part, "accepted"))
		return f->accepted = true;
	if (status &&
	    rc_slice_starts(part, RC_SLICE_LIT("retry-after="), &part)) {
		if (!rc_num_u64(part, RETRY_AFTER_MAX_S, &n))
			return false;
		f->retry_after_s = (unsigned)n;
		return true;
	}
	return f->kind == RC_FAULT_LATENCY && read_latency(f, part);
}

static bool
read_name(struct rc_sandbox_fault *f, struct rc_slice name)
{
	uint64_t status;

	for (size_t i = 0; i < COUNT(NAMES); i++) {
		if (!rc_slice_is(name, NAMES[i].name))
			continue;
		f->kind = NAMES[i].kind;
		return true;
	}
	f->kind = RC_FAULT_STATUS;
	if (rc_slice_is(name, "5xx"))
		return true;
	if (!rc_num_u64(name, 599, &status) || (status < 400 && status != 200))
		return false;
	f->status = (unsigned)status;
	return true;
}

static enum rc_err
not_understood(const char *spec, struct rc_slice part, struct rc_error *e)
{
	return rc_err_set(e, RC_EUSAGE,
	    "'%.*s' in fault '%.100s' is not understood: write it as "
	    "429=every:5:retry-after=1 or latency=50ms, see rc-sandbox(1)",
	    part.len > 40 ? 40 : (int)part.len, part.p, spec);
}

enum rc_err
rc_sandbox_fault_parse(
    struct rc_sandbox_fault *f, const char *spec, struct rc_error *e)
{
	struct rc_slice rest = rc_slice_str(spec);
	size_t name_len = strcspn(spec, "=:");
	struct rc_slice name = cut_at(&rest, spec[name_len]);

	memset(f, 0, sizeof(*f));
	f->salt = rc_siphash(CHANCE, spec, strlen(spec));
	if (!read_name(f, name))
		return not_understood(spec, name, e);
	while (rest.len > 0) {
		struct rc_slice part = cut_at(&rest, ':');

		if (!read_part(f, part, &rest))
			return not_understood(spec, part, e);
	}
	if (f->kind == RC_FAULT_LATENCY && f->max_us == 0)
		return not_understood(spec, name, e);
	return RC_OK;
}

static bool
decide(const struct rc_sandbox_fault *f)
{
	uint64_t draw[2] = {f->asked, f->salt};

	switch (f->when) {
	case RC_FAULT_ALWAYS:
		return true;
	case RC_FAULT_PERCENT:
		return rc_siphash(CHANCE, draw, sizeof(draw)) % PERCENT_WHOLE <
		       f->n;
	case RC_FAULT_EVERY:
		return f->asked % f->n == 0;
	case RC_FAULT_FIRST:
		return f->asked <= f->n;
	case RC_FAULT_AT:
		return f->asked == f->n;
	}
	return false;
}

bool
rc_sandbox_fault_strikes(struct rc_sandbox_fault *f)
{
	f->asked++;
	if (!decide(f))
		return false;
	f->struck++;
	return true;
}

unsigned
rc_sandbox_fault_status(const struct rc_sandbox_fault *f)
{
	static const unsigned any[] = {500, 502, 503, 504};

	return f->status != 0 ? f->status : any[(f->struck - 1) % COUNT(any)];
}

uint64_t
rc_sandbox_fault_delay_us(const struct rc_sandbox_fault *f)
{
	uint64_t step = (f->struck - 1) % (DELAY_STEPS + 1);

	return f->min_us + (f->max_us - f->min_us) * step / DELAY_STEPS;
}
