/*
 * Faults of the sandbox: what goes wrong, when, and where; private to it.
 *
 * A fault is asked at each opportunity, in order, and its answer depends on
 * nothing but how often it was asked: the same requests meet the same faults
 * in every run.
 */
#ifndef RC_JOB_SANDBOX_FAULT_H
#define RC_JOB_SANDBOX_FAULT_H

#include "base/buf.h"

enum rc_sandbox_fault_kind {
	RC_FAULT_LATENCY,
	RC_FAULT_STATUS,
	RC_FAULT_GARBAGE,
	RC_FAULT_CLOSE_BEFORE,
	RC_FAULT_CLOSE_AFTER,
	RC_FAULT_CALLBACK_SHUFFLE,
	RC_FAULT_CALLBACK_DUP,
	RC_FAULT_CALLBACK_DROP
};

enum rc_sandbox_fault_when {
	RC_FAULT_ALWAYS,
	RC_FAULT_PERCENT, /* n in hundredths of a percent */
	RC_FAULT_EVERY,
	RC_FAULT_FIRST,
	RC_FAULT_AT
};

enum rc_sandbox_place {
	RC_PLACE_MESSAGES,
	RC_PLACE_TOKEN,
	RC_PLACE_LIST
};

struct rc_sandbox_fault {
	enum rc_sandbox_fault_kind kind;
	enum rc_sandbox_fault_when when;
	enum rc_sandbox_place place;
	uint64_t n, asked, struck;
	uint64_t salt;	 /* two percentages strike apart from each other */
	unsigned status; /* 0: 500, 502, 503, 504 in turn */
	bool accepted;	 /* answered so although it was taken */
	unsigned retry_after_s;	 /* 0: not said */
	uint64_t min_us, max_us; /* latency */
};

/* RC_EUSAGE names the part that is not understood. */
enum rc_err rc_sandbox_fault_parse(
    struct rc_sandbox_fault *, const char *spec, struct rc_error *) RC_MUST_USE;
/* Whether it strikes at this opportunity, which is counted. */
bool rc_sandbox_fault_strikes(struct rc_sandbox_fault *);
/* Of a status fault that struck. */
unsigned rc_sandbox_fault_status(const struct rc_sandbox_fault *);
/* Of a latency fault that struck: from min to max in equal steps. */
uint64_t rc_sandbox_fault_delay_us(const struct rc_sandbox_fault *);

#endif
