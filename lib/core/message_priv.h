/*
 * The message record (reconnect-state(5)) and a view of a campaign's records
 * within one transaction; for core/message*.c alone.
 */
#ifndef RC_CORE_MESSAGE_PRIV_H
#define RC_CORE_MESSAGE_PRIV_H

#include "core/message.h"

enum { /* where a field lies in a record */
	RC_AT_STATE = 0,
	RC_AT_FLAGS = 1,
	RC_AT_VARIANT = 2,
	RC_AT_SEGMENTS = 3,
	RC_AT_DETAIL = 4,
	RC_AT_CLAIMED = 8,
	RC_AT_CHANGED = 12,
	RC_AT_PHONE = 16,
	RC_AT_PROVIDER = 24
};

/* What a row of message_text holds; expanded URL n is RC_TEXT_URL + n. */
enum {
	RC_TEXT_RECIPIENT = 1,
	RC_TEXT_PROVIDER = 2,
	RC_TEXT_MOVED = 3, /* of a hole: u32, the ordinal it has now */
	RC_TEXT_URL = 127
};

#define RC_FLAG_PROVIDER 7u /* how the provider id is kept */
#define RC_FLAG_CLICKED 8u
#define RC_FLAG_RETRIED 128u /* holes may lead here */

#define RC_LEDGER_CHUNKS 8
#define RC_CHUNK_LEN ((size_t)RC_MESSAGE_CHUNK * RC_MESSAGE_LEN)

struct rc_ledger_chunk {
	uint32_t number;
	bool used, dirty;
	unsigned char records[RC_CHUNK_LEN];
};

/* What changed for the messages of one variant. */
struct rc_ledger_variant {
	uint8_t number;
	int32_t moved[RC_M_STATES], segments, clickers;
};

/*
 * Records of one campaign, kept by the chunk, so that a batch writes a chunk
 * once; tallies are summed up and written with them.  Nothing is written
 * before rc_ledger_flush but chunks that make room for others.
 */
struct rc_ledger {
	struct rc_txn *txn;
	uint32_t campaign;
	size_t next_out;
	int64_t moved[RC_M_STATES], segments;
	struct rc_ledger_chunk chunk[RC_LEDGER_CHUNKS];
	size_t nvariants; /* that something changed for */
	struct rc_ledger_variant variant[RC_VARIANT_NUMBERS];
};

/* Borrows the transaction; there is nothing to close. */
void rc_ledger_open(struct rc_ledger *, struct rc_txn *, uint32_t campaign);
/* The record of an ordinal, zeros for a hole; borrowed until the next call. */
enum rc_err rc_ledger_at(struct rc_ledger *, uint32_t ordinal,
    unsigned char **record, struct rc_error *) RC_MUST_USE;
/* Says that a record is being changed. */
void rc_ledger_mark(struct rc_ledger *, const unsigned char *record);
/*
 * Gives a record another state; the one way to do so.  Its variant and its
 * segments, which count once the provider has the message, are set while it
 * has none.
 */
void rc_ledger_move(
    struct rc_ledger *, unsigned char *record, enum rc_message_state);
/*
 * What changed for the variant of a record, zeros if nothing has; NULL for a
 * record without one.
 */
struct rc_ledger_variant *rc_ledger_variant(
    struct rc_ledger *, const unsigned char *record);
/* Writes the tallies of the variants. */
enum rc_err rc_ledger_flush_variants(
    struct rc_ledger *, struct rc_error *) RC_MUST_USE;
/* rc_ledger_move, and notes when and why, as all that follows a claim does. */
void rc_record_change(struct rc_ledger *, unsigned char *record,
    enum rc_message_state, uint32_t error_code, uint64_t now_ms);
/* Gives a message another number of segments. */
void rc_ledger_segments(struct rc_ledger *, unsigned char *record, uint8_t n);
/* Writes what was changed, and the tallies. */
enum rc_err rc_ledger_flush(struct rc_ledger *, struct rc_error *) RC_MUST_USE;

/* One record, without a ledger; RC_NOTFOUND for a hole.  Borrowed. */
enum rc_err rc_record_get(struct rc_txn *, uint32_t campaign, uint32_t ordinal,
    const unsigned char **record, struct rc_error *) RC_MUST_USE;
/* The ordinal of a recipient's message in a campaign; RC_NOTFOUND. */
enum rc_err rc_recipient_get(struct rc_txn *, uint32_t campaign,
    const struct rc_ident *, uint32_t *ordinal, struct rc_error *) RC_MUST_USE;
/* Whether anybody has a message in a campaign. */
enum rc_err rc_recipient_any(struct rc_txn *, uint32_t campaign, bool *any,
    struct rc_error *) RC_MUST_USE;
enum rc_err rc_recipient_put(struct rc_txn *, uint32_t campaign,
    const struct rc_ident *, uint32_t ordinal, struct rc_error *) RC_MUST_USE;

/* A row of message_text, borrowed from the transaction; RC_NOTFOUND. */
enum rc_err rc_message_text_put(struct rc_txn *, uint32_t campaign,
    uint32_t ordinal, unsigned what, struct rc_slice,
    struct rc_error *) RC_MUST_USE;
enum rc_err rc_message_text_get(struct rc_txn *, uint32_t campaign,
    uint32_t ordinal, unsigned what, struct rc_slice *,
    struct rc_error *) RC_MUST_USE;
/* All a message has there. */
enum rc_err rc_message_text_clear(struct rc_txn *, uint32_t campaign,
    uint32_t ordinal, struct rc_error *) RC_MUST_USE;

/* Keeps a provider's id, at most 127 bytes of it. */
enum rc_err rc_provider_id_put(struct rc_ledger *, unsigned char *record,
    uint32_t ordinal, const char *id, struct rc_error *) RC_MUST_USE;
/* The id as text into id, cut to size; "" when there is none. */
enum rc_err rc_provider_id_get(struct rc_txn *, uint32_t campaign,
    uint32_t ordinal, const unsigned char *record, char *id, size_t size,
    struct rc_error *) RC_MUST_USE;

/* The other campaigns of a channel that sent within its cap's window. */
struct rc_cap {
	const struct rc_channel *channel;
	uint64_t since_ms;
	const struct rc_buf *others; /* perhaps more of them; u32 each */
	struct rc_cap_window own;    /* when the batch keeps none */
};
/* Looks for them; touches the batch's campaign (rc_campaign_touch) if write. */
enum rc_err rc_cap_open(struct rc_cap *, struct rc_txn *,
    const struct rc_claim_batch *, bool write, struct rc_error *) RC_MUST_USE;
void rc_cap_close(struct rc_cap *); /* also if open failed */
/* Whether one more message to a person would pass the cap. */
enum rc_err rc_cap_reached(struct rc_cap *, struct rc_txn *,
    const struct rc_ident *, bool *reached, struct rc_error *) RC_MUST_USE;

/* How many messages of the window count, and when there may be one more. */
enum rc_err rc_cap_count(struct rc_cap *, struct rc_txn *,
    const struct rc_ident *, uint64_t *n, uint64_t *next_ms,
    struct rc_error *) RC_MUST_USE;

/*
 * Notes claims from low up to high, exclusive, as open in the run's row, and
 * perhaps more.
 */
enum rc_err rc_run_extend(struct rc_txn *, uint32_t run, uint32_t low,
    uint32_t high, struct rc_error *) RC_MUST_USE;

#endif
