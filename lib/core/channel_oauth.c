#include "core/channel_priv.h"

#include <string.h>

/* What id and secret are called must not be something else's name already. */
static enum rc_err
check_credential_key(const struct rc_channel *c, const char *key,
    const char *name, struct rc_error *e)
{
	struct rc_slice s = rc_slice_str(name);
	bool header = c->style == RC_OAUTH_HEADER, taken;

	if (c->style == RC_OAUTH_BASIC)
		return RC_OK;
	if (header && !rc_channel_is_header_name(s))
		return rc_err_set(e, RC_EUSAGE,
		    "'%s' is wrong: with style 'header' it takes the name of a "
		    "header",
		    key);
	taken = header
		    ? rc_channel_is_reserved_header(s) ||
			  rc_channel_header_find(
			      c->token_headers, c->ntoken_headers, s) != NULL
		    : rc_slice_is(s, "grant_type") || rc_slice_is(s, "scope");
	return taken ? rc_err_set(e, RC_EUSAGE,
			   "'%s' is wrong: '%.80s' is sent already", key, name)
		     : RC_OK;
}

static enum rc_err
check_params(const struct rc_channel *c, struct rc_error *e)
{
	bool body = c->style == RC_OAUTH_FORM || c->style == RC_OAUTH_JSON;

	for (size_t i = 0; i < c->ntoken_params; i++) {
		const char *name = c->token_params[i].name;

		if (strcmp(name, "scope") == 0)
			return rc_err_set(e, RC_EUSAGE,
			    "'auth.token_params' cannot set 'scope': give it "
			    "as 'auth.scope'");
		if (body && (strcmp(name, c->client_id_key) == 0 ||
				strcmp(name, c->client_secret_key) == 0))
			return rc_err_set(e, RC_EUSAGE,
			    "'auth.token_params' cannot set '%.80s': it is "
			    "sent as 'auth.client_id' or 'auth.client_secret'",
			    name);
	}
	return RC_OK;
}

enum rc_err
rc_channel_check_oauth2(const struct rc_channel *c, struct rc_error *e)
{
	enum rc_err err;

	err =
	    check_credential_key(c, "auth.client_id_key", c->client_id_key, e);
	if (err == RC_OK)
		err = check_credential_key(
		    c, "auth.client_secret_key", c->client_secret_key, e);
	if (err == RC_OK)
		err = check_params(c, e);
	if (err != RC_OK)
		return err;
	if (c->style != RC_OAUTH_BASIC)
		return strcasecmp(c->client_id_key, c->client_secret_key) != 0
			   ? RC_OK
			   : rc_err_set(e, RC_EUSAGE,
				 "'auth.client_id_key' and "
				 "'auth.client_secret_key' are the same");
	if (rc_channel_header_find(c->token_headers, c->ntoken_headers,
		RC_SLICE_LIT("authorization")) == NULL)
		return RC_OK;
	return rc_err_set(e, RC_EUSAGE,
	    "'auth.token_headers' cannot set 'Authorization' with style "
	    "'basic'");
}
