#include "sys/store_priv.h"

#include "base/num.h"
#include "sys/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define META_TABLE 0
#define LOCK_FILE_SIZE 8192 /* 126 readers of 64 bytes, and the head */
#define STAT_BLOCK 512	    /* stat(2) counts in these */
#define MAP_SIZE_MIN (64ULL << 20)

/* The first page of every LMDB file: a page header, then this number. */
#define LMDB_MAGIC 0xBEEFC0DEu
#define LMDB_MAGIC_AT 16

static const struct rc_slice schema_key = {"schema", 6};

const char *
rc_store_path(const struct rc_store *s)
{
	return s->path;
}

void
rc_store_close(struct rc_store *s)
{
	if (s == NULL)
		return;
	if (s->env != NULL)
		mdb_env_close(s->env);
	rc_turn_close(s);
	free(s->path);
	free(s);
}

static enum rc_err
foreign(const char *path, struct rc_error *e)
{
	return rc_err_set(e, RC_ECONFIG,
	    "'%s' is no state of reconnect: name another file with -s", path);
}

/* LMDB would leave its lock file beside a foreign file. */
static enum rc_err
check_magic(const char *path, struct rc_error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint32_t magic = 0;
	ssize_t n;

	if (fd < 0)
		return rc_err_errno(e, RC_EPERM, "cannot read '%s'", path);
	n = pread(fd, &magic, sizeof(magic), LMDB_MAGIC_AT);
	close(fd);
	if (n != (ssize_t)sizeof(magic) || magic != LMDB_MAGIC)
		return foreign(path, e);
	return RC_OK;
}

/*
 * Looks at the file before LMDB does: a file must not be opened a second time
 * once LMDB has locks on it, since any close of it would drop them.
 */
static enum rc_err
check_file(const struct rc_store_config *config, struct rc_error *e)
{
	struct stat st;
	enum rc_err r;

	if (stat(config->path, &st) != 0) {
		if (errno == EACCES)
			return rc_err_errno(
			    e, RC_EPERM, "cannot read '%s'", config->path);
		if (config->create)
			return rc_path_make_parents(config->path, e);
		return rc_err_set(e, RC_ENOINPUT,
		    "no state at '%s': begin with rc-channel add, or name "
		    "it with -s",
		    config->path);
	}
	r = rc_path_check_owner(config->path, &st, e);
	if (r != RC_OK)
		return r;
	if (!S_ISREG(st.st_mode))
		return rc_err_set(
		    e, RC_ECONFIG, "'%s' is not a file", config->path);
	/* An empty one is a state whose creation was interrupted. */
	if (st.st_size == 0 && config->create)
		return RC_OK;
	return check_magic(config->path, e);
}

static enum rc_err
open_fail(const struct rc_store_config *config, int mdb, struct rc_error *e)
{
	switch (mdb) {
	case MDB_INVALID:
		return foreign(config->path, e);
	case MDB_VERSION_MISMATCH:
		return rc_err_set(e, RC_ECONFIG,
		    "'%s' was written by another version of LMDB",
		    config->path);
	case EACCES:
	case EPERM:
	case EROFS:
		return rc_err_set(e, RC_EPERM,
		    "cannot write '%s' and '%s-lock': %s: make both and "
		    "their directory writable",
		    config->path, config->path, mdb_strerror(mdb));
	case ENOMEM:
		return rc_err_set(e, RC_EAGAIN,
		    "'%s' does not fit the address space: raise ulimit -v",
		    config->path);
	case ENOENT:
	case ENOTDIR:
		return rc_err_set(e, RC_ECREATE, "cannot create '%s': %s",
		    config->path, mdb_strerror(mdb));
	default:
		return rc_store_fail(config->path, mdb, "open", e);
	}
}

static int
try_open(MDB_env **env, const struct rc_store_config *config, size_t map_size)
{
	unsigned flags = MDB_NOSUBDIR | MDB_NOTLS;
	int mdb = mdb_env_create(env);

	if (mdb != MDB_SUCCESS)
		return mdb;
	if (config->readonly)
		flags |= MDB_RDONLY;
	mdb = mdb_env_set_maxdbs(*env, (MDB_dbi)config->ntables);
	if (mdb == MDB_SUCCESS)
		mdb = mdb_env_set_mapsize(*env, map_size);
	if (mdb == MDB_SUCCESS)
		mdb = mdb_env_open(*env, config->path, flags, 0600);
	if (mdb != MDB_SUCCESS) {
		mdb_env_close(*env);
		*env = NULL;
	}
	return mdb;
}

/*
 * LMDB maps its lock file without having room for it on disk, so that on a
 * full one the first write to the map is a bus error.
 */
static enum rc_err
reserve_lock_file(const struct rc_store_config *config, struct rc_error *e)
{
	enum rc_err r = RC_OK;
	struct stat st;
	char *path;
	int fd;

	if (asprintf(&path, "%s-lock", config->path) < 0)
		return rc_err_nomem(e);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && fstat(fd, &st) == 0 &&
	    (uint64_t)st.st_blocks * STAT_BLOCK < LOCK_FILE_SIZE &&
	    fallocate(fd, 0, 0, LOCK_FILE_SIZE) != 0 && errno == ENOSPC)
		r = rc_err_errno(e, RC_EIO, "cannot write '%s'", path);
	if (fd >= 0) /* else LMDB will say why */
		close(fd);
	free(path);
	return r;
}

static enum rc_err
open_env(struct rc_store *s, const struct rc_store_config *config,
    struct rc_error *e)
{
	size_t map_size = RC_STORE_MAP_SIZE;
	enum rc_err r = reserve_lock_file(config, e);
	int mdb, dead;

	if (r != RC_OK)
		return r;
	do {
		mdb = try_open(&s->env, config, map_size);
		map_size /= 2;
	} while (mdb == ENOMEM && map_size >= MAP_SIZE_MIN);
	if (mdb != MDB_SUCCESS)
		return open_fail(config, mdb, e);
	mdb = mdb_reader_check(s->env, &dead);
	if (mdb != MDB_SUCCESS)
		return open_fail(config, mdb, e);
	return RC_OK;
}

/* RC_NOTFOUND when a table is missing and not to be made. */
static enum rc_err
open_tables(struct rc_txn *t, const struct rc_store_config *config,
    unsigned flags, struct rc_error *e)
{
	struct rc_store *s = t->store;

	for (size_t i = 0; i < config->ntables; i++) {
		int mdb = mdb_dbi_open(
		    t->mdb, config->tables[i], flags, &s->table[i]);

		if (mdb == MDB_NOTFOUND || mdb == MDB_INCOMPATIBLE)
			return RC_NOTFOUND;
		if (mdb != MDB_SUCCESS)
			return open_fail(config, mdb, e);
	}
	return RC_OK;
}

static enum rc_err
check_schema(
    struct rc_txn *t, const struct rc_store_config *config, struct rc_error *e)
{
	struct rc_slice value;
	uint32_t schema;
	enum rc_err r = rc_get(t, META_TABLE, schema_key, &value, e);

	if (r != RC_OK)
		return r;
	if (value.len != sizeof(schema))
		return RC_NOTFOUND;
	schema = rc_get32(value.p);
	if (schema == config->schema)
		return RC_OK;
	return rc_err_set(e, RC_ECONFIG,
	    "'%s' has schema %u, this program knows %u: %s", config->path,
	    schema, config->schema,
	    schema > config->schema ? "use a newer version of reconnect"
				    : "use the version that made it");
}

/*
 * The schema first: of another one tables may mean something else.  RC_NOTFOUND
 * when there is none of ours, or *lacks tables that came with a newer version.
 */
static enum rc_err
open_existing(struct rc_store *s, const struct rc_store_config *config,
    bool *lacks, struct rc_error *e)
{
	const struct rc_store_config meta = {
	    .path = config->path, .tables = config->tables, .ntables = 1};
	struct rc_txn t;
	enum rc_err r = rc_txn_begin(&t, s, false, e);

	if (r != RC_OK)
		return r;
	r = open_tables(&t, &meta, 0, e);
	if (r == RC_OK)
		r = check_schema(&t, config, e);
	if (r == RC_OK) {
		r = open_tables(&t, config, 0, e);
		*lacks = r == RC_NOTFOUND;
	}
	return rc_txn_end(&t, r, e);
}

static enum rc_err
add_tables(struct rc_store *s, const struct rc_store_config *config,
    struct rc_error *e)
{
	struct rc_txn t;
	enum rc_err r = rc_txn_begin(&t, s, true, e);

	if (r != RC_OK)
		return r;
	r = open_tables(&t, config, MDB_CREATE, e);
	return rc_txn_end(&t, r, e);
}

static enum rc_err
check_empty(
    struct rc_txn *t, const struct rc_store_config *config, struct rc_error *e)
{
	MDB_dbi root;
	MDB_stat stat;
	int mdb = mdb_dbi_open(t->mdb, NULL, 0, &root);

	if (mdb == MDB_SUCCESS)
		mdb = mdb_stat(t->mdb, root, &stat);
	if (mdb != MDB_SUCCESS)
		return open_fail(config, mdb, e);
	return stat.ms_entries == 0 ? RC_OK : foreign(config->path, e);
}

static enum rc_err
create_tables(struct rc_store *s, const struct rc_store_config *config,
    struct rc_error *e)
{
	unsigned char schema[4];
	struct rc_txn t;
	enum rc_err r = rc_txn_begin(&t, s, true, e);

	if (r != RC_OK)
		return r;
	rc_put32(schema, config->schema);
	r = check_empty(&t, config, e);
	if (r == RC_OK)
		r = open_tables(&t, config, MDB_CREATE, e);
	if (r == RC_OK)
		r = rc_put(&t, META_TABLE, schema_key,
		    rc_slice_of(schema, sizeof(schema)), e);
	return rc_txn_end(&t, r, e);
}

static enum rc_err
set_up(struct rc_store *s, const struct rc_store_config *config,
    struct rc_error *e)
{
	enum rc_err r = rc_store_check_size(s, e), made;
	bool lacks = false;

	if (r == RC_OK)
		r = open_existing(s, config, &lacks, e);
	if (r != RC_NOTFOUND)
		return r;
	if (lacks && !config->readonly)
		return add_tables(s, config, e);
	if (!config->create || config->readonly)
		return foreign(config->path, e);
	made = create_tables(s, config, e);
	/* Another process may have made them since we looked. */
	r = made == RC_ECONFIG ? open_existing(s, config, &lacks, e) : made;
	return r == RC_NOTFOUND ? foreign(config->path, e) : r;
}

/*
 * The locks, and all that lies beside a state, go by its name: by two names of
 * one file two processes would write at once.  So a link's is where it leads
 * to, where a new state is made first.
 */
static enum rc_err
find_name(
    struct rc_store *s, struct rc_store_config *config, struct rc_error *e)
{
	struct stat st;
	int fd;

	if (lstat(config->path, &st) != 0 || !S_ISLNK(st.st_mode)) {
		s->path = strdup(config->path);
		return s->path == NULL ? rc_err_nomem(e) : RC_OK;
	}
	if (stat(config->path, &st) != 0 && config->create) {
		fd = open(config->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd >= 0)
			close(fd);
	}
	s->path = realpath(config->path, NULL);
	if (s->path == NULL)
		return rc_err_errno(
		    e, RC_ECREATE, "cannot follow the link '%s'", config->path);
	config->path = s->path;
	return RC_OK;
}

enum rc_err
rc_store_open(struct rc_store **out, const struct rc_store_config *asked,
    struct rc_error *e)
{
	struct rc_store_config copy = *asked, *config = &copy;
	struct rc_store *s;
	enum rc_err r = check_file(config, e);

	*out = NULL;
	if (r != RC_OK)
		return r;
	s = calloc(1, sizeof(*s) + config->ntables * sizeof(s->table[0]));
	if (s == NULL)
		return rc_err_nomem(e);
	s->ntables = config->ntables;
	s->turn_fd = -1;
	r = find_name(s, config, e);
	if (r == RC_OK)
		r = open_env(s, config, e);
	if (r == RC_OK && !config->readonly)
		rc_turn_open(s);
	if (r == RC_OK)
		r = set_up(s, config, e);
	if (r == RC_OK)
		*out = s;
	else
		rc_store_close(s);
	return r;
}
