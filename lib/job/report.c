#include "job/report.h"

#include <stdlib.h>
#include <string.h>

#define CAMPAIGNS_MAX 1000000

struct collection {
	struct rc_txn *txn;
	const char *const *names;
	size_t nnames;
	struct rc_report_row *row;
	size_t n, cap;
};

static enum rc_err
read_states(struct rc_txn *txn, uint32_t campaign, uint64_t state[RC_M_STATES],
    struct rc_error *e)
{
	enum rc_err err = RC_OK;

	for (uint32_t s = 0; s < RC_M_STATES && err == RC_OK; s++)
		err = rc_tally_get(
		    txn, campaign, RC_TALLY_STATE, s, &state[s], e);
	return err;
}

static enum rc_err
read_clicks(struct rc_txn *txn, uint32_t campaign, struct rc_report_row *row,
    struct rc_error *e)
{
	uint64_t class[RC_CLICK_CLASSES] = {0};
	enum rc_err err = RC_OK;

	for (uint32_t c = 1; c < RC_CLICK_CLASSES && err == RC_OK; c++) {
		err = rc_tally_get(
		    txn, campaign, RC_TALLY_CLICK, c, &class[c], e);
		row->clicks_raw += class[c];
	}
	row->clicks_human = class[RC_CLICK_HUMAN];
	row->clicks_bot = class[RC_CLICK_BOT];
	row->clicks_prefetch = class[RC_CLICK_PREFETCH];
	row->clicks_duplicate = class[RC_CLICK_DUPLICATE];
	return err;
}

static void
sum_states(struct rc_report_row *row, const uint64_t state[RC_M_STATES])
{
	for (int s = RC_M_CLAIMED; s < RC_M_STATES; s++)
		row->recipients += state[s];
	row->open = state[RC_M_CLAIMED];
	row->sent = state[RC_M_SENT];
	row->failed = state[RC_M_FAILED];
	row->delivered = state[RC_M_DELIVERED];
	row->undelivered = state[RC_M_UNDELIVERED] + state[RC_M_FAILED];
	row->accepted = state[RC_M_ACCEPTED] + state[RC_M_SENT] +
			row->delivered + row->undelivered;
	row->rejected = state[RC_M_REJECTED];
	row->deferred = state[RC_M_DEFERRED];
	row->unknown = state[RC_M_UNKNOWN];
	row->held = state[RC_M_HELD];
}

static enum rc_err
read_channel(struct rc_txn *txn, uint32_t number, struct rc_report_row *row,
    struct rc_error *e)
{
	struct rc_channel *channel = NULL;
	enum rc_err err = rc_channel_by_number(txn, number, &channel, e);
	size_t len;

	if (err == RC_OK) {
		len = strnlen(channel->name, sizeof(row->channel) - 1);
		memcpy(row->channel, channel->name, len);
		row->price = channel->price;
	}
	rc_channel_free(channel);
	return err == RC_ENOINPUT || err == RC_NOTFOUND ? RC_OK : err;
}

static enum rc_err
grow(struct collection *c, struct rc_error *e)
{
	size_t cap = c->cap == 0 ? 16 : 2 * c->cap;
	struct rc_report_row *row;

	if (c->n < c->cap)
		return RC_OK;
	if (c->n >= CAMPAIGNS_MAX)
		return rc_err_set(e, RC_EDATA,
		    "more than %d campaigns: name those you want",
		    CAMPAIGNS_MAX);
	row = realloc(c->row, cap * sizeof(*row));
	if (row == NULL)
		return rc_err_nomem(e);
	c->row = row;
	c->cap = cap;
	return RC_OK;
}

static enum rc_err
add_campaign(void *arg, const struct rc_campaign *campaign, struct rc_error *e)
{
	struct collection *c = arg;
	uint64_t state[RC_M_STATES];
	struct rc_report_row *row;
	enum rc_err err = grow(c, e);

	if (err != RC_OK)
		return err;
	row = &c->row[c->n];
	memset(row, 0, sizeof(*row));
	memcpy(row->campaign, campaign->name, sizeof(row->campaign));
	row->first_run_ms = campaign->first_run_ms;
	row->last_run_ms = campaign->last_run_ms;
	row->number = campaign->number;
	err = read_channel(c->txn, campaign->channel, row, e);
	if (err == RC_OK)
		err = read_states(c->txn, campaign->number, state, e);
	if (err == RC_OK)
		err = read_clicks(c->txn, campaign->number, row, e);
	if (err == RC_OK)
		err = rc_tally_get(c->txn, campaign->number, RC_TALLY_CLICKERS,
		    0, &row->clickers, e);
	if (err == RC_OK)
		err = rc_tally_get(c->txn, campaign->number, RC_TALLY_SEGMENTS,
		    0, &row->segments, e);
	if (err != RC_OK)
		return err;
	sum_states(row, state);
	if (row->accepted > 0)
		row->ctr = (double)row->clickers / (double)row->accepted;
	c->n++;
	return RC_OK;
}

static enum rc_err
collect(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct collection *c = arg;
	struct rc_campaign campaign;
	enum rc_err err = RC_OK;

	c->txn = txn;
	if (c->nnames == 0)
		return rc_campaign_each(txn, add_campaign, c, e);
	for (size_t i = 0; i < c->nnames && err == RC_OK; i++) {
		err = rc_campaign_get(txn, c->names[i], &campaign, e);
		if (err == RC_NOTFOUND)
			return rc_err_set(e, RC_ENOINPUT,
			    "no campaign '%s': rc-stats alone lists them",
			    c->names[i]);
		if (err == RC_OK)
			err = add_campaign(c, &campaign, e);
	}
	return err;
}

enum rc_err
rc_report(struct rc_state *state, const char *const *names, size_t n,
    enum rc_err (*fn)(void *, const struct rc_report_row *, struct rc_error *),
    void *arg, struct rc_error *e)
{
	struct collection c = {.names = names, .nnames = n};
	uint64_t ignored;
	enum rc_err err = rc_run_recover(state, 0, &ignored, e);

	if (err == RC_OK)
		err = rc_click_fold(state, &ignored, e);
	if (err == RC_OK)
		err = rc_store_read(state->store, collect, &c, e);
	for (size_t i = 0; i < c.n && err == RC_OK; i++)
		err = fn(arg, &c.row[i], e);
	free(c.row);
	return err;
}
