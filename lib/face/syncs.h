/*
 * Syncs as records on stdout and lines on stderr (rc-import(1),
 * reconnect-output(5)): the one that has just been made, and the history.
 */
#ifndef RC_FACE_SYNCS_H
#define RC_FACE_SYNCS_H

#include "face/cli.h"
#include "job/sync.h"

/*
 * What a sync did: the summary on stderr unless quiet; and a record, on a
 * terminal with -j or -q alone, since the summary says the same.
 */
void rc_sync_summary(struct rc_cli *, const struct rc_sync_config *,
    const struct rc_sync_counts *);
enum rc_err rc_sync_print(
    struct rc_cli *, const struct rc_sync_counts *) RC_MUST_USE;

/* Not on a terminal without -j or -q: whoever sits there is told in words. */
bool rc_sync_wants_record(const struct rc_cli *);

/*
 * The newest sync of the channel of -c, or of each channel; records, or words
 * on stdout.
 */
enum rc_err rc_syncs_status(struct rc_cli *) RC_MUST_USE;
/*
 * Takes the newest sync of the channel back, or says what that would change:
 * lines on stderr unless quiet, and a record as rc_sync_print.  RC_NOTFOUND
 * with a line: there is none.
 */
enum rc_err rc_syncs_undo(struct rc_cli *) RC_MUST_USE;
/* All that are on record of one channel, newest first; RC_NOTFOUND: none. */
enum rc_err rc_syncs_history(struct rc_cli *) RC_MUST_USE;

#endif
