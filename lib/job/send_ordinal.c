#include "job/send_priv.h"

#include <string.h>

#define ASK_FIRST 16
#define ASK_MOST 8192
#define RANGES_MAX (64u << 20)

void
rc_send_ordinals_init(struct send_render *r)
{
	r->ranges = RC_BUF_INIT(RANGES_MAX);
	r->ids = RC_BUF_INIT(RANGES_MAX);
	r->spare = RC_BUF_INIT(RANGES_MAX);
	r->ask = ASK_FIRST;
}

void
rc_send_ordinals_free(struct send_render *r)
{
	rc_buf_free(&r->ranges);
	rc_buf_free(&r->ids);
	rc_buf_free(&r->spare);
}

static const struct send_range *
ranges(const struct send_render *r, size_t *n)
{
	*n = r->ranges.len / sizeof(struct send_range);
	return (const void *)r->ranges.data;
}

/* Index of the range that holds an ordinal; false when none does. */
static bool
find_range(const struct send_render *r, uint32_t ordinal, size_t *at)
{
	size_t low = 0, high, n;
	const struct send_range *range = ranges(r, &n);

	for (high = n; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (range[middle].first <= ordinal)
			low = middle + 1;
		else
			high = middle;
	}
	*at = low - 1;
	return low > 0 && ordinal - range[*at].first < range[*at].count;
}

bool
rc_send_ordinal_own(const struct send_render *r, uint32_t ordinal)
{
	size_t at;

	return find_range(r, ordinal, &at);
}

bool
rc_send_ordinal_take(struct send *s, struct send_item *item)
{
	struct send_render *r = &s->render;

	if (r->spare.len > 0) {
		size_t rest = r->spare.len - sizeof(uint32_t);

		memcpy(&item->claim.ordinal, r->spare.data + rest,
		    sizeof(uint32_t));
		rc_buf_cut(&r->spare, rest);
	} else if (r->left > 0) {
		item->claim.ordinal = r->next++;
		r->left--;
	} else if (s->cfg->dry_run) {
		item->claim.ordinal = r->next++;
	} else {
		return false;
	}
	return item->has_ordinal = true;
}

/* One that is lost for want of memory is a hole, and holes are allowed. */
void
rc_send_ordinal_give(struct send *s, struct send_item *item)
{
	if (item->has_ordinal && !s->cfg->dry_run)
		rc_buf_add(
		    &s->render.spare, &item->claim.ordinal, sizeof(uint32_t));
	item->has_ordinal = false;
}

uint32_t
rc_send_ordinals_wanted(const struct send *s)
{
	const struct send_render *r = &s->render;
	size_t have = r->left + r->spare.len / sizeof(uint32_t);

	if ((s->input_end || s->counting) && s->unrendered == NULL)
		return 0;
	if (s->unrendered == NULL && r->ranges.len == 0)
		return 0;
	return have >= r->ask / 4 ? 0 : r->ask;
}

enum rc_err
rc_send_ordinals_add(struct send *s, uint32_t first, uint32_t n,
    const uint64_t *ids, struct rc_error *e)
{
	struct send_render *r = &s->render;
	struct send_range range = {first, n};
	enum rc_err err;

	/* What is left of the range before goes first. */
	while (r->left > 0) {
		rc_buf_add(&r->spare, &r->next, sizeof(r->next));
		r->next++;
		r->left--;
	}
	rc_buf_add(&r->ranges, &range, sizeof(range));
	rc_buf_add(&r->ids, ids, r->nlinks * sizeof(*ids));
	err = rc_buf_check(&r->ranges, "list of reserved ranges", e);
	if (err == RC_OK)
		err = rc_buf_check(&r->ids, "list of reserved links", e);
	if (err != RC_OK)
		return err;
	r->next = first;
	r->left = n;
	r->ask = r->ask * 2 > ASK_MOST ? ASK_MOST : r->ask * 2;
	return RC_OK;
}

uint64_t
rc_send_link_id(const struct send_render *r, uint32_t ordinal, size_t link)
{
	const struct send_range *range;
	size_t at, n;
	uint64_t id;

	if (!find_range(r, ordinal, &at))
		return 0;
	range = ranges(r, &n);
	memcpy(&id, r->ids.data + (at * r->nlinks + link) * sizeof(id),
	    sizeof(id));
	return id + (ordinal - range[at].first);
}
