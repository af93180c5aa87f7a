/*
 * LD_PRELOAD: a disk that takes $SLOW_MS milliseconds for what is written to
 * be safe.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

int fdatasync(int fd);

int
fdatasync(int fd)
{
	static int (*next)(int);
	const char *ms = getenv("SLOW_MS");

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "fdatasync");
	if (ms != NULL)
		usleep((unsigned)strtoul(ms, NULL, 10) * 1000);
	return next(fd);
}
