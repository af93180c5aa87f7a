/*
 * A progress line on stderr, when stderr is a terminal and neither -q nor
 * another line is wanted; at most ten times a second.
 */
#ifndef RC_FACE_PROGRESS_H
#define RC_FACE_PROGRESS_H

#include "face/cli.h"

struct rc_progress {
	bool on;
	const char *what, *unit; /* "sync", "B" or "messages" */
	uint64_t started_us, shown_us;
};
/* what and unit are borrowed until the end. */
void rc_progress_start(struct rc_progress *, const struct rc_cli *,
    const char *what, const char *unit);
/* total 0: not known.  Shows done, rate and time left. */
void rc_progress_show(struct rc_progress *, uint64_t done, uint64_t total);
void rc_progress_end(struct rc_progress *); /* wipes the line */

#endif
