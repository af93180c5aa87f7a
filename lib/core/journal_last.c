#include "core/journal_priv.h"

#include "base/num.h"
#include "core/list.h"

#include <stdlib.h>
#include <string.h>

/* A set of an entry, read once for people in ascending order. */
struct reading {
	struct rc_cursor *blocks;
	uint64_t seq;
	enum rc_journal_set_kind set;
	enum rc_pack_format format;
	struct rc_slice block; /* that is open; empty: none */
	struct rc_unpacker unpack;
	struct rc_member at;
};

static int
compare(const void *a, const void *b)
{
	const struct rc_journal_last *x = *(struct rc_journal_last *const *)a;
	const struct rc_journal_last *y = *(struct rc_journal_last *const *)b;

	return rc_slice_cmp(rc_ident_key(x->who), rc_ident_key(y->who));
}

/* Opens the block that may hold a person; RC_NOTFOUND: there is no other. */
static enum rc_err
open_block(struct reading *r, const struct rc_ident *who, struct rc_error *e)
{
	struct rc_journal_key key =
	    rc_journal_block_key(r->seq, r->set, rc_ident_key(who));
	struct rc_slice found, value;
	enum rc_err err = rc_cursor_le(
	    r->blocks, rc_journal_key_slice(&key), &found, &value, e);

	if (err != RC_OK)
		return err;
	if (!rc_slice_starts(found, rc_slice_of(key.bytes, 9), NULL) ||
	    value.p == r->block.p)
		return RC_NOTFOUND;
	r->block = value;
	err = rc_unpacker_start(&r->unpack, rc_journal_unsalt(value), e);
	return err == RC_OK ? rc_unpacker_next(&r->unpack, &r->at, e) : err;
}

/* RC_OK when the set holds a person, who is not below the one before. */
static enum rc_err
find(struct reading *r, const struct rc_ident *who, struct rc_error *e)
{
	struct rc_member want = rc_list_member(who);
	enum rc_err err = RC_END;

	if (r->block.len > 0)
		err = rc_unpacker_seek(&r->unpack, &want, &r->at, e);
	if (err == RC_END) {
		err = open_block(r, who, e);
		if (err == RC_OK)
			err = rc_unpacker_seek(&r->unpack, &want, &r->at, e);
	}
	if (err == RC_OK && rc_member_cmp(r->format, &r->at, &want) == 0)
		return RC_OK;
	return err == RC_OK || err == RC_END ? RC_NOTFOUND : err;
}

/* Looks for those of whom no newer entry is known; *open counts them. */
static enum rc_err
read_set(struct reading *r, struct rc_journal_last *const *people, size_t n,
    size_t *open, struct rc_error *e)
{
	r->block = (struct rc_slice){"", 0};
	*open = 0;
	for (size_t i = 0; i < n; i++) {
		enum rc_err err;

		if (people[i]->seq >= r->seq)
			continue;
		++*open;
		err = find(r, people[i]->who, e);
		if (err == RC_OK) {
			people[i]->seq = r->seq;
			people[i]->set = r->set;
		} else if (err != RC_NOTFOUND) {
			return err;
		}
	}
	return RC_OK;
}

/* The large entry before *seq; RC_NOTFOUND. */
static enum rc_err
step_back(struct rc_txn *txn, uint64_t *seq, struct rc_error *e)
{
	struct rc_journal_key key = rc_journal_large_key(*seq - 1);
	struct rc_slice found, value;
	enum rc_err err = rc_get_le(txn, RC_T_JOURNAL_INDEX,
	    rc_journal_key_slice(&key), &found, &value, e);

	if (err == RC_OK && found.len != key.len)
		return rc_state_damaged(e, "the journal's index");
	if (err == RC_OK)
		*seq = rc_get64(found.p + 1);
	return err;
}

/* The newest first, so that few are looked for in the oldest. */
static enum rc_err
read_large(struct rc_txn *txn, struct reading *r, uint32_t channel,
    struct rc_journal_last *const *people, size_t n, struct rc_error *e)
{
	size_t open = n;
	enum rc_err err;

	r->seq = UINT64_MAX;
	while (open > 0 && (err = step_back(txn, &r->seq, e)) == RC_OK) {
		struct rc_journal_record record;
		const struct rc_journal_entry *j = &record.entry;

		err = rc_journal_get(txn, r->seq, &record, e);
		if (err == RC_OK && j->channel == channel &&
		    j->type == people[0]->who->type) {
			r->set = RC_J_REMOVED;
			err = read_set(r, people, n, &open, e);
			r->set = RC_J_ADDED;
			if (err == RC_OK)
				err = read_set(r, people, n, &open, e);
		}
		if (err != RC_OK)
			return err;
	}
	return open == 0 || err == RC_NOTFOUND ? RC_OK : err;
}

struct noting {
	struct rc_journal_last *person;
	uint32_t channel;
};

static enum rc_err
note(void *arg, const struct rc_journal_entry *j, enum rc_journal_set_kind set,
    struct rc_error *e)
{
	const struct noting *n = arg;

	(void)e;
	if (j->channel == n->channel && set != RC_J_CONFIRMED) {
		n->person->seq = j->seq;
		n->person->set = set;
	}
	return RC_OK;
}

enum rc_err
rc_journal_last(struct rc_txn *txn, uint32_t channel,
    struct rc_journal_last *people, size_t n, struct rc_error *e)
{
	struct rc_journal_last **order =
	    calloc(n + 1, sizeof(struct rc_journal_last *));
	struct reading r = {.blocks = NULL};
	enum rc_err err;

	if (order == NULL)
		return rc_err_nomem(e);
	err = rc_cursor_open(txn, RC_T_JOURNAL_BLOCK, &r.blocks, e);
	for (size_t i = 0; i < n && err == RC_OK; i++) {
		struct noting noting = {&people[i], channel};

		order[i] = &people[i];
		people[i].seq = 0;
		err = rc_journal_of_small(txn, people[i].who, note, &noting, e);
	}
	if (err == RC_OK && n > 0) {
		qsort(order, n, sizeof(*order), compare);
		r.format = rc_list_format(people[0].who->type);
		err = read_large(txn, &r, channel, order, n, e);
	}
	rc_cursor_close(r.blocks);
	free(order);
	return err;
}
