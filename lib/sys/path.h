/*
 * Files that one Unix user owns: the state, the seal key and what lies beside
 * them.  (A "sys/file.h" of ours would hide the system's.)
 */
#ifndef RC_SYS_PATH_H
#define RC_SYS_PATH_H

#include "base/err.h"

struct stat;

/* Makes the directories above path that are missing, mode 0700. */
enum rc_err rc_path_make_parents(
    const char *path, struct rc_error *) RC_MUST_USE;
/*
 * RC_EPERM when st, of path, is another user's, also when we are root: names
 * "sudo -u OWNER".
 */
enum rc_err rc_path_check_owner(
    const char *path, const struct stat *st, struct rc_error *) RC_MUST_USE;

#endif
