/*
 * suppress NUMBER ...: suppresses phone numbers in $RC_STATE, as a STOP on
 * the handset does.
 */
#include "core/consent.h"

#include <stdio.h>
#include <stdlib.h>

static enum rc_err
suppress(struct rc_state *state, const char *number, struct rc_error *e)
{
	const struct rc_consent_change change = {.kind = RC_J_SUPPRESS,
	    .type = RC_IDENT_PHONE,
	    .received_ms = 1,
	    .source = RC_SLICE_LIT("test")};
	struct rc_consent_counts counts;
	struct rc_ident id;
	enum rc_err err =
	    rc_ident_parse(change.type, rc_slice_str(number), &id, e);

	if (err != RC_OK)
		return err;
	return rc_consent_change(state->store, &change, &id, 1, &counts, e);
}

int
main(int argc, char **argv)
{
	struct rc_state *state;
	struct rc_error e;
	enum rc_err err;

	err = rc_state_open(
	    &state, getenv("RC_STATE"), getenv("RC_KEY_FILE"), false, &e);
	for (int i = 1; err == RC_OK && i < argc; i++)
		err = suppress(state, argv[i], &e);
	if (err != RC_OK)
		fprintf(stderr, "%s\n", e.msg);
	else
		rc_state_close(state);
	return err != RC_OK;
}
