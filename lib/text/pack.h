/*
 * Packed sets (reconnect-state(5), Packed sets): a sorted set of phone numbers
 * or strings as blocks of at most 2,000 encoded bytes.  Bytes in, values out;
 * where blocks are kept is not known here.
 *
 * Members come as rc_member: numbers use num alone, strings use str (as given).
 * E-mail addresses are compared folded, custom ids byte by byte, as their
 * identifier keys are.
 */
#ifndef RC_TEXT_PACK_H
#define RC_TEXT_PACK_H

#include "base/buf.h"

#define RC_PACK_BLOCK_MAX 2000 /* encoded bytes */
/* A block and its first key, so that two records fill a page of the store. */
#define RC_PACK_RECORD_MAX 2005
#define RC_PACK_COUNT_MAX (RC_PACK_BLOCK_MAX - 3) /* members of a block */
#define RC_MEMBER_MAX 254 /* bytes of a member's key, or of its string */

enum rc_pack_format {
	RC_PACK_NUMBERS = 1,
	RC_PACK_FOLDED = 2, /* strings in the order of their ASCII lower case */
	RC_PACK_EXACT = 3,  /* strings in the order of their bytes */
	/* How a block of RC_PACK_FOLDED is written now; no set has it. */
	RC_PACK_FOLDED_DOMAINS = 4
};

/* The domains that a block of addresses spells out: others refer to them. */
#define RC_PACK_DOMAINS 255
struct rc_pack_domains {
	size_t n;
	uint16_t at[RC_PACK_DOMAINS]; /* where in the block */
	unsigned char len[RC_PACK_DOMAINS];
};

struct rc_member {
	uint64_t num;
	struct rc_slice str; /* borrowed until the source moves on */
};

/* <0, 0, >0 in the order of the set. */
int rc_member_cmp(
    enum rc_pack_format, const struct rc_member *, const struct rc_member *);
/* The state's key of a member: 8 bytes, or the string, folded if FOLDED. */
size_t rc_member_key(enum rc_pack_format, const struct rc_member *,
    unsigned char key[RC_MEMBER_MAX]);

/* --- writing ------------------------------------------------------------ */

/* A finished block: its first member's key, and its bytes. */
typedef enum rc_err rc_pack_fn(void *arg, struct rc_slice first_key,
    struct rc_slice block, struct rc_error *);

#define RC_PACK_SLOTS 512
struct rc_packer {
	enum rc_pack_format format;
	rc_pack_fn *emit;
	void *arg;
	uint64_t members;	 /* added so far */
	size_t len, room, count; /* of the open block */
	uint64_t last_num;
	unsigned char first_key[RC_MEMBER_MAX], last[RC_MEMBER_MAX];
	size_t first_key_len, last_len;
	unsigned char block[RC_PACK_BLOCK_MAX];
	struct rc_pack_domains domains;
	unsigned char slot[RC_PACK_SLOTS]; /* of their hash; 0: free */
};

/* emit is called by the two functions below, and its failure returned. */
void rc_packer_start(
    struct rc_packer *, enum rc_pack_format, rc_pack_fn *, void *arg);
/* Ascending; RC_EINTERNAL for a member not above the one before. */
enum rc_err rc_packer_add(struct rc_packer *, const struct rc_member *,
    struct rc_error *) RC_MUST_USE;
/*
 * Many numbers at once.  Ascending; those equal to the one before, be it of an
 * earlier call, are left out.
 */
enum rc_err rc_packer_add_numbers(struct rc_packer *, const uint64_t *,
    size_t n, struct rc_error *) RC_MUST_USE;
/* Emits the open block, if there is one. */
enum rc_err rc_packer_finish(struct rc_packer *, struct rc_error *) RC_MUST_USE;

/* --- reading ------------------------------------------------------------ */

struct rc_unpacker {
	enum rc_pack_format format; /* of the set */
	const unsigned char *block, *p, *end;
	size_t left;
	bool first;
	uint64_t num;
	unsigned char str[RC_MEMBER_MAX];
	size_t str_len;
	bool refers; /* its addresses may refer to domains */
	struct rc_pack_domains domains;
};

/* RC_EINTERNAL when the block is damaged; it is borrowed until the end. */
enum rc_err rc_unpacker_start(
    struct rc_unpacker *, struct rc_slice block, struct rc_error *) RC_MUST_USE;
/* The next member, or RC_END; str is valid until the next call. */
enum rc_err rc_unpacker_next(
    struct rc_unpacker *, struct rc_member *, struct rc_error *) RC_MUST_USE;
/* Every member of a block, in order; what fn fails with ends it. */
typedef enum rc_err rc_unpack_fn(
    void *arg, const struct rc_member *, struct rc_error *);
enum rc_err rc_unpack_each(struct rc_slice block, rc_unpack_fn *, void *arg,
    struct rc_error *) RC_MUST_USE;
/*
 * On to the first member that is not below a wanted one, from *m, which the
 * unpacker told last.  RC_END: all are below, *m is the last one.
 */
enum rc_err rc_unpacker_seek(struct rc_unpacker *,
    const struct rc_member *wanted, struct rc_member *m,
    struct rc_error *) RC_MUST_USE;
/*
 * All that a block of numbers holds, at once; out takes *n, at most
 * RC_PACK_COUNT_MAX.  RC_EINTERNAL when it is damaged or holds no numbers.
 */
enum rc_err rc_unpack_numbers(struct rc_slice block, uint64_t *out, size_t *n,
    struct rc_error *) RC_MUST_USE;
/* Members in a block, without decoding it. */
size_t rc_pack_count(struct rc_slice block);
/* RC_OK when the block holds the member, RC_NOTFOUND when not. */
enum rc_err rc_pack_find(struct rc_slice block, const struct rc_member *,
    struct rc_error *) RC_MUST_USE;

/* --- sorting ------------------------------------------------------------ */

/*
 * Sorts n numbers ascending in place by their bits from `from` up, 0 to 63; the
 * order of those equal in them is not told.  Many are sorted by two threads.
 * RC_EAGAIN: memory is short.
 */
enum rc_err rc_sort_u64(
    uint64_t *v, size_t n, unsigned from, struct rc_error *) RC_MUST_USE;

#endif
