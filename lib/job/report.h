/*
 * Report: a campaign's numbers, from tallies alone (rc-stats(1)).
 */
#ifndef RC_JOB_REPORT_H
#define RC_JOB_REPORT_H

#include "core/click.h"

struct rc_report_row {
	char campaign[RC_CAMPAIGN_NAME_MAX + 1];
	char channel[RC_CHANNEL_NAME_MAX + 1]; /* "" when removed */
	uint64_t first_run_ms, last_run_ms;
	uint64_t recipients; /* messages in any state */
	uint64_t accepted;   /* by the provider, receipts included */
	uint64_t rejected, deferred, unknown, held, open;
	uint64_t sent;			 /* by the network, not yet delivered */
	uint64_t delivered, undelivered; /* undelivered and failed */
	uint64_t failed;		 /* of undelivered: never sent */
	uint64_t segments;
	uint64_t clicks_raw, clicks_human, clicks_bot, clicks_prefetch,
	    clicks_duplicate, clickers;
	double ctr;   /* clickers / accepted; 0 when none */
	double price; /* of a segment, as the channel has it now; 0: none */
	uint32_t number;
	char variant[RC_VARIANT_NAME_MAX + 1]; /* "": of none, or of all */
	uint32_t weight;		       /* 0: not in use any more */
};

/* One of a row's numbers, and the name it is shown under. */
struct rc_report_number {
	const char *name;
	size_t offset; /* of a uint64_t in struct rc_report_row */
};
#define RC_REPORT_NUMBER(field) #field, offsetof(struct rc_report_row, field)
uint64_t rc_report_number(
    const struct rc_report_row *, const struct rc_report_number *);

/*
 * Recovers dead runs' claims, folds clicks, then calls fn for each campaign
 * named (RC_ENOINPUT for one that is not), or for all.
 */
enum rc_err rc_report(struct rc_state *, const char *const *names, size_t n,
    enum rc_err (*)(void *, const struct rc_report_row *, struct rc_error *),
    void *arg, struct rc_error *) RC_MUST_USE;
/*
 * The same by variant, without clicks but for clickers: a row for each that is
 * in use or has messages, and one for messages without a variant if there are
 * any or the campaign has no variants, so that the rows add up to the
 * campaign's.
 */
enum rc_err rc_report_variants(struct rc_state *, const char *const *names,
    size_t n,
    enum rc_err (*)(void *, const struct rc_report_row *, struct rc_error *),
    void *arg, struct rc_error *) RC_MUST_USE;

#endif
