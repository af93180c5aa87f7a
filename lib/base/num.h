/*
 * Numbers: strict parsing, and the packing that the state uses
 * (reconnect-state(5), CONVENTIONS).
 */
#ifndef RC_BASE_NUM_H
#define RC_BASE_NUM_H

#include "base/buf.h"

#include <endian.h>
#include <string.h>

#define RC_VARINT_MAX 10 /* bytes of the longest varint */

/* Decimal digits alone, no sign, at most max; false otherwise. */
bool rc_num_u64(struct rc_slice, uint64_t max, uint64_t *) RC_MUST_USE;
/* A decimal number such as "0.0079", 0 to 1e15; false otherwise. */
bool rc_num_double(struct rc_slice, double *) RC_MUST_USE;
/*
 * A decimal such as "0.0079" times 10^decimals, exactly, at most max; false
 * otherwise, also with more decimals that are not zeros.
 */
bool rc_num_decimal(
    struct rc_slice, unsigned decimals, uint64_t max, uint64_t *) RC_MUST_USE;
#define RC_NUM_DECIMAL_LEN 24
/* The way back, without zeros at the end; decimals: 1 to 19. */
void rc_num_decimal_format(
    uint64_t, unsigned decimals, char text[RC_NUM_DECIMAL_LEN]);
/* "30s", "15m", "24h", "7d" to milliseconds, at most 10,000 days. */
bool rc_num_duration(struct rc_slice, uint64_t *ms) RC_MUST_USE;

/* The word, or words, that a count has behind it in prose. */
static inline const char *
rc_plural(uint64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

/* Big-endian, unaligned; rc_put48 drops the upper 16 bits. */
void rc_put16(void *, uint16_t);
void rc_put32(void *, uint32_t);
void rc_put48(void *, uint64_t);
uint16_t rc_get16(const void *);
uint32_t rc_get32(const void *);
uint64_t rc_get48(const void *);
/* These two are in the loops over ten million numbers. */
static inline void
rc_put64(void *p, uint64_t v)
{
	v = htobe64(v);
	memcpy(p, &v, sizeof(v));
}

static inline uint64_t
rc_get64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

/* Writes at most RC_VARINT_MAX bytes; returns how many. */
size_t rc_varint_put(unsigned char *, uint64_t);
/*
 * Reads a varint at *p, which ends before end, and moves *p behind it.  False
 * when it is cut off or longer than 64 bits.
 */
bool rc_varint_get(
    const unsigned char **p, const unsigned char *end, uint64_t *) RC_MUST_USE;

/* Appending to a record, and reading one back. */
void rc_buf_add8(struct rc_buf *, uint8_t);
void rc_buf_add32(struct rc_buf *, uint32_t);
void rc_buf_add64(struct rc_buf *, uint64_t);
void rc_buf_add_varint(struct rc_buf *, uint64_t);
void rc_buf_add_str(struct rc_buf *, struct rc_slice); /* varint and bytes */

/*
 * A reader over a packed record.  Each call takes one value from the front;
 * past the end it returns zeros and sets short_read, checked once at the end.
 */
struct rc_unpack {
	const unsigned char *p, *end;
	bool short_read;
};
/* The record is borrowed while it is read. */
struct rc_unpack rc_unpack_start(struct rc_slice);
uint8_t rc_unpack8(struct rc_unpack *);
uint32_t rc_unpack32(struct rc_unpack *);
uint64_t rc_unpack64(struct rc_unpack *);
uint64_t rc_unpack_varint(struct rc_unpack *);
struct rc_slice rc_unpack_str(struct rc_unpack *);	       /* borrowed */
struct rc_slice rc_unpack_bytes(struct rc_unpack *, size_t n); /* borrowed */

/* Lowercase hex; out takes 2 * n + 1 bytes. */
void rc_hex(const void *, size_t n, char *out);
/* Exactly 2 * n hex digits of any case; false otherwise. */
bool rc_unhex(struct rc_slice, void *out, size_t n) RC_MUST_USE;

/*
 * SipHash-2-4 with a 16-byte key (Aumasson and Bernstein, 2012).  Ours and not
 * OpenSSL's: eight calls a link code make the EVP set-up the larger part.
 */
uint64_t rc_siphash(const unsigned char key[16], const void *, size_t);

#endif
