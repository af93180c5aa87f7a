#include "sys/zone.h"

#include "base/num.h"
#include "sys/zone_rule.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZONE_FILE_MAX 65536 /* the longest there is has 4 KB */
#define HEADER_LEN 44
#define TYPE_LEN 6
#define RULE_MAX 128

struct rc_zone {
	struct rc_zone_rule rule; /* from the last transition on */
	bool ruled;
	int32_t first; /* offset before the first transition */
	size_t n;
	struct transition {
		int64_t at_s;
		int32_t offset;
	} transition[];
};

/* --- reading -------------------------------------------------------------- */

struct counts {
	uint32_t isut, isstd, leap, time, type, name; /* as in the header */
};

/* Counts of a block, and the header is skipped; version 0 of the first one. */
static bool
take_header(struct rc_unpack *u, struct counts *c)
{
	struct rc_slice magic = rc_unpack_bytes(u, 4);
	uint8_t version = rc_unpack8(u);

	rc_unpack_bytes(u, 15);
	c->isut = rc_unpack32(u);
	c->isstd = rc_unpack32(u);
	c->leap = rc_unpack32(u);
	c->time = rc_unpack32(u);
	c->type = rc_unpack32(u);
	c->name = rc_unpack32(u);
	return !u->short_read && rc_slice_is(magic, "TZif") && version >= '2' &&
	       c->time < ZONE_FILE_MAX && c->type <= 256 && c->type > 0 &&
	       c->leap < ZONE_FILE_MAX && c->name < ZONE_FILE_MAX &&
	       c->isut <= c->type && c->isstd <= c->type;
}

/* What follows the times and types of a block whose times have so many bytes.
 */
static size_t
rest_len(const struct counts *c, size_t time_len)
{
	return c->name + c->leap * (time_len + 4) + c->isstd + c->isut;
}

static int32_t
offset_of(struct rc_slice types, size_t type)
{
	return (int32_t)rc_get32(types.p + type * TYPE_LEN);
}

static bool
take_rule(struct rc_zone *z, struct rc_unpack *u)
{
	struct rc_slice rest = rc_unpack_bytes(u, (size_t)(u->end - u->p));
	char text[RULE_MAX];

	if (rest.len < 2 || rest.len - 1 > sizeof(text) || rest.p[0] != '\n' ||
	    rest.p[rest.len - 1] != '\n')
		return false;
	memcpy(text, rest.p + 1, rest.len - 2);
	text[rest.len - 2] = '\0';
	z->ruled = text[0] != '\0';
	return !z->ruled || rc_zone_rule_parse(text, &z->rule);
}

static bool
fill(struct rc_zone *z, const struct counts *c, struct rc_unpack *u)
{
	struct rc_slice times = rc_unpack_bytes(u, c->time * (size_t)8);
	struct rc_slice kinds = rc_unpack_bytes(u, c->time);
	struct rc_slice types = rc_unpack_bytes(u, c->type * (size_t)TYPE_LEN);

	rc_unpack_bytes(u, rest_len(c, 8));
	if (u->short_read)
		return false;
	z->first = offset_of(types, 0);
	z->n = c->time;
	for (size_t i = 0; i < z->n; i++) {
		uint8_t type = (uint8_t)kinds.p[i];

		if (type >= c->type)
			return false;
		z->transition[i].at_s = (int64_t)rc_get64(times.p + i * 8);
		z->transition[i].offset = offset_of(types, type);
		if (i > 0 && z->transition[i].at_s <= z->transition[i - 1].at_s)
			return false;
	}
	return take_rule(z, u);
}

/* The first block has times of 32 bits, for readers of long ago. */
static enum rc_err
decode(struct rc_zone **out, struct rc_slice file, const char *path,
    struct rc_error *e)
{
	struct rc_unpack u = rc_unpack_start(file);
	struct counts c;
	struct rc_zone *z = NULL;
	bool fine = take_header(&u, &c);

	if (fine) {
		rc_unpack_bytes(&u, c.time * (size_t)5 +
					c.type * (size_t)TYPE_LEN +
					rest_len(&c, 4));
		fine = take_header(&u, &c);
	}
	if (fine) {
		z = calloc(1, sizeof(*z) + c.time * sizeof(z->transition[0]));
		if (z == NULL)
			return rc_err_nomem(e);
		fine = fill(z, &c, &u);
	}
	if (!fine) {
		free(z);
		return rc_err_set(
		    e, RC_ECONFIG, "'%s' is no time zone (TZif 2)", path);
	}
	*out = z;
	return RC_OK;
}

static enum rc_err
read_file(struct rc_buf *b, const char *path, struct rc_error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *room = rc_buf_room(b, ZONE_FILE_MAX);
	ssize_t n = 0;

	if (fd < 0)
		return rc_err_errno(e, RC_ECONFIG,
		    "cannot read the time zone '%s' (package tzdata)", path);
	while (room != NULL && b->len < ZONE_FILE_MAX &&
	       (n = read(fd, room + b->len, ZONE_FILE_MAX - b->len)) > 0)
		b->len += (size_t)n;
	close(fd);
	if (n < 0)
		return rc_err_errno(
		    e, RC_ECONFIG, "cannot read the time zone '%s'", path);
	return rc_buf_check(b, path, e);
}

enum rc_err
rc_zone_open(
    struct rc_zone **out, const char *dir, const char *name, struct rc_error *e)
{
	struct rc_buf file = RC_BUF_INIT(ZONE_FILE_MAX);
	struct rc_buf path = RC_BUF_INIT(4096);
	bool known = dir != NULL && *dir != '\0';
	enum rc_err err;

	*out = NULL;
	rc_buf_addf(&path, "%s/%s", known ? dir : RC_ZONE_DIR, name);
	err = rc_buf_check(&path, "the time zone's path", e);
	if (err == RC_OK)
		err = read_file(&file, rc_buf_str(&path), e);
	if (err == RC_OK)
		err = decode(out, rc_buf_slice(&file), rc_buf_str(&path), e);
	rc_buf_free(&file);
	rc_buf_free(&path);
	return err;
}

void
rc_zone_close(struct rc_zone *z)
{
	free(z);
}

/* --- asking --------------------------------------------------------------- */

int32_t
rc_zone_offset(const struct rc_zone *z, int64_t utc_s)
{
	size_t low = 0, high = z->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (z->transition[middle].at_s <= utc_s)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == z->n && z->ruled)
		return rc_zone_rule_offset(&z->rule, utc_s);
	return low == 0 ? z->first : z->transition[low - 1].offset;
}
