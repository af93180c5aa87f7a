#include "sys/store_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define DISK_FULL_BLOCKS 4 /* as good as none */
#define PROBE_BYTES 65536

struct rc_cursor {
	struct rc_txn *txn;
	MDB_cursor *mdb;
	bool placed; /* stands on a record */
	struct rc_cursor *next;
};

static MDB_val
to_mdb(struct rc_slice s)
{
	return (MDB_val){s.len, (void *)s.p};
}

static struct rc_slice
from_mdb(MDB_val v)
{
	return (struct rc_slice){v.mv_data, v.mv_size};
}

/* LMDB's own answer to a key that is empty or too long is a riddle. */
static enum rc_err
check_key(struct rc_slice key, struct rc_error *e)
{
	if (key.len > 0 && key.len <= RC_STORE_KEY_MAX)
		return RC_OK;
	return rc_err_set(
	    e, RC_EINTERNAL, "a key of the state has %zu bytes", key.len);
}

static enum rc_err
answer(struct rc_txn *t, int mdb, const char *doing, struct rc_error *e)
{
	if (mdb == MDB_SUCCESS)
		return RC_OK;
	if (mdb == MDB_NOTFOUND)
		return RC_NOTFOUND;
	return rc_store_fail(t->store->path, mdb, doing, e);
}

enum rc_err
rc_store_fail(const char *path, int mdb, const char *doing, struct rc_error *e)
{
	enum rc_err code = RC_EIO;

	switch (mdb) {
	case ENOMEM:
		return rc_err_nomem(e);
	case MDB_READERS_FULL:
		return rc_err_set(e, RC_EAGAIN,
		    "too many processes read '%s': try again", path);
	case EAGAIN:
	case EBUSY:
		return rc_err_set(
		    e, RC_EAGAIN, "'%s' is locked: try again", path);
	case MDB_MAP_FULL:
	case MDB_MAP_RESIZED:
		return rc_err_set(e, RC_EIO,
		    "'%s' is larger than this process may map: raise "
		    "ulimit -v",
		    path);
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_PANIC:
		return rc_err_set(e, RC_EIO,
		    "'%s' is damaged (%s): restore it from a backup", path,
		    mdb_strerror(mdb));
	case EACCES:
	case EPERM:
	case EROFS:
		code = RC_EPERM;
		break;
	case MDB_BAD_TXN:
	case MDB_BAD_RSLOT:
	case MDB_BAD_DBI:
	case MDB_BAD_VALSIZE:
	case EINVAL:
		code = RC_EINTERNAL;
		break;
	default:
		break;
	}
	return rc_err_set(
	    e, code, "cannot %s '%s': %s", doing, path, mdb_strerror(mdb));
}

/* --- transactions -------------------------------------------------------- */

enum rc_err
rc_txn_begin(
    struct rc_txn *t, struct rc_store *s, bool write, struct rc_error *e)
{
	unsigned flags = write ? 0 : MDB_RDONLY;
	int mdb, dead;

	*t = (struct rc_txn){.store = s, .write = write};
	mdb = mdb_txn_begin(s->env, NULL, flags, &t->mdb);
	/* Killed processes may hold the slots. */
	if (mdb == MDB_READERS_FULL && mdb_reader_check(s->env, &dead) == 0)
		mdb = mdb_txn_begin(s->env, NULL, flags, &t->mdb);
	if (mdb != MDB_SUCCESS)
		return rc_store_fail(s->path, mdb, write ? "write" : "read", e);
	return RC_OK;
}

static void
cursor_free(struct rc_cursor *c)
{
	mdb_cursor_close(c->mdb);
	free(c);
}

/*
 * LMDB says EIO of a write that was cut short, as it is on a full disk or at
 * the end of a quota, which the file system does not tell of.  The turn file
 * lies beside the state and has no content: room for it can be asked for.
 */
static int
why_cut_short(const struct rc_store *s)
{
	struct statvfs disk;
	int fd;

	if (mdb_env_get_fd(s->env, &fd) == 0 && fstatvfs(fd, &disk) == 0 &&
	    disk.f_bavail < DISK_FULL_BLOCKS)
		return ENOSPC;
	if (fallocate(s->turn_fd, FALLOC_FL_KEEP_SIZE, 0, PROBE_BYTES) != 0)
		return errno == ENOSPC || errno == EDQUOT ? errno : EIO;
	(void)fallocate(s->turn_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
	    0, PROBE_BYTES);
	return EIO;
}

/*
 * What is written to a file that has lost its name is lost to everybody who
 * opens the state from then on.
 */
static enum rc_err
check_name(const struct rc_store *s, struct rc_error *e)
{
	struct stat named, open;
	bool same;
	int fd;

	if (mdb_env_get_fd(s->env, &fd) != MDB_SUCCESS || fstat(fd, &open) != 0)
		return RC_OK;
	if (stat(s->path, &named) == 0)
		same =
		    named.st_dev == open.st_dev && named.st_ino == open.st_ino;
	else
		same = errno != ENOENT && errno != ENOTDIR;
	return same ? RC_OK
		    : rc_err_set(e, RC_EAGAIN,
			  "'%s' was replaced while it was in use: begin again",
			  s->path);
}

enum rc_err
rc_txn_end(struct rc_txn *t, enum rc_err r, struct rc_error *e)
{
	struct rc_cursor *c;
	int mdb;

	while ((c = t->cursors) != NULL) {
		t->cursors = c->next;
		cursor_free(c);
	}
	if (r == RC_OK && t->write)
		r = check_name(t->store, e);
	if (r != RC_OK) {
		mdb_txn_abort(t->mdb);
		return r;
	}
	mdb = mdb_txn_commit(t->mdb);
	if (mdb == EIO)
		mdb = why_cut_short(t->store);
	if (mdb != MDB_SUCCESS)
		return rc_store_fail(t->store->path, mdb, "write", e);
	return RC_OK;
}

struct rc_store *
rc_txn_store(const struct rc_txn *t)
{
	return t->store;
}

static enum rc_err
run(struct rc_txn *t, rc_txn_fn *fn, void *arg, struct rc_error *e)
{
	return rc_txn_end(t, fn(t, arg, e), e);
}

enum rc_err
rc_store_read(struct rc_store *s, rc_txn_fn *fn, void *arg, struct rc_error *e)
{
	struct rc_txn t;
	enum rc_err r = rc_txn_begin(&t, s, false, e);

	return r == RC_OK ? run(&t, fn, arg, e) : r;
}

enum rc_err
rc_store_write(struct rc_store *s, rc_txn_fn *fn, void *arg, struct rc_error *e)
{
	struct rc_txn t;
	enum rc_err r;

	rc_turn_ask(s);
	r = rc_txn_begin(&t, s, true, e);
	rc_turn_come(s);
	return r == RC_OK ? run(&t, fn, arg, e) : r;
}

enum rc_err
rc_store_write_bulk(
    struct rc_store *s, rc_txn_fn *fn, void *arg, struct rc_error *e)
{
	struct rc_txn t;
	enum rc_err r;

	rc_turn_give_way(s);
	r = rc_txn_begin(&t, s, true, e);
	return r == RC_OK ? run(&t, fn, arg, e) : r;
}

/* --- records ------------------------------------------------------------- */

enum rc_err
rc_get(struct rc_txn *t, unsigned table, struct rc_slice key,
    struct rc_slice *value, struct rc_error *e)
{
	MDB_val k = to_mdb(key), v;
	enum rc_err r = check_key(key, e);

	if (r != RC_OK)
		return r;
	r = answer(
	    t, mdb_get(t->mdb, t->store->table[table], &k, &v), "read", e);
	if (r == RC_OK)
		*value = from_mdb(v);
	return r;
}

static enum rc_err
put(struct rc_txn *t, unsigned table, struct rc_slice key, MDB_val *v,
    unsigned flags, struct rc_error *e)
{
	MDB_val k = to_mdb(key);
	enum rc_err r = check_key(key, e);

	if (r != RC_OK)
		return r;
	return answer(t, mdb_put(t->mdb, t->store->table[table], &k, v, flags),
	    "write", e);
}

enum rc_err
rc_put(struct rc_txn *t, unsigned table, struct rc_slice key,
    struct rc_slice value, struct rc_error *e)
{
	MDB_val v = to_mdb(value);

	return put(t, table, key, &v, 0, e);
}

enum rc_err
rc_put_last(struct rc_txn *t, unsigned table, struct rc_slice key,
    struct rc_slice value, struct rc_error *e)
{
	MDB_val k = to_mdb(key), v = to_mdb(value);
	enum rc_err r = check_key(key, e);
	int mdb;

	if (r != RC_OK)
		return r;
	mdb = mdb_put(t->mdb, t->store->table[table], &k, &v, MDB_APPEND);
	if (mdb == MDB_KEYEXIST)
		return rc_err_set(
		    e, RC_EINTERNAL, "a key of the state is not the last one");
	return answer(t, mdb, "write", e);
}

enum rc_err
rc_put_room(struct rc_txn *t, unsigned table, struct rc_slice key, size_t len,
    void **room, struct rc_error *e)
{
	MDB_val v = {len, NULL};
	enum rc_err r = put(t, table, key, &v, MDB_RESERVE, e);

	if (r == RC_OK)
		*room = v.mv_data;
	return r;
}

enum rc_err
rc_del(
    struct rc_txn *t, unsigned table, struct rc_slice key, struct rc_error *e)
{
	MDB_val k = to_mdb(key);
	enum rc_err r = check_key(key, e);

	if (r != RC_OK)
		return r;
	return answer(
	    t, mdb_del(t->mdb, t->store->table[table], &k, NULL), "write", e);
}

enum rc_err
rc_del_prefix(struct rc_txn *t, unsigned table, struct rc_slice prefix,
    size_t max, size_t *done, struct rc_error *e)
{
	struct rc_cursor *c;
	struct rc_slice key = {NULL, 0}, value;
	enum rc_err r = rc_cursor_open(t, table, &c, e);

	*done = 0;
	if (c == NULL)
		return r;
	r = rc_cursor_ge(c, prefix, &key, &value, e);
	while (
	    r == RC_OK && *done < max && rc_slice_starts(key, prefix, NULL)) {
		r = answer(t, mdb_cursor_del(c->mdb, 0), "write", e);
		if (r != RC_OK)
			break;
		++*done;
		r = rc_cursor_next(c, &key, &value, e);
	}
	rc_cursor_close(c);
	return r == RC_END || r == RC_NOTFOUND ? RC_OK : r;
}

typedef enum rc_err place_fn(struct rc_cursor *, struct rc_slice key,
    struct rc_slice *found, struct rc_slice *value, struct rc_error *);

static enum rc_err
get_from(struct rc_txn *t, unsigned table, place_fn *place, struct rc_slice key,
    struct rc_slice *found, struct rc_slice *value, struct rc_error *e)
{
	struct rc_cursor *c;
	enum rc_err r = rc_cursor_open(t, table, &c, e);

	if (c == NULL)
		return r;
	r = place(c, key, found, value, e);
	rc_cursor_close(c);
	return r;
}

enum rc_err
rc_get_ge(struct rc_txn *t, unsigned table, struct rc_slice key,
    struct rc_slice *found, struct rc_slice *value, struct rc_error *e)
{
	return get_from(t, table, rc_cursor_ge, key, found, value, e);
}

enum rc_err
rc_get_le(struct rc_txn *t, unsigned table, struct rc_slice key,
    struct rc_slice *found, struct rc_slice *value, struct rc_error *e)
{
	return get_from(t, table, rc_cursor_le, key, found, value, e);
}

enum rc_err
rc_get_each(struct rc_txn *t, unsigned table, struct rc_slice prefix,
    rc_record_fn *fn, void *arg, struct rc_error *e)
{
	struct rc_slice key, rest, value;
	struct rc_cursor *c;
	enum rc_err r = rc_cursor_open(t, table, &c, e);

	if (c == NULL)
		return r;
	r = rc_cursor_ge(c, prefix, &key, &value, e);
	if (r == RC_NOTFOUND)
		r = RC_END;
	while (r == RC_OK && rc_slice_starts(key, prefix, &rest)) {
		r = fn(arg, rest, value, e);
		if (r == RC_OK)
			r = rc_cursor_next(c, &key, &value, e);
	}
	rc_cursor_close(c);
	return r == RC_END ? RC_OK : r;
}

/* --- cursors ------------------------------------------------------------- */

enum rc_err
rc_cursor_open(struct rc_txn *t, unsigned table, struct rc_cursor **out,
    struct rc_error *e)
{
	struct rc_cursor *c = calloc(1, sizeof(*c));
	int mdb;

	*out = NULL;
	if (c == NULL)
		return rc_err_nomem(e);
	mdb = mdb_cursor_open(t->mdb, t->store->table[table], &c->mdb);
	if (mdb != MDB_SUCCESS) {
		free(c);
		return answer(t, mdb, "read", e);
	}
	c->txn = t;
	c->next = t->cursors;
	t->cursors = c;
	*out = c;
	return RC_OK;
}

void
rc_cursor_close(struct rc_cursor *c)
{
	struct rc_cursor **at;

	if (c == NULL)
		return;
	for (at = &c->txn->cursors; *at != c; at = &(*at)->next)
		;
	*at = c->next;
	cursor_free(c);
}

static enum rc_err
move(struct rc_cursor *c, MDB_cursor_op op, MDB_val *k, struct rc_slice *key,
    struct rc_slice *value, struct rc_error *e)
{
	MDB_val v;
	enum rc_err r =
	    answer(c->txn, mdb_cursor_get(c->mdb, k, &v, op), "read", e);

	c->placed = r == RC_OK;
	if (r != RC_OK)
		return r;
	*key = from_mdb(*k);
	*value = from_mdb(v);
	return RC_OK;
}

enum rc_err
rc_cursor_ge(struct rc_cursor *c, struct rc_slice key, struct rc_slice *found,
    struct rc_slice *value, struct rc_error *e)
{
	MDB_val k = to_mdb(key);

	return move(
	    c, key.len == 0 ? MDB_FIRST : MDB_SET_RANGE, &k, found, value, e);
}

enum rc_err
rc_cursor_le(struct rc_cursor *c, struct rc_slice key, struct rc_slice *found,
    struct rc_slice *value, struct rc_error *e)
{
	MDB_val k = to_mdb(key);
	enum rc_err r = RC_NOTFOUND;

	if (key.len > 0)
		r = move(c, MDB_SET_RANGE, &k, found, value, e);
	if (r == RC_NOTFOUND)
		return move(c, MDB_LAST, &k, found, value, e);
	if (r == RC_OK && !rc_slice_eq(*found, key))
		r = move(c, MDB_PREV, &k, found, value, e);
	return r;
}

enum rc_err
rc_cursor_next(struct rc_cursor *c, struct rc_slice *key,
    struct rc_slice *value, struct rc_error *e)
{
	MDB_val k;
	enum rc_err r = RC_NOTFOUND;

	if (c->placed)
		r = move(c, MDB_NEXT, &k, key, value, e);
	return r == RC_NOTFOUND ? RC_END : r;
}
