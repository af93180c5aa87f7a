/*
 * Short links: blocks of consecutive ids, a code being an id's permutation
 * (text/code).  A campaign for ten million people costs a handful of records.
 */
#ifndef RC_CORE_LINK_H
#define RC_CORE_LINK_H

#include "core/message.h"

#define RC_LINK_UNBOUND 0xffffffffu

struct rc_link {
	uint64_t id;
	uint32_t campaign;   /* 0: none */
	uint32_t ordinal;    /* RC_LINK_UNBOUND: not a message's */
	struct rc_slice url; /* borrowed from the transaction */
};

/*
 * Within a write: a block for ordinals first .. first + count - 1 of a
 * campaign.  url_kind 0: url as given; n: expanded URL n is kept with each
 * message.
 */
enum rc_err rc_link_reserve(struct rc_txn *, uint32_t campaign,
    uint32_t first_ordinal, uint32_t count, uint8_t url_kind,
    struct rc_slice url, uint64_t *first_id, struct rc_error *) RC_MUST_USE;
/*
 * Within a write: an unbound link; the same URL and campaign (0: none) give the
 * same id again.  The caller has checked the URL.
 */
enum rc_err rc_link_mint(struct rc_txn *, uint32_t campaign,
    struct rc_slice url, uint64_t *id, struct rc_error *) RC_MUST_USE;
/* The link rc_link_mint would find; RC_NOTFOUND when it would make one. */
enum rc_err rc_link_find(struct rc_txn *, uint32_t campaign,
    struct rc_slice url, uint64_t *id, struct rc_error *) RC_MUST_USE;
/*
 * What an id stands for; RC_NOTFOUND for an id never given, or of a message
 * that was never claimed.
 */
enum rc_err rc_link_get(struct rc_txn *, uint64_t id, struct rc_link *,
    struct rc_error *) RC_MUST_USE;
/*
 * Whose message an id was reserved for, whether it was claimed or not, or moved
 * since; RC_NOTFOUND for an id never given or not a message's.
 */
enum rc_err rc_link_owner(struct rc_txn *, uint64_t id, uint32_t *campaign,
    uint32_t *ordinal, struct rc_error *) RC_MUST_USE;
/*
 * Every block's first id from an id on, in order: unbound links and campaigns'
 * blocks, whose url may be one with variables.  Ends when the function returns
 * anything but RC_OK; RC_END is no error.
 */
enum rc_err rc_link_each(struct rc_txn *, uint64_t from,
    enum rc_err (*)(
	void *, const struct rc_link *, uint32_t count, struct rc_error *),
    void *arg, struct rc_error *) RC_MUST_USE;
/*
 * BASE/CODE, base without its trailing slashes.  id 0 is nobody's: a preview of
 * the same length.
 */
void rc_link_write(const struct rc_state_keys *, struct rc_slice base,
    uint64_t id, struct rc_buf *);

#endif
