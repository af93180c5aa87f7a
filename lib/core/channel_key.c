#include "core/channel_key.h"

#include <string.h>

#define NAME_MAX_LEN 64 /* longer names are not compared letter by letter */

static const char *const providers[] = {
    [RC_PROVIDER_TWILIO] = "twilio", [RC_PROVIDER_HTTP] = "http"};
static const char *const auths[] = {[RC_AUTH_NONE] = "none",
    [RC_AUTH_BASIC] = "basic",
    [RC_AUTH_OAUTH2] = "oauth2"};
static const char *const styles[] = {[RC_OAUTH_BASIC] = "basic",
    [RC_OAUTH_FORM] = "form",
    [RC_OAUTH_JSON] = "json",
    [RC_OAUTH_HEADER] = "header"};
static const char *const idents[] = {[RC_IDENT_PHONE] = "phoneNumber",
    [RC_IDENT_EMAIL] = "email",
    [RC_IDENT_CUSTOM] = "custom"};
static const char *const addressings[] = {
    [RC_ADDRESSING_PATH] = "path", [RC_ADDRESSING_VIRTUAL] = "virtual"};

#define AT(member) .offset = offsetof(struct rc_channel, member)
#define CHOICE(names)                                                          \
	.choice = (names), .nchoices = sizeof(names) / sizeof *(names)

/* Keys of one group are neighbours: showing opens the group once. */
const struct rc_channel_key rc_channel_keys[] = {
    {"provider", "provider", "NAME", "twilio or http", RC_KEY_CHOICE,
	RC_WHEN_ALWAYS, false, false, AT(provider), CHOICE(providers)},
    {"identifier", "identifier", "TYPE",
	"phoneNumber (default), email or custom", RC_KEY_CHOICE, RC_WHEN_ALWAYS,
	false, false, AT(identifier), CHOICE(idents)},

    {"account_sid", "account-sid", "SID",
	"Twilio account, AC and 32 hex digits", RC_KEY_TEXT, RC_WHEN_TWILIO,
	true, false, AT(account_sid)},
    {"auth_token", "auth-token", "SECRET", "Twilio auth token", RC_KEY_TEXT,
	RC_WHEN_TWILIO, false, true, AT(auth_token)},
    {"api_key_sid", "api-key-sid", "SID", "Twilio API key, to send with it",
	RC_KEY_TEXT, RC_WHEN_TWILIO, false, false, AT(api_key_sid)},
    {"api_key_secret", "api-key-secret", "SECRET", "secret of the API key",
	RC_KEY_TEXT, RC_WHEN_TWILIO, false, true, AT(api_key_secret)},
    {"from", "from", "SENDER", "number, short code, sender name or MG id",
	RC_KEY_TEXT, RC_WHEN_TWILIO, true, false, AT(from)},
    {"base_url", "base-url", "URL", "Twilio's API, https://api.twilio.com",
	RC_KEY_URL, RC_WHEN_TWILIO, false, false, AT(base_url)},

    {"url", "url", "URL", "where messages are posted", RC_KEY_URL, RC_WHEN_HTTP,
	true, false, AT(url)},
    {"content_type", "content-type", "TYPE",
	"of the body, application/json by default", RC_KEY_TEXT, RC_WHEN_HTTP,
	false, false, AT(content_type)},
    {"headers", "header", "NAME:VALUE", "header of every message",
	RC_KEY_HEADERS, RC_WHEN_HTTP, false, false, AT(headers)},
    {"auth.type", "auth", "TYPE", "none (default), basic or oauth2",
	RC_KEY_CHOICE, RC_WHEN_HTTP, false, false, AT(auth), CHOICE(auths)},
    {"auth.username", "username", "NAME", "Basic user", RC_KEY_TEXT,
	RC_WHEN_BASIC, true, false, AT(username)},
    {"auth.password", "password", "SECRET", "Basic password", RC_KEY_TEXT,
	RC_WHEN_BASIC, true, true, AT(password)},
    {"auth.token_url", "token-url", "URL", "where access tokens are had",
	RC_KEY_URL, RC_WHEN_OAUTH2, true, false, AT(token_url)},
    {"auth.client_id", "client-id", "ID", "OAuth2 client", RC_KEY_TEXT,
	RC_WHEN_OAUTH2, true, false, AT(client_id)},
    {"auth.client_secret", "client-secret", "SECRET", "its secret", RC_KEY_TEXT,
	RC_WHEN_OAUTH2, true, true, AT(client_secret)},
    {"auth.client_id_key", "client-id-key", "NAME",
	"what the token URL calls client_id", RC_KEY_TEXT, RC_WHEN_OAUTH2,
	false, false, AT(client_id_key)},
    {"auth.client_secret_key", "client-secret-key", "NAME",
	"what the token URL calls client_secret", RC_KEY_TEXT, RC_WHEN_OAUTH2,
	false, false, AT(client_secret_key)},
    {"auth.style", "style", "STYLE",
	"credentials as basic (default), form, json or header", RC_KEY_CHOICE,
	RC_WHEN_OAUTH2, false, false, AT(style), CHOICE(styles)},
    {"auth.scope", "scope", "TEXT", "scope asked for", RC_KEY_TEXT,
	RC_WHEN_OAUTH2, false, false, AT(scope)},
    {"auth.token_headers", "token-header", "NAME:VALUE",
	"header of token requests", RC_KEY_HEADERS, RC_WHEN_OAUTH2, false,
	false, AT(token_headers)},
    {"auth.token_params", "token-param", "NAME:VALUE",
	"further parameter of token requests", RC_KEY_HEADERS, RC_WHEN_OAUTH2,
	false, false, AT(token_params)},
    {"success.status", "success-status", "RANGE",
	"statuses that mean success, 200-299", RC_KEY_STATUS, RC_WHEN_HTTP,
	false, false, AT(status_min)},
    {"success.pointer", "success-pointer", "POINTER",
	"where in the answer success is said", RC_KEY_POINTER, RC_WHEN_HTTP,
	false, false, AT(success_pointer)},
    {"success.equals", "success-equals", "TEXT", "what it says then",
	RC_KEY_TEXT, RC_WHEN_HTTP, false, false, AT(success_equals)},
    {"id_pointer", "id-pointer", "POINTER", "where the message id is",
	RC_KEY_POINTER, RC_WHEN_HTTP, false, false, AT(id_pointer)},
    {"error_pointer", "error-pointer", "POINTER", "where an error is told",
	RC_KEY_POINTER, RC_WHEN_HTTP, false, false, AT(error_pointer)},
    {"retry_codes", "retry-codes", "CODES",
	"that say a message was not processed, 425 and 429 always do",
	RC_KEY_TEXT, RC_WHEN_HTTP, false, false, AT(retry_codes)},
    {"stop_codes", "stop-codes", "CODES",
	"that say no message will be, 401 and 403 always do", RC_KEY_TEXT,
	RC_WHEN_HTTP, false, false, AT(stop_codes)},
    {"optout_codes", "optout-codes", "CODES",
	"that say the recipient opted out", RC_KEY_TEXT, RC_WHEN_HTTP, false,
	false, AT(optout_codes)},

    {"lookup_url", "lookup-url", "URL",
	"where a message is asked for, with ${Message ID}", RC_KEY_TEXT,
	RC_WHEN_HTTP, false, false, AT(lookup_url)},
    {"lookup_pointer", "lookup-pointer", "POINTER",
	"where something stands if it is known", RC_KEY_POINTER, RC_WHEN_HTTP,
	false, false, AT(lookup_pointer)},
    {"lookup_id_pointer", "lookup-id-pointer", "POINTER",
	"where its id stands then", RC_KEY_POINTER, RC_WHEN_HTTP, false, false,
	AT(lookup_id_pointer)},

    {"rate", "rate", "N", "messages a second, no limit by default",
	RC_KEY_NUMBER, RC_WHEN_ALWAYS, false, false, AT(rate)},
    {"concurrency", "concurrency", "N", "requests at once, 64 by default",
	RC_KEY_COUNT, RC_WHEN_ALWAYS, false, false, AT(concurrency)},
    {"cap", "cap", "N/TIME|none", "messages a person, 5/24h by default",
	RC_KEY_CAP, RC_WHEN_ALWAYS, false, false, AT(cap)},
    {"quiet_hours", "quiet-hours", "HH:MM-HH:MM",
	"when nobody is texted, at the recipient's", RC_KEY_QUIET,
	RC_WHEN_ALWAYS, false, false, AT(quiet_hours)},
    {"list_source", "list-source", "SOURCE", "rc-import's source of the list",
	RC_KEY_TEXT, RC_WHEN_ALWAYS, false, false, AT(list_source)},
    {"list_endpoint", "list-endpoint", "URL", "S3 other than AWS", RC_KEY_URL,
	RC_WHEN_ALWAYS, false, false, AT(list_endpoint)},
    {"list_region", "list-region", "NAME",
	"of the bucket, us-east-1 by default", RC_KEY_TEXT, RC_WHEN_ALWAYS,
	false, false, AT(list_region)},
    {"list_addressing", "list-addressing", "STYLE",
	"path or virtual; by default path at an endpoint", RC_KEY_CHOICE,
	RC_WHEN_ALWAYS, false, false, AT(list_addressing), CHOICE(addressings)},
    {"list_access_key", "list-access-key", "ID",
	"access key of S3, or user of http(s)", RC_KEY_TEXT, RC_WHEN_ALWAYS,
	false, false, AT(list_access_key)},
    {"list_secret_key", "list-secret-key", "SECRET", "its secret, or password",
	RC_KEY_TEXT, RC_WHEN_ALWAYS, false, true, AT(list_secret_key)},
    {"list_session_token", "list-session-token", "SECRET",
	"of temporary S3 keys", RC_KEY_TEXT, RC_WHEN_ALWAYS, false, true,
	AT(list_session_token)},
    {"list_cacert", "list-cacert", "FILE",
	"certificates to trust at the list's source", RC_KEY_TEXT,
	RC_WHEN_ALWAYS, false, false, AT(list_cacert)},
    {"short_base", "short-base", "URL", "short links begin with it", RC_KEY_URL,
	RC_WHEN_ALWAYS, false, false, AT(short_base)},
    {"price", "price", "N", "price of a segment", RC_KEY_NUMBER, RC_WHEN_ALWAYS,
	false, false, AT(price)},
    {"cacert", "cacert", "FILE", "certificates to trust instead", RC_KEY_TEXT,
	RC_WHEN_ALWAYS, false, false, AT(cacert)},
};
const size_t rc_channel_nkeys =
    sizeof(rc_channel_keys) / sizeof(rc_channel_keys[0]);
_Static_assert(
    sizeof(rc_channel_keys) / sizeof(rc_channel_keys[0]) <= RC_CHANNEL_KEYS_MAX,
    "a bit of rc_channel.given for each key");

const struct rc_channel_key *
rc_channel_key_find(struct rc_slice name)
{
	for (size_t i = 0; i < rc_channel_nkeys; i++)
		if (rc_slice_is(name, rc_channel_keys[i].name))
			return &rc_channel_keys[i];
	return NULL;
}

bool
rc_channel_key_is_group(struct rc_slice name)
{
	for (size_t i = 0; i < rc_channel_nkeys; i++) {
		const char *key = rc_channel_keys[i].name;

		if (strncmp(key, name.p, name.len) == 0 && name.len > 0 &&
		    key[name.len] == '.')
			return true;
	}
	return false;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance; both are at most NAME_MAX_LEN long. */
static size_t
distance(struct rc_slice a, struct rc_slice b)
{
	size_t row[NAME_MAX_LEN + 1];

	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t swap = diagonal + (a.p[i - 1] != b.p[j - 1]);

			diagonal = row[j];
			row[j] = least(swap, least(row[j], row[j - 1]) + 1);
		}
	}
	return row[b.len];
}

/* A key may be meant without its group: "username" for "auth.username". */
static size_t
key_distance(struct rc_slice name, const char *key)
{
	const char *dot = strchr(key, '.');
	size_t whole = distance(name, rc_slice_str(key));

	if (dot == NULL)
		return whole;
	return least(whole, distance(name, rc_slice_str(dot + 1)));
}

const char *
rc_channel_key_nearest(struct rc_slice name)
{
	const char *best = rc_channel_keys[0].name;
	size_t best_distance = SIZE_MAX;

	name.len = least(name.len, NAME_MAX_LEN);
	for (size_t i = 0; i < rc_channel_nkeys; i++) {
		size_t d = key_distance(name, rc_channel_keys[i].name);

		if (d < best_distance) {
			best = rc_channel_keys[i].name;
			best_distance = d;
		}
	}
	return best;
}

bool
rc_channel_key_fits(const struct rc_channel_key *k, const struct rc_channel *c)
{
	bool http = c->provider == RC_PROVIDER_HTTP;

	switch (k->when) {
	case RC_WHEN_TWILIO:
		return !http;
	case RC_WHEN_HTTP:
		return http;
	case RC_WHEN_BASIC:
		return http && c->auth == RC_AUTH_BASIC;
	case RC_WHEN_OAUTH2:
		return http && c->auth == RC_AUTH_OAUTH2;
	case RC_WHEN_ALWAYS:
		break;
	}
	return true;
}
