#include "face/send.h"

#include "base/clock.h"
#include "base/num.h"
#include "job/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct line {
	struct rc_report_number number;
	bool part; /* of the accepted ones */
};

/* In this order in every format, after recipients and before segments. */
static const struct line LINES[] = {
    {{RC_REPORT_NUMBER(accepted)}, false},
    {{RC_REPORT_NUMBER(sent)}, true},
    {{RC_REPORT_NUMBER(delivered)}, true},
    {{RC_REPORT_NUMBER(undelivered)}, true},
    {{RC_REPORT_NUMBER(failed)}, true},
    {{RC_REPORT_NUMBER(rejected)}, false},
    {{RC_REPORT_NUMBER(deferred)}, false},
    {{RC_REPORT_NUMBER(unknown)}, false},
    {{RC_REPORT_NUMBER(held)}, false},
    {{RC_REPORT_NUMBER(open)}, false},
};
#define NLINES (sizeof(LINES) / sizeof(LINES[0]))

/* A message has a segment at least: with fewer, some are not known. */
static bool
knows_cost(const struct rc_report_row *row)
{
	return row->price > 0 && row->segments >= row->accepted;
}

#define COST_UNIT 1e9  /* as many decimals as --max-cost has */
#define COST_EXACT 9e6 /* up to here a double has them all */

/* 13 times 0.0079 is 0.1027, whatever a double makes of it. */
static double
cost_of(const struct rc_report_row *row)
{
	double cost = row->price * (double)row->segments;

	return cost < COST_EXACT ? round(cost * COST_UNIT) / COST_UNIT : cost;
}

static void
print_cost(struct rc_out *out, double cost)
{
	char text[40];

	if (out->json) {
		rc_out_double(out, "cost", cost);
		return;
	}
	/* An amount has more digits than a rate. */
	snprintf(text, sizeof(text), "%.15g", cost);
	rc_out_cstr(out, "cost", text);
}

/* --- for programs --------------------------------------------------------- */

static enum rc_err
print_record(struct rc_cli *cli, const struct rc_report_row *row, uint64_t runs)
{
	struct rc_out *out = &cli->out;

	rc_out_begin(out);
	rc_out_cstr(out, "campaign", row->campaign);
	rc_out_cstr(out, "channel", row->channel);
	rc_out_time(out, "first_run", row->first_run_ms);
	rc_out_time(out, "last_run", row->last_run_ms);
	rc_out_u64(out, "runs", runs);
	rc_out_u64(out, "recipients", row->recipients);
	for (size_t i = 0; i < NLINES; i++)
		rc_out_u64(out, LINES[i].number.name,
		    rc_report_number(row, &LINES[i].number));
	rc_out_u64(out, "segments", row->segments);
	if (knows_cost(row))
		print_cost(out, cost_of(row));
	else
		rc_out_null(out, "cost");
	rc_out_u64(out, "clickers", row->clickers);
	return rc_out_end(out, &cli->error);
}

/* --- for people ----------------------------------------------------------- */

static void
add_head(struct rc_buf *text, const struct rc_report_row *row, uint64_t runs)
{
	char last[RC_TIME_LEN];

	rc_time_format(row->last_run_ms, last);
	rc_buf_addf(text, "%s  (channel %s, ", row->campaign,
	    row->channel[0] == '\0' ? "removed" : row->channel);
	if (runs > 0)
		rc_buf_addf(text, "%llu %s under way)\n",
		    (unsigned long long)runs, rc_plural(runs, "run", "runs"));
	else
		rc_buf_addf(text, "last run %.16sZ)\n", last);
}

static void
add_line(struct rc_buf *text, const char *title, bool part, uint64_t n)
{
	rc_buf_addf(text, "  %s%-*s%12llu", part ? "  " : "", part ? 13 : 15,
	    title, (unsigned long long)n);
}

static enum rc_err
print_table(struct rc_cli *cli, const struct rc_report_row *row, uint64_t runs)
{
	struct rc_buf text = RC_BUF_INIT(4096);
	enum rc_err err;

	add_head(&text, row, runs);
	add_line(&text, "recipients", false, row->recipients);
	for (size_t i = 0; i < NLINES; i++) {
		uint64_t n = rc_report_number(row, &LINES[i].number);

		rc_buf_addc(&text, '\n');
		add_line(&text, LINES[i].number.name, LINES[i].part, n);
		if (row->recipients > 0)
			rc_buf_addf(&text, "  %5.1f %%",
			    100.0 * (double)n / (double)row->recipients);
	}
	rc_buf_addc(&text, '\n');
	add_line(&text, "segments", false, row->segments);
	if (knows_cost(row))
		rc_buf_addf(&text, "\n  %-15s%12.2f", "cost", cost_of(row));
	rc_buf_addc(&text, '\n');
	add_line(&text, "clickers", false, row->clickers);
	err = rc_buf_check(&text, "status", &cli->error);
	if (err == RC_OK)
		err = rc_out_line(&cli->out, rc_buf_slice(&text), &cli->error);
	rc_buf_free(&text);
	return err;
}

/* --- the mode ------------------------------------------------------------- */

static enum rc_err
take_row(void *arg, const struct rc_report_row *row, struct rc_error *e)
{
	(void)e;
	*(struct rc_report_row *)arg = *row;
	return RC_OK;
}

static void
hint(const struct rc_cli *cli, uint64_t n, const char *what)
{
	if (n > 0 && !cli->quiet)
		fprintf(
		    stderr, "rc-send: %llu %s\n", (unsigned long long)n, what);
}

/* A campaign knows its channel; one that is named must be it. */
static enum rc_err
check_channel(struct rc_send_tool *t, const struct rc_report_row *row)
{
	if (!rc_send_given(t, 'c') || strcmp(t->cli.channel, row->channel) == 0)
		return RC_OK;
	return rc_err_set(&t->cli.error, RC_ECONFIG,
	    "campaign '%s' belongs to channel '%s'", row->campaign,
	    row->channel);
}

enum rc_err
rc_send_status(struct rc_send_tool *t)
{
	struct rc_cli *cli = &t->cli;
	struct rc_report_row row = {.number = 0};
	uint64_t runs = 0;
	enum rc_err err = rc_report(
	    cli->state, &t->config.campaign, 1, take_row, &row, &cli->error);

	if (err == RC_OK)
		err = check_channel(t, &row);
	if (err == RC_OK)
		err = rc_run_count(cli->state, row.number, &runs, &cli->error);
	if (err != RC_OK)
		return err;
	err = !cli->json && isatty(STDOUT_FILENO)
		  ? print_table(cli, &row, runs)
		  : print_record(cli, &row, runs);
	if (err == RC_OK)
		err = rc_out_flush(&cli->out, &cli->error);
	hint(cli, runs == 0 ? row.deferred : 0,
	    "deferred, certainly not sent: run the campaign again");
	hint(cli, row.unknown,
	    "unknown, perhaps sent: ask the provider with --reconcile");
	return err;
}
