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
	p->domains.n = 0;
	memset(p->slot, 0, sizeof(p->slot));
}

static enum rc_err
flush(struct rc_packer *p, struct rc_error *e)
{
	struct rc_slice key = {(const char *)p->first_key, p->first_key_len};
	struct rc_slice block = {(const char *)p->block, p->len};

	p->block[0] = p->format == RC_PACK_FOLDED ? RC_PACK_FOLDED_DOMAINS
						  : (unsigned char)p->format;
	rc_put16(p->block + 1, (uint16_t)p->count);
	if (p->domains.n > 0)
		memset(p->slot, 0, sizeof(p->slot));
	p->domains.n = 0;
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

/* --- strings ------------------------------------------------------------- */

/* A string as it lies in a block. */
struct record {
	size_t shared; /* bytes, with the string before */
	struct rc_slice rest;
	struct rc_slice domain; /* at the end of an address, or empty */
	size_t slot;		/* of the domain */
	bool refers;		/* to that domain, which is not in the rest */
};

static size_t
varint_len(size_t v)
{
	return v < 0x80 ? 1 : 2;
}

static size_t
record_len(const struct record *r, bool may_refer)
{
	return varint_len(may_refer ? r->shared << 1 : r->shared) +
	       varint_len(r->rest.len) + r->rest.len + r->refers;
}

/* The slot that holds the domain, or the free one where it belongs. */
static size_t
slot_of(const struct rc_packer *p, struct rc_slice domain)
{
	uint64_t front = 0, back = 0;
	size_t n = domain.len < sizeof(front) ? domain.len : sizeof(front);
	size_t slot, which;

	memcpy(&front, domain.p, n);
	memcpy(&back, domain.p + domain.len - n, n);
	front = (front ^ back << 7 ^ domain.len) * 0x9e3779b97f4a7c15ULL;
	for (slot = front >> 55;; slot = (slot + 1) % RC_PACK_SLOTS) {
		which = p->slot[slot];
		if (which == 0 ||
		    rc_slice_eq(
			domain, rc_slice_of(p->block + p->domains.at[which - 1],
				    p->domains.len[which - 1])))
			return slot;
	}
}

/*
 * Domains are never shared with the string before, so that each that is not
 * referred to is spelled out whole.
 */
static struct record
make_record(const struct rc_packer *p, struct rc_slice str, size_t shared)
{
	const char *at = NULL;
	struct record r = {.shared = shared};

	if (p->format == RC_PACK_FOLDED)
		at = memchr(str.p, '@', str.len);
	if (at != NULL) {
		size_t local = (size_t)(at - str.p);

		r.shared = shared < local ? shared : local;
		r.domain = rc_slice_of(at, str.len - local);
		r.slot = slot_of(p, r.domain);
		r.refers = p->slot[r.slot] != 0;
		if (r.refers)
			str.len = local;
	}
	r.rest = rc_slice_of(str.p + r.shared, str.len - r.shared);
	return r;
}

static void
put_record(struct rc_packer *p, const struct record *r)
{
	bool may_refer = p->format == RC_PACK_FOLDED;
	size_t shared = may_refer ? r->shared << 1 | r->refers : r->shared;
	struct rc_pack_domains *d = &p->domains;

	p->len += put_gap(p->block + p->len, shared);
	p->len += put_gap(p->block + p->len, r->rest.len);
	memcpy(p->block + p->len, r->rest.p, r->rest.len);
	p->len += r->rest.len;
	if (r->refers) {
		p->block[p->len++] = (unsigned char)(p->slot[r->slot] - 1);
	} else if (r->domain.len > 0 && d->n < RC_PACK_DOMAINS) {
		d->at[d->n] = (uint16_t)(p->len - r->domain.len);
		d->len[d->n++] = (unsigned char)r->domain.len;
		p->slot[r->slot] = (unsigned char)d->n;
	}
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
	struct record record;
	size_t shared = 0;
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
	record = make_record(p, m->str, p->count == 0 ? 0 : shared);
	if (p->count > 0 &&
	    p->len + record_len(&record, p->format == RC_PACK_FOLDED) >
		p->room) {
		if ((r = flush(p, e)) != RC_OK)
			return r;
		record = make_record(p, m->str, 0);
	}
	if (p->count == 0)
		open_block(p, m);
	put_record(p, &record);
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
