#include "core/run_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * Open file description locks: unlike POSIX locks they stay when the process
 * opens and closes the file again, and a thread sees another's.
 */
static int
lock_byte(int fd, int command, uint64_t byte, struct flock *lock)
{
	*lock = (struct flock){.l_type = F_WRLCK,
	    .l_whence = SEEK_SET,
	    .l_start = (off_t)byte,
	    .l_len = 1};
	return fcntl(fd, command, lock);
}

static int
open_runs(const char *state_path, int flags)
{
	char *path;
	int fd;

	if (asprintf(&path, "%s-runs", state_path) < 0) {
		errno = ENOMEM;
		return -1;
	}
	fd = open(path, flags | O_RDWR | O_CLOEXEC, 0600);
	free(path);
	return fd;
}

enum rc_err
rc_run_lock_take(
    const char *state_path, uint64_t byte, int *fd, struct rc_error *e)
{
	struct flock lock;
	enum rc_err code;

	*fd = open_runs(state_path, O_CREAT);
	if (*fd >= 0 && lock_byte(*fd, F_OFD_SETLK, byte, &lock) == 0)
		return RC_OK;
	if (errno == ENOMEM) {
		rc_run_lock_drop(fd);
		return rc_err_nomem(e);
	}
	code = *fd >= 0 && (errno == EAGAIN || errno == EACCES) ? RC_EAGAIN
								: RC_ECREATE;
	rc_err_errno(e, code, "cannot lock '%s-runs'", state_path);
	rc_run_lock_drop(fd);
	return e->code;
}

void
rc_run_lock_drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

bool
rc_run_lock_held(const char *state_path, uint64_t byte)
{
	struct flock lock;
	int fd = open_runs(state_path, 0), failed;

	/* When in doubt it lives: what is its stays as it is. */
	if (fd < 0)
		return errno != ENOENT;
	failed = lock_byte(fd, F_OFD_GETLK, byte, &lock);
	close(fd);
	return failed != 0 || lock.l_type != F_UNLCK;
}
