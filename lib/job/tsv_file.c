#include "job/tsv_file.h"

#include "text/tsv.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLUSH_AT 65536
#define LINE_MAX_LEN (1u << 20)

struct rc_tsv_file {
	int fd;
	char *path, *temporary;
	struct rc_buf buf;
};

/* What a rename would fail at or destroy, while nothing has been changed. */
static enum rc_err
check_target(
    const char *what, const char *path, int list_fd, struct rc_error *e)
{
	struct stat there, list;

	if (*path == '\0')
		return rc_err_set(
		    e, RC_EUSAGE, "no file is named for %s", what);
	if (stat(path, &there) != 0)
		return RC_OK;
	if (!S_ISREG(there.st_mode))
		return rc_err_set(e, RC_ECREATE,
		    "cannot write %s to '%s': it is no file", what, path);
	if (fstat(list_fd, &list) == 0 && list.st_dev == there.st_dev &&
	    list.st_ino == there.st_ino)
		return rc_err_set(e, RC_EUSAGE,
		    "%s would replace the list '%s': name another file", what,
		    path);
	return RC_OK;
}

enum rc_err
rc_tsv_file_open(struct rc_tsv_file **out, const char *what, const char *path,
    int list_fd, struct rc_error *e)
{
	enum rc_err err = check_target(what, path, list_fd, e);
	struct rc_tsv_file *f;

	*out = NULL;
	if (err != RC_OK)
		return err;
	f = calloc(1, sizeof(*f));
	if (f == NULL)
		return rc_err_nomem(e);
	f->fd = -1;
	f->buf = RC_BUF_INIT(FLUSH_AT + LINE_MAX_LEN);
	f->path = strdup(path);
	if (f->path == NULL || asprintf(&f->temporary, "%s.XXXXXX", path) < 0) {
		f->temporary = NULL;
		rc_tsv_file_close(f);
		return rc_err_nomem(e);
	}
	f->fd = mkostemp(f->temporary, O_CLOEXEC);
	if (f->fd < 0) {
		rc_err_errno(e, RC_ECREATE, "cannot create '%s'", path);
		free(f->temporary);
		f->temporary = NULL;
		rc_tsv_file_close(f);
		return RC_ECREATE;
	}
	*out = f;
	return RC_OK;
}

static enum rc_err
flush(struct rc_tsv_file *f, struct rc_error *e)
{
	size_t done = 0;

	while (done < f->buf.len) {
		ssize_t n = write(f->fd, f->buf.data + done, f->buf.len - done);

		if (n < 0 && errno != EINTR)
			return rc_err_errno(
			    e, RC_EIO, "cannot write '%s'", f->path);
		if (n > 0)
			done += (size_t)n;
	}
	rc_buf_reset(&f->buf);
	return RC_OK;
}

enum rc_err
rc_tsv_file_add(struct rc_tsv_file *f, const struct rc_slice *field, size_t n,
    struct rc_error *e)
{
	enum rc_err err;

	for (size_t i = 0; i < n; i++)
		rc_tsv_field(&f->buf, field[i], i == 0);
	rc_tsv_end(&f->buf);
	err = rc_buf_check(&f->buf, "a record", e);
	return err == RC_OK && f->buf.len > FLUSH_AT ? flush(f, e) : err;
}

enum rc_err
rc_tsv_file_reject(struct rc_tsv_file *f, uint64_t line, const char *reason,
    struct rc_slice value, struct rc_error *e)
{
	char number[24];
	struct rc_slice field[] = {{number, 0}, rc_slice_str(reason), value};

	field[0].len =
	    (size_t)snprintf(number, sizeof(number), "%" PRIu64, line);
	return rc_tsv_file_add(f, field, 3, e);
}

enum rc_err
rc_tsv_file_finish(struct rc_tsv_file *f, struct rc_error *e)
{
	enum rc_err err = flush(f, e);

	if (err != RC_OK)
		return err;
	if (close(f->fd) != 0) {
		f->fd = -1;
		return rc_err_errno(e, RC_EIO, "cannot write '%s'", f->path);
	}
	f->fd = -1;
	if (rename(f->temporary, f->path) != 0)
		return rc_err_errno(
		    e, RC_ECREATE, "cannot create '%s'", f->path);
	free(f->temporary);
	f->temporary = NULL;
	return RC_OK;
}

void
rc_tsv_file_close(struct rc_tsv_file *f)
{
	if (f == NULL)
		return;
	if (f->fd >= 0)
		close(f->fd);
	if (f->temporary != NULL)
		unlink(f->temporary);
	free(f->temporary);
	free(f->path);
	rc_buf_free(&f->buf);
	free(f);
}
