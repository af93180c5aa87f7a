/* What the files of the store share; for sys/store*.c alone. */
#ifndef RC_SYS_STORE_PRIV_H
#define RC_SYS_STORE_PRIV_H

#include "sys/store.h"

#include <lmdb.h>
#include <stdatomic.h>

struct rc_store {
	MDB_env *env;
	char *path;
	int turn_fd;	    /* -1: taking turns is left to the scheduler */
	atomic_int waiting; /* threads here that wait for the writer's lock */
	size_t ntables;
	MDB_dbi table[]; /* ntables handles */
};

struct rc_txn {
	struct rc_store *store;
	MDB_txn *mdb;
	bool write;
	struct rc_cursor *cursors; /* open ones */
};

/* Begins a snapshot, or the one write transaction there can be. */
enum rc_err rc_txn_begin(struct rc_txn *, struct rc_store *, bool write,
    struct rc_error *) RC_MUST_USE;
/*
 * Commits a write transaction when r is RC_OK and the store's path still leads
 * to its file, ends it in any case.
 */
enum rc_err rc_txn_end(
    struct rc_txn *, enum rc_err r, struct rc_error *) RC_MUST_USE;

/*
 * Taking turns at LMDB's writer lock, which is unfair: who commits batch after
 * batch gets it again before a waiting process wakes up.  A single write asks
 * before it waits and says when its turn has come; a bulk write first gives
 * way to those who asked.
 */
void rc_turn_open(struct rc_store *);
void rc_turn_close(struct rc_store *);
void rc_turn_ask(struct rc_store *);
void rc_turn_come(struct rc_store *);
void rc_turn_give_way(struct rc_store *);

/* Says what an LMDB result other than MDB_SUCCESS means for a file. */
enum rc_err rc_store_fail(
    const char *path, int mdb, const char *doing, struct rc_error *);

/*
 * Finds a file that lost its end, before a page in the hole is touched (that
 * is a bus error).
 */
enum rc_err rc_store_check_size(
    struct rc_store *, struct rc_error *) RC_MUST_USE;

#endif
