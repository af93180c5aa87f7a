/*
 * Sync: a subscriber list replaces a channel's list, whole or not at all.
 */
#ifndef RC_JOB_SYNC_H
#define RC_JOB_SYNC_H

#include "base/log.h"
#include "core/consent.h"

#define RC_SYNC_MAX_ROWS 10000000ULL

struct rc_sync_config {
	const struct rc_channel *channel;
	const char *path;	    /* file, or "-" with fd */
	int fd;			    /* open for reading */
	const char *column;	    /* NULL: the header DESIGN names */
	double max_bad, max_shrink; /* percent; default 30, 50 */
	uint64_t max_rows;
	bool keep_optouts, override_all, dry_run;
	/* A rejected row; NULL: only counted. */
	enum rc_err (*reject)(void *arg, uint64_t line, const char *reason,
	    struct rc_slice value, struct rc_error *);
	/* Progress in bytes; total 0: not known; may be NULL. */
	void (*progress)(void *arg, uint64_t bytes, uint64_t total);
	void *arg;
	const struct rc_log *log;
};

struct rc_sync_counts {
	uint64_t rows, accepted, duplicates, rejected, repaired;
	uint64_t added, removed, kept; /* against the effective state before */
	uint64_t reversed_optouts, kept_events, suppressed;
	uint64_t seq;
	unsigned char head[RC_SHA256_LEN], digest[RC_SHA256_LEN];
	uint64_t list_time_ms, duration_ms;
};

/*
 * RC_EDATA: refused (bad rows, shrink, header, encoding, size), says which
 * line and what to do; nothing changed.
 */
enum rc_err rc_sync(struct rc_state *, const struct rc_sync_config *,
    struct rc_sync_counts *, struct rc_error *) RC_MUST_USE;

#endif
