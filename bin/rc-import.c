#include "base/num.h"
#include "face/cli.h"
#include "face/list_source.h"
#include "face/progress.h"
#include "face/syncs.h"
#include "job/tsv_file.h"

#include <stdio.h>
#include <string.h>

enum {
	OPT_REJECTS = 256,
	OPT_CHANGES,
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
    {OPT_CHANGES, "changes", "FILE", "who is added, removed, reversed, ..."},
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
	const char *rejects_path, *changes_path;
	struct rc_tsv_file *rejects, *changes;
	int about;     /* the option that asks for something else than a sync */
	bool for_sync; /* an option of a sync was given */
};

static void
take_option(struct import *im, int id, const char *value)
{
	struct rc_sync_config *c = &im->config;

	im->for_sync |= id < OPT_STATUS || id > OPT_UNDO;
	if (rc_list_source_take(&im->from, id, value))
		return;
	switch (id) {
	case OPT_REJECTS:
		im->rejects_path = value;
		break;
	case OPT_CHANGES:
		im->changes_path = value;
		break;
	case OPT_COLUMN:
		c->column = value;
		break;
	case OPT_MAX_BAD:
		c->max_bad = rc_cli_percent(&im->cli, "max-bad", value);
		break;
	case OPT_MAX_SHRINK:
		c->max_shrink = rc_cli_percent(&im->cli, "max-shrink", value);
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

	return rc_tsv_file_reject(im->rejects, line, reason, value, e);
}

static enum rc_err
change(void *arg, const char *what, struct rc_slice who, struct rc_error *e)
{
	struct import *im = arg;
	struct rc_slice field[] = {rc_slice_str(what), who};

	return rc_tsv_file_add(im->changes, field, 2, e);
}

static void
progress(void *arg, uint64_t bytes, uint64_t total)
{
	struct import *im = arg;

	if (rc_progress_due(&im->progress))
		rc_progress_show(&im->progress, bytes, total, "");
}

static enum rc_err
open_files(struct import *im)
{
	int fd = rc_source_fd(im->config.source);
	enum rc_err err = RC_OK;

	if (im->rejects_path != NULL) {
		im->config.reject = reject;
		err = rc_tsv_file_open(&im->rejects, "rejected rows",
		    im->rejects_path, fd, &im->cli.error);
	}
	if (err == RC_OK && im->changes_path != NULL) {
		im->config.change = change;
		err = rc_tsv_file_open(&im->changes, "changes",
		    im->changes_path, fd, &im->cli.error);
	}
	return err;
}

/* A refused list is the one whose bad rows are wanted most. */
static enum rc_err
finish_files(struct import *im, enum rc_err synced)
{
	struct rc_error second = {0};
	struct rc_error *e = synced == RC_OK ? &im->cli.error : &second;
	enum rc_err err = RC_OK;

	if (im->rejects != NULL && (synced == RC_OK || synced == RC_EDATA))
		err = rc_tsv_file_finish(im->rejects, e);
	if (im->changes != NULL && synced == RC_OK && err == RC_OK)
		err = rc_tsv_file_finish(im->changes, e);
	return synced == RC_OK ? err : synced;
}

static enum rc_err
run(struct import *im)
{
	struct rc_cli *cli = &im->cli;
	enum rc_err err = open_files(im);

	if (err == RC_OK) {
		rc_progress_start(&im->progress, cli, "sync", "B");
		err =
		    rc_sync(cli->state, &im->config, &im->counts, &cli->error);
		rc_progress_end(&im->progress);
		/* It may have happened although it could not be told whole. */
		if (err == RC_OK || im->counts.seq > 0)
			rc_sync_summary(cli, &im->config, &im->counts);
		err = finish_files(im, err);
	}
	rc_tsv_file_close(im->rejects);
	rc_tsv_file_close(im->changes);
	return err == RC_OK ? rc_sync_print(cli, &im->counts) : err;
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
	if (im.about != 0 && im.for_sync)
		rc_cli_usage(&im.cli,
		    "--status, --history and --undo take no options of a "
		    "sync");
	if (im.rejects_path != NULL && im.changes_path != NULL &&
	    strcmp(im.rejects_path, im.changes_path) == 0)
		rc_cli_usage(
		    &im.cli, "--rejects and --changes cannot be the same file");
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
