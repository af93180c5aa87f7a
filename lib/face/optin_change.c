#include "face/optin.h"

#include "job/bulk.h"

#include <string.h>

#define READ_BATCH 2000 /* people */

static enum rc_err
settle(void *arg, struct rc_error *e)
{
	return rc_bulk_wait(arg, e);
}

static enum rc_err
record_people(struct rc_optin *o, struct rc_bulk *bulk)
{
	struct rc_people *p = &o->people;
	struct rc_error *e = &o->cli.error;
	enum rc_err err;

	rc_people_open(p, &o->cli, o->channel->identifier, READ_BATCH, false);
	p->settle = settle;
	p->settle_arg = bulk;
	while ((err = rc_people_next(p, e)) == RC_OK) {
		err = rc_bulk_add(bulk, p->person, p->n, e);
		if (err != RC_OK)
			return err;
	}
	return err == RC_END ? rc_bulk_settle(bulk, e) : err;
}

enum rc_err
rc_optin_change(struct rc_optin *o)
{
	struct rc_bulk bulk;
	enum rc_err err, reported = RC_OK;

	o->change.kind = strcmp(o->cli.verb, "in") == 0 ? RC_J_IN : RC_J_OUT;
	o->change.channel = o->channel->number;
	o->change.type = o->channel->identifier;
	err = rc_bulk_init(&bulk, o->cli.state->store, &o->change,
	    o->cli.dry_run, &o->cli.error);
	if (err == RC_OK)
		err = record_people(o, &bulk);
	/* What is recorded is told even when the rest is not. */
	if (bulk.sum.seq > 0 || err == RC_OK)
		reported = rc_record_change(&o->cli, &bulk.sum, o->people.bad);
	rc_bulk_free(&bulk);
	if (err == RC_OK)
		err = reported;
	return err == RC_OK ? rc_people_check(&o->people, &o->cli.error) : err;
}
