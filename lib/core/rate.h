/*
 * One rate a channel, over all processes that send through it.
 *
 * Every attempt takes a moment from which it may go on the wire, and the next
 * comes an interval of its sender's rate later, whoever takes it; so says a row
 * of the state that is read and written within the claiming transaction (the
 * generic cell rate algorithm, ITU-T I.371).  Moments lie at most a tenth of a
 * second ahead, so that a kill wastes few, and those of at most a twentieth
 * that passed unused are made up for.
 */
#ifndef RC_CORE_RATE_H
#define RC_CORE_RATE_H

#include "core/state.h"

struct rc_rate {
	struct rc_txn *txn;
	uint32_t channel;
	uint64_t now_ns, next_ns, interval_ns; /* interval 0: no limit */
	bool taken;
};

/* per_second 0: no limit, and nothing is read or written. */
enum rc_err rc_rate_open(struct rc_rate *, struct rc_txn *, uint32_t channel,
    double per_second, uint64_t now_ms, struct rc_error *) RC_MUST_USE;
/* How many moments may be taken now; SIZE_MAX without a limit. */
size_t rc_rate_left(const struct rc_rate *);
/* Takes the next, in microseconds since 1970; 0 without a limit. */
uint64_t rc_rate_take(struct rc_rate *);
/* When another one may be taken, likewise. */
uint64_t rc_rate_ready_us(const struct rc_rate *);
/* Writes what was taken. */
enum rc_err rc_rate_close(
    const struct rc_rate *, struct rc_error *) RC_MUST_USE;

/* For a channel that is removed. */
enum rc_err rc_rate_forget(
    struct rc_txn *, uint32_t channel, struct rc_error *) RC_MUST_USE;

#endif
