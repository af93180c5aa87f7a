#include "core/journal_priv.h"

#include "base/num.h"
#include "core/list.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What one snapshot covers at most: a long one makes the file grow. */
#define SLICE_ENTRIES 1000
#define SLICE_BYTES (20u << 20)
#define SLICE_INDEX_KEYS 100000
#define SOUND_TEXTS 256 /* remembered by their digests' first byte */

struct verify {
	struct rc_journal_verdict *verdict;
	const unsigned char *wanted; /* head, or NULL */
	uint64_t next;		     /* sequence that comes next */
	unsigned char previous[RC_SHA256_LEN];
	uint64_t index_keys; /* that the entries so far have */
	/* Texts that were checked: an entry of many shares its evidence. */
	unsigned char sound[SOUND_TEXTS][RC_SHA256_LEN];
	struct rc_hash *sha;
	bool done;
	/* of the snapshot */
	struct rc_txn *txn;
	struct rc_cursor *entries, *blocks;
	struct rc_slice block_key, block_value; /* the block at hand */
	bool block_valid;
	size_t bytes;
	/* of the index pass */
	uint64_t index_seen;
	unsigned char index_at[RC_JOURNAL_KEY_MAX];
	size_t index_at_len;
};

/* Notes what is broken; RC_END ends the walk. */
static enum rc_err __attribute__((format(printf, 3, 4)))
broken(struct verify *v, uint64_t seq, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(v->verdict->why, sizeof(v->verdict->why), fmt, ap);
	va_end(ap);
	v->verdict->broken_seq = seq == 0 ? 1 : seq;
	v->done = true;
	return RC_END;
}

/* --- one entry ----------------------------------------------------------- */

static enum rc_err
next_block(struct verify *v, enum rc_err err)
{
	v->block_valid = err == RC_OK;
	return err == RC_NOTFOUND || err == RC_END ? RC_OK : err;
}

static enum rc_err
check_index(struct verify *v, uint64_t seq, const struct rc_journal_key *key,
    struct rc_error *e)
{
	struct rc_slice value;
	enum rc_err err = rc_get(
	    v->txn, RC_T_JOURNAL_INDEX, rc_journal_key_slice(key), &value, e);

	v->index_keys++;
	if (err == RC_NOTFOUND)
		return broken(v, seq, "the index lacks the entry");
	return err;
}

/* Whether the block's key names its first member. */
static bool
names_first(enum rc_pack_format format, const struct rc_member *m,
    struct rc_slice first)
{
	unsigned char key[RC_IDENT_KEY_MAX];
	size_t len = rc_member_key(format, m, key);

	return rc_slice_eq(first, rc_slice_of(key, len));
}

/* Members, their order, the key and the index of the block at hand. */
static enum rc_err
check_members(struct verify *v, const struct rc_journal_entry *j,
    uint64_t count[RC_JOURNAL_SETS], struct rc_error *e)
{
	struct rc_slice first = {v->block_key.p + 9, v->block_key.len - 9};
	unsigned set = (unsigned char)v->block_key.p[8];
	struct rc_unpacker u;
	struct rc_member m;
	bool at_first = true;
	enum rc_err err;

	if (set < RC_J_ADDED || set > RC_J_CONFIRMED)
		return broken(v, j->seq, "a block belongs to no set");
	err = rc_unpacker_start(&u, rc_journal_unsalt(v->block_value), e);
	if (err == RC_OK && u.format != rc_list_format(j->type))
		return broken(v, j->seq, "a block is of another type");
	while (err == RC_OK) {
		err = rc_unpacker_next(&u, &m, e);
		if (err != RC_OK)
			break;
		if (at_first && !names_first(u.format, &m, first))
			return broken(v, j->seq, "a block's key is wrong");
		at_first = false;
		count[set - 1]++;
		if (rc_journal_is_small(j)) {
			unsigned char key[RC_IDENT_KEY_MAX];
			struct rc_slice member = {(char *)key, 0};
			struct rc_journal_key index;

			member.len = rc_member_key(u.format, &m, key);
			index = rc_journal_index_key(j->type, member, j->seq);
			err = check_index(v, j->seq, &index, e);
		}
	}
	if (err == RC_EINTERNAL || (err == RC_END && at_first && !v->done))
		return broken(v, j->seq, "a block is damaged");
	return err == RC_END && !v->done ? RC_OK : err;
}

/* All blocks of an entry: their digests, number and members. */
static enum rc_err
check_blocks(
    struct verify *v, const struct rc_journal_record *r, struct rc_error *e)
{
	const struct rc_journal_entry *j = &r->entry;
	unsigned char digest[RC_SHA256_LEN];
	uint64_t count[RC_JOURNAL_SETS] = {0};
	uint32_t blocks = 0;
	enum rc_err err = RC_OK;

	rc_hash_reset(v->sha);
	while (v->block_valid && v->block_key.len >= 9 &&
	       rc_get64(v->block_key.p) == j->seq) {
		rc_sha256(v->block_value, digest);
		err = check_members(v, j, count, e);
		if (err != RC_OK)
			return err;
		rc_journal_add_digest(v->sha,
		    (enum rc_journal_set_kind)v->block_key.p[8], digest);
		blocks++;
		v->bytes += v->block_value.len;
		err = next_block(v, rc_cursor_next(v->blocks, &v->block_key,
					&v->block_value, e));
		if (err != RC_OK)
			return err;
	}
	rc_hash_finish(v->sha, digest);
	if (blocks != r->blocks)
		return broken(v, j->seq, "it has %u blocks instead of %u",
		    blocks, r->blocks);
	if (memcmp(digest, r->payload, RC_SHA256_LEN) != 0)
		return broken(v, j->seq, "its members were changed");
	for (int i = 0; i < RC_JOURNAL_SETS; i++)
		if (count[i] != j->count[i])
			return broken(v, j->seq, "its members were moved");
	return RC_OK;
}

/* The text an entry names: it may be lost, but not another one. */
static enum rc_err
check_evidence(struct verify *v, struct rc_journal_entry *j, struct rc_error *e)
{
	struct rc_slice key = rc_slice_of(j->evidence_digest, RC_SHA256_LEN);
	unsigned char *sound = v->sound[j->evidence_digest[0]];
	unsigned char digest[RC_SHA256_LEN];
	struct rc_slice text;
	enum rc_err err;

	if (!rc_journal_has_evidence(j) ||
	    memcmp(sound, key.p, RC_SHA256_LEN) == 0)
		return RC_OK;
	err = rc_get(v->txn, RC_T_EVIDENCE, key, &text, e);
	if (err == RC_NOTFOUND) {
		v->verdict->evidence_missing++;
		return RC_OK;
	}
	if (err != RC_OK)
		return err;
	rc_sha256(text, digest);
	if (memcmp(digest, key.p, RC_SHA256_LEN) != 0)
		return broken(v, j->seq, "its evidence was changed");
	memcpy(sound, digest, RC_SHA256_LEN);
	v->bytes += text.len;
	return RC_OK;
}

static enum rc_err
check_entry(
    struct verify *v, uint64_t seq, struct rc_slice value, struct rc_error *e)
{
	struct rc_journal_record r;
	unsigned char hash[RC_SHA256_LEN];
	enum rc_err err;

	if (rc_journal_parse(seq, value, &r, e) != RC_OK)
		return broken(v, seq, "its record is damaged");
	rc_journal_hash(seq, r.previous, r.header, r.payload, hash);
	if (memcmp(hash, r.hash, RC_SHA256_LEN) != 0)
		return broken(v, seq, "its record was changed");
	if (memcmp(r.previous, v->previous, RC_SHA256_LEN) != 0)
		return broken(
		    v, seq, "it does not follow on the entry before it");
	if (v->block_valid &&
	    (v->block_key.len < 9 || rc_get64(v->block_key.p) < seq))
		return broken(v, seq, "a block before it has no entry");
	err = check_blocks(v, &r, e);
	if (err == RC_OK)
		err = check_evidence(v, &r.entry, e);
	if (err == RC_OK && !rc_journal_is_small(&r.entry)) {
		struct rc_journal_key key = rc_journal_large_key(seq);

		err = check_index(v, seq, &key, e);
	}
	if (err != RC_OK)
		return err;
	memcpy(v->previous, hash, RC_SHA256_LEN);
	if (v->wanted != NULL && memcmp(hash, v->wanted, RC_SHA256_LEN) == 0)
		v->verdict->head_seen = true;
	v->verdict->entries++;
	v->bytes += value.len;
	v->next = seq + 1;
	return RC_OK;
}

/* --- the chain ----------------------------------------------------------- */

/* Behind the last entry: no block may be left, and meta names this head. */
static enum rc_err
check_end(struct verify *v, struct rc_error *e)
{
	unsigned char hash[RC_SHA256_LEN];
	uint64_t seq;
	enum rc_err err = rc_journal_head(v->txn, &seq, hash, e);

	if (err == RC_EINTERNAL)
		return broken(v, v->next - 1,
		    "the record of the head is "
		    "damaged");
	if (err != RC_OK)
		return err;
	if (v->block_valid)
		return broken(v, v->next, "it has members but no record");
	if (seq >= v->next)
		return broken(v, v->next, "it is missing");
	if (seq + 1 != v->next || memcmp(hash, v->previous, RC_SHA256_LEN) != 0)
		return broken(v, v->next - 1, "it is not the head on record");
	v->done = true;
	return RC_OK;
}

static enum rc_err
walk_slice(struct verify *v, struct rc_error *e)
{
	struct rc_journal_key from = rc_journal_entry_key(v->next);
	struct rc_slice key, value, start = rc_journal_key_slice(&from);
	enum rc_err err;

	/* The first slice starts below any sequence, to see strays. */
	if (v->next == 1)
		start = RC_SLICE_LIT("\0");
	err = next_block(v,
	    rc_cursor_ge(v->blocks, start, &v->block_key, &v->block_value, e));
	if (err != RC_OK)
		return err;
	err = rc_cursor_ge(v->entries, start, &key, &value, e);
	for (int n = 0; err == RC_OK; n++) {
		if (n >= SLICE_ENTRIES || v->bytes >= SLICE_BYTES)
			return RC_OK;
		if (key.len != 8)
			return broken(v, v->next, "its key is damaged");
		if (rc_get64(key.p) != v->next)
			return broken(v, v->next, "it is missing");
		err = check_entry(v, v->next, value, e);
		if (err != RC_OK)
			return err;
		err = rc_cursor_next(v->entries, &key, &value, e);
	}
	return err == RC_NOTFOUND || err == RC_END ? check_end(v, e) : err;
}

static enum rc_err
verify_slice(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct verify *v = arg;
	enum rc_err err;

	v->txn = txn;
	v->bytes = 0;
	v->entries = v->blocks = NULL;
	err = rc_cursor_open(txn, RC_T_JOURNAL, &v->entries, e);
	if (err == RC_OK)
		err = rc_cursor_open(txn, RC_T_JOURNAL_BLOCK, &v->blocks, e);
	if (err == RC_OK)
		err = walk_slice(v, e);
	rc_cursor_close(v->entries);
	rc_cursor_close(v->blocks);
	return err == RC_END ? RC_OK : err;
}

/* --- the index ----------------------------------------------------------- */

/* Counts index keys of the entries that were checked; newer ones may have
 * come meanwhile. */
static enum rc_err
count_index(
    struct verify *v, struct rc_cursor *c, uint64_t head, struct rc_error *e)
{
	struct rc_slice key, value;
	uint64_t seq;
	enum rc_err err = rc_cursor_ge(
	    c, rc_slice_of(v->index_at, v->index_at_len), &key, &value, e);

	for (int n = 0; err == RC_OK; n++) {
		if (key.len < 9 || key.len > sizeof(v->index_at))
			return broken(v, v->next - 1, "the index is damaged");
		if (n == SLICE_INDEX_KEYS) {
			memcpy(v->index_at, key.p, key.len);
			v->index_at_len = key.len;
			return RC_OK;
		}
		seq = rc_get64(key.p + key.len - 8);
		if (seq > head)
			return broken(
			    v, v->next - 1, "the index is ahead of it");
		if (seq < v->next)
			v->index_seen++;
		err = rc_cursor_next(c, &key, &value, e);
	}
	v->done = true;
	return err == RC_NOTFOUND || err == RC_END ? RC_OK : err;
}

static enum rc_err
verify_index(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct verify *v = arg;
	unsigned char hash[RC_SHA256_LEN];
	struct rc_cursor *c;
	uint64_t head;
	enum rc_err err = rc_journal_head(txn, &head, hash, e);

	if (err == RC_OK)
		err = rc_cursor_open(txn, RC_T_JOURNAL_INDEX, &c, e);
	if (err != RC_OK)
		return err;
	err = count_index(v, c, head, e);
	rc_cursor_close(c);
	return err == RC_END ? RC_OK : err;
}

enum rc_err
rc_journal_verify(struct rc_store *store, const unsigned char *head,
    struct rc_journal_verdict *verdict, struct rc_error *e)
{
	struct verify v = {.verdict = verdict, .wanted = head, .next = 1};
	enum rc_err err;

	*verdict = (struct rc_journal_verdict){0};
	err = rc_hash_open(&v.sha, RC_HASH_SHA256, e);
	if (err != RC_OK)
		return err;
	while (err == RC_OK && !v.done)
		err = rc_store_read(store, verify_slice, &v, e);
	memcpy(verdict->head, v.previous, RC_SHA256_LEN);
	v.done = verdict->broken_seq != 0;
	v.index_at_len = 1; /* a zero byte: below every key */
	while (err == RC_OK && !v.done)
		err = rc_store_read(store, verify_index, &v, e);
	if (err == RC_OK && verdict->broken_seq == 0 &&
	    v.index_seen != v.index_keys)
		broken(&v, v.next - 1, "the index has %llu keys for %llu",
		    (unsigned long long)v.index_seen,
		    (unsigned long long)v.index_keys);
	rc_hash_close(v.sha);
	return err;
}
