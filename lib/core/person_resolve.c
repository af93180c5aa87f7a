#include "core/person_priv.h"

#include "base/num.h"

#include <string.h>

#define TRY_MAX (RC_PERSON_VALUE_MAX + 2) /* a byte before and one behind */

struct search {
	struct rc_txn *txn;
	enum rc_ident_type to;
	char best[RC_PERSON_VALUE_MAX];
	size_t best_len; /* 0: none yet */
	uint64_t seen_ms;
	const char *trying, *by;
};

/* The value one DYID has under one name, if it is newer than the best. */
static enum rc_err
consider_name(struct search *s, struct rc_slice dyid, const char *name,
    struct rc_error *e)
{
	unsigned char key[RC_STORE_KEY_MAX];
	struct rc_slice value;
	struct rc_unpack u;
	uint64_t seen;
	enum rc_err err;

	err = rc_get(s->txn, RC_T_PERSON,
	    rc_person_key(key, dyid, rc_slice_str(name)), &value, e);
	if (err != RC_OK)
		return err == RC_NOTFOUND ? RC_OK : err;
	u = rc_unpack_start(value);
	seen = rc_unpack64(&u);
	rc_unpack8(&u);
	value = rc_unpack_str(&u);
	if (u.short_read || value.len == 0 || value.len > sizeof(s->best))
		return rc_state_damaged(
		    e, "the record of identifier '%s'", name);
	if (s->best_len > 0 && seen <= s->seen_ms)
		return RC_OK;
	memcpy(s->best, value.p, value.len);
	s->best_len = value.len;
	s->seen_ms = seen;
	s->by = s->trying;
	return RC_OK;
}

static enum rc_err
consider(void *arg, struct rc_slice dyid, uint64_t seen_ms, struct rc_error *e)
{
	struct search *s = arg;
	enum rc_err err;

	(void)seen_ms;
	if (dyid.len > RC_PERSON_DYID_MAX)
		return RC_OK;
	if (s->to == RC_IDENT_PHONE)
		return consider_name(s, dyid, "phoneNumber", e);
	if (s->to == RC_IDENT_EMAIL)
		return consider_name(s, dyid, "email", e);
	err = consider_name(s, dyid, "custom", e);
	return err == RC_OK ? consider_name(s, dyid, "id", e) : err;
}

static enum rc_err
try_claim(struct search *s, const struct rc_claim *c, const char *by,
    struct rc_error *e)
{
	enum rc_err err;

	s->trying = by;
	err = rc_person_each_dyid(s->txn, c, consider, s, e);
	return err == RC_NOTFOUND ? RC_OK : err;
}

static enum rc_err
try_hash(struct search *s, const char *name, struct rc_slice text,
    const char *by, struct rc_error *e)
{
	unsigned char digest[RC_SHA256_LEN];
	char hex[2 * RC_SHA256_LEN + 1];
	struct rc_claim c;
	enum rc_err err;

	rc_sha256(text, digest);
	rc_hex(digest, sizeof(digest), hex);
	err = rc_claim_set(&c, rc_slice_str(name), rc_slice_str(hex), e);
	return err == RC_OK ? try_claim(s, &c, by, e) : err;
}

static void
upper(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] >= 'a' && p[i] <= 'z')
			p[i] = (char)(p[i] - ('a' - 'A'));
}

/*
 * The rule is the lower-cased, trimmed address; the others are what
 * integrations hash by mistake.
 */
static enum rc_err
try_email_hashes(struct search *s, const struct rc_claim *canonical,
    struct rc_slice given, struct rc_error *e)
{
	struct rc_slice folded = rc_claim_value(canonical);
	struct rc_slice trimmed = rc_slice_trim(given);
	char text[TRY_MAX];
	enum rc_err err;

	err =
	    try_hash(s, "he", folded, "SHA-256 of the lower-cased address", e);
	if (err == RC_OK && !rc_slice_eq(trimmed, folded))
		err = try_hash(s, "he", trimmed,
		    "SHA-256 of the address not lower-cased", e);
	if (err == RC_OK && !rc_slice_eq(given, trimmed))
		err = try_hash(
		    s, "he", given, "SHA-256 of the address not trimmed", e);
	if (err != RC_OK)
		return err;
	memcpy(text, folded.p, folded.len);
	text[folded.len] = '\n';
	err = try_hash(s, "he", (struct rc_slice){text, folded.len + 1},
	    "SHA-256 of the address and a line feed", e);
	if (err != RC_OK)
		return err;
	text[folded.len] = ' ';
	err = try_hash(s, "he", (struct rc_slice){text, folded.len + 1},
	    "SHA-256 of the address and a space", e);
	if (err != RC_OK)
		return err;
	upper(text, folded.len);
	return try_hash(s, "he", (struct rc_slice){text, folded.len},
	    "SHA-256 of the upper-cased address", e);
}

/* Whether the '+' is hashed is nowhere documented. */
static enum rc_err
try_phone_hashes(
    struct search *s, const struct rc_claim *canonical, struct rc_error *e)
{
	struct rc_slice digits = rc_claim_value(canonical);
	char text[TRY_MAX] = "+";
	enum rc_err err;

	err = try_hash(s, "hashedPhoneNumber", digits,
	    "SHA-256 of the number's digits", e);
	if (err != RC_OK)
		return err;
	memcpy(text + 1, digits.p, digits.len);
	return try_hash(s, "hashedPhoneNumber",
	    (struct rc_slice){text, digits.len + 1},
	    "SHA-256 of the number with '+'", e);
}

static enum rc_err
search(struct search *s, struct rc_slice name, struct rc_slice value,
    struct rc_error *e)
{
	struct rc_claim c;
	enum rc_err err;

	if (rc_slice_is(name, "dyid")) {
		s->trying = "the DYID";
		return consider(s, value, 0, e);
	}
	err = rc_claim_set(&c, name, value, e);
	if (err == RC_OK)
		err = try_claim(s, &c, "the identifier itself", e);
	if (err == RC_OK && rc_slice_is(name, "email"))
		err = try_email_hashes(s, &c, value, e);
	if (err == RC_OK && rc_slice_is(name, "phoneNumber"))
		err = try_phone_hashes(s, &c, e);
	return err;
}

enum rc_err
rc_person_resolve_by(struct rc_txn *txn, struct rc_slice name,
    struct rc_slice value, enum rc_ident_type to, struct rc_ident *id,
    const char **by, struct rc_error *e)
{
	struct search s = {.txn = txn, .to = to};
	enum rc_err err = search(&s, name, value, e);

	*by = s.by;
	if (err != RC_OK)
		return err;
	if (s.best_len == 0)
		return RC_NOTFOUND;
	return rc_ident_parse(to, (struct rc_slice){s.best, s.best_len}, id, e);
}

enum rc_err
rc_person_resolve(struct rc_txn *txn, struct rc_slice name,
    struct rc_slice value, enum rc_ident_type to, struct rc_ident *id,
    struct rc_error *e)
{
	const char *by;

	return rc_person_resolve_by(txn, name, value, to, id, &by, e);
}

/* --- what points to a person --------------------------------------------- */

enum rc_err
rc_person_cuid_type(const struct rc_json_value *object, struct rc_slice *name,
    struct rc_error *e)
{
	static const char *const spellings[] = {"cuidType", "cuidtype"};
	const struct rc_json_value *type;

	*name = RC_SLICE_LIT("id");
	for (size_t i = 0; i < 2; i++) {
		type = rc_json_get(object, spellings[i]);
		if (type == NULL || rc_json_type(type) == RC_JSON_NULL)
			continue;
		*name = rc_json_str(type);
		return name->len > 0
			   ? RC_OK
			   : rc_err_set(e, RC_EDATA,
				 "'%s' is not a string with something in it",
				 spellings[i]);
	}
	return RC_OK;
}

enum rc_err
rc_person_ref(const struct rc_json_value *v, struct rc_slice *name,
    struct rc_slice *value, struct rc_error *e)
{
	static const struct {
		const char *key, *name;
	} keys[] = {{"dyid", "dyid"}, {"cuid", "id"}, {"hashedEmail", "he"},
	    {"email", "email"}, {"phoneNumber", "phoneNumber"}};
	const struct rc_json_value *member;
	unsigned found = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		member = rc_json_get(v, keys[i].key);
		if (member == NULL)
			continue;
		found++;
		*name = rc_slice_str(keys[i].name);
		*value = rc_json_str(member);
		if (value->len == 0)
			return rc_err_set(e, RC_EDATA,
			    "'%s' is not a string with something in it",
			    keys[i].key);
	}
	if (found != 1)
		return rc_err_set(e, RC_EDATA,
		    "one of 'dyid', 'cuid', 'hashedEmail', 'email' and "
		    "'phoneNumber' is expected");
	return rc_json_get(v, "cuid") == NULL ? RC_OK
					      : rc_person_cuid_type(v, name, e);
}
