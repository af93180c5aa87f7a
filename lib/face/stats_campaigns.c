#include "base/clock.h"
#include "face/stats.h"
#include "job/report.h"

/* In this order in every format. */
static const struct rc_report_number NUMBERS[] = {
    {RC_REPORT_NUMBER(recipients)},
    {RC_REPORT_NUMBER(accepted)},
    {RC_REPORT_NUMBER(rejected)},
    {RC_REPORT_NUMBER(deferred)},
    {RC_REPORT_NUMBER(unknown)},
    {RC_REPORT_NUMBER(held)},
    {RC_REPORT_NUMBER(open)},
    {RC_REPORT_NUMBER(delivered)},
    {RC_REPORT_NUMBER(undelivered)},
    {RC_REPORT_NUMBER(segments)},
    {RC_REPORT_NUMBER(clicks_raw)},
    {RC_REPORT_NUMBER(clicks_human)},
    {RC_REPORT_NUMBER(clicks_bot)},
    {RC_REPORT_NUMBER(clicks_prefetch)},
    {RC_REPORT_NUMBER(clicks_duplicate)},
    {RC_REPORT_NUMBER(clickers)},
};
#define NNUMBERS (sizeof(NUMBERS) / sizeof(NUMBERS[0]))
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
	for (size_t i = 0; i < NNUMBERS; i++)
		rc_out_u64(
		    out, NUMBERS[i].name, rc_report_number(row, &NUMBERS[i]));
	rc_out_double(out, "ctr", row->ctr);
	return rc_out_end(out, e);
}

static void
add_number(struct rc_buf *text, const struct rc_report_row *row, size_t i)
{
	uint64_t n = rc_report_number(row, &NUMBERS[i]);

	rc_buf_addf(
	    text, "  %-17s%12llu", NUMBERS[i].name, (unsigned long long)n);
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
