/*
 * Send: a campaign to the recipients a source hands over, each claimed before
 * each attempt, with the balance at the end (rc-send(1)).
 *
 * The caller's thread reads recipients, renders and drives the network; a
 * writer thread commits claims and results in groups, so that a commit never
 * stalls the network.
 */
#ifndef RC_JOB_SEND_H
#define RC_JOB_SEND_H

#include "base/log.h"
#include "core/link.h"
#include "core/provider.h"
#include "job/send_forecast.h"
#include "text/template.h"

#include <stdatomic.h>

#define RC_SEND_COST_DIGITS 9 /* decimals of an amount */
#define RC_SEND_COST_MAX (UINT64_MAX / 2)

enum rc_send_outcome {
	RC_SEND_ACCEPTED,
	RC_SEND_REJECTED,
	RC_SEND_DEFERRED,
	RC_SEND_UNKNOWN,
	RC_SEND_HELD,
	RC_SEND_ALREADY,
	RC_SEND_NOT_IN,
	RC_SEND_SUPPRESSED,
	RC_SEND_CAPPED,
	RC_SEND_QUIET,
	RC_SEND_DUPLICATE,
	RC_SEND_INVALID,
	RC_SEND_UNRESOLVED,
	RC_SEND_BUSY,
	RC_SEND_NO_MESSAGE, /* of a retry */
	RC_SEND_NOT_REACHED,
	RC_SEND_WOULD,
	RC_SEND_OUTCOMES /* WOULD: dry run */
};
/* As in the record: "not opted in". */
const char *rc_send_outcome_name(enum rc_send_outcome);

struct rc_send_record {
	struct rc_slice to; /* canonical, or the line as it was read */
	enum rc_send_outcome outcome;
	const char *message_id, *provider_id, *detail; /* "" when none */
	uint64_t line;		 /* as next() numbered it */
	struct rc_slice variant; /* of the message; empty: none */
	/* Dry run: what would be sent, and how large; segments 0: not known. */
	struct rc_slice rendered;
	struct rc_gsm size;
};

struct rc_send_config {
	struct rc_channel *channel; /* with secrets unless dry_run */
	const char *campaign;
	struct rc_slice template_text; /* payload; empty: message_text */
	struct rc_slice message_text;
	/*
	 * Each with the text that takes the place of template_text, or of
	 * message_text beside a template_text; at most RC_VARIANTS_MAX, with
	 * names that differ and weights.
	 */
	const struct rc_variant *variants;
	size_t nvariants;
	unsigned holdout;	 /* hundredths of a percent; 0: nobody */
	const char *const *vars; /* "NAME=VALUE", NULL-terminated */
	bool dry_run, amend, no_shorten;
	/* Dry run: say in each record's detail what decided; costs seeks. */
	bool details;
	struct rc_forecast *forecast; /* dry run: fills it; or NULL */
	/* UNKNOWN or REJECTED: only who has such a message; NONE: a run. */
	enum rc_message_state retry;
	double rate;  /* 0: the channel's */
	uint64_t max; /* messages of this run; 0: no limit */
	/*
	 * Estimated cost of this run's messages at most, in 10^-9 of what the
	 * channel's price is in; 0: no limit.
	 */
	uint64_t max_cost;
	unsigned max_segments;	/* of a text; 0: no limit of ours */
	bool smart;		/* typographic characters become GSM-7 */
	uint64_t not_after_ms;	/* no claim from then on; 0: no such time */
	const char *public_url; /* of rc-httpd, for callbacks; or NULL */
	const char *zone_dir;	/* time zones; NULL: the system's */
	/*
	 * The next recipient line without its line feed, borrowed until the
	 * next call; RC_END.  Never waits, since transfers are under way:
	 * RC_NOTFOUND when no line has come yet.
	 */
	enum rc_err (*next)(void *arg, struct rc_slice *line, uint64_t *number,
	    struct rc_error *);
	/* What to wait for after RC_NOTFOUND: a descriptor to read from. */
	int (*next_fd)(void *arg);
	/* A finished recipient. */
	enum rc_err (*record)(
	    void *arg, const struct rc_send_record *, struct rc_error *);
	void *arg;
	/* Counts signals: 1 stop claiming and drain, 2 leave at once.  Not
	 * NULL. */
	const atomic_int *stop;
	const struct rc_log *log;
};

struct rc_send_counts {
	uint64_t recipients;
	uint64_t outcome[RC_SEND_OUTCOMES];
	uint64_t recovered; /* claims of dead runs now unknown */
};

/*
 * The sum of outcomes is recipients, whatever happens.  RC_OK when all are
 * final; RC_EAGAIN when deferred, unknown, busy, unreached or quiet ones
 * remain;
 * RC_EPERM, RC_ECONFIG and others when the provider stopped the run.
 */
enum rc_err rc_send(struct rc_state *, const struct rc_send_config *,
    struct rc_send_counts *, struct rc_error *) RC_MUST_USE;

#endif
