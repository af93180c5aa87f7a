#include "text/code.h"

#include "base/num.h"

#include <string.h>

#define ROUNDS 8
#define CODE_HALF_BITS 24
#define MESSAGE_HALF_BITS 32

static const char base62[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* The width is hashed along, so one key makes two unrelated permutations. */
static uint64_t
round_value(
    const unsigned char key[16], unsigned half_bits, unsigned n, uint64_t half)
{
	unsigned char in[6] = {(unsigned char)half_bits, (unsigned char)n};

	rc_put32(in + 2, (uint32_t)half);
	return rc_siphash(key, in, sizeof(in)) & ((1ULL << half_bits) - 1);
}

static uint64_t
permute(const unsigned char key[16], unsigned half_bits, uint64_t v)
{
	uint64_t left = v >> half_bits, right = v & ((1ULL << half_bits) - 1);
	uint64_t next;
	unsigned n;

	for (n = 0; n < ROUNDS; n++) {
		next = left ^ round_value(key, half_bits, n, right);
		left = right;
		right = next;
	}
	return left << half_bits | right;
}

static uint64_t
unpermute(const unsigned char key[16], unsigned half_bits, uint64_t v)
{
	uint64_t left = v >> half_bits, right = v & ((1ULL << half_bits) - 1);
	uint64_t before;
	unsigned n;

	for (n = ROUNDS; n-- > 0;) {
		before = right ^ round_value(key, half_bits, n, left);
		right = left;
		left = before;
	}
	return left << half_bits | right;
}

void
rc_code_encode(
    const unsigned char key[16], uint64_t id, char out[RC_CODE_LEN + 1])
{
	int i;

	do
		id = permute(key, CODE_HALF_BITS, id);
	while (id >= RC_CODE_SPACE);
	for (i = RC_CODE_LEN - 1; i >= 0; i--) {
		out[i] = base62[id % 62];
		id /= 62;
	}
	out[RC_CODE_LEN] = '\0';
}

bool
rc_code_decode(const unsigned char key[16], struct rc_slice text, uint64_t *id)
{
	uint64_t v = 0;
	const char *digit;
	size_t i;

	if (text.len != RC_CODE_LEN)
		return false;
	for (i = 0; i < text.len; i++) {
		digit = memchr(base62, text.p[i], sizeof(base62) - 1);
		if (digit == NULL)
			return false;
		v = v * 62 + (uint64_t)(digit - base62);
	}
	do
		v = unpermute(key, CODE_HALF_BITS, v);
	while (v >= RC_CODE_SPACE);
	*id = v;
	return true;
}

void
rc_message_id_encode(const unsigned char key[16], uint32_t campaign,
    uint32_t ordinal, char out[RC_MESSAGE_ID_LEN + 1])
{
	uint64_t v = (uint64_t)campaign << 32 | ordinal;
	unsigned char bytes[8];

	rc_put64(bytes, permute(key, MESSAGE_HALF_BITS, v));
	rc_hex(bytes, sizeof(bytes), out);
}

bool
rc_message_id_decode(const unsigned char key[16], struct rc_slice text,
    uint32_t *campaign, uint32_t *ordinal)
{
	unsigned char bytes[8];
	uint64_t v;

	if (!rc_unhex(text, bytes, sizeof(bytes)))
		return false;
	v = unpermute(key, MESSAGE_HALF_BITS, rc_get64(bytes));
	*campaign = (uint32_t)(v >> 32);
	*ordinal = (uint32_t)v;
	return true;
}
