#include "job/sync.h"

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

struct rc_rejects {
	int fd;
	char *path, *temporary;
	struct rc_buf buf;
};

/* What a rename would fail at or destroy, while nothing has been changed. */
static enum rc_err
check_target(const char *path, int list_fd, struct rc_error *e)
{
	struct stat there, list;

	if (stat(path, &there) != 0)
		return RC_OK;
	if (!S_ISREG(there.st_mode))
		return rc_err_set(e, RC_ECREATE,
		    "cannot write rejected rows to '%s': it is no file", path);
	if (fstat(list_fd, &list) == 0 && list.st_dev == there.st_dev &&
	    list.st_ino == there.st_ino)
		return rc_err_set(e, RC_EUSAGE,
		    "rejected rows would replace the list '%s': name another "
		    "file",
		    path);
	return RC_OK;
}

enum rc_err
rc_rejects_open(
    struct rc_rejects **out, const char *path, int list_fd, struct rc_error *e)
{
	enum rc_err err = check_target(path, list_fd, e);
	struct rc_rejects *r;

	*out = NULL;
	if (err != RC_OK)
		return err;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return rc_err_nomem(e);
	r->fd = -1;
	r->buf = RC_BUF_INIT(FLUSH_AT + LINE_MAX_LEN);
	r->path = strdup(path);
	if (r->path == NULL || asprintf(&r->temporary, "%s.XXXXXX", path) < 0) {
		r->temporary = NULL;
		rc_rejects_close(r);
		return rc_err_nomem(e);
	}
	r->fd = mkostemp(r->temporary, O_CLOEXEC);
	if (r->fd < 0) {
		rc_err_errno(e, RC_ECREATE, "cannot create '%s'", path);
		free(r->temporary);
		r->temporary = NULL;
		rc_rejects_close(r);
		return RC_ECREATE;
	}
	*out = r;
	return RC_OK;
}

static enum rc_err
flush(struct rc_rejects *r, struct rc_error *e)
{
	size_t done = 0;

	while (done < r->buf.len) {
		ssize_t n = write(r->fd, r->buf.data + done, r->buf.len - done);

		if (n < 0 && errno != EINTR)
			return rc_err_errno(
			    e, RC_EIO, "cannot write '%s'", r->path);
		if (n > 0)
			done += (size_t)n;
	}
	rc_buf_reset(&r->buf);
	return RC_OK;
}

enum rc_err
rc_rejects_add(struct rc_rejects *r, uint64_t line, const char *reason,
    struct rc_slice value, struct rc_error *e)
{
	char number[24];
	enum rc_err err;

	snprintf(number, sizeof(number), "%" PRIu64, line);
	rc_tsv_field(&r->buf, rc_slice_str(number), true);
	rc_tsv_field(&r->buf, rc_slice_str(reason), false);
	rc_tsv_field(&r->buf, value, false);
	rc_tsv_end(&r->buf);
	err = rc_buf_check(&r->buf, "a rejected row", e);
	return err == RC_OK && r->buf.len > FLUSH_AT ? flush(r, e) : err;
}

enum rc_err
rc_rejects_finish(struct rc_rejects *r, struct rc_error *e)
{
	enum rc_err err = flush(r, e);

	if (err != RC_OK)
		return err;
	if (close(r->fd) != 0) {
		r->fd = -1;
		return rc_err_errno(e, RC_EIO, "cannot write '%s'", r->path);
	}
	r->fd = -1;
	if (rename(r->temporary, r->path) != 0)
		return rc_err_errno(
		    e, RC_ECREATE, "cannot create '%s'", r->path);
	free(r->temporary);
	r->temporary = NULL;
	return RC_OK;
}

void
rc_rejects_close(struct rc_rejects *r)
{
	if (r == NULL)
		return;
	if (r->fd >= 0)
		close(r->fd);
	if (r->temporary != NULL)
		unlink(r->temporary);
	free(r->temporary);
	free(r->path);
	rc_buf_free(&r->buf);
	free(r);
}
