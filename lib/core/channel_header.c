#include "core/channel_priv.h"

#include <string.h>
#include <strings.h>

bool
rc_channel_is_header_name(struct rc_slice s)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			     (c >= 'A' && c <= 'Z');

		if (!alnum && (c == '\0' || strchr(marks, c) == NULL))
			return false;
	}
	return s.len > 0 && s.len <= RC_HEADER_NAME_MAX;
}

bool
rc_channel_is_reserved_header(struct rc_slice name)
{
	static const char *const names[] = {"content-type", "content-length",
	    "transfer-encoding", "host", "connection", "expect"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (rc_slice_is_nocase(name, names[i]))
			return true;
	return false;
}

/* Headers that never hold anything but a secret. */
static bool
is_credential(const char *name)
{
	return strcasecmp(name, "authorization") == 0 ||
	       strcasecmp(name, "proxy-authorization") == 0 ||
	       strcasecmp(name, "cookie") == 0;
}

const struct rc_channel_header *
rc_channel_header_find(
    const struct rc_channel_header *header, size_t n, struct rc_slice name)
{
	for (size_t i = 0; i < n; i++)
		if (header[i].name != NULL &&
		    rc_slice_is_nocase(name, header[i].name))
			return &header[i];
	return NULL;
}

static enum rc_err
check_header(const struct rc_channel_reading *r, const struct rc_channel_key *k,
    struct rc_slice name, const struct rc_channel_header *others, size_t n)
{
	bool param = rc_channel_key_is_params(k);

	if (param ? name.len == 0 : !rc_channel_is_header_name(name))
		return rc_channel_wrong(k,
		    "[{\"name\":\"X-Key\",\"value\":\"…\",\"secret\":true}, …]",
		    r->e);
	if (!param && rc_channel_is_reserved_header(name))
		return rc_err_set(r->e, RC_EUSAGE,
		    "'%s' cannot set '%.*s': it is made from the message "
		    "and 'content_type'",
		    k->name, (int)name.len, name.p);
	if (rc_channel_header_find(others, n, name) != NULL)
		return rc_err_set(r->e, RC_EUSAGE, "'%s' has '%.*s' twice",
		    k->name, (int)name.len, name.p);
	return RC_OK;
}

static enum rc_err
check_header_members(const struct rc_channel_reading *r,
    const struct rc_channel_key *k, const struct rc_json_value *v)
{
	const struct rc_json_value *m = rc_json_first(v);

	for (; m != NULL; m = rc_json_next(m)) {
		struct rc_slice key = rc_json_key(m);

		if (rc_slice_is(key, "name") || rc_slice_is(key, "value"))
			continue;
		if (rc_slice_is(key, "secret") &&
		    rc_json_type(m) == RC_JSON_BOOL)
			continue;
		return rc_err_set(r->e, RC_EUSAGE,
		    "'%s' has one with an unknown or wrong key '%.*s': "
		    "it takes name, value and secret (true or false)",
		    k->name, (int)key.len, key.p);
	}
	return RC_OK;
}

/* What a mask stands for: the secret this header had before. */
static enum rc_err
inherit_secret(const struct rc_channel_reading *r, struct rc_channel_header *h)
{
	const struct rc_channel_header *before;

	if (r->change == NULL)
		return RC_OK;
	before = rc_channel_header_find(
	    r->change->header, r->change->nheaders, rc_slice_str(h->name));
	if (before == NULL || !before->secret)
		return RC_OK;
	h->value = strdup(before->value);
	return h->value == NULL ? rc_err_nomem(r->e) : RC_OK;
}

static enum rc_err
read_plain_value(const struct rc_channel_reading *r, const char *field,
    const struct rc_json_value *v, char **out)
{
	if (rc_json_type(v) != RC_JSON_STRING)
		return rc_err_set(r->e, RC_EUSAGE, "'%s' is no string", field);
	if (r->change != NULL && rc_slice_is(rc_json_str(v), RC_MASK))
		return rc_err_set(r->e, RC_EUSAGE,
		    "'%s' is masked, but not said to be a secret", field);
	return rc_channel_copy(
	    field, rc_json_str(v), RC_CHANNEL_TEXT_MAX, out, r->e);
}

static enum rc_err
read_header(const struct rc_channel_reading *r, const struct rc_channel_key *k,
    const struct rc_json_value *v, struct rc_channel_header *header, size_t n)
{
	struct rc_slice name = rc_json_str(rc_json_get(v, "name"));
	const struct rc_json_value *value = rc_json_get(v, "value");
	struct rc_channel_header *h = &header[n];
	char field[RC_CHANNEL_FIELD_MAX];
	enum rc_err err;

	err = check_header(r, k, name, header, n);
	if (err == RC_OK)
		err = check_header_members(r, k, v);
	if (err == RC_OK)
		err = rc_channel_copy(
		    k->name, name, RC_HEADER_NAME_MAX, &h->name, r->e);
	if (err != RC_OK)
		return err;
	h->secret = rc_json_bool(rc_json_get(v, "secret"));
	rc_channel_header_field(field, k, h->name);
	if (!h->secret && !rc_channel_key_is_params(k) &&
	    is_credential(h->name))
		return rc_err_set(r->e, RC_EUSAGE,
		    "'%s' is a secret: give it as @FILE or env:NAME, in an "
		    "object with \"secret\":true",
		    field);
	if (!h->secret)
		return read_plain_value(r, field, value, &h->value);
	err = inherit_secret(r, h);
	if (err == RC_OK)
		err = rc_channel_read_secret(r, field, value, &h->value);
	return err;
}

/* {"name":"X","value":null}, in a change. */
static bool
is_removal(
    const struct rc_channel_reading *r, const struct rc_json_value *element)
{
	return r->change != NULL &&
	       rc_json_type(rc_json_get(element, "value")) == RC_JSON_NULL;
}

static enum rc_err
add_headers(const struct rc_channel_reading *r, const struct rc_channel_key *k,
    const struct rc_json_value *v)
{
	const struct rc_json_value *element = rc_json_first(v);
	size_t *count;
	struct rc_channel_header *header =
	    rc_channel_headers(r->channel, k, &count);

	for (; element != NULL; element = rc_json_next(element)) {
		enum rc_err err;

		if (is_removal(r, element))
			continue;
		if (*count == RC_CHANNEL_HEADERS)
			return rc_err_set(r->e, RC_EUSAGE,
			    "'%s' are more than %d", k->name,
			    RC_CHANNEL_HEADERS);
		/* Counted first, so that a half-read one is freed as well. */
		err = read_header(r, k, element, header, (*count)++);
		if (err != RC_OK)
			return err;
	}
	return RC_OK;
}

static bool
is_named(const struct rc_json_value *array, const char *header)
{
	const struct rc_json_value *v = rc_json_first(array);

	for (; v != NULL; v = rc_json_next(v))
		if (rc_slice_is_nocase(
			rc_json_str(rc_json_get(v, "name")), header))
			return true;
	return false;
}

static enum rc_err
change_headers(const struct rc_channel_reading *r,
    const struct rc_channel_key *k, const struct rc_json_value *v)
{
	struct rc_channel_header before[RC_CHANNEL_HEADERS];
	struct rc_channel_header *header;
	size_t *count, n;
	enum rc_err err;

	header = rc_channel_headers(r->channel, k, &count);
	n = *count;
	memcpy(before, header, n * sizeof(*header));
	memset(header, 0, n * sizeof(*header));
	*count = 0;
	for (size_t i = 0; i < n; i++)
		if (r->change->merge && !is_named(v, before[i].name)) {
			header[(*count)++] = before[i];
			before[i] = (struct rc_channel_header){0};
		}
	r->change->header = before;
	r->change->nheaders = n;
	err = add_headers(r, k, v);
	r->change->nheaders = 0;
	rc_channel_headers_free(before, n);
	return err;
}

enum rc_err
rc_channel_read_headers(const struct rc_channel_reading *r,
    const struct rc_channel_key *k, const struct rc_json_value *v)
{
	if (rc_json_type(v) != RC_JSON_ARRAY)
		return rc_channel_wrong(
		    k, "an array of {\"name\":…,\"value\":…}", r->e);
	return r->change == NULL ? add_headers(r, k, v)
				 : change_headers(r, k, v);
}
