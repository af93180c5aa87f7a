#include "text/ident.h"

#include "base/num.h"
#include "text/phone.h"
#include "text/utf8.h"

#include <string.h>

#define CUSTOM_MAX 250
#define LOCAL_MAX 64 /* RFC 5321, 4.5.3.1.1 */
#define LABEL_MAX 63 /* RFC 1035, 2.3.4 */
#define SHOWN_MAX 60 /* bytes of a refused value in a message */

enum rc_err
rc_ident_type_parse(
    struct rc_slice s, enum rc_ident_type *out, struct rc_error *e)
{
	for (int t = RC_IDENT_PHONE; t <= RC_IDENT_CUSTOM; t++) {
		if (rc_slice_is(s, rc_ident_type_name((enum rc_ident_type)t))) {
			*out = (enum rc_ident_type)t;
			return RC_OK;
		}
	}
	return rc_err_set(e, RC_EUSAGE,
	    "'%.*s' is no identifier type: use phoneNumber, email or custom",
	    (int)(s.len > SHOWN_MAX ? SHOWN_MAX : s.len), s.p);
}

const char *
rc_ident_type_name(enum rc_ident_type type)
{
	switch (type) {
	case RC_IDENT_PHONE:
		return "phoneNumber";
	case RC_IDENT_EMAIL:
		return "email";
	case RC_IDENT_CUSTOM:
		return "custom";
	}
	return "unknown";
}

static const char *
noun(enum rc_ident_type type)
{
	if (type == RC_IDENT_PHONE)
		return "phone number";
	return type == RC_IDENT_EMAIL ? "e-mail address" : "custom identifier";
}

/* Why a text cannot be an identifier of any kind, or NULL. */
static const char *
check_text(struct rc_slice s, size_t max)
{
	if (s.len == 0)
		return "empty";
	if (s.len > max)
		return "too long";
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return "control character";
	return rc_utf8_valid(s) ? NULL : "not UTF-8";
}

/*
 * Letters, digits and inner hyphens; bytes above ASCII belong to
 * internationalised names (RFC 6531).
 */
static bool
is_label(const char *p, size_t len)
{
	if (len == 0 || len > LABEL_MAX || p[0] == '-' || p[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c < 0x80 && c != '-' && (c < '0' || c > '9') &&
		    ((c | 0x20) < 'a' || (c | 0x20) > 'z'))
			return false;
	}
	return true;
}

/* Two labels at least: nobody's subscribers are at "localhost". */
static bool
is_domain(struct rc_slice s)
{
	size_t labels = 0;

	for (;;) {
		const char *dot = s.len == 0 ? NULL : memchr(s.p, '.', s.len);
		size_t len = dot == NULL ? s.len : (size_t)(dot - s.p);

		if (!is_label(s.p, len))
			return false;
		labels++;
		if (dot == NULL)
			return labels >= 2;
		s.p += len + 1;
		s.len -= len + 1;
	}
}

/*
 * Looser than RFC 5321 where real addresses are (dots at odd places), stricter
 * where only typing errors are (spaces, a second at sign).
 */
static const char *
check_email(struct rc_slice s)
{
	const char *why = check_text(s, RC_IDENT_KEY_MAX), *at;
	size_t local;

	if (why != NULL)
		return why;
	at = memchr(s.p, '@', s.len);
	if (at == NULL)
		return "no at sign";
	local = (size_t)(at - s.p);
	if (local == 0 || local > LOCAL_MAX)
		return "wrong part before the at sign";
	for (size_t i = 0; i < local; i++)
		if (strchr(" \"(),:;<>[\\]", s.p[i]) != NULL)
			return "wrong part before the at sign";
	if (!is_domain((struct rc_slice){at + 1, s.len - local - 1}))
		return "wrong domain";
	return NULL;
}

static void
fold_key(struct rc_slice s, unsigned char *key, size_t *key_len)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		key[i] = c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
	}
	*key_len = s.len;
}

static const char *
phone_key(
    enum rc_phone_result r, uint64_t n, unsigned char *key, size_t *key_len)
{
	if (r != RC_PHONE_OK && r != RC_PHONE_REPAIRED)
		return rc_phone_reason(r);
	rc_put64(key, n);
	*key_len = 8;
	return NULL;
}

static const char *
email_key(struct rc_slice s, unsigned char *key, size_t *key_len)
{
	const char *why = check_email(s);

	if (why == NULL)
		fold_key(s, key, key_len);
	return why;
}

static const char *
custom_key(struct rc_slice s, unsigned char *key, size_t *key_len)
{
	const char *why = check_text(s, CUSTOM_MAX);

	if (why != NULL)
		return why;
	memcpy(key, s.p, s.len);
	*key_len = s.len;
	return NULL;
}

const char *
rc_ident_list_value(enum rc_ident_type type, struct rc_slice s,
    unsigned char *key, size_t *key_len, bool *repaired)
{
	enum rc_phone_result r;
	uint64_t n = 0;

	*repaired = false;
	if (type == RC_IDENT_EMAIL)
		return email_key(rc_slice_trim(s), key, key_len);
	if (type == RC_IDENT_CUSTOM)
		return custom_key(s, key, key_len);
	r = rc_phone_strict(s, &n);
	*repaired = r == RC_PHONE_REPAIRED;
	return phone_key(r, n, key, key_len);
}

/* Fills the text of an identifier whose key is there. */
static void
set_text(struct rc_ident *id, struct rc_slice s)
{
	if (id->type == RC_IDENT_PHONE) {
		id->phone = rc_get64(id->key);
		rc_phone_format(id->phone, id->text);
		return;
	}
	memcpy(id->text, s.p, s.len);
	id->text[s.len] = '\0';
}

enum rc_err
rc_ident_parse(enum rc_ident_type type, struct rc_slice s, struct rc_ident *id,
    struct rc_error *e)
{
	const char *why;
	uint64_t n = 0;

	id->type = type;
	id->phone = 0;
	if (type == RC_IDENT_EMAIL)
		s = rc_slice_trim(s);
	if (type == RC_IDENT_PHONE) {
		enum rc_phone_result r = rc_phone_lenient(s, &n);

		why = phone_key(r, n, id->key, &id->key_len);
	} else if (type == RC_IDENT_EMAIL) {
		why = email_key(s, id->key, &id->key_len);
	} else {
		why = custom_key(s, id->key, &id->key_len);
	}
	if (why != NULL)
		return rc_err_set(e, RC_EDATA, "'%.*s' is no %s: %s",
		    (int)(s.len > SHOWN_MAX ? SHOWN_MAX : s.len), s.p,
		    noun(type), why);
	set_text(id, s);
	return RC_OK;
}

enum rc_err
rc_ident_from_key(enum rc_ident_type type, struct rc_slice key,
    struct rc_ident *id, struct rc_error *e)
{
	if (key.len == 0 || key.len > RC_IDENT_KEY_MAX ||
	    (type == RC_IDENT_PHONE && key.len != 8))
		return rc_err_set(e, RC_EINTERNAL,
		    "a key of %zu bytes is no %s: restore the state", key.len,
		    noun(type));
	id->type = type;
	id->phone = 0;
	memcpy(id->key, key.p, key.len);
	id->key_len = key.len;
	set_text(id, key);
	return RC_OK;
}
