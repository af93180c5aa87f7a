#include "core/channel_priv.h"

#include "text/url.h"

#include <ctype.h>
#include <string.h>

#define S3_SCHEME "s3://"
#define REGION_MAX 64

/* What cannot be read may hold a password, and is not quoted. */
static enum rc_err
wrong_source(struct rc_error *e)
{
	return rc_err_set(e, RC_EUSAGE,
	    "'list_source' is wrong: it takes an absolute path of a file or "
	    "directory, an http(s):// URL or s3://BUCKET[/PREFIX]");
}

static enum rc_err
check_web_source(const struct rc_channel *c, struct rc_error *e)
{
	struct rc_url url;

	if (rc_url_parse(rc_slice_str(c->list_source), &url, e) != RC_OK) {
		e->code = RC_EUSAGE;
		return rc_err_prefix(e, "'list_source'");
	}
	if (url.userinfo.len > 0)
		return rc_err_set(e, RC_EUSAGE,
		    "'list_source' holds user and password: put them into "
		    "'list_access_key' and 'list_secret_key'");
	if (c->list_session_token != NULL)
		return rc_err_set(
		    e, RC_EUSAGE, "'list_session_token' goes with s3:// alone");
	/* The colon parts user and password (RFC 7617, 2). */
	if (c->list_access_key != NULL && strchr(c->list_access_key, ':'))
		return rc_err_set(e, RC_EUSAGE,
		    "'list_access_key' is wrong: a user's name cannot hold a "
		    "colon");
	return rc_channel_check_private(
	    "list_source", c->list_source, c->list_access_key != NULL, e);
}

/* Its place must not depend on where cron runs. */
static enum rc_err
check_source(const struct rc_channel *c, struct rc_error *e)
{
	const char *source = c->list_source;
	size_t scheme = strlen(S3_SCHEME), bucket;

	if (source == NULL || *source == '/')
		return RC_OK;
	if (rc_url_scheme_len(rc_slice_str(source)) > 0)
		return check_web_source(c, e);
	if (strncmp(source, S3_SCHEME, scheme) != 0)
		return wrong_source(e);
	bucket = strcspn(source + scheme, "/");
	if (memchr(source + scheme, '@', bucket) != NULL)
		return rc_err_set(e, RC_EUSAGE,
		    "'list_source' holds keys: put them into "
		    "'list_access_key' and 'list_secret_key'");
	return bucket > 0 ? RC_OK : wrong_source(e);
}

/* It becomes a part of the credential scope, parted by slashes. */
static bool
is_region(const char *s)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '-' && s[i] != '_')
			return false;
	return len > 0 && len <= REGION_MAX;
}

enum rc_err
rc_channel_check_list(const struct rc_channel *c, struct rc_error *e)
{
	enum rc_err err = check_source(c, e);

	if (err != RC_OK)
		return err;
	if ((c->list_access_key == NULL) != (c->list_secret_key == NULL))
		return rc_err_set(e, RC_EUSAGE,
		    "'list_access_key' and 'list_secret_key' go together");
	if (c->list_session_token != NULL && c->list_access_key == NULL)
		return rc_err_set(e, RC_EUSAGE,
		    "'list_session_token' goes with 'list_access_key'");
	if (c->list_region != NULL && !is_region(c->list_region))
		return rc_err_set(e, RC_EUSAGE,
		    "'list_region' is wrong: it takes a name such as "
		    "eu-central-1");
	if (c->list_endpoint != NULL && c->list_access_key != NULL)
		return rc_channel_check_private(
		    "list_endpoint", c->list_endpoint, true, e);
	return RC_OK;
}
