#include "job/sync_priv.h"

#include "base/num.h"
#include "text/phone.h"

#include <string.h>
#include <sys/mman.h>

#define BYTES_MAX (4ULL << 30)

/*
 * Strings are sorted by their places, one number each: four bytes of the key,
 * the front, from a depth that all of a run have in common, and where the text
 * is.  Nearly all work is on numbers that lie together.
 */
#define FRONT 4	       /* bytes */
#define FRONT_SHIFT 32 /* of the front; below it is the text's place */
#define TEXT_STEP 8    /* bytes to which texts are aligned */
#define AHEAD 16       /* places whose texts are asked for in advance */
#define LARGE_PAGE (2ul << 20)
#define EXPECT_MAX (1u << 30) /* bytes; what a peer says may be anything */
#define LINES 4096	      /* numbers that room is made for at once */

static uint64_t
place_of(uint32_t front, size_t at)
{
	return (uint64_t)front << FRONT_SHIFT | at / TEXT_STEP;
}

static size_t
text_at(uint64_t place)
{
	return (size_t)(uint32_t)place * TEXT_STEP;
}

void
rc_sync_members_init(struct rc_sync_members *m, enum rc_ident_type type)
{
	m->format = rc_list_format(type);
	m->numbers = RC_BUF_INIT(BYTES_MAX);
	m->strings = RC_BUF_INIT(BYTES_MAX);
	m->text = RC_BUF_INIT(BYTES_MAX);
}

/*
 * Texts are read in an order that is none of theirs: with large pages, which
 * must be asked for before the first byte is written, e-mail addresses take a
 * seventh less time.  Without them, nothing is lost.
 */
static void
use_large_pages(struct rc_buf *b, size_t len)
{
	char *room = rc_buf_room(b, len);
	uintptr_t from = ((uintptr_t)room + LARGE_PAGE - 1) & -LARGE_PAGE;
	uintptr_t to = ((uintptr_t)room + len) & -LARGE_PAGE;

	if (room == NULL)
		rc_buf_reset(b);
	else if (from < to)
		(void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}

void
rc_sync_members_expect(struct rc_sync_members *m, uint64_t bytes)
{
	if (m->format != RC_PACK_NUMBERS && bytes <= EXPECT_MAX)
		use_large_pages(&m->text, bytes * 2);
}

void
rc_sync_members_free(struct rc_sync_members *m)
{
	rc_buf_free(&m->numbers);
	rc_buf_free(&m->strings);
	rc_buf_free(&m->text);
}

/* Four bytes of a key; texts end with as many zeros, which no key holds. */
static uint32_t
front_of(const struct rc_sync_members *m, const char *text)
{
	uint32_t v = rc_get32(text);

	return m->format == RC_PACK_FOLDED ? (uint32_t)rc_fold8(v) : v;
}

/* A text is its length in a byte, its bytes, and zeros up to the next step. */
static enum rc_err
add_string(struct rc_sync_members *m, struct rc_slice given, struct rc_error *e)
{
	size_t size =
	    (1 + given.len + FRONT + TEXT_STEP - 1) / TEXT_STEP * TEXT_STEP;
	char *text = rc_buf_room(&m->text, size);
	uint64_t place;
	enum rc_err err = rc_buf_check(&m->text, "the subscriber list", e);

	if (err != RC_OK)
		return err;
	text[0] = (char)given.len;
	memcpy(text + 1, given.p, given.len);
	memset(text + 1 + given.len, 0, size - 1 - given.len);
	place = place_of(front_of(m, text + 1), m->text.len);
	m->text.len += size;
	rc_buf_add(&m->strings, &place, sizeof(place));
	return rc_buf_check(&m->strings, "the subscriber list", e);
}

enum rc_err
rc_sync_members_add(struct rc_sync_members *m, struct rc_slice given,
    struct rc_slice key, struct rc_error *e)
{
	uint64_t num;

	if (m->format != RC_PACK_NUMBERS)
		return add_string(m, given, e);
	num = rc_get64(key.p);
	rc_buf_add(&m->numbers, &num, sizeof(num));
	return rc_buf_check(&m->numbers, "the subscriber list", e);
}

size_t
rc_sync_members_add_lines(struct rc_sync_members *m, struct rc_slice text,
    uint64_t max, uint64_t *lines)
{
	size_t taken = 0, n;

	*lines = 0;
	if (m->format != RC_PACK_NUMBERS)
		return 0;
	do {
		size_t most = max - *lines < LINES ? max - *lines : LINES;
		uint64_t *at =
		    (void *)rc_buf_room(&m->numbers, LINES * sizeof(*at));

		if (at == NULL)
			break;
		taken += rc_phone_lines(
		    (struct rc_slice){text.p + taken, text.len - taken}, at,
		    most, &n);
		m->numbers.len += n * sizeof(*at);
		*lines += n;
	} while (n == LINES);
	return taken;
}

/* --- numbers ------------------------------------------------------------- */

static enum rc_err
pack_numbers(struct rc_sync_members *m, struct rc_packer *to, uint64_t *rows,
    struct rc_error *e)
{
	uint64_t *v = (uint64_t *)(void *)m->numbers.data;
	enum rc_err err;

	*rows = m->numbers.len / sizeof(*v);
	err = rc_sort_u64(v, *rows, 0, e);
	return err == RC_OK ? rc_packer_add_numbers(to, v, *rows, e) : err;
}

/* --- strings ------------------------------------------------------------- */

static struct rc_member
member_at(const struct rc_sync_members *m, uint64_t place)
{
	const char *p = m->text.data + text_at(place);

	return (struct rc_member){.str = {p + 1, (unsigned char)p[0]}};
}

/* Gives places that agree so far the next part of their keys. */
static void
load_fronts(
    const struct rc_sync_members *m, uint64_t *place, size_t n, size_t depth)
{
	for (size_t i = 0; i < n; i++) {
		const char *p = m->text.data + text_at(place[i]);

		if (i + AHEAD < n)
			__builtin_prefetch(
			    m->text.data + text_at(place[i + AHEAD]));
		place[i] =
		    place_of(front_of(m, p + 1 + depth), text_at(place[i]));
	}
}

/*
 * Sorts by the fronts, then what they leave equal by what is behind them, and
 * packs each string as soon as its turn is known: its text has just been read.
 */
static enum rc_err
pack_sorted(const struct rc_sync_members *m, uint64_t *place, size_t n,
    size_t depth, struct rc_packer *to, struct rc_error *e)
{
	enum rc_err err = rc_sort_u64(place, n, FRONT_SHIFT, e);
	size_t run;

	for (size_t i = 0; err == RC_OK && i < n; i += run) {
		uint64_t front = place[i] >> FRONT_SHIFT;
		struct rc_member member;

		for (run = 1; i + run < n; run++)
			if (place[i + run] >> FRONT_SHIFT != front)
				break;
		if (run > 1 && (front & 0xff) != 0) {
			load_fronts(m, &place[i], run, depth + FRONT);
			err = pack_sorted(
			    m, &place[i], run, depth + FRONT, to, e);
			continue;
		}
		/* Where keys end, all of a run are equal: the first is kept. */
		if (run > 1)
			err = rc_sort_u64(&place[i], run, 0, e);
		member = member_at(m, place[i]);
		if (err == RC_OK)
			err = rc_packer_add(to, &member, e);
	}
	return err;
}

static enum rc_err
pack_strings(struct rc_sync_members *m, struct rc_packer *to, uint64_t *rows,
    struct rc_error *e)
{
	uint64_t *place = (uint64_t *)(void *)m->strings.data;

	*rows = m->strings.len / sizeof(*place);
	return pack_sorted(m, place, *rows, 0, to, e);
}

enum rc_err
rc_sync_members_pack(struct rc_sync_members *m, struct rc_list_blocks *blocks,
    uint64_t *duplicates, struct rc_error *e)
{
	struct rc_packer packer;
	uint64_t rows = 0;
	enum rc_err err;

	rc_packer_start(&packer, m->format, rc_list_blocks_emit, blocks);
	if (m->format == RC_PACK_NUMBERS)
		err = pack_numbers(m, &packer, &rows, e);
	else
		err = pack_strings(m, &packer, &rows, e);
	if (err == RC_OK)
		err = rc_packer_finish(&packer, e);
	*duplicates = rows - packer.members;
	rc_sync_members_free(m);
	return err;
}
