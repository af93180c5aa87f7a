#include "core/journal_priv.h"

#include "base/num.h"
#include "core/list.h"

#include <string.h>

/* Calls fn for each set of an entry that holds the person. */
static enum rc_err
probe_entry(struct rc_txn *txn, struct rc_cursor *blocks, uint64_t seq,
    const struct rc_ident *id, rc_journal_fn *fn, void *arg, struct rc_error *e)
{
	struct rc_slice member = rc_ident_key(id);
	struct rc_member want = rc_list_member(id);
	struct rc_journal_record r;
	struct rc_journal_entry *j = &r.entry;
	enum rc_err err = rc_journal_get(txn, seq, &r, e);
	bool read = false;

	if (err == RC_NOTFOUND)
		return rc_err_set(e, RC_EINTERNAL,
		    "journal entry %llu is missing, see rc-optin verify",
		    (unsigned long long)seq);
	if (err != RC_OK || j->type != id->type)
		return err;
	for (int set = RC_J_ADDED; set <= RC_J_CONFIRMED; set++) {
		struct rc_journal_key key = rc_journal_block_key(
		    seq, (enum rc_journal_set_kind)set, member);
		struct rc_slice found, value;

		if (j->count[set - 1] == 0)
			continue;
		err = rc_cursor_le(
		    blocks, rc_journal_key_slice(&key), &found, &value, e);
		if (err == RC_OK && found.len >= 9 &&
		    memcmp(found.p, key.bytes, 9) == 0)
			err = rc_pack_find(rc_journal_unsalt(value), &want, e);
		else if (err == RC_OK)
			err = RC_NOTFOUND;
		if (err == RC_OK && !read)
			err = rc_journal_get_evidence(txn, j, e);
		read = read || err == RC_OK;
		if (err == RC_OK)
			err = fn(arg, j, (enum rc_journal_set_kind)set, e);
		if (err != RC_OK && err != RC_NOTFOUND)
			return err;
	}
	return RC_OK;
}

enum rc_err
rc_journal_blocks(struct rc_txn *txn, uint64_t seq,
    enum rc_journal_set_kind set, rc_pack_fn *fn, void *arg, struct rc_error *e)
{
	struct rc_journal_key from =
	    rc_journal_block_key(seq, set, (struct rc_slice){"", 0});
	struct rc_slice prefix = rc_journal_key_slice(&from);
	struct rc_slice key, value, first;
	struct rc_cursor *c;
	enum rc_err err = rc_cursor_open(txn, RC_T_JOURNAL_BLOCK, &c, e);

	if (err != RC_OK)
		return err;
	err = rc_cursor_ge(c, prefix, &key, &value, e);
	while (err == RC_OK && rc_slice_starts(key, prefix, &first)) {
		err = fn(arg, first, rc_journal_unsalt(value), e);
		if (err == RC_OK)
			err = rc_cursor_next(c, &key, &value, e);
	}
	rc_cursor_close(c);
	return err == RC_NOTFOUND || err == RC_END ? RC_OK : err;
}

/*
 * The sequence of the first index key >= *from that is exactly prefix and a
 * sequence; UINT64_MAX when there is none.  Strings may be prefixes of others,
 * so the length decides, and the range ends at the greatest sequence.
 */
static enum rc_err
next_indexed(struct rc_cursor *index, const struct rc_journal_key *prefix,
    uint64_t from, uint64_t *seq, struct rc_error *e)
{
	struct rc_journal_key low = *prefix, high = *prefix;
	struct rc_slice key, value;
	enum rc_err err;

	rc_put64(low.bytes + prefix->len, from);
	rc_put64(high.bytes + prefix->len, UINT64_MAX >> 8);
	low.len = high.len = prefix->len + 8;
	*seq = UINT64_MAX;
	err = rc_cursor_ge(index, rc_journal_key_slice(&low), &key, &value, e);
	while (err == RC_OK &&
	       rc_slice_cmp(key, rc_journal_key_slice(&high)) <= 0) {
		if (key.len == low.len) {
			*seq = rc_get64(key.p + prefix->len);
			break;
		}
		err = rc_cursor_next(index, &key, &value, e);
	}
	return err == RC_NOTFOUND || err == RC_END ? RC_OK : err;
}

/* Merges the entries that index the person with the large ones, if wanted. */
static enum rc_err
walk_entries(struct rc_txn *txn, struct rc_cursor *index,
    struct rc_cursor *blocks, const struct rc_ident *id, uint64_t from,
    bool all, rc_journal_fn *fn, void *arg, struct rc_error *e)
{
	struct rc_journal_key small = {.len = 1 + id->key_len};
	struct rc_journal_key large = {.len = 1};
	uint64_t a = UINT64_MAX, b = UINT64_MAX, next = from;
	enum rc_err err;

	small.bytes[0] = (unsigned char)id->type;
	memcpy(small.bytes + 1, id->key, id->key_len);
	for (;;) {
		err = next_indexed(index, &small, next, &a, e);
		if (err == RC_OK && all)
			err = next_indexed(index, &large, next, &b, e);
		if (err != RC_OK || (a == UINT64_MAX && b == UINT64_MAX))
			return err;
		next = a < b ? a : b;
		err = probe_entry(txn, blocks, next, id, fn, arg, e);
		if (err != RC_OK)
			return err;
		next++;
	}
}

static enum rc_err
walk(struct rc_txn *txn, const struct rc_ident *id, uint64_t from, bool all,
    rc_journal_fn *fn, void *arg, struct rc_error *e)
{
	struct rc_cursor *index = NULL, *blocks = NULL;
	enum rc_err err;

	err = rc_cursor_open(txn, RC_T_JOURNAL_INDEX, &index, e);
	if (err == RC_OK)
		err = rc_cursor_open(txn, RC_T_JOURNAL_BLOCK, &blocks, e);
	if (err == RC_OK)
		err =
		    walk_entries(txn, index, blocks, id, from, all, fn, arg, e);
	rc_cursor_close(blocks);
	rc_cursor_close(index);
	return err == RC_END ? RC_OK : err;
}

enum rc_err
rc_journal_of(struct rc_txn *txn, const struct rc_ident *id, uint64_t from,
    rc_journal_fn *fn, void *arg, struct rc_error *e)
{
	return walk(txn, id, from, true, fn, arg, e);
}

enum rc_err
rc_journal_of_small(struct rc_txn *txn, const struct rc_ident *id,
    rc_journal_fn *fn, void *arg, struct rc_error *e)
{
	return walk(txn, id, 1, false, fn, arg, e);
}
