/*
 * A progress line on stderr, when stderr is a terminal that can wipe it and -q
 * was not given; at most ten times a second, never wider than the terminal.
 * There is one at a time: whatever else is printed on stderr wipes it first.
 *
 *	if (rc_progress_due(&p))
 *		rc_progress_show(&p, done, total, "");
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
/* Whether to show it anew now; costs next to nothing when it is not on. */
bool rc_progress_due(const struct rc_progress *);
/*
 * Shows done, rate and time left, and then note; total 0: not known.  What the
 * terminal has no room for is left out.
 */
void rc_progress_show(
    struct rc_progress *, uint64_t done, uint64_t total, const char *note);
void rc_progress_end(struct rc_progress *); /* wipes the line */
/* Wipes the line there is, if any, to print something else. */
void rc_progress_wipe(void);

#endif
