#include "job/data_priv.h"

#include "base/num.h"
#include "text/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NAMES_MAX (RC_DATA_PROPERTIES * (RC_DATA_PROPERTY_MAX + 2))
#define SHOWN_MAX 40 /* bytes of the file in a message */

static int
shown(struct rc_slice s)
{
	return (int)(s.len > SHOWN_MAX ? SHOWN_MAX : s.len);
}

void
rc_data_rows_init(struct rc_data_rows *r, const struct rc_data_config *config,
    struct rc_data_run *run)
{
	*r = (struct rc_data_rows){.config = config,
	    .run = run,
	    .names = RC_BUF_INIT(NAMES_MAX),
	    .packed = RC_BUF_INIT(RC_DATA_ROW_MAX)};
}

void
rc_data_rows_free(struct rc_data_rows *r)
{
	rc_buf_free(&r->names);
	rc_buf_free(&r->packed);
}

/* --- properties ----------------------------------------------------------- */

static struct rc_data_feed
as_feed(const struct rc_data_rows *r)
{
	return (struct rc_data_feed){.nproperties = r->nproperties,
	    .properties = rc_buf_slice(&r->names)};
}

enum rc_err
rc_data_rows_property(struct rc_data_rows *r, struct rc_slice name,
    size_t *property, struct rc_error *e)
{
	const struct rc_data_feed feed = as_feed(r);
	int known = rc_data_property(&feed, name);
	enum rc_err err;

	if (known >= 0) {
		*property = (size_t)known;
		return RC_OK;
	}
	err = rc_data_name_check(name, RC_DATA_PROPERTY_MAX, "the property", e);
	if (err != RC_OK)
		return err;
	if (r->nproperties == RC_DATA_PROPERTIES)
		return rc_err_set(e, RC_EDATA,
		    "'%.*s' is one property too many: a feed has at most %d",
		    shown(name), name.p, RC_DATA_PROPERTIES);
	rc_buf_add_str(&r->names, name);
	*property = r->nproperties++;
	return rc_buf_check(&r->names, "the names of properties", e);
}

/* What a column's name says of what is in it; NULL: nothing. */
static const char *
kind_of(struct rc_slice name)
{
	static const struct {
		const char *column, *by;
	} kinds[] = {{"phoneNumber", "phoneNumber"},
	    {"phone numbers", "phoneNumber"}, {"phone number", "phoneNumber"},
	    {"phone_number", "phoneNumber"}, {"phone", "phoneNumber"},
	    {"email", "email"}, {"e-mail", "email"}, {"dyid", "dyid"},
	    {"cuid", "id"}, {"id", "id"}, {"he", "he"}, {"hashedEmail", "he"},
	    {"hashedPhoneNumber", "hashedPhoneNumber"}, {"custom", "custom"}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (rc_slice_is_nocase(name, kinds[i].column))
			return kinds[i].by;
	return NULL;
}

enum rc_err
rc_data_rows_identify(
    struct rc_data_rows *r, size_t id, struct rc_slice name, struct rc_error *e)
{
	const char *by = r->config->by;

	if (by == NULL)
		by = kind_of(name);
	if (by == NULL)
		return rc_err_set(e, RC_EDATA,
		    "'%.*s' does not say what identifies a person: say it with "
		    "--by (phoneNumber, email, id, dyid, ...), or name another "
		    "column with --column",
		    shown(name), name.p);
	r->by = rc_slice_str(by);
	r->id = id;
	return RC_OK;
}

/* --- rows ----------------------------------------------------------------- */

static enum rc_err
reject(struct rc_data_rows *r, uint64_t line, const char *why,
    struct rc_slice id, struct rc_error *e)
{
	r->rejected++;
	if (r->first_bad[0] == '\0')
		snprintf(r->first_bad, sizeof(r->first_bad),
		    "line %" PRIu64 ": %.150s", line, why);
	return r->config->reject(r->config->arg, line, why, id, e);
}

/* RC_EDATA: a value does not fit. */
static enum rc_err
pack(struct rc_data_rows *r, struct rc_error *e)
{
	struct rc_unpack names = rc_unpack_start(rc_buf_slice(&r->names));

	rc_buf_reset(&r->packed);
	for (size_t i = 0; i < r->nproperties; i++) {
		struct rc_slice name = rc_unpack_str(&names);

		if (r->value[i].len == 0)
			continue;
		if (!rc_utf8_valid(r->value[i]))
			return rc_err_set(e, RC_EDATA, "'%.*s' is not UTF-8",
			    shown(name), name.p);
		if (r->value[i].len > RC_DATA_VALUE_MAX)
			return rc_err_set(e, RC_EDATA,
			    "'%.*s' has %zu bytes, at most %d fit", shown(name),
			    name.p, r->value[i].len, RC_DATA_VALUE_MAX);
		rc_data_add(&r->packed, (unsigned)i, r->value[i]);
	}
	if (r->packed.state == RC_BUF_FULL)
		return rc_err_set(e, RC_EDATA,
		    "the values of a row are longer than %d bytes in all",
		    RC_DATA_ROW_MAX);
	return rc_buf_check(&r->packed, "a row", e);
}

enum rc_err
rc_data_rows_take(
    struct rc_data_rows *r, uint64_t line, const char *why, struct rc_error *e)
{
	struct rc_slice value = r->value[r->id];
	struct rc_error what = {0};
	struct rc_data_id id;
	enum rc_err err;

	r->rows++;
	if (why == NULL) {
		err = value.len == 0 ? rc_err_set(&what, RC_EDATA,
					   "nothing says who it is")
				     : rc_data_id_set(&id, r->by, value, &what);
		if (err == RC_OK)
			err = pack(r, &what);
		if (err == RC_OK)
			err = rc_data_run_add(
			    r->run, &id, rc_buf_slice(&r->packed), e);
		else if (err != RC_EDATA)
			*e = what;
		else
			why = what.msg;
	}
	err = why == NULL ? err : reject(r, line, why, value, e);
	memset(r->value, 0, sizeof(r->value));
	return err;
}
