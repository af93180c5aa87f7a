#include "core/channel_priv.h"

#include <string.h>
#include <strings.h>

/* A token of RFC 9110, 5.6.2. */
static bool
is_header_name(struct rc_slice s)
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

/* Headers that are ours or libcurl's to make. */
static bool
is_reserved(struct rc_slice name)
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

static enum rc_err
check_header(const struct rc_channel_reading *r, const struct rc_channel_key *k,
    struct rc_slice name, const struct rc_channel_header *others, size_t n)
{
	if (!is_header_name(name))
		return rc_channel_wrong(k,
		    "[{\"name\":\"X-Key\",\"value\":\"…\",\"secret\":true}, …]",
		    r->e);
	if (is_reserved(name))
		return rc_err_set(r->e, RC_EUSAGE,
		    "'%s' cannot set '%.*s': it is made from the message "
		    "and 'content_type'",
		    k->name, (int)name.len, name.p);
	for (size_t i = 0; i < n; i++)
		if (rc_slice_is_nocase(name, others[i].name))
			return rc_err_set(r->e, RC_EUSAGE,
			    "'%s' has '%s' twice", k->name, others[i].name);
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
		    "'%s' has a header with an unknown or wrong key '%.*s': "
		    "it takes name, value and secret (true or false)",
		    k->name, (int)key.len, key.p);
	}
	return RC_OK;
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
	if (!h->secret && is_credential(h->name))
		return rc_err_set(r->e, RC_EUSAGE,
		    "'%s' is a secret: say \"secret\":true", field);
	if (h->secret)
		return rc_channel_read_secret(r, field, value, &h->value);
	if (rc_json_type(value) != RC_JSON_STRING)
		return rc_err_set(r->e, RC_EUSAGE, "'%s' is no string", field);
	return rc_channel_copy(
	    field, rc_json_str(value), RC_CHANNEL_TEXT_MAX, &h->value, r->e);
}

enum rc_err
rc_channel_read_headers(const struct rc_channel_reading *r,
    const struct rc_channel_key *k, const struct rc_json_value *v)
{
	const struct rc_json_value *element = rc_json_first(v);
	size_t *count;
	struct rc_channel_header *header =
	    rc_channel_headers(r->channel, k, &count);

	if (rc_json_type(v) != RC_JSON_ARRAY)
		return rc_channel_wrong(k, "an array of headers", r->e);
	for (; element != NULL; element = rc_json_next(element)) {
		enum rc_err err;

		if (*count == RC_CHANNEL_HEADERS)
			return rc_err_set(r->e, RC_EUSAGE,
			    "'%s' has more than %d headers", k->name,
			    RC_CHANNEL_HEADERS);
		/* Counted first, so that a half-read one is freed as well. */
		err = read_header(r, k, element, header, (*count)++);
		if (err != RC_OK)
			return err;
	}
	return RC_OK;
}
