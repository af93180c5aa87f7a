#include "text/pack.h"

#include "base/num.h"

#include <string.h>

#define HEADER_LEN 3 /* format, members */

static enum rc_err
damaged(struct rc_error *e)
{
	rc_err_set(e, RC_EINTERNAL,
	    "a packed block of the state is damaged: restore a backup");
	return RC_EINTERNAL;
}

size_t
rc_pack_count(struct rc_slice block)
{
	return block.len < HEADER_LEN ? 0 : rc_get16(block.p + 1);
}

enum rc_err
rc_unpacker_start(
    struct rc_unpacker *u, struct rc_slice block, struct rc_error *e)
{
	const unsigned char *p = (const unsigned char *)block.p;

	if (block.len <= HEADER_LEN || block.len > RC_PACK_BLOCK_MAX ||
	    p[0] < RC_PACK_NUMBERS || p[0] > RC_PACK_FOLDED_DOMAINS)
		return damaged(e);
	u->refers = p[0] == RC_PACK_FOLDED_DOMAINS;
	u->format = u->refers ? RC_PACK_FOLDED : (enum rc_pack_format)p[0];
	u->domains.n = 0;
	u->block = p;
	u->p = p + HEADER_LEN;
	u->end = p + block.len;
	u->left = rc_pack_count(block);
	u->first = true;
	u->num = 0;
	u->str_len = 0;
	return u->left == 0 ? damaged(e) : RC_OK;
}

/* rc_varint_get with the common short forms open-coded: it is the loop. */
static inline bool
get_varint(const unsigned char **p, const unsigned char *end, uint64_t *v)
{
	const unsigned char *s = *p;

	if (end - s >= 2) {
		if (s[0] < 0x80) {
			*v = s[0];
			*p = s + 1;
			return true;
		}
		if (s[1] < 0x80) {
			*v = (uint64_t)(s[0] & 0x7f) | (uint64_t)s[1] << 7;
			*p = s + 2;
			return true;
		}
	}
	return rc_varint_get(p, end, v);
}

static inline bool
next_number(struct rc_unpacker *u)
{
	uint64_t v;

	if (!get_varint(&u->p, u->end, &v))
		return false;
	if (u->first) {
		u->num = v;
		u->first = false;
		return true;
	}
	if (v >= UINT64_MAX - u->num)
		return false;
	u->num += v + 1;
	return true;
}

/* The domain a string refers to, behind its rest. */
static bool
get_domain(struct rc_unpacker *u, struct rc_slice *domain)
{
	size_t which;

	if (u->p == u->end)
		return false;
	which = *u->p++;
	if (which >= u->domains.n)
		return false;
	*domain =
	    rc_slice_of(u->block + u->domains.at[which], u->domains.len[which]);
	return true;
}

/* A domain that is spelled out can be referred to from then on. */
static void
note_domain(struct rc_unpacker *u, struct rc_slice rest)
{
	const char *at = memchr(rest.p, '@', rest.len);
	struct rc_pack_domains *d = &u->domains;

	if (at == NULL || d->n == RC_PACK_DOMAINS)
		return;
	d->at[d->n] = (uint16_t)((const unsigned char *)at - u->block);
	d->len[d->n++] = (unsigned char)(rest.p + rest.len - at);
}

/* Whether what follows the shared bytes goes up: a rest, then a domain. */
static bool
goes_up(enum rc_pack_format format, struct rc_slice old, struct rc_slice rest,
    struct rc_slice domain)
{
	size_t n = old.len < rest.len ? old.len : rest.len;
	struct rc_member a = {.str = {old.p, n}}, b = {.str = rest};
	int order = rc_member_cmp(format, &a, &b);

	if (order != 0)
		return order < 0;
	a.str = rc_slice_of(old.p + n, old.len - n);
	b.str = domain;
	return rc_member_cmp(format, &a, &b) < 0;
}

static bool
next_string(struct rc_unpacker *u)
{
	uint64_t shared, len;
	struct rc_slice rest, domain = {"", 0};
	bool refers = false;
	char *to;

	if (!get_varint(&u->p, u->end, &shared) ||
	    !get_varint(&u->p, u->end, &len))
		return false;
	if (u->refers) {
		refers = shared & 1;
		shared >>= 1;
	}
	if (shared > u->str_len || len > RC_MEMBER_MAX - shared ||
	    len > (size_t)(u->end - u->p))
		return false;
	rest = rc_slice_of(u->p, len);
	u->p += len;
	if (refers && (!get_domain(u, &domain) ||
			  domain.len > RC_MEMBER_MAX - shared - len))
		return false;
	if (u->refers && !refers)
		note_domain(u, rest);
	/* What is shared is equal, so the rests tell the order. */
	to = (char *)u->str + shared;
	if (!goes_up(
		u->format, rc_slice_of(to, u->str_len - shared), rest, domain))
		return false;
	memcpy(to, rest.p, rest.len);
	memcpy(to + rest.len, domain.p, domain.len);
	u->str_len = shared + rest.len + domain.len;
	return true;
}

enum rc_err
rc_unpacker_next(struct rc_unpacker *u, struct rc_member *m, struct rc_error *e)
{
	bool fine;

	if (u->left == 0)
		return u->p == u->end ? RC_END : damaged(e);
	fine = u->format == RC_PACK_NUMBERS ? next_number(u) : next_string(u);
	if (!fine)
		return damaged(e);
	u->left--;
	m->num = u->num;
	m->str.p = (const char *)u->str;
	m->str.len = u->str_len;
	return RC_OK;
}

/* In registers: a question in no order skips half a block's members. */
static bool
skip_numbers(struct rc_unpacker *u, uint64_t wanted)
{
	const unsigned char *p = u->p, *end = u->end;
	uint64_t num = u->num, gap;
	size_t left = u->left;

	while (left > 0 && num < wanted) {
		if (end - p >= 2 && p[0] >= 0x80 && p[1] < 0x80) {
			gap = (uint64_t)(p[0] & 0x7f) | (uint64_t)p[1] << 7;
			p += 2;
		} else {
			const unsigned char *from = p;

			if (!get_varint(&from, end, &gap))
				return false;
			p = from;
		}
		if (gap >= UINT64_MAX - num)
			return false;
		num += gap + 1;
		left--;
	}
	u->p = p;
	u->num = num;
	u->left = left;
	return true;
}

enum rc_err
rc_unpacker_seek(struct rc_unpacker *u, const struct rc_member *wanted,
    struct rc_member *m, struct rc_error *e)
{
	enum rc_err r = RC_OK;
	int order;

	if (u->format == RC_PACK_NUMBERS) {
		if (!skip_numbers(u, wanted->num))
			return damaged(e);
		m->num = u->num;
		return m->num < wanted->num ? RC_END : RC_OK;
	}
	while ((order = rc_member_cmp(u->format, m, wanted)) < 0 &&
	       u->left > 0 && r == RC_OK)
		r = rc_unpacker_next(u, m, e);
	return r == RC_OK && order < 0 ? RC_END : r;
}

enum rc_err
rc_unpack_each(
    struct rc_slice block, rc_unpack_fn *fn, void *arg, struct rc_error *e)
{
	struct rc_unpacker u;
	struct rc_member m;
	enum rc_err r = rc_unpacker_start(&u, block, e);

	while (r == RC_OK) {
		r = rc_unpacker_next(&u, &m, e);
		if (r == RC_END)
			return RC_OK;
		if (r == RC_OK)
			r = fn(arg, &m, e);
	}
	return r;
}

enum rc_err
rc_unpack_numbers(
    struct rc_slice block, uint64_t *out, size_t *n, struct rc_error *e)
{
	struct rc_unpacker u;
	enum rc_err r = rc_unpacker_start(&u, block, e);

	*n = 0;
	if (r != RC_OK)
		return r;
	if (u.format != RC_PACK_NUMBERS || u.left > RC_PACK_COUNT_MAX)
		return damaged(e);
	for (; *n < u.left && next_number(&u); ++*n)
		out[*n] = u.num;
	return *n == u.left && u.p == u.end ? RC_OK : damaged(e);
}

enum rc_err
rc_pack_find(
    struct rc_slice block, const struct rc_member *want, struct rc_error *e)
{
	struct rc_unpacker u;
	struct rc_member m;
	enum rc_err r = rc_unpacker_start(&u, block, e);

	if (r == RC_OK)
		r = rc_unpacker_next(&u, &m, e);
	if (r == RC_OK)
		r = rc_unpacker_seek(&u, want, &m, e);
	if (r == RC_OK && rc_member_cmp(u.format, &m, want) == 0)
		return RC_OK;
	return r == RC_OK || r == RC_END ? RC_NOTFOUND : r;
}
