#include "core/rate.h"

#include "base/num.h"

#include <string.h>

#define SECOND_NS 1000000000ULL
#define AHEAD_NS (SECOND_NS / 10)
#define BURST_NS (SECOND_NS / 20)
#define KEY_LEN 8
#define VALUE_LEN 16

static struct rc_slice
rate_key(unsigned char key[KEY_LEN], uint32_t channel)
{
	memcpy(key, "rate", 4);
	rc_put32(key + 4, channel);
	return rc_slice_of(key, KEY_LEN);
}

/* A moment further off than anybody takes one is from before a clock was set
 * back. */
static bool
is_possible(uint64_t next_ns, uint64_t interval_ns, uint64_t now_ns)
{
	return next_ns <= now_ns + AHEAD_NS ||
	       next_ns - now_ns - AHEAD_NS <= interval_ns;
}

enum rc_err
rc_rate_open(struct rc_rate *r, struct rc_txn *txn, uint32_t channel,
    double per_second, uint64_t now_ms, struct rc_error *e)
{
	unsigned char key[KEY_LEN];
	struct rc_slice value;
	uint64_t kept, interval;
	enum rc_err err;

	*r = (struct rc_rate){.txn = txn, .channel = channel};
	if (per_second <= 0)
		return RC_OK;
	r->now_ns = now_ms * 1000000;
	r->next_ns = r->now_ns - BURST_NS;
	r->interval_ns = (uint64_t)((double)SECOND_NS / per_second) + 1;
	err = rc_get(txn, RC_T_META, rate_key(key, channel), &value, e);
	if (err != RC_OK)
		return err == RC_NOTFOUND ? RC_OK : err;
	if (value.len != VALUE_LEN)
		return rc_state_damaged(e, "the rate of a channel");
	kept = rc_get64(value.p);
	interval = rc_get64(value.p + 8);
	if (kept > r->next_ns && is_possible(kept, interval, r->now_ns))
		r->next_ns = kept;
	return RC_OK;
}

size_t
rc_rate_left(const struct rc_rate *r)
{
	uint64_t end_ns = r->now_ns + AHEAD_NS;

	if (r->interval_ns == 0)
		return SIZE_MAX;
	if (r->next_ns > end_ns)
		return 0;
	return (size_t)((end_ns - r->next_ns) / r->interval_ns) + 1;
}

uint64_t
rc_rate_take(struct rc_rate *r)
{
	uint64_t at_ns = r->next_ns;

	r->next_ns += r->interval_ns;
	r->taken = true;
	return at_ns / 1000;
}

uint64_t
rc_rate_ready_us(const struct rc_rate *r)
{
	/* A whole millisecond more: now_ms has no fraction. */
	return r->interval_ns == 0 ? 0 : (r->next_ns - AHEAD_NS) / 1000 + 1000;
}

enum rc_err
rc_rate_close(const struct rc_rate *r, struct rc_error *e)
{
	unsigned char key[KEY_LEN], value[VALUE_LEN];

	if (r->interval_ns == 0 || !r->taken)
		return RC_OK;
	rc_put64(value, r->next_ns);
	rc_put64(value + 8, r->interval_ns);
	return rc_put(r->txn, RC_T_META, rate_key(key, r->channel),
	    rc_slice_of(value, sizeof(value)), e);
}

enum rc_err
rc_rate_forget(struct rc_txn *txn, uint32_t channel, struct rc_error *e)
{
	unsigned char key[KEY_LEN];
	enum rc_err err = rc_del(txn, RC_T_META, rate_key(key, channel), e);

	return err == RC_NOTFOUND ? RC_OK : err;
}
