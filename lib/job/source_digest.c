#include "job/source_digest.h"

#include "base/num.h"

#include <string.h>

/* Exactly len bytes in base64; false for anything else. */
static bool
decode(struct rc_slice text, unsigned char *out, size_t len)
{
	struct rc_buf bytes = RC_BUF_INIT(RC_SHA256_LEN);
	bool fine = rc_unbase64(&bytes, text) && bytes.len == len;

	if (fine)
		memcpy(out, bytes.data, len);
	rc_buf_free(&bytes);
	return fine;
}

/* One "name=value" of a list; a value of RFC 9530 stands between colons. */
static void
want_member(struct rc_digest *d, struct rc_slice member)
{
	const char *equals = memchr(member.p, '=', member.len);
	struct rc_slice name, value;

	if (equals == NULL)
		return;
	name =
	    rc_slice_trim(rc_slice_of(member.p, (size_t)(equals - member.p)));
	value = rc_slice_trim(rc_slice_of(
	    equals + 1, (size_t)(member.p + member.len - equals - 1)));
	if (value.len >= 2 && value.p[0] == ':' &&
	    value.p[value.len - 1] == ':') {
		value.p++;
		value.len -= 2;
	}
	if (rc_slice_is_nocase(name, "sha-256"))
		d->has_sha256 |= decode(value, d->sha256, RC_SHA256_LEN);
	else if (rc_slice_is_nocase(name, "md5"))
		d->has_md5 |= decode(value, d->md5, RC_MD5_LEN);
}

static void
want_list(struct rc_digest *d, struct rc_slice list)
{
	while (list.len > 0) {
		const char *comma = memchr(list.p, ',', list.len);
		size_t n = comma == NULL ? list.len : (size_t)(comma - list.p);

		want_member(d, rc_slice_of(list.p, n));
		n += comma != NULL;
		list.p += n;
		list.len -= n;
	}
}

/* A weak one ("W/") and one of several parts ("…-2") are no MD5. */
static void
want_etag(struct rc_digest *d, struct rc_slice tag)
{
	if (tag.len == 2 + 2 * RC_MD5_LEN && tag.p[0] == '"' &&
	    tag.p[tag.len - 1] == '"')
		d->has_md5 |= rc_unhex(
		    rc_slice_of(tag.p + 1, tag.len - 2), d->md5, RC_MD5_LEN);
}

void
rc_digest_want(
    struct rc_digest *d, enum rc_digest_form form, const char *header)
{
	struct rc_slice value = rc_slice_trim(rc_slice_str(header));

	switch (form) {
	case RC_DIGEST_BASE64_SHA256:
		d->has_sha256 |= decode(value, d->sha256, RC_SHA256_LEN);
		break;
	case RC_DIGEST_BASE64_MD5:
		d->has_md5 |= decode(value, d->md5, RC_MD5_LEN);
		break;
	case RC_DIGEST_LIST:
		want_list(d, value);
		break;
	case RC_DIGEST_ETAG:
		want_etag(d, value);
		break;
	}
}

enum rc_err
rc_digest_start(struct rc_digest *d, struct rc_error *e)
{
	if (!rc_digest_known(d))
		return RC_OK;
	return rc_hash_open(
	    &d->of, d->has_sha256 ? RC_HASH_SHA256 : RC_HASH_MD5, e);
}

void
rc_digest_add(struct rc_digest *d, struct rc_slice piece)
{
	if (d->of != NULL)
		rc_hash_add(d->of, piece);
}

bool
rc_digest_known(const struct rc_digest *d)
{
	return d->has_sha256 || d->has_md5;
}

enum rc_err
rc_digest_check(struct rc_digest *d, struct rc_error *e)
{
	unsigned char came[RC_SHA256_LEN];

	if (d->of == NULL)
		return RC_OK;
	rc_hash_finish(d->of, came);
	if (d->has_sha256 ? memcmp(came, d->sha256, RC_SHA256_LEN) == 0
			  : memcmp(came, d->md5, RC_MD5_LEN) == 0)
		return RC_OK;
	return rc_err_set(e, RC_EPROTO,
	    "what was received does not have the %s that the server announced",
	    d->has_sha256 ? "SHA-256" : "MD5");
}

void
rc_digest_close(struct rc_digest *d)
{
	rc_hash_close(d->of);
	d->of = NULL;
}
