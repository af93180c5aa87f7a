#include "job/report.h"

#include <stdlib.h>
#include <string.h>

#define CAMPAIGNS_MAX 1000000

uint64_t
rc_report_number(
    const struct rc_report_row *row, const struct rc_report_number *number)
{
	uint64_t n;

	memcpy(&n, (const char *)row + number->offset, sizeof(n));
	return n;
}

struct collection {
	struct rc_txn *txn;
	const char *const *names;
	size_t nnames;
	/* Adds the rows of a campaign. */
	enum rc_err (*add)(
	    void *, const struct rc_campaign *, struct rc_error *);
	struct rc_report_row *row;
	size_t n, cap;
};

/* What the numbers of a row but clicks are made of. */
struct counts {
	uint64_t state[RC_M_STATES], segments, clickers;
};

static enum rc_err
read_counts(
    struct rc_txn *txn, uint32_t campaign, struct counts *n, struct rc_error *e)
{
	enum rc_err err = RC_OK;

	n->state[RC_M_NONE] = 0;
	for (uint32_t s = RC_M_NONE + 1; s < RC_M_STATES && err == RC_OK; s++)
		err = rc_tally_get(
		    txn, campaign, RC_TALLY_STATE, s, &n->state[s], e);
	if (err == RC_OK)
		err = rc_tally_get(
		    txn, campaign, RC_TALLY_SEGMENTS, 0, &n->segments, e);
	if (err == RC_OK)
		err = rc_tally_get(
		    txn, campaign, RC_TALLY_CLICKERS, 0, &n->clickers, e);
	return err;
}

static enum rc_err
read_member(struct rc_txn *txn, uint32_t campaign, size_t variant,
    unsigned what, uint64_t *n, struct rc_error *e)
{
	return rc_tally_get(txn, campaign, RC_TALLY_VARIANT,
	    rc_variant_member((uint8_t)variant, what), n, e);
}

/* The counts of a variant, which are taken from those of the rest. */
static enum rc_err
read_variant(struct rc_txn *txn, uint32_t campaign, size_t variant,
    struct counts *n, struct counts *rest, struct rc_error *e)
{
	enum rc_err err = RC_OK;

	n->state[RC_M_NONE] = 0;
	for (unsigned s = RC_M_NONE + 1; s < RC_M_STATES && err == RC_OK; s++) {
		err = read_member(txn, campaign, variant, s, &n->state[s], e);
		rest->state[s] -= n->state[s];
	}
	if (err == RC_OK)
		err = read_member(txn, campaign, variant, RC_VARIANT_SEGMENTS,
		    &n->segments, e);
	if (err == RC_OK)
		err = read_member(txn, campaign, variant, RC_VARIANT_CLICKERS,
		    &n->clickers, e);
	rest->segments -= n->segments;
	rest->clickers -= n->clickers;
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
sum_up(struct rc_report_row *row, const struct counts *n)
{
	const uint64_t *state = n->state;

	row->segments = n->segments;
	row->clickers = n->clickers;
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
	if (row->accepted > 0)
		row->ctr = (double)row->clickers / (double)row->accepted;
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
add_row(struct collection *c, const struct rc_campaign *campaign,
    const struct counts *n, struct rc_report_row **added, struct rc_error *e)
{
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
	sum_up(row, n);
	c->n++;
	*added = row;
	return read_channel(c->txn, campaign->channel, row, e);
}

static enum rc_err
add_campaign(void *arg, const struct rc_campaign *campaign, struct rc_error *e)
{
	struct collection *c = arg;
	struct rc_report_row *row;
	struct counts n = {0};
	enum rc_err err = read_counts(c->txn, campaign->number, &n, e);

	if (err == RC_OK)
		err = add_row(c, campaign, &n, &row, e);
	return err == RC_OK ? read_clicks(c->txn, campaign->number, row, e)
			    : err;
}

static enum rc_err
add_variant(struct collection *c, const struct rc_campaign *campaign,
    const struct rc_variant *v, const struct counts *n, struct rc_error *e)
{
	struct rc_report_row *row;
	enum rc_err err = add_row(c, campaign, n, &row, e);

	if (err != RC_OK)
		return err;
	memcpy(row->variant, v->name.p, v->name.len);
	row->weight = v->weight;
	if (row->weight == 0 && row->recipients == 0)
		c->n--;
	return RC_OK;
}

static enum rc_err
add_variants(void *arg, const struct rc_campaign *campaign, struct rc_error *e)
{
	struct collection *c = arg;
	struct rc_variants variants;
	struct rc_report_row *row;
	struct counts n, rest = {0};
	unsigned holdout;
	enum rc_err err =
	    rc_split_read(campaign->split, &variants, &holdout, e);

	if (err == RC_OK)
		err = read_counts(c->txn, campaign->number, &rest, e);
	for (size_t i = 0; err == RC_OK && i < variants.n; i++) {
		err =
		    read_variant(c->txn, campaign->number, i + 1, &n, &rest, e);
		if (err == RC_OK)
			err =
			    add_variant(c, campaign, &variants.list[i], &n, e);
	}
	if (err != RC_OK)
		return err;
	err = add_row(c, campaign, &rest, &row, e);
	if (err == RC_OK && row->recipients == 0 && variants.n > 0)
		c->n--;
	return err;
}

static enum rc_err
collect(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct collection *c = arg;
	struct rc_campaign campaign;
	enum rc_err err = RC_OK;

	c->txn = txn;
	if (c->nnames == 0)
		return rc_campaign_each(txn, c->add, c, e);
	for (size_t i = 0; i < c->nnames && err == RC_OK; i++) {
		err = rc_campaign_get(txn, c->names[i], &campaign, e);
		if (err == RC_NOTFOUND)
			return rc_err_set(e, RC_ENOINPUT,
			    "no campaign '%s': rc-stats alone lists them",
			    c->names[i]);
		if (err == RC_OK)
			err = c->add(c, &campaign, e);
	}
	return err;
}

static enum rc_err
report(struct rc_state *state, struct collection *c,
    enum rc_err (*fn)(void *, const struct rc_report_row *, struct rc_error *),
    void *arg, struct rc_error *e)
{
	uint64_t ignored;
	enum rc_err err = rc_run_recover(state, 0, &ignored, e);

	if (err == RC_OK)
		err = rc_click_fold(state, &ignored, e);
	if (err == RC_OK)
		err = rc_store_read(state->store, collect, c, e);
	for (size_t i = 0; i < c->n && err == RC_OK; i++)
		err = fn(arg, &c->row[i], e);
	free(c->row);
	return err;
}

enum rc_err
rc_report(struct rc_state *state, const char *const *names, size_t n,
    enum rc_err (*fn)(void *, const struct rc_report_row *, struct rc_error *),
    void *arg, struct rc_error *e)
{
	struct collection c = {
	    .names = names, .nnames = n, .add = add_campaign};

	return report(state, &c, fn, arg, e);
}

enum rc_err
rc_report_variants(struct rc_state *state, const char *const *names, size_t n,
    enum rc_err (*fn)(void *, const struct rc_report_row *, struct rc_error *),
    void *arg, struct rc_error *e)
{
	struct collection c = {
	    .names = names, .nnames = n, .add = add_variants};

	return report(state, &c, fn, arg, e);
}
