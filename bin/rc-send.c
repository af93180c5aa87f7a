#include "face/send.h"

enum {
	OPT_RATE = 256,
	OPT_VAR,
	OPT_MAX,
	OPT_MAX_COST,
	OPT_MAX_SEGMENTS,
	OPT_SMART,
	OPT_NOT_AFTER,
	OPT_NO_SHORTEN,
	OPT_AMEND,
	OPT_PUBLIC_URL,
	OPT_RETRY,
	OPT_VARIANT,
	OPT_HOLDOUT
};

static const struct rc_option OPTIONS[] = {
    {'k', "campaign", "NAME", "the campaign; sent to each person once"},
    {'t', "template", "FILE", "what to send: a text or a JSON document"},
    {'m', "message", "TEXT", "the text of the message"},
    {OPT_VAR, "var", "NAME=VALUE", "a variable for all recipients"},
    {OPT_VARIANT, "variant", "NAME=FILE:WEIGHT",
	"a variant of the message, for its share of the recipients"},
    {OPT_HOLDOUT, "holdout", "PCT",
	"send nothing to so many percent, to compare with"},
    {OPT_RATE, "rate", "N", "messages a second (default: the channel's)"},
    {OPT_MAX, "max", "N", "messages of this run at most"},
    {OPT_MAX_COST, "max-cost", "C", "estimated cost of this run at most"},
    {OPT_MAX_SEGMENTS, "max-segments", "N", "refuse whose text needs more"},
    {OPT_SMART, "smart", NULL, "make typographic characters plain ones"},
    {OPT_NOT_AFTER, "not-after", "TIME",
	"claim nobody from then on; or 2h, from now"},
    {OPT_NO_SHORTEN, "no-shorten", NULL, "leave URLs as they are"},
    {OPT_AMEND, "amend", NULL, "the template was changed on purpose"},
    {OPT_PUBLIC_URL, "public-url", "URL",
	"of rc-httpd, for delivery receipts (default: $RC_PUBLIC_URL)"},
    {OPT_RETRY, "retry", "STATE",
	"send again to whose message is unknown or rejected"},
    {RC_SEND_STATUS, "status", NULL, "say how the campaign stands"},
    {RC_SEND_RECONCILE, "reconcile", NULL,
	"ask the provider about unknown messages"},
    {0},
};

static const char *const USAGE[] = {
    "-k CAMPAIGN [-t FILE] [-m TEXT] [options] [FILE...]",
    "-k CAMPAIGN --retry unknown|rejected [options] [FILE...]",
    "-k CAMPAIGN --status | --reconcile", NULL};

static const struct rc_tool TOOL = {
    .name = "rc-send",
    .summary = "send a campaign to recipients, each exactly once",
    .usage = USAGE,
    .options = OPTIONS,
    .common = RC_CLI_STATE | RC_CLI_CHANNEL | RC_CLI_JSON | RC_CLI_DRY_RUN,
};

static void
take_option(struct rc_send_tool *t, int option, const char *value)
{
	struct rc_send_config *c = &t->config;

	switch (option) {
	case 'k':
		c->campaign = value;
		break;
	case 't':
		rc_send_take_template(t, value);
		break;
	case 'm':
		/* Such as -m "$TEXT" of a script that forgot to set it. */
		if (*value == '\0')
			rc_cli_usage(&t->cli, "-m: the text is empty");
		c->message_text = rc_slice_str(value);
		break;
	case OPT_VAR:
		rc_send_take_var(t, value);
		break;
	case OPT_VARIANT:
		rc_send_take_variant(t, value);
		break;
	case OPT_HOLDOUT:
		rc_send_take_holdout(t, value);
		break;
	case OPT_RATE:
		rc_send_take_rate(t, value);
		break;
	case OPT_MAX:
		rc_send_take_max(t, value);
		break;
	case OPT_MAX_COST:
		rc_send_take_max_cost(t, value);
		break;
	case OPT_MAX_SEGMENTS:
		rc_send_take_max_segments(t, value);
		break;
	case OPT_SMART:
		c->smart = true;
		break;
	case OPT_NOT_AFTER:
		rc_send_take_not_after(t, value);
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
	case OPT_RETRY:
		rc_send_take_retry(t, value);
		break;
	case RC_SEND_STATUS:
	case RC_SEND_RECONCILE:
		t->mode = (enum rc_send_mode)option;
		break;
	}
}

int
main(int argc, char **argv)
{
	static struct rc_send_tool t;
	const char *value;
	enum rc_err err;
	int option;

	rc_cli_start(&t.cli, &TOOL, argc, argv);
	while ((option = rc_cli_next(&t.cli, &value)) != 0)
		take_option(&t, option, value);
	rc_send_check_options(&t);
	rc_cli_open_state(&t.cli, false);
	if (t.mode == RC_SEND_STATUS)
		err = rc_send_status(&t);
	else if (t.mode == RC_SEND_RECONCILE)
		err = rc_send_reconcile(&t);
	else
		err = rc_send_run(&t);
	rc_buf_free(&t.template_text);
	rc_send_free_variants(&t);
	rc_channel_free(t.config.channel);
	rc_cli_finish(&t.cli, err);
}
