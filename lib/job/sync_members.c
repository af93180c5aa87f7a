#include "job/sync_priv.h"

#include "base/num.h"

#include <stdlib.h>
#include <string.h>

#define BYTES_MAX (4ULL << 30)

/*
 * A string and eight bytes of its key, from a depth that all strings of a run
 * have in common: nearly all comparisons are of numbers that lie together.
 */
struct place {
	uint64_t front; /* big-endian, zeros behind the key's end */
	uint64_t at;	/* of its length byte in text */
};
#define FRONT sizeof(uint64_t)

void
rc_sync_members_init(struct rc_sync_members *m, enum rc_ident_type type)
{
	m->format = rc_list_format(type);
	m->numbers = RC_BUF_INIT(BYTES_MAX);
	m->strings = RC_BUF_INIT(BYTES_MAX);
	m->text = RC_BUF_INIT(BYTES_MAX);
}

void
rc_sync_members_free(struct rc_sync_members *m)
{
	rc_buf_free(&m->numbers);
	rc_buf_free(&m->strings);
	rc_buf_free(&m->text);
}

/* No key holds a zero byte. */
static uint64_t
front_of(struct rc_slice key)
{
	unsigned char front[FRONT] = {0};

	memcpy(front, key.p, key.len < FRONT ? key.len : FRONT);
	return rc_get64(front);
}

static enum rc_err
add_string(struct rc_sync_members *m, struct rc_slice given,
    struct rc_slice key, struct rc_error *e)
{
	struct place place = {.front = front_of(key), .at = m->text.len};
	enum rc_err err;

	rc_buf_add8(&m->text, (uint8_t)given.len);
	rc_buf_addv(&m->text, given);
	rc_buf_add(&m->strings, &place, sizeof(place));
	err = rc_buf_check(&m->text, "the subscriber list", e);
	return err == RC_OK
		   ? rc_buf_check(&m->strings, "the subscriber list", e)
		   : err;
}

enum rc_err
rc_sync_members_add(struct rc_sync_members *m, struct rc_slice given,
    struct rc_slice key, struct rc_error *e)
{
	uint64_t num;

	if (m->format != RC_PACK_NUMBERS)
		return add_string(m, given, key, e);
	num = rc_get64(key.p);
	rc_buf_add(&m->numbers, &num, sizeof(num));
	return rc_buf_check(&m->numbers, "the subscriber list", e);
}

/* --- numbers ------------------------------------------------------------- */

static enum rc_err
pack_numbers(struct rc_sync_members *m, struct rc_packer *to,
    uint64_t *duplicates, struct rc_error *e)
{
	size_t n = m->numbers.len / sizeof(uint64_t), unique;
	uint64_t *v = (uint64_t *)(void *)m->numbers.data, *sorted;
	uint64_t *scratch = malloc((n + 1) * sizeof(*scratch));
	enum rc_err err = RC_OK;

	if (scratch == NULL)
		return rc_err_nomem(e);
	sorted = n == 0 ? v : rc_sort_u64(v, scratch, n);
	/* The half that is not needed goes before the packing needs room. */
	if (sorted == v) {
		free(scratch);
		scratch = NULL;
	} else
		rc_buf_free(&m->numbers);
	unique = rc_dedup_u64(sorted, n);
	*duplicates = n - unique;
	for (size_t i = 0; err == RC_OK && i < unique; i++)
		err =
		    rc_packer_add(to, &(struct rc_member){.num = sorted[i]}, e);
	free(scratch);
	return err;
}

/* --- strings ------------------------------------------------------------- */

static struct rc_member
member_at(const struct rc_sync_members *m, const struct place *place)
{
	const char *p = m->text.data + place->at;

	return (struct rc_member){.str = {p + 1, (unsigned char)p[0]}};
}

/* Equal members stay in file order, so that the first of them is kept. */
static int
compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->front != y->front)
		return x->front < y->front ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static void
load_fronts(const struct rc_sync_members *m, struct place *place, size_t n,
    size_t depth)
{
	unsigned char key[RC_MEMBER_MAX];

	for (size_t i = 0; i < n; i++) {
		struct rc_member member = member_at(m, &place[i]);
		size_t len = rc_member_key(m->format, &member, key);

		place[i].front = front_of(
		    rc_slice_of(key + depth, len > depth ? len - depth : 0));
	}
}

/* Sorts by the fronts, then what they leave equal by what is behind them. */
static void
sort_strings(const struct rc_sync_members *m, struct place *place, size_t n,
    size_t depth)
{
	size_t run;

	qsort(place, n, sizeof(*place), compare);
	for (size_t i = 0; i < n; i += run) {
		uint64_t front = place[i].front;

		for (run = 1; i + run < n && place[i + run].front == front;)
			run++;
		/* A zero at the end: their keys end here. */
		if (run == 1 || (front & 0xff) == 0)
			continue;
		load_fronts(m, &place[i], run, depth + FRONT);
		sort_strings(m, &place[i], run, depth + FRONT);
	}
}

static enum rc_err
pack_strings(struct rc_sync_members *m, struct rc_packer *to,
    uint64_t *duplicates, struct rc_error *e)
{
	struct place *place = (struct place *)(void *)m->strings.data;
	size_t n = m->strings.len / sizeof(*place);
	struct rc_member last = {0}, member;
	enum rc_err err = RC_OK;

	*duplicates = 0;
	if (n > 0)
		sort_strings(m, place, n, 0);
	for (size_t i = 0; err == RC_OK && i < n; i++) {
		member = member_at(m, &place[i]);
		if (i > 0 && rc_member_cmp(m->format, &last, &member) == 0)
			(*duplicates)++;
		else
			err = rc_packer_add(to, &member, e);
		last = member;
	}
	return err;
}

enum rc_err
rc_sync_members_pack(struct rc_sync_members *m, struct rc_list_blocks *blocks,
    uint64_t *duplicates, struct rc_error *e)
{
	struct rc_packer packer;
	enum rc_err err;

	rc_packer_start(&packer, m->format, rc_list_blocks_emit, blocks);
	if (m->format == RC_PACK_NUMBERS)
		err = pack_numbers(m, &packer, duplicates, e);
	else
		err = pack_strings(m, &packer, duplicates, e);
	if (err == RC_OK)
		err = rc_packer_finish(&packer, e);
	rc_sync_members_free(m);
	return err;
}
