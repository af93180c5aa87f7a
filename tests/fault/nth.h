/*
 * The nth of all calls that a preloaded library looks at, n being $FAIL_AT;
 * with $FAIL_ON set, every one behind it as well.  When the program ends having
 * made fewer, it makes the file $FAIL_DONE.
 */
#ifndef RC_TEST_NTH_H
#define RC_TEST_NTH_H

#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_long nth_left;
static bool nth_armed, nth_all;

__attribute__((constructor)) static void
nth_begin(void)
{
	const char *at = getenv("FAIL_AT");

	nth_left = at == NULL ? 0 : strtol(at, NULL, 10);
	nth_all = getenv("FAIL_ON") != NULL;
	nth_armed = true;
}

__attribute__((destructor)) static void
nth_end(void)
{
	const char *path = getenv("FAIL_DONE");
	int fd;

	nth_armed = false;
	if (nth_left <= 0 || path == NULL)
		return;
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	if (fd >= 0)
		close(fd);
}

/* Counts one call; whether it is to fail. */
static bool
nth_fails(void)
{
	long now;

	if (!nth_armed)
		return false;
	now = --nth_left;
	return now == 0 || (now < 0 && nth_all);
}

#endif
