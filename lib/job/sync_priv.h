/*
 * The parts of a sync, in the order they run: the file is read into packed
 * blocks (sync_read, sync_members), the channel's state is copied out of one
 * snapshot (sync_before), both are compared (sync_diff), and one write
 * transaction puts the result in place (sync_write).
 */
#ifndef RC_JOB_SYNC_PRIV_H
#define RC_JOB_SYNC_PRIV_H

#include "core/sync_log.h"
#include "job/sync.h"

/* --- its record in the history -------------------------------------------- */

/* The newest journal entry when it began. */
uint64_t rc_sync_run_seq(const struct rc_sync_run *);
/* Says in the sync's own write that it is done. */
enum rc_err rc_sync_run_done(struct rc_sync_run *, struct rc_txn *,
    const struct rc_sync_config *, const struct rc_sync_counts *,
    struct rc_error *) RC_MUST_USE;
/*
 * Says how it ended, if nobody did: RC_END up to date, RC_EDATA refused.  A
 * failure is warned of.  RC_OK: its own write has told.
 */
void rc_sync_run_ended(struct rc_sync_run *, enum rc_err,
    const struct rc_sync_counts *, const struct rc_error *);

/* --- the file ------------------------------------------------------------ */

/* Values in no order, until they are packed. */
#define RC_SYNC_RUNS 1024
#define RC_SYNC_RUN 16384 /* bytes of each */
struct rc_sync_members {
	enum rc_pack_format format;
	struct rc_buf numbers; /* uint64_t each */
	struct rc_buf places;  /* uint64_t each: where a text is, and more */
	struct rc_buf text;    /* runs of texts, each in file order */
	/* Of those that are open, where the next text goes, and its room. */
	struct rc_sync_text_run {
		uint32_t at, left;
	} run[RC_SYNC_RUNS];
};
/* Empty; to be freed, which may be repeated. */
void rc_sync_members_init(struct rc_sync_members *, enum rc_ident_type);
void rc_sync_members_free(struct rc_sync_members *);
/* That a file of so many bytes comes, before the first of its values. */
void rc_sync_members_expect(struct rc_sync_members *, uint64_t bytes);
/* given is trimmed; key is its identifier key. */
enum rc_err rc_sync_members_add(struct rc_sync_members *, struct rc_slice given,
    struct rc_slice key, struct rc_error *) RC_MUST_USE;
/*
 * Takes plain lines of phone numbers or e-mail addresses off the front of text,
 * at most max; returns their bytes, 0 when there are none or memory is short.
 */
size_t rc_sync_members_add_lines(struct rc_sync_members *, struct rc_slice text,
    uint64_t max, uint64_t *lines);
/* What rc_sync_members_add and _pack do with texts (sync_texts.c). */
enum rc_err rc_sync_texts_add(
    struct rc_sync_members *, struct rc_slice, struct rc_error *) RC_MUST_USE;
enum rc_err rc_sync_texts_pack(struct rc_sync_members *,
    struct rc_list_blocks *, struct rc_error *) RC_MUST_USE;

/*
 * Sorts, drops repeated members (of strings the first is kept) and packs;
 * frees the members.
 */
enum rc_err rc_sync_members_pack(struct rc_sync_members *,
    struct rc_list_blocks *, uint64_t *duplicates,
    struct rc_error *) RC_MUST_USE;

struct rc_sync_list {
	struct rc_list_blocks blocks;
	uint64_t bytes, rows, duplicates, rejected, repaired;
	uint64_t list_time_ms;
	uint64_t journal_seq; /* newest entry before it was read */
	unsigned char digest[RC_SHA256_LEN];
};
/*
 * Reads and packs the file.  RC_EDATA: refused for what is in it.  The list
 * is to be freed with rc_list_blocks_free in any case.
 */
enum rc_err rc_sync_read(const struct rc_sync_config *, struct rc_sync_list *,
    struct rc_error *) RC_MUST_USE;

/* --- the channel before -------------------------------------------------- */

struct rc_sync_mark { /* an event, or a suppression (seq alone matters) */
	uint64_t num;
	size_t text_at;
	uint16_t text_len;
	bool in;
	uint64_t received_ms, seq;
};
struct rc_sync_marks {
	struct rc_buf marks; /* struct rc_sync_mark, ascending */
	struct rc_buf text;
};
/* Empty; to be freed. */
void rc_sync_marks_init(struct rc_sync_marks *);
void rc_sync_marks_free(struct rc_sync_marks *);
/* Behind all others; the member is told by its identifier key. */
enum rc_err rc_sync_marks_add(struct rc_sync_marks *, struct rc_sync_mark,
    enum rc_ident_type, struct rc_slice key, struct rc_error *) RC_MUST_USE;
/* Valid until the marks are changed or freed. */
size_t rc_sync_marks_count(const struct rc_sync_marks *);
const struct rc_sync_mark *rc_sync_marks_at(
    const struct rc_sync_marks *, size_t i);
/* Borrowed from the marks. */
struct rc_member rc_sync_mark_member(
    const struct rc_sync_marks *, const struct rc_sync_mark *);
/* Of ascending marks that of a person, or NULL. */
const struct rc_sync_mark *rc_sync_marks_find(const struct rc_sync_marks *,
    enum rc_pack_format, const struct rc_member *);

struct rc_sync_before {
	struct rc_list_info info;
	struct rc_list_seen seen; /* seq UINT64_MAX: no such list was read */
	uint64_t journal_seq;	  /* newest entry of the snapshot */
	struct rc_list_blocks blocks;
	struct rc_sync_marks events, suppressed;
};
/*
 * Copies it out of one snapshot, with what is known of when the list was made
 * that is to replace this one (NULL: there is none).  Free it in any case.
 */
enum rc_err rc_sync_before_read(struct rc_state *, const struct rc_channel *,
    const struct rc_sync_list *, struct rc_sync_before *,
    struct rc_error *) RC_MUST_USE;
void rc_sync_before_free(struct rc_sync_before *);
/*
 * Events of a generation newer than a journal entry, within a transaction;
 * free the marks in any case.
 */
enum rc_err rc_sync_events_since(struct rc_txn *, const struct rc_channel *,
    uint32_t generation, uint64_t seq, struct rc_sync_marks *,
    struct rc_error *) RC_MUST_USE;
/* Writes one event under a generation; NULL: deletes it there. */
enum rc_err rc_sync_event_put(struct rc_txn *, const struct rc_channel *,
    uint32_t generation, const struct rc_member *, const struct rc_sync_mark *,
    struct rc_error *) RC_MUST_USE;

/* Options as a sync's entry has them in its evidence. */
#define RC_SYNC_KEEP_OPTOUTS "--keep-optouts"
#define RC_SYNC_OVERRIDE_ALL "--override-all"

/* Lists and events of older generations go; a failure is warned of. */
void rc_sync_sweep(struct rc_state *, const struct rc_channel *,
    uint32_t generation, const struct rc_log *);

/* --- the rule ------------------------------------------------------------ */

/*
 * What decides whether an opt-in or opt-out stays in force beside a list: it
 * does when it is newer than the list, and is overridden when it is not.
 *
 * Of the list its time is known, of the event when it was received, and clocks
 * may be set back or forth between the two.  So the journal, whose order no
 * clock disturbs, has the first word: a list was made before it was read, and
 * before any list of its own or a later time was read.  What the journal has
 * behind the earliest of these readings is newer than the list.  Of anything
 * before it the clock decides.
 *
 * All lists count that the channel ever synced, in whatever order they came and
 * with whatever options, also those that were taken back: that they are not in
 * force any more does not make them, or what is older, any newer.  Lists that
 * were refused or tried (--dry-run) do not.
 *
 * --keep-optouts: older opt-outs stay as well.  --override-all: nothing stays.
 *
 * A clock that was ahead when a list was read gave it a time ahead.  Until
 * then everything since that reading stays in force, which syncs warn of: it
 * cannot be told from a clock that is behind now, where it has to.  With
 * --override-all such times are forgotten.
 */
struct rc_sync_rule {
	bool keep_optouts, override_all;
	uint64_t list_time_ms;
	uint64_t list_seq; /* newest entry at the earliest of the readings */
};
/* Of a list that is to replace the one before. */
struct rc_sync_rule rc_sync_rule(const struct rc_sync_config *,
    const struct rc_sync_list *, const struct rc_sync_before *);
/* Whether an event goes on beside the list that comes. */
bool rc_sync_keeps(const struct rc_sync_rule *, const struct rc_sync_mark *);

/* --- the difference ------------------------------------------------------ */

/* A set that is walked beside others, standing on its next member. */
struct rc_sync_side {
	struct rc_list_walk walk;
	struct rc_member member; /* borrowed until it moves on */
	bool any;		 /* false: it is at its end */
};
/* On its first member, and on the next; the end is no error. */
enum rc_err rc_sync_side_start(struct rc_sync_side *,
    const struct rc_list_blocks *, struct rc_error *) RC_MUST_USE;
enum rc_err rc_sync_side_next(
    struct rc_sync_side *, struct rc_error *) RC_MUST_USE;

struct rc_sync_diff {
	struct rc_journal_set *added, *removed;
	uint64_t kept_events, reversed_optouts;
	uint64_t opted_out;  /* listed, but a kept opt-out counts */
	uint64_t suppressed; /* listed, but suppressed */
	/* Events that came after the snapshot, once written. */
	struct rc_sync_marks newer;
};
/* Compares both; the diff is to be freed in any case. */
enum rc_err rc_sync_diff(const struct rc_sync_config *,
    const struct rc_sync_list *, const struct rc_sync_before *,
    struct rc_sync_diff *, struct rc_error *) RC_MUST_USE;
void rc_sync_diff_free(struct rc_sync_diff *);

/* Fills all counts that the file and the difference tell. */
void rc_sync_count(struct rc_sync_counts *, const struct rc_sync_list *,
    const struct rc_sync_diff *);

/* --- putting it in place ------------------------------------------------- */

/*
 * One durable transaction.  RC_NOTFOUND: the list was replaced since it was
 * read, nothing changed, compare anew.  RC_END: the source's folder, or a newer
 * one, has been imported since, nothing changed.
 */
enum rc_err rc_sync_write(struct rc_state *, const struct rc_sync_config *,
    const struct rc_sync_list *, const struct rc_sync_before *,
    struct rc_sync_diff *, struct rc_sync_counts *,
    struct rc_error *) RC_MUST_USE;

/* --- telling it ---------------------------------------------------------- */

/* Calls config's change for everybody, after the write if there was one. */
enum rc_err rc_sync_tell(const struct rc_sync_config *,
    const struct rc_sync_list *, const struct rc_sync_before *,
    const struct rc_sync_diff *, struct rc_error *) RC_MUST_USE;

#endif
