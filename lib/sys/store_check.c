#include "sys/store_priv.h"

#include "base/num.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct hole { /* pages the file ought to have and has not */
	size_t first, end;
	size_t page_size;
	uint64_t missing; /* bytes */
};

static enum rc_err
find_hole(struct rc_store *s, struct hole *h, struct rc_error *e)
{
	MDB_envinfo info;
	MDB_stat env_stat;
	struct stat st;
	uint64_t size;
	int fd, mdb;

	/* The size last: a commit writes its pages before it tells of them. */
	if ((mdb = mdb_env_info(s->env, &info)) != MDB_SUCCESS ||
	    (mdb = mdb_env_stat(s->env, &env_stat)) != MDB_SUCCESS ||
	    (mdb = mdb_env_get_fd(s->env, &fd)) != MDB_SUCCESS)
		return rc_store_fail(s->path, mdb, "read", e);
	if (fstat(fd, &st) != 0)
		return rc_store_fail(s->path, errno, "read", e);
	size = (uint64_t)st.st_size;
	h->page_size = env_stat.ms_psize;
	h->first = size / h->page_size;
	h->end = info.me_last_pgno + 1;
	h->missing = h->end > h->first ? h->end * h->page_size - size : 0;
	return RC_OK;
}

/* Whether all pages of the hole are on LMDB's list of free pages. */
static bool
covers(MDB_cursor *free_list, const struct hole *h)
{
	MDB_val key, value;
	size_t n = 0;
	int mdb;

	while ((mdb = mdb_cursor_get(free_list, &key, &value, MDB_NEXT)) == 0) {
		const size_t *pages = value.mv_data; /* count, then numbers */
		size_t room = value.mv_size / sizeof(*pages);

		for (size_t i = 1; i < room && i <= pages[0]; i++)
			n += pages[i] >= h->first && pages[i] < h->end;
	}
	return mdb == MDB_NOTFOUND && n == h->end - h->first;
}

/*
 * The list of free pages may itself be in the hole, and reading there is a
 * bus error: a child looks.
 */
static bool
child_covers(MDB_cursor *free_list, const struct hole *h)
{
	const struct rlimit no_core = {0, 0};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGBUS, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		setrlimit(RLIMIT_CORE, &no_core);
		_exit(covers(free_list, h) ? 0 : 1);
	}
	if (pid < 0)
		return false;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/*
 * Whether nothing was lost: a transaction that gives back the last pages it
 * took never writes them, so a file may rightly end before its last page.
 */
static bool
hole_is_free(struct rc_store *s, const struct hole *h)
{
	const MDB_dbi free_list = 0;
	MDB_cursor *c;
	MDB_txn *txn;
	bool is_free = false;

	if (mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn) != MDB_SUCCESS)
		return false;
	if (mdb_cursor_open(txn, free_list, &c) == MDB_SUCCESS) {
		is_free = child_covers(c, h);
		mdb_cursor_close(c);
	}
	mdb_txn_abort(txn);
	return is_free;
}

enum rc_err
rc_store_check_size(struct rc_store *s, struct rc_error *e)
{
	struct hole h = {0};
	uint64_t before = 0;
	enum rc_err r;

	/* Once more when others commit meanwhile: the hole has moved. */
	while ((r = find_hole(s, &h, e)) == RC_OK && h.missing > 0) {
		if (hole_is_free(s, &h))
			return RC_OK;
		if (h.missing == before)
			return rc_err_set(e, RC_ECONFIG,
			    "'%s' is truncated, %llu %s missing: "
			    "restore it from a backup",
			    s->path, (unsigned long long)h.missing,
			    rc_plural(h.missing, "byte is", "bytes are"));
		before = h.missing;
	}
	return r;
}
