#include "core/journal_priv.h"

#include "base/num.h"
#include "core/list.h"

#include <stdlib.h>
#include <string.h>

#define BYTES_MAX (4ULL << 30)

/* Where a block's record lies in bytes, and its digest. */
struct place {
	size_t at;
	unsigned char digest[RC_SHA256_LEN];
};

struct rc_journal_set {
	enum rc_pack_format format;
	struct rc_packer packer;
	uint64_t members;
	struct rc_buf bytes;  /* u16 key length, key, u16 length, value … */
	struct rc_buf places; /* struct place, in order */
	struct rc_buf *into;  /* where new blocks' places go */
	bool finished;
};

static enum rc_err
keep_block(
    void *arg, struct rc_slice key, struct rc_slice block, struct rc_error *e)
{
	struct rc_journal_set *s = arg;
	struct place place = {.at = s->bytes.len};
	unsigned char len[2], value[RC_JOURNAL_VALUE_MAX];
	size_t value_len = RC_JOURNAL_SALT + block.len;
	enum rc_err err = rc_random(value, RC_JOURNAL_SALT, e);

	if (err != RC_OK)
		return err;
	memcpy(value + RC_JOURNAL_SALT, block.p, block.len);
	rc_sha256(rc_slice_of(value, value_len), place.digest);
	rc_put16(len, (uint16_t)key.len);
	rc_buf_add(&s->bytes, len, sizeof(len));
	rc_buf_addv(&s->bytes, key);
	rc_put16(len, (uint16_t)value_len);
	rc_buf_add(&s->bytes, len, sizeof(len));
	rc_buf_add(&s->bytes, value, value_len);
	rc_buf_add(s->into, &place, sizeof(place));
	err = rc_buf_check(&s->bytes, "a journal set", e);
	return err == RC_OK ? rc_buf_check(s->into, "a journal set", e) : err;
}

enum rc_err
rc_journal_set_open(
    struct rc_journal_set **out, enum rc_ident_type type, struct rc_error *e)
{
	struct rc_journal_set *s = calloc(1, sizeof(*s));

	*out = s;
	if (s == NULL)
		return rc_err_nomem(e);
	s->format = rc_list_format(type);
	s->bytes = RC_BUF_INIT(BYTES_MAX);
	s->places = RC_BUF_INIT(BYTES_MAX);
	s->into = &s->places;
	rc_packer_start(&s->packer, s->format, keep_block, s);
	return RC_OK;
}

void
rc_journal_set_close(struct rc_journal_set *s)
{
	if (s == NULL)
		return;
	rc_buf_free(&s->bytes);
	rc_buf_free(&s->places);
	free(s);
}

enum rc_err
rc_journal_set_add(
    struct rc_journal_set *s, const struct rc_member *m, struct rc_error *e)
{
	s->members++;
	return rc_packer_add(&s->packer, m, e);
}

enum rc_err
rc_journal_set_copy(struct rc_journal_set *s, const struct rc_list_blocks *list,
    struct rc_error *e)
{
	struct rc_slice key, block;
	enum rc_err err = RC_OK;

	for (size_t at = 0; err == RC_OK && at < list->bytes.len;) {
		rc_list_blocks_take(list, &at, &key, &block);
		err = keep_block(s, key, block, e);
	}
	s->members = list->members;
	return err;
}

enum rc_err
rc_journal_set_finish(struct rc_journal_set *s, struct rc_error *e)
{
	s->finished = true;
	return rc_packer_finish(&s->packer, e);
}

uint64_t
rc_journal_set_count(const struct rc_journal_set *s)
{
	return s == NULL ? 0 : s->members;
}

size_t
rc_journal_set_blocks(const struct rc_journal_set *s)
{
	return s == NULL ? 0 : s->places.len / sizeof(struct place);
}

struct rc_journal_block
rc_journal_set_block(const struct rc_journal_set *s, size_t i)
{
	const struct place *place =
	    (const struct place *)(const void *)s->places.data + i;
	const char *p = s->bytes.data + place->at;
	struct rc_journal_block b = {.digest = place->digest};

	b.first_key = (struct rc_slice){p + 2, rc_get16(p)};
	p += 2 + b.first_key.len;
	b.value = (struct rc_slice){p + 2, rc_get16(p)};
	return b;
}

struct rc_slice
rc_journal_unsalt(struct rc_slice value)
{
	if (value.len < RC_JOURNAL_SALT)
		return (struct rc_slice){"", 0};
	return (struct rc_slice){
	    value.p + RC_JOURNAL_SALT, value.len - RC_JOURNAL_SALT};
}

enum rc_err
rc_journal_set_each(const struct rc_journal_set *s, rc_pack_fn *fn, void *arg,
    struct rc_error *e)
{
	enum rc_err err = RC_OK;

	for (size_t i = 0; err == RC_OK && i < rc_journal_set_blocks(s); i++) {
		struct rc_journal_block b = rc_journal_set_block(s, i);

		err = fn(arg, b.first_key, rc_journal_unsalt(b.value), e);
	}
	return err;
}

/* --- patching ------------------------------------------------------------ */

/* The block a member is in or belongs to: the last that starts at or before
 * it, else the first. */
static size_t
find_block(const struct rc_journal_set *s, const struct rc_member *m)
{
	unsigned char key[RC_IDENT_KEY_MAX];
	struct rc_slice want = {(char *)key, rc_member_key(s->format, m, key)};
	size_t low = 0, high = rc_journal_set_blocks(s);

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		struct rc_journal_block b = rc_journal_set_block(s, mid);

		if (rc_slice_cmp(b.first_key, want) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low == 0 ? 0 : low - 1;
}

/* Copies a block's members into the packer but for m, which goes in at its
 * place if present.  *found tells whether the block had it. */
static enum rc_err
repack(struct rc_packer *to, struct rc_slice block, const struct rc_member *m,
    bool present, bool *found, struct rc_error *e)
{
	struct rc_unpacker from;
	struct rc_member x;
	bool pending = present;
	enum rc_err err = RC_END;

	*found = false;
	if (block.len > 0)
		err = rc_unpacker_start(&from, block, e);
	while (err != RC_END) {
		int order;

		if (err == RC_OK)
			err = rc_unpacker_next(&from, &x, e);
		if (err == RC_END)
			break;
		if (err != RC_OK)
			return err;
		order = rc_member_cmp(to->format, &x, m);
		*found = *found || order == 0;
		if (order >= 0 && pending) {
			err = rc_packer_add(to, m, e);
			pending = false;
		}
		if (err == RC_OK && order != 0)
			err = rc_packer_add(to, &x, e);
	}
	if (pending) {
		err = rc_packer_add(to, m, e);
		if (err != RC_OK)
			return err;
	}
	return rc_packer_finish(to, e);
}

/* Puts new places where the old one was (or, without one, at i). */
static enum rc_err
splice(struct rc_journal_set *s, size_t i, size_t old,
    const struct rc_buf *fresh, struct rc_error *e)
{
	size_t size = sizeof(struct place), at = i * size;
	size_t tail = s->places.len - at - old * size;

	if (rc_buf_room(&s->places, fresh->len) == NULL)
		return rc_buf_check(&s->places, "a journal set", e);
	memmove(s->places.data + at + fresh->len,
	    s->places.data + at + old * size, tail);
	if (fresh->len > 0)
		memcpy(s->places.data + at, fresh->data, fresh->len);
	rc_buf_cut(&s->places, at + fresh->len + tail);
	return RC_OK;
}

enum rc_err
rc_journal_set_patch(struct rc_journal_set *s, const struct rc_member *m,
    bool present, struct rc_error *e)
{
	struct rc_buf fresh = RC_BUF_INIT(BYTES_MAX);
	struct rc_slice block = {"", 0};
	size_t i = find_block(s, m), bytes_before = s->bytes.len;
	size_t old = rc_journal_set_blocks(s) > 0;
	struct rc_packer packer;
	char copy[RC_JOURNAL_VALUE_MAX];
	bool found;
	enum rc_err err;

	if (old) {
		/* A copy: the set's bytes may move while new ones come. */
		block = rc_journal_unsalt(rc_journal_set_block(s, i).value);
		memcpy(copy, block.p, block.len);
		block.p = copy;
	}
	s->into = &fresh;
	rc_packer_start(&packer, s->format, keep_block, s);
	err = repack(&packer, block, m, present, &found, e);
	s->into = &s->places;
	if (err == RC_OK && found == present)
		err = RC_NOTFOUND;
	if (err == RC_OK)
		err = splice(s, i, old, &fresh, e);
	if (err == RC_OK)
		s->members += present ? 1 : -1ULL;
	else
		rc_buf_cut(&s->bytes, bytes_before);
	rc_buf_free(&fresh);
	return err;
}
