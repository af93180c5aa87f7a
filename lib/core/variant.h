/*
 * The split of a campaign: its variants and its holdout, and who gets which.
 *
 * That is decided by keyed hashes of the recipient, under keys that belong to
 * the campaign's name: neither the order of recipients nor the number of runs,
 * processes and attempts matters, and two campaigns hold back different people.
 * Who has a message already keeps its variant, which is for others to look up:
 * nothing here knows of messages.
 */
#ifndef RC_CORE_VARIANT_H
#define RC_CORE_VARIANT_H

#include "core/state.h"
#include "text/ident.h"

#define RC_CAMPAIGN_NAME_MAX 64 /* bytes of UTF-8, no control characters */
#define RC_VARIANTS_MAX 100	/* in use at a time */
#define RC_VARIANT_NUMBERS 255	/* ever, as the message record has a byte */
#define RC_VARIANT_NAME_MAX 32
#define RC_VARIANT_WEIGHT_MAX 1000000
#define RC_HOLDOUT_ALL 10000 /* a holdout is in hundredths of a percent */

struct rc_variant {
	struct rc_slice name, text;
	uint32_t weight; /* 0: not in use any more */
};

/* Numbered from 1, which is list[0]; a number is never another's. */
struct rc_variants {
	struct rc_variant list[RC_VARIANT_NUMBERS];
	size_t n;
};

/* 1 to 32 letters, digits, '.', '_' and '-'. */
bool rc_variant_name_ok(struct rc_slice);
/*
 * Makes a set the one in use: variants known by name keep their numbers, new
 * ones get the next, and the others are kept with weight 0 and no text.  What
 * the set borrows, the list borrows then.  RC_ECONFIG when the numbers run out.
 */
enum rc_err rc_variants_use(struct rc_variants *, const struct rc_variant *set,
    size_t n, struct rc_error *) RC_MUST_USE;

/*
 * As in the campaign's record (reconnect-state(5)): nothing for a campaign that
 * never had a variant and has no holdout.  What is read borrows the bytes.
 */
void rc_split_write(
    const struct rc_variants *, unsigned holdout, struct rc_buf *);
enum rc_err rc_split_read(struct rc_slice, struct rc_variants *,
    unsigned *holdout, struct rc_error *) RC_MUST_USE;

struct rc_split {
	unsigned char variant_key[RC_SHA256_LEN], holdout_key[RC_SHA256_LEN];
	unsigned holdout;
	uint64_t total; /* of the weights */
	size_t n;
	uint32_t weight[RC_VARIANT_NUMBERS];
};
/* What a recipient gets depends on these alone; nothing is borrowed. */
void rc_split_open(struct rc_split *, const struct rc_state_keys *,
    const char *campaign, const struct rc_variants *, unsigned holdout);
/* The number of a recipient's variant; 0 without variants. */
uint8_t rc_split_variant(const struct rc_split *, const struct rc_ident *);
/* Whether a recipient belongs to the holdout; a larger one holds it too. */
bool rc_split_holds(const struct rc_split *, const struct rc_ident *);

#endif
