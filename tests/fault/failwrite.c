/*
 * LD_PRELOAD: the nth call that would write to a file, or settle what was
 * written, is refused, as on a quota that is used up; with $FAIL_SHORT set, a
 * write that is the nth is done by half instead.  What goes to pipes, sockets
 * and stderr is let through, as no quota is on them.
 */
#include "nth.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/uio.h>

static atomic_bool cut_before;

static bool
fails(int fd)
{
	int saved = errno;
	struct stat st;

	if (fd == STDERR_FILENO || fstat(fd, &st) != 0 ||
	    !S_ISREG(st.st_mode) || !nth_fails()) {
		errno = saved;
		return false;
	}
	errno = EDQUOT;
	return true;
}

/* The first write that fails, where a quota has room for half of it. */
static bool
is_cut(void)
{
	return getenv("FAIL_SHORT") != NULL &&
	       !atomic_exchange(&cut_before, true);
}

/* The same name in the library behind this one; cut: by half. */
#define WRAP(type, name, parameters, arguments, cut)                           \
	type name parameters;                                                  \
	type name parameters                                                   \
	{                                                                      \
		static type(*next) parameters;                                 \
                                                                               \
		if (next == NULL)                                              \
			*(void **)&next = dlsym(RTLD_NEXT, #name);             \
		if (!fails(fd))                                                \
			return next arguments;                                 \
		return cut;                                                    \
	}

WRAP(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n),
    is_cut() ? next(fd, p, n / 2) : -1)
WRAP(ssize_t, writev, (int fd, const struct iovec *v, int n), (fd, v, n),
    is_cut() ? next(fd, v, (n + 1) / 2) : -1)
WRAP(ssize_t, pwrite, (int fd, const void *p, size_t n, off_t at),
    (fd, p, n, at), is_cut() ? next(fd, p, n / 2, at) : -1)
WRAP(ssize_t, pwritev, (int fd, const struct iovec *v, int n, off_t at),
    (fd, v, n, at), is_cut() ? next(fd, v, (n + 1) / 2, at) : -1)
WRAP(int, fsync, (int fd), (fd), -1)
WRAP(int, fdatasync, (int fd), (fd), -1)
WRAP(int, ftruncate, (int fd, off_t n), (fd, n), -1)
WRAP(int, fallocate, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n),
    -1)
