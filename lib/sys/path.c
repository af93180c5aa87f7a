#include "sys/path.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PASSWD_LINE 4096 /* bytes of strings in a passwd entry */

enum rc_err
rc_path_make_parents(const char *path, struct rc_error *e)
{
	enum rc_err r = RC_OK;
	char *copy = strdup(path), *slash;

	if (copy == NULL)
		return rc_err_nomem(e);
	for (slash = copy; *slash == '/'; slash++)
		;
	while ((slash = strchr(slash, '/')) != NULL) {
		*slash = '\0';
		if (mkdir(copy, 0700) != 0 && errno != EEXIST) {
			r = rc_err_errno(
			    e, RC_ECREATE, "cannot make directory '%s'", copy);
			break;
		}
		*slash++ = '/';
	}
	free(copy);
	return r;
}

static void
user_name(uid_t uid, char *name, size_t size)
{
	char line[PASSWD_LINE];
	struct passwd pw, *found = NULL;

	if (getpwuid_r(uid, &pw, line, sizeof(line), &found) == 0 &&
	    found != NULL)
		snprintf(name, size, "%s", pw.pw_name);
	else
		snprintf(name, size, "#%lu", (unsigned long)uid);
}

enum rc_err
rc_path_check_owner(const char *path, const struct stat *st, struct rc_error *e)
{
	char owner[64];

	if (st->st_uid == geteuid())
		return RC_OK;
	user_name(st->st_uid, owner, sizeof(owner));
	return rc_err_set(e, RC_EPERM,
	    "'%s' belongs to user '%s': use sudo -u '%s'", path, owner, owner);
}
