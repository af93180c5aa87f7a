/*
 * The digest that a server announces of what it sends, and whether that came.
 *
 * Known are S3's x-amz-checksum-sha256 and the ETag that is an MD5, HTTP's
 * Repr-Digest and Content-Digest (RFC 9530), Digest (RFC 3230) and Content-MD5
 * (RFC 1864).  Of several the SHA-256 is compared, which the others cannot make
 * more certain.  Order: rc_digest_want for each header, rc_digest_add for each
 * piece, rc_digest_check.
 */
#ifndef RC_JOB_SOURCE_DIGEST_H
#define RC_JOB_SOURCE_DIGEST_H

#include "sys/seal.h"

enum rc_digest_form {
	RC_DIGEST_BASE64_SHA256, /* x-amz-checksum-sha256 */
	RC_DIGEST_BASE64_MD5,	 /* Content-MD5 */
	RC_DIGEST_LIST,		 /* "sha-256=…", perhaps between colons */
	RC_DIGEST_ETAG		 /* "hex", if it has the length of an MD5 */
};

struct rc_digest {
	unsigned char sha256[RC_SHA256_LEN], md5[RC_MD5_LEN]; /* announced */
	bool has_sha256, has_md5;
	/* Of what came, SHA-256 before MD5; NULL: not needed. */
	struct rc_hash *of;
};

/* A digest that is not of this form, or of another algorithm, says nothing. */
void rc_digest_want(struct rc_digest *, enum rc_digest_form, const char *);
/* Before the first piece. */
enum rc_err rc_digest_start(struct rc_digest *, struct rc_error *) RC_MUST_USE;
void rc_digest_add(struct rc_digest *, struct rc_slice);
/* Whether anything was announced. */
bool rc_digest_known(const struct rc_digest *);
/* At the end, once.  RC_EPROTO: something else was sent. */
enum rc_err rc_digest_check(struct rc_digest *, struct rc_error *) RC_MUST_USE;
/* What rc_digest_start opened; repeatable. */
void rc_digest_close(struct rc_digest *);

#endif
