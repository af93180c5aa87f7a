#include "sys/store_priv.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LOOK_AGAIN_US 500

/*
 * Open file description locks, so that they go with the process however it
 * ends.  They do not tell the threads of one store apart; waiting does that.
 */
static bool
lock(const struct rc_store *s, int how, short type)
{
	struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_len = 1};

	return s->turn_fd < 0 || fcntl(s->turn_fd, how, &l) == 0;
}

void
rc_turn_open(struct rc_store *s)
{
	char *path;

	if (asprintf(&path, "%s-turn", s->path) < 0)
		return;
	s->turn_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	free(path);
}

void
rc_turn_close(struct rc_store *s)
{
	if (s->turn_fd >= 0)
		close(s->turn_fd);
}

void
rc_turn_ask(struct rc_store *s)
{
	atomic_fetch_add(&s->waiting, 1);
	/* A bulk writer holds its lock for an instant. */
	(void)lock(s, F_OFD_SETLKW, F_RDLCK);
}

void
rc_turn_come(struct rc_store *s)
{
	if (atomic_fetch_sub(&s->waiting, 1) == 1)
		(void)lock(s, F_OFD_SETLK, F_UNLCK);
}

void
rc_turn_give_way(struct rc_store *s)
{
	const struct timespec pause = {.tv_nsec = LOOK_AGAIN_US * 1000L};

	for (int us = 0; us < RC_STORE_GIVE_WAY_US; us += LOOK_AGAIN_US) {
		if (atomic_load(&s->waiting) == 0 &&
		    lock(s, F_OFD_SETLK, F_WRLCK)) {
			(void)lock(s, F_OFD_SETLK, F_UNLCK);
			return;
		}
		nanosleep(&pause, NULL);
	}
}
