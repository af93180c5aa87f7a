/*
 * Undo: the newest sync of a channel that is still in force is taken back.
 *
 * The list becomes what it was before the sync, and opt-ins and opt-outs that
 * the sync overrode are in force again, with the time they were received.
 * Whoever opted in or out since then stays as they said last.  Repeated, it
 * goes back sync by sync, to before the first.  It is worked out from the
 * journal alone; upload folders are not imported again.
 */
#ifndef RC_JOB_UNDO_H
#define RC_JOB_UNDO_H

#include "base/log.h"
#include "core/consent.h"

struct rc_undo_config {
	const struct rc_channel *channel;
	bool dry_run;
	const struct rc_log *log;
};

struct rc_undo_counts {
	uint64_t undone_seq; /* journal entry of the sync taken back */
	uint64_t synced_ms;
	char source[RC_JOURNAL_TEXT_MAX + 1]; /* of its list */
	uint64_t list_time_ms;	  /* of the list in force again; 0: none */
	uint64_t members;	  /* people on it */
	uint64_t added, removed;  /* who may be texted; suppressions aside */
	uint64_t restored_events; /* opt-ins and opt-outs in force again */
	uint64_t seq;		  /* the undo's own entry; 0: dry run */
	unsigned char head[RC_SHA256_LEN];
};

/*
 * RC_NOTFOUND: there is no sync to take back.  RC_EAGAIN: a sync came in
 * between, so another one would be taken back than was meant.  RC_ENOINPUT: the
 * channel has been removed.  Nothing has changed unless it returns RC_OK.
 */
enum rc_err rc_undo(struct rc_state *, const struct rc_undo_config *,
    struct rc_undo_counts *, struct rc_error *) RC_MUST_USE;

#endif
