#include "job/send_reconcile_priv.h"

#include <stdio.h>

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
look_for(struct rc_txn *txn, struct reconcile *r, uint32_t campaign,
    enum rc_message_state state, struct rc_error *e)
{
	enum rc_err err = rc_message_scan(txn, campaign, state, 0, &r->scan, e);

	for (size_t i = 0; i < r->scan.n; i++)
		if (may_probe(r, &r->scan.message[i])) {
			r->probe[r->nprobes++] = r->scan.message[i];
			break;
		}
	r->scan.n = 0;
	r->scan.next = 0;
	return err == RC_END ? RC_OK : err;
}

static enum rc_err
take_from(struct rc_txn *txn, struct reconcile *r, const char *name,
    uint32_t number, struct rc_error *e)
{
	enum rc_err err = RC_OK;

	snprintf(r->probes_of, sizeof(r->probes_of), "%s", name);
	for (size_t s = 0; s < RECONCILE_PROBES && err == RC_OK; s++)
		err = look_for(txn, r, number, HAD[s], e);
	return err;
}

struct others {
	struct rc_txn *txn;
	struct reconcile *r;
};

static enum rc_err
take_from_other(void *arg, const struct rc_campaign *c, struct rc_error *e)
{
	const struct others *o = arg;
	enum rc_err err = RC_OK;

	if (c->channel == o->r->cfg->channel->number)
		err = take_from(o->txn, o->r, c->name, c->number, e);
	return err == RC_OK && o->r->nprobes > 0 ? RC_END : err;
}

enum rc_err
rc_reconcile_probes(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct reconcile *r = arg;
	struct others o = {txn, r};
	enum rc_err err;

	r->nprobes = 0;
	err = take_from(txn, r, r->cfg->campaign, r->campaign, e);
	return err == RC_OK && r->nprobes == 0
		   ? rc_campaign_each(txn, take_from_other, &o, e)
		   : err;
}
