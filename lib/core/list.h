/*
 * Subscriber lists: the packed set a sync left for a channel.  Who may be
 * texted is consent's to say; this only says who is on the list.
 */
#ifndef RC_CORE_LIST_H
#define RC_CORE_LIST_H

#include "core/channel.h"
#include "text/pack.h"

/* How identifiers of a type are packed, and one as a member (borrowed). */
enum rc_pack_format rc_list_format(enum rc_ident_type);
struct rc_member rc_list_member(const struct rc_ident *);

#define RC_LIST_PREFIX 8 /* bytes of u32 channel, u32 generation */
/* What the keys of a generation's list and events begin with. */
void rc_list_prefix(
    unsigned char key[RC_LIST_PREFIX], uint32_t channel, uint32_t generation);

struct rc_list_info {
	uint32_t generation; /* 0: there was no sync yet */
	uint64_t list_time_ms, synced_ms, members, journal_seq;
};

/* All zeros when there was no sync. */
enum rc_err rc_list_info_get(struct rc_txn *, uint32_t channel,
    struct rc_list_info *, struct rc_error *) RC_MUST_USE;
/* Within a write. */
enum rc_err rc_list_info_put(struct rc_txn *, uint32_t channel,
    const struct rc_list_info *, struct rc_error *) RC_MUST_USE;

/*
 * By when a list must have been made: at the latest when a list of its time, or
 * of a later one, was read for a sync.  What that means is the sync's to say.
 */
struct rc_list_seen {
	uint64_t list_time_ms;
	uint64_t seq; /* newest journal entry then */
};
/*
 * The earliest reading of a list of that time or a later one, of all that were
 * synced; RC_NOTFOUND when there was none.
 */
enum rc_err rc_list_seen_get(struct rc_txn *, uint32_t channel,
    uint64_t list_time_ms, struct rc_list_seen *,
    struct rc_error *) RC_MUST_USE;
/* Within a write: notes a reading.  It stays when the sync is taken back. */
enum rc_err rc_list_seen_put(struct rc_txn *, uint32_t channel,
    const struct rc_list_seen *, struct rc_error *) RC_MUST_USE;
/*
 * Within a write: forgets readings of lists whose time is later, and with them
 * the later readings of earlier lists.
 */
enum rc_err rc_list_seen_forget(struct rc_txn *, uint32_t channel,
    uint64_t list_time_ms, struct rc_error *) RC_MUST_USE;

/* Packed blocks in memory, in order: a list being made, or one copied out. */
struct rc_list_blocks {
	struct rc_buf bytes; /* u16 key length, key, u16 length, block … */
	uint64_t members;
};
#define RC_LIST_BYTES_MAX (4ULL << 30)
/* Empty; to be freed, which may be repeated. */
void rc_list_blocks_init(struct rc_list_blocks *);
void rc_list_blocks_free(struct rc_list_blocks *);
/* A rc_pack_fn whose arg is the rc_list_blocks. */
enum rc_err rc_list_blocks_emit(void *arg, struct rc_slice first_key,
    struct rc_slice block, struct rc_error *);
/* Adds another's blocks, whose members are all above its own, behind. */
enum rc_err rc_list_blocks_append(struct rc_list_blocks *,
    const struct rc_list_blocks *, struct rc_error *) RC_MUST_USE;
/* Takes the block at *at, which lies before the end, and moves *at on. */
void rc_list_blocks_take(const struct rc_list_blocks *, size_t *at,
    struct rc_slice *first_key, struct rc_slice *block);
/* Copies a generation out of the store; borrowed by nobody after. */
enum rc_err rc_list_copy(struct rc_txn *, uint32_t channel, uint32_t generation,
    struct rc_list_blocks *, struct rc_error *) RC_MUST_USE;
/* Writes all blocks under a new generation. */
enum rc_err rc_list_store(struct rc_txn *, uint32_t channel,
    uint32_t generation, const struct rc_list_blocks *,
    struct rc_error *) RC_MUST_USE;
/* Deletes older generations of list and events, in bounded bulk batches. */
enum rc_err rc_list_sweep(struct rc_store *, uint32_t channel,
    uint32_t generation, struct rc_error *) RC_MUST_USE;

/*
 * Walking copied blocks member by member.  Of numbers, num[next] up to
 * num[count] are those of the open block that are still to come; who looks at
 * them himself may move next on.
 */
struct rc_list_walk {
	const struct rc_list_blocks *blocks;
	size_t at;
	size_t next, count;
	uint64_t num[RC_PACK_COUNT_MAX];
	struct rc_unpacker unpack; /* of strings */
	bool open;
};
/* The blocks are borrowed and must not change until the walk is over. */
void rc_list_walk_start(struct rc_list_walk *, const struct rc_list_blocks *);
/* The next member; its string is borrowed until the next call. */
enum rc_err rc_list_walk_next(struct rc_list_walk *, struct rc_member *,
    struct rc_error *) RC_MUST_USE; /* or RC_END */

/*
 * Looking members up within one transaction; cheapest in ascending order,
 * where it walks on in the open block.  The open block is a copy, so other
 * tables may be written meanwhile.  It points into itself: not to be copied.
 */
struct rc_list_probe {
	struct rc_cursor *cursor;
	unsigned char prefix[8]; /* channel and generation */
	enum rc_pack_format format;
	unsigned char block[RC_PACK_BLOCK_MAX]; /* the open block */
	size_t block_len;			/* 0: none is open */
	struct rc_unpacker unpack;
	struct rc_member at; /* first member not below the newest question */
	unsigned char asked[RC_IDENT_KEY_MAX]; /* the newest question */
	size_t asked_len;
	/* The block holds keys k with first_key <= k < next_key. */
	unsigned char first_key[RC_IDENT_KEY_MAX], next_key[RC_IDENT_KEY_MAX];
	size_t first_key_len, next_key_len; /* next 0: it is the last block */
};
/* Borrows the transaction; close it in any case. */
enum rc_err rc_list_probe_open(struct rc_list_probe *, struct rc_txn *,
    uint32_t channel, uint32_t generation, enum rc_pack_format,
    struct rc_error *) RC_MUST_USE;
void rc_list_probe_close(struct rc_list_probe *);
/* RC_OK or RC_NOTFOUND; text (or NULL) takes the address as the list has it. */
enum rc_err rc_list_probe_find(struct rc_list_probe *, const struct rc_ident *,
    struct rc_buf *text, struct rc_error *) RC_MUST_USE;

#endif
