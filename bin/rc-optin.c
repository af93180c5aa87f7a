#include "base/clock.h"
#include "face/optin.h"
#include "text/utf8.h"

#include <string.h>

enum {
	OPT_SOURCE = 256,
	OPT_EVIDENCE,
	OPT_AT,
	OPT_LIFT_STOP,
	OPT_SUPPRESSED,
	OPT_SINCE,
	OPT_COUNTRY,
	OPT_EXPORT,
	OPT_HEAD,
	OPT_OUT,
	OPT_KEEP
};

static const struct rc_option options[] = {
    {OPT_SOURCE, "source", "TEXT", "in, out: where the change comes from"},
    {OPT_EVIDENCE, "evidence", "TEXT", "in, out: what proves it, or @FILE"},
    {OPT_AT, "at", "TIME", "in, out: when they said so, as evidence"},
    {OPT_LIFT_STOP, "lift-stop", NULL, "in: lift their STOP first"},
    {OPT_SUPPRESSED, "suppressed", NULL, "list: who said STOP instead"},
    {OPT_SINCE, "since", "TIME", "list: who came to be so then or later"},
    {OPT_COUNTRY, "country", "CODE,...",
	"list: these countries' numbers alone"},
    {OPT_EXPORT, "export", NULL, "log: for others to verify, as NDJSON"},
    {OPT_HEAD, "head", "HASH", "verify: the chain must hold this entry"},
    {OPT_OUT, "out", NULL, "review: these replies are revocations"},
    {OPT_KEEP, "keep", NULL, "review: these replies are none"},
    {0},
};
static const char *const usage[] = {
    "in|out [-c CHANNEL] [-jn] [options] [ID ...]",
    "check [-c CHANNEL] [-j] [ID ...]",
    "list [-c CHANNEL] [-j] [--suppressed] [options]",
    "filter [-c CHANNEL]",
    "log [-c CHANNEL] [-j] [ID ...]",
    "log [-c CHANNEL] --export [ID ...]",
    "verify [-j] [--head HASH]",
    "review [-jnq] [--out|--keep [N ...]]",
    NULL,
};
static const char *const verbs[] = {
    "in", "out", "check", "list", "filter", "log", "verify", "review", NULL};
static const struct rc_tool tool = {
    .name = "rc-optin",
    .summary = "keep, ask and prove who agreed to be texted",
    .usage = usage,
    .options = options,
    .common = RC_CLI_STATE | RC_CLI_CHANNEL | RC_CLI_JSON | RC_CLI_DRY_RUN,
    .verbs = verbs,
};

static void
take_text(struct rc_optin *o, const char *option, struct rc_slice text, int max,
    struct rc_slice *into)
{
	if (text.len > (size_t)max)
		rc_cli_usage(
		    &o->cli, "--%s is longer than %d bytes", option, max);
	if (!rc_utf8_valid(text))
		rc_cli_usage(&o->cli, "--%s is not UTF-8", option);
	*into = text;
}

/* A file is kept byte for byte, so that its digest is the one recorded. */
static void
take_evidence(struct rc_optin *o, struct rc_buf *file, const char *value)
{
	struct rc_slice text = rc_slice_str(value);

	if (value[0] == '@') {
		rc_buf_free(file);
		rc_cli_check(
		    &o->cli, rc_cli_read_file(value + 1,
				 RC_JOURNAL_EVIDENCE_MAX, file, &o->cli.error));
		text = rc_buf_slice(file);
	}
	take_text(
	    o, "evidence", text, RC_JOURNAL_EVIDENCE_MAX, &o->change.evidence);
}

static uint64_t
take_time(struct rc_optin *o, const char *option, const char *value)
{
	uint64_t ms = 0;

	if (rc_time_parse(rc_slice_str(value), &ms, &o->cli.error) != RC_OK)
		rc_cli_usage(&o->cli, "--%s: %s", option, o->cli.error.msg);
	return ms;
}

static void
take_countries(struct rc_optin *o, const char *value)
{
	struct rc_error *e = &o->cli.error;

	o->pick.countries = &o->countries;
	if (rc_country_choose(&o->countries, rc_slice_str(value), e) != RC_OK)
		rc_cli_usage(&o->cli, "--country: %s", e->msg);
}

static void
take_option(
    struct rc_optin *o, struct rc_buf *evidence, int id, const char *value)
{
	switch (id) {
	case OPT_SOURCE:
		take_text(o, "source", rc_slice_str(value), RC_JOURNAL_TEXT_MAX,
		    &o->change.source);
		break;
	case OPT_EVIDENCE:
		take_evidence(o, evidence, value);
		break;
	case OPT_AT:
		o->change.claimed_ms = take_time(o, "at", value);
		break;
	case OPT_LIFT_STOP:
		o->change.lift = true;
		break;
	case OPT_SUPPRESSED:
		o->suppressed = true;
		break;
	case OPT_SINCE:
		o->pick.since_ms = take_time(o, "since", value);
		break;
	case OPT_COUNTRY:
		take_countries(o, value);
		break;
	case OPT_EXPORT:
		o->export = true;
		break;
	case OPT_OUT:
		o->review_out = true;
		break;
	case OPT_KEEP:
		o->review_keep = true;
		break;
	default:
		o->head = value;
		break;
	}
}

static const struct {
	const char *verb;
	rc_optin_verb *run;
} bodies[] = {
    {"in", rc_optin_change},
    {"out", rc_optin_change},
    {"check", rc_optin_check},
    {"list", rc_optin_list},
    {"filter", rc_optin_filter},
    {"log", rc_optin_log},
    {"verify", rc_optin_verify},
    {"review", rc_optin_review},
};

/* The journal is one for all channels, and so are the replies. */
static bool
needs_channel(const struct rc_optin *o, rc_optin_verb *run)
{
	if (run == rc_optin_verify || run == rc_optin_review)
		return false;
	return !o->export || o->cli.argc > 0;
}

static enum rc_err
run(struct rc_optin *o)
{
	size_t i = 0;

	rc_cli_open_state(&o->cli, false);
	while (strcmp(o->cli.verb, bodies[i].verb) != 0)
		i++;
	if (needs_channel(o, bodies[i].run))
		o->channel = rc_cli_open_channel(&o->cli, false);
	return o->export ? rc_optin_export(o) : bodies[i].run(o);
}

int
main(int argc, char **argv)
{
	static struct rc_optin o;
	struct rc_buf evidence = RC_BUF_INIT(0);
	const char *value;
	enum rc_err err;
	int id;

	rc_cli_start(&o.cli, &tool, argc, argv);
	o.change.source = RC_SLICE_LIT("rc-optin");
	while ((id = rc_cli_next(&o.cli, &value)) != 0)
		take_option(&o, &evidence, id, value);
	err = run(&o);
	rc_people_close(&o.people);
	rc_buf_free(&evidence);
	rc_channel_free(o.channel);
	rc_cli_finish(&o.cli, err);
}
