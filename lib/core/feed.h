/*
 * Feeds: which upload folder a channel has imported last from a drop folder or
 * bucket, so that each is imported once.
 *
 * Knows nothing of what a folder's name means but its order: names of upload
 * folders sort by time.  A feed is known by whatever text its source goes by.
 */
#ifndef RC_CORE_FEED_H
#define RC_CORE_FEED_H

#include "core/state.h"

#define RC_FEED_FOLDER_MAX 255 /* bytes of a folder's name */

/* The newest folder imported, into a buffer that is reset; RC_NOTFOUND. */
enum rc_err rc_feed_get(struct rc_txn *, uint32_t channel, const char *feed,
    struct rc_buf *folder, struct rc_error *) RC_MUST_USE;
/*
 * Within a write: from now on folder is the newest one.  RC_END when it or a
 * newer one already is, and nothing changes: whoever gets that imports nothing.
 */
enum rc_err rc_feed_put(struct rc_txn *, uint32_t channel, const char *feed,
    const char *folder, uint64_t now_ms, struct rc_error *) RC_MUST_USE;

#endif
