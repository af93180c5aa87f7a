#include "core/channel_edit.h"

#include "core/channel_priv.h"

#include <string.h>

#define VALUE_MAX (64u << 10) /* bytes of a value as it is shown */

struct telling {
	rc_channel_change_fn *fn;
	void *arg;
	struct rc_error *e;
};

static const char *
header_value(const struct rc_channel_header *h)
{
	if (h == NULL)
		return NULL;
	return h->secret ? RC_MASK : h->value;
}

static enum rc_err
tell_header(const struct telling *t, const struct rc_channel_key *k,
    const struct rc_channel_header *before,
    const struct rc_channel_header *after)
{
	const struct rc_channel_header *either = after == NULL ? before : after;
	char field[RC_CHANNEL_FIELD_MAX];

	if (before != NULL && after != NULL &&
	    before->secret == after->secret &&
	    strcmp(before->value, after->value) == 0)
		return RC_OK;
	rc_channel_header_field(field, k, either->name);
	return t->fn(
	    t->arg, field, header_value(before), header_value(after), t->e);
}

/* First those that were there, then those that are new. */
static enum rc_err
tell_headers(const struct telling *t, const struct rc_channel_key *k,
    const struct rc_channel_edit *edit)
{
	const struct rc_channel_header *a = rc_channel_value(edit->before, k);
	const struct rc_channel_header *b = rc_channel_value(edit->after, k);
	size_t na = rc_channel_header_count(edit->before, k);
	size_t nb = rc_channel_header_count(edit->after, k);
	enum rc_err err = RC_OK;

	for (size_t i = 0; i < na && err == RC_OK; i++)
		err = tell_header(t, k, &a[i],
		    rc_channel_header_find(b, nb, rc_slice_str(a[i].name)));
	for (size_t i = 0; i < nb && err == RC_OK; i++)
		if (rc_channel_header_find(a, na, rc_slice_str(b[i].name)) ==
		    NULL)
			err = tell_header(t, k, NULL, &b[i]);
	return err;
}

static enum rc_err
shown(const struct rc_channel *c, const struct rc_channel_key *k,
    struct rc_buf *out, const char **text, struct rc_error *e)
{
	enum rc_err err = rc_channel_shown(c, k, out, e);

	*text = err == RC_OK ? rc_buf_str(out) : NULL;
	return err == RC_NOTFOUND ? RC_OK : err;
}

static enum rc_err
tell_value(const struct telling *t, const struct rc_channel_key *k,
    const struct rc_channel_edit *edit)
{
	struct rc_buf from = RC_BUF_INIT(VALUE_MAX);
	struct rc_buf to = RC_BUF_INIT(VALUE_MAX);
	const char *before, *after;
	enum rc_err err;

	err = shown(edit->before, k, &from, &before, t->e);
	if (err == RC_OK)
		err = shown(edit->after, k, &to, &after, t->e);
	if (err == RC_OK)
		err = t->fn(t->arg, k->name, before, after, t->e);
	rc_buf_free(&from);
	rc_buf_free(&to);
	return err;
}

enum rc_err
rc_channel_edit_each(const struct rc_channel_edit *edit,
    rc_channel_change_fn *fn, void *arg, struct rc_error *e)
{
	struct telling t = {fn, arg, e};
	enum rc_err err = RC_OK;

	for (size_t i = 0; i < rc_channel_nkeys && err == RC_OK; i++) {
		const struct rc_channel_key *k = &rc_channel_keys[i];

		if ((edit->changed >> i & 1) == 0)
			continue;
		err = k->type == RC_KEY_HEADERS ? tell_headers(&t, k, edit)
						: tell_value(&t, k, edit);
	}
	return err;
}
