#include "base/clock.h"
#include "base/num.h"
#include "core/review.h"
#include "face/cli.h"
#include "face/progress.h"
#include "job/send.h"
#include "text/template.h"
#include "text/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARS_MAX 64
#define WARNINGS_MAX 20 /* invalid lines that are named one by one */

enum {
	OPT_RATE = 256,
	OPT_VAR,
	OPT_MAX,
	OPT_NOT_AFTER,
	OPT_NO_SHORTEN,
	OPT_AMEND,
	OPT_PUBLIC_URL
};

static const struct rc_option OPTIONS[] = {
    {'k', "campaign", "NAME", "the campaign; sent to each person once"},
    {'t', "template", "FILE", "what to send: a text or a JSON document"},
    {'m', "message", "TEXT", "the text of the message"},
    {OPT_VAR, "var", "NAME=VALUE", "a variable for all recipients"},
    {OPT_RATE, "rate", "N", "messages a second (default: the channel's)"},
    {OPT_MAX, "max", "N", "messages of this run at most"},
    {OPT_NOT_AFTER, "not-after", "TIME",
	"claim nobody from then on; or 2h, from now"},
    {OPT_NO_SHORTEN, "no-shorten", NULL, "leave URLs as they are"},
    {OPT_AMEND, "amend", NULL, "the template was changed on purpose"},
    {OPT_PUBLIC_URL, "public-url", "URL",
	"of rc-httpd, for delivery receipts (default: $RC_PUBLIC_URL)"},
    {0},
};

static const char *const USAGE[] = {
    "-k CAMPAIGN [-t FILE] [-m TEXT] [options] [FILE...]", NULL};

static const struct rc_tool TOOL = {
    .name = "rc-send",
    .summary = "send a campaign to recipients, each exactly once",
    .usage = USAGE,
    .options = OPTIONS,
    .common = RC_CLI_STATE | RC_CLI_CHANNEL | RC_CLI_JSON | RC_CLI_DRY_RUN,
};

struct tool {
	struct rc_cli cli;
	struct rc_input input;
	struct rc_progress progress;
	struct rc_send_config config;
	struct rc_send_counts counts;
	struct rc_buf template_text;
	const char *vars[VARS_MAX + 1];
	size_t nvars;
	uint64_t warnings, done;
};

static atomic_int stop;

static enum rc_err
next_line(
    void *arg, struct rc_slice *line, uint64_t *number, struct rc_error *e)
{
	struct tool *t = arg;
	enum rc_err err = rc_input_try(&t->input, line, e), out;

	*number = t->input.line;
	if (err != RC_NOTFOUND)
		return err;
	out = rc_out_flush(&t->cli.out, e); /* while there is time */
	return out == RC_OK ? RC_NOTFOUND : out;
}

static int
next_fd(void *arg)
{
	return rc_input_fd(&((struct tool *)arg)->input);
}

/* Called before the next line is read: the input still stands at this one. */
static void
warn_of_line(struct tool *t, const struct rc_send_record *r)
{
	if (t->warnings++ < WARNINGS_MAX)
		rc_log(&t->cli.log, RC_LOG_WARN, "%s: %s",
		    rc_input_where(&t->input), r->detail);
	else if (t->warnings == WARNINGS_MAX + 1)
		rc_log(&t->cli.log, RC_LOG_WARN,
		    "further invalid lines are only counted");
}

static enum rc_err
print_record(void *arg, const struct rc_send_record *r, struct rc_error *e)
{
	struct tool *t = arg;
	struct rc_out *out = &t->cli.out;

	if (r->outcome == RC_SEND_INVALID)
		warn_of_line(t, r);
	rc_out_begin(out);
	rc_out_str(out, "to", r->to);
	rc_out_cstr(out, "outcome", rc_send_outcome_name(r->outcome));
	rc_out_cstr(out, "message_id", r->message_id);
	rc_out_cstr(out, "provider_id", r->provider_id);
	rc_out_cstr(out, "detail", r->detail);
	if (t->cli.dry_run && (t->cli.json || t->cli.log.level > RC_LOG_WARN))
		rc_out_str(out, "rendered", r->rendered);
	rc_progress_show(&t->progress, ++t->done, 0);
	return rc_out_end(out, e);
}

static void
take_var(struct tool *t, const char *value)
{
	const char *equals = strchr(value, '=');

	if (equals == NULL || equals == value)
		rc_cli_usage(&t->cli, "'%s' is not NAME=VALUE", value);
	if (t->nvars == VARS_MAX)
		rc_cli_usage(&t->cli, "more than %d variables", VARS_MAX);
	t->vars[t->nvars++] = value;
}

static void
take_template(struct tool *t, const char *path)
{
	struct rc_buf *b = &t->template_text;

	rc_buf_free(b);
	rc_cli_check(
	    &t->cli, rc_cli_read_file(path, RC_TEMPLATE_MAX, b, &t->cli.error));
	while (b->len > 0 && strchr("\r\n", b->data[b->len - 1]) != NULL)
		rc_buf_cut(b, b->len - 1);
	if (b->len == 0)
		rc_cli_check(&t->cli, rc_err_set(&t->cli.error, RC_EDATA,
					  "template '%s' is empty", path));
	t->config.template_text = rc_buf_slice(b);
}

/* A moment, or how long from now. */
static void
take_not_after(struct tool *t, struct rc_slice value)
{
	uint64_t *until = &t->config.not_after_ms;

	if (rc_num_duration(value, until))
		*until += rc_clock_now_ms();
	else if (rc_time_parse(value, until, &t->cli.error) != RC_OK)
		rc_cli_usage(&t->cli, "--not-after: %s", t->cli.error.msg);
	if (*until == 0)
		*until = 1;
}

static void
take_option(struct tool *t, int option, const char *value)
{
	struct rc_send_config *c = &t->config;

	switch (option) {
	case 'k':
		c->campaign = value;
		break;
	case 't':
		take_template(t, value);
		break;
	case 'm':
		c->message_text = rc_slice_str(value);
		break;
	case OPT_VAR:
		take_var(t, value);
		break;
	case OPT_RATE:
		if (!rc_num_double(rc_slice_str(value), &c->rate) ||
		    c->rate <= 0)
			rc_cli_usage(&t->cli,
			    "'%s' is no rate: messages a second", value);
		break;
	case OPT_MAX:
		if (!rc_num_u64(rc_slice_str(value), UINT64_MAX, &c->max) ||
		    c->max == 0)
			rc_cli_usage(
			    &t->cli, "'%s' is no number of messages", value);
		break;
	case OPT_NOT_AFTER:
		take_not_after(t, rc_slice_str(value));
		break;
	case OPT_NO_SHORTEN:
		c->no_shorten = true;
		break;
	case OPT_AMEND:
		c->amend = true;
		break;
	case OPT_PUBLIC_URL:
		c->public_url = value;
		break;
	}
}

static void
check_options(struct tool *t)
{
	struct rc_send_config *c = &t->config;
	struct rc_url url;

	if (c->campaign == NULL)
		rc_cli_usage(&t->cli, "-k CAMPAIGN is missing");
	if (c->template_text.len == 0 && c->message_text.len == 0)
		rc_cli_usage(
		    &t->cli, "nothing to send: give -m TEXT or -t FILE");
	if (c->public_url == NULL)
		c->public_url = getenv("RC_PUBLIC_URL");
	if (c->public_url != NULL && *c->public_url == '\0')
		c->public_url = NULL;
	if (c->public_url != NULL && rc_url_parse(rc_slice_str(c->public_url),
					 &url, &t->cli.error) != RC_OK)
		rc_cli_usage(&t->cli, "--public-url: %s", t->cli.error.msg);
}

/* One line that adds up; outcomes nobody had are left out. */
static void
print_balance(const struct tool *t)
{
	const char *sign = "=";

	if (t->cli.quiet)
		return;
	fprintf(stderr, "rc-send: %llu recipients",
	    (unsigned long long)t->counts.recipients);
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
warn_of_replies(struct tool *t)
{
	uint64_t n;

	if (rc_review_count(t->cli.state->store, &n, &t->cli.error) != RC_OK)
		rc_log(&t->cli.log, RC_LOG_WARN, "%s", t->cli.error.msg);
	else if (n > 0)
		rc_log(&t->cli.log, RC_LOG_WARN,
		    "%llu %s for a decision whether to stop texting: see "
		    "'rc-optin review'",
		    (unsigned long long)n,
		    n == 1 ? "reply waits" : "replies wait");
}

int
main(int argc, char **argv)
{
	static struct tool t;
	const char *value;
	enum rc_err err;
	int option;

	rc_cli_start(&t.cli, &TOOL, argc, argv);
	while ((option = rc_cli_next(&t.cli, &value)) != 0)
		take_option(&t, option, value);
	check_options(&t);
	rc_cli_open_state(&t.cli, false);
	t.config.channel = rc_cli_open_channel(&t.cli, !t.cli.dry_run);
	warn_of_replies(&t);
	t.config.vars = t.vars;
	t.config.zone_dir = getenv("TZDIR");
	t.config.dry_run = t.cli.dry_run;
	t.config.next = next_line;
	t.config.next_fd = next_fd;
	t.config.record = print_record;
	t.config.arg = &t;
	t.config.stop = &stop;
	t.config.log = &t.cli.log;
	rc_input_files(&t.input, &t.cli);
	rc_progress_start(&t.progress, &t.cli, "send", " recipients");
	rc_cli_count_signals(&stop);
	err = rc_send(t.cli.state, &t.config, &t.counts, &t.cli.error);
	rc_progress_end(&t.progress);
	if (err == RC_OK || t.counts.recipients > 0)
		print_balance(&t);
	rc_input_close(&t.input);
	rc_buf_free(&t.template_text);
	rc_channel_free(t.config.channel);
	rc_cli_finish(&t.cli, err);
}
