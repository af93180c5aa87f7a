/*
 * The store: an ordered key-value store with named tables, range cursors, read
 * snapshots and write transactions.  LMDB is behind it and nowhere else; it
 * knows nothing of what the tables hold.
 *
 * Transactions are functions.  A write function may be run again on conflict:
 * it has no side effect but on the transaction (and on memory it sets up anew
 * each time).  No value outlives its transaction.  Neither function may write
 * to a terminal or pipe, read input, or wait for a network: a snapshot held
 * meanwhile makes the file grow, a writer held meanwhile stops everybody.
 *
 * One store a process, never used after fork, from any thread: a read function
 * runs in its caller's thread, writers take turns.
 */
#ifndef RC_SYS_STORE_H
#define RC_SYS_STORE_H

#include "base/buf.h"

#define RC_STORE_KEY_MAX 511		 /* bytes */
#define RC_STORE_MAP_SIZE (256ULL << 30) /* address space, not disk */
#define RC_STORE_GIVE_WAY_US                                                   \
	50000 /* longest a bulk write waits for single ones */

struct rc_store;
struct rc_txn;
struct rc_cursor;

struct rc_store_config {
	const char *path;
	/*
	 * A table is its index in here.  Table 0 keeps the schema version, as
	 * u32 under "schema", beside whatever its owner keeps there.  A file of
	 * the same schema that lacks tables gets them, unless readonly.
	 */
	const char *const *tables;
	size_t ntables;
	uint32_t schema; /* version that is created and expected */
	bool create;	 /* make file and directories (0700) */
	bool readonly;	 /* for a file that may not be written */
};

/*
 * RC_ENOINPUT: not there and not to be created, says how to begin.
 * RC_ECREATE.  RC_ECONFIG: no store of ours, an older or a newer schema (says
 * which), truncated (says how many bytes are missing).  RC_EPERM: belongs to
 * another user: names "sudo -u OWNER".  RC_EAGAIN: locked or out of readers.
 * Stale readers of killed processes are cleared.
 */
enum rc_err rc_store_open(struct rc_store **, const struct rc_store_config *,
    struct rc_error *) RC_MUST_USE;
void rc_store_close(struct rc_store *); /* NULL is fine */
const char *rc_store_path(const struct rc_store *);

typedef enum rc_err rc_txn_fn(struct rc_txn *, void *arg, struct rc_error *);
/* The store a transaction runs in. */
struct rc_store *rc_txn_store(const struct rc_txn *);

/* Runs fn on a snapshot; returns what fn returns. */
enum rc_err rc_store_read(
    struct rc_store *, rc_txn_fn *, void *arg, struct rc_error *) RC_MUST_USE;
/*
 * Runs fn and commits, durably, before it returns.  Anything but RC_OK from fn
 * aborts and is returned: nothing has changed.  RC_EIO: disk full and the
 * like; RC_EAGAIN: the file was replaced since it was opened; nothing has
 * changed.
 */
enum rc_err rc_store_write(
    struct rc_store *, rc_txn_fn *, void *arg, struct rc_error *) RC_MUST_USE;
/*
 * As rc_store_write for one batch of many: first lets single writes that
 * wait go, at most RC_STORE_GIVE_WAY_US.  LMDB's writer lock alone is unfair,
 * and batches would keep everybody else out.  Keep a batch under 20 ms of work.
 */
enum rc_err rc_store_write_bulk(
    struct rc_store *, rc_txn_fn *, void *arg, struct rc_error *) RC_MUST_USE;

/* The value, borrowed until the transaction ends or writes; RC_NOTFOUND. */
enum rc_err rc_get(struct rc_txn *, unsigned table, struct rc_slice key,
    struct rc_slice *value, struct rc_error *) RC_MUST_USE;
/* First record at or after key, last at or before it; as rc_cursor_ge, _le. */
enum rc_err rc_get_ge(struct rc_txn *, unsigned table, struct rc_slice key,
    struct rc_slice *found, struct rc_slice *value,
    struct rc_error *) RC_MUST_USE;
enum rc_err rc_get_le(struct rc_txn *, unsigned table, struct rc_slice key,
    struct rc_slice *found, struct rc_slice *value,
    struct rc_error *) RC_MUST_USE;
/*
 * Calls fn with each record whose key begins with prefix, ascending, and with
 * what follows the prefix in its key; an empty prefix is in every key.  fn does
 * not write to the table.  Anything but RC_OK from fn ends it and is returned,
 * but for RC_END, which is RC_OK.
 */
typedef enum rc_err rc_record_fn(
    void *arg, struct rc_slice rest, struct rc_slice value, struct rc_error *);
enum rc_err rc_get_each(struct rc_txn *, unsigned table, struct rc_slice prefix,
    rc_record_fn *, void *arg, struct rc_error *) RC_MUST_USE;
/* Within a write; replaces.  key has 1 to RC_STORE_KEY_MAX bytes. */
enum rc_err rc_put(struct rc_txn *, unsigned table, struct rc_slice key,
    struct rc_slice value, struct rc_error *) RC_MUST_USE;
/* As rc_put, when the key sorts behind all in the table: faster, denser. */
enum rc_err rc_put_last(struct rc_txn *, unsigned table, struct rc_slice key,
    struct rc_slice value, struct rc_error *) RC_MUST_USE;
/*
 * Makes room for len bytes under key and returns it for writing in place until
 * the next call on the transaction; old bytes are not kept.
 */
enum rc_err rc_put_room(struct rc_txn *, unsigned table, struct rc_slice key,
    size_t len, void **room, struct rc_error *) RC_MUST_USE;
/* Within a write. */
enum rc_err rc_del(struct rc_txn *, unsigned table, struct rc_slice key,
    struct rc_error *) RC_MUST_USE; /* RC_NOTFOUND when absent */
/*
 * Deletes at most max keys that begin with prefix; *done tells how many.
 * RC_OK with *done < max when none is left.
 */
enum rc_err rc_del_prefix(struct rc_txn *, unsigned table,
    struct rc_slice prefix, size_t max, size_t *done,
    struct rc_error *) RC_MUST_USE;

/*
 * Cursors end with their transaction at the latest.  After RC_END or
 * RC_NOTFOUND a cursor stands nowhere: place it anew.
 */
enum rc_err rc_cursor_open(struct rc_txn *, unsigned table, struct rc_cursor **,
    struct rc_error *) RC_MUST_USE;
void rc_cursor_close(struct rc_cursor *); /* NULL is fine */
/*
 * First key >= key; last key <= key; RC_NOTFOUND when there is none.  With an
 * empty key, the table's first and its last.
 */
enum rc_err rc_cursor_ge(struct rc_cursor *, struct rc_slice key,
    struct rc_slice *found, struct rc_slice *value,
    struct rc_error *) RC_MUST_USE;
enum rc_err rc_cursor_le(struct rc_cursor *, struct rc_slice key,
    struct rc_slice *found, struct rc_slice *value,
    struct rc_error *) RC_MUST_USE;
/* The one after; RC_END, also when it stands nowhere. */
enum rc_err rc_cursor_next(struct rc_cursor *, struct rc_slice *key,
    struct rc_slice *value, struct rc_error *) RC_MUST_USE;

#endif
