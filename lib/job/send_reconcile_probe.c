#include "job/send_reconcile_priv.h"

/* States of messages that the provider surely had. */
static const enum rc_message_state HAD[RECONCILE_PROBES] = {
    RC_M_DELIVERED, RC_M_SENT, RC_M_ACCEPTED, RC_M_UNDELIVERED, RC_M_FAILED};

/* Of a list, a message that was accepted is known by the provider's id. */
static bool
may_probe(const struct reconcile *r, const struct rc_message *m)
{
	return r->cfg->channel->provider != RC_PROVIDER_TWILIO ||
	       m->provider_id[0] != '\0';
}

/* One look, at the oldest of a state: there need not be one. */
static enum rc_err
look_for(struct rc_txn *txn, struct reconcile *r, enum rc_message_state state,
    struct rc_error *e)
{
	enum rc_err err =
	    rc_message_scan(txn, r->campaign, state, 0, &r->scan, e);

	for (size_t i = 0; i < r->scan.n; i++)
		if (may_probe(r, &r->scan.message[i])) {
			r->probe[r->nprobes++] = r->scan.message[i];
			break;
		}
	r->scan.n = 0;
	r->scan.next = 0;
	return err == RC_END ? RC_OK : err;
}

enum rc_err
rc_reconcile_probes(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct reconcile *r = arg;
	enum rc_err err = RC_OK;

	r->nprobes = 0;
	for (size_t s = 0; s < RECONCILE_PROBES && err == RC_OK; s++)
		err = look_for(txn, r, HAD[s], e);
	return err;
}
