#include "core/channel_priv.h"

#include "text/phone.h"
#include "text/url.h"

#include <ctype.h>
#include <string.h>

#define SENDER_NAME_MAX 11 /* Twilio: alphanumeric sender ID */
#define SHORT_CODE_MIN 3
#define SHORT_CODE_MAX 8
#define SID_DIGITS 32

static enum rc_err
set_default(char **member, const char *text, struct rc_error *e)
{
	if (*member != NULL)
		return RC_OK;
	*member = strdup(text);
	return *member == NULL ? rc_err_nomem(e) : RC_OK;
}

/* A channel with "url" and no "provider" can only be one thing. */
static void
guess_provider(struct rc_channel *c)
{
	const struct rc_channel_key *k =
	    rc_channel_key_find(RC_SLICE_LIT("provider"));

	if (!rc_channel_given(c, k))
		c->provider =
		    c->url != NULL ? RC_PROVIDER_HTTP : RC_PROVIDER_TWILIO;
}

static const char *
kind(const struct rc_channel *c)
{
	if (c->provider == RC_PROVIDER_TWILIO)
		return "provider 'twilio'";
	if (c->auth == RC_AUTH_NONE)
		return "provider 'http' with auth 'none'";
	if (c->auth == RC_AUTH_BASIC)
		return "provider 'http' with auth 'basic'";
	return "provider 'http' with auth 'oauth2'";
}

static enum rc_err
check_fitting(const struct rc_channel *c, struct rc_error *e)
{
	const struct rc_channel_key *k = rc_channel_keys;
	const struct rc_channel_key *end = k + rc_channel_nkeys;

	for (; k < end; k++)
		if (rc_channel_given(c, k) && !rc_channel_key_fits(k, c))
			return rc_err_set(e, RC_EUSAGE,
			    "'%s' does not go with %s", k->name, kind(c));
	return RC_OK;
}

static enum rc_err
check_missing(const struct rc_channel *c, struct rc_error *e)
{
	const struct rc_channel_key *k = rc_channel_keys;
	const struct rc_channel_key *end = k + rc_channel_nkeys;

	for (; k < end; k++)
		if (k->required && rc_channel_key_fits(k, c) &&
		    !rc_channel_given(c, k))
			return rc_err_set(e, RC_EUSAGE,
			    "'%s' is missing: %s needs it (%s)", k->name,
			    kind(c), k->help);
	return RC_OK;
}

/* "AC" and 32 hexadecimal digits */
static bool
is_sid(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (strncmp(s, prefix, n) != 0 || strlen(s) != n + SID_DIGITS)
		return false;
	for (s += n; *s != '\0'; s++)
		if (!isxdigit((unsigned char)*s))
			return false;
	return true;
}

static bool
is_number(const char *s)
{
	uint64_t number;
	enum rc_phone_result result = rc_phone_strict(rc_slice_str(s), &number);

	return *s == '+' &&
	       (result == RC_PHONE_OK || result == RC_PHONE_REPAIRED);
}

/* A short code, or a name that has at least one letter. */
static bool
is_short_code_or_name(const char *s)
{
	size_t len = strlen(s), letters = 0;

	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)s[i]) && s[i] != ' ')
			return false;
		letters += isalpha((unsigned char)s[i]) != 0;
	}
	if (letters == 0)
		return len >= SHORT_CODE_MIN && len <= SHORT_CODE_MAX &&
		       strchr(s, ' ') == NULL;
	return len <= SENDER_NAME_MAX;
}

static enum rc_err
check_from(const struct rc_channel *c, struct rc_error *e)
{
	if (c->from == NULL || is_sid(c->from, "MG") || is_number(c->from) ||
	    is_short_code_or_name(c->from))
		return RC_OK;
	return rc_err_set(e, RC_EUSAGE,
	    "'from' is wrong: '%s' is no number such as +15550100, no short "
	    "code, no name of at most %d letters and digits, and no MG… id",
	    c->from, SENDER_NAME_MAX);
}

enum rc_err
rc_channel_check_private(
    const char *key, const char *text, bool private, struct rc_error *e)
{
	struct rc_slice value;
	struct rc_url url;
	size_t at = 0;

	if (text == NULL)
		return RC_OK;
	if (rc_url_parse(rc_slice_str(text), &url, e) != RC_OK)
		return e->code = RC_EUSAGE;
	if (url.https || rc_url_is_loopback(&url) ||
	    (!private &&
		!rc_channel_url_credential(rc_slice_str(text), &at, &value)))
		return RC_OK;
	return rc_err_set(e, RC_EUSAGE,
	    "'%s' would send credentials over plain http: use https", key);
}

static enum rc_err
check_sids(const struct rc_channel *c, struct rc_error *e)
{
	if (c->account_sid != NULL && !is_sid(c->account_sid, "AC"))
		return rc_err_set(e, RC_EUSAGE,
		    "'account_sid' is wrong: it takes AC and 32 hexadecimal "
		    "digits");
	if (c->api_key_sid != NULL && !is_sid(c->api_key_sid, "SK"))
		return rc_err_set(e, RC_EUSAGE,
		    "'api_key_sid' is wrong: it takes SK and 32 hexadecimal "
		    "digits");
	return RC_OK;
}

/* What one value alone cannot tell. */
static enum rc_err
check_twilio_auth(const struct rc_channel *c, struct rc_error *e)
{
	if ((c->api_key_sid == NULL) != (c->api_key_secret == NULL))
		return rc_err_set(e, RC_EUSAGE,
		    "'api_key_sid' and 'api_key_secret' go together");
	if (c->auth_token == NULL && c->api_key_sid == NULL)
		return rc_err_set(e, RC_EUSAGE,
		    "'auth_token' is missing: provider 'twilio' needs it, "
		    "or 'api_key_sid' and 'api_key_secret'");
	return RC_OK;
}

static enum rc_err
check_twilio(struct rc_channel *c, bool whole, struct rc_error *e)
{
	enum rc_err err;

	if (c->identifier != RC_IDENT_PHONE)
		return rc_err_set(e, RC_EUSAGE,
		    "'identifier' is wrong: provider 'twilio' takes "
		    "phoneNumber alone");
	err = check_sids(c, e);
	if (err == RC_OK && whole)
		err = check_twilio_auth(c, e);
	if (err == RC_OK)
		err = check_from(c, e);
	if (err == RC_OK)
		err = set_default(&c->base_url, "https://api.twilio.com", e);
	if (err == RC_OK)
		err =
		    rc_channel_check_private("base_url", c->base_url, true, e);
	return err;
}

static bool
any_secret(const struct rc_channel_header *header, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (header[i].secret)
			return true;
	return false;
}

static enum rc_err
check_oauth2(struct rc_channel *c, struct rc_error *e)
{
	enum rc_err err;

	err = set_default(&c->client_id_key, "client_id", e);
	if (err == RC_OK)
		err = set_default(&c->client_secret_key, "client_secret", e);
	if (err == RC_OK)
		err = rc_channel_check_oauth2(c, e);
	if (err == RC_OK)
		err = rc_channel_check_private(
		    "auth.token_url", c->token_url, true, e);
	return err;
}

/* Two Authorization headers would contradict each other. */
static enum rc_err
check_authorization(const struct rc_channel *c, struct rc_error *e)
{
	for (size_t i = 0; i < c->nheaders; i++)
		if (c->auth != RC_AUTH_NONE &&
		    strcasecmp(c->headers[i].name, "authorization") == 0)
			return rc_err_set(e, RC_EUSAGE,
			    "'headers' cannot set 'Authorization' with %s",
			    kind(c));
	return RC_OK;
}

/* "429,throttled": commas between codes, no blanks, none empty. */
static enum rc_err
check_codes(const char *key, const char *codes, struct rc_error *e)
{
	size_t n = codes == NULL ? 1 : 0;

	for (; codes != NULL && *codes != '\0'; codes++) {
		if (*codes == ',' && n == 0)
			break;
		n = *codes == ',' ? 0 : n + 1;
		if (!isalnum((unsigned char)*codes) &&
		    strchr(",._-", *codes) == NULL)
			n = 0;
		if (n == 0 && *codes != ',')
			break;
	}
	if (n > 0)
		return RC_OK;
	return rc_err_set(e, RC_EUSAGE,
	    "'%s' is wrong: it takes codes such as '409,503'", key);
}

static enum rc_err
check_http(struct rc_channel *c, bool whole, struct rc_error *e)
{
	enum rc_err err = check_codes("retry_codes", c->retry_codes, e);
	bool secret;

	if (whole &&
	    (c->success_pointer == NULL) != (c->success_equals == NULL))
		return rc_err_set(e, RC_EUSAGE,
		    "'success.pointer' and 'success.equals' go together");
	if (err == RC_OK)
		err = check_codes("stop_codes", c->stop_codes, e);
	if (err == RC_OK)
		err = check_codes("optout_codes", c->optout_codes, e);
	secret = c->auth != RC_AUTH_NONE || any_secret(c->headers, c->nheaders);
	if (err == RC_OK)
		err = rc_channel_check_private("url", c->url, secret, e);
	if (err == RC_OK)
		err = rc_channel_check_lookup(c, secret, whole, e);
	if (err == RC_OK)
		err = check_authorization(c, e);
	/* The colon parts user and password (RFC 7617, 2). */
	if (err == RC_OK && c->auth == RC_AUTH_BASIC && c->username != NULL &&
	    strchr(c->username, ':') != NULL)
		err = rc_err_set(e, RC_EUSAGE,
		    "'auth.username' is wrong: it cannot hold a colon");
	if (err == RC_OK && c->auth == RC_AUTH_OAUTH2)
		err = check_oauth2(c, e);
	if (err == RC_OK)
		err = set_default(&c->content_type, "application/json", e);
	return err;
}

/* Nothing but a phone number tells where a person is. */
static enum rc_err
check_quiet_hours(const struct rc_channel *c, struct rc_error *e)
{
	if (c->quiet_hours == NULL || c->identifier == RC_IDENT_PHONE)
		return RC_OK;
	return rc_err_set(e, RC_EUSAGE,
	    "'quiet_hours' goes with identifier phoneNumber alone: nothing "
	    "else tells the recipient's local time");
}

/* What does not fit comes first: it explains best what is missing. */
static enum rc_err
check(struct rc_channel *c, bool whole, struct rc_error *e)
{
	enum rc_err err;

	guess_provider(c);
	err = check_fitting(c, e);
	if (err == RC_OK && whole)
		err = check_missing(c, e);
	if (err == RC_OK)
		err = check_quiet_hours(c, e);
	if (err != RC_OK)
		return err;
	return c->provider == RC_PROVIDER_TWILIO ? check_twilio(c, whole, e)
						 : check_http(c, whole, e);
}

enum rc_err
rc_channel_check(struct rc_channel *c, struct rc_error *e)
{
	return check(c, true, e);
}

enum rc_err
rc_channel_check_part(struct rc_channel *c, struct rc_error *e)
{
	return check(c, false, e);
}
