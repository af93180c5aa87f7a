/*
 * LD_PRELOAD: a clock of the wall that is $CLOCK_SHIFT seconds off, or as many
 * as the file of that name says at the moment, 0 as long as there is none; and
 * with $MONO_SHIFT the clock that is never set, as if so much time had passed.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long
read_shift(const char *shift)
{
	char text[32] = "0";
	int fd;

	if (shift[0] != '/')
		return strtol(shift, NULL, 10);
	fd = open(shift, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '0';
	if (fd >= 0)
		close(fd);
	return strtol(text, NULL, 10);
}

int
clock_gettime(clockid_t clock, struct timespec *t)
{
	static int (*next)(clockid_t, struct timespec *);
	const char *shift = NULL;
	int r;

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
	if (clock == CLOCK_REALTIME)
		shift = getenv("CLOCK_SHIFT");
	else if (clock == CLOCK_MONOTONIC)
		shift = getenv("MONO_SHIFT");
	r = next(clock, t);
	if (r == 0 && shift != NULL)
		t->tv_sec += read_shift(shift);
	return r;
}
