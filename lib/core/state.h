/*
 * The state: which tables the store has (reconnect-state(5)), and opening it
 * together with the seal key.
 */
#ifndef RC_CORE_STATE_H
#define RC_CORE_STATE_H

#include "sys/seal.h"
#include "sys/store.h"

#define RC_STATE_SCHEMA 1

enum rc_table {
	RC_T_META,
	RC_T_CHANNEL,
	RC_T_API_KEY,
	RC_T_TOKEN,
	RC_T_LIST,
	RC_T_LIST_INFO,
	RC_T_LIST_SEEN,
	RC_T_SYNC,
	RC_T_FEED,
	RC_T_EVENT,
	RC_T_SUPPRESSION,
	RC_T_JOURNAL,
	RC_T_JOURNAL_BLOCK,
	RC_T_JOURNAL_INDEX,
	RC_T_EVIDENCE,
	RC_T_REVIEW,
	RC_T_PERSON,
	RC_T_PERSON_BY,
	RC_T_DATA_FEED,
	RC_T_DATA,
	RC_T_CAMPAIGN,
	RC_T_RECIPIENT,
	RC_T_MESSAGE,
	RC_T_MESSAGE_TEXT,
	RC_T_RUN,
	RC_T_LINK,
	RC_T_LINK_OF,
	RC_T_LINK_TALLY,
	RC_T_CLICK,
	RC_T_AGENT,
	RC_T_TALLY,
	RC_TABLES
};

/* Keys drawn when the state is made; copies, so they outlive transactions. */
struct rc_state_keys {
	unsigned char code[16], message[16], variant[16];
};

struct rc_state {
	struct rc_store *store;
	struct rc_seal *seal;		    /* NULL until rc_state_unseal */
	unsigned char check[RC_SHA256_LEN]; /* value of the seal */
	struct rc_state_keys keys;	    /* constant from open to close */
	char *key_path;
};

/*
 * Opens the state; creates it if create (with its three keys).  The seal key
 * is not touched yet.  Errors are rc_store_open's.
 */
enum rc_err rc_state_open(struct rc_state **, const char *path,
    const char *key_path, bool create, struct rc_error *) RC_MUST_USE;
void rc_state_close(struct rc_state *); /* NULL is fine */

/*
 * Opens the seal key, or the one kept beside it (sys/seal.h), whose check value
 * is the state's; with create makes the check value, and the key, when the
 * state has none yet.  RC_ECONFIG when the key is another state's; otherwise as
 * rc_seal_open.  Once unsealed it does nothing more.
 */
enum rc_err rc_state_unseal(
    struct rc_state *, bool create, struct rc_error *) RC_MUST_USE;
/*
 * As rc_store_read and rc_store_write, for a function that takes the state's
 * seal within the transaction: the state may have been given another key since
 * it was unsealed, and then is unsealed anew first.
 */
enum rc_err rc_state_read_sealed(
    struct rc_state *, rc_txn_fn *, void *arg, struct rc_error *) RC_MUST_USE;
enum rc_err rc_state_write_sealed(
    struct rc_state *, rc_txn_fn *, void *arg, struct rc_error *) RC_MUST_USE;
/* Within a write: makes it the state's key, once all is sealed with it. */
enum rc_err rc_state_put_check(
    struct rc_txn *, const struct rc_seal *, struct rc_error *) RC_MUST_USE;
/* Takes over a seal in the place of the state's own. */
void rc_state_take_seal(struct rc_state *, struct rc_seal *);

/*
 * RC_ECONFIG "WHAT is damaged: restore the state from a backup"; for a record
 * that is not as reconnect-state(5) has it.
 */
enum rc_err rc_state_damaged(struct rc_error *, const char *what, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Takes the next n numbers, from 1, of a counter in meta ("next_run"), in a
 * write.
 */
enum rc_err rc_state_take32(struct rc_txn *, const char *counter, uint32_t n,
    uint32_t *first, struct rc_error *) RC_MUST_USE;
enum rc_err rc_state_take64(struct rc_txn *, const char *counter, uint64_t n,
    uint64_t *first, struct rc_error *) RC_MUST_USE;

/* Adds (or with a negative delta takes) to a counter of the tally table. */
enum rc_tally {
	RC_TALLY_STATE = 1,
	RC_TALLY_CLICK = 2,
	RC_TALLY_CLICKERS = 3,
	RC_TALLY_SEGMENTS = 4,
	RC_TALLY_VARIANT = 5
};
/* RC_EINTERNAL below zero, and nothing is changed. */
enum rc_err rc_tally_add(struct rc_txn *, uint32_t campaign, enum rc_tally,
    uint32_t member, int64_t delta, struct rc_error *) RC_MUST_USE;
/* 0 when it was never counted. */
enum rc_err rc_tally_get(struct rc_txn *, uint32_t campaign, enum rc_tally,
    uint32_t member, uint64_t *, struct rc_error *) RC_MUST_USE;

#endif
