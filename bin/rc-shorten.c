#include "face/links.h"
#include "text/url.h"

#include <string.h>

enum {
	OPT_BASE = 256,
	OPT_EXPAND,
	OPT_LIST
};

static const struct rc_option OPTIONS[] = {
    {OPT_BASE, "base", "URL", "what links begin with (default: the channel's)"},
    {'k', "campaign", "NAME", "the campaign that clicks count for"},
    {OPT_EXPAND, "expand", NULL, "show what codes or short links stand for"},
    {OPT_LIST, "list", NULL, "show every link there is"},
    {0},
};

static const char *const USAGE[] = {
    "[--base URL] [-k CAMPAIGN] [-jn] URL...",
    "[--base URL] [-k CAMPAIGN] [-n] < TEXT",
    "--expand [-j] [CODE|URL...]",
    "--list [-j]",
    NULL,
};

static const struct rc_tool TOOL = {
    .name = "rc-shorten",
    .summary = "make short links, and shorten the URLs in a text",
    .usage = USAGE,
    .options = OPTIONS,
    .common = RC_CLI_STATE | RC_CLI_CHANNEL | RC_CLI_JSON | RC_CLI_DRY_RUN,
};

struct tool {
	struct rc_cli cli;
	const char *base, *campaign;
	int mode; /* OPT_EXPAND, OPT_LIST, or 0: make links */
	struct rc_channel *channel;
	struct rc_shorten shorten;
};

struct campaign_query {
	const struct tool *t;
	struct rc_campaign campaign;
	struct rc_channel *channel; /* its own, unless another is named */
};

static enum rc_err
get_campaign(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct campaign_query *q = arg;
	const struct tool *t = q->t;
	enum rc_err err = rc_campaign_get(txn, t->campaign, &q->campaign, e);

	if (err == RC_NOTFOUND)
		return rc_err_set(e, RC_ENOINPUT,
		    "no campaign '%s': the first rc-send -k makes it",
		    t->campaign);
	if (err == RC_OK && t->base == NULL && t->cli.channel == NULL)
		err = rc_channel_by_number(
		    txn, q->campaign.channel, &q->channel, e);
	return err == RC_NOTFOUND ? RC_OK : err;
}

static void
open_campaign(struct tool *t)
{
	struct campaign_query q = {.t = t};

	if (t->campaign == NULL)
		return;
	rc_cli_check(&t->cli, rc_store_read(t->cli.state->store, get_campaign,
				  &q, &t->cli.error));
	t->shorten.campaign = q.campaign.number;
	t->channel = q.channel;
}

static const char *
channel_base(struct tool *t)
{
	struct rc_error *e = &t->cli.error;

	if (t->channel == NULL && rc_channel_load(t->cli.state, t->cli.channel,
				      false, &t->channel, e) != RC_OK)
		rc_cli_finish(&t->cli,
		    rc_err_prefix(
			e, "give --base URL, or a channel with a short_base"));
	if (t->channel->short_base == NULL)
		rc_cli_finish(&t->cli,
		    rc_err_set(e, RC_ECONFIG,
			"channel '%s' has no short_base: give it one with "
			"rc-channel set --short-base, or give --base URL",
			t->channel->name));
	return t->channel->short_base;
}

static void
open_base(struct tool *t)
{
	struct rc_url url;

	if (t->base == NULL)
		t->base = channel_base(t);
	t->shorten.base = rc_slice_str(t->base);
	if (rc_url_parse(t->shorten.base, &url, &t->cli.error) != RC_OK)
		rc_cli_usage(&t->cli, "%s", t->cli.error.msg);
	if (strpbrk(t->base, "?#@") != NULL)
		rc_cli_usage(&t->cli, "a base has no '?', '#' or '@'");
}

/* A mistyped -s must not become a new state, unless nothing in it is used. */
static void
open_state(struct tool *t)
{
	bool create = t->base != NULL && t->campaign == NULL && t->mode == 0 &&
		      !t->cli.dry_run;

	rc_cli_open_state(&t->cli, create);
	t->shorten.state = t->cli.state;
	t->shorten.dry_run = t->cli.dry_run;
}

static enum rc_err
make_links(struct tool *t)
{
	bool filter = t->cli.argc == 0 ||
		      (t->cli.argc == 1 && strcmp(t->cli.argv[0], "-") == 0);

	if (filter && t->cli.json)
		rc_cli_usage(&t->cli, "-j needs URLs as operands: a text is "
				      "filtered as it is");
	open_campaign(t);
	open_base(t);
	return filter ? rc_links_filter(&t->cli, &t->shorten)
		      : rc_links_mint(&t->cli, &t->shorten);
}

static enum rc_err
work(struct tool *t)
{
	if (t->mode != 0 && (t->base != NULL || t->campaign != NULL))
		rc_cli_usage(&t->cli, "--base and -k are for making links");
	if (t->mode == OPT_LIST)
		rc_cli_operands(&t->cli, 0, 0);
	open_state(t);
	if (t->mode == OPT_EXPAND)
		return rc_links_expand(&t->cli);
	if (t->mode == OPT_LIST)
		return rc_links_list(&t->cli);
	return make_links(t);
}

int
main(int argc, char **argv)
{
	struct tool t = {.mode = 0};
	const char *value;
	enum rc_err err;
	int option;

	rc_cli_start(&t.cli, &TOOL, argc, argv);
	while ((option = rc_cli_next(&t.cli, &value)) != 0) {
		if (option == OPT_BASE)
			t.base = value;
		else if (option == 'k')
			t.campaign = value;
		else if (t.mode != 0 && t.mode != option)
			rc_cli_usage(&t.cli, "--expand or --list, not both");
		else
			t.mode = option;
	}
	err = work(&t);
	rc_channel_free(t.channel);
	rc_cli_finish(&t.cli, err);
}
