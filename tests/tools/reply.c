/*
 * reply NUMBER TEXT: a reply of a phone that waits in $RC_STATE, as rc-httpd
 * takes it in.
 */
#include "core/review.h"

#include <stdio.h>
#include <stdlib.h>

static enum rc_err
add(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	return rc_review_add(txn, arg, e);
}

int
main(int argc, char **argv)
{
	struct rc_review reply = {.channel = 1, .received_ms = 1};
	struct rc_state *state = NULL;
	struct rc_error e;
	enum rc_err err;

	if (argc != 3)
		return 64;
	reply.text = rc_slice_str(argv[2]);
	err = rc_ident_parse(
	    RC_IDENT_PHONE, rc_slice_str(argv[1]), &reply.who, &e);
	if (err == RC_OK)
		err = rc_state_open(&state, getenv("RC_STATE"),
		    getenv("RC_KEY_FILE"), false, &e);
	if (err == RC_OK)
		err = rc_store_write(state->store, add, &reply, &e);
	if (err != RC_OK)
		fprintf(stderr, "%s\n", e.msg);
	rc_state_close(state);
	return err != RC_OK;
}
