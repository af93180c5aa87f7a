#include "core/journal_priv.h"

#include "base/num.h"

#include <string.h>

#define VERSION 1
#define HASHES_LEN (3 * RC_SHA256_LEN) /* previous, payload, entry */
#define HEAD_LEN (8 + RC_SHA256_LEN)

static const struct rc_slice head_key = RC_SLICE_LIT("journal_head");

const char *
rc_journal_kind_name(enum rc_journal_kind kind)
{
	static const char *const names[] = {
	    "", "sync", "in", "out", "suppress", "lift", "undo"};

	return names[kind];
}

const char *
rc_journal_set_name(enum rc_journal_set_kind set)
{
	static const char *const names[] = {
	    "", "added", "removed", "confirmed"};

	return names[set];
}

/* --- keys ---------------------------------------------------------------- */

struct rc_slice
rc_journal_key_slice(const struct rc_journal_key *k)
{
	return rc_slice_of(k->bytes, k->len);
}

struct rc_journal_key
rc_journal_entry_key(uint64_t seq)
{
	struct rc_journal_key k = {.len = 8};

	rc_put64(k.bytes, seq);
	return k;
}

struct rc_journal_key
rc_journal_block_key(
    uint64_t seq, enum rc_journal_set_kind set, struct rc_slice first)
{
	struct rc_journal_key k = {.len = 9 + first.len};

	rc_put64(k.bytes, seq);
	k.bytes[8] = (unsigned char)set;
	memcpy(k.bytes + 9, first.p, first.len);
	return k;
}

struct rc_journal_key
rc_journal_index_key(
    enum rc_ident_type type, struct rc_slice member, uint64_t seq)
{
	struct rc_journal_key k = {.len = 9 + member.len};

	k.bytes[0] = (unsigned char)type;
	memcpy(k.bytes + 1, member.p, member.len);
	rc_put64(k.bytes + 1 + member.len, seq);
	return k;
}

struct rc_journal_key
rc_journal_large_key(uint64_t seq)
{
	struct rc_journal_key k = {.len = 9};

	rc_put64(k.bytes + 1, seq);
	return k;
}

/* --- entries ------------------------------------------------------------- */

static uint64_t
members(const struct rc_journal_entry *j)
{
	return j->count[0] + j->count[1] + j->count[2];
}

bool
rc_journal_is_small(const struct rc_journal_entry *j)
{
	return members(j) <= RC_JOURNAL_SMALL;
}

void
rc_journal_hash(uint64_t seq, const unsigned char *previous,
    struct rc_slice header, const unsigned char *payload,
    unsigned char out[RC_SHA256_LEN])
{
	char text[8 + RC_JOURNAL_HEADER_MAX + 2 * RC_SHA256_LEN], *at = text;

	rc_put64(at, seq);
	memcpy(at += 8, previous, RC_SHA256_LEN);
	memcpy(at += RC_SHA256_LEN, header.p, header.len);
	memcpy(at += header.len, payload, RC_SHA256_LEN);
	at += RC_SHA256_LEN;
	rc_sha256((struct rc_slice){text, (size_t)(at - text)}, out);
}

void
rc_journal_add_digest(struct rc_hash *sha, enum rc_journal_set_kind set,
    const unsigned char digest[RC_SHA256_LEN])
{
	unsigned char kind = (unsigned char)set;

	rc_hash_add(sha, rc_slice_of(&kind, 1));
	rc_hash_add(sha, rc_slice_of(digest, RC_SHA256_LEN));
}

static void
write_header(
    struct rc_buf *b, const struct rc_journal_entry *j, uint32_t blocks)
{
	rc_buf_add8(b, VERSION);
	rc_buf_add8(b, (uint8_t)j->kind);
	rc_buf_add8(b, (uint8_t)j->type);
	rc_buf_add32(b, j->channel);
	rc_buf_add64(b, j->received_ms);
	rc_buf_add64(b, j->claimed_ms);
	rc_buf_add32(b, j->generation);
	for (int i = 0; i < RC_JOURNAL_SETS; i++)
		rc_buf_add64(b, j->count[i]);
	rc_buf_add64(b, j->list_time_ms);
	rc_buf_add64(b, j->list_seq);
	rc_buf_add64(b, j->rows);
	rc_buf_add64(b, j->duplicates);
	rc_buf_add64(b, j->rejected);
	rc_buf_add(b, j->file_digest, RC_SHA256_LEN);
	rc_buf_add32(b, blocks);
	rc_buf_add(b, j->evidence_digest, RC_SHA256_LEN);
	rc_buf_add_str(b, j->source);
}

enum rc_err
rc_journal_parse(uint64_t seq, struct rc_slice value,
    struct rc_journal_record *r, struct rc_error *e)
{
	struct rc_unpack u = rc_unpack_start(value);
	struct rc_journal_entry *j = &r->entry;
	const char *hashes = rc_unpack_bytes(&u, HASHES_LEN).p;
	struct rc_slice file, evidence;
	uint8_t version;

	if (u.short_read || value.len > HASHES_LEN + RC_JOURNAL_HEADER_MAX)
		goto damaged;
	r->previous = (const unsigned char *)hashes;
	r->payload = r->previous + RC_SHA256_LEN;
	r->hash = r->payload + RC_SHA256_LEN;
	r->header = rc_slice_of(u.p, (size_t)(u.end - u.p));
	j->seq = seq;
	memcpy(j->hash, r->hash, RC_SHA256_LEN);
	version = rc_unpack8(&u);
	j->kind = rc_unpack8(&u);
	j->type = rc_unpack8(&u);
	j->channel = rc_unpack32(&u);
	j->received_ms = rc_unpack64(&u);
	j->claimed_ms = rc_unpack64(&u);
	j->generation = rc_unpack32(&u);
	for (int i = 0; i < RC_JOURNAL_SETS; i++)
		j->count[i] = rc_unpack64(&u);
	j->list_time_ms = rc_unpack64(&u);
	j->list_seq = rc_unpack64(&u);
	j->rows = rc_unpack64(&u);
	j->duplicates = rc_unpack64(&u);
	j->rejected = rc_unpack64(&u);
	file = rc_unpack_bytes(&u, RC_SHA256_LEN);
	r->blocks = rc_unpack32(&u);
	evidence = rc_unpack_bytes(&u, RC_SHA256_LEN);
	j->source = rc_unpack_str(&u);
	j->evidence = RC_SLICE_LIT("");
	if (!u.short_read && u.p == u.end && version == VERSION &&
	    j->kind >= RC_J_SYNC && j->kind <= RC_J_UNDO &&
	    j->type >= RC_IDENT_PHONE && j->type <= RC_IDENT_CUSTOM) {
		memcpy(j->file_digest, file.p, RC_SHA256_LEN);
		memcpy(j->evidence_digest, evidence.p, RC_SHA256_LEN);
		return RC_OK;
	}
damaged:
	return rc_err_set(e, RC_EINTERNAL,
	    "journal entry %llu is damaged, see rc-optin verify",
	    (unsigned long long)seq);
}

enum rc_err
rc_journal_head(struct rc_txn *txn, uint64_t *seq,
    unsigned char hash[RC_SHA256_LEN], struct rc_error *e)
{
	struct rc_slice value;
	enum rc_err err = rc_get(txn, RC_T_META, head_key, &value, e);

	*seq = 0;
	memset(hash, 0, RC_SHA256_LEN);
	if (err == RC_NOTFOUND)
		return RC_OK;
	if (err != RC_OK)
		return err;
	if (value.len != HEAD_LEN)
		return rc_state_damaged(e, "the head of the journal");
	*seq = rc_get64(value.p);
	memcpy(hash, value.p + 8, RC_SHA256_LEN);
	return RC_OK;
}

enum rc_err
rc_journal_get(struct rc_txn *txn, uint64_t seq, struct rc_journal_record *r,
    struct rc_error *e)
{
	struct rc_journal_key key = rc_journal_entry_key(seq);
	struct rc_slice value;
	enum rc_err err;

	err = rc_get(txn, RC_T_JOURNAL, rc_journal_key_slice(&key), &value, e);
	return err == RC_OK ? rc_journal_parse(seq, value, r, e) : err;
}

enum rc_err
rc_journal_peek(struct rc_txn *txn, uint64_t seq, struct rc_journal_entry *j,
    struct rc_error *e)
{
	struct rc_journal_record r;
	enum rc_err err = rc_journal_get(txn, seq, &r, e);

	if (err == RC_OK)
		*j = r.entry;
	return err;
}

enum rc_err
rc_journal_read(struct rc_txn *txn, uint64_t seq, struct rc_journal_entry *j,
    struct rc_error *e)
{
	enum rc_err err = rc_journal_peek(txn, seq, j, e);

	return err == RC_OK ? rc_journal_get_evidence(txn, j, e) : err;
}

/* --- appending ----------------------------------------------------------- */

/* SHA-256 over set and digest of all blocks, in key order. */
static enum rc_err
digest_sets(struct rc_journal_set *const set[RC_JOURNAL_SETS],
    unsigned char out[RC_SHA256_LEN], struct rc_error *e)
{
	struct rc_hash *sha;
	enum rc_err err = rc_hash_open(&sha, RC_HASH_SHA256, e);

	if (err != RC_OK)
		return err;
	for (int s = 0; s < RC_JOURNAL_SETS; s++)
		for (size_t i = 0; i < rc_journal_set_blocks(set[s]); i++)
			rc_journal_add_digest(sha,
			    (enum rc_journal_set_kind)(s + 1),
			    rc_journal_set_block(set[s], i).digest);
	rc_hash_finish(sha, out);
	rc_hash_close(sha);
	return RC_OK;
}

/* Indexes the members of one block of a small entry. */
static enum rc_err
index_block(struct rc_txn *txn, const struct rc_journal_entry *j,
    struct rc_slice block, struct rc_error *e)
{
	struct rc_unpacker u;
	struct rc_member m;
	enum rc_err err = rc_unpacker_start(&u, block, e);

	while (err == RC_OK) {
		unsigned char name[RC_IDENT_KEY_MAX];
		struct rc_journal_key key;
		struct rc_slice member = {(char *)name, 0};

		err = rc_unpacker_next(&u, &m, e);
		if (err != RC_OK)
			break;
		member.len = rc_member_key(u.format, &m, name);
		key = rc_journal_index_key(j->type, member, j->seq);
		err = rc_put(txn, RC_T_JOURNAL_INDEX,
		    rc_journal_key_slice(&key), RC_SLICE_LIT(""), e);
	}
	return err == RC_END ? RC_OK : err;
}

static enum rc_err
store_set(struct rc_txn *txn, const struct rc_journal_entry *j,
    enum rc_journal_set_kind kind, const struct rc_journal_set *set,
    struct rc_error *e)
{
	enum rc_err err = RC_OK;

	for (size_t i = 0; err == RC_OK && i < rc_journal_set_blocks(set);
	     i++) {
		struct rc_journal_block b = rc_journal_set_block(set, i);
		struct rc_journal_key key =
		    rc_journal_block_key(j->seq, kind, b.first_key);

		err = rc_put_last(txn, RC_T_JOURNAL_BLOCK,
		    rc_journal_key_slice(&key), b.value, e);
		if (err == RC_OK && rc_journal_is_small(j))
			err =
			    index_block(txn, j, rc_journal_unsalt(b.value), e);
	}
	return err;
}

static enum rc_err
store_sets(struct rc_txn *txn, const struct rc_journal_entry *j,
    struct rc_journal_set *const set[RC_JOURNAL_SETS], struct rc_error *e)
{
	struct rc_journal_key key = rc_journal_large_key(j->seq);
	enum rc_err err = RC_OK;

	for (int s = 0; err == RC_OK && s < RC_JOURNAL_SETS; s++)
		err = store_set(
		    txn, j, (enum rc_journal_set_kind)(s + 1), set[s], e);
	if (err == RC_OK && !rc_journal_is_small(j))
		err = rc_put(txn, RC_T_JOURNAL_INDEX,
		    rc_journal_key_slice(&key), RC_SLICE_LIT(""), e);
	return err;
}

/* Makes the entry's value and its hash. */
static enum rc_err
make_entry(struct rc_buf *value, struct rc_journal_entry *j,
    const unsigned char *previous, const unsigned char *payload,
    uint32_t blocks, struct rc_error *e)
{
	struct rc_buf header = RC_BUF_INIT(RC_JOURNAL_HEADER_MAX);
	enum rc_err err;

	write_header(&header, j, blocks);
	err = rc_buf_check(&header, "a journal entry", e);
	if (err == RC_OK) {
		rc_journal_hash(
		    j->seq, previous, rc_buf_slice(&header), payload, j->hash);
		rc_buf_add(value, previous, RC_SHA256_LEN);
		rc_buf_add(value, payload, RC_SHA256_LEN);
		rc_buf_add(value, j->hash, RC_SHA256_LEN);
		rc_buf_addv(value, rc_buf_slice(&header));
		err = rc_buf_check(value, "a journal entry", e);
	}
	rc_buf_free(&header);
	return err;
}

static enum rc_err
store_entry(struct rc_txn *txn, const struct rc_journal_entry *j,
    struct rc_slice value, struct rc_error *e)
{
	struct rc_journal_key key = rc_journal_entry_key(j->seq);
	unsigned char head[HEAD_LEN];
	enum rc_err err;

	err = rc_put_last(
	    txn, RC_T_JOURNAL, rc_journal_key_slice(&key), value, e);
	if (err != RC_OK)
		return err;
	rc_put64(head, j->seq);
	memcpy(head + 8, j->hash, RC_SHA256_LEN);
	return rc_put(txn, RC_T_META, head_key, rc_slice_of(head, HEAD_LEN), e);
}

static enum rc_err
check_text(const char *what, struct rc_slice text, int max, struct rc_error *e)
{
	if (text.len <= (size_t)max)
		return RC_OK;
	return rc_err_set(
	    e, RC_EDATA, "%s is longer than %d bytes: shorten it", what, max);
}

enum rc_err
rc_journal_append(struct rc_txn *txn, struct rc_journal_entry *j,
    struct rc_journal_set *const set[RC_JOURNAL_SETS], struct rc_error *e)
{
	unsigned char previous[RC_SHA256_LEN], payload[RC_SHA256_LEN];
	struct rc_buf value = RC_BUF_INIT(HASHES_LEN + RC_JOURNAL_HEADER_MAX);
	uint32_t blocks = 0;
	enum rc_err err;

	err = check_text("source", j->source, RC_JOURNAL_TEXT_MAX, e);
	if (err == RC_OK)
		err = check_text(
		    "evidence", j->evidence, RC_JOURNAL_EVIDENCE_MAX, e);
	if (err == RC_OK)
		err = rc_journal_head(txn, &j->seq, previous, e);
	if (err == RC_OK)
		err = rc_journal_put_evidence(txn, j, e);
	if (err != RC_OK)
		return err;
	j->seq++;
	for (int s = 0; s < RC_JOURNAL_SETS; s++) {
		j->count[s] = rc_journal_set_count(set[s]);
		blocks += (uint32_t)rc_journal_set_blocks(set[s]);
	}
	err = digest_sets(set, payload, e);
	if (err == RC_OK)
		err = make_entry(&value, j, previous, payload, blocks, e);
	if (err == RC_OK)
		err = store_entry(txn, j, rc_buf_slice(&value), e);
	rc_buf_free(&value);
	return err == RC_OK ? store_sets(txn, j, set, e) : err;
}
