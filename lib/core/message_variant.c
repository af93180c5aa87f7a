#include "core/message_priv.h"

struct rc_ledger_variant *
rc_ledger_variant(struct rc_ledger *l, const unsigned char *record)
{
	uint8_t number = record[RC_AT_VARIANT];

	if (number == 0)
		return NULL;
	for (size_t i = 0; i < l->nvariants; i++)
		if (l->variant[i].number == number)
			return &l->variant[i];
	/* Others there cannot be: a byte has no more numbers. */
	l->variant[l->nvariants] = (struct rc_ledger_variant){.number = number};
	return &l->variant[l->nvariants++];
}

static enum rc_err
add(struct rc_ledger *l, const struct rc_ledger_variant *v, unsigned what,
    int64_t delta, struct rc_error *e)
{
	if (delta == 0)
		return RC_OK;
	return rc_tally_add(l->txn, l->campaign, RC_TALLY_VARIANT,
	    rc_variant_member(v->number, what), delta, e);
}

enum rc_err
rc_ledger_flush_variants(struct rc_ledger *l, struct rc_error *e)
{
	enum rc_err err = RC_OK;

	for (size_t i = 0; i < l->nvariants && err == RC_OK; i++) {
		const struct rc_ledger_variant *v = &l->variant[i];

		for (unsigned s = RC_M_NONE + 1; s < RC_M_STATES; s++)
			if (err == RC_OK)
				err = add(l, v, s, v->moved[s], e);
		if (err == RC_OK)
			err = add(l, v, RC_VARIANT_SEGMENTS, v->segments, e);
		if (err == RC_OK)
			err = add(l, v, RC_VARIANT_CLICKERS, v->clickers, e);
	}
	l->nvariants = 0;
	return err;
}

enum rc_err
rc_message_variant(struct rc_txn *txn, uint32_t campaign,
    const struct rc_ident *to, uint8_t *variant, struct rc_error *e)
{
	const unsigned char *record;
	uint32_t ordinal;
	enum rc_err err = rc_recipient_get(txn, campaign, to, &ordinal, e);

	if (err == RC_OK)
		err = rc_record_get(txn, campaign, ordinal, &record, e);
	if (err == RC_OK)
		*variant = record[RC_AT_VARIANT];
	return err;
}
