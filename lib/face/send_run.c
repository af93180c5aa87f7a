#include "face/send.h"

#include "base/num.h"
#include "core/review.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WARNINGS_MAX 20 /* invalid lines that are named one by one */

static atomic_int stop;

static enum rc_err
next_line(
    void *arg, struct rc_slice *line, uint64_t *number, struct rc_error *e)
{
	struct rc_send_tool *t = arg;
	enum rc_err err = rc_input_try(&t->input, line, e), out;

	*number = t->input.before + t->input.line;
	if (err != RC_NOTFOUND)
		return err;
	out = rc_out_flush(&t->cli.out, e); /* while there is time */
	return out == RC_OK ? RC_NOTFOUND : out;
}

static int
next_fd(void *arg)
{
	return rc_input_fd(&((struct rc_send_tool *)arg)->input);
}

/* Called before the next line is read: the input still stands at this one. */
static void
warn_of_line(struct rc_send_tool *t, const struct rc_send_record *r)
{
	if (t->warnings++ < WARNINGS_MAX)
		rc_log(&t->cli.log, RC_LOG_WARN, "%s: %s",
		    rc_input_where(&t->input), r->detail);
	else if (t->warnings == WARNINGS_MAX + 1)
		rc_log(&t->cli.log, RC_LOG_WARN,
		    "further invalid lines are only counted");
}

/* What would be sent; nothing of whom nothing would be sent to. */
static void
put_text(struct rc_out *out, const struct rc_send_record *r)
{
	rc_out_str(out, "rendered", r->rendered);
	if (r->size.segments == 0) {
		rc_out_null(out, "segments");
		rc_out_null(out, "encoding");
		return;
	}
	rc_out_u64(out, "segments", r->size.segments);
	rc_out_cstr(out, "encoding", r->size.ucs2 ? "UCS-2" : "GSM-7");
}

/* How many there are is guessed from those read, as lines are of a length. */
static void
show_progress(struct rc_send_tool *t)
{
	static const enum rc_send_outcome named[] = {RC_SEND_WOULD,
	    RC_SEND_ACCEPTED, RC_SEND_REJECTED, RC_SEND_DEFERRED,
	    RC_SEND_UNKNOWN};
	const struct rc_input *in = &t->input;
	double part = in->size == 0 ? 0 : (double)in->taken / (double)in->size;
	struct rc_buf note = RC_BUF_INIT(1024);
	uint64_t total = 0;

	if (part > 0)
		total = (uint64_t)((double)t->counts.recipients / part);
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (t->counts.outcome[named[i]] > 0)
			rc_buf_addf(&note, "%s%llu %s",
			    note.len == 0 ? "" : ", ",
			    (unsigned long long)t->counts.outcome[named[i]],
			    rc_send_outcome_name(named[i]));
	rc_progress_show(&t->progress, t->done, total, rc_buf_str(&note));
	rc_buf_free(&note);
}

static enum rc_err
print_record(void *arg, const struct rc_send_record *r, struct rc_error *e)
{
	struct rc_send_tool *t = arg;
	struct rc_out *out = &t->cli.out;

	if (r->outcome == RC_SEND_INVALID)
		warn_of_line(t, r);
	rc_out_begin(out);
	rc_out_str(out, "to", r->to);
	rc_out_cstr(out, "outcome", rc_send_outcome_name(r->outcome));
	rc_out_cstr(out, "message_id", r->message_id);
	rc_out_cstr(out, "provider_id", r->provider_id);
	rc_out_cstr(out, "detail", r->detail);
	if (t->config.nvariants > 0)
		rc_out_str(out, "variant", r->variant);
	if (t->config.details)
		put_text(out, r);
	t->done++;
	if (rc_progress_due(&t->progress))
		show_progress(t);
	return rc_out_end(out, e);
}

/* One line that adds up; outcomes nobody had are left out. */
static void
print_balance(const struct rc_send_tool *t)
{
	const char *sign = "=";

	if (t->cli.quiet)
		return;
	fprintf(stderr, "rc-send: %llu %s",
	    (unsigned long long)t->counts.recipients,
	    rc_plural(t->counts.recipients, "recipient", "recipients"));
	for (int o = 0; o < RC_SEND_OUTCOMES; o++) {
		if (t->counts.outcome[o] == 0)
			continue;
		fprintf(stderr, " %s %llu %s", sign,
		    (unsigned long long)t->counts.outcome[o],
		    rc_send_outcome_name((enum rc_send_outcome)o));
		sign = "+";
	}
	fputc('\n', stderr);
}

/* The law counts days from when they came, not from when they are read. */
static void
warn_of_replies(struct rc_send_tool *t)
{
	uint64_t n;

	if (rc_review_count(t->cli.state->store, &n, &t->cli.error) != RC_OK)
		rc_log(&t->cli.log, RC_LOG_WARN, "%s", t->cli.error.msg);
	else if (n > 0)
		rc_log(&t->cli.log, RC_LOG_WARN,
		    "%llu %s for a decision whether to stop texting: see "
		    "'rc-optin review'",
		    (unsigned long long)n,
		    rc_plural(n, "reply waits", "replies wait"));
}

enum rc_err
rc_send_run(struct rc_send_tool *t)
{
	struct rc_send_config *c = &t->config;
	enum rc_err err;

	c->channel = rc_cli_open_channel(&t->cli, !t->cli.dry_run);
	warn_of_replies(t);
	c->vars = t->vars;
	c->zone_dir = getenv("TZDIR");
	c->dry_run = t->cli.dry_run;
	c->details =
	    t->cli.dry_run && (t->cli.json || t->cli.log.level > RC_LOG_WARN);
	if (t->cli.dry_run && !t->cli.quiet) {
		rc_forecast_init(&t->forecast);
		c->forecast = &t->forecast;
	}
	c->next = next_line;
	c->next_fd = next_fd;
	c->record = print_record;
	c->arg = t;
	c->stop = &stop;
	c->log = &t->cli.log;
	rc_input_files(&t->input, &t->cli);
	rc_progress_start(&t->progress, &t->cli,
	    t->cli.dry_run ? "dry run" : "send", " recipients");
	/* Records on the terminal show well enough how it goes. */
	t->progress.on = t->progress.on && !isatty(STDOUT_FILENO);
	rc_cli_count_signals(&stop);
	err = rc_send(t->cli.state, c, &t->counts, &t->cli.error);
	rc_progress_end(&t->progress);
	if (c->forecast != NULL && t->counts.recipients > 0)
		rc_send_summary(t);
	if (err == RC_OK || t->counts.recipients > 0)
		print_balance(t);
	if (c->forecast != NULL)
		rc_forecast_free(c->forecast);
	rc_input_close(&t->input);
	return err;
}
