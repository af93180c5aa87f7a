/*
 * Sync: a subscriber list replaces a channel's list, whole or not at all.
 *
 * The list counts as of its source's time.  Opt-ins and opt-outs that are newer
 * stay in force, older ones are overridden; suppressions are never touched.
 * Which is which when clocks are set back: struct rc_sync_rule, sync_priv.h.
 */
#ifndef RC_JOB_SYNC_H
#define RC_JOB_SYNC_H

#include "base/log.h"
#include "core/consent.h"
#include "job/source.h"

#define RC_SYNC_MAX_ROWS 10000000ULL
#define RC_SYNC_MAX_BAD 30.0	/* percent */
#define RC_SYNC_MAX_SHRINK 50.0 /* percent */

struct rc_sync_run;

struct rc_sync_config {
	const struct rc_channel *channel;
	struct rc_sync_run *run;  /* NULL: nothing is recorded of it */
	struct rc_source *source; /* freshly opened; borrowed */
	const char *column; /* NULL: "phone numbers", "email" or "custom" */
	double max_bad;	    /* percent of rows; as many are too many */
	double max_shrink;  /* percent of the old list; more is too much */
	uint64_t max_rows;
	bool keep_optouts; /* older opt-outs as well */
	bool override_all; /* newer events as well */
	bool dry_run;
	/* A rejected row; NULL: only counted. */
	enum rc_err (*reject)(void *arg, uint64_t line, const char *reason,
	    struct rc_slice value, struct rc_error *);
	/*
	 * Whom the sync concerns, and how: "added", "removed", "reversed" (on
	 * the list, and their opt-out is overridden), "opted_out" (on the
	 * list, and their opt-out stays), "suppressed" (on the list, too).
	 * Called when the list is in place, or of a dry run at its end; NULL:
	 * only counted.
	 */
	enum rc_err (*change)(void *arg, const char *change,
	    struct rc_slice identifier, struct rc_error *);
	/* Progress in bytes; total 0: not known; may be NULL. */
	void (*progress)(void *arg, uint64_t bytes, uint64_t total);
	void *arg;
	const struct rc_log *log;
};

/*
 * rows = accepted + duplicates + rejected;
 * accepted = added + kept + opted_out.
 */
struct rc_sync_counts {
	uint64_t bytes, rows, accepted, duplicates, rejected;
	uint64_t repaired; /* accepted after dropping a '+' */
	/* Against who could be texted before, suppressions aside. */
	uint64_t added, removed, kept;
	uint64_t opted_out;	   /* listed, but their opt-out is kept */
	uint64_t kept_events;	   /* opt-ins and opt-outs that stay */
	uint64_t reversed_optouts; /* listed, and their opt-out is not kept */
	uint64_t suppressed;	   /* listed, but suppressed: not texted */
	uint64_t seq;		   /* the journal entry; 0: dry run */
	unsigned char head[RC_SHA256_LEN], digest[RC_SHA256_LEN];
	uint64_t list_time_ms;
	/* Of an earlier list, and not come yet: until then events stay. */
	uint64_t ahead_ms; /* 0: none */
};

/*
 * Begins a sync, before its list is opened: what is recorded from here on is
 * newer than the list.  Unless it is a dry run it shows in the history from
 * here on.  config: channel, dry_run and log; source: what the list is called
 * until it is open.  To be ended.
 */
enum rc_err rc_sync_begin(struct rc_sync_run **, struct rc_state *,
    const struct rc_sync_config *, const char *source,
    struct rc_error *) RC_MUST_USE;
/*
 * Ends it; NULL is fine.  err is what opening the list returned and goes into
 * the history with e, unless rc_sync has been run: that has told already.
 */
void rc_sync_end(struct rc_sync_run *, enum rc_err, const struct rc_error *);

/*
 * Runs a sync; counts are filled as far as it came.  RC_EDATA: refused for
 * what is in the list (bad rows, shrinking, header, encoding, size), says
 * which line and what to do.  RC_EAGAIN: the list changed while it was read,
 * or other syncs were always faster; other errors are the source's.  RC_END:
 * another sync has imported the source's folder meanwhile.  RC_ENOINPUT: the
 * channel has been removed meanwhile.  Whatever fails, nothing was changed,
 * unless counts have a seq: then only telling the changes has failed.
 */
enum rc_err rc_sync(struct rc_state *, const struct rc_sync_config *,
    struct rc_sync_counts *, struct rc_error *) RC_MUST_USE;

#endif
