#include "face/optin.h"

#define ASK_BATCH 2000 /* people a snapshot */

/* Answers a block of people; *others counts those who are not in. */
static enum rc_err
answer_block(
    struct rc_optin *o, uint32_t channel, bool filter, uint64_t *others)
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
	return err;
}

static enum rc_err
ask(struct rc_optin *o, bool filter)
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

enum rc_err
rc_optin_check(struct rc_optin *o)
{
	return ask(o, false);
}

enum rc_err
rc_optin_filter(struct rc_optin *o)
{
	return ask(o, true);
}
