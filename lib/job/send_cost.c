#include "job/send_priv.h"

#include "base/num.h"

#include <math.h>

#define COST_UNIT 1000000000
/* Up to here a double holds every whole number of units. */
#define PRICE_MAX 9007199

_Static_assert(RC_SEND_COST_MAX > 256ULL * PRICE_MAX * COST_UNIT,
    "a message's cost may overflow beside the limit");

/*
 * The nearest double to a decimal of 9 digits behind the point gives the
 * decimal back.  From there on there are whole numbers, and no sum drifts.
 * 0: none that is exact.
 */
static uint64_t
price_of(const struct rc_channel *c)
{
	uint64_t units;
	double back;

	if (c->price <= 0 || c->price > PRICE_MAX)
		return 0;
	units = (uint64_t)llround(c->price * COST_UNIT);
	back = (double)units / COST_UNIT;
	return back < c->price || back > c->price ? 0 : units;
}

enum rc_err
rc_send_price_open(struct send *s, struct rc_error *e)
{
	const struct rc_channel *c = s->cfg->channel;

	s->price = price_of(c);
	if (s->cfg->forecast != NULL)
		s->cfg->forecast->price = s->price;
	if (s->cfg->max_cost == 0 || s->price > 0)
		return RC_OK;
	if (c->price <= 0)
		return rc_err_set(e, RC_ECONFIG,
		    "channel '%s' has no price to count the cost with: "
		    "give it one with rc-channel set --price",
		    c->name);
	return rc_err_set(e, RC_ECONFIG,
	    "channel '%s' has a price to which the cost cannot be "
	    "counted: give it one below %d with at most %d decimals",
	    c->name, PRICE_MAX, RC_SEND_COST_DIGITS);
}

uint64_t
rc_send_cost(const struct send *s, const struct send_item *item)
{
	unsigned n = item->size.segments;

	return s->price * (n == 0 ? 1 : n);
}

bool
rc_send_fits(const struct send *s, const struct send_item *item, uint64_t ahead)
{
	if (s->cfg->max > 0 && s->started >= s->cfg->max)
		return false;
	return s->cfg->max_cost == 0 ||
	       s->spent + ahead + rc_send_cost(s, item) <= s->cfg->max_cost;
}

void
rc_send_started(struct send *s, const struct send_item *item)
{
	s->started++;
	/* Without a limit, it may be any amount. */
	if (__builtin_add_overflow(s->spent, rc_send_cost(s, item), &s->spent))
		s->spent = UINT64_MAX;
	rc_send_odd_count(s, item);
}

static void
tell_cost(const struct send *s)
{
	char spent[RC_NUM_DECIMAL_LEN], most[RC_NUM_DECIMAL_LEN];

	rc_num_decimal_format(s->spent, RC_SEND_COST_DIGITS, spent);
	rc_num_decimal_format(s->cfg->max_cost, RC_SEND_COST_DIGITS, most);
	rc_log(s->cfg->log, RC_LOG_WARN,
	    "stopped at an estimated cost of %s: the next message would pass "
	    "%s",
	    spent, most);
}

bool
rc_send_limit_reached(struct send *s)
{
	if (s->cfg->max > 0 && s->started >= s->cfg->max)
		return true;
	/* What is being claimed may turn out to cost nothing. */
	if (s->ready.first == NULL || s->spent_ahead > 0 ||
	    rc_send_fits(s, s->ready.first, 0))
		return false;
	if (!s->counting)
		tell_cost(s);
	return true;
}
