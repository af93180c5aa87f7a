#include "face/stats.h"
#include "job/report.h"

#include <stdio.h>
#include <string.h>

struct column {
	struct rc_report_number number;
	bool seldom; /* a table leaves it out when it is 0 everywhere */
};

/* In this order in every format. */
static const struct column COLUMNS[] = {
    {{RC_REPORT_NUMBER(recipients)}, false},
    {{RC_REPORT_NUMBER(accepted)}, false},
    {{RC_REPORT_NUMBER(rejected)}, true},
    {{RC_REPORT_NUMBER(deferred)}, true},
    {{RC_REPORT_NUMBER(unknown)}, true},
    {{RC_REPORT_NUMBER(held)}, true},
    {{RC_REPORT_NUMBER(open)}, true},
    {{RC_REPORT_NUMBER(delivered)}, true},
    {{RC_REPORT_NUMBER(undelivered)}, true},
    {{RC_REPORT_NUMBER(segments)}, true},
    {{RC_REPORT_NUMBER(clickers)}, false},
};
#define NCOLUMNS (sizeof(COLUMNS) / sizeof(COLUMNS[0]))

#define NO_VARIANT "(none)" /* in a table */
#define ROWS_MAX (1u << 20) /* bytes of a campaign's rows */
#define NUMBER_LEN 21

static enum rc_err
print_record(void *arg, const struct rc_report_row *row, struct rc_error *e)
{
	struct rc_out *out = arg;

	rc_out_begin(out);
	rc_out_cstr(out, "campaign", row->campaign);
	rc_out_cstr(out, "variant", row->variant);
	rc_out_u64(out, "weight", row->weight);
	for (size_t i = 0; i < NCOLUMNS; i++)
		rc_out_u64(out, COLUMNS[i].number.name,
		    rc_report_number(row, &COLUMNS[i].number));
	rc_out_double(out, "ctr", row->ctr);
	return rc_out_end(out, e);
}

/* --- tables --------------------------------------------------------------- */

struct table {
	struct rc_out *out;
	struct rc_buf rows; /* struct rc_report_row, of one campaign */
	bool begun;	    /* something stands above */
};

static const struct rc_report_row *
rows_of(const struct table *t, size_t *n)
{
	*n = t->rows.len / sizeof(struct rc_report_row);
	return (const void *)t->rows.data;
}

static const char *
name_of(const struct rc_report_row *row)
{
	return row->variant[0] == '\0' ? NO_VARIANT : row->variant;
}

/* How wide a column is; 0 when it is left out. */
static int
width_of(const struct table *t, size_t column)
{
	size_t n, width = strlen(COLUMNS[column].number.name);
	const struct rc_report_row *row = rows_of(t, &n);
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		char text[NUMBER_LEN];
		int len = snprintf(text, sizeof(text), "%llu",
		    (unsigned long long)rc_report_number(
			&row[i], &COLUMNS[column].number));

		sum += rc_report_number(&row[i], &COLUMNS[column].number);
		if ((size_t)len > width)
			width = (size_t)len;
	}
	return sum > 0 || !COLUMNS[column].seldom ? (int)width : 0;
}

/* One campaign: a line a variant. */
static void
add_table(const struct table *t, struct rc_buf *text)
{
	size_t n;
	const struct rc_report_row *row = rows_of(t, &n);
	int width[NCOLUMNS], name = (int)strlen("variant");

	for (size_t c = 0; c < NCOLUMNS; c++)
		width[c] = width_of(t, c);
	for (size_t i = 0; i < n; i++)
		if ((int)strlen(name_of(&row[i])) > name)
			name = (int)strlen(name_of(&row[i]));
	rc_buf_addf(text, "%s\n  %-*s", row->campaign, name, "variant");
	for (size_t c = 0; c < NCOLUMNS; c++)
		if (width[c] > 0)
			rc_buf_addf(
			    text, "  %*s", width[c], COLUMNS[c].number.name);
	rc_buf_addf(text, "  %8s", "ctr");
	for (size_t i = 0; i < n; i++) {
		rc_buf_addf(text, "\n  %-*s", name, name_of(&row[i]));
		for (size_t c = 0; c < NCOLUMNS; c++)
			if (width[c] > 0)
				rc_buf_addf(text, "  %*llu", width[c],
				    (unsigned long long)rc_report_number(
					&row[i], &COLUMNS[c].number));
		rc_buf_addf(text, "  %6.2f %%", 100 * row[i].ctr);
	}
}

static enum rc_err
print_table(struct table *t, struct rc_error *e)
{
	struct rc_buf text = RC_BUF_INIT(ROWS_MAX);
	enum rc_err err = rc_buf_check(&t->rows, "report", e);

	if (err == RC_OK && t->rows.len > 0) {
		if (t->begun)
			rc_buf_addc(&text, '\n');
		t->begun = true;
		add_table(t, &text);
		err = rc_buf_check(&text, "report", e);
		if (err == RC_OK)
			err = rc_out_line(t->out, rc_buf_slice(&text), e);
	}
	rc_buf_free(&text);
	rc_buf_reset(&t->rows);
	return err;
}

static enum rc_err
add_row(void *arg, const struct rc_report_row *row, struct rc_error *e)
{
	struct table *t = arg;
	size_t n;
	const struct rc_report_row *first = rows_of(t, &n);
	enum rc_err err = RC_OK;

	if (n > 0 && strcmp(first->campaign, row->campaign) != 0)
		err = print_table(t, e);
	rc_buf_add(&t->rows, row, sizeof(*row));
	return err;
}

enum rc_err
rc_stats_variants(struct rc_cli *cli, bool table)
{
	struct table t = {.out = &cli->out, .rows = RC_BUF_INIT(ROWS_MAX)};
	const char *const *names = (const char *const *)cli->argv;
	enum rc_err err;

	err = rc_report_variants(cli->state, names, (size_t)cli->argc,
	    table ? add_row : print_record,
	    table ? (void *)&t : (void *)&cli->out, &cli->error);
	if (err == RC_OK)
		err = print_table(&t, &cli->error);
	rc_buf_free(&t.rows);
	return err;
}
