#include "base/clock.h"
#include "base/num.h"
#include "face/people.h"
#include "face/records.h"
#include "text/utf8.h"

#include <string.h>

#define ASK_BATCH 2000 /* people a snapshot */

enum {
	OPT_SOURCE = 256,
	OPT_EVIDENCE,
	OPT_AT,
	OPT_LIFT_STOP,
	OPT_SUPPRESSED,
	OPT_HEAD
};

static const struct rc_option options[] = {
    {OPT_SOURCE, "source", "TEXT", "in, out: where the change comes from"},
    {OPT_EVIDENCE, "evidence", "TEXT", "in, out: what proves it, or @FILE"},
    {OPT_AT, "at", "TIME", "in, out: when they said so, as evidence"},
    {OPT_LIFT_STOP, "lift-stop", NULL, "in: lift their STOP first"},
    {OPT_SUPPRESSED, "suppressed", NULL, "list: who said STOP instead"},
    {OPT_HEAD, "head", "HASH", "verify: the chain must hold this entry"},
    {0},
};
static const char *const usage[] = {
    "in|out [-c CHANNEL] [-jn] [options] [ID ...]",
    "check [-c CHANNEL] [-j] [ID ...]",
    "list [-c CHANNEL] [-j] [--suppressed]",
    "filter [-c CHANNEL]",
    "log [-c CHANNEL] [-j] [ID ...]",
    "verify [-j] [--head HASH]",
    NULL,
};
static const char *const verbs[] = {
    "in", "out", "check", "list", "filter", "log", "verify", NULL};
static const struct rc_tool tool = {
    .name = "rc-optin",
    .summary = "keep, ask and prove who agreed to be texted",
    .usage = usage,
    .options = options,
    .common = RC_CLI_STATE | RC_CLI_CHANNEL | RC_CLI_JSON | RC_CLI_DRY_RUN,
    .verbs = verbs,
};

struct optin {
	struct rc_cli cli;
	struct rc_consent_change change;
	struct rc_buf evidence;
	const char *head;
	bool suppressed;
	struct rc_channel *channel;
	struct rc_people people;
};

/* --- in and out ---------------------------------------------------------- */

static enum rc_err
change_block(struct optin *o, struct rc_consent_counts *sum)
{
	struct rc_store *store = o->cli.state->store;
	struct rc_consent_counts c = {0};
	enum rc_err err;

	o->change.received_ms = rc_clock_now_ms();
	err = (o->cli.dry_run ? rc_consent_try : rc_consent_change)(store,
	    &o->change, o->people.person, o->people.n, &c, &o->cli.error);
	if (err != RC_OK)
		return err;
	c.changed += sum->changed;
	c.unchanged += sum->unchanged;
	c.suppressed += sum->suppressed;
	*sum = c;
	return RC_OK;
}

static enum rc_err
change(struct optin *o)
{
	struct rc_consent_counts sum = {0};
	enum rc_err err, reported;

	o->change.kind = strcmp(o->cli.verb, "in") == 0 ? RC_J_IN : RC_J_OUT;
	o->change.channel = o->channel->number;
	o->change.type = o->channel->identifier;
	rc_people_open(&o->people, &o->cli, o->channel->identifier,
	    RC_CONSENT_BATCH, false);
	while ((err = rc_people_next(&o->people, &o->cli.error)) == RC_OK) {
		err = change_block(o, &sum);
		if (err != RC_OK)
			break;
	}
	reported = sum.seq > 0 || err == RC_END
		       ? rc_record_change(&o->cli, &sum, o->people.bad)
		       : RC_OK;
	if (err == RC_END)
		err = reported;
	return err == RC_OK ? rc_people_check(&o->people, &o->cli.error) : err;
}

/* --- asking -------------------------------------------------------------- */

/* Answers a block of people; *others counts those who are not in. */
static enum rc_err
answer_block(struct optin *o, uint32_t channel, bool filter, uint64_t *others)
{
	static struct rc_consent answer[ASK_BATCH];
	struct rc_people *p = &o->people;
	enum rc_err err;

	err = rc_consent_ask(o->cli.state->store, channel, p->type, p->person,
	    p->n, answer, &o->cli.error);
	for (size_t i = 0; err == RC_OK && i < p->n; i++) {
		bool in = answer[i].state == RC_CONSENT_IN;

		*others += !in;
		if (!filter)
			err = rc_record_consent(&o->cli.out, &p->person[i],
			    &answer[i], &o->cli.error);
		else if (in)
			err = rc_out_line(
			    &o->cli.out, rc_people_line(p, i), &o->cli.error);
	}
	if (err == RC_OK && p->waits)
		err = rc_out_flush(&o->cli.out, &o->cli.error);
	return err;
}

static enum rc_err
ask(struct optin *o, bool filter)
{
	uint32_t channel = o->channel->number;
	uint64_t others = 0;
	enum rc_err err;

	rc_people_open(
	    &o->people, &o->cli, o->channel->identifier, ASK_BATCH, filter);
	while ((err = rc_people_next(&o->people, &o->cli.error)) == RC_OK) {
		err = answer_block(o, channel, filter, &others);
		if (err != RC_OK)
			return err;
	}
	if (err == RC_END)
		err = rc_people_check(&o->people, &o->cli.error);
	return err == RC_OK && others > 0 && !filter ? RC_NOTFOUND : err;
}

static enum rc_err
print_person(void *arg, struct rc_slice text, struct rc_error *e)
{
	struct optin *o = arg;

	if (!o->cli.json)
		return rc_out_line(&o->cli.out, text, e);
	rc_out_begin(&o->cli.out);
	rc_out_str(&o->cli.out, "to", text);
	return rc_out_end(&o->cli.out, e);
}

static enum rc_err
list(struct optin *o)
{
	struct rc_store *store = o->cli.state->store;

	rc_cli_operands(&o->cli, 0, 0);
	if (o->suppressed)
		return rc_consent_suppressed(store, o->channel->identifier,
		    print_person, o, &o->cli.error);
	return rc_consent_list(
	    store, o->channel, print_person, o, &o->cli.error);
}

/* --- the journal --------------------------------------------------------- */

static enum rc_err
tell(struct optin *o)
{
	struct rc_people *p = &o->people;
	struct rc_story story;
	uint64_t unknown = 0;
	enum rc_err err;

	rc_story_init(&story);
	rc_people_open(p, &o->cli, o->channel->identifier, 1, false);
	while ((err = rc_people_next(p, &o->cli.error)) == RC_OK) {
		err = rc_story_read(
		    o->cli.state->store, p->person, &story, &o->cli.error);
		unknown += rc_story_count(&story) == 0;
		for (size_t i = 0; err == RC_OK && i < rc_story_count(&story);
		     i++)
			err = rc_record_entry(&o->cli.out, p->person,
			    rc_story_at(&story, i), &o->cli.error);
		if (err != RC_OK)
			break;
	}
	rc_story_free(&story);
	if (err == RC_END)
		err = rc_people_check(p, &o->cli.error);
	return err == RC_OK && unknown > 0 ? RC_NOTFOUND : err;
}

static enum rc_err
verify(struct optin *o)
{
	unsigned char head[RC_SHA256_LEN];
	struct rc_journal_verdict v;
	enum rc_err err;

	rc_cli_operands(&o->cli, 0, 0);
	if (o->head != NULL &&
	    !rc_unhex(rc_slice_str(o->head), head, RC_SHA256_LEN))
		rc_cli_usage(&o->cli, "--head takes 64 hex digits");
	err = rc_journal_verify(o->cli.state->store,
	    o->head == NULL ? NULL : head, &v, &o->cli.error);
	return err == RC_OK ? rc_record_verdict(&o->cli, &v, o->head) : err;
}

/* --- options ------------------------------------------------------------- */

static void
take_text(struct optin *o, struct rc_slice text, const char *option,
    struct rc_slice *into)
{
	if (text.len > RC_JOURNAL_TEXT_MAX)
		rc_cli_usage(&o->cli, "--%s is longer than %d bytes", option,
		    RC_JOURNAL_TEXT_MAX);
	if (!rc_utf8_valid(text))
		rc_cli_usage(&o->cli, "--%s is not UTF-8", option);
	*into = text;
}

static void
take_option(struct optin *o, int id, const char *value)
{
	switch (id) {
	case OPT_SOURCE:
		take_text(o, rc_slice_str(value), "source", &o->change.source);
		break;
	case OPT_EVIDENCE:
		rc_cli_check(&o->cli,
		    rc_cli_value(value, false, &o->evidence, &o->cli.error));
		take_text(o, rc_buf_slice(&o->evidence), "evidence",
		    &o->change.evidence);
		break;
	case OPT_AT:
		if (rc_time_parse(rc_slice_str(value), &o->change.claimed_ms,
			&o->cli.error) != RC_OK)
			rc_cli_usage(&o->cli, "--at: %s", o->cli.error.msg);
		break;
	case OPT_LIFT_STOP:
		o->change.lift = true;
		break;
	case OPT_SUPPRESSED:
		o->suppressed = true;
		break;
	default:
		o->head = value;
		break;
	}
}

static enum rc_err
run(struct optin *o)
{
	const char *verb = o->cli.verb;

	rc_cli_open_state(&o->cli, false);
	if (strcmp(verb, "verify") == 0)
		return verify(o);
	o->channel = rc_cli_open_channel(&o->cli, false);
	if (strcmp(verb, "list") == 0)
		return list(o);
	if (strcmp(verb, "log") == 0)
		return tell(o);
	if (strcmp(verb, "check") == 0 || strcmp(verb, "filter") == 0)
		return ask(o, strcmp(verb, "filter") == 0);
	return change(o);
}

int
main(int argc, char **argv)
{
	static struct optin o = {.evidence = {.max = RC_LINE_MAX}};
	const char *value;
	enum rc_err err;
	int id;

	rc_cli_start(&o.cli, &tool, argc, argv);
	o.change.source = RC_SLICE_LIT("rc-optin");
	while ((id = rc_cli_next(&o.cli, &value)) != 0)
		take_option(&o, id, value);
	err = run(&o);
	rc_people_close(&o.people);
	rc_buf_free(&o.evidence);
	rc_channel_free(o.channel);
	rc_cli_finish(&o.cli, err);
}
