#include "job/send_priv.h"

#include <string.h>

/* The names are the transaction's; the texts are not needed. */
static void
keep_names(struct send_split *split)
{
	for (size_t i = 0; i < split->variants.n; i++) {
		struct rc_variant *v = &split->variants.list[i];

		memcpy(split->name[i], v->name.p, v->name.len);
		v->name.p = split->name[i];
		v->text = RC_SLICE_LIT("");
	}
}

/* Where the texts of each variant in use are among the contents. */
static void
find_contents(struct send *s)
{
	const struct rc_send_config *cfg = s->cfg;
	struct rc_variants *v = &s->split.variants;

	for (size_t n = 0; n < v->n; n++)
		for (size_t i = 0; i < cfg->nvariants; i++)
			if (rc_slice_eq(v->list[n].name, cfg->variants[i].name))
				s->split.content[n] = (uint8_t)i;
}

enum rc_err
rc_send_split_open(struct send *s, struct rc_txn *txn,
    const struct rc_campaign *c, struct rc_error *e)
{
	const struct rc_send_config *cfg = s->cfg;
	const struct rc_content content = {
	    .variants = cfg->variants, .nvariants = cfg->nvariants};
	struct send_split *split = &s->split;
	enum rc_err err;

	split->variants.n = 0;
	split->look = false;
	if (cfg->nvariants == 0 && cfg->holdout == 0)
		return RC_OK;
	err = rc_campaign_variants(c, &content, &split->variants, e);
	if (err == RC_OK && c != NULL && cfg->nvariants > 0) {
		err = rc_message_none(txn, c->number, &split->look, e);
		split->look = !split->look;
	}
	if (err != RC_OK)
		return err;
	keep_names(split);
	find_contents(s);
	rc_split_open(&split->split, &s->state->keys, cfg->campaign,
	    &split->variants, cfg->holdout);
	return RC_OK;
}

struct search {
	uint32_t campaign;
	const struct rc_ident *to;
	uint8_t variant;
};

static enum rc_err
search(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct search *s = arg;

	return rc_message_variant(txn, s->campaign, s->to, &s->variant, e);
}

/*
 * Whoever has a message that may be tried again keeps its variant, as long as
 * that is in use: after a change of weights the hash may give another.
 */
static enum rc_err
kept_variant(const struct send *s, struct send_item *item, struct rc_error *e)
{
	struct search q = {.campaign = s->campaign, .to = &item->claim.to};
	const struct rc_variants *v = &s->split.variants;
	enum rc_err err = rc_store_read(s->state->store, search, &q, e);

	if (err == RC_OK && q.variant > 0 && q.variant <= v->n &&
	    v->list[q.variant - 1].weight > 0)
		item->claim.variant = q.variant;
	return err == RC_NOTFOUND ? RC_OK : err;
}

enum rc_err
rc_send_assign(struct send *s, struct send_item *item, struct rc_error *e)
{
	const struct send_split *split = &s->split;
	enum rc_err err = RC_OK;

	item->content = &s->render.content[0];
	item->claim.variant = 0;
	item->claim.hold = s->cfg->holdout > 0 &&
			   rc_split_holds(&split->split, &item->claim.to);
	if (s->cfg->nvariants == 0)
		return RC_OK;
	item->claim.variant = rc_split_variant(&split->split, &item->claim.to);
	if (split->look)
		err = kept_variant(s, item, e);
	item->content =
	    &s->render.content[split->content[item->claim.variant - 1]];
	return err;
}

struct rc_slice
rc_send_variant_name(const struct send *s, uint8_t number)
{
	const struct rc_variants *v = &s->split.variants;

	if (number == 0 || number > v->n)
		return (struct rc_slice){"", 0};
	return v->list[number - 1].name;
}
