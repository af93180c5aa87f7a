/*
 * Clicks: what a hit is (classify), the file it is put into before it is
 * answered, and folding that file into the store.
 */
#ifndef RC_CORE_CLICK_H
#define RC_CORE_CLICK_H

#include "core/link.h"

#define RC_AGENT_MAX 256 /* bytes of a user agent that are kept */
#define RC_AGENTS_MAX 100000
#define RC_CLICK_AGAIN_MS 10000 /* a repeat within this is a duplicate */

enum rc_click_class {
	RC_CLICK_HUMAN = 1,
	RC_CLICK_BOT = 2,
	RC_CLICK_PREFETCH = 3,
	RC_CLICK_DUPLICATE = 4,
	RC_CLICK_CLASSES
};
enum rc_click_reason {
	RC_WHY_NONE,
	RC_WHY_HEAD,
	RC_WHY_PREFETCH_HEADER,
	RC_WHY_BOT_AGENT,
	RC_WHY_LIBRARY_AGENT,
	RC_WHY_NO_AGENT,
	RC_WHY_REPEATED
};

struct rc_hit {
	uint64_t at_ms, link_id;
	bool head, prefetch;
	struct rc_slice agent;
};
/*
 * The class of a hit; last_human_ms and same_agent tell of the newest human
 * hit on the same link (0: none).
 */
enum rc_click_class rc_click_classify(const struct rc_hit *,
    uint64_t last_human_ms, bool same_agent, enum rc_click_reason *);

/* --- the click file ------------------------------------------------------ */

struct rc_click_file;
/*
 * For the one process that appends; RC_EAGAIN when another has it.  A record
 * cut off by a crash is cut away.
 */
enum rc_err rc_click_file_open(
    struct rc_click_file **, struct rc_store *, struct rc_error *) RC_MUST_USE;
/* NULL is fine. */
void rc_click_file_close(struct rc_click_file *);
/* One write(2): the hit survives this process.  RC_EIO: disk full; *lost
 * counts what could not be written since opening. */
enum rc_err rc_click_file_append(struct rc_click_file *, const struct rc_hit *,
    struct rc_error *) RC_MUST_USE;
/* Returns when everything appended is on disk; from any thread. */
enum rc_err rc_click_file_sync(
    struct rc_click_file *, struct rc_error *) RC_MUST_USE;
/* Begins a new file once everything is folded and it has grown large. */
enum rc_err rc_click_file_rotate(
    struct rc_click_file *, struct rc_store *, struct rc_error *) RC_MUST_USE;
/* How many appends have failed since opening. */
uint64_t rc_click_file_lost(const struct rc_click_file *);

/*
 * Folds what the click file holds beyond the stored offset into the store, in
 * bulk batches; anybody may, at any time.  *n counts hits.  No file is fine.
 */
enum rc_err rc_click_fold(
    struct rc_state *, uint64_t *n, struct rc_error *) RC_MUST_USE;
/* Clicks of one link that are folded; zeros for one never clicked. */
struct rc_link_tally {
	uint32_t hits, human; /* hits of any class; human ones */
	uint64_t newest_human_ms;
	uint32_t agent; /* of the newest human hit */
};
enum rc_err rc_link_tally_get(struct rc_txn *, uint64_t link_id,
    struct rc_link_tally *, struct rc_error *) RC_MUST_USE;

/* Adds to the lost counter. */
enum rc_err rc_click_count_lost(
    struct rc_store *, uint64_t n, struct rc_error *) RC_MUST_USE;

#endif
