/*
 * Ranks: which member of a packed set somebody is, from 0 in the set's order.
 * So whoever keeps something about members needs no more than an array, or a
 * bit, by rank.  What the set is, and what is kept, is not known here.
 */
#ifndef RC_CORE_LIST_RANK_H
#define RC_CORE_LIST_RANK_H

#include "core/list.h"

struct rc_list_rank;

/*
 * The blocks, of one identifier type, are borrowed and must not change until
 * rc_list_rank_close.  Takes 16 bytes a block.
 */
enum rc_err rc_list_rank_open(struct rc_list_rank **, enum rc_ident_type,
    const struct rc_list_blocks *, struct rc_error *) RC_MUST_USE;
void rc_list_rank_close(struct rc_list_rank *); /* NULL is fine */
/*
 * The rank of a person, or RC_NOTFOUND.  Ascending questions walk on in the
 * open block; any other one costs a binary search and decodes a block.
 */
enum rc_err rc_list_rank_of(struct rc_list_rank *, const struct rc_ident *,
    uint64_t *rank, struct rc_error *) RC_MUST_USE;

#endif
