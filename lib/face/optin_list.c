#include "face/optin.h"

static enum rc_err
print_person(void *arg, struct rc_slice text, struct rc_error *e)
{
	struct rc_optin *o = arg;

	if (!o->cli.json)
		return rc_out_line(&o->cli.out, text, e);
	rc_out_begin(&o->cli.out);
	rc_out_str(&o->cli.out, "to", text);
	return rc_out_end(&o->cli.out, e);
}

enum rc_err
rc_optin_list(struct rc_optin *o)
{
	struct rc_store *store = o->cli.state->store;

	rc_cli_operands(&o->cli, 0, 0);
	if (o->suppressed)
		return rc_consent_suppressed(store, o->channel->identifier,
		    print_person, o, &o->cli.error);
	return rc_consent_list(
	    store, o->channel, print_person, o, &o->cli.error);
}
