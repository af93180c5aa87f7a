/*
 * The plain functions of libcrypto: unlike EVP's they allocate nothing and
 * cannot fail, so a digest is never missing, and a small block costs little.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "sys/seal.h"

#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

struct rc_hash {
	enum rc_hash_kind kind;
	union {
		SHA256_CTX sha256;
		MD5_CTX md5;
	};
};

void
rc_sha256(struct rc_slice s, unsigned char out[RC_SHA256_LEN])
{
	struct rc_hash h;

	h.kind = RC_HASH_SHA256;
	rc_hash_reset(&h);
	rc_hash_add(&h, s);
	rc_hash_finish(&h, out);
}

enum rc_err
rc_hash_open(struct rc_hash **out, enum rc_hash_kind kind, struct rc_error *e)
{
	*out = malloc(sizeof(**out));
	if (*out == NULL)
		return rc_err_nomem(e);
	(*out)->kind = kind;
	rc_hash_reset(*out);
	return RC_OK;
}

void
rc_hash_add(struct rc_hash *h, struct rc_slice s)
{
	if (h->kind == RC_HASH_SHA256)
		SHA256_Update(&h->sha256, s.p, s.len);
	else
		MD5_Update(&h->md5, s.p, s.len);
}

void
rc_hash_finish(struct rc_hash *h, unsigned char *out)
{
	if (h->kind == RC_HASH_SHA256)
		SHA256_Final(out, &h->sha256);
	else
		MD5_Final(out, &h->md5);
}

void
rc_hash_reset(struct rc_hash *h)
{
	if (h->kind == RC_HASH_SHA256)
		SHA256_Init(&h->sha256);
	else
		MD5_Init(&h->md5);
}

void
rc_hash_close(struct rc_hash *h)
{
	free(h);
}

static void
sha1_pad(SHA_CTX *c, const unsigned char key[SHA_CBLOCK], unsigned char with)
{
	unsigned char pad[SHA_CBLOCK];

	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] = key[i] ^ with;
	SHA1_Init(c);
	SHA1_Update(c, pad, sizeof(pad));
	OPENSSL_cleanse(pad, sizeof(pad));
}

/* RFC 2104. */
void
rc_hmac_sha1(struct rc_slice key, struct rc_slice text,
    unsigned char out[RC_HMAC_SHA1_LEN])
{
	unsigned char block[SHA_CBLOCK] = {0}, inner[SHA_DIGEST_LENGTH];
	SHA_CTX c;

	if (key.len > sizeof(block)) {
		SHA1_Init(&c);
		SHA1_Update(&c, key.p, key.len);
		SHA1_Final(block, &c);
	} else if (key.len > 0) {
		memcpy(block, key.p, key.len);
	}
	sha1_pad(&c, block, 0x36);
	SHA1_Update(&c, text.p, text.len);
	SHA1_Final(inner, &c);
	sha1_pad(&c, block, 0x5c);
	SHA1_Update(&c, inner, sizeof(inner));
	SHA1_Final(out, &c);
	OPENSSL_cleanse(block, sizeof(block));
	OPENSSL_cleanse(&c, sizeof(c));
}

bool
rc_equal_secret(struct rc_slice a, struct rc_slice b)
{
	return a.len == b.len &&
	       (a.len == 0 || CRYPTO_memcmp(a.p, b.p, a.len) == 0);
}

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789+/";

void
rc_base64(struct rc_buf *out, struct rc_slice s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i < s.len; i += 3) {
		size_t n = s.len - i < 3 ? s.len - i : 3;
		uint32_t bits = (uint32_t)p[i] << 16;
		char quad[4];

		if (n > 1)
			bits |= (uint32_t)p[i + 1] << 8;
		if (n > 2)
			bits |= p[i + 2];
		for (size_t k = 0; k < 4; k++)
			quad[k] =
			    k > n ? '='
				  : base64_digits[bits >> (18 - 6 * k) & 63];
		rc_buf_add(out, quad, sizeof(quad));
	}
}

/* Four characters to one to three bytes; 0 when they are none. */
static size_t
unbase64_quad(const char quad[4], bool last, unsigned char out[3])
{
	uint32_t bits = 0;
	size_t n = 4;

	while (last && n > 2 && quad[n - 1] == '=')
		n--;
	for (size_t k = 0; k < n; k++) {
		const char *at =
		    memchr(base64_digits, quad[k], sizeof(base64_digits) - 1);

		if (at == NULL)
			return 0;
		bits |= (uint32_t)(at - base64_digits) << (18 - 6 * k);
	}
	/* Bits behind the last byte: another text for the same bytes. */
	if ((bits & ((1u << (8 * (4 - n))) - 1)) != 0)
		return 0;
	out[0] = (unsigned char)(bits >> 16);
	out[1] = (unsigned char)(bits >> 8);
	out[2] = (unsigned char)bits;
	return n - 1;
}

bool
rc_unbase64(struct rc_buf *out, struct rc_slice s)
{
	if (s.len % 4 != 0)
		return false;
	for (size_t i = 0; i < s.len; i += 4) {
		unsigned char bytes[3];
		size_t n = unbase64_quad(s.p + i, i + 4 == s.len, bytes);

		if (n == 0)
			return false;
		rc_buf_add(out, bytes, n);
	}
	return out->state == RC_BUF_FINE;
}
