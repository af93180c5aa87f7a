#include "face/optin.h"

#include "base/clock.h"

#include <string.h>

static enum rc_err
change_block(struct rc_optin *o, struct rc_consent_counts *sum)
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

enum rc_err
rc_optin_change(struct rc_optin *o)
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
