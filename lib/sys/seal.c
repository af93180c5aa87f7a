#include "sys/seal_priv.h"

#include "base/num.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define NONCE_LEN 12
#define TAG_LEN 16
#define FIELD_MAX 128
#define CHECK_PURPOSE "reconnect-key-check"
#define DIGEST_PURPOSE "reconnect-digest"

static const unsigned char purpose[] = "reconnect";

/*
 * A library context of our own: OpenSSL 3.0's common one is set up at first
 * use, and a shortage of memory at that moment makes it crash then or later.
 * This one is set up at first use as well, since most tools only check the key.
 */
struct cipher {
	OSSL_LIB_CTX *library;
	EVP_CIPHER *aes;
};

void
rc_wipe(struct rc_buf *b)
{
	if (b->data != NULL)
		OPENSSL_cleanse(b->data, b->cap);
	rc_buf_reset(b);
}

/* Not from OpenSSL, whose generator crashes when memory is short. */
enum rc_err
rc_random(void *p, size_t n, struct rc_error *e)
{
	char *to = p;

	while (n > 0) {
		ssize_t got = getrandom(to, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return rc_err_errno(e, RC_EINTERNAL,
			    "the system gives no random bytes");
		to += got;
		n -= (size_t)got;
	}
	return RC_OK;
}

enum rc_err
rc_seal_new(struct rc_seal **out, struct rc_error *e)
{
	struct rc_seal *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (s != NULL)
		s->cipher = calloc(1, sizeof(*s->cipher));
	if (s == NULL || s->cipher == NULL) {
		free(s);
		return rc_err_nomem(e);
	}
	*out = s;
	return RC_OK;
}

enum rc_err
rc_seal_draw(struct rc_seal **out, struct rc_error *e)
{
	enum rc_err r = rc_seal_new(out, e);

	if (r == RC_OK)
		r = rc_random((*out)->key, sizeof((*out)->key), e);
	if (r != RC_OK) {
		rc_seal_close(*out);
		*out = NULL;
	}
	return r;
}

void
rc_seal_close(struct rc_seal *s)
{
	if (s == NULL)
		return;
	EVP_CIPHER_free(s->cipher->aes);
	OSSL_LIB_CTX_free(s->cipher->library);
	free(s->cipher);
	OPENSSL_cleanse(s, sizeof(*s));
	free(s);
}

void
rc_seal_check_value(const struct rc_seal *s, unsigned char out[RC_SHA256_LEN])
{
	unsigned char text[sizeof(CHECK_PURPOSE) - 1 + RC_SEAL_KEY_LEN];
	size_t len = sizeof(text) - sizeof(s->key);

	memcpy(text, CHECK_PURPOSE, len);
	memcpy(text + len, s->key, sizeof(s->key));
	rc_sha256(rc_slice_of(text, sizeof(text)), out);
	OPENSSL_cleanse(text, sizeof(text));
}

void
rc_seal_digest(const struct rc_seal *s, struct rc_slice text,
    unsigned char out[RC_SHA256_LEN])
{
	unsigned char
	    all[sizeof(DIGEST_PURPOSE) - 1 + RC_SEAL_KEY_LEN + RC_SHA256_LEN];
	unsigned char *key = all + sizeof(DIGEST_PURPOSE) - 1;

	memcpy(all, DIGEST_PURPOSE, sizeof(DIGEST_PURPOSE) - 1);
	memcpy(key, s->key, sizeof(s->key));
	rc_sha256(text, key + sizeof(s->key));
	rc_sha256(rc_slice_of(all, sizeof(all)), out);
	OPENSSL_cleanse(all, sizeof(all));
}

/* --- sealing ------------------------------------------------------------- */

/* What a secret belongs to: "reconnect", u32 channel number, field. */
static bool
add_belonging(EVP_CIPHER_CTX *c, uint32_t channel, const char *field)
{
	const unsigned char *name = (const unsigned char *)field;
	size_t len = strlen(field);
	unsigned char number[4];
	int n;

	rc_put32(number, channel);
	return len <= FIELD_MAX &&
	       EVP_CipherUpdate(c, NULL, &n, purpose, sizeof(purpose) - 1) ==
		   1 &&
	       EVP_CipherUpdate(c, NULL, &n, number, sizeof(number)) == 1 &&
	       EVP_CipherUpdate(c, NULL, &n, name, (int)len) == 1;
}

static enum rc_err
open_cipher(struct cipher *c, struct rc_error *e)
{
	if (c->library == NULL)
		c->library = OSSL_LIB_CTX_new();
	if (c->library != NULL && c->aes == NULL)
		c->aes = EVP_CIPHER_fetch(c->library, "AES-256-GCM", NULL);
	if (c->aes != NULL)
		return RC_OK;
	return rc_err_set(e, RC_EAGAIN,
	    "OpenSSL gives no AES-256-GCM: out of memory, or its default "
	    "provider is not there");
}

/* Knows nothing of the text yet, so its failure says nothing about it. */
static enum rc_err
start_cipher(EVP_CIPHER_CTX **c, const struct rc_seal *s, bool lock,
    const unsigned char *nonce, struct rc_error *e)
{
	enum rc_err r = open_cipher(s->cipher, e);

	if (r != RC_OK)
		return r;
	*c = EVP_CIPHER_CTX_new();
	if (*c != NULL && EVP_CipherInit_ex2(*c, s->cipher->aes, s->key, nonce,
			      lock, NULL) == 1)
		return RC_OK;
	EVP_CIPHER_CTX_free(*c);
	return rc_err_nomem(e);
}

static bool
run_cipher(EVP_CIPHER_CTX *c, bool lock, uint32_t channel, const char *field,
    struct rc_slice in, unsigned char *out, unsigned char *tag)
{
	int n, last;

	if (!add_belonging(c, channel, field) ||
	    EVP_CipherUpdate(
		c, out, &n, (const unsigned char *)in.p, (int)in.len) != 1)
		return false;
	if (!lock &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_LEN, tag) != 1)
		return false;
	if (EVP_CipherFinal_ex(c, out + n, &last) != 1)
		return false;
	return !lock ||
	       EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_LEN, tag) == 1;
}

enum rc_err
rc_seal_lock(const struct rc_seal *s, uint32_t channel, const char *field,
    struct rc_slice plain, struct rc_buf *sealed, struct rc_error *e)
{
	size_t len = NONCE_LEN + plain.len + TAG_LEN;
	unsigned char *room;
	EVP_CIPHER_CTX *c;
	enum rc_err r;

	if (plain.len > RC_SECRET_MAX)
		return rc_err_set(e, RC_EDATA,
		    "secret '%s' is larger than %d bytes", field,
		    RC_SECRET_MAX);
	room = (unsigned char *)rc_buf_room(sealed, len);
	if (room == NULL)
		return rc_buf_check(sealed, "a sealed secret", e);
	r = rc_random(room, NONCE_LEN, e);
	if (r == RC_OK)
		r = start_cipher(&c, s, true, room, e);
	if (r != RC_OK)
		return r;
	if (run_cipher(c, true, channel, field, plain, room + NONCE_LEN,
		room + NONCE_LEN + plain.len))
		rc_buf_cut(sealed, sealed->len + len);
	else
		r = rc_err_set(
		    e, RC_EINTERNAL, "cannot seal secret '%s'", field);
	EVP_CIPHER_CTX_free(c);
	return r;
}

enum rc_err
rc_seal_unlock(const struct rc_seal *s, uint32_t channel, const char *field,
    struct rc_slice sealed, struct rc_buf *plain, struct rc_error *e)
{
	const unsigned char *in = (const unsigned char *)sealed.p;
	unsigned char tag[TAG_LEN], *room;
	struct rc_slice text;
	EVP_CIPHER_CTX *c;
	enum rc_err r;
	bool opened;

	if (sealed.len < NONCE_LEN + TAG_LEN ||
	    sealed.len > NONCE_LEN + RC_SECRET_MAX + TAG_LEN)
		goto damaged;
	text = (struct rc_slice){
	    sealed.p + NONCE_LEN, sealed.len - NONCE_LEN - TAG_LEN};
	memcpy(tag, in + sealed.len - TAG_LEN, TAG_LEN);
	room = (unsigned char *)rc_buf_room(plain, text.len);
	if (room == NULL)
		return rc_buf_check(plain, "a secret", e);
	r = start_cipher(&c, s, false, in, e);
	if (r != RC_OK)
		return r;
	opened = run_cipher(c, false, channel, field, text, room, tag);
	EVP_CIPHER_CTX_free(c);
	if (opened) {
		rc_buf_cut(plain, plain->len + text.len);
		return RC_OK;
	}
	OPENSSL_cleanse(room, text.len);
damaged:
	return rc_err_set(e, RC_ECONFIG,
	    "secret '%s' does not open: it was sealed for something else, "
	    "by another key, or is damaged; set it again",
	    field);
}
