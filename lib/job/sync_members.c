#include "job/sync_priv.h"

#include "base/num.h"
#include "text/email.h"
#include "text/phone.h"

#include <sys/mman.h>

#include <string.h>

#define BYTES_MAX (4ULL << 30) /* what a place can say of texts */
#define LARGE_PAGE (2ul << 20)
#define EXPECT_MAX (1u << 30) /* bytes; what a peer says may be anything */
#define LINES 4096	      /* numbers that room is made for at once */
#define TEXT_LINES 256	      /* texts found at once */

void
rc_sync_members_init(struct rc_sync_members *m, enum rc_ident_type type)
{
	*m = (struct rc_sync_members){.format = rc_list_format(type),
	    .numbers = RC_BUF_INIT(BYTES_MAX),
	    .places = RC_BUF_INIT(BYTES_MAX),
	    .text = RC_BUF_INIT(BYTES_MAX)};
}

/*
 * Texts are read in an order that is none of theirs: with large pages, which
 * must be asked for before the first byte is written, e-mail addresses take a
 * seventh less time.  Without them, nothing is lost; and room that is not used
 * takes no memory.
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
	if (m->format == RC_PACK_NUMBERS || bytes < LARGE_PAGE ||
	    bytes > EXPECT_MAX)
		return;
	use_large_pages(&m->places, bytes / 2);
	use_large_pages(&m->text, bytes + RC_SYNC_RUNS * RC_SYNC_RUN);
}

void
rc_sync_members_free(struct rc_sync_members *m)
{
	rc_buf_free(&m->numbers);
	rc_buf_free(&m->places);
	rc_buf_free(&m->text);
	memset(m->run, 0, sizeof(m->run)); /* it may be filled anew */
}

enum rc_err
rc_sync_members_add(struct rc_sync_members *m, struct rc_slice given,
    struct rc_slice key, struct rc_error *e)
{
	uint64_t num;

	if (m->format != RC_PACK_NUMBERS)
		return rc_sync_texts_add(m, given, e);
	num = rc_get64(key.p);
	rc_buf_add(&m->numbers, &num, sizeof(num));
	return rc_buf_check(&m->numbers, "the subscriber list", e);
}

static size_t
add_numbers(struct rc_sync_members *m, struct rc_slice text, uint64_t max,
    uint64_t *lines)
{
	size_t taken = 0, n;

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

static size_t
add_addresses(struct rc_sync_members *m, struct rc_slice text, uint64_t max,
    uint64_t *lines)
{
	struct rc_slice address[TEXT_LINES];
	const char *p = text.p, *end = text.p + text.len;
	size_t n, added;
	struct rc_error e;

	do {
		size_t most =
		    max - *lines < TEXT_LINES ? max - *lines : TEXT_LINES;
		size_t len = rc_email_lines(
		    rc_slice_of(p, (size_t)(end - p)), address, most, &n);

		for (added = 0; added < n; added++)
			if (rc_sync_texts_add(m, address[added], &e) != RC_OK)
				break;
		*lines += added;
		/* Without memory, the row that stays behind will say so. */
		p = added < n ? address[added].p : p + len;
	} while (added == TEXT_LINES);
	return (size_t)(p - text.p);
}

size_t
rc_sync_members_add_lines(struct rc_sync_members *m, struct rc_slice text,
    uint64_t max, uint64_t *lines)
{
	*lines = 0;
	if (m->format == RC_PACK_NUMBERS)
		return add_numbers(m, text, max, lines);
	if (m->format == RC_PACK_FOLDED)
		return add_addresses(m, text, max, lines);
	return 0;
}

static enum rc_err
pack_numbers(struct rc_sync_members *m, struct rc_list_blocks *blocks,
    struct rc_error *e)
{
	uint64_t *v = (uint64_t *)(void *)m->numbers.data;
	size_t n = m->numbers.len / sizeof(*v);
	struct rc_packer packer;
	enum rc_err err = rc_sort_u64(v, n, 0, e);

	rc_packer_start(&packer, m->format, rc_list_blocks_emit, blocks);
	if (err == RC_OK)
		err = rc_packer_add_numbers(&packer, v, n, e);
	return err == RC_OK ? rc_packer_finish(&packer, e) : err;
}

enum rc_err
rc_sync_members_pack(struct rc_sync_members *m, struct rc_list_blocks *blocks,
    uint64_t *duplicates, struct rc_error *e)
{
	uint64_t rows = (m->numbers.len + m->places.len) / sizeof(uint64_t);
	enum rc_err err = m->format == RC_PACK_NUMBERS
			      ? pack_numbers(m, blocks, e)
			      : rc_sync_texts_pack(m, blocks, e);

	*duplicates = rows - blocks->members;
	rc_sync_members_free(m);
	return err;
}
