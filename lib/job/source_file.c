#include "job/source_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
	struct rc_source source;
	struct stat before; /* when it was opened */
};

static enum rc_err
read_file(
    struct rc_source *s, char *at, size_t room, size_t *n, struct rc_error *e)
{
	ssize_t got;

	do
		got = read(s->fd, at, room);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return rc_err_errno(e, RC_EIO, "cannot read");
	*n = (size_t)got;
	return RC_OK;
}

static enum rc_err
check_unchanged(struct rc_source *s, struct rc_error *e)
{
	const struct stat *before = &((const struct file *)s)->before;
	struct stat now;

	if (!S_ISREG(before->st_mode))
		return RC_OK;
	if (fstat(s->fd, &now) != 0)
		return rc_err_errno(e, RC_EIO, "cannot read");
	if (now.st_size == before->st_size &&
	    now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == before->st_mtim.tv_nsec)
		return RC_OK;
	return rc_err_set(e, RC_EAGAIN,
	    "changed while it was read: try again when it is written");
}

static void
close_file(struct rc_source *s)
{
	if (s->fd > STDIN_FILENO)
		close(s->fd);
}

static const struct rc_source_kind kind = {
    .read = read_file,
    .finish = check_unchanged,
    .close = close_file,
};

static uint64_t
milliseconds(struct timespec t)
{
	return t.tv_sec < 0
		   ? 0
		   : (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static enum rc_err
open_path(struct file *f, const char *path, struct rc_error *e)
{
	struct rc_source *s = &f->source;

	s->fd = strcmp(path, "-") == 0 ? STDIN_FILENO
				       : open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		return rc_err_errno(
		    e, RC_ENOINPUT, "cannot open '%s'", s->name);
	if (fstat(s->fd, &f->before) != 0)
		return rc_err_errno(e, RC_EIO, "cannot read '%s'", s->name);
	if (S_ISDIR(f->before.st_mode))
		return rc_err_set(e, RC_EUSAGE,
		    "'%s' is a directory: name it as an operand", s->name);
	if (!S_ISREG(f->before.st_mode))
		return RC_OK;
	s->size = (uint64_t)f->before.st_size;
	rc_source_made(s, milliseconds(f->before.st_mtim));
	return RC_OK;
}

enum rc_err
rc_source_file_open(struct rc_source **out, const char *path, const char *name,
    struct rc_error *e)
{
	struct file *f = rc_source_new(&kind, sizeof(*f), name);

	if (f == NULL)
		return rc_err_nomem(e);
	*out = &f->source;
	return open_path(f, path, e);
}
