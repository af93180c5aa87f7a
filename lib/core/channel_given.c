#include "core/channel_priv.h"

#include <string.h>

#define TYPE_MAX 128 /* bytes of a media type that are looked at */

/* "application/json" of " application/JSON; charset=utf-8". */
static void
media_type(const char *text, char type[TYPE_MAX])
{
	struct rc_slice s = {text, strcspn(text, ";")};

	s = rc_slice_trim(s);
	if (s.len >= TYPE_MAX)
		s.len = TYPE_MAX - 1;
	rc_slice_fold(s, type);
	type[s.len] = '\0';
}

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), len = strlen(end);

	return n >= len && strcmp(s + n - len, end) == 0;
}

bool
rc_channel_is_json(const struct rc_channel *c)
{
	char type[TYPE_MAX];

	if (c->provider != RC_PROVIDER_HTTP)
		return false;
	if (c->content_type == NULL)
		return true;
	media_type(c->content_type, type);
	return strstr(type, "json") != NULL;
}

/* In these, a recipient's value could say more than itself. */
static bool
needs_other_escapes(const char *type)
{
	return strcmp(type, "application/x-www-form-urlencoded") == 0 ||
	       strncmp(type, "multipart/", strlen("multipart/")) == 0 ||
	       ends_with(type, "/xml") || ends_with(type, "+xml");
}

static enum rc_err
check_content_type(const struct rc_channel *c, struct rc_error *e)
{
	char type[TYPE_MAX];

	if (c->content_type == NULL)
		return RC_OK;
	media_type(c->content_type, type);
	if (type[0] == '\0')
		return rc_err_set(e, RC_EUSAGE,
		    "'content_type' is wrong: it takes more than nothing");
	if (!needs_other_escapes(type))
		return RC_OK;
	return rc_err_set(e, RC_EUSAGE,
	    "'content_type' is wrong: it takes JSON or plain text, since "
	    "values are not escaped for '%s'",
	    type);
}

/* From 400 on nothing was accepted, whoever says so. */
static enum rc_err
check_status(const struct rc_channel *c, struct rc_error *e)
{
	if (c->status_max < 400)
		return RC_OK;
	return rc_err_set(e, RC_EUSAGE,
	    "'success.status' is wrong: it takes '202' or '200-299', 200 to "
	    "399: from 400 on nothing was accepted");
}

/* The next of a list of codes, which moves behind it; empty at its end. */
static struct rc_slice
next_code(const char **codes)
{
	struct rc_slice code = {*codes, strcspn(*codes, ",")};

	*codes += code.len;
	*codes += **codes == ',';
	return code;
}

bool
rc_channel_lists_code(const char *codes, struct rc_slice code)
{
	while (codes != NULL && *codes != '\0')
		if (rc_slice_eq(next_code(&codes), code))
			return true;
	return false;
}

static enum rc_err
check_apart(const char *codes, const char *name, const char *others,
    const char *other_name, struct rc_error *e)
{
	while (codes != NULL && *codes != '\0') {
		struct rc_slice code = next_code(&codes);

		if (rc_channel_lists_code(others, code))
			return rc_err_set(e, RC_EUSAGE,
			    "'%s' and '%s' both have '%.*s': a code means one "
			    "thing",
			    name, other_name, (int)code.len, code.p);
	}
	return RC_OK;
}

static enum rc_err
check_codes_once(const struct rc_channel *c, struct rc_error *e)
{
	enum rc_err err = check_apart(
	    c->stop_codes, "stop_codes", c->retry_codes, "retry_codes", e);

	if (err == RC_OK)
		err = check_apart(c->optout_codes, "optout_codes",
		    c->retry_codes, "retry_codes", e);
	if (err == RC_OK)
		err = check_apart(c->optout_codes, "optout_codes",
		    c->stop_codes, "stop_codes", e);
	return err;
}

enum rc_err
rc_channel_check_given(const struct rc_channel *c, struct rc_error *e)
{
	enum rc_err err = check_content_type(c, e);

	if (err == RC_OK)
		err = check_status(c, e);
	if (err == RC_OK)
		err = check_codes_once(c, e);
	return err;
}
