#include "job/send_priv.h"

#include "base/clock.h"

/*
 * A provider that fails at random, even half of the time, hardly ever fails so
 * often in a row, and one that is down fails what is on the wire at once.
 */
#define BAD_MAX 20u
#define BAD_MIN 5u
#define PAUSE_BASE_US 500000ULL
#define PAUSE_CAP_US 30000000ULL
/*
 * Half a minute to one and a half, if the provider has worked in this run; else
 * most likely something is set up wrongly, and that is to be known soon.
 */
#define PROBES_MAX 8
#define PROBES_AT_FIRST 4

enum sign {
	GOOD,
	BAD,
	NEITHER /* it is there, and limits */
};

static enum sign
sign_of(const struct rc_http_response *r, const struct rc_result *result)
{
	if (r->outcome != RC_HTTP_ANSWERED || r->status >= 500)
		return BAD;
	switch (result->verdict) {
	case RC_V_UNKNOWN:
		return BAD;
	case RC_V_RETRY:
	case RC_V_TOKEN:
	case RC_V_STOP:
		return NEITHER;
	default:
		return GOOD;
	}
}

static unsigned
bad_max(const struct send *s)
{
	size_t limit = s->wire.limit;

	if (limit > BAD_MAX)
		return BAD_MAX;
	return limit < BAD_MIN ? BAD_MIN : (unsigned)limit;
}

/* Full jitter, from a span that doubles. */
static void
pause_for(struct send *s)
{
	struct send_breaker *b = &s->breaker;
	uint64_t span = PAUSE_BASE_US << b->failed_probes;

	if (span > PAUSE_CAP_US)
		span = PAUSE_CAP_US;
	b->until_us = rc_clock_mono_us() + rc_send_wire_draw(s) % span;
	b->probing = false;
	b->probe = NULL;
}

static void
open_it(struct send *s, const char *detail)
{
	s->breaker.open = true;
	s->breaker.failed_probes = 0;
	rc_log(s->cfg->log, RC_LOG_WARN,
	    "channel '%s': %u failures in a row, nothing is sent while the "
	    "provider is down: %s",
	    s->cfg->channel->name, s->breaker.bad, detail);
	pause_for(s);
}

static void
close_it(struct send *s)
{
	if (s->breaker.open)
		rc_log(s->cfg->log, RC_LOG_WARN,
		    "channel '%s': the provider answers again",
		    s->cfg->channel->name);
	s->breaker.open = s->breaker.probing = false;
	s->breaker.probe = NULL;
}

static void
probe_failed(struct send *s, bool answered, const char *detail)
{
	struct send_breaker *b = &s->breaker;
	int most = b->worked ? PROBES_MAX : PROBES_AT_FIRST;
	struct rc_error e;

	if ((int)++b->failed_probes < most) {
		pause_for(s);
		return;
	}
	rc_err_set(&e, RC_EUNAVAIL, "channel '%s': the provider %s: %s",
	    s->cfg->channel->name,
	    answered ? "answers nothing but errors" : "cannot be reached",
	    detail);
	rc_send_stop(s, &e, true);
}

void
rc_send_breaker_note(struct send *s, const struct send_item *item,
    const struct rc_http_response *r)
{
	struct send_breaker *b = &s->breaker;
	const char *detail = item->result.detail;
	enum sign sign = sign_of(r, &item->result);

	if (sign == GOOD)
		b->worked = true;
	if (sign == GOOD || (sign == NEITHER && item == b->probe)) {
		b->bad = 0;
		close_it(s);
		return;
	}
	if (sign != BAD)
		return;
	b->bad++;
	if (item == b->probe)
		probe_failed(s, r->outcome == RC_HTTP_ANSWERED, detail);
	else if (!b->open && b->bad >= bad_max(s))
		open_it(s, detail);
}

size_t
rc_send_breaker_allow(const struct send *s, size_t claims, uint64_t now_us)
{
	const struct send_breaker *b = &s->breaker;

	if (!b->open || claims == 0)
		return claims;
	return b->probing || now_us < b->until_us ? 0 : 1;
}

void
rc_send_breaker_claim(struct send *s)
{
	s->breaker.asked = s->breaker.open;
}

/* Whoever needed no message was no probe: the next job looks on. */
void
rc_send_breaker_claimed(struct send *s)
{
	struct send_breaker *b = &s->breaker;

	if (b->open && b->asked && s->claimed.n > 0) {
		b->probing = true;
		b->probe = s->claimed.first;
	}
	b->asked = false;
}

void
rc_send_breaker_missed(struct send *s, const struct send_item *item)
{
	if (s->breaker.probe != item)
		return;
	s->breaker.probing = false;
	s->breaker.probe = NULL;
}

/*
 * What was claimed before is not kept claimed over a pause: a kill would make
 * it unknown, and another attempt decides anew anyway.
 */
void
rc_send_breaker_hold(struct send *s)
{
	struct send_item *item;

	if (!s->breaker.open || s->breaker.probing)
		return;
	while ((item = rc_send_pop(&s->claimed)) != NULL)
		rc_send_put_back(s, item);
}
