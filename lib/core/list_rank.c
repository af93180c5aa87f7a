#include "core/list_rank.h"

#include <stdlib.h>

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
	size_t open;  /* the block that is decoded, or NO_BLOCK */
	size_t next;  /* in it, where the newest question was answered */
	size_t count; /* members of it */
	uint64_t num[RC_PACK_COUNT_MAX]; /* of numbers */
	struct rc_unpacker unpack;	 /* of strings, which are at the next */
	struct rc_member at;
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
	r->next = 0;
	r->count = rc_pack_count(block);
	if (r->format == RC_PACK_NUMBERS) {
		err = rc_unpack_numbers(block, r->num, &r->count, e);
	} else {
		err = rc_unpacker_start(&r->unpack, block, e);
		if (err == RC_OK)
			err = rc_unpacker_next(&r->unpack, &r->at, e);
	}
	r->open = err == RC_OK ? i : NO_BLOCK;
	return err;
}

static enum rc_err
find_number(struct rc_list_rank *r, uint64_t wanted)
{
	size_t low = r->next, high = r->count;

	if (r->num[low] > wanted)
		low = 0;
	/* Most often it is this one, or the next. */
	for (int i = 0; i < 2 && low < high && r->num[low] < wanted; i++)
		low++;
	while (low < high && r->num[low] < wanted) {
		size_t middle = low + (high - low) / 2;

		if (r->num[middle] < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	r->next = low < r->count ? low : r->count - 1;
	return r->num[r->next] == wanted ? RC_OK : RC_NOTFOUND;
}

static enum rc_err
find_string(
    struct rc_list_rank *r, const struct rc_member *wanted, struct rc_error *e)
{
	int order = rc_member_cmp(r->format, &r->at, wanted);
	enum rc_err err = RC_OK;

	if (order > 0) {
		err = open_block(r, r->open, e);
		if (err == RC_OK)
			order = rc_member_cmp(r->format, &r->at, wanted);
	}
	while (err == RC_OK && order < 0 && r->next + 1 < r->count) {
		err = rc_unpacker_next(&r->unpack, &r->at, e);
		r->next++;
		order = rc_member_cmp(r->format, &r->at, wanted);
	}
	if (err != RC_OK)
		r->open = NO_BLOCK;
	else if (order != 0)
		err = RC_NOTFOUND;
	return err;
}

enum rc_err
rc_list_rank_of(struct rc_list_rank *r, const struct rc_ident *who,
    uint64_t *rank, struct rc_error *e)
{
	struct rc_member wanted = rc_list_member(who);
	enum rc_err err = RC_OK;

	if (!is_open(r, who)) {
		size_t i = find_block(r, who);

		if (i == NO_BLOCK)
			return RC_NOTFOUND;
		err = open_block(r, i, e);
	}
	if (err == RC_OK)
		err = r->format == RC_PACK_NUMBERS ? find_number(r, wanted.num)
						   : find_string(r, &wanted, e);
	if (err == RC_OK)
		*rank = place(r, r->open)->base + r->next;
	return err;
}
