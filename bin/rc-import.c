#include "base/num.h"
#include "face/cli.h"
#include "face/list_source.h"
#include "face/progress.h"
#include "face/syncs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	OPT_REJECTS = 256,
	OPT_COLUMN,
	OPT_MAX_BAD,
	OPT_MAX_SHRINK,
	OPT_MAX_ROWS,
	OPT_KEEP_OPTOUTS,
	OPT_OVERRIDE_ALL,
	OPT_STATUS,
	OPT_HISTORY,
	OPT_UNDO
};

static const struct rc_option options[] = {
    {OPT_REJECTS, "rejects", "FILE", "bad rows: line, reason, value"},
    {OPT_COLUMN, "column", "NAME", "the column of a wide file"},
    {OPT_MAX_BAD, "max-bad", "PCT", "refuse from so many bad rows on (30)"},
    {OPT_MAX_SHRINK, "max-shrink", "PCT",
	"refuse a list smaller by more than this (50)"},
    {OPT_MAX_ROWS, "max-rows", "N", "refuse more rows (10000000)"},
    {OPT_KEEP_OPTOUTS, "keep-optouts", NULL,
	"opt-outs older than the list stay"},
    {OPT_OVERRIDE_ALL, "override-all", NULL,
	"opt-ins and opt-outs newer than the list go as well"},
    RC_LIST_OPTIONS,
    {OPT_STATUS, "status", NULL, "what became of the newest sync"},
    {OPT_HISTORY, "history", NULL, "every sync of a channel, newest first"},
    {OPT_UNDO, "undo", NULL, "take the newest sync back"},
    {0},
};
static const char *const usage[] = {
    "[options] [FILE | DIR/ | http(s)://... | s3://BUCKET/... | -]",
    "--status | --history | --undo [-n] [-c CHANNEL] [-j]",
    NULL,
};
static const struct rc_tool tool = {
    .name = "rc-import",
    .summary = "sync a subscriber list into a channel",
    .usage = usage,
    .options = options,
    .common = RC_CLI_STATE | RC_CLI_CHANNEL | RC_CLI_JSON | RC_CLI_DRY_RUN,
};

struct import {
	struct rc_cli cli;
	struct rc_list_source from;
	struct rc_sync_config config;
	struct rc_sync_counts counts;
	struct rc_progress progress;
	const char *rejects_path;
	struct rc_rejects *rejects;
	int about; /* the option that asks for something else than a sync */
};

static double
percent(struct rc_cli *cli, const char *option, const char *value)
{
	double d;

	if (!rc_num_double(rc_slice_str(value), &d) || d > 100)
		rc_cli_usage(cli, "'%s' is no percentage: --%s takes 0 to 100",
		    value, option);
	return d;
}

static void
take_option(struct import *im, int id, const char *value)
{
	struct rc_sync_config *c = &im->config;

	if (rc_list_source_take(&im->from, id, value))
		return;
	switch (id) {
	case OPT_REJECTS:
		im->rejects_path = value;
		break;
	case OPT_COLUMN:
		c->column = value;
		break;
	case OPT_MAX_BAD:
		c->max_bad = percent(&im->cli, "max-bad", value);
		break;
	case OPT_MAX_SHRINK:
		c->max_shrink = percent(&im->cli, "max-shrink", value);
		break;
	case OPT_MAX_ROWS:
		if (!rc_num_u64(rc_slice_str(value), UINT32_MAX, &c->max_rows))
			rc_cli_usage(&im->cli,
			    "'%s' is no number: --max-rows takes one", value);
		break;
	case OPT_KEEP_OPTOUTS:
		c->keep_optouts = true;
		break;
	case OPT_OVERRIDE_ALL:
		c->override_all = true;
		break;
	default:
		if (im->about != 0 && im->about != id)
			rc_cli_usage(&im->cli,
			    "--status, --history and --undo exclude each "
			    "other");
		im->about = id;
	}
}

static void
say_up_to_date(const struct import *im)
{
	if (!im->cli.quiet)
		fprintf(stderr,
		    "%s: channel '%s' is up to date: nothing in '%s' is newer "
		    "than what was imported\n",
		    tool.name, im->config.channel->name,
		    rc_buf_str(&im->from.shown));
}

static enum rc_err
reject(void *arg, uint64_t line, const char *reason, struct rc_slice value,
    struct rc_error *e)
{
	struct import *im = arg;

	return rc_rejects_add(im->rejects, line, reason, value, e);
}

static void
progress(void *arg, uint64_t bytes, uint64_t total)
{
	struct import *im = arg;

	rc_progress_show(&im->progress, bytes, total);
}

static enum rc_err
run(struct import *im)
{
	struct rc_cli *cli = &im->cli;
	struct rc_error *e = &cli->error, second;
	enum rc_err err, rejects = RC_OK;

	if (im->rejects_path != NULL) {
		err = rc_rejects_open(&im->rejects, im->rejects_path,
		    rc_source_fd(im->config.source), e);
		if (err != RC_OK)
			return err;
	}
	im->config.reject = im->rejects == NULL ? NULL : reject;
	rc_progress_start(&im->progress, cli, "sync", "B");
	err = rc_sync(cli->state, &im->config, &im->counts, e);
	rc_progress_end(&im->progress);
	/* A refused list is the one whose bad rows are wanted most. */
	if (im->rejects != NULL && (err == RC_OK || err == RC_EDATA))
		rejects =
		    rc_rejects_finish(im->rejects, err == RC_OK ? e : &second);
	rc_rejects_close(im->rejects);
	if (err != RC_OK)
		return err;
	rc_sync_summary(cli, &im->config, &im->counts);
	return rejects == RC_OK ? rc_sync_print(cli, &im->counts) : rejects;
}

static enum rc_err
import(struct import *im)
{
	struct rc_cli *cli = &im->cli;
	struct rc_sync_config *config = &im->config;
	struct rc_channel *channel;
	enum rc_err err;

	config->dry_run = cli->dry_run;
	config->channel = channel = rc_cli_open_channel(cli, false);
	rc_list_source_choose(
	    &im->from, cli, cli->argc == 0 ? NULL : cli->argv[0], channel);
	rc_cli_check(cli, rc_sync_begin(&config->run, cli->state, config,
			      rc_buf_str(&im->from.shown), &cli->error));
	err = rc_source_open(&config->source, &im->from.config, &cli->error);
	if (err == RC_OK)
		err = run(im);
	rc_sync_end(config->run, err, &cli->error);
	if (err == RC_END)
		say_up_to_date(im);
	rc_source_close(config->source);
	rc_list_source_close(&im->from);
	rc_channel_free(channel);
	return err;
}

int
main(int argc, char **argv)
{
	static struct import im;
	const char *value;
	enum rc_err err;
	int id;

	im.config = (struct rc_sync_config){.max_bad = RC_SYNC_MAX_BAD,
	    .max_shrink = RC_SYNC_MAX_SHRINK,
	    .max_rows = RC_SYNC_MAX_ROWS,
	    .progress = progress,
	    .arg = &im,
	    .log = &im.cli.log};
	rc_cli_start(&im.cli, &tool, argc, argv);
	while ((id = rc_cli_next(&im.cli, &value)) != 0)
		take_option(&im, id, value);
	rc_cli_operands(&im.cli, 0, im.about == 0 ? 1 : 0);
	if (im.config.keep_optouts && im.config.override_all)
		rc_cli_usage(&im.cli,
		    "--keep-optouts and --override-all exclude each "
		    "other");
	rc_cli_open_state(&im.cli, false);
	if (im.about == OPT_STATUS)
		err = rc_syncs_status(&im.cli);
	else if (im.about == OPT_HISTORY)
		err = rc_syncs_history(&im.cli);
	else if (im.about == OPT_UNDO)
		err = rc_syncs_undo(&im.cli);
	else
		err = import(&im);
	rc_cli_finish(&im.cli, err);
}
