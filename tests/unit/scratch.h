/*
 * A directory of its own for each test that touches files:
 *
 *	cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)
 */
#ifndef RC_TEST_SCRATCH_H
#define RC_TEST_SCRATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRATCH_TEST(name)                                                     \
	cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

static char scratch_dir[64];

/* The path of a file in it; good until four more are asked for. */
static inline const char *
scratch(const char *name)
{
	static char path[4][256];
	static unsigned next;
	char *p = path[next++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", scratch_dir, name);
	return p;
}

static inline int
scratch_make(void **state)
{
	(void)state;
	snprintf(scratch_dir, sizeof(scratch_dir), "/tmp/rc-unit.XXXXXX");
	return mkdtemp(scratch_dir) == NULL;
}

static inline int
scratch_remove_one(
    const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static inline int
scratch_remove(void **state)
{
	(void)state;
	return nftw(scratch_dir, scratch_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void
scratch_write(const char *path, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

static inline size_t
scratch_size(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (size_t)st.st_size;
}

#define assert_says(error, text)                                               \
	do {                                                                   \
		if (strstr((error).msg, (text)) == NULL)                       \
			fail_msg("\"%s\" not in: %s", (text), (error).msg);    \
	} while (0)

#endif
