#include "core/user_data.h"

#include "core/person_priv.h"

#include <string.h>

struct search {
	struct rc_txn *txn;
	const struct rc_data_feed *feed;
	struct rc_slice row;
	uint64_t seen_ms;
	bool found;
};

enum rc_err
rc_data_id_set(struct rc_data_id *id, struct rc_slice by, struct rc_slice value,
    struct rc_error *e)
{
	struct rc_claim c;
	enum rc_err err;

	if (rc_slice_is(by, "dyid")) {
		value = rc_slice_trim(value);
		if (value.len == 0 || value.len > RC_PERSON_DYID_MAX)
			return rc_err_set(e, RC_EDATA,
			    "a DYID has 1 to %d bytes", RC_PERSON_DYID_MAX);
		memcpy(id->text, value.p, value.len);
		id->len = value.len;
		return RC_OK;
	}
	err = rc_claim_set(&c, by, value, e);
	if (err != RC_OK)
		return err;
	memcpy(id->text, c.value, c.value_len);
	id->len = c.value_len;
	return RC_OK;
}

static enum rc_err
get_row(struct search *s, struct rc_slice id, struct rc_slice *row,
    struct rc_error *e)
{
	unsigned char key[4 + RC_PERSON_VALUE_MAX];

	if (id.len > RC_PERSON_VALUE_MAX)
		return RC_NOTFOUND;
	rc_put32(key, s->feed->generation);
	memcpy(key + 4, id.p, id.len);
	return rc_get(s->txn, RC_T_DATA, rc_slice_of(key, 4 + id.len), row, e);
}

/* --- the identifier itself ------------------------------------------------ */

static enum rc_err
get_by_hash(struct search *s, struct rc_slice text, struct rc_error *e)
{
	unsigned char digest[RC_SHA256_LEN];
	char hex[2 * RC_SHA256_LEN + 1];

	rc_sha256(text, digest);
	rc_hex(digest, sizeof(digest), hex);
	return get_row(s, rc_slice_str(hex), &s->row, e);
}

/* Nowhere is it said whether the '+' of a number is hashed. */
static enum rc_err
get_by_phone_hash(struct search *s, struct rc_slice digits, struct rc_error *e)
{
	char text[1 + RC_PERSON_VALUE_MAX] = "+";
	enum rc_err err = get_by_hash(s, digits, e);

	if (err != RC_NOTFOUND)
		return err;
	memcpy(text + 1, digits.p, digits.len);
	return get_by_hash(s, (struct rc_slice){text, 1 + digits.len}, e);
}

/* As rc-identify resolves it: "id" is what "custom" is, too. */
static bool
is_same_kind(const char *by, struct rc_slice name)
{
	if (rc_slice_is(name, by))
		return true;
	return rc_slice_is(name, "custom") && strcmp(by, "id") == 0;
}

static enum rc_err
get_direct(struct search *s, struct rc_slice name, struct rc_slice value,
    struct rc_error *e)
{
	const char *by = s->feed->by;

	if (is_same_kind(by, name))
		return get_row(s, value, &s->row, e);
	if (strcmp(by, "he") == 0 && rc_slice_is(name, "email"))
		return get_by_hash(s, value, e);
	if (strcmp(by, "hashedPhoneNumber") == 0 &&
	    rc_slice_is(name, "phoneNumber"))
		return get_by_phone_hash(s, value, e);
	return RC_NOTFOUND;
}

/* --- the person ----------------------------------------------------------- */

/* The identifier under which the feed would know a DYID. */
static enum rc_err
get_of_dyid(struct search *s, struct rc_slice dyid, struct rc_slice *row,
    struct rc_error *e)
{
	unsigned char key[RC_STORE_KEY_MAX];
	struct rc_slice value;
	struct rc_unpack u;
	enum rc_err err;

	if (strcmp(s->feed->by, "dyid") == 0)
		return get_row(s, dyid, row, e);
	err = rc_get(s->txn, RC_T_PERSON,
	    rc_person_key(key, dyid, rc_slice_str(s->feed->by)), &value, e);
	if (err != RC_OK)
		return err;
	u = rc_unpack_start(value);
	rc_unpack64(&u);
	rc_unpack8(&u);
	value = rc_unpack_str(&u);
	if (u.short_read)
		return rc_state_damaged(
		    e, "the record of identifier '%s'", s->feed->by);
	return get_row(s, value, row, e);
}

static enum rc_err
consider(void *arg, struct rc_slice dyid, uint64_t seen_ms, struct rc_error *e)
{
	struct search *s = arg;
	struct rc_slice row;
	enum rc_err err;

	if (dyid.len == 0 || dyid.len > RC_PERSON_DYID_MAX ||
	    (s->found && seen_ms <= s->seen_ms))
		return RC_OK;
	err = get_of_dyid(s, dyid, &row, e);
	if (err != RC_OK)
		return err == RC_NOTFOUND ? RC_OK : err;
	s->row = row;
	s->seen_ms = seen_ms;
	s->found = true;
	return RC_OK;
}

static enum rc_err
consider_all(struct search *s, const char *name, struct rc_slice value,
    struct rc_error *e)
{
	struct rc_claim c;
	enum rc_err err = rc_claim_set(&c, rc_slice_str(name), value, e);

	if (err == RC_OK)
		err = rc_person_each_dyid(s->txn, &c, consider, s, e);
	return err == RC_NOTFOUND ? RC_OK : err;
}

static enum rc_err
consider_hash(struct search *s, const char *name, struct rc_slice value,
    struct rc_error *e)
{
	unsigned char digest[RC_SHA256_LEN];
	char hex[2 * RC_SHA256_LEN + 1];

	rc_sha256(value, digest);
	rc_hex(digest, sizeof(digest), hex);
	return consider_all(s, name, rc_slice_str(hex), e);
}

static enum rc_err
get_of_person(struct search *s, struct rc_slice name, struct rc_slice value,
    struct rc_error *e)
{
	char text[RC_PERSON_NAME_MAX + 1];
	enum rc_err err;

	if (rc_slice_is(name, "dyid")) {
		err = consider(s, value, 0, e);
	} else {
		memcpy(text, name.p, name.len);
		text[name.len] = '\0';
		err = consider_all(s, text, value, e);
		if (err == RC_OK && rc_slice_is(name, "custom"))
			err = consider_all(s, "id", value, e);
		if (err == RC_OK && !s->found && rc_slice_is(name, "email"))
			err = consider_hash(s, "he", value, e);
		if (err == RC_OK && !s->found &&
		    rc_slice_is(name, "phoneNumber"))
			err = consider_hash(s, "hashedPhoneNumber", value, e);
	}
	if (err == RC_OK && !s->found)
		return RC_NOTFOUND;
	return err;
}

enum rc_err
rc_data_find(struct rc_txn *txn, const struct rc_data_feed *feed,
    struct rc_slice name, struct rc_slice value, struct rc_slice *row,
    struct rc_error *e)
{
	struct search s = {.txn = txn, .feed = feed};
	struct rc_data_id id = {.len = 0};
	enum rc_err err = rc_data_id_set(&id, name, value, e);

	if (err != RC_OK)
		return err;
	value = (struct rc_slice){id.text, id.len};
	err = get_direct(&s, name, value, e);
	if (err == RC_NOTFOUND)
		err = get_of_person(&s, name, value, e);
	*row = s.row;
	return err;
}
