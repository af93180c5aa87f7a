#include "text/ident.h"

#include "base/num.h"
#include "text/email.h"
#include "text/phone.h"
#include "text/utf8.h"

#include <string.h>

#define CUSTOM_MAX 250
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

/* Whether a text is printable ASCII; tells most texts, eight bytes at once. */
static bool
is_plain(struct rc_slice s)
{
	const uint64_t each = 0x0101010101010101;
	uint64_t bad = 0, v, no_del;

	for (; s.len > 0; s.p += sizeof(v), s.len -= sizeof(v)) {
		size_t n = s.len < sizeof(v) ? s.len : sizeof(v);

		v = each * ' ';
		memcpy(&v, s.p, n);
		no_del = v ^ each * 0x7f;
		/* A borrow only spoils what is behind a bad byte. */
		bad |= (v - each * 0x20) | (no_del - each) | v;
		if (n < sizeof(v))
			break;
	}
	return (bad & each * 0x80) == 0;
}

/* Why a text cannot be an identifier of any kind, or NULL. */
static const char *
check_text(struct rc_slice s, size_t max)
{
	if (s.len == 0)
		return "empty";
	if (s.len > max)
		return "too long";
	if (is_plain(s))
		return NULL;
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return "control character";
	return rc_utf8_valid(s) ? NULL : "not UTF-8";
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
	const char *why = check_text(s, RC_IDENT_KEY_MAX);

	if (why == NULL)
		why = rc_email_check(s);
	if (why != NULL)
		return why;
	rc_slice_fold(s, key);
	*key_len = s.len;
	return NULL;
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
set_text(struct rc_ident *id, struct rc_slice s, bool canonical)
{
	if (id->type == RC_IDENT_PHONE)
		id->phone = rc_get64(id->key);
	if (canonical) {
		memcpy(id->text, s.p, s.len);
		id->text[s.len] = '\0';
	} else {
		rc_phone_format(id->phone, id->text);
	}
}

enum rc_err
rc_ident_parse(enum rc_ident_type type, struct rc_slice s, struct rc_ident *id,
    struct rc_error *e)
{
	const char *why;
	bool canonical = true;
	uint64_t n = 0;

	id->type = type;
	id->phone = 0;
	s = rc_slice_trim(s);
	if (type == RC_IDENT_PHONE) {
		enum rc_phone_result r = rc_phone_strict(s, &n);

		canonical = r == RC_PHONE_OK;
		if (!canonical)
			r = rc_phone_lenient(s, &n);
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
	set_text(id, s, canonical);
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
	set_text(id, key, type != RC_IDENT_PHONE);
	return RC_OK;
}

int
rc_ident_cmp_key(const struct rc_ident *id, const void *key, size_t len)
{
	uint64_t other;

	if (id->type != RC_IDENT_PHONE || len != sizeof(other))
		return rc_slice_cmp(rc_ident_key(id), rc_slice_of(key, len));
	other = rc_get64(key);
	return (id->phone > other) - (id->phone < other);
}
