/*
 * The parts of an undo, in the order they run: the sync to be taken back and
 * what it overrode are found in the journal (undo_find), the list before it is
 * made of the list after it (undo_list), and one write transaction puts
 * everything in place (undo_write).
 */
#ifndef RC_JOB_UNDO_PRIV_H
#define RC_JOB_UNDO_PRIV_H

#include "job/sync_priv.h"
#include "job/undo.h"

struct rc_undo_target {
	uint64_t seq; /* of the sync that is taken back */
	uint64_t synced_ms;
	char source[RC_JOURNAL_TEXT_MAX + 1];
	struct rc_list_blocks added, removed; /* by it */
	/* Of the sync before it that is in force; zeros without one. */
	uint64_t list_time_ms, list_seq;
	/* Opt-ins and opt-outs that it overrode; ascending, one a person. */
	struct rc_sync_marks restored;
};
/*
 * Reads the journal up to the snapshot in before.  RC_NOTFOUND: no sync is in
 * force.  To be freed in any case.
 */
enum rc_err rc_undo_find(struct rc_state *, const struct rc_channel *,
    const struct rc_sync_before *, struct rc_undo_target *,
    struct rc_error *) RC_MUST_USE;
void rc_undo_target_free(struct rc_undo_target *);

struct rc_undo_list {
	struct rc_list_blocks blocks;
	struct rc_journal_set *added, *removed; /* by the undo */
};
/* The list before the sync; to be freed in any case. */
enum rc_err rc_undo_list(const struct rc_channel *,
    const struct rc_sync_before *, const struct rc_undo_target *,
    struct rc_undo_list *, struct rc_error *) RC_MUST_USE;
void rc_undo_list_free(struct rc_undo_list *);

/* Fills all counts that these two tell. */
void rc_undo_count(struct rc_undo_counts *, const struct rc_undo_target *,
    const struct rc_undo_list *);
/* One durable transaction.  RC_EAGAIN: the list was replaced meanwhile. */
enum rc_err rc_undo_write(struct rc_state *, const struct rc_channel *,
    const struct rc_sync_before *, const struct rc_undo_target *,
    struct rc_undo_list *, uint64_t started_ms, struct rc_undo_counts *,
    struct rc_error *) RC_MUST_USE;

#endif
