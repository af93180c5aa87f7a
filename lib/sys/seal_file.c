#include "sys/seal_priv.h"

#include "base/num.h"
#include "sys/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_LINE (2 * RC_SEAL_KEY_LEN + 1) /* hexadecimal, line feed */
#define ID_DIGITS 16

/* --- writing ------------------------------------------------------------- */

static enum rc_err
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return RC_EIO;
		p += done;
		n -= (size_t)done;
	}
	return RC_OK;
}

static enum rc_err
write_key(int fd, const char *path, const struct rc_seal *s, struct rc_error *e)
{
	char line[KEY_LINE + 1];
	enum rc_err r = RC_OK;

	rc_hex(s->key, sizeof(s->key), line);
	line[KEY_LINE - 1] = '\n';
	if (write_all(fd, line, KEY_LINE) != RC_OK || fsync(fd) != 0)
		r = rc_err_errno(e, RC_EIO, "cannot write '%s'", path);
	explicit_bzero(line, sizeof(line));
	return r;
}

static enum rc_err
sync_directory(const char *path, struct rc_error *e)
{
	char *dir = strdup(path), *slash;
	enum rc_err r = RC_OK;
	int fd;

	if (dir == NULL)
		return rc_err_nomem(e);
	slash = strrchr(dir, '/');
	if (slash != NULL)
		slash[slash == dir] = '\0';
	fd =
	    open(slash == NULL ? "." : dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		r = rc_err_errno(e, RC_EIO, "cannot write '%s'", path);
	if (fd >= 0)
		close(fd);
	free(dir);
	return r;
}

/* The key in a file beside path; its name goes into *temporary. */
static enum rc_err
write_temporary(const struct rc_seal *s, const char *path, char **temporary,
    struct rc_error *e)
{
	enum rc_err r;
	int fd;

	if (asprintf(temporary, "%s.XXXXXX", path) < 0) {
		*temporary = NULL;
		return rc_err_nomem(e);
	}
	fd = mkostemp(*temporary, O_CLOEXEC); /* mode 0600 */
	if (fd < 0) {
		r = rc_err_errno(e, RC_ECREATE, "cannot create '%s'", path);
		free(*temporary);
		*temporary = NULL;
		return r;
	}
	r = write_key(fd, path, s, e);
	close(fd);
	return r;
}

/*
 * A key appears whole or not at all, and never in the place of another: when
 * two processes make it at once, both use the first one's.
 */
static enum rc_err
create_key(const struct rc_seal *s, const char *path, struct rc_error *e)
{
	char *temporary = NULL;
	enum rc_err r = write_temporary(s, path, &temporary, e);

	if (temporary == NULL)
		return r;
	if (r == RC_OK && link(temporary, path) != 0 && errno != EEXIST)
		r = rc_err_errno(e, RC_ECREATE, "cannot create '%s'", path);
	unlink(temporary);
	free(temporary);
	return r == RC_OK ? sync_directory(path, e) : r;
}

/* --- reading ------------------------------------------------------------- */

static enum rc_err
check_key_file(int fd, const char *path, struct rc_error *e)
{
	struct stat st;
	enum rc_err r;

	if (fstat(fd, &st) != 0)
		return rc_err_errno(e, RC_EIO, "cannot read '%s'", path);
	r = rc_path_check_owner(path, &st, e);
	if (r != RC_OK)
		return r;
	if (!S_ISREG(st.st_mode))
		return rc_err_set(e, RC_ECONFIG, "'%s' is not a file", path);
	if ((st.st_mode & 077) != 0)
		return rc_err_set(e, RC_EPERM,
		    "others may read the seal key '%s': chmod 600 it", path);
	return RC_OK;
}

static enum rc_err
read_key(int fd, const char *path, struct rc_seal *s, struct rc_error *e)
{
	char line[KEY_LINE + 1] = "";
	ssize_t n = pread(fd, line, sizeof(line), 0);
	struct rc_slice hex = {line, n < 0 ? 0 : (size_t)n};
	enum rc_err r = RC_OK;

	if (n < 0)
		return rc_err_errno(e, RC_EIO, "cannot read '%s'", path);
	if (!rc_unhex(rc_slice_trim(hex), s->key, sizeof(s->key)))
		r = rc_err_set(e, RC_ECONFIG,
		    "'%s' is no seal key: it holds 64 hexadecimal digits",
		    path);
	explicit_bzero(line, sizeof(line));
	return r;
}

static enum rc_err
load_key(const char *path, struct rc_seal *s, struct rc_error *e)
{
	/* Not to hang on a named pipe. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum rc_err r;

	if (fd < 0 && errno == ENOENT)
		return rc_err_set(e, RC_ENOINPUT,
		    "no seal key at '%s': put the state's key there, or "
		    "name it with RC_KEY_FILE",
		    path);
	if (fd < 0)
		return rc_err_errno(
		    e, RC_EPERM, "cannot read the seal key '%s'", path);
	r = check_key_file(fd, path, e);
	if (r == RC_OK)
		r = read_key(fd, path, s, e);
	close(fd);
	return r;
}

/* Draws a key and keeps it at path, unless another process was first. */
static enum rc_err
make_key(const char *path, struct rc_error *e)
{
	struct rc_seal *drawn = NULL;
	enum rc_err r = rc_path_make_parents(path, e);

	if (r == RC_OK)
		r = rc_seal_draw(&drawn, e);
	if (r == RC_OK)
		r = create_key(drawn, path, e);
	rc_seal_close(drawn);
	return r;
}

enum rc_err
rc_seal_open(
    struct rc_seal **out, const char *path, bool create, struct rc_error *e)
{
	enum rc_err r = rc_seal_new(out, e);

	if (r != RC_OK)
		return r;
	r = load_key(path, *out, e);
	if (r == RC_ENOINPUT && create) {
		r = make_key(path, e);
		if (r == RC_OK)
			r = load_key(path, *out, e);
	}
	if (r != RC_OK) {
		rc_seal_close(*out);
		*out = NULL;
	}
	return r;
}

/* --- the files beside it ------------------------------------------------- */

/* "PATH.ID"; of the file itself, when PATH is a link to it. */
static char *
kept_path(const char *path, const unsigned char check[RC_SHA256_LEN])
{
	char hex[2 * RC_SHA256_LEN + 1], *real = realpath(path, NULL), *kept;

	rc_hex(check, RC_SHA256_LEN, hex);
	if (asprintf(&kept, "%s.%.*s", real == NULL ? path : real, ID_DIGITS,
		hex) < 0)
		kept = NULL;
	free(real);
	return kept;
}

static char *
own_kept_path(const struct rc_seal *s, const char *path)
{
	unsigned char check[RC_SHA256_LEN];

	rc_seal_check_value(s, check);
	return kept_path(path, check);
}

enum rc_err
rc_seal_open_kept(struct rc_seal **out, const char *path,
    const unsigned char check[RC_SHA256_LEN], struct rc_error *e)
{
	char *kept = kept_path(path, check);
	enum rc_err r;

	*out = NULL;
	if (kept == NULL)
		return rc_err_nomem(e);
	r = rc_seal_open(out, kept, false, e);
	free(kept);
	return r;
}

enum rc_err
rc_seal_keep(const struct rc_seal *s, const char *path, struct rc_error *e)
{
	char *kept = own_kept_path(s, path);
	enum rc_err r;

	if (kept == NULL)
		return rc_err_nomem(e);
	r = create_key(s, kept, e);
	free(kept);
	return r;
}

enum rc_err
rc_seal_place(const struct rc_seal *s, const char *path, struct rc_error *e)
{
	char *real = realpath(path, NULL), *temporary = NULL;
	const char *to = real == NULL ? path : real;
	enum rc_err r = write_temporary(s, to, &temporary, e);

	if (r == RC_OK && rename(temporary, to) != 0)
		r = rc_err_errno(e, RC_EIO, "cannot replace '%s'", to);
	if (r != RC_OK && temporary != NULL)
		unlink(temporary);
	if (r == RC_OK)
		r = sync_directory(to, e);
	free(temporary);
	free(real);
	return r;
}

void
rc_seal_drop(const struct rc_seal *s, const char *path)
{
	char *kept = own_kept_path(s, path);

	if (kept != NULL)
		unlink(kept);
	free(kept);
}

void
rc_seal_kept_name(const struct rc_seal *s, const char *path, struct rc_buf *out)
{
	char *kept = own_kept_path(s, path);

	rc_buf_adds(out, kept == NULL ? "" : kept);
	free(kept);
}
