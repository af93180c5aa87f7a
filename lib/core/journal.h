/*
 * The consent journal: an append-only, hash-chained record of every change of
 * consent (reconnect-state(5), The journal).  It knows what was changed, not
 * why that was right; consent and sync decide and call here.
 *
 * Sets are hashed before the write transaction: build a rc_journal_set of
 * salted blocks first, then append inside the transaction.
 */
#ifndef RC_CORE_JOURNAL_H
#define RC_CORE_JOURNAL_H

#include "core/list.h"
#include "text/ident.h"
#include "text/pack.h"

#define RC_JOURNAL_SMALL 64	 /* members up to which an entry is indexed */
#define RC_JOURNAL_TEXT_MAX 1000 /* bytes of source */
#define RC_JOURNAL_EVIDENCE_MAX 65536

enum rc_journal_kind {
	RC_J_SYNC = 1,
	RC_J_IN = 2,
	RC_J_OUT = 3,
	RC_J_SUPPRESS = 4,
	RC_J_LIFT = 5,
	RC_J_UNDO = 6 /* a sync is taken back */
};
enum rc_journal_set_kind {
	RC_J_ADDED = 1,
	RC_J_REMOVED = 2,
	RC_J_CONFIRMED = 3
};

const char *rc_journal_kind_name(enum rc_journal_kind);	   /* "in" */
const char *rc_journal_set_name(enum rc_journal_set_kind); /* "added" */

struct rc_list_blocks;
/* A set of members as salted, hashed blocks in memory. */
struct rc_journal_set;
/* An empty set; open it, add to it, finish it, append it, close it. */
enum rc_err rc_journal_set_open(struct rc_journal_set **, enum rc_ident_type,
    struct rc_error *) RC_MUST_USE;
/* NULL is fine. */
void rc_journal_set_close(struct rc_journal_set *);
/* Ascending; RC_EINTERNAL otherwise. */
enum rc_err rc_journal_set_add(struct rc_journal_set *,
    const struct rc_member *, struct rc_error *) RC_MUST_USE;
/* In place of adding: all members of a list, whose blocks are copied. */
enum rc_err rc_journal_set_copy(struct rc_journal_set *,
    const struct rc_list_blocks *, struct rc_error *) RC_MUST_USE;
/* After the last add. */
enum rc_err rc_journal_set_finish(
    struct rc_journal_set *, struct rc_error *) RC_MUST_USE;
/* Hands over each packed block of a finished set, in order. */
enum rc_err rc_journal_set_each(const struct rc_journal_set *, rc_pack_fn *,
    void *arg, struct rc_error *) RC_MUST_USE;
/* Members; NULL is an empty set. */
uint64_t rc_journal_set_count(const struct rc_journal_set *);
/*
 * Puts a member into, or takes it out of, a finished set: rewrites its one
 * block.  RC_NOTFOUND when it is there, or is not, already.
 */
enum rc_err rc_journal_set_patch(struct rc_journal_set *,
    const struct rc_member *, bool present, struct rc_error *) RC_MUST_USE;

struct rc_journal_entry {
	uint64_t seq;
	enum rc_journal_kind kind;
	enum rc_ident_type type;
	uint32_t channel;		  /* 0: all channels */
	uint64_t received_ms, claimed_ms; /* claimed 0: not said */
	uint32_t generation;
	uint64_t count[3]; /* added, removed, confirmed */
	uint64_t list_time_ms;
	uint64_t list_seq; /* newest entry when the list was first read */
	uint64_t rows;	   /* of UNDO: the entry that is taken back */
	uint64_t duplicates, rejected;
	unsigned char file_digest[RC_SHA256_LEN];
	struct rc_slice source, evidence; /* borrowed */
	/* Filled by append and read; the first is zeros without evidence. */
	unsigned char evidence_digest[RC_SHA256_LEN], hash[RC_SHA256_LEN];
};
/* Whether it names a text, which may be lost all the same. */
bool rc_journal_has_evidence(const struct rc_journal_entry *);
/* Of one that was read: its text is lost, or is not the one it names. */
bool rc_journal_lacks_evidence(const struct rc_journal_entry *);

/*
 * Appends within a write transaction, keeps the evidence, fills seq, count and
 * hashes.  set[] holds added, removed and confirmed; NULL is empty.  RC_EDATA:
 * source or evidence is too long.
 */
enum rc_err rc_journal_append(struct rc_txn *, struct rc_journal_entry *,
    struct rc_journal_set *const set[3], struct rc_error *) RC_MUST_USE;
/* The newest entry; seq 0 and a hash of zeros when there is none. */
enum rc_err rc_journal_head(struct rc_txn *, uint64_t *seq,
    unsigned char hash[RC_SHA256_LEN], struct rc_error *) RC_MUST_USE;
/* An entry by number, with its evidence; slices live as long as the
 * transaction. */
enum rc_err rc_journal_read(struct rc_txn *, uint64_t seq,
    struct rc_journal_entry *, struct rc_error *) RC_MUST_USE;

/* The same without its evidence, of which the digest alone is told. */
enum rc_err rc_journal_peek(struct rc_txn *, uint64_t seq,
    struct rc_journal_entry *, struct rc_error *) RC_MUST_USE;
/* Hands over each packed block of one set of an entry, in order. */
enum rc_err rc_journal_blocks(struct rc_txn *, uint64_t seq,
    enum rc_journal_set_kind, rc_pack_fn *, void *arg,
    struct rc_error *) RC_MUST_USE;

/*
 * Every entry from a number on that names a person, oldest first, with the set
 * it is in.  RC_END from fn stops.
 */
typedef enum rc_err rc_journal_fn(void *arg, const struct rc_journal_entry *,
    enum rc_journal_set_kind, struct rc_error *);
enum rc_err rc_journal_of(struct rc_txn *, const struct rc_ident *,
    uint64_t from, rc_journal_fn *, void *arg, struct rc_error *) RC_MUST_USE;

struct rc_journal_last {
	const struct rc_ident *who;   /* in; all of one type */
	uint64_t seq;		      /* out: 0: there is none */
	enum rc_journal_set_kind set; /* out: ADDED or REMOVED */
};
/*
 * The newest entry of a channel that added or removed each of n people.  Reads
 * what the large entries have of them once for all, which is the cheaper the
 * closer together they are.
 */
enum rc_err rc_journal_last(struct rc_txn *, uint32_t channel,
    struct rc_journal_last *, size_t n, struct rc_error *) RC_MUST_USE;

/*
 * The first entry received at or after a time, or the number after the newest;
 * a handful of seeks.  Goes by the clock that entries were received by: where
 * it was set back, later ones may stand before it.
 */
enum rc_err rc_journal_first_since(struct rc_txn *, uint64_t since_ms,
    uint64_t *seq, struct rc_error *) RC_MUST_USE;

/* Whose consent began in entries received at or after a time, up to one. */
struct rc_journal_added {
	uint32_t channel; /* and of all channels */
	enum rc_ident_type type;
	uint64_t since_ms, until; /* until: sequence of the last entry */
	uint64_t from;		  /* sequence of the first; 0: of all */
	bool removed;		  /* whose consent ended, instead */
};
/*
 * Everybody in an added set of these (or removed), each once, into out, which
 * is empty and is freed by the caller.  Reads in slices, each on a snapshot of
 * its own.
 */
enum rc_err rc_journal_added(struct rc_store *, const struct rc_journal_added *,
    struct rc_list_blocks *out, struct rc_error *) RC_MUST_USE;

/* What an entry's channel is called; remembers the one it told last. */
struct rc_journal_channel {
	uint32_t number;
	char name[RC_CHANNEL_NAME_MAX + 1]; /* "*": all; "#7": removed */
};
/* c begins as zeros. */
enum rc_err rc_journal_channel_name(struct rc_txn *,
    struct rc_journal_channel *c, uint32_t number,
    struct rc_error *) RC_MUST_USE;

struct rc_journal_verdict {
	uint64_t entries;    /* that were checked */
	uint64_t broken_seq; /* 0: none */
	char why[200];
	unsigned char head[RC_SHA256_LEN];
	bool head_seen;		   /* the wanted head is in the chain */
	uint64_t evidence_missing; /* entries whose text is lost */
};
/*
 * Walks the whole chain, sets, evidence and index counts included.  Verifies
 * in slices of entries, each on a snapshot of its own.  A text that is lost
 * breaks nothing, one that is not what its entry names does.  head: a hash
 * noted earlier, or NULL.  RC_OK with the verdict, whatever it is.
 */
enum rc_err rc_journal_verify(struct rc_store *, const unsigned char *head,
    struct rc_journal_verdict *, struct rc_error *) RC_MUST_USE;

#endif
