#include "core/channel_priv.h"

#include "base/num.h"
#include "core/campaign.h"
#include "core/message.h"
#include "core/rate.h"

#define SWEEP_BATCH 2000 /* records a transaction */

struct removal {
	const char *name;
	bool force;
	uint32_t number;
	/* a batch of sweeping */
	unsigned table;
	size_t done;
	struct rc_txn *txn;
};

/* Fails while a campaign of the channel has claims or deferred messages. */
static enum rc_err
check_campaign(
    void *arg, const struct rc_campaign *campaign, struct rc_error *e)
{
	static const enum rc_message_state open[] = {
	    RC_M_CLAIMED, RC_M_DEFERRED};
	struct removal *r = arg;
	uint64_t n;
	enum rc_err err;

	if (campaign->channel != r->number)
		return RC_OK;
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		err = rc_tally_get(r->txn, campaign->number, RC_TALLY_STATE,
		    (uint32_t)open[i], &n, e);
		if (err != RC_OK)
			return err;
		if (n > 0)
			return rc_err_set(e, RC_ECONFIG,
			    "channel '%s' has open messages in campaign '%s': "
			    "finish them with rc-send, or use --force",
			    r->name, campaign->name);
	}
	return RC_OK;
}

static enum rc_err
delete_if_there(
    struct rc_txn *txn, unsigned table, struct rc_slice key, struct rc_error *e)
{
	enum rc_err err = rc_del(txn, table, key, e);

	return err == RC_NOTFOUND ? RC_OK : err;
}

static enum rc_err
remove_records(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct removal *r = arg;
	struct rc_slice key = rc_slice_str(r->name), record;
	char number[4];
	enum rc_err err;

	err = rc_get(txn, RC_T_CHANNEL, key, &record, e);
	if (err != RC_OK)
		return err;
	if (record.len < RC_CHANNEL_HEAD_LEN)
		return rc_state_damaged(e, "a channel record");
	r->number = rc_get32(record.p);
	r->txn = txn;
	rc_put32(number, r->number);
	if (!r->force)
		err = rc_campaign_each(txn, check_campaign, r, e);
	if (err == RC_OK)
		err = rc_api_key_remove_all(txn, r->number, e);
	if (err == RC_OK)
		err = delete_if_there(
		    txn, RC_T_TOKEN, (struct rc_slice){number, 4}, e);
	if (err == RC_OK)
		err = rc_rate_forget(txn, r->number, e);
	if (err == RC_OK)
		err = delete_if_there(
		    txn, RC_T_LIST_INFO, (struct rc_slice){number, 4}, e);
	if (err == RC_OK)
		err = rc_del(txn, RC_T_CHANNEL, key, e);
	return err;
}

static enum rc_err
sweep(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct removal *r = arg;
	char number[4];

	rc_put32(number, r->number);
	return rc_del_prefix(txn, r->table, (struct rc_slice){number, 4},
	    SWEEP_BATCH, &r->done, e);
}

enum rc_err
rc_channel_remove(
    struct rc_state *state, const char *name, bool force, struct rc_error *e)
{
	static const unsigned swept[] = {
	    RC_T_LIST, RC_T_LIST_SEEN, RC_T_EVENT, RC_T_SYNC, RC_T_FEED};
	struct removal r = {.name = name, .force = force};
	enum rc_err err = rc_channel_name_check(name, e);

	if (err != RC_OK)
		return err;
	err = rc_store_write(state->store, remove_records, &r, e);
	if (err == RC_NOTFOUND)
		err = rc_channel_unknown(state, name, e);
	/* Numbers are never used again: what a kill leaves harms nobody. */
	for (size_t i = 0; i < sizeof(swept) / sizeof(swept[0]) && err == RC_OK;
	     i++) {
		r.table = swept[i];
		do
			err = rc_store_write_bulk(state->store, sweep, &r, e);
		while (err == RC_OK && r.done == SWEEP_BATCH);
	}
	return err;
}
