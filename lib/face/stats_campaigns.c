#include "base/clock.h"
#include "face/stats_priv.h"

/* In this order in every format. */
static const struct rc_stats_column COLUMNS[] = {
    {RC_STATS_COLUMN(recipients)},
    {RC_STATS_COLUMN(accepted)},
    {RC_STATS_COLUMN(rejected)},
    {RC_STATS_COLUMN(deferred)},
    {RC_STATS_COLUMN(unknown)},
    {RC_STATS_COLUMN(held)},
    {RC_STATS_COLUMN(open)},
    {RC_STATS_COLUMN(delivered)},
    {RC_STATS_COLUMN(undelivered)},
    {RC_STATS_COLUMN(segments)},
    {RC_STATS_COLUMN(clicks_raw)},
    {RC_STATS_COLUMN(clicks_human)},
    {RC_STATS_COLUMN(clicks_bot)},
    {RC_STATS_COLUMN(clicks_prefetch)},
    {RC_STATS_COLUMN(clicks_duplicate)},
    {RC_STATS_COLUMN(clickers)},
};
#define NCOLUMNS (sizeof(COLUMNS) / sizeof(COLUMNS[0]))
#define FIRST_SHARE 1 /* shown as a share of the recipients, too */
#define LAST_SHARE 8

struct report {
	struct rc_out *out;
	bool begun; /* something stands above */
};

static enum rc_err
print_record(void *arg, const struct rc_report_row *row, struct rc_error *e)
{
	struct rc_out *out = ((const struct report *)arg)->out;

	rc_out_begin(out);
	rc_out_cstr(out, "campaign", row->campaign);
	rc_out_cstr(out, "channel", row->channel);
	rc_out_time(out, "first_run", row->first_run_ms);
	rc_out_time(out, "last_run", row->last_run_ms);
	for (size_t i = 0; i < NCOLUMNS; i++)
		rc_out_u64(
		    out, COLUMNS[i].title, rc_stats_number(row, &COLUMNS[i]));
	rc_out_double(out, "ctr", row->ctr);
	return rc_out_end(out, e);
}

static void
add_number(struct rc_buf *text, const struct rc_report_row *row, size_t i)
{
	uint64_t n = rc_stats_number(row, &COLUMNS[i]);

	rc_buf_addf(
	    text, "  %-17s%12llu", COLUMNS[i].title, (unsigned long long)n);
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
	for (size_t i = 0; i < NCOLUMNS; i++)
		add_number(&text, row, i);
	rc_buf_addf(&text, "  %-17s%12.2f %%", "ctr", 100 * row->ctr);
	err = rc_buf_check(&text, "report", e);
	if (err == RC_OK)
		err = rc_out_line(report->out, rc_buf_slice(&text), e);
	rc_buf_free(&text);
	return err;
}

enum rc_err
rc_stats_campaigns(struct rc_cli *cli, bool table)
{
	struct report report = {.out = &cli->out};

	return rc_report(cli->state, (const char *const *)cli->argv,
	    (size_t)cli->argc, table ? print_table : print_record, &report,
	    &cli->error);
}
