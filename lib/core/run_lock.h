/*
 * Who is alive: each run of rc-send, sync and load of user data holds a lock
 * on a byte of its own in STATE-runs (reconnect-state(5)), which the kernel
 * frees however it ends.  What the bytes belong to is not known here.
 *
 * Take the lock before anybody can read that the run exists, or they would
 * take it for dead in between.
 */
#ifndef RC_CORE_RUN_LOCK_H
#define RC_CORE_RUN_LOCK_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define RC_RUN_LOCK_SYNCS (1ULL << 32) /* syncs' bytes begin here */
#define RC_RUN_LOCK_DATA (1ULL << 60)  /* loads' of user data */

/*
 * Locks a byte for whoever holds *fd, -1 on failure.  RC_EAGAIN: somebody has
 * it; RC_ECREATE.
 */
enum rc_err rc_run_lock_take(const char *state_path, uint64_t byte, int *fd,
    struct rc_error *) RC_MUST_USE;
/* Repeatable. */
void rc_run_lock_drop(int *fd);
/* Whether somebody holds it; true also when that cannot be told. */
bool rc_run_lock_held(const char *state_path, uint64_t byte);

#endif
