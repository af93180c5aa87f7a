/*
 * LD_PRELOAD: fails the nth allocation after the libraries are there, n being
 * $FAIL_AT; with $FAIL_ON set, every one behind it as well.  When the program
 * ends having asked less often, it makes the file $FAIL_DONE.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

/* The allocator of glibc, which dlsym itself may need. */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static atomic_long left;
static bool armed, all;

__attribute__((constructor)) static void
begin(void)
{
	const char *at = getenv("FAIL_AT");

	left = at == NULL ? 0 : strtol(at, NULL, 10);
	all = getenv("FAIL_ON") != NULL;
	armed = true;
}

__attribute__((destructor)) static void
end(void)
{
	const char *path = getenv("FAIL_DONE");
	int fd;

	armed = false;
	if (left <= 0 || path == NULL)
		return;
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	if (fd >= 0)
		close(fd);
}

static bool
fails(void)
{
	long now;

	if (!armed)
		return false;
	now = --left;
	if (now > 0 || (now < 0 && !all))
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t count, size_t n)
{
	return fails() ? NULL : __libc_calloc(count, n);
}

void *
realloc(void *p, size_t n)
{
	return fails() ? NULL : __libc_realloc(p, n);
}
