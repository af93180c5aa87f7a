#include "base/num.h"

#include <endian.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
rc_num_u64(struct rc_slice s, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;

	if (s.len == 0 || s.len > 20)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned d = (unsigned)(s.p[i] - '0');

		if (d > 9 || n > (UINT64_MAX - d) / 10)
			return false;
		n = n * 10 + d;
	}
	if (n > max)
		return false;
	*out = n;
	return true;
}

bool
rc_num_double(struct rc_slice s, double *out)
{
	char text[32], *end;

	if (s.len == 0 || s.len >= sizeof(text))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if ((s.p[i] < '0' || s.p[i] > '9') && s.p[i] != '.')
			return false;
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	*out = strtod(text, &end);
	return *end == '\0' && end != text && isfinite(*out) && *out <= 1e15;
}

bool
rc_num_decimal(
    struct rc_slice s, unsigned decimals, uint64_t max, uint64_t *out)
{
	bool point = false, digits = false;
	unsigned left = decimals;
	uint64_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)(s.p[i] - '0');

		if (s.p[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (digit > 9)
			return false;
		digits = true;
		if (point && left == 0 && digit > 0)
			return false;
		if (point && left == 0)
			continue;
		left -= point;
		if (digit > max || n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	for (; left > 0; left--) {
		if (n > max / 10)
			return false;
		n *= 10;
	}
	*out = n;
	return digits;
}

void
rc_num_decimal_format(
    uint64_t n, unsigned decimals, char text[RC_NUM_DECIMAL_LEN])
{
	uint64_t unit = 1;
	size_t len;

	for (unsigned i = 0; i < decimals; i++)
		unit *= 10;
	len = (size_t)snprintf(text, RC_NUM_DECIMAL_LEN, "%llu.%0*llu",
	    (unsigned long long)(n / unit), (int)decimals,
	    (unsigned long long)(n % unit));
	while (text[len - 1] == '0')
		text[--len] = '\0';
	if (text[len - 1] == '.')
		text[len - 1] = '\0';
}

bool
rc_num_duration(struct rc_slice s, uint64_t *ms)
{
	uint64_t n, unit;

	if (s.len < 2)
		return false;
	switch (s.p[s.len - 1]) {
	case 's':
		unit = 1000;
		break;
	case 'm':
		unit = 60 * 1000;
		break;
	case 'h':
		unit = 3600 * 1000;
		break;
	case 'd':
		unit = 86400 * 1000;
		break;
	default:
		return false;
	}
	s.len--;
	if (!rc_num_u64(s, 10000ULL * 86400 * 1000 / unit, &n))
		return false;
	*ms = n * unit;
	return true;
}

void
rc_put16(void *p, uint16_t v)
{
	v = htobe16(v);
	memcpy(p, &v, sizeof(v));
}

void
rc_put32(void *p, uint32_t v)
{
	v = htobe32(v);
	memcpy(p, &v, sizeof(v));
}

void
rc_put48(void *p, uint64_t v)
{
	v = htobe64(v << 16);
	memcpy(p, &v, 6);
}

uint16_t
rc_get16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return be16toh(v);
}

uint32_t
rc_get32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

uint64_t
rc_get48(const void *p)
{
	uint64_t v = 0;

	memcpy(&v, p, 6);
	return be64toh(v) >> 16;
}

size_t
rc_varint_put(unsigned char *p, uint64_t v)
{
	size_t n = 0;

	while (v >= 0x80) {
		p[n++] = (unsigned char)(v | 0x80);
		v >>= 7;
	}
	p[n++] = (unsigned char)v;
	return n;
}

bool
rc_varint_get(const unsigned char **p, const unsigned char *end, uint64_t *out)
{
	const unsigned char *s = *p;
	uint64_t v = 0;

	for (int shift = 0; s < end && shift < 64; shift += 7) {
		unsigned char c = *s++;

		if (shift == 63 && c > 1)
			return false;
		v |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80) {
			*p = s;
			*out = v;
			return true;
		}
	}
	return false;
}

void
rc_buf_add8(struct rc_buf *b, uint8_t v)
{
	rc_buf_add(b, &v, 1);
}

void
rc_buf_add32(struct rc_buf *b, uint32_t v)
{
	unsigned char p[4];

	rc_put32(p, v);
	rc_buf_add(b, p, sizeof(p));
}

void
rc_buf_add64(struct rc_buf *b, uint64_t v)
{
	unsigned char p[8];

	rc_put64(p, v);
	rc_buf_add(b, p, sizeof(p));
}

void
rc_buf_add_varint(struct rc_buf *b, uint64_t v)
{
	unsigned char p[RC_VARINT_MAX];
	size_t n = rc_varint_put(p, v);

	rc_buf_add(b, p, n);
}

void
rc_buf_add_str(struct rc_buf *b, struct rc_slice s)
{
	rc_buf_add_varint(b, s.len);
	rc_buf_addv(b, s);
}

struct rc_unpack
rc_unpack_start(struct rc_slice s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	return (struct rc_unpack){p, p + s.len, false};
}

struct rc_slice
rc_unpack_bytes(struct rc_unpack *u, size_t n)
{
	struct rc_slice s = {"", 0};

	if ((size_t)(u->end - u->p) < n) {
		u->short_read = true;
		u->p = u->end;
		return s;
	}
	s.p = (const char *)u->p;
	s.len = n;
	u->p += n;
	return s;
}

uint8_t
rc_unpack8(struct rc_unpack *u)
{
	struct rc_slice s = rc_unpack_bytes(u, 1);

	return s.len == 0 ? 0 : (uint8_t)s.p[0];
}

uint32_t
rc_unpack32(struct rc_unpack *u)
{
	struct rc_slice s = rc_unpack_bytes(u, 4);

	return s.len == 0 ? 0 : rc_get32(s.p);
}

uint64_t
rc_unpack64(struct rc_unpack *u)
{
	struct rc_slice s = rc_unpack_bytes(u, 8);

	return s.len == 0 ? 0 : rc_get64(s.p);
}

uint64_t
rc_unpack_varint(struct rc_unpack *u)
{
	uint64_t v;

	if (rc_varint_get(&u->p, u->end, &v))
		return v;
	u->short_read = true;
	u->p = u->end;
	return 0;
}

struct rc_slice
rc_unpack_str(struct rc_unpack *u)
{
	uint64_t n = rc_unpack_varint(u);

	return rc_unpack_bytes(u, n > SIZE_MAX ? SIZE_MAX : (size_t)n);
}

void
rc_hex(const void *data, size_t n, char *out)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < n; i++) {
		*out++ = "0123456789abcdef"[p[i] >> 4];
		*out++ = "0123456789abcdef"[p[i] & 15];
	}
	*out = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
rc_unhex(struct rc_slice s, void *out, size_t n)
{
	unsigned char *p = out;

	if (s.len != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int hi = hex_digit(s.p[2 * i]), lo = hex_digit(s.p[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		p[i] = (unsigned char)(hi << 4 | lo);
	}
	return true;
}

static uint64_t
rotl(uint64_t x, int b)
{
	return x << b | x >> (64 - b);
}

static uint64_t
get_le64(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

/* The last bytes of a message, fewer than 8. */
static uint64_t
get_le_tail(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	while (n > 0)
		v = v << 8 | p[--n];
	return v;
}

static void
sip_rounds(uint64_t v[4], int n)
{
	while (n-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotl(v[1], 13) ^ v[0];
		v[3] = rotl(v[3], 16) ^ v[2];
		v[0] = rotl(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotl(v[1], 17) ^ v[2];
		v[3] = rotl(v[3], 21) ^ v[0];
		v[2] = rotl(v[2], 32);
	}
}

uint64_t
rc_siphash(const unsigned char key[16], const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t k0 = get_le64(key), k1 = get_le64(key + 8), m;
	uint64_t v[4] = {k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL,
	    k0 ^ 0x6c7967656e657261ULL, k1 ^ 0x7465646279746573ULL};
	size_t left = len;

	for (; left >= 8; left -= 8, p += 8) {
		m = get_le64(p);
		v[3] ^= m;
		sip_rounds(v, 2);
		v[0] ^= m;
	}
	m = (uint64_t)len << 56 | get_le_tail(p, left);
	v[3] ^= m;
	sip_rounds(v, 2);
	v[0] ^= m;
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
