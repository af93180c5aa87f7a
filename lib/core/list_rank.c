#include "core/list_rank.h"

#include <stdlib.h>
#include <string.h>

#define NO_BLOCK SIZE_MAX

struct place {
	size_t at;     /* of the block in the copied bytes */
	uint64_t base; /* the rank of its first member */
};

struct rc_list_rank {
	const struct rc_list_blocks *blocks;
	enum rc_pack_format format;
	struct rc_buf place; /* struct place, one a block */
	size_t nplaces;
	size_t open;  /* the block that is read, or NO_BLOCK */
	size_t count; /* members of it */
	struct rc_unpacker unpack;
	struct rc_member at; /* first one not below the newest question */
	unsigned char asked[RC_IDENT_KEY_MAX]; /* the newest question */
	size_t asked_len;
};

enum rc_err
rc_list_rank_open(struct rc_list_rank **out, enum rc_ident_type type,
    const struct rc_list_blocks *blocks, struct rc_error *e)
{
	struct rc_list_rank *r = calloc(1, sizeof(*r));
	struct place p = {0};
	enum rc_err err;

	*out = NULL;
	if (r == NULL)
		return rc_err_nomem(e);
	r->blocks = blocks;
	r->format = rc_list_format(type);
	r->open = NO_BLOCK;
	r->place = RC_BUF_INIT(RC_LIST_BYTES_MAX);
	for (size_t at = 0; at < blocks->bytes.len; r->nplaces++) {
		struct rc_slice key, block;

		p.at = at;
		rc_buf_add(&r->place, &p, sizeof(p));
		rc_list_blocks_take(blocks, &at, &key, &block);
		p.base += rc_pack_count(block);
	}
	err = rc_buf_check(&r->place, "the index of a list", e);
	if (err == RC_OK)
		*out = r;
	else
		rc_list_rank_close(r);
	return err;
}

void
rc_list_rank_close(struct rc_list_rank *r)
{
	if (r == NULL)
		return;
	rc_buf_free(&r->place);
	free(r);
}

static const struct place *
place(const struct rc_list_rank *r, size_t i)
{
	return (const struct place *)(const void *)r->place.data + i;
}

/* Whether a person stands before the first member of block i. */
static bool
is_before(const struct rc_list_rank *r, const struct rc_ident *who, size_t i)
{
	size_t at = place(r, i)->at;
	struct rc_slice key, block;

	rc_list_blocks_take(r->blocks, &at, &key, &block);
	return rc_ident_cmp_key(who, key.p, key.len) < 0;
}

/* The one block that may hold a person; NO_BLOCK when none may. */
static size_t
find_block(const struct rc_list_rank *r, const struct rc_ident *who)
{
	size_t low = 0, high = r->nplaces; /* the answer is low - 1 */

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (is_before(r, who, middle))
			high = middle;
		else
			low = middle + 1;
	}
	return low == 0 ? NO_BLOCK : low - 1;
}

static bool
is_open(const struct rc_list_rank *r, const struct rc_ident *who)
{
	return r->open != NO_BLOCK && !is_before(r, who, r->open) &&
	       (r->open + 1 == r->nplaces || is_before(r, who, r->open + 1));
}

static enum rc_err
open_block(struct rc_list_rank *r, size_t i, struct rc_error *e)
{
	size_t at = place(r, i)->at;
	struct rc_slice key, block;
	enum rc_err err;

	rc_list_blocks_take(r->blocks, &at, &key, &block);
	r->count = rc_pack_count(block);
	err = rc_unpacker_start(&r->unpack, block, e);
	if (err == RC_OK)
		err = rc_unpacker_next(&r->unpack, &r->at, e);
	r->open = err == RC_OK ? i : NO_BLOCK;
	return err;
}

/* Opens the block for a person, anew if the newest question was behind. */
static enum rc_err
choose_block(
    struct rc_list_rank *r, const struct rc_ident *who, struct rc_error *e)
{
	size_t i = r->open;

	if (!is_open(r, who))
		i = find_block(r, who);
	else if (rc_ident_cmp_key(who, r->asked, r->asked_len) >= 0)
		return RC_OK;
	return i == NO_BLOCK ? RC_NOTFOUND : open_block(r, i, e);
}

enum rc_err
rc_list_rank_of(struct rc_list_rank *r, const struct rc_ident *who,
    uint64_t *rank, struct rc_error *e)
{
	struct rc_member wanted = rc_list_member(who);
	enum rc_err err = choose_block(r, who, e);

	if (err != RC_OK)
		return err;
	memcpy(r->asked, who->key, who->key_len);
	r->asked_len = who->key_len;
	err = rc_unpacker_seek(&r->unpack, &wanted, &r->at, e);
	if (err == RC_END ||
	    (err == RC_OK && rc_member_cmp(r->format, &r->at, &wanted) != 0))
		return RC_NOTFOUND;
	if (err == RC_OK)
		*rank = place(r, r->open)->base + r->count - 1 - r->unpack.left;
	else
		r->open = NO_BLOCK;
	return err;
}
