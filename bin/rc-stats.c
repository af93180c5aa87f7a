#include "base/clock.h"
#include "face/stats.h"
#include "job/report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	OPT_FORMAT = 256,
	OPT_BY
};

static const struct rc_option OPTIONS[] = {
    {OPT_BY, "by", "WHAT", "rows by campaign (default) or variant"},
    {OPT_FORMAT, "format", "FORMAT",
	"table, tsv or json (default: table on a terminal, else tsv)"},
    {0},
};

static const char *const USAGE[] = {"[options] [CAMPAIGN...]", NULL};

static const struct rc_tool TOOL = {
    .name = "rc-stats",
    .summary = "report who was reached and who came back",
    .usage = USAGE,
    .options = OPTIONS,
    .common = RC_CLI_STATE | RC_CLI_JSON,
};

struct column {
	const char *title;
	size_t offset; /* of a uint64_t in struct rc_report_row */
};

#define COLUMN(field)                                                          \
	{                                                                      \
#field, offsetof(struct rc_report_row, field)                  \
	}

/* The numbers of a row: in this order in every format. */
static const struct column NUMBERS[] = {
    COLUMN(recipients),
    COLUMN(accepted),
    COLUMN(rejected),
    COLUMN(deferred),
    COLUMN(unknown),
    COLUMN(held),
    COLUMN(open),
    COLUMN(delivered),
    COLUMN(undelivered),
    COLUMN(segments),
    COLUMN(clicks_raw),
    COLUMN(clicks_human),
    COLUMN(clicks_bot),
    COLUMN(clicks_prefetch),
    COLUMN(clicks_duplicate),
    COLUMN(clickers),
};
#define NNUMBERS (sizeof(NUMBERS) / sizeof(NUMBERS[0]))
#define FIRST_SHARE 1 /* numbers shown as a share of the recipients */
#define LAST_SHARE 8

static uint64_t
number(const struct rc_report_row *row, size_t i)
{
	uint64_t n;

	memcpy(&n, (const char *)row + NUMBERS[i].offset, sizeof(n));
	return n;
}

struct report {
	struct rc_cli cli;
	bool begun; /* something stands above */
};

static enum rc_err
print_record(void *arg, const struct rc_report_row *row, struct rc_error *e)
{
	struct rc_out *out = &((struct report *)arg)->cli.out;

	rc_out_begin(out);
	rc_out_cstr(out, "campaign", row->campaign);
	rc_out_cstr(out, "channel", row->channel);
	rc_out_time(out, "first_run", row->first_run_ms);
	rc_out_time(out, "last_run", row->last_run_ms);
	for (size_t i = 0; i < NNUMBERS; i++)
		rc_out_u64(out, NUMBERS[i].title, number(row, i));
	rc_out_double(out, "ctr", row->ctr);
	return rc_out_end(out, e);
}

static void
add_number(struct rc_buf *text, const struct rc_report_row *row, size_t i)
{
	uint64_t n = number(row, i);

	rc_buf_addf(
	    text, "  %-17s%12llu", NUMBERS[i].title, (unsigned long long)n);
	if (i >= FIRST_SHARE && i <= LAST_SHARE && row->recipients > 0)
		rc_buf_addf(text, "  %5.1f %%",
		    100.0 * (double)n / (double)row->recipients);
	rc_buf_addc(text, '\n');
}

/* One campaign as a block that fits any terminal and reads from top down. */
static enum rc_err
print_table(void *arg, const struct rc_report_row *row, struct rc_error *e)
{
	struct report *report = arg;
	struct rc_buf text = RC_BUF_INIT(4096);
	char last[RC_TIME_LEN];
	enum rc_err err;

	if (report->begun)
		rc_buf_addc(&text, '\n');
	report->begun = true;
	rc_time_format(row->last_run_ms, last);
	rc_buf_addf(&text, "%s  (channel %s, last run %.16sZ)\n", row->campaign,
	    row->channel[0] == '\0' ? "removed" : row->channel, last);
	for (size_t i = 0; i < NNUMBERS; i++)
		add_number(&text, row, i);
	rc_buf_addf(&text, "  %-17s%12.2f %%", "ctr", 100 * row->ctr);
	err = rc_buf_check(&text, "report", e);
	if (err == RC_OK)
		err = rc_out_line(&report->cli.out, rc_buf_slice(&text), e);
	rc_buf_free(&text);
	return err;
}

/* Whether to print tables: from --format, -j and where stdout goes. */
static bool
choose_table(struct rc_cli *cli, const char *format)
{
	if (format == NULL)
		return !cli->json && isatty(STDOUT_FILENO);
	if (strcmp(format, "json") == 0)
		cli->json = cli->out.json = true;
	else if (strcmp(format, "table") != 0 && strcmp(format, "tsv") != 0)
		rc_cli_usage(
		    cli, "'%s' is no format: table, tsv or json", format);
	return strcmp(format, "table") == 0;
}

/* Whether rows are by variant. */
static bool
choose_variants(struct rc_cli *cli, const char *by)
{
	if (by == NULL || strcmp(by, "campaign") == 0)
		return false;
	if (strcmp(by, "variant") != 0)
		rc_cli_usage(
		    cli, "there are no rows by '%s': campaign or variant", by);
	return true;
}

int
main(int argc, char **argv)
{
	static struct report report;
	struct rc_cli *cli = &report.cli;
	const char *value, *format = NULL, *by = NULL;
	bool table, variants;
	int option;

	rc_cli_start(cli, &TOOL, argc, argv);
	while ((option = rc_cli_next(cli, &value)) != 0)
		*(option == OPT_BY ? &by : &format) = value;
	table = choose_table(cli, format);
	variants = choose_variants(cli, by);
	rc_cli_open_state(cli, false);
	if (variants)
		rc_cli_finish(cli, rc_stats_variants(cli, table));
	rc_cli_finish(
	    cli, rc_report(cli->state, (const char *const *)cli->argv,
		     (size_t)cli->argc, table ? print_table : print_record,
		     &report, &cli->error));
}
