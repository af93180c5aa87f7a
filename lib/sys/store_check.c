#include "sys/store_priv.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct hole { /* pages the file ought to have and has not */
	size_t first, end;
	size_t page_size;
	uint64_t missing; /* bytes */
};

static enum rc_err
find_hole(
    struct rc_store *s, MDB_envinfo *info, struct hole *h, struct rc_error *e)
{
	MDB_stat env_stat;
	struct stat st;
	uint64_t size;
	int fd, mdb;

	/* The size last: a commit writes its pages before it tells of them. */
	if ((mdb = mdb_env_info(s->env, info)) != MDB_SUCCESS ||
	    (mdb = mdb_env_stat(s->env, &env_stat)) != MDB_SUCCESS ||
	    (mdb = mdb_env_get_fd(s->env, &fd)) != MDB_SUCCESS)
		return rc_store_fail(s->path, mdb, "read", e);
	if (fstat(fd, &st) != 0)
		return rc_store_fail(s->path, errno, "read", e);
	size = (uint64_t)st.st_size;
	h->page_size = env_stat.ms_psize;
	h->first = size / h->page_size;
	h->end = info->me_last_pgno + 1;
	h->missing = h->end > h->first ? h->end * h->page_size - size : 0;
	return RC_OK;
}

/* How many pages of the hole are on LMDB's list of free pages. */
static int
count_free(MDB_txn *txn, const struct hole *h, size_t *n)
{
	const MDB_dbi free_list = 0;
	MDB_cursor *c;
	MDB_val key, value;
	int mdb = mdb_cursor_open(txn, free_list, &c);

	*n = 0;
	if (mdb != MDB_SUCCESS)
		return mdb;
	while ((mdb = mdb_cursor_get(c, &key, &value, MDB_NEXT)) == 0) {
		const size_t *pages = value.mv_data; /* count, then numbers */
		size_t room = value.mv_size / sizeof(*pages);

		for (size_t i = 1; i < room && i <= pages[0]; i++)
			*n += pages[i] >= h->first && pages[i] < h->end;
	}
	mdb_cursor_close(c);
	return mdb == MDB_NOTFOUND ? MDB_SUCCESS : mdb;
}

/*
 * Whether nothing was lost: a transaction that frees the last pages it took
 * never writes them, so the file may rightly end before its last page.  The
 * list of free pages may itself be in the hole: zeros stand there while we
 * read it.
 */
static bool
hole_is_free(struct rc_store *s, const MDB_envinfo *info, const struct hole *h)
{
	char *at = (char *)info->me_mapaddr + h->first * h->page_size;
	size_t len = (h->end - h->first) * h->page_size, n = 0;
	MDB_txn *txn;
	int fd, mdb;
	bool restored;

	if (mdb_env_get_fd(s->env, &fd) != MDB_SUCCESS ||
	    mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn) != MDB_SUCCESS)
		return false;
	if (mmap(at, len, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		-1, 0) == MAP_FAILED) {
		mdb_txn_abort(txn);
		return false;
	}
	mdb = count_free(txn, h, &n);
	mdb_txn_abort(txn);
	restored = mmap(at, len, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
		       (off_t)(h->first * h->page_size)) != MAP_FAILED;
	return restored && mdb == MDB_SUCCESS && n == h->end - h->first;
}

enum rc_err
rc_store_check_size(struct rc_store *s, struct rc_error *e)
{
	MDB_envinfo info;
	struct hole h = {0};
	uint64_t before = 0;
	enum rc_err r;

	/* Once more when others commit meanwhile: the hole has moved. */
	while ((r = find_hole(s, &info, &h, e)) == RC_OK && h.missing > 0) {
		if (hole_is_free(s, &info, &h))
			return RC_OK;
		if (h.missing == before)
			return rc_err_set(e, RC_ECONFIG,
			    "\"%s\" is truncated, %llu bytes are missing: "
			    "restore it from a backup",
			    s->path, (unsigned long long)h.missing);
		before = h.missing;
	}
	return r;
}
