#include "text/pack.h"

#include "base/num.h"

#include <string.h>

#define HEADER_LEN 3 /* format, members */

static unsigned char
fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

static size_t
common_prefix(struct rc_slice a, struct rc_slice b)
{
	size_t n = a.len < b.len ? a.len : b.len, i = 0;
	uint64_t x, y;

	for (; n - i >= sizeof(x); i += sizeof(x)) {
		memcpy(&x, a.p + i, sizeof(x));
		memcpy(&y, b.p + i, sizeof(y));
		if (x != y)
			break;
	}
	while (i < n && a.p[i] == b.p[i])
		i++;
	return i;
}

static int
cmp_folded(struct rc_slice a, struct rc_slice b)
{
	size_t n = a.len < b.len ? a.len : b.len;

	for (size_t i = common_prefix(a, b); i < n; i++) {
		int c =
		    fold((unsigned char)a.p[i]) - fold((unsigned char)b.p[i]);

		if (c != 0)
			return c;
	}
	return (a.len > b.len) - (a.len < b.len);
}

int
rc_member_cmp(enum rc_pack_format format, const struct rc_member *a,
    const struct rc_member *b)
{
	if (format == RC_PACK_NUMBERS)
		return (a->num > b->num) - (a->num < b->num);
	if (format == RC_PACK_FOLDED)
		return cmp_folded(a->str, b->str);
	return rc_slice_cmp(a->str, b->str);
}

size_t
rc_member_key(enum rc_pack_format format, const struct rc_member *m,
    unsigned char key[RC_MEMBER_MAX])
{
	size_t len = m->str.len < RC_MEMBER_MAX ? m->str.len : RC_MEMBER_MAX;

	if (format == RC_PACK_NUMBERS) {
		rc_put64(key, m->num);
		return 8;
	}
	if (format == RC_PACK_FOLDED)
		rc_slice_fold((struct rc_slice){m->str.p, len}, key);
	else
		memcpy(key, m->str.p, len);
	return len;
}

void
rc_packer_start(struct rc_packer *p, enum rc_pack_format format,
    rc_pack_fn *emit, void *arg)
{
	p->format = format;
	p->emit = emit;
	p->arg = arg;
	p->members = 0;
	p->len = HEADER_LEN;
	p->count = 0;
	p->last_num = 0;
	p->last_len = p->first_key_len = 0;
}

static enum rc_err
flush(struct rc_packer *p, struct rc_error *e)
{
	struct rc_slice key = {(const char *)p->first_key, p->first_key_len};
	struct rc_slice block = {(const char *)p->block, p->len};

	p->block[0] = (unsigned char)p->format;
	rc_put16(p->block + 1, (uint16_t)p->count);
	p->len = HEADER_LEN;
	p->count = 0;
	return p->emit(p->arg, key, block, e);
}

static enum rc_err
not_ascending(const struct rc_packer *p, struct rc_error *e)
{
	return rc_err_set(e, RC_EINTERNAL,
	    "member %llu of a packed set is not above the one before",
	    (unsigned long long)p->members + 1);
}

static void
open_block(struct rc_packer *p, const struct rc_member *m)
{
	p->first_key_len = rc_member_key(p->format, m, p->first_key);
	p->room = RC_PACK_RECORD_MAX - p->first_key_len;
	if (p->room > RC_PACK_BLOCK_MAX)
		p->room = RC_PACK_BLOCK_MAX;
}

/* The first number of a block, when the one before was its last. */
static enum rc_err
begin_numbers(struct rc_packer *p, uint64_t num, struct rc_error *e)
{
	enum rc_err r = p->count == 0 ? RC_OK : flush(p, e);

	if (r != RC_OK)
		return r;
	open_block(p, &(struct rc_member){.num = num});
	p->len += rc_varint_put(p->block + p->len, num);
	p->count = 1;
	return RC_OK;
}

/* Long lists are dense: nearly every gap is a byte or two. */
static inline size_t
put_gap(unsigned char *at, uint64_t gap)
{
	if (gap < 0x80) {
		at[0] = (unsigned char)gap;
		return 1;
	}
	if (gap < 0x4000) {
		at[0] = (unsigned char)(gap | 0x80);
		at[1] = (unsigned char)(gap >> 7);
		return 2;
	}
	return rc_varint_put(at, gap);
}

enum rc_err
rc_packer_add_numbers(
    struct rc_packer *p, const uint64_t *v, size_t n, struct rc_error *e)
{
	enum rc_err r = RC_OK;

	for (size_t i = 0; r == RC_OK && i < n; i++) {
		if (p->members > 0 && v[i] <= p->last_num) {
			if (v[i] < p->last_num)
				return not_ascending(p, e);
			continue;
		}
		if (p->count == 0 || p->len + RC_VARINT_MAX > p->room)
			r = begin_numbers(p, v[i], e);
		else {
			p->len +=
			    put_gap(p->block + p->len, v[i] - p->last_num - 1);
			p->count++;
		}
		p->last_num = v[i];
		p->members++;
	}
	return r;
}

static enum rc_err
add_number(struct rc_packer *p, const struct rc_member *m, struct rc_error *e)
{
	if (p->members > 0 && m->num == p->last_num)
		return not_ascending(p, e);
	return rc_packer_add_numbers(p, &m->num, 1, e);
}

static size_t
varint_len(size_t v)
{
	return v < 0x80 ? 1 : 2;
}

static int
cmp_rests(enum rc_pack_format format, const struct rc_member *a,
    const struct rc_member *b, size_t from)
{
	struct rc_member x = {0, {a->str.p + from, a->str.len - from}};
	struct rc_member y = {0, {b->str.p + from, b->str.len - from}};

	return rc_member_cmp(format, &x, &y);
}

static enum rc_err
add_string(struct rc_packer *p, const struct rc_member *m, struct rc_error *e)
{
	struct rc_member last = {0, {(const char *)p->last, p->last_len}};
	size_t shared = 0, rest;
	enum rc_err r;

	if (m->str.len == 0 || m->str.len > RC_MEMBER_MAX)
		return rc_err_set(e, RC_EINTERNAL,
		    "a member of %zu bytes for a packed set", m->str.len);
	/* What is shared is equal, so the rests tell the order. */
	if (p->members > 0) {
		shared = common_prefix(last.str, m->str);
		if (cmp_rests(p->format, &last, m, shared) >= 0)
			return not_ascending(p, e);
	}
	if (p->count == 0)
		shared = 0;
	rest = m->str.len - shared;
	if (p->count > 0 &&
	    p->len + varint_len(shared) + varint_len(rest) + rest > p->room) {
		if ((r = flush(p, e)) != RC_OK)
			return r;
		shared = 0;
		rest = m->str.len;
	}
	if (p->count == 0)
		open_block(p, m);
	p->len += rc_varint_put(p->block + p->len, shared);
	p->len += rc_varint_put(p->block + p->len, rest);
	memcpy(p->block + p->len, m->str.p + shared, rest);
	p->len += rest;
	memcpy(p->last, m->str.p, m->str.len);
	p->last_len = m->str.len;
	p->count++;
	p->members++;
	return RC_OK;
}

enum rc_err
rc_packer_add(
    struct rc_packer *p, const struct rc_member *m, struct rc_error *e)
{
	return p->format == RC_PACK_NUMBERS ? add_number(p, m, e)
					    : add_string(p, m, e);
}

enum rc_err
rc_packer_finish(struct rc_packer *p, struct rc_error *e)
{
	return p->count == 0 ? RC_OK : flush(p, e);
}
