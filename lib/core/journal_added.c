#include "core/journal_priv.h"

#include "base/num.h"

/* What one snapshot covers at most: a long one makes the file grow. */
#define SLICE_ENTRIES 10000
#define SLICE_BYTES (20u << 20)
#define LEVELS 40 /* sets of one entry, of two, of four … */

/*
 * The union in the making.  Sets are merged like the digits of a binary
 * counter, so that a million entries of one person cost no more than the
 * twenty merges each of them goes through, and no more memory than the sets.
 */
struct gathering {
	const struct rc_journal_added *asked;
	enum rc_pack_format format;
	struct rc_list_blocks level[LEVELS];
	uint64_t next; /* entry */
	bool done;
};

/* Moves a walk on; *more tells whether there is a member. */
static enum rc_err
step(
    struct rc_list_walk *w, struct rc_member *m, bool *more, struct rc_error *e)
{
	enum rc_err err = rc_list_walk_next(w, m, e);

	*more = err == RC_OK;
	return err == RC_END ? RC_OK : err;
}

static enum rc_err
merge(struct rc_packer *to, const struct rc_list_blocks *a,
    const struct rc_list_blocks *b, struct rc_error *e)
{
	struct rc_list_walk wa, wb;
	struct rc_member ma, mb;
	bool more_a, more_b;
	enum rc_err err;

	rc_list_walk_start(&wa, a);
	rc_list_walk_start(&wb, b);
	err = step(&wa, &ma, &more_a, e);
	if (err == RC_OK)
		err = step(&wb, &mb, &more_b, e);
	while (err == RC_OK && (more_a || more_b)) {
		int order = !more_a   ? 1
			    : !more_b ? -1
				      : rc_member_cmp(to->format, &ma, &mb);

		err = rc_packer_add(to, order <= 0 ? &ma : &mb, e);
		if (err == RC_OK && order <= 0)
			err = step(&wa, &ma, &more_a, e);
		if (err == RC_OK && order >= 0)
			err = step(&wb, &mb, &more_b, e);
	}
	return err == RC_OK ? rc_packer_finish(to, e) : err;
}

/* into becomes the union of both; from is empty after. */
static enum rc_err
unite(enum rc_pack_format format, struct rc_list_blocks *into,
    struct rc_list_blocks *from, struct rc_error *e)
{
	struct rc_list_blocks both;
	struct rc_packer packer;
	enum rc_err err;

	rc_list_blocks_init(&both);
	rc_packer_start(&packer, format, rc_list_blocks_emit, &both);
	err = merge(&packer, into, from, e);
	rc_list_blocks_free(into);
	rc_list_blocks_free(from);
	*into = both;
	return err;
}

/* Counts one up: takes the set, which is empty after. */
static enum rc_err
count_up(struct gathering *g, struct rc_list_blocks *set, struct rc_error *e)
{
	size_t i = 0;
	enum rc_err err = RC_OK;

	while (err == RC_OK && i + 1 < LEVELS && g->level[i].members > 0)
		err = unite(g->format, set, &g->level[i++], e);
	if (g->level[i].members > 0 && err == RC_OK)
		return unite(g->format, &g->level[i], set, e);
	rc_list_blocks_free(&g->level[i]);
	g->level[i] = *set;
	rc_list_blocks_init(set);
	return err;
}

static enum rc_journal_set_kind
kind_of(const struct rc_journal_added *a)
{
	return a->removed ? RC_J_REMOVED : RC_J_ADDED;
}

/* The members an entry added, or removed. */
static enum rc_err
copy_added(struct rc_cursor *blocks, enum rc_journal_set_kind kind,
    uint64_t seq, struct rc_list_blocks *set, struct rc_error *e)
{
	struct rc_journal_key from =
	    rc_journal_block_key(seq, kind, RC_SLICE_LIT(""));
	struct rc_slice prefix = rc_journal_key_slice(&from), key, value, first;
	enum rc_err err = rc_cursor_ge(blocks, prefix, &key, &value, e);

	while (err == RC_OK && rc_slice_starts(key, prefix, &first)) {
		err = rc_list_blocks_emit(
		    set, first, rc_journal_unsalt(value), e);
		if (err == RC_OK)
			err = rc_cursor_next(blocks, &key, &value, e);
	}
	return err == RC_NOTFOUND || err == RC_END ? RC_OK : err;
}

static bool
is_asked(const struct rc_journal_added *a, const struct rc_journal_entry *j)
{
	return j->count[kind_of(a) - 1] > 0 && j->type == a->type &&
	       j->received_ms >= a->since_ms &&
	       (j->channel == a->channel || j->channel == 0);
}

static enum rc_err
take_entry(struct gathering *g, struct rc_cursor *blocks, uint64_t seq,
    struct rc_slice value, size_t *bytes, struct rc_error *e)
{
	struct rc_journal_record r;
	struct rc_list_blocks set;
	enum rc_err err = rc_journal_parse(seq, value, &r, e);

	if (err != RC_OK || !is_asked(g->asked, &r.entry))
		return err;
	rc_list_blocks_init(&set);
	err = copy_added(blocks, kind_of(g->asked), seq, &set, e);
	*bytes += set.bytes.len;
	if (err == RC_OK && set.members > 0)
		err = count_up(g, &set, e);
	rc_list_blocks_free(&set);
	return err;
}

static enum rc_err
walk_slice(struct gathering *g, struct rc_cursor *entries,
    struct rc_cursor *blocks, struct rc_error *e)
{
	struct rc_journal_key from = rc_journal_entry_key(g->next);
	struct rc_slice key, value;
	size_t bytes = 0;
	enum rc_err err =
	    rc_cursor_ge(entries, rc_journal_key_slice(&from), &key, &value, e);

	for (int n = 0; err == RC_OK; n++) {
		uint64_t seq = key.len == 8 ? rc_get64(key.p) : 0;

		if (n == SLICE_ENTRIES || bytes >= SLICE_BYTES)
			return RC_OK;
		if (seq > g->asked->until)
			break;
		err = take_entry(g, blocks, seq, value, &bytes, e);
		g->next = seq + 1;
		if (err == RC_OK)
			err = rc_cursor_next(entries, &key, &value, e);
	}
	g->done = true;
	return err == RC_NOTFOUND || err == RC_END ? RC_OK : err;
}

static enum rc_err
gather_slice(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct gathering *g = arg;
	struct rc_cursor *entries = NULL, *blocks = NULL;
	enum rc_err err = rc_cursor_open(txn, RC_T_JOURNAL, &entries, e);

	if (err == RC_OK)
		err = rc_cursor_open(txn, RC_T_JOURNAL_BLOCK, &blocks, e);
	if (err == RC_OK)
		err = walk_slice(g, entries, blocks, e);
	rc_cursor_close(blocks);
	rc_cursor_close(entries);
	return err;
}

enum rc_err
rc_journal_added(struct rc_store *store, const struct rc_journal_added *asked,
    struct rc_list_blocks *out, struct rc_error *e)
{
	struct gathering g = {.asked = asked,
	    .format = rc_list_format(asked->type),
	    .next = asked->from};
	enum rc_err err = RC_OK;

	for (size_t i = 0; i < LEVELS; i++)
		rc_list_blocks_init(&g.level[i]);
	while (err == RC_OK && !g.done)
		err = rc_store_read(store, gather_slice, &g, e);
	for (size_t i = 0; err == RC_OK && i < LEVELS; i++) {
		if (g.level[i].members > 0 && out->members > 0)
			err = unite(g.format, out, &g.level[i], e);
		else if (g.level[i].members > 0) {
			rc_list_blocks_free(out);
			*out = g.level[i];
			rc_list_blocks_init(&g.level[i]);
		}
	}
	for (size_t i = 0; i < LEVELS; i++)
		rc_list_blocks_free(&g.level[i]);
	return err;
}

enum rc_err
rc_journal_first_since(
    struct rc_txn *txn, uint64_t since_ms, uint64_t *seq, struct rc_error *e)
{
	unsigned char hash[RC_SHA256_LEN];
	uint64_t low = 1, newest;
	enum rc_err err = rc_journal_head(txn, &newest, hash, e);

	while (err == RC_OK && low <= newest) {
		uint64_t middle = low + (newest - low) / 2;
		struct rc_journal_record r;

		err = rc_journal_get(txn, middle, &r, e);
		if (err == RC_NOTFOUND)
			return rc_state_damaged(e, "journal entry %llu",
			    (unsigned long long)middle);
		if (err == RC_OK && r.entry.received_ms < since_ms)
			low = middle + 1;
		else
			newest = middle - 1;
	}
	*seq = low;
	return err;
}
