#include "core/journal_export.h"

#include "base/num.h"
#include "core/journal_priv.h"
#include "text/json.h"

#include <stdlib.h>
#include <string.h>

#define PAGE (1u << 20) /* bytes of lines from which a page is full */
/* One entry more: its texts, each byte escaped as \u0001 at worst. */
#define PAGE_MAX                                                               \
	(PAGE + 6 * (RC_JOURNAL_TEXT_MAX + RC_JOURNAL_EVIDENCE_MAX) + 65536)
#define HEX_MAX (2 * RC_JOURNAL_EVIDENCE_MAX + 1) /* longer than a block */
#define NEVER UINT64_MAX

/* What is known of one of the people. */
struct wanted {
	uint64_t next; /* entry at or above the one at hand that names them */
	bool set[RC_JOURNAL_SETS]; /* in which they are */
	bool named;		   /* by any entry so far */
};

struct rc_journal_export {
	struct rc_store *store;
	const struct rc_ident *people;
	size_t n;
	struct wanted *wanted;
	uint64_t head; /* the newest entry when it began */
	uint64_t seq;  /* the entry at hand, or the last one */
	bool within;   /* its blocks from at on are to be written */
	struct rc_journal_key at;
	struct rc_buf full; /* struct rc_journal_key: blocks to be disclosed */
	struct rc_journal_channel channel;
	struct rc_buf lines;
	struct rc_json_writer w;
	char hex[HEX_MAX];
};

/* --- which entries, which blocks ----------------------------------------- */

/* Notes the first entry found and the sets the person is in. */
static enum rc_err
note_entry(void *arg, const struct rc_journal_entry *j,
    enum rc_journal_set_kind set, struct rc_error *e)
{
	struct wanted *w = arg;

	(void)e;
	if (w->next != NEVER && w->next != j->seq)
		return RC_END;
	w->next = j->seq;
	w->set[set - 1] = true;
	w->named = true;
	return RC_OK;
}

/* Notes the block of a set that holds the person, to be disclosed. */
static enum rc_err
disclose(struct rc_journal_export *x, struct rc_cursor *blocks,
    const struct rc_ident *id, enum rc_journal_set_kind set, struct rc_error *e)
{
	struct rc_journal_key key =
	    rc_journal_block_key(x->seq, set, rc_ident_key(id));
	struct rc_slice found, value;
	enum rc_err err =
	    rc_cursor_le(blocks, rc_journal_key_slice(&key), &found, &value, e);

	if (err != RC_OK)
		return err;
	memcpy(key.bytes, found.p, key.len = found.len);
	rc_buf_add(&x->full, &key, sizeof(key));
	return rc_buf_check(&x->full, "the blocks of an entry", e);
}

/* The next entry that names anybody; RC_END. */
static enum rc_err
choose_named(struct rc_journal_export *x, struct rc_txn *txn,
    struct rc_cursor *blocks, struct rc_error *e)
{
	uint64_t from = x->seq + 1;
	enum rc_err err = RC_OK;

	x->seq = NEVER;
	for (size_t i = 0; err == RC_OK && i < x->n; i++) {
		struct wanted *w = &x->wanted[i];

		if (w->next < from) {
			*w = (struct wanted){.next = NEVER, .named = w->named};
			err = rc_journal_of(
			    txn, &x->people[i], from, note_entry, w, e);
		}
		if (w->next < x->seq)
			x->seq = w->next;
	}
	if (err == RC_OK && x->seq > x->head)
		return RC_END;
	for (size_t i = 0; err == RC_OK && i < x->n; i++)
		for (int s = 0; err == RC_OK && s < RC_JOURNAL_SETS; s++)
			if (x->wanted[i].next == x->seq && x->wanted[i].set[s])
				err = disclose(x, blocks, &x->people[i],
				    (enum rc_journal_set_kind)(s + 1), e);
	return err;
}

static enum rc_err
choose_entry(struct rc_journal_export *x, struct rc_txn *txn,
    struct rc_cursor *blocks, struct rc_error *e)
{
	enum rc_err err = RC_OK;

	rc_buf_reset(&x->full);
	if (x->n > 0)
		err = choose_named(x, txn, blocks, e);
	else if (x->seq++ >= x->head)
		err = RC_END;
	x->at = rc_journal_block_key(x->seq, RC_J_ADDED, RC_SLICE_LIT(""));
	x->within = err == RC_OK;
	return err;
}

static bool
is_disclosed(const struct rc_journal_export *x, struct rc_slice key)
{
	const struct rc_journal_key *full = (const void *)x->full.data;
	size_t n = x->full.len / sizeof(*full);

	for (size_t i = 0; i < n; i++)
		if (rc_slice_eq(key, rc_journal_key_slice(&full[i])))
			return true;
	return x->n == 0;
}

/* --- lines --------------------------------------------------------------- */

static void
begin_line(struct rc_journal_export *x, const char *type)
{
	x->w = rc_json_writer_start(&x->lines);
	rc_jw_object(&x->w);
	rc_jw_key(&x->w, "type");
	rc_jw_cstr(&x->w, type);
	rc_jw_key(&x->w, "seq");
	rc_jw_u64(&x->w, x->seq);
}

static enum rc_err
end_line(struct rc_journal_export *x, struct rc_error *e)
{
	enum rc_err err;

	rc_jw_end(&x->w);
	err = rc_jw_finish(&x->w, e);
	rc_buf_addc(&x->lines, '\n');
	return err;
}

static void
put_hex(struct rc_journal_export *x, const char *key, struct rc_slice bytes)
{
	rc_hex(bytes.p, bytes.len, x->hex);
	rc_jw_key(&x->w, key);
	rc_jw_str(&x->w, (struct rc_slice){x->hex, 2 * bytes.len});
}

static void
put_null(struct rc_journal_export *x, const char *key)
{
	rc_jw_key(&x->w, key);
	rc_jw_null(&x->w);
}

/* A digest, or null when there is none. */
static void
put_digest(struct rc_journal_export *x, const char *key,
    const unsigned char digest[RC_SHA256_LEN])
{
	static const unsigned char none[RC_SHA256_LEN];

	if (memcmp(digest, none, RC_SHA256_LEN) == 0)
		put_null(x, key);
	else
		put_hex(x, key, rc_slice_of(digest, RC_SHA256_LEN));
}

/* A text, or null when JSON cannot hold its bytes. */
static void
put_str(struct rc_journal_export *x, const char *key, struct rc_slice text)
{
	if (!rc_utf8_valid(text)) {
		put_null(x, key);
		return;
	}
	rc_jw_key(&x->w, key);
	rc_jw_str(&x->w, text);
}

/* As a text or, when that is none, as its bytes. */
static void
put_evidence(struct rc_journal_export *x, struct rc_slice text)
{
	if (text.len == 0)
		put_null(x, "evidence");
	else
		put_str(x, "evidence", text);
	if (rc_utf8_valid(text))
		put_null(x, "evidence_hex");
	else
		put_hex(x, "evidence_hex", text);
}

static void
put_u64(struct rc_journal_export *x, const char *key, uint64_t n)
{
	rc_jw_key(&x->w, key);
	rc_jw_u64(&x->w, n);
}

static void
put_time(struct rc_journal_export *x, const char *key, uint64_t ms)
{
	if (ms == 0) {
		put_null(x, key);
		return;
	}
	rc_jw_key(&x->w, key);
	rc_jw_time(&x->w, ms);
}

static enum rc_err
write_block(struct rc_journal_export *x, struct rc_slice key,
    struct rc_slice value, struct rc_error *e)
{
	unsigned char digest[RC_SHA256_LEN];
	unsigned set = (unsigned char)key.p[8];

	if (set < RC_J_ADDED || set > RC_J_CONFIRMED ||
	    value.len < RC_JOURNAL_SALT || value.len > RC_JOURNAL_VALUE_MAX)
		return rc_state_damaged(e, "a block of journal entry %llu",
		    (unsigned long long)x->seq);
	begin_line(x, "block");
	put_str(x, "set",
	    rc_slice_str(rc_journal_set_name((enum rc_journal_set_kind)set)));
	if (is_disclosed(x, key)) {
		put_hex(x, "salt", (struct rc_slice){value.p, RC_JOURNAL_SALT});
		put_hex(x, "block", rc_journal_unsalt(value));
	}
	rc_sha256(value, digest);
	put_hex(x, "digest", rc_slice_of(digest, RC_SHA256_LEN));
	return end_line(x, e);
}

/* What is hashed, as it is. */
static void
put_hashed(struct rc_journal_export *x, const struct rc_journal_record *r)
{
	put_hex(x, "previous", rc_slice_of(r->previous, RC_SHA256_LEN));
	put_hex(x, "header", r->header);
	put_hex(x, "payload", rc_slice_of(r->payload, RC_SHA256_LEN));
	put_hex(x, "hash", rc_slice_of(r->hash, RC_SHA256_LEN));
}

/* What the header says, for people. */
static void
put_readable(struct rc_journal_export *x, const struct rc_journal_entry *j)
{
	static const char *const counts[] = {"added", "removed", "confirmed"};

	put_str(x, "kind", rc_slice_str(rc_journal_kind_name(j->kind)));
	put_str(x, "identifier", rc_slice_str(rc_ident_type_name(j->type)));
	put_str(x, "channel", rc_slice_str(x->channel.name));
	put_u64(x, "channel_number", j->channel);
	put_time(x, "time", j->received_ms);
	put_time(x, "claimed", j->claimed_ms);
	put_str(x, "source", j->source);
	put_digest(x, "evidence_digest", j->evidence_digest);
	put_evidence(x, j->evidence);
	for (int s = 0; s < RC_JOURNAL_SETS; s++)
		put_u64(x, counts[s], j->count[s]);
	put_digest(x, "file_digest", j->file_digest);
	put_time(x, "list_time", j->list_time_ms);
	put_u64(x, "rows", j->kind == RC_J_UNDO ? 0 : j->rows);
	put_u64(x, "duplicates", j->duplicates);
	put_u64(x, "rejected", j->rejected);
	if (j->kind == RC_J_UNDO) {
		put_u64(x, "undoes", j->rows);
	} else {
		rc_jw_key(&x->w, "undoes");
		rc_jw_null(&x->w);
	}
}

static enum rc_err
write_entry(struct rc_journal_export *x, struct rc_txn *txn, struct rc_error *e)
{
	struct rc_journal_record r;
	enum rc_err err = rc_journal_get(txn, x->seq, &r, e);

	if (err == RC_NOTFOUND)
		return rc_state_damaged(
		    e, "journal entry %llu", (unsigned long long)x->seq);
	if (err == RC_OK)
		err = rc_journal_get_evidence(txn, &r.entry, e);
	if (err == RC_OK)
		err = rc_journal_channel_name(
		    txn, &x->channel, r.entry.channel, e);
	if (err != RC_OK)
		return err;
	begin_line(x, "entry");
	put_hashed(x, &r);
	put_readable(x, &r.entry);
	return end_line(x, e);
}

/* --- pages --------------------------------------------------------------- */

/* Blocks of the entry at hand; x->within stays true when the page is full. */
static enum rc_err
write_blocks(
    struct rc_journal_export *x, struct rc_cursor *blocks, struct rc_error *e)
{
	struct rc_slice key, value;
	enum rc_err err =
	    rc_cursor_ge(blocks, rc_journal_key_slice(&x->at), &key, &value, e);

	while (err == RC_OK && key.len >= 9 && rc_get64(key.p) == x->seq) {
		if (x->lines.len >= PAGE) {
			memcpy(x->at.bytes, key.p, x->at.len = key.len);
			return RC_OK;
		}
		err = write_block(x, key, value, e);
		if (err == RC_OK)
			err = rc_cursor_next(blocks, &key, &value, e);
	}
	x->within = false;
	return err == RC_NOTFOUND || err == RC_END ? RC_OK : err;
}

static enum rc_err
fill_page(struct rc_journal_export *x, struct rc_txn *txn,
    struct rc_cursor *blocks, struct rc_error *e)
{
	enum rc_err err = RC_OK;

	while (err == RC_OK && x->lines.len < PAGE) {
		if (!x->within)
			err = choose_entry(x, txn, blocks, e);
		if (err == RC_OK)
			err = write_blocks(x, blocks, e);
		if (err == RC_OK && !x->within)
			err = write_entry(x, txn, e);
	}
	return err == RC_END && x->lines.len > 0 ? RC_OK : err;
}

static enum rc_err
read_page(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_journal_export *x = arg;
	struct rc_cursor *blocks;
	enum rc_err err = rc_cursor_open(txn, RC_T_JOURNAL_BLOCK, &blocks, e);

	if (err != RC_OK)
		return err;
	err = fill_page(x, txn, blocks, e);
	rc_cursor_close(blocks);
	return err == RC_OK ? rc_buf_check(&x->lines, "a page", e) : err;
}

enum rc_err
rc_journal_export_next(
    struct rc_journal_export *x, struct rc_slice *lines, struct rc_error *e)
{
	enum rc_err err;

	rc_buf_reset(&x->lines);
	err = rc_store_read(x->store, read_page, x, e);
	*lines = rc_buf_slice(&x->lines);
	return err;
}

static enum rc_err
read_head(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_journal_export *x = arg;
	unsigned char hash[RC_SHA256_LEN];

	return rc_journal_head(txn, &x->head, hash, e);
}

enum rc_err
rc_journal_export_open(struct rc_journal_export **out, struct rc_store *store,
    const struct rc_ident *people, size_t n, struct rc_error *e)
{
	struct rc_journal_export *x = calloc(1, sizeof(*x));
	enum rc_err err;

	*out = x;
	if (x == NULL)
		return rc_err_nomem(e);
	x->store = store;
	x->people = people;
	x->n = n;
	x->lines = RC_BUF_INIT(PAGE_MAX);
	x->full = RC_BUF_INIT(
	    (n + 1) * RC_JOURNAL_SETS * sizeof(struct rc_journal_key));
	x->wanted = calloc(n + 1, sizeof(*x->wanted));
	err = x->wanted == NULL ? rc_err_nomem(e)
				: rc_store_read(store, read_head, x, e);
	if (err == RC_OK)
		return RC_OK;
	rc_journal_export_close(x);
	*out = NULL;
	return err;
}

size_t
rc_journal_export_unknown(const struct rc_journal_export *x)
{
	size_t unknown = 0;

	for (size_t i = 0; i < x->n; i++)
		unknown += !x->wanted[i].named;
	return unknown;
}

void
rc_journal_export_close(struct rc_journal_export *x)
{
	if (x == NULL)
		return;
	rc_buf_free(&x->lines);
	rc_buf_free(&x->full);
	free(x->wanted);
	free(x);
}
