#include "job/sync_priv.h"

#include "sys/thread.h"

#include <endian.h>
#include <string.h>

/*
 * Texts are sorted by their places, one number each: four bytes of the key, the
 * front, from a depth that all of a range have in common, and where the text
 * is.  Nearly all work is on numbers that lie together.
 *
 * What there is of many texts is read in the order of their keys: those that
 * begin alike are kept together, in runs of their own, so that they are in the
 * caches when their turn comes.  Whichever run a text is in, one equal to it
 * that came before lies before it.
 */
#define FRONT 4		/* bytes */
#define FRONT_SHIFT 32	/* of the front; below it is the text's place */
#define RUN 16384	/* bytes of texts that begin alike */
#define FEW (1u << 20)	/* bytes of texts that stay in the caches anyway */
#define AHEAD 16	/* places whose texts are asked for in advance */
#define MANY (1u << 18) /* texts packed by two threads */

static uint64_t
place_of(uint32_t front, size_t at)
{
	return (uint64_t)front << FRONT_SHIFT | at;
}

static size_t
text_at(uint64_t place)
{
	return (uint32_t)place;
}

/*
 * The first four of as many bytes of a key as are left of it; zeros, which no
 * key holds, behind them.  Four are there at p in any case.
 */
static uint32_t
front_of(enum rc_pack_format format, const char *p, size_t left)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	v = be32toh(v);
	if (left < FRONT)
		v &= ~(UINT32_MAX >> 8 * left);
	return format == RC_PACK_FOLDED ? (uint32_t)rc_fold8(v) : v;
}

/* Which run a text belongs to: letters in capitals go with small ones. */
static size_t
run_of(const struct rc_sync_members *m, struct rc_slice text)
{
	if (m->text.len < FEW)
		return 0;
	return (size_t)(text.p[0] & 0x1f) << 5 |
	       (text.len > 1 ? text.p[1] & 0x1f : 0);
}

/* A text is its length in a byte, and its bytes. */
enum rc_err
rc_sync_texts_add(
    struct rc_sync_members *m, struct rc_slice given, struct rc_error *e)
{
	struct rc_sync_text_run *run = &m->run[run_of(m, given)];
	enum rc_err err;
	uint64_t place;
	char *text;

	/* A front may be read from what lies behind the last text. */
	if (run->left < 1 + given.len + FRONT) {
		text = rc_buf_room(&m->text, RC_SYNC_RUN);
		err = rc_buf_check(&m->text, "the subscriber list", e);
		if (text == NULL)
			return err;
		*run = (struct rc_sync_text_run){
		    (uint32_t)m->text.len, RC_SYNC_RUN};
		m->text.len += RUN;
	}
	text = m->text.data + run->at;
	text[0] = (char)given.len;
	memcpy(text + 1, given.p, given.len);
	/* What is being written is slow to read. */
	place = place_of(front_of(m->format,
			     given.len < FRONT ? text + 1 : given.p, given.len),
	    run->at);
	run->at += (uint32_t)(1 + given.len);
	run->left -= (uint32_t)(1 + given.len);
	rc_buf_add(&m->places, &place, sizeof(place));
	return rc_buf_check(&m->places, "the subscriber list", e);
}

/* --- packing ------------------------------------------------------------- */

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
		size_t at = text_at(place[i]);
		const char *p = m->text.data + at;

		if (i + AHEAD < n)
			__builtin_prefetch(
			    m->text.data + text_at(place[i + AHEAD]));
		place[i] = place_of(front_of(m->format, p + 1 + depth,
					(unsigned char)p[0] - depth),
		    at);
	}
}

/* How many places from the first on have its front. */
static size_t
alike(const uint64_t *place, size_t n)
{
	size_t run = 1;

	while (run < n && place[run] >> FRONT_SHIFT == place[0] >> FRONT_SHIFT)
		run++;
	return run;
}

/*
 * Of places that are sorted by their fronts, sorts what these leave equal by
 * what is behind them, and packs each text as soon as its turn is known: it has
 * just been read.
 */
static enum rc_err
pack_sorted(const struct rc_sync_members *m, uint64_t *place, size_t n,
    size_t depth, struct rc_packer *to, struct rc_error *e)
{
	enum rc_err err = RC_OK;
	size_t run;

	for (size_t i = 0; err == RC_OK && i < n; i += run) {
		uint64_t front = place[i] >> FRONT_SHIFT;
		struct rc_member member;

		run = alike(&place[i], n - i);
		if (run > 1 && (front & 0xff) != 0) {
			load_fronts(m, &place[i], run, depth + FRONT);
			err = rc_sort_u64(&place[i], run, FRONT_SHIFT, e);
			if (err == RC_OK)
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

/* Places that are sorted by their fronts, and where their texts go. */
struct share {
	const struct rc_sync_members *m;
	uint64_t *place;
	size_t n;
	struct rc_list_blocks *blocks;
	enum rc_err err;
	struct rc_error e;
};

static void *
pack_share(void *arg)
{
	struct share *s = arg;
	struct rc_packer packer;

	rc_packer_start(&packer, s->m->format, rc_list_blocks_emit, s->blocks);
	s->err = pack_sorted(s->m, s->place, s->n, 0, &packer, &s->e);
	if (s->err == RC_OK)
		s->err = rc_packer_finish(&packer, &s->e);
	return NULL;
}

/* Before which place the second share begins, if there are two. */
static size_t
half_way(const uint64_t *place, size_t n)
{
	size_t half = n / 2;

	return n < MANY ? n : half + alike(&place[half], n - half);
}

/* The blocks are the same whether there is another thread to be had or not. */
enum rc_err
rc_sync_texts_pack(struct rc_sync_members *m, struct rc_list_blocks *blocks,
    struct rc_error *e)
{
	uint64_t *place = (uint64_t *)(void *)m->places.data;
	size_t n = m->places.len / sizeof(*place), half;
	struct rc_list_blocks more;
	struct share first = {.m = m, .place = place, .blocks = blocks};
	struct share second = {.m = m, .blocks = &more};
	pthread_t thread;
	bool aside;
	enum rc_err err = rc_sort_u64(place, n, FRONT_SHIFT, e);

	if (err != RC_OK)
		return err;
	first.n = half = half_way(place, n);
	second.place = place + half;
	second.n = n - half;
	rc_list_blocks_init(&more);
	aside = second.n > 0 && rc_thread_start(&thread, pack_share, &second);
	pack_share(&first);
	if (aside)
		pthread_join(thread, NULL);
	else
		pack_share(&second);
	err = first.err == RC_OK ? second.err : first.err;
	if (err == RC_OK)
		err = rc_list_blocks_append(blocks, &more, e);
	else
		*e = first.err == RC_OK ? second.e : first.e;
	rc_list_blocks_free(&more);
	return err;
}
