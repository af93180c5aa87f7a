/*
 * SHA-256 of a stream by a thread of its own, while its caller does something
 * else with the same bytes.  Small pieces, and all without a thread to be had,
 * are hashed at once.  Order: open, add each piece, finish, close.
 */
#ifndef RC_SYS_HASHER_H
#define RC_SYS_HASHER_H

#include "sys/seal.h"

struct rc_hasher;

/* RC_EAGAIN without memory; the thread, too, ends with rc_hasher_close. */
enum rc_err rc_hasher_open(struct rc_hasher **, struct rc_error *) RC_MUST_USE;
/* The bytes must not change until the next call of any of these. */
void rc_hasher_add(struct rc_hasher *, struct rc_slice);
/* The digest of all that was added; nothing is added after it. */
void rc_hasher_finish(struct rc_hasher *, unsigned char out[RC_SHA256_LEN]);
void rc_hasher_close(struct rc_hasher *); /* NULL is fine */

#endif
