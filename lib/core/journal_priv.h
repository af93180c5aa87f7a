/*
 * What the files of the journal share: how an entry and a block are laid out
 * (reconnect-state(5), The journal).  Included by journal*.c alone.
 */
#ifndef RC_CORE_JOURNAL_PRIV_H
#define RC_CORE_JOURNAL_PRIV_H

#include "core/journal.h"

#define RC_JOURNAL_SETS 3
#define RC_JOURNAL_SALT 16 /* random bytes before a block */
#define RC_JOURNAL_VALUE_MAX (RC_JOURNAL_SALT + RC_PACK_BLOCK_MAX)
/* Fixed fields, and a text with two bytes of length. */
#define RC_JOURNAL_HEADER_MAX (159 + 2 + RC_JOURNAL_TEXT_MAX)
/* u8 type, identifier key, u64 sequence: the longest key of all. */
#define RC_JOURNAL_KEY_MAX (1 + RC_IDENT_KEY_MAX + 8)

struct rc_journal_key {
	unsigned char bytes[RC_JOURNAL_KEY_MAX];
	size_t len;
};
/* The key as a slice; borrowed from it. */
struct rc_slice rc_journal_key_slice(const struct rc_journal_key *);
/* Keys of tables journal, journal_block and journal_index. */
struct rc_journal_key rc_journal_entry_key(uint64_t seq);
/* first: identifier key of the block's first member. */
struct rc_journal_key rc_journal_block_key(
    uint64_t seq, enum rc_journal_set_kind, struct rc_slice first);
struct rc_journal_key rc_journal_index_key(
    enum rc_ident_type, struct rc_slice member, uint64_t seq);
struct rc_journal_key rc_journal_large_key(uint64_t seq);

/* An entry as it is stored; everything is borrowed from the transaction. */
struct rc_journal_record {
	const unsigned char *previous, *payload, *hash; /* RC_SHA256_LEN each */
	struct rc_slice header;
	uint32_t blocks;
	struct rc_journal_entry entry;
};
/* RC_EINTERNAL when the value is no entry. */
enum rc_err rc_journal_parse(uint64_t seq, struct rc_slice value,
    struct rc_journal_record *, struct rc_error *) RC_MUST_USE;
/* The record of an entry, without its evidence; RC_NOTFOUND. */
enum rc_err rc_journal_get(struct rc_txn *, uint64_t seq,
    struct rc_journal_record *, struct rc_error *) RC_MUST_USE;
/* Keeps an entry's evidence and fills its digest, within a write. */
enum rc_err rc_journal_put_evidence(
    struct rc_txn *, struct rc_journal_entry *, struct rc_error *) RC_MUST_USE;
/* Finds the text an entry's digest names; empty when that is not there, or is
 * another one. */
enum rc_err rc_journal_get_evidence(
    struct rc_txn *, struct rc_journal_entry *, struct rc_error *) RC_MUST_USE;
/* header: at most RC_JOURNAL_HEADER_MAX bytes. */
void rc_journal_hash(uint64_t seq, const unsigned char *previous,
    struct rc_slice header, const unsigned char *payload,
    unsigned char out[RC_SHA256_LEN]);
/* Adds what a block contributes to the payload digest. */
void rc_journal_add_digest(struct rc_hash *, enum rc_journal_set_kind,
    const unsigned char digest[RC_SHA256_LEN]);
/* Whether its members are indexed one by one. */
bool rc_journal_is_small(const struct rc_journal_entry *);
/* As rc_journal_of, of such entries alone. */
enum rc_err rc_journal_of_small(struct rc_txn *, const struct rc_ident *,
    rc_journal_fn *, void *arg, struct rc_error *) RC_MUST_USE;

/* The blocks of a finished set, in order; NULL is an empty set. */
struct rc_journal_block {
	struct rc_slice first_key, value; /* value: salt and block */
	const unsigned char *digest;	  /* RC_SHA256_LEN bytes */
};
size_t rc_journal_set_blocks(const struct rc_journal_set *);
/* i: below rc_journal_set_blocks; borrowed from the set. */
struct rc_journal_block rc_journal_set_block(
    const struct rc_journal_set *, size_t i);
/* The packed block behind the salt; empty when the value is too short. */
struct rc_slice rc_journal_unsalt(struct rc_slice value);

#endif
