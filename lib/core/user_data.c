#include "core/user_data.h"

#include "text/template.h"
#include "text/utf8.h"

#include <string.h>

#define VARIABLE RC_SLICE_LIT(RC_TEMPLATE_DATA)

/* --- names ---------------------------------------------------------------- */

static bool
has_text(struct rc_slice s, const char *text)
{
	return memmem(s.p, s.len, text, strlen(text)) != NULL;
}

enum rc_err
rc_data_name_check(
    struct rc_slice name, size_t max, const char *what, struct rc_error *e)
{
	if (name.len == 0)
		return rc_err_set(e, RC_EDATA, "%s is empty", what);
	if (name.len > max)
		return rc_err_set(e, RC_EDATA,
		    "%s '%.*s...' is longer than %zu bytes", what, 40, name.p,
		    max);
	if (!rc_utf8_valid(name))
		return rc_err_set(e, RC_EDATA, "%s is not UTF-8", what);
	if (rc_slice_trim(name).len < name.len)
		return rc_err_set(e, RC_EDATA,
		    "%s '%.*s' has white space around it", what, (int)name.len,
		    name.p);
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.p[i] < ' ' || name.p[i] == 0x7f)
			return rc_err_set(e, RC_EDATA,
			    "%s '%.*s' has a control character", what,
			    (int)name.len, name.p);
	if (has_text(name, "|") || has_text(name, "{") || has_text(name, "}") ||
	    has_text(name, ":-"))
		return rc_err_set(e, RC_EDATA,
		    "%s '%.*s' cannot be named in a template: it has a '|', a "
		    "brace or ':-'",
		    what, (int)name.len, name.p);
	return RC_OK;
}

enum rc_err
rc_data_variable(struct rc_slice variable, struct rc_slice *feed,
    struct rc_slice *property, struct rc_error *e)
{
	struct rc_slice rest;
	const char *bar;

	if (!rc_slice_starts(variable, VARIABLE, &rest))
		return RC_NOTFOUND;
	bar = memchr(rest.p, '|', rest.len);
	if (bar == NULL)
		return rc_err_set(e, RC_EDATA,
		    "'${%.*s}' is not ${User data|FEED|PROPERTY}",
		    (int)variable.len, variable.p);
	*feed = (struct rc_slice){rest.p, (size_t)(bar - rest.p)};
	*property = (struct rc_slice){bar + 1, rest.len - feed->len - 1};
	if (rc_data_name_check(*feed, RC_DATA_NAME_MAX, "the feed", e) !=
		RC_OK ||
	    rc_data_name_check(
		*property, RC_DATA_PROPERTY_MAX, "the property", e) != RC_OK)
		return rc_err_prefix(
		    e, "'${%.*s}'", (int)variable.len, variable.p);
	return RC_OK;
}

/* --- feeds ---------------------------------------------------------------- */

static enum rc_err
decode(struct rc_slice name, struct rc_slice record, struct rc_data_feed *f,
    struct rc_error *e)
{
	struct rc_unpack u = rc_unpack_start(record);
	struct rc_slice digest, by;

	*f = (struct rc_data_feed){.generation = rc_unpack32(&u)};
	f->loaded_ms = rc_unpack64(&u);
	f->rows = rc_unpack64(&u);
	digest = rc_unpack_bytes(&u, RC_SHA256_LEN);
	by = rc_unpack_str(&u);
	f->nproperties = rc_unpack8(&u);
	if (u.short_read || name.len > RC_DATA_NAME_MAX ||
	    by.len > RC_PERSON_NAME_MAX || f->nproperties > RC_DATA_PROPERTIES)
		return rc_state_damaged(
		    e, "the record of feed '%.*s'", (int)name.len, name.p);
	f->properties = rc_slice_of(u.p, (size_t)(u.end - u.p));
	memcpy(f->digest, digest.p, RC_SHA256_LEN);
	memcpy(f->by, by.p, by.len);
	memcpy(f->name, name.p, name.len);
	return RC_OK;
}

enum rc_err
rc_data_feed_get(struct rc_txn *txn, struct rc_slice name,
    struct rc_data_feed *f, struct rc_error *e)
{
	struct rc_slice record;
	enum rc_err err;

	if (name.len == 0 || name.len > RC_DATA_NAME_MAX)
		return RC_NOTFOUND;
	err = rc_get(txn, RC_T_DATA_FEED, name, &record, e);
	return err == RC_OK ? decode(name, record, f, e) : err;
}

struct call {
	enum rc_err (*each)(
	    void *, const struct rc_data_feed *, struct rc_error *);
	void *arg;
};

static enum rc_err
call_each(
    void *arg, struct rc_slice name, struct rc_slice record, struct rc_error *e)
{
	const struct call *call = arg;
	struct rc_data_feed f;
	enum rc_err err = decode(name, record, &f, e);

	return err == RC_OK ? call->each(call->arg, &f, e) : err;
}

enum rc_err
rc_data_feed_each(struct rc_txn *txn,
    enum rc_err (*each)(void *, const struct rc_data_feed *, struct rc_error *),
    void *arg, struct rc_error *e)
{
	struct call call = {each, arg};

	return rc_get_each(
	    txn, RC_T_DATA_FEED, RC_SLICE_LIT(""), call_each, &call, e);
}

int
rc_data_property(const struct rc_data_feed *f, struct rc_slice name)
{
	struct rc_unpack u = rc_unpack_start(f->properties);

	for (size_t i = 0; i < f->nproperties; i++)
		if (rc_slice_eq(rc_unpack_str(&u), name))
			return (int)i;
	return -1;
}

/* --- rows ----------------------------------------------------------------- */

void
rc_data_add(struct rc_buf *row, unsigned property, struct rc_slice value)
{
	rc_buf_add8(row, (uint8_t)property);
	rc_buf_add_str(row, value);
}

bool
rc_data_next(struct rc_unpack *row, unsigned *property, struct rc_slice *value)
{
	if (row->p == row->end)
		return false;
	*property = rc_unpack8(row);
	*value = rc_unpack_str(row);
	return !row->short_read;
}

bool
rc_data_value(struct rc_slice row, int property, struct rc_slice *value)
{
	struct rc_unpack u = rc_unpack_start(row);
	unsigned at;

	while (rc_data_next(&u, &at, value))
		if ((int)at == property)
			return true;
	return false;
}
