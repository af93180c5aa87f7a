/*
 * Forecast: what a dry run adds up beside its outcomes, for somebody to decide
 * whether to send.  What it costs and how long it takes follows from it with
 * the channel's price and rate.
 */
#ifndef RC_JOB_SEND_FORECAST_H
#define RC_JOB_SEND_FORECAST_H

#include "core/quiet.h"
#include "core/variant.h"
#include "text/gsm.h"

#define RC_FORECAST_SEGMENTS 256 /* one more than a text may have */
#define RC_FORECAST_ODD 5
#define RC_FORECAST_OPENINGS 64 /* zones have fewer times a day */
#define RC_FORECAST_SAMPLES 3

struct rc_forecast_odd {
	uint32_t c;	/* first character outside GSM-7 */
	uint64_t texts; /* that have it first */
};
struct rc_forecast_opening {
	uint64_t at_ms, recipients;
};
struct rc_forecast_sample {
	struct rc_ident to;
	size_t variant;
	struct rc_gsm size;
	struct rc_buf rendered;
};

/* Zeros at first, but for the buffers: rc_forecast_init. */
struct rc_forecast {
	/*
	 * Of those who would be sent to: texts in GSM-7 and in UCS-2, by their
	 * segments; 0 segments: only the provider knows the text.
	 */
	uint64_t texts[2][RC_FORECAST_SEGMENTS];
	uint64_t segments;		      /* of all */
	uint64_t of_variant[RC_VARIANTS_MAX]; /* texts, by its place */
	/*
	 * A segment's price, in units of 10^-RC_SEND_COST_DIGITS, and that of
	 * all; a text that only the provider knows counts as one.  Price 0:
	 * none; cost UINT64_MAX: more than can be counted.
	 */
	uint64_t price, cost;
	struct rc_forecast_odd odd[RC_FORECAST_ODD];
	size_t nodd;
	uint64_t odd_others; /* texts whose first such is not among them */
	/* Of those in quiet hours: when these end, ascending. */
	struct rc_forecast_opening opening[RC_FORECAST_OPENINGS];
	size_t nopenings;
	uint64_t opens_never;
	/* Of different variants and sizes, as far as there are any. */
	struct rc_forecast_sample sample[RC_FORECAST_SAMPLES];
	size_t nsamples;
	/* Since the campaign's last run, if there was one: 0 if not. */
	uint64_t last_run_ms;
	bool amended;	     /* what is sent is not what it was */
	uint64_t began;	     /* would be sent to, and opted in since */
	uint64_t ended;	     /* not opted in or suppressed, and were in then */
	uint64_t others;     /* would be sent to, and were in then too */
	struct rc_buf opens; /* private: uint64_t by place, 0 not known yet */
};

void rc_forecast_init(struct rc_forecast *);
void rc_forecast_free(struct rc_forecast *);
/* Somebody who would be sent to; variant: its place among the variants. */
void rc_forecast_text(struct rc_forecast *, const struct rc_ident *,
    const struct rc_gsm *, size_t variant, struct rc_slice rendered);
/* Somebody in quiet hours. */
void rc_forecast_quiet(struct rc_forecast *, const struct rc_quiet *,
    const struct rc_ident *, uint64_t now_ms);

#endif
