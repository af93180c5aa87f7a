#include "core/person_priv.h"

#include "base/num.h"

#include <string.h>

const char *
rc_event_type_name(enum rc_event_type type)
{
	switch (type) {
	case RC_EVENT_LOGIN:
		return "login";
	case RC_EVENT_SIGNUP:
		return "signup";
	case RC_EVENT_NEWSLETTER:
		return "newsletter";
	case RC_EVENT_IDENTIFY:
		return "identify";
	}
	return "unknown";
}

/* --- keys and values ----------------------------------------------------- */

/* Parts with a zero byte between them; none holds one. */
static struct rc_slice
join(unsigned char *key, const struct rc_slice *part, size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			key[len++] = 0;
		if (part[i].len > 0)
			memcpy(key + len, part[i].p, part[i].len);
		len += part[i].len;
	}
	return rc_slice_of(key, len);
}

struct rc_slice
rc_person_key(unsigned char *key, struct rc_slice dyid, struct rc_slice name)
{
	return join(key, (struct rc_slice[]){dyid, name}, 2);
}

struct rc_slice
rc_person_by_key(unsigned char *key, struct rc_slice name,
    struct rc_slice value, struct rc_slice dyid)
{
	return join(key, (struct rc_slice[]){name, value, dyid}, 3);
}

/* When either table's record was last seen; 0 when it is damaged. */
static uint64_t
seen(struct rc_slice value)
{
	struct rc_unpack u = rc_unpack_start(value);

	return rc_unpack64(&u);
}

/* --- walking ------------------------------------------------------------- */

enum rc_err
rc_person_each_dyid(struct rc_txn *txn, const struct rc_claim *c,
    enum rc_err (*fn)(void *, struct rc_slice, uint64_t, struct rc_error *),
    void *arg, struct rc_error *e)
{
	unsigned char buf[RC_STORE_KEY_MAX];
	struct rc_slice prefix, key, value, dyid;
	struct rc_cursor *cursor;
	bool found = false;
	enum rc_err err;

	prefix = rc_person_by_key(
	    buf, rc_claim_name(c), rc_claim_value(c), RC_SLICE_LIT(""));
	err = rc_cursor_open(txn, RC_T_PERSON_BY, &cursor, e);
	if (err != RC_OK)
		return err;
	err = rc_cursor_ge(cursor, prefix, &key, &value, e);
	while (err == RC_OK && rc_slice_starts(key, prefix, &dyid)) {
		found = true;
		err = fn(arg, dyid, seen(value), e);
		if (err == RC_OK)
			err = rc_cursor_next(cursor, &key, &value, e);
	}
	rc_cursor_close(cursor);
	if (err != RC_OK && err != RC_END && err != RC_NOTFOUND)
		return err;
	return found ? RC_OK : RC_NOTFOUND;
}

struct dyid_call {
	enum rc_err (*fn)(void *, struct rc_slice, struct rc_error *);
	void *arg;
};

static enum rc_err
call_dyid(void *arg, struct rc_slice dyid, uint64_t seen_ms, struct rc_error *e)
{
	const struct dyid_call *call = arg;

	(void)seen_ms;
	return call->fn(call->arg, dyid, e);
}

enum rc_err
rc_person_dyids(struct rc_txn *txn, struct rc_slice name, struct rc_slice value,
    enum rc_err (*fn)(void *, struct rc_slice, struct rc_error *), void *arg,
    struct rc_error *e)
{
	struct dyid_call call = {fn, arg};
	struct rc_claim c;
	enum rc_err err = rc_claim_set(&c, name, value, e);

	if (err != RC_OK)
		return err;
	return rc_person_each_dyid(txn, &c, call_dyid, &call, e);
}

static enum rc_err
read_id(struct rc_person_id *id, struct rc_slice name, struct rc_slice value,
    struct rc_error *e)
{
	struct rc_unpack u = rc_unpack_start(value);

	id->name = name;
	id->seen_ms = rc_unpack64(&u);
	id->by = (enum rc_event_type)rc_unpack8(&u);
	id->value = rc_unpack_str(&u);
	if (u.short_read || u.p != u.end)
		return rc_state_damaged(e, "the record of identifier '%.*s'",
		    (int)name.len, name.p);
	return RC_OK;
}

enum rc_err
rc_person_show(struct rc_txn *txn, struct rc_slice dyid,
    struct rc_person_id id[RC_PERSON_IDS], size_t *n, struct rc_error *e)
{
	unsigned char buf[RC_STORE_KEY_MAX];
	struct rc_slice prefix, key, value, name;
	struct rc_cursor *cursor;
	enum rc_err err;

	*n = 0;
	if (dyid.len == 0 || dyid.len > RC_PERSON_DYID_MAX)
		return RC_NOTFOUND;
	prefix = rc_person_key(buf, dyid, RC_SLICE_LIT(""));
	err = rc_cursor_open(txn, RC_T_PERSON, &cursor, e);
	if (err != RC_OK)
		return err;
	err = rc_cursor_ge(cursor, prefix, &key, &value, e);
	while (err == RC_OK && *n < RC_PERSON_IDS &&
	       rc_slice_starts(key, prefix, &name)) {
		err = read_id(&id[(*n)++], name, value, e);
		if (err == RC_OK)
			err = rc_cursor_next(cursor, &key, &value, e);
	}
	rc_cursor_close(cursor);
	if (err != RC_OK && err != RC_END && err != RC_NOTFOUND)
		return err;
	return *n > 0 ? RC_OK : RC_NOTFOUND;
}
