#include "core/channel_priv.h"

#include "base/num.h"
#include "text/url.h"

#include <stdlib.h>
#include <string.h>

/* Beyond these a number is written with an exponent. */
#define NUMBER_MIN 1e-9
#define NUMBER_MAX 999999999999999.0

enum rc_err
rc_channel_wrong(
    const struct rc_channel_key *k, const char *what, struct rc_error *e)
{
	return rc_err_set(
	    e, RC_EUSAGE, "'%s' is wrong: it takes %s", k->name, what);
}

static enum rc_err
too_long(const char *name, size_t max, struct rc_error *e)
{
	return rc_err_set(
	    e, RC_EUSAGE, "'%s' is longer than %zu bytes", name, max);
}

/* A control character could break a request apart. */
static bool
has_control(struct rc_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

enum rc_err
rc_channel_copy(const char *name, struct rc_slice text, size_t max, char **out,
    struct rc_error *e)
{
	char *copy;

	if (text.len > max)
		return too_long(name, max, e);
	if (has_control(text))
		return rc_err_set(e, RC_EUSAGE,
		    "'%s' holds a control character, perhaps a line feed",
		    name);
	copy = strndup(text.len == 0 ? "" : text.p, text.len);
	if (copy == NULL)
		return rc_err_nomem(e);
	rc_channel_wipe(out);
	*out = copy;
	return RC_OK;
}

static enum rc_err
set_choice(struct rc_channel *c, const struct rc_channel_key *k,
    struct rc_slice text, struct rc_error *e)
{
	for (size_t i = 0; i < k->nchoices; i++)
		if (k->choice[i] != NULL && rc_slice_is(text, k->choice[i])) {
			unsigned value = (unsigned)i;

			memcpy(rc_channel_member(c, k), &value, sizeof(value));
			return RC_OK;
		}
	return rc_channel_wrong(k, k->help, e);
}
_Static_assert(sizeof(enum rc_provider) == sizeof(unsigned) &&
		   sizeof(enum rc_ident_type) == sizeof(unsigned) &&
		   sizeof(enum rc_auth) == sizeof(unsigned) &&
		   sizeof(enum rc_addressing) == sizeof(unsigned) &&
		   sizeof(enum rc_oauth_style) == sizeof(unsigned),
    "enums are set as unsigned");

/* What is kept is read again, where an exponent is refused. */
static enum rc_err
set_number(struct rc_channel *c, const struct rc_channel_key *k,
    struct rc_slice text, struct rc_error *e)
{
	double *n = rc_channel_member(c, k);

	if (!rc_num_double(text, n) || *n > NUMBER_MAX ||
	    (*n > 0 && *n < NUMBER_MIN))
		return rc_channel_wrong(k, "a number such as 0.5", e);
	return RC_OK;
}

static enum rc_err
set_cap(struct rc_channel *c, const struct rc_channel_key *k,
    struct rc_slice text, struct rc_error *e)
{
	const char *slash = memchr(text.p, '/', text.len);
	uint64_t n, window_ms;

	if (rc_slice_is(text, "none")) {
		c->cap = 0;
		return RC_OK;
	}
	if (slash == NULL ||
	    !rc_num_u64((struct rc_slice){text.p, (size_t)(slash - text.p)},
		RC_CHANNEL_CAP_MAX, &n) ||
	    !rc_num_duration((struct rc_slice){slash + 1,
				 text.len - (size_t)(slash - text.p) - 1},
		&window_ms) ||
	    n == 0 || window_ms == 0)
		return rc_channel_wrong(
		    k, "'5/24h' (also s, m, d) or 'none'", e);
	c->cap = (unsigned)n;
	c->cap_window_ms = window_ms;
	return RC_OK;
}

static bool
is_status(struct rc_slice s, unsigned *out)
{
	uint64_t n;

	if (!rc_num_u64(s, 599, &n) || n < 200)
		return false;
	*out = (unsigned)n;
	return true;
}

static enum rc_err
set_status(struct rc_channel *c, const struct rc_channel_key *k,
    struct rc_slice text, struct rc_error *e)
{
	struct rc_slice low = text, high = text;
	const char *dash = memchr(text.p, '-', text.len);
	unsigned min, max;

	if (dash != NULL) {
		low.len = (size_t)(dash - text.p);
		high = (struct rc_slice){dash + 1, text.len - low.len - 1};
	}
	if (!is_status(low, &min) || !is_status(high, &max) || min > max)
		return rc_channel_wrong(k, "'202' or '200-299', 200 to 399", e);
	c->status_min = min;
	c->status_max = max;
	return RC_OK;
}

/* "21:00-08:00" */
static bool
is_quiet_hours(struct rc_slice s)
{
	static const char shape[] = "dd:dd-dd:dd";

	if (s.len != sizeof(shape) - 1)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		bool digit = s.p[i] >= '0' && s.p[i] <= '9';

		if (shape[i] == 'd' ? !digit : s.p[i] != shape[i])
			return false;
	}
	return memcmp(s.p, "24", 2) < 0 && s.p[3] < '6' &&
	       memcmp(s.p + 6, "24", 2) < 0 && s.p[9] < '6' &&
	       memcmp(s.p, s.p + 6, 5) != 0;
}

static enum rc_err
set_count(struct rc_channel *c, const struct rc_channel_key *k,
    struct rc_slice text, struct rc_error *e)
{
	uint64_t n;

	if (!rc_num_u64(text, RC_CHANNEL_CONCURRENCY_MAX, &n) || n == 0)
		return rc_channel_wrong(k, "a number from 1 to 1000", e);
	*(unsigned *)rc_channel_member(c, k) = (unsigned)n;
	return RC_OK;
}

static enum rc_err
set_url(struct rc_channel *c, const struct rc_channel_key *k,
    struct rc_slice text, struct rc_error *e)
{
	struct rc_url url;

	if (rc_url_parse(text, &url, e) != RC_OK) {
		e->code = RC_EUSAGE;
		return rc_err_prefix(e, "'%s'", k->name);
	}
	if (url.userinfo.len > 0)
		return rc_channel_wrong(k,
		    "a URL without user and password: put them into 'auth'", e);
	return rc_channel_copy(
	    k->name, text, RC_URL_MAX, rc_channel_member(c, k), e);
}

enum rc_err
rc_channel_set(struct rc_channel *c, const struct rc_channel_key *k,
    struct rc_slice text, struct rc_error *e)
{
	char **member = rc_channel_member(c, k);

	switch (k->type) {
	case RC_KEY_CHOICE:
		return set_choice(c, k, text, e);
	case RC_KEY_COUNT:
		return set_count(c, k, text, e);
	case RC_KEY_CAP:
		return set_cap(c, k, text, e);
	case RC_KEY_STATUS:
		return set_status(c, k, text, e);
	case RC_KEY_URL:
		return set_url(c, k, text, e);
	case RC_KEY_NUMBER:
		return set_number(c, k, text, e);
	case RC_KEY_QUIET:
		if (!is_quiet_hours(text))
			return rc_channel_wrong(
			    k, "two different times, '21:00-08:00'", e);
		break;
	case RC_KEY_POINTER:
		if (text.len > 0 && text.p[0] != '/')
			return rc_channel_wrong(
			    k, "a JSON pointer such as '/id'", e);
		break;
	case RC_KEY_TEXT:
		if (text.len == 0 && k->required)
			return rc_channel_wrong(k, "more than nothing", e);
		break;
	case RC_KEY_HEADERS:
		break;
	}
	return rc_channel_copy(k->name, text, RC_CHANNEL_TEXT_MAX, member, e);
}
