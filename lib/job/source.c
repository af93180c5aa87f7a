#include "job/source_priv.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void *
rc_source_new(const struct rc_source_kind *kind, size_t size, const char *name)
{
	struct rc_source *s = calloc(1, size);

	if (s == NULL)
		return NULL;
	s->kind = kind;
	s->fd = -1;
	s->time_ms = rc_clock_now_ms();
	s->name = strdup(name);
	if (s->name == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

void
rc_source_made(struct rc_source *s, uint64_t time_ms)
{
	if (time_ms < s->time_ms)
		s->time_ms = time_ms;
}

enum rc_err
rc_source_open(struct rc_source **out, const struct rc_source_config *config,
    struct rc_error *e)
{
	const char *where = config->where;
	struct stat st;

	*out = NULL;
	if (strcmp(where, "-") == 0)
		return rc_source_file_open(out, where, "stdin", e);
	if (strstr(where, "://") != NULL)
		return rc_err_set(e, RC_EUSAGE,
		    "'%s' is an address, only files are read: fetch it and "
		    "pipe it in",
		    where);
	if (stat(where, &st) == 0 && S_ISDIR(st.st_mode))
		return rc_source_drop_open(out, config, e);
	return rc_source_file_open(out, where, where, e);
}

void
rc_source_close(struct rc_source *s)
{
	if (s == NULL)
		return;
	s->kind->close(s);
	free(s->name);
	free(s->feed);
	free(s->folder);
	free(s);
}

const char *
rc_source_name(const struct rc_source *s)
{
	return s->name;
}

const char *
rc_source_folder(const struct rc_source *s)
{
	return s->folder;
}

const char *
rc_source_feed(const struct rc_source *s)
{
	return s->feed;
}

uint64_t
rc_source_time_ms(const struct rc_source *s)
{
	return s->time_ms;
}

uint64_t
rc_source_size(const struct rc_source *s)
{
	return s->size;
}

int
rc_source_fd(const struct rc_source *s)
{
	return s->fd;
}

enum rc_err
rc_source_read(
    struct rc_source *s, char *at, size_t room, size_t *n, struct rc_error *e)
{
	return s->kind->read(s, at, room, n, e);
}

enum rc_err
rc_source_finish(struct rc_source *s, struct rc_error *e)
{
	return s->kind->finish == NULL ? RC_OK : s->kind->finish(s, e);
}
