/*
 * Secrets at rest, and digests, on OpenSSL.
 *
 * The seal key lives in a file of its own (mode 0600, one user's).  A secret
 * is sealed with AES-256-GCM under it; what it belongs to (channel number and
 * field) is authenticated, so that a sealed value moved elsewhere does not
 * open.  Plain secrets are wiped with rc_wipe when done.  One thread a seal.
 */
#ifndef RC_SYS_SEAL_H
#define RC_SYS_SEAL_H

#include "base/buf.h"

#define RC_SHA256_LEN 32
#define RC_MD5_LEN 16
#define RC_HMAC_SHA1_LEN 20
#define RC_SEAL_KEY_LEN 32
#define RC_SECRET_MAX 8192 /* bytes of a secret */

struct rc_seal;

/*
 * Opens the key file, or creates it (with its directories, mode 0700) if
 * create and it is not there.  RC_EPERM when others can read it (says chmod)
 * or it is another user's; RC_ECONFIG when it is no key; RC_ENOINPUT.
 */
enum rc_err rc_seal_open(struct rc_seal **, const char *path, bool create,
    struct rc_error *) RC_MUST_USE;
void rc_seal_close(struct rc_seal *); /* wipes; NULL is fine */
/* A new key, in memory alone. */
enum rc_err rc_seal_draw(struct rc_seal **, struct rc_error *) RC_MUST_USE;

/*
 * Beside the key at PATH others may lie in PATH.ID, ID being the first 16
 * hexadecimal digits of a key's check value.  Such a file is made whole and is
 * never changed, so whoever knows the check value finds the key, whatever has
 * been put at PATH meanwhile.
 */
/* RC_ENOINPUT when it is not there; otherwise as rc_seal_open. */
enum rc_err rc_seal_open_kept(struct rc_seal **, const char *path,
    const unsigned char check[RC_SHA256_LEN], struct rc_error *) RC_MUST_USE;
/* Makes a key's PATH.ID, if it is not there, durably. */
enum rc_err rc_seal_keep(
    const struct rc_seal *, const char *path, struct rc_error *) RC_MUST_USE;
/* Puts a key at PATH, at once and durably.  Keep the one that was there. */
enum rc_err rc_seal_place(
    const struct rc_seal *, const char *path, struct rc_error *) RC_MUST_USE;
/* Removes a key's PATH.ID. */
void rc_seal_drop(const struct rc_seal *, const char *path);
/* Appends PATH.ID of a key. */
void rc_seal_kept_name(
    const struct rc_seal *, const char *path, struct rc_buf *out);

/* SHA-256("reconnect-key-check" and the key): tells keys apart. */
void rc_seal_check_value(
    const struct rc_seal *, unsigned char out[RC_SHA256_LEN]);
/*
 * A digest that tells secrets apart, and from which nobody without the key can
 * try them out: SHA-256("reconnect-digest", the key, and the text's SHA-256).
 */
void rc_seal_digest(const struct rc_seal *, struct rc_slice text,
    unsigned char out[RC_SHA256_LEN]);
/*
 * Appends nonce (12), ciphertext, tag (16).  field is at most 128 bytes.
 * RC_EDATA when plain is longer than RC_SECRET_MAX.
 */
enum rc_err rc_seal_lock(const struct rc_seal *, uint32_t channel,
    const char *field, struct rc_slice plain, struct rc_buf *sealed,
    struct rc_error *) RC_MUST_USE;
/* RC_ECONFIG when it was sealed for something else, by another key, or is
 * damaged. */
enum rc_err rc_seal_unlock(const struct rc_seal *, uint32_t channel,
    const char *field, struct rc_slice sealed, struct rc_buf *plain,
    struct rc_error *) RC_MUST_USE;

/* Clears a buffer's memory, all of its capacity, and empties it. */
void rc_wipe(struct rc_buf *);

/* From the system; RC_EINTERNAL when it gives none. */
enum rc_err rc_random(void *, size_t, struct rc_error *) RC_MUST_USE;
void rc_sha256(struct rc_slice, unsigned char out[RC_SHA256_LEN]);
/* A digest in the making. */
struct rc_hash;
enum rc_hash_kind {
	RC_HASH_SHA256,
	RC_HASH_MD5 /* that others announce; nothing of ours relies on it */
};
/* RC_EAGAIN without memory. */
enum rc_err rc_hash_open(
    struct rc_hash **, enum rc_hash_kind, struct rc_error *) RC_MUST_USE;
/* After rc_hash_open or rc_hash_reset. */
void rc_hash_add(struct rc_hash *, struct rc_slice);
/* Ends the digest, RC_SHA256_LEN or RC_MD5_LEN bytes of it; rc_hash_reset
 * before the next one. */
void rc_hash_finish(struct rc_hash *, unsigned char *out);
void rc_hash_reset(struct rc_hash *);
void rc_hash_close(struct rc_hash *); /* NULL is fine */
void rc_hmac_sha1(struct rc_slice key, struct rc_slice text,
    unsigned char out[RC_HMAC_SHA1_LEN]);
/* Equal, in a time that depends on the lengths alone. */
bool rc_equal_secret(struct rc_slice, struct rc_slice);
/* RFC 4648, section 4, with padding; both append. */
void rc_base64(struct rc_buf *, struct rc_slice);
/* Strict: false for anything but what rc_base64 writes, or a full buffer. */
bool rc_unbase64(struct rc_buf *, struct rc_slice) RC_MUST_USE;

#endif
