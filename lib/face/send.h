/*
 * The modes of rc-send: each opens its input, runs to its end and prints.
 * What the options said is in struct rc_send_tool before the call.
 */
#ifndef RC_FACE_SEND_H
#define RC_FACE_SEND_H

#include "face/cli.h"
#include "face/progress.h"
#include "job/send.h"

#define RC_SEND_VARS_MAX 64 /* of --var */

/* What else than a run, by the id of its option; 0: a run. */
enum rc_send_mode {
	RC_SEND_RUN,
	RC_SEND_STATUS = 512,
	RC_SEND_RECONCILE
};

struct rc_send_tool {
	struct rc_cli cli;
	enum rc_send_mode mode;
	struct rc_input input;
	struct rc_progress progress;
	struct rc_send_config config;
	struct rc_send_counts counts;
	struct rc_forecast forecast; /* of a dry run */
	struct rc_buf template_text;
	struct rc_variant variant[RC_VARIANTS_MAX];
	struct rc_buf variant_text[RC_VARIANTS_MAX];
	const char *vars[RC_SEND_VARS_MAX + 1]; /* NULL ends */
	size_t nvars;
	uint64_t warnings, done;
};

/* --- what options say (send_options.c); each exits 64 when it is wrong ---- */

void rc_send_take_var(struct rc_send_tool *, const char *value);
/* A file, line ends at its end dropped; "-" is stdin. */
void rc_send_take_template(struct rc_send_tool *, const char *path);
/* The same, into a buffer. */
void rc_send_read_template(
    struct rc_send_tool *, const char *path, struct rc_buf *);
/* NAME=FILE or NAME=FILE:WEIGHT (send_variants.c). */
void rc_send_take_variant(struct rc_send_tool *, const char *value);
void rc_send_free_variants(struct rc_send_tool *);
/* A percentage. */
void rc_send_take_holdout(struct rc_send_tool *, const char *value);
/* A moment, or how long from now. */
void rc_send_take_not_after(struct rc_send_tool *, const char *value);
void rc_send_take_rate(struct rc_send_tool *, const char *value);
/* "unknown" or "rejected". */
void rc_send_take_retry(struct rc_send_tool *, const char *value);
void rc_send_take_max(struct rc_send_tool *, const char *value);
void rc_send_take_max_cost(struct rc_send_tool *, const char *value);
void rc_send_take_max_segments(struct rc_send_tool *, const char *value);
/* What they say together, and what comes from the environment. */
void rc_send_check_options(struct rc_send_tool *);

/* Whether an option was on the command line. */
bool rc_send_given(const struct rc_send_tool *, int id);

/* --- the modes ------------------------------------------------------------ */

/* A run or a dry run over the recipients, with the balance at its end. */
enum rc_err rc_send_run(struct rc_send_tool *) RC_MUST_USE;
/* Asks the provider about every unknown message of a campaign. */
enum rc_err rc_send_reconcile(struct rc_send_tool *) RC_MUST_USE;
/* How a campaign stands, from its tallies. */
enum rc_err rc_send_status(struct rc_send_tool *) RC_MUST_USE;

/* What a dry run would come to, in words on stderr (send_summary.c). */
void rc_send_summary(const struct rc_send_tool *);

#endif
