#include "text/pack.h"

#include "base/num.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS_MAX 4096

struct block {
	unsigned char bytes[RC_PACK_BLOCK_MAX];
	size_t len;
	unsigned char key[RC_MEMBER_MAX];
	size_t key_len;
};

struct blocks {
	struct block *b;
	size_t n;
};

static enum rc_err
keep(void *arg, struct rc_slice key, struct rc_slice bytes, struct rc_error *e)
{
	struct blocks *all = arg;
	struct block *b = &all->b[all->n++];

	(void)e;
	assert_true(all->n <= BLOCKS_MAX);
	assert_true(bytes.len <= RC_PACK_BLOCK_MAX);
	memcpy(b->bytes, bytes.p, bytes.len);
	b->len = bytes.len;
	memcpy(b->key, key.p, key.len);
	b->key_len = key.len;
	return RC_OK;
}

static struct rc_slice
bytes_of(const struct block *b)
{
	return (struct rc_slice){(const char *)b->bytes, b->len};
}

static int
set_up(void **state)
{
	static struct blocks all;

	all.b = calloc(BLOCKS_MAX, sizeof(*all.b));
	all.n = 0;
	*state = &all;
	return all.b == NULL;
}

static int
tear_down(void **state)
{
	free(((struct blocks *)*state)->b);
	return 0;
}

static void
pack(struct blocks *all, enum rc_pack_format format, const struct rc_member *m,
    size_t n)
{
	struct rc_packer p;
	struct rc_error e;

	rc_packer_start(&p, format, keep, all);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(rc_packer_add(&p, &m[i], &e), RC_OK);
	assert_int_equal(rc_packer_finish(&p, &e), RC_OK);
	assert_true(p.members == n);
}

/* What a block may have, so that it and its key make a record. */
static size_t
room(const struct blocks *all, size_t b)
{
	size_t most = RC_PACK_RECORD_MAX - all->b[b].key_len;

	return most < RC_PACK_BLOCK_MAX ? most : RC_PACK_BLOCK_MAX;
}

/* Every member comes back in order, and blocks are as full as they can be. */
static void
check_unpacks(const struct blocks *all, enum rc_pack_format format,
    const struct rc_member *want, size_t n)
{
	struct rc_unpacker u;
	struct rc_member m;
	struct rc_error e;
	uint64_t num[RC_PACK_COUNT_MAX];
	size_t i = 0;

	for (size_t b = 0; b < all->n; b++) {
		unsigned char key[RC_MEMBER_MAX];
		size_t first = i;

		assert_int_equal(
		    rc_member_key(format, &want[i], key), all->b[b].key_len);
		assert_memory_equal(key, all->b[b].key, all->b[b].key_len);
		assert_int_equal(
		    rc_unpacker_start(&u, bytes_of(&all->b[b]), &e), RC_OK);
		if (format == RC_PACK_NUMBERS) {
			size_t count;

			assert_int_equal(rc_unpack_numbers(bytes_of(&all->b[b]),
					     num, &count, &e),
			    RC_OK);
			assert_int_equal(
			    rc_pack_count(bytes_of(&all->b[b])), count);
			for (size_t k = 0; k < count; k++)
				assert_true(num[k] == want[first + k].num);
		}
		while (rc_unpacker_next(&u, &m, &e) == RC_OK) {
			assert_true(i < n);
			if (format == RC_PACK_NUMBERS)
				assert_true(m.num == want[i].num);
			else
				assert_true(rc_slice_eq(m.str, want[i].str));
			i++;
		}
		assert_int_equal(rc_unpacker_next(&u, &m, &e), RC_END);
		assert_int_equal(
		    rc_pack_count(bytes_of(&all->b[b])), i - first);
		assert_true(
		    all->b[b].len + all->b[b].key_len <= RC_PACK_RECORD_MAX);
		if (b + 1 < all->n)
			assert_true(
			    all->b[b].len + RC_MEMBER_MAX + 4 > room(all, b));
	}
	assert_int_equal(i, n);
}

static bool
holds(const struct blocks *all, const struct rc_member *m)
{
	struct rc_error e;

	for (size_t b = 0; b < all->n; b++) {
		enum rc_err r = rc_pack_find(bytes_of(&all->b[b]), m, &e);

		if (r == RC_OK)
			return true;
		assert_int_equal(r, RC_NOTFOUND);
	}
	return false;
}

static void
numbers_come_back_as_they_went_in(void **state)
{
	static const uint64_t gaps[] = {1, 2, 127, 128, 129, 16383, 16384,
	    16385, 2097152, 1ULL << 35, 1ULL << 42};
	static struct rc_member m[20000];
	const size_t n = sizeof(m) / sizeof(m[0]);
	uint64_t num = 0;

	m[0].num = 0;
	for (size_t i = 1; i < n; i++) {
		num += gaps[i * 7 % (sizeof(gaps) / sizeof(gaps[0]))];
		m[i].num = num;
	}
	pack(*state, RC_PACK_NUMBERS, m, n);
	check_unpacks(*state, RC_PACK_NUMBERS, m, n);
}

static void
the_largest_number_fits(void **state)
{
	struct rc_member m[] = {
	    {.num = 0}, {.num = UINT64_MAX - 1}, {.num = UINT64_MAX}};

	pack(*state, RC_PACK_NUMBERS, m, 3);
	check_unpacks(*state, RC_PACK_NUMBERS, m, 3);
	for (size_t i = 0; i < 3; i++)
		assert_true(holds(*state, &m[i]));
	m[0].num = 1;
	assert_false(holds(*state, &m[0]));
}

static int
by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t
random_u64(uint64_t *seed)
{
	*seed += 0x9e3779b97f4a7c15ULL;
	return rc_siphash((const unsigned char *)"0123456789abcdef", seed, 8);
}

static void
random_sets_hold_what_a_sorted_array_holds(void **state)
{
	struct blocks *all = *state;
	uint64_t seed = 1, v[3000];

	for (unsigned round = 0; round < 20; round++) {
		unsigned bits = 10 + round * 54 / 20;
		struct rc_member m[3000], probe = {0};
		size_t n;

		for (size_t i = 0; i < 3000; i++)
			v[i] = random_u64(&seed) >> (64 - bits);
		qsort(v, 3000, sizeof(v[0]), by_number);
		n = 0;
		for (size_t i = 0; i < 3000; i++)
			if (n == 0 || v[n - 1] != v[i])
				v[n++] = v[i];
		for (size_t i = 0; i < n; i++)
			m[i] = (struct rc_member){.num = v[i]};
		all->n = 0;
		pack(all, RC_PACK_NUMBERS, m, n);
		check_unpacks(all, RC_PACK_NUMBERS, m, n);
		for (size_t i = 0; i < 500; i++) {
			probe.num = i % 2 ? v[random_u64(&seed) % n]
					  : random_u64(&seed) >> (64 - bits);
			assert_int_equal(holds(all, &probe),
			    bsearch(&probe.num, v, n, sizeof(v[0]),
				by_number) != NULL);
		}
	}
}

static void
long_and_short_strings_come_back_in_their_letters(void **state)
{
	enum {
		N = 600
	};
	static char text[N][RC_MEMBER_MAX];
	struct rc_member m[N], probe = {0};

	/* Sorted by a number in front, of every length up to the longest. */
	for (size_t i = 0; i < N; i++) {
		size_t len = 4 + i % (RC_MEMBER_MAX - 3);

		memset(text[i], i % 3 ? 'x' : 'X', len);
		text[i][0] = (char)('A' + i / 100);
		text[i][1] = (char)('0' + i / 10 % 10);
		text[i][2] = (char)('0' + i % 10);
		m[i].str = (struct rc_slice){text[i], len};
	}
	pack(*state, RC_PACK_FOLDED, m, N);
	check_unpacks(*state, RC_PACK_FOLDED, m, N);
	probe.str = RC_SLICE_LIT("a00X");
	assert_true(holds(*state, &probe));
	probe.str = RC_SLICE_LIT("a00");
	assert_false(holds(*state, &probe));
}

static void
folded_strings_find_any_case_and_exact_ones_only_theirs(void **state)
{
	struct blocks *all = *state;
	struct rc_member folded[] = {{.str = RC_SLICE_LIT("ada@x.org")},
	    {.str = RC_SLICE_LIT("Bob@x.org")},
	    {.str = RC_SLICE_LIT("carl@x.org")}};
	struct rc_member exact[] = {{.str = RC_SLICE_LIT("ID")},
	    {.str = RC_SLICE_LIT("Id")}, {.str = RC_SLICE_LIT("id")}};
	struct rc_member probe = {.str = RC_SLICE_LIT("bOB@X.ORG")};

	pack(all, RC_PACK_FOLDED, folded, 3);
	check_unpacks(all, RC_PACK_FOLDED, folded, 3);
	assert_true(holds(all, &probe));
	all->n = 0;
	pack(all, RC_PACK_EXACT, exact, 3);
	check_unpacks(all, RC_PACK_EXACT, exact, 3);
	probe.str = RC_SLICE_LIT("iD");
	assert_false(holds(all, &probe));
}

static int
by_fold(const void *a, const void *b)
{
	return rc_member_cmp(RC_PACK_FOLDED, a, b);
}

/*
 * Addresses of few letters, so that parts of every length are shared; of more
 * domains than a block may refer to; with strings among them that are none.
 */
static void
addresses_and_their_domains_come_back(void **state)
{
	enum {
		N = 4000
	};
	static char text[N][RC_MEMBER_MAX];
	static struct rc_member m[N];
	struct blocks *all = *state;
	uint64_t seed = 7;

	for (unsigned round = 0; round < 60; round++) {
		size_t n = 0, letters = 1 + round % 3, domains = 1 + round / 3;

		for (size_t i = 0; i < N; i++) {
			size_t len = 0, local = random_u64(&seed) % 7;
			size_t domain = random_u64(&seed) % (domains * domains);

			while (local-- > 0)
				text[i][len++] =
				    "aAb"[random_u64(&seed) % letters];
			if (random_u64(&seed) % 50 > 0)
				text[i][len++] = '@';
			for (; domain > 0; domain /= 26)
				text[i][len++] = (char)('A' + domain % 26);
			if (random_u64(&seed) % 50 == 0)
				text[i][len++] = '@';
			if (random_u64(&seed) % 100 == 0)
				for (; len < RC_MEMBER_MAX - i % 5; len++)
					text[i][len] = 'z';
			m[i].str = (struct rc_slice){text[i], len};
		}
		qsort(m, N, sizeof(m[0]), by_fold);
		for (size_t i = 0; i < N; i++)
			if (m[i].str.len > 0 &&
			    (n == 0 || by_fold(&m[n - 1], &m[i]) != 0))
				m[n++] = m[i];
		all->n = 0;
		pack(all, RC_PACK_FOLDED, m, n);
		check_unpacks(all, RC_PACK_FOLDED, m, n);
		for (size_t i = 0; i < n; i += 1 + n / 16)
			assert_true(holds(all, &m[i]));
	}
}

/* Each but the first takes two lengths, its letter and which domain. */
static void
a_domain_is_spelled_out_once_a_block(void **state)
{
	struct blocks *all = *state;
	char text[26][40];
	struct rc_member m[26];

	for (size_t i = 0; i < 26; i++) {
		int len =
		    snprintf(text[i], sizeof(text[i]), "%c%s", (char)('a' + i),
			i % 2 ? "@an-example.org" : "@Some.where.else.example");

		m[i].str = (struct rc_slice){text[i], (size_t)len};
	}
	pack(all, RC_PACK_FOLDED, m, 26);
	assert_int_equal(all->n, 1);
	assert_int_equal(all->b[0].len,
	    3 + 2 + strlen(text[0]) + 2 + strlen(text[1]) + 24 * 4);
	check_unpacks(all, RC_PACK_FOLDED, m, 26);
}

static void
a_block_may_have_more_domains_than_can_be_referred_to(void **state)
{
	enum {
		DOMAINS = 300
	};
	struct blocks *all = *state;
	static char text[2 * DOMAINS][8];
	struct rc_member m[2 * DOMAINS];

	for (size_t i = 0; i < 2 * DOMAINS; i++) {
		size_t k = i % DOMAINS;
		int len = snprintf(text[i], sizeof(text[i]), "%c@%c%c",
		    i < DOMAINS ? 'a' : 'b', (char)('a' + k / 26),
		    (char)('a' + k % 26));

		m[i].str = (struct rc_slice){text[i], (size_t)len};
	}
	pack(all, RC_PACK_FOLDED, m, 2 * DOMAINS);
	check_unpacks(all, RC_PACK_FOLDED, m, 2 * DOMAINS);
	/* All of a, 5 bytes each, and those of b, 3 each, that fit still. */
	assert_int_equal(rc_pack_count(bytes_of(&all->b[0])), DOMAINS + 165);
}

/* What a set that was packed before domains were referred to looks like. */
static void
blocks_without_domains_are_read_still(void **state)
{
	static const struct rc_slice block = RC_SLICE_LIT("\2\0\3"
							  "\0\7ada@x.y"
							  "\2\5b@x.y"
							  "\0\5B@x.y");
	struct blocks *all = *state;
	struct rc_member want[] = {{.str = RC_SLICE_LIT("ada@x.y")},
	    {.str = RC_SLICE_LIT("adb@x.y")}, {.str = RC_SLICE_LIT("B@x.y")}};

	memcpy(all->b[0].bytes, block.p, block.len);
	all->b[0].len = block.len;
	all->b[0].key_len =
	    rc_member_key(RC_PACK_FOLDED, &want[0], all->b[0].key);
	all->n = 1;
	check_unpacks(all, RC_PACK_FOLDED, want, 3);
	for (size_t i = 0; i < 3; i++)
		assert_true(holds(all, &want[i]));
}

/* Strings of one size until a block is full to the last byte. */
static void
a_block_may_be_full_to_the_last_byte(void **state)
{
	enum {
		N = 100,
		LEN = 99,
		FULL = RC_PACK_RECORD_MAX - LEN
	};
	struct blocks *all = *state;
	static char text[N][RC_MEMBER_MAX];
	struct rc_member m[N];
	size_t used = 3, n = 0;

	while (used < FULL) {
		size_t left = FULL - used - 2, len = LEN;

		if (left < 2 * len)
			len = left > 127 ? left / 2 : left;
		memset(text[n], '-', len);
		text[n][0] = (char)('0' + n);
		m[n].str = (struct rc_slice){text[n], len};
		used += 2 + len;
		n++;
	}
	assert_int_equal(used, FULL);
	pack(all, RC_PACK_EXACT, m, n);
	assert_int_equal(all->n, 1);
	assert_int_equal(all->b[0].len, FULL);
	text[n][0] = 'z';
	m[n].str = (struct rc_slice){text[n], 1};
	all->n = 0;
	pack(all, RC_PACK_EXACT, m, n + 1);
	assert_int_equal(all->n, 2);
	check_unpacks(all, RC_PACK_EXACT, m, n + 1);
}

static void
members_out_of_order_are_refused(void **state)
{
	struct rc_member num[] = {{.num = 5}, {.num = 5}, {.num = 4}};
	struct rc_member str[] = {{.str = RC_SLICE_LIT("b")},
	    {.str = RC_SLICE_LIT("B")}, {.str = RC_SLICE_LIT("a")}};
	struct rc_packer p;
	struct rc_error e;

	rc_packer_start(&p, RC_PACK_NUMBERS, keep, *state);
	assert_int_equal(rc_packer_add(&p, &num[0], &e), RC_OK);
	assert_int_equal(rc_packer_add(&p, &num[1], &e), RC_EINTERNAL);
	assert_int_equal(rc_packer_add(&p, &num[2], &e), RC_EINTERNAL);
	rc_packer_start(&p, RC_PACK_FOLDED, keep, *state);
	assert_int_equal(rc_packer_add(&p, &str[0], &e), RC_OK);
	assert_int_equal(rc_packer_add(&p, &str[1], &e), RC_EINTERNAL);
	assert_int_equal(rc_packer_add(&p, &str[2], &e), RC_EINTERNAL);
}

static void
a_string_too_long_or_empty_is_refused(void **state)
{
	char text[RC_MEMBER_MAX + 1] = {0};
	struct rc_member m = {.str = {text, sizeof(text)}};
	struct rc_packer p;
	struct rc_error e;

	rc_packer_start(&p, RC_PACK_EXACT, keep, *state);
	assert_int_equal(rc_packer_add(&p, &m, &e), RC_EINTERNAL);
	m.str.len = 0;
	assert_int_equal(rc_packer_add(&p, &m, &e), RC_EINTERNAL);
	m.str.len = RC_MEMBER_MAX;
	assert_int_equal(rc_packer_add(&p, &m, &e), RC_OK);
}

/* RC_END, or what is wrong; all at once says the same as one by one. */
static enum rc_err
unpack_all(struct rc_slice block)
{
	uint64_t num[RC_PACK_COUNT_MAX];
	struct rc_unpacker u;
	struct rc_member m;
	struct rc_error e;
	enum rc_err r = rc_unpacker_start(&u, block, &e), all;
	size_t n;

	while (r == RC_OK)
		r = rc_unpacker_next(&u, &m, &e);
	all = rc_unpack_numbers(block, num, &n, &e);
	if (block.len > 0 && block.p[0] == RC_PACK_NUMBERS && r == RC_END)
		assert_int_equal(all, RC_OK);
	else
		assert_int_equal(all, RC_EINTERNAL);
	return r;
}

static void
a_block_cut_anywhere_is_called_damaged(void **state)
{
	struct blocks *all = *state;
	struct rc_member num[] = {
	    {.num = 15551234567}, {.num = 15551234999}, {.num = 447700900123}};
	struct rc_member str[] = {{.str = RC_SLICE_LIT("a@x.org")},
	    {.str = RC_SLICE_LIT("ab@x.org")},
	    {.str = RC_SLICE_LIT("b@x.org")}};

	pack(all, RC_PACK_NUMBERS, num, 3);
	pack(all, RC_PACK_EXACT, str, 3);
	pack(all, RC_PACK_FOLDED, str, 3);
	for (size_t b = 0; b < 3; b++) {
		struct rc_slice s = bytes_of(&all->b[b]);

		assert_int_equal(unpack_all(s), RC_END);
		while (s.len-- > 0)
			assert_int_equal(unpack_all(s), RC_EINTERNAL);
	}
}

static void
damage_within_a_block_is_found(void **state)
{
	(void)state;
	/* No members, a format nobody knows, one byte too many. */
	assert_int_equal(unpack_all(RC_SLICE_LIT("\1\0\0\5")), RC_EINTERNAL);
	assert_int_equal(unpack_all(RC_SLICE_LIT("\5\0\1\5")), RC_EINTERNAL);
	assert_int_equal(unpack_all(RC_SLICE_LIT("\1\0\1\5\5")), RC_EINTERNAL);
	/* A number past 64 bits; shares more than there is; not ascending. */
	assert_int_equal(unpack_all(RC_SLICE_LIT("\1\0\2\5\xff\xff\xff\xff"
						 "\xff\xff\xff\xff\xff\1")),
	    RC_EINTERNAL);
	assert_int_equal(
	    unpack_all(RC_SLICE_LIT("\2\0\2\0\1b\2\1c")), RC_EINTERNAL);
	assert_int_equal(
	    unpack_all(RC_SLICE_LIT("\2\0\2\0\1b\0\1B")), RC_EINTERNAL);
	assert_int_equal(
	    unpack_all(RC_SLICE_LIT("\3\0\2\0\1b\1\0")), RC_EINTERNAL);
	assert_int_equal(unpack_all(RC_SLICE_LIT("\2\0\2\0\1b\0\1C")), RC_END);
	/* Refers to no domain yet, to one too many; not ascending by it. */
	assert_int_equal(
	    unpack_all(RC_SLICE_LIT("\4\0\2\1\1b\0\0\3c@d")), RC_EINTERNAL);
	assert_int_equal(
	    unpack_all(RC_SLICE_LIT("\4\0\2\0\3b@d\1\1c\1")), RC_EINTERNAL);
	assert_int_equal(
	    unpack_all(RC_SLICE_LIT("\4\0\2\0\3b@d\1\1b\0")), RC_EINTERNAL);
	assert_int_equal(
	    unpack_all(RC_SLICE_LIT("\4\0\2\0\3b@d\1\1B\0")), RC_EINTERNAL);
	assert_int_equal(
	    unpack_all(RC_SLICE_LIT("\4\0\2\0\3b@d\3\1A\0")), RC_END);
	assert_int_equal(
	    unpack_all(RC_SLICE_LIT("\4\0\2\0\3b@d\1\1c\0")), RC_END);
}

/* Two that fit, which the domain of the first makes one byte too long. */
static void
an_address_too_long_with_its_domain_is_damage(void **state)
{
	unsigned char block[400] = {4, 0, 2, 0, 250, 1};
	size_t len = 6;

	(void)state;
	block[len++] = 'a';
	block[len++] = '@';
	memset(block + len, 'd', 248);
	len += 248;
	block[len++] = 1;
	block[len++] = 5;
	memcpy(block + len, "bbbbb", 5);
	len += 5;
	block[len++] = 0;
	assert_int_equal(unpack_all(rc_slice_of(block, len)), RC_END);
	block[len - 7] = 6;
	block[len - 1] = 'b';
	block[len++] = 0;
	assert_int_equal(unpack_all(rc_slice_of(block, len)), RC_EINTERNAL);
}

static enum rc_err
refuse(
    void *arg, struct rc_slice key, struct rc_slice bytes, struct rc_error *e)
{
	(void)arg;
	(void)key;
	(void)bytes;
	return rc_err_set(e, RC_EIO, "disk full");
}

static void
a_string_longer_than_a_member_is_called_damaged(void **state)
{
	unsigned char block[3 + 3 + 200 + 3 + 100] = {RC_PACK_EXACT, 0, 2};
	struct rc_slice s = {(const char *)block, sizeof(block)};
	unsigned char *p = block + 3;

	(void)state;
	/* 200 bytes, then all of them and 100 more. */
	p += rc_varint_put(p, 0);
	p += rc_varint_put(p, 200);
	memset(p, 'x', 200);
	p += 200;
	p += rc_varint_put(p, 200);
	*p++ = 100;
	memset(p, 'y', 100);
	s.len = (size_t)(p + 100 - block);
	assert_int_equal(unpack_all(s), RC_EINTERNAL);
	p[-1] = RC_MEMBER_MAX - 200;
	s.len -= 100 - (RC_MEMBER_MAX - 200);
	assert_int_equal(unpack_all(s), RC_END);
}

static void
an_error_of_the_sink_comes_back_from_the_packer(void **state)
{
	struct rc_packer p;
	struct rc_error e;
	struct rc_member m = {.num = 7};
	enum rc_err r = RC_OK;

	(void)state;
	rc_packer_start(&p, RC_PACK_NUMBERS, refuse, NULL);
	assert_int_equal(rc_packer_add(&p, &m, &e), RC_OK);
	assert_int_equal(rc_packer_finish(&p, &e), RC_EIO);
	rc_packer_start(&p, RC_PACK_NUMBERS, refuse, NULL);
	for (; r == RC_OK && m.num < RC_PACK_BLOCK_MAX; m.num++)
		r = rc_packer_add(&p, &m, &e);
	assert_int_equal(r, RC_EIO);
}

static void
nothing_packed_makes_no_block(void **state)
{
	struct rc_packer p;
	struct rc_error e;

	(void)state;
	rc_packer_start(&p, RC_PACK_NUMBERS, refuse, NULL);
	assert_int_equal(rc_packer_finish(&p, &e), RC_OK);
}

/* Sorted by the bits from `from` up, and still the same numbers. */
static void
check_sorts(uint64_t *v, uint64_t *want, size_t n, unsigned from)
{
	struct rc_error e;

	memcpy(want, v, n * sizeof(*v));
	assert_int_equal(rc_sort_u64(v, n, from, &e), RC_OK);
	for (size_t i = 1; i < n; i++)
		assert_true(v[i - 1] >> from <= v[i] >> from);
	qsort(v, n, sizeof(*v), by_number);
	qsort(want, n, sizeof(*want), by_number);
	assert_memory_equal(v, want, n * sizeof(*v));
}

static void
the_sort_agrees_with_qsort_on_many_and_few(void **state)
{
	static const size_t sizes[] = {0, 1, 2, 40, 41, 1024, 1025, 300000};
	static uint64_t v[300000], want[300000];
	uint64_t seed = 7;

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
		for (unsigned bits = 1; bits <= 64; bits += 21) {
			for (size_t i = 0; i < sizes[s]; i++)
				v[i] = random_u64(&seed) >> (64 - bits);
			check_sorts(v, want, sizes[s], 0);
		}
}

static void
two_threads_sort_as_one(void **state)
{
	static uint64_t v[1100000];
	const size_t n = sizeof(v) / sizeof(v[0]);
	uint64_t seed = 8, before = 0, after = 0;
	struct rc_error e;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		v[i] = random_u64(&seed) >> 24;
		before += v[i] * v[i];
	}
	assert_int_equal(rc_sort_u64(v, n, 0, &e), RC_OK);
	for (size_t i = 0; i < n; i++) {
		assert_true(i == 0 || v[i - 1] <= v[i]);
		after += v[i] * v[i];
	}
	assert_true(after == before);
}

/* Most of them in one place, as the numbers of one country are. */
static void
the_sort_copes_with_crowds(void **state)
{
	static uint64_t v[300000], want[300000];
	uint64_t seed = 9;

	(void)state;
	for (size_t i = 0; i < 300000; i++)
		v[i] = i % 1000 == 0
			   ? random_u64(&seed)
			   : (1ULL << 40) + random_u64(&seed) % 100000;
	check_sorts(v, want, 300000, 0);
	for (size_t i = 0; i < 300000; i++)
		v[i] = i % 5;
	check_sorts(v, want, 300000, 0);
}

static void
the_sort_looks_only_at_the_bits_it_is_told_to(void **state)
{
	static uint64_t v[300000], want[300000];
	uint64_t seed = 11;

	(void)state;
	for (unsigned from = 1; from < 64; from += 21)
		for (size_t n = 30; n <= 300000; n *= 100) {
			for (size_t i = 0; i < n; i++)
				v[i] = random_u64(&seed);
			check_sorts(v, want, n, from);
		}
}

static void
many_numbers_at_once_are_packed_as_one_by_one(void **state)
{
	struct blocks *all = *state;
	static struct rc_member m[30000];
	static uint64_t v[60000];
	struct rc_packer p;
	struct rc_error e;

	for (size_t i = 0; i < 30000; i++) {
		m[i].num = i * i * i;
		v[2 * i] = v[2 * i + 1] = m[i].num;
	}
	rc_packer_start(&p, RC_PACK_NUMBERS, keep, all);
	assert_int_equal(rc_packer_add_numbers(&p, v, 20001, &e), RC_OK);
	assert_int_equal(
	    rc_packer_add_numbers(&p, v + 20001, 39999, &e), RC_OK);
	assert_int_equal(rc_packer_add_numbers(&p, v, 0, &e), RC_OK);
	assert_int_equal(rc_packer_finish(&p, &e), RC_OK);
	assert_int_equal(p.members, 30000);
	check_unpacks(all, RC_PACK_NUMBERS, m, 30000);
	assert_int_equal(rc_packer_add_numbers(&p, v, 1, &e), RC_EINTERNAL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(numbers_come_back_as_they_went_in),
	    T(the_largest_number_fits),
	    T(random_sets_hold_what_a_sorted_array_holds),
	    T(long_and_short_strings_come_back_in_their_letters),
	    T(folded_strings_find_any_case_and_exact_ones_only_theirs),
	    T(addresses_and_their_domains_come_back),
	    T(a_domain_is_spelled_out_once_a_block),
	    T(a_block_may_have_more_domains_than_can_be_referred_to),
	    T(blocks_without_domains_are_read_still),
	    T(a_block_may_be_full_to_the_last_byte),
	    T(members_out_of_order_are_refused),
	    T(a_string_too_long_or_empty_is_refused),
	    T(a_block_cut_anywhere_is_called_damaged),
	    T(damage_within_a_block_is_found),
	    T(a_string_longer_than_a_member_is_called_damaged),
	    T(an_address_too_long_with_its_domain_is_damage),
	    T(an_error_of_the_sink_comes_back_from_the_packer),
	    T(nothing_packed_makes_no_block),
	    T(the_sort_agrees_with_qsort_on_many_and_few),
	    T(two_threads_sort_as_one),
	    T(the_sort_copes_with_crowds),
	    T(the_sort_looks_only_at_the_bits_it_is_told_to),
	    T(many_numbers_at_once_are_packed_as_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
