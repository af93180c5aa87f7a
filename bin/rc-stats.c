#include "face/stats.h"

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
	struct rc_cli cli;
	const char *value, *format = NULL, *by = NULL;
	bool table, variants;
	int option;

	rc_cli_start(&cli, &TOOL, argc, argv);
	while ((option = rc_cli_next(&cli, &value)) != 0)
		*(option == OPT_BY ? &by : &format) = value;
	table = choose_table(&cli, format);
	variants = choose_variants(&cli, by);
	rc_cli_open_state(&cli, false);
	rc_cli_finish(&cli, variants ? rc_stats_variants(&cli, table)
				     : rc_stats_campaigns(&cli, table));
}
