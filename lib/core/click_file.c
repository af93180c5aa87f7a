#include "core/click_file.h"

#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_BIT 1
#define PREFETCH_BIT 2
#define ROTATE_AT (64u << 20) /* bytes; about a million clicks */
#define SCAN_PIECE (1u << 20)

struct rc_click_file {
	int fd;
	uint64_t id, size, lost;
	char *path;
};

/* CRC-32 (ISO 3309, as in zlib), by nibbles: a record has 100 bytes or so. */
static uint32_t
crc32_of(const unsigned char *p, size_t n)
{
	static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8,
	    0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
	    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0,
	    0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
	uint32_t crc = 0xffffffff;

	while (n-- > 0) {
		crc ^= *p++;
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

void
rc_click_path(const char *state_path, struct rc_buf *out)
{
	rc_buf_reset(out);
	rc_buf_adds(out, state_path);
	rc_buf_adds(out, "-clicks");
}

size_t
rc_click_encode(
    const struct rc_hit *hit, unsigned char out[RC_CLICK_RECORD_MAX])
{
	size_t agent =
	    hit->agent.len < RC_AGENT_MAX ? hit->agent.len : RC_AGENT_MAX;
	unsigned char *p = out + RC_CLICK_FIXED;

	rc_put48(p, hit->at_ms);
	rc_put64(p + 6, hit->link_id);
	p[14] = (unsigned char)((hit->head ? HEAD_BIT : 0) |
				(hit->prefetch ? PREFETCH_BIT : 0));
	p += 15;
	p += rc_varint_put(p, agent);
	if (agent > 0)
		memcpy(p, hit->agent.p, agent);
	p += agent;
	rc_put16(out, (uint16_t)(p - out));
	rc_put32(out + 2,
	    crc32_of(out + RC_CLICK_FIXED, (size_t)(p - out) - RC_CLICK_FIXED));
	return (size_t)(p - out);
}

size_t
rc_click_decode(struct rc_slice bytes, struct rc_hit *hit)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	struct rc_unpack u;
	struct rc_slice time;
	size_t len;
	uint8_t bits;

	if (bytes.len < RC_CLICK_FIXED)
		return 0;
	len = rc_get16(p);
	if (len < RC_CLICK_FIXED || len > bytes.len ||
	    rc_get32(p + 2) !=
		crc32_of(p + RC_CLICK_FIXED, len - RC_CLICK_FIXED))
		return 0;
	u = rc_unpack_start(
	    (struct rc_slice){bytes.p + RC_CLICK_FIXED, len - RC_CLICK_FIXED});
	time = rc_unpack_bytes(&u, 6);
	if (time.len != 6)
		return 0;
	hit->at_ms = rc_get48(time.p);
	hit->link_id = rc_unpack64(&u);
	bits = rc_unpack8(&u);
	hit->head = (bits & HEAD_BIT) != 0;
	hit->prefetch = (bits & PREFETCH_BIT) != 0;
	hit->agent = rc_unpack_str(&u);
	return u.short_read || u.p != u.end ? 0 : len;
}

static enum rc_err
io_error(struct rc_click_file *f, const char *what, struct rc_error *e)
{
	return rc_err_errno(e, RC_EIO, "cannot %s '%s'", what, f->path);
}

/* A fresh, empty file: header written and on disk. */
static enum rc_err
write_header(struct rc_click_file *f, uint64_t id, struct rc_error *e)
{
	unsigned char header[RC_CLICK_HEADER];

	f->id = id;
	memcpy(header, RC_CLICK_MAGIC, 8);
	rc_put64(header + 8, f->id);
	if (ftruncate(f->fd, 0) != 0 ||
	    pwrite(f->fd, header, sizeof(header), 0) != sizeof(header) ||
	    fsync(f->fd) != 0)
		return io_error(f, "write", e);
	f->size = RC_CLICK_HEADER;
	return RC_OK;
}

/* Where the last whole record ends. */
static enum rc_err
find_end(struct rc_click_file *f, uint64_t file_size, struct rc_error *e)
{
	char *piece = malloc(SCAN_PIECE);
	enum rc_err err = RC_OK;
	struct rc_hit hit;

	if (piece == NULL)
		return rc_err_nomem(e);
	while (f->size < file_size) {
		ssize_t n = pread(f->fd, piece, SCAN_PIECE, (off_t)f->size);
		size_t used = 0, len;

		if (n < 0) {
			err = io_error(f, "read", e);
			break;
		}
		while ((len = rc_click_decode(
			    (struct rc_slice){piece + used, (size_t)n - used},
			    &hit)) > 0)
			used += len;
		if (used == 0)
			break;
		f->size += used;
	}
	free(piece);
	return err;
}

/* Takes up the file that is there, where it may be cut off, or begins one. */
static enum rc_err
adopt(struct rc_click_file *f, struct rc_store *store, struct rc_error *e)
{
	unsigned char header[RC_CLICK_HEADER];
	struct rc_click_position position;
	struct stat st;
	enum rc_err err =
	    rc_store_read(store, rc_click_position_get, &position, e);

	if (err != RC_OK)
		return err;
	if (fstat(f->fd, &st) != 0)
		return io_error(f, "read", e);
	if (st.st_size < RC_CLICK_HEADER)
		return write_header(f, position.id + 1, e);
	if (pread(f->fd, header, sizeof(header), 0) != sizeof(header))
		return io_error(f, "read", e);
	f->id = rc_get64(header + 8);
	if (memcmp(header, RC_CLICK_MAGIC, 8) != 0 || f->id < position.id)
		return rc_err_set(e, RC_ECONFIG,
		    "'%s' is not the click file of this state: move it away",
		    f->path);
	f->size = RC_CLICK_HEADER;
	err = find_end(f, (uint64_t)st.st_size, e);
	/*
	 * A power cut takes the end of this file but not the position, which is
	 * synced: what is left was folded, and behind the position nobody would
	 * look for records.
	 */
	if (err == RC_OK && f->id == position.id && f->size < position.offset)
		return write_header(f, f->id + 1, e);
	if (err == RC_OK && f->size < (uint64_t)st.st_size &&
	    ftruncate(f->fd, (off_t)f->size) != 0)
		err = io_error(f, "cut", e);
	return err;
}

static int
open_locked(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

enum rc_err
rc_click_file_open(
    struct rc_click_file **out, struct rc_store *store, struct rc_error *e)
{
	struct rc_click_file *f = calloc(1, sizeof(*f));
	struct rc_buf path = RC_BUF_INIT(4096);
	enum rc_err err;

	*out = NULL;
	if (f == NULL)
		return rc_err_nomem(e);
	f->fd = -1;
	rc_click_path(rc_store_path(store), &path);
	err = rc_buf_check(&path, "path of the state", e);
	if (err != RC_OK)
		goto out;
	f->path = path.data;
	path.data = NULL;
	f->fd = open_locked(f->path);
	if (f->fd < 0)
		err = errno == EWOULDBLOCK
			  ? rc_err_set(e, RC_EAGAIN,
				"another rc-httpd serves this state ('%s' is "
				"locked)",
				f->path)
			  : rc_err_errno(
				e, RC_ECREATE, "cannot open '%s'", f->path);
	else
		err = adopt(f, store, e);
out:
	rc_buf_free(&path);
	if (err != RC_OK) {
		rc_click_file_close(f);
		return err;
	}
	*out = f;
	return RC_OK;
}

void
rc_click_file_close(struct rc_click_file *f)
{
	if (f == NULL)
		return;
	if (f->fd >= 0)
		close(f->fd);
	free(f->path);
	free(f);
}

enum rc_err
rc_click_file_append(
    struct rc_click_file *f, const struct rc_hit *hit, struct rc_error *e)
{
	unsigned char record[RC_CLICK_RECORD_MAX];
	size_t len = rc_click_encode(hit, record);
	ssize_t n;

	do
		n = write(f->fd, record, len);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)len) {
		f->size += len;
		return RC_OK;
	}
	if (n >= 0)
		errno = ENOSPC;
	f->lost++;
	rc_err_errno(e, RC_EIO, "cannot write '%s'", f->path);
	/* Half a record would end the file for every reader. */
	if (n > 0 && ftruncate(f->fd, (off_t)f->size) != 0)
		return io_error(f, "cut", e);
	return RC_EIO;
}

enum rc_err
rc_click_file_sync(struct rc_click_file *f, struct rc_error *e)
{
	return fdatasync(f->fd) == 0 ? RC_OK : io_error(f, "sync", e);
}

uint64_t
rc_click_file_lost(const struct rc_click_file *f)
{
	return f->lost;
}

enum rc_err
rc_click_position_get(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_click_position *position = arg;
	struct rc_slice value;
	enum rc_err err =
	    rc_get(txn, RC_T_META, RC_SLICE_LIT("click_fold"), &value, e);

	*position = (struct rc_click_position){0, 0};
	if (err == RC_OK && value.len == 16) {
		position->id = rc_get64(value.p);
		position->offset = rc_get64(value.p + 8);
	}
	return err == RC_NOTFOUND ? RC_OK : err;
}

enum rc_err
rc_click_file_rotate(
    struct rc_click_file *f, struct rc_store *store, struct rc_error *e)
{
	struct rc_click_position fold;
	struct rc_click_file fresh = {.fd = -1};
	char path[4200];
	enum rc_err err;

	if (f->size < ROTATE_AT)
		return RC_OK;
	err = rc_store_read(store, rc_click_position_get, &fold, e);
	if (err != RC_OK || fold.id != f->id || fold.offset != f->size)
		return err;
	/* A folder may still read the old file: a new one takes its name. */
	snprintf(path, sizeof(path), "%s.new", f->path);
	unlink(path);
	fresh.path = path;
	fresh.fd = open_locked(path);
	if (fresh.fd < 0)
		return rc_err_errno(e, RC_ECREATE, "cannot create '%s'", path);
	err = write_header(&fresh, f->id + 1, e);
	if (err == RC_OK && rename(path, f->path) != 0)
		err = rc_err_errno(e, RC_ECREATE, "cannot rename '%s'", path);
	if (err != RC_OK) {
		close(fresh.fd);
		unlink(path);
		return err;
	}
	/* In place, so that a sync in another thread never sees it closed. */
	if (dup3(fresh.fd, f->fd, O_CLOEXEC) < 0)
		err = io_error(f, "take up", e);
	close(fresh.fd);
	f->id = fresh.id;
	f->size = fresh.size;
	return err;
}
