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

enum rc_err
rc_channel_check_given(const struct rc_channel *c, struct rc_error *e)
{
	enum rc_err err = check_content_type(c, e);

	if (err == RC_OK)
		err = check_status(c, e);
	return err;
}
