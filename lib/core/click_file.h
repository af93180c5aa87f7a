/*
 * The layout of the click file (reconnect-state(5), The click file), shared by
 * the appender and the folder.
 */
#ifndef RC_CORE_CLICK_FILE_H
#define RC_CORE_CLICK_FILE_H

#include "core/click.h"

#define RC_CLICK_MAGIC "RCCLICK1"
#define RC_CLICK_HEADER 16 /* bytes: magic and file id */
#define RC_CLICK_FIXED 6   /* bytes: length and CRC before what is summed */
#define RC_CLICK_RECORD_MAX 512

/* Path of the click file of a state, into out. */
void rc_click_path(const char *state_path, struct rc_buf *out);

/* How far the click files are folded; zeros: not at all. */
struct rc_click_position {
	uint64_t id, offset;
};
/* A rc_txn_fn whose arg is the rc_click_position. */
enum rc_err rc_click_position_get(
    struct rc_txn *, void *position, struct rc_error *);

/* Encodes a hit; returns the record's length, at most RC_CLICK_RECORD_MAX. */
size_t rc_click_encode(
    const struct rc_hit *, unsigned char out[RC_CLICK_RECORD_MAX]);
/*
 * Decodes the record at the front of bytes; returns its length, or 0 when it
 * is cut off or damaged.  The agent is borrowed from bytes.
 */
size_t rc_click_decode(struct rc_slice bytes, struct rc_hit *);

#endif
