#include "job/source_priv.h"

#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that was written to so lately may be half an upload. */
#define SETTLED_S 60
/*
 * One whose last line has no end nearly always is, if it stalls; but some
 * exports never write that end.
 */
#define STALLED_S 600

static bool
is_directory(const char *where, const struct dirent *d)
{
	char *path;
	struct stat st;
	bool is;

	if (d->d_type != DT_UNKNOWN && d->d_type != DT_LNK)
		return d->d_type == DT_DIR;
	if (asprintf(&path, "%s/%s", where, d->d_name) < 0)
		return false;
	is = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
	free(path);
	return is;
}

static enum rc_err
list(struct rc_folders *f, const char *where, struct rc_error *e)
{
	DIR *dir = opendir(where);
	enum rc_err err = RC_OK;
	struct dirent *d;

	if (dir == NULL)
		return rc_err_errno(e, RC_ENOINPUT, "cannot open '%s'", where);
	while (err == RC_OK && (errno = 0, d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.' && is_directory(where, d))
			err = rc_folders_add(f, rc_slice_str(d->d_name), e);
	if (err == RC_OK && errno != 0)
		err = rc_err_errno(e, RC_EIO, "cannot read '%s'", where);
	closedir(dir);
	return err;
}

static bool
ends_its_last_line(int fd, off_t size)
{
	char last;

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 &&
	       (last == '\n' || last == '\r');
}

static enum rc_err
check_settled(const struct rc_source *s, struct rc_error *e)
{
	struct stat st;
	int64_t age;

	if (fstat(rc_source_fd(s), &st) != 0)
		return rc_err_errno(e, RC_EIO, "cannot read '%s'", s->name);
	age = (int64_t)(rc_clock_now_ms() / 1000) - st.st_mtim.tv_sec;
	/* One far ahead is a wrong clock's, which waiting does not mend. */
	if (age >= STALLED_S || age < -SETTLED_S)
		return RC_OK;
	if (age < SETTLED_S)
		return rc_err_set(e, RC_EAGAIN,
		    "'%s' is still being uploaded: it was changed less than %d "
		    "seconds ago, the next run takes it",
		    s->name, SETTLED_S);
	if (ends_its_last_line(rc_source_fd(s), st.st_size))
		return RC_OK;
	return rc_err_set(e, RC_EAGAIN,
	    "'%s' is still being uploaded, as its last line has no end: once "
	    "it has not changed for %d minutes, it is taken as it is",
	    s->name, STALLED_S / 60);
}

/* RC_NOTFOUND: there is none. */
static enum rc_err
open_list(const char *path, struct rc_source **out, struct rc_error *e)
{
	struct stat st;
	enum rc_err err;

	if (stat(path, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR
			   ? RC_NOTFOUND
			   : rc_err_errno(
				 e, RC_ENOINPUT, "cannot open '%s'", path);
	if (!S_ISREG(st.st_mode))
		return RC_NOTFOUND;
	err = rc_source_file_open(out, path, path, e);
	return err == RC_OK ? check_settled(*out, e) : err;
}

static enum rc_err
open_folder(
    void *arg, const char *folder, struct rc_source **out, struct rc_error *e)
{
	const char *where = arg;
	int len = (int)strlen(where);
	enum rc_err err;
	char *path;

	while (len > 1 && where[len - 1] == '/')
		len--;
	if (asprintf(&path, "%.*s/%s/%s", len, where, folder, RC_FOLDER_FILE) <
	    0)
		return rc_err_nomem(e);
	err = open_list(path, out, e);
	free(path);
	return err;
}

/* RC_ENOINPUT; the upload itself is easily taken for what holds it. */
static enum rc_err
find_none(const char *where, struct rc_error *e)
{
	enum rc_err err = RC_ENOINPUT;
	char *path;

	if (asprintf(&path, "%s/" RC_FOLDER_FILE, where) < 0)
		return rc_err_nomem(e);
	if (access(path, F_OK) == 0)
		err = rc_err_set(e, RC_ENOINPUT,
		    "'%s' holds a " RC_FOLDER_FILE " itself: name that file, "
		    "or the folder above",
		    where);
	free(path);
	return err;
}

enum rc_err
rc_source_drop_open(struct rc_source **out,
    const struct rc_source_config *config, struct rc_error *e)
{
	char *feed = realpath(config->where, NULL);
	struct rc_folders folders;
	enum rc_err err;

	if (feed == NULL)
		return rc_err_errno(
		    e, RC_ENOINPUT, "cannot open '%s'", config->where);
	err = rc_folders_open(&folders, config, feed, e);
	if (err == RC_OK)
		err = list(&folders, config->where, e);
	if (err == RC_OK)
		err = rc_folders_pick(
		    &folders, out, open_folder, (void *)config->where, e);
	if (err == RC_ENOINPUT && folders.newer.len == 0)
		err = find_none(config->where, e);
	rc_folders_close(&folders);
	free(feed);
	return err;
}
