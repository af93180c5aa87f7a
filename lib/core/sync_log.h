/*
 * What became of every sync of a channel: the table `sync` of
 * reconnect-state(5), the newest RC_SYNC_LOG_MAX of each.  It notes; what a
 * sync is, and when it is refused, is not known here.
 *
 * A record is begun before its sync, and says "running" until it is put again
 * with the outcome.  The sync's lock is held all the while, so a record whose
 * lock is free belongs to a sync that was killed, and is read as failed.
 */
#ifndef RC_CORE_SYNC_LOG_H
#define RC_CORE_SYNC_LOG_H

#include "core/state.h"

#define RC_SYNC_LOG_MAX 1000 /* records of a channel that are kept */
/* Bytes of source and of reason, each cut behind them. */
#define RC_SYNC_LOG_TEXT_MAX 1000

enum rc_sync_action {
	RC_SYNC_OF_LIST = 1,
	RC_SYNC_UNDO = 2
};
enum rc_sync_outcome {
	RC_SYNC_RUNNING = 1,
	RC_SYNC_DONE = 2,
	RC_SYNC_UP_TO_DATE = 3,
	RC_SYNC_REFUSED = 4,
	RC_SYNC_FAILED = 5,
	RC_SYNC_UNDONE = 6 /* done, and taken back since */
};
const char *rc_sync_action_name(enum rc_sync_action);	/* "sync" */
const char *rc_sync_outcome_name(enum rc_sync_outcome); /* "ok" */

/* How many; see struct rc_sync_counts of job/sync.h. */
struct rc_sync_record {
	uint64_t number; /* from 1, in the order they began */
	enum rc_sync_action action;
	enum rc_sync_outcome outcome;
	uint64_t started_ms, ended_ms; /* ended 0: it runs, or was killed */
	uint64_t list_time_ms, bytes, rows;
	uint64_t accepted, duplicates, rejected, repaired;
	uint64_t added, removed, kept, opted_out;
	uint64_t kept_events, reversed_optouts, suppressed;
	uint64_t seq; /* the journal entry; 0: none */
	unsigned char digest[RC_SHA256_LEN];
	struct rc_slice source, reason; /* borrowed */
};

/* A sync of this process. */
struct rc_sync_lock {
	uint32_t channel;
	uint64_t number;
	int fd;
};
/*
 * Takes a number and its lock and writes a record that says running, in a
 * transaction of its own.  On failure nothing is held.
 */
enum rc_err rc_sync_log_begin(struct rc_state *, uint32_t channel,
    struct rc_slice source, uint64_t started_ms, struct rc_sync_lock *,
    struct rc_error *) RC_MUST_USE;
/*
 * Replaces the record of that number, within a write.  One that is up to date
 * takes the place and number of one before it that is as well.
 */
enum rc_err rc_sync_log_put(struct rc_txn *, uint32_t channel,
    const struct rc_sync_record *, struct rc_error *) RC_MUST_USE;
/* Lets go of the lock, once the outcome is committed; repeatable. */
void rc_sync_log_end(struct rc_sync_lock *);

/* Writes a record under the next number, within a write. */
enum rc_err rc_sync_log_add(struct rc_txn *, uint32_t channel,
    struct rc_sync_record *, struct rc_error *) RC_MUST_USE;
/*
 * Says of the sync with that journal entry that it was taken back, within a
 * write; RC_NOTFOUND when its record is not kept any more.
 */
enum rc_err rc_sync_log_undone(struct rc_txn *, uint32_t channel, uint64_t seq,
    struct rc_error *) RC_MUST_USE;

/*
 * At most max records of a channel, newest first, on a snapshot that is let go
 * before fn is called; slices are borrowed for the call.  Anything but RC_OK
 * from fn ends it and is returned.
 */
typedef enum rc_err rc_sync_log_fn(
    void *arg, const struct rc_sync_record *, struct rc_error *);
enum rc_err rc_sync_log_each(struct rc_state *, uint32_t channel, size_t max,
    rc_sync_log_fn *, void *arg, struct rc_error *) RC_MUST_USE;

#endif
