#include "text/pack.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/*
 * Numbers are dealt out in place into buckets by the top of their range, as
 * many as stay in the caches; then each is sorted from the lowest digit up,
 * with little scratch that stays there, too.  As fast as the latter alone, in
 * half the memory.
 */
#define BUCKET_BITS 13
#define BUCKETS (1u << BUCKET_BITS)
#define RADIX_BITS 8
#define DIGITS (1u << RADIX_BITS)
#define FEW 40		     /* sorted by insertion */
#define SOME 1024	     /* sorted with scratch on the stack */
#define SCRATCH (128u << 10) /* numbers */
#define MANY (1u << 20)	     /* sorted by two threads */

struct sort {
	unsigned from; /* lowest bit that counts */
	uint64_t *scratch;
	size_t room; /* numbers in it */
};

static bool
is_sorted(const uint64_t *v, size_t n, unsigned from)
{
	for (size_t i = 1; i < n; i++)
		if (v[i - 1] >> from > v[i] >> from)
			return false;
	return true;
}

static void
sort_few(uint64_t *v, size_t n, unsigned from)
{
	for (size_t i = 1; i < n; i++) {
		uint64_t x = v[i];
		size_t to = i;

		for (; to > 0 && v[to - 1] >> from > x >> from; to--)
			v[to] = v[to - 1];
		v[to] = x;
	}
}

/* From how many each bucket holds to where each bucket starts. */
static void
counts_to_starts(size_t *count, size_t buckets)
{
	size_t sum = 0;

	for (size_t i = 0; i < buckets; i++) {
		size_t c = count[i];

		count[i] = sum;
		sum += c;
	}
}

static size_t
digit(uint64_t v, unsigned shift)
{
	return (size_t)(v >> shift) & (DIGITS - 1);
}

/* Bits in which numbers differ. */
static uint64_t
differing(const uint64_t *v, size_t n)
{
	uint64_t ones = 0, zeros = 0;

	for (size_t i = 0; i < n; i++) {
		ones |= v[i];
		zeros |= ~v[i];
	}
	return ones & zeros;
}

/* From the lowest digit up; a digit that all have in common costs nothing. */
static void
sort_digits(const struct sort *s, uint64_t *v, size_t n)
{
	uint64_t *from = v, *to = s->scratch, *other;
	uint64_t differ = differing(v, n);

	for (unsigned shift = s->from; shift < 64; shift += RADIX_BITS) {
		size_t start[DIGITS] = {0};

		if (digit(differ, shift) == 0)
			continue;
		for (size_t i = 0; i < n; i++)
			start[digit(from[i], shift)]++;
		counts_to_starts(start, DIGITS);
		for (size_t i = 0; i < n; i++)
			to[start[digit(from[i], shift)]++] = from[i];
		other = from;
		from = to;
		to = other;
	}
	if (from != v)
		memcpy(v, from, n * sizeof(*v));
}

/* The buckets of a range of numbers. */
struct deal {
	uint64_t low;
	unsigned shift;
	size_t next[BUCKETS], end[BUCKETS];
};

static size_t
bucket_of(const struct deal *d, uint64_t v)
{
	return (size_t)((v - d->low) >> d->shift);
}

static void
plan(struct deal *d, const uint64_t *v, size_t n, unsigned from)
{
	uint64_t high = v[0];

	d->low = v[0];
	for (size_t i = 1; i < n; i++) {
		d->low = v[i] < d->low ? v[i] : d->low;
		high = v[i] > high ? v[i] : high;
	}
	d->low = d->low >> from << from;
	for (d->shift = from; (high - d->low) >> d->shift >= BUCKETS;)
		d->shift++;
	memset(d->next, 0, sizeof(d->next));
	for (size_t i = 0; i < n; i++)
		d->next[bucket_of(d, v[i])]++;
	counts_to_starts(d->next, BUCKETS);
	for (size_t b = 0; b + 1 < BUCKETS; b++)
		d->end[b] = d->next[b + 1];
	d->end[BUCKETS - 1] = n;
}

/* Each number that is taken out of a place makes room for the next. */
static void
deal_out(struct deal *d, uint64_t *v)
{
	for (size_t b = 0; b < BUCKETS; b++) {
		while (d->next[b] < d->end[b]) {
			uint64_t hand = v[d->next[b]], there;
			size_t to;

			while ((to = bucket_of(d, hand)) != b) {
				there = v[d->next[to]];
				v[d->next[to]++] = hand;
				hand = there;
			}
			v[d->next[b]++] = hand;
		}
	}
}

static void sort_any(const struct sort *, uint64_t *v, size_t n);

/* Buckets of numbers that are dealt out, from `bucket` up to `end`. */
struct share {
	struct sort sort;
	const struct deal *deal;
	uint64_t *v;
	size_t bucket, end;
};

static void
sort_share(const struct share *s)
{
	for (size_t b = s->bucket; b < s->end; b++) {
		size_t at = b == 0 ? 0 : s->deal->end[b - 1];

		sort_any(&s->sort, s->v + at, s->deal->end[b] - at);
	}
}

static void *
sort_aside(void *arg)
{
	sort_share(arg);
	return NULL;
}

/* The bucket before which half of the numbers lie. */
static size_t
half_way(const struct deal *d)
{
	size_t b = 0;

	while (d->end[b] < d->end[BUCKETS - 1] / 2)
		b++;
	return b;
}

/* Another thread takes half of many, if there is memory and a thread. */
static void
sort_buckets(const struct sort *s, const struct deal *d, uint64_t *v)
{
	struct share mine = {*s, d, v, 0, BUCKETS}, other = mine;
	pthread_t thread;
	bool aside = false;

	if (d->end[BUCKETS - 1] >= MANY) {
		other.bucket = half_way(d);
		other.sort.scratch = malloc(SCRATCH * sizeof(*v));
		aside = other.sort.scratch != NULL &&
			pthread_create(&thread, NULL, sort_aside, &other) == 0;
	}
	if (aside)
		mine.end = other.bucket;
	sort_share(&mine);
	if (aside)
		pthread_join(thread, NULL);
	if (other.sort.scratch != s->scratch)
		free(other.sort.scratch);
}

static void
sort_any(const struct sort *s, uint64_t *v, size_t n)
{
	struct deal d;

	if (n <= FEW) {
		sort_few(v, n, s->from);
		return;
	}
	if (n <= s->room) {
		sort_digits(s, v, n);
		return;
	}
	plan(&d, v, n, s->from);
	deal_out(&d, v);
	if (d.shift > s->from)
		sort_buckets(s, &d, v);
}

enum rc_err
rc_sort_u64(uint64_t *v, size_t n, unsigned from, struct rc_error *e)
{
	uint64_t some[SOME];
	struct sort s = {from, some, SOME};

	if (is_sorted(v, n, from))
		return RC_OK;
	if (n > SOME) {
		s.scratch = malloc(SCRATCH * sizeof(*s.scratch));
		s.room = SCRATCH;
	}
	if (s.scratch == NULL)
		return rc_err_nomem(e);
	sort_any(&s, v, n);
	if (s.scratch != some)
		free(s.scratch);
	return RC_OK;
}
