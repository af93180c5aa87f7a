/*
 * Channels: one SMS integration each.  A channel is read from a JSON object
 * (rc-channel(1)), checked, and kept with its secrets sealed; it is shown back
 * with secrets as "********".
 *
 * Secrets in memory are plain only in a struct rc_channel loaded with them;
 * rc_channel_free wipes it.
 */
#ifndef RC_CORE_CHANNEL_H
#define RC_CORE_CHANNEL_H

#include "core/state.h"
#include "text/ident.h"
#include "text/json.h"

#define RC_CHANNEL_NAME_MAX 64
#define RC_CHANNEL_HEADERS 32
#define RC_CHANNEL_CONCURRENCY_MAX 1000
#define RC_CHANNEL_CAP_MAX 1000
#define RC_MASK "********"

enum rc_provider {
	RC_PROVIDER_TWILIO,
	RC_PROVIDER_HTTP
};
enum rc_auth {
	RC_AUTH_NONE,
	RC_AUTH_BASIC,
	RC_AUTH_OAUTH2
};
enum rc_oauth_style {
	RC_OAUTH_BASIC,
	RC_OAUTH_FORM,
	RC_OAUTH_JSON,
	RC_OAUTH_HEADER
};

/* How an S3 bucket is addressed: in the path or in the host. */
enum rc_addressing {
	RC_ADDRESSING_AUTO, /* virtual at AWS, path at an endpoint */
	RC_ADDRESSING_PATH,
	RC_ADDRESSING_VIRTUAL
};

/* Of messages and token requests; or a parameter of the latter. */
struct rc_channel_header {
	char *name, *value; /* value is NULL when loaded without secrets */
	bool secret;
};

/* Strings are owned, NULL when not given. */
struct rc_channel {
	uint32_t number;
	char *name;
	uint64_t created_ms;
	enum rc_provider provider;
	enum rc_ident_type identifier;
	/* twilio */
	char *account_sid, *auth_token, *api_key_sid, *api_key_secret;
	char *from;	/* number, sender name or MG... */
	char *base_url; /* default https://api.twilio.com */
	/* http */
	char *url, *content_type;
	struct rc_channel_header headers[RC_CHANNEL_HEADERS];
	size_t nheaders;
	enum rc_auth auth;
	char *username, *password;
	char *token_url, *client_id, *client_secret, *scope;
	char *client_id_key, *client_secret_key;
	enum rc_oauth_style style;
	struct rc_channel_header token_headers[RC_CHANNEL_HEADERS];
	size_t ntoken_headers;
	struct rc_channel_header token_params[RC_CHANNEL_HEADERS];
	size_t ntoken_params;
	unsigned status_min, status_max; /* success, default 200-299 */
	char *success_pointer, *success_equals;
	char *id_pointer, *error_pointer;
	/* "429,503", with commas; no code is in two of them. */
	char *retry_codes, *stop_codes, *optout_codes;
	/* How a message is asked for, see rc_channel_lookup_url. */
	char *lookup_url, *lookup_pointer, *lookup_id_pointer;
	/* both */
	double rate;		/* messages a second; 0: no limit */
	unsigned concurrency;	/* 1 to 1,000, default 64 */
	unsigned cap;		/* messages a person; 0: none; default 5 */
	uint64_t cap_window_ms; /* default 24 h */
	char *quiet_hours;	/* "21:00-08:00" or NULL */
	/* Where rc-import has the list from, when it is not told. */
	char *list_source;   /* absolute path, http(s):// or s3:// */
	char *list_endpoint; /* of S3; NULL: AWS */
	char *list_region;
	enum rc_addressing list_addressing;
	char *list_access_key; /* and its secret: S3, or Basic of http(s) */
	char *list_secret_key, *list_session_token;
	char *list_cacert; /* to trust there; NULL: the system's */
	char *short_base;
	double price; /* of a segment */
	char *cacert;
	/*
	 * A bit for each key of core/channel_key.h that was in the object:
	 * tells that a secret is set when loaded without secrets.
	 */
	uint64_t given;
};

/*
 * Reads and checks an object.  Values "@FILE" and "env:NAME" have been
 * resolved by the caller (face/cli), for secrets as well.  RC_EUSAGE
 * names the key that is unknown, missing, or wrong, and what it takes.
 */
enum rc_err rc_channel_parse(struct rc_channel **, const char *name,
    const struct rc_json_value *, struct rc_error *) RC_MUST_USE;
/*
 * The same of an object that is not whole yet: what is there is checked, and
 * nothing is missing.
 */
enum rc_err rc_channel_parse_part(struct rc_channel **, const char *name,
    const struct rc_json_value *, struct rc_error *) RC_MUST_USE;
void rc_channel_free(struct rc_channel *); /* wipes; NULL is fine */
/* 1-64 of letters, digits, '.', '_', '-'; RC_EUSAGE otherwise. */
enum rc_err rc_channel_name_check(const char *, struct rc_error *) RC_MUST_USE;
/* Whether a key of the object is a secret ("auth_token"). */
bool rc_channel_key_is_secret(const char *key);
/* Whether it sends JSON, into which values are escaped, and not a text. */
bool rc_channel_is_json(const struct rc_channel *);
/* Whether a code stands in such a list, which may be NULL. */
bool rc_channel_lists_code(const char *codes, struct rc_slice code);
/* Whether a channel has it, also a secret that was not loaded. */
bool rc_channel_has(const struct rc_channel *, const char *key);

/* Saves a new channel, gives it its number; RC_ECREATE when the name is taken.
 * Unseal the state first. */
enum rc_err rc_channel_save(
    struct rc_state *, struct rc_channel *, struct rc_error *) RC_MUST_USE;
/*
 * name NULL: the only one there is.  RC_ENOINPUT when there is none or no such
 * (lists the names there are); RC_EUSAGE when one must be named.  With
 * secrets, the state must be unsealed.
 */
enum rc_err rc_channel_load(struct rc_state *, const char *name, bool secrets,
    struct rc_channel **, struct rc_error *) RC_MUST_USE;
/* As rc_channel_load without secrets by number, within a transaction. */
enum rc_err rc_channel_by_number(struct rc_txn *, uint32_t number,
    struct rc_channel **, struct rc_error *) RC_MUST_USE;
/*
 * Whether a channel that was loaded is still there, whatever its name is now,
 * within a transaction; RC_ENOINPUT when it was removed.
 */
enum rc_err rc_channel_check_there(
    struct rc_txn *, const struct rc_channel *, struct rc_error *) RC_MUST_USE;
/* The same for who knows its number alone. */
enum rc_err rc_channel_check_number(
    struct rc_txn *, uint32_t number, struct rc_error *) RC_MUST_USE;
/* Every channel in order of names, without secrets. */
enum rc_err rc_channel_each(struct rc_state *,
    enum rc_err (*)(void *, const struct rc_channel *, struct rc_error *),
    void *arg, struct rc_error *) RC_MUST_USE;
/*
 * Removes the channel, its token and its API keys, its list with the history
 * of its syncs, and its events.
 * RC_ECONFIG while one of its campaigns has open messages, unless force.
 * Journal, ledger and links stay.
 */
enum rc_err rc_channel_remove(struct rc_state *, const char *name, bool force,
    struct rc_error *) RC_MUST_USE;
/*
 * Whether a header or parameter is called as credentials are: its name has
 * "key", "token" or the like in it, in any case.
 */
bool rc_channel_is_credential(struct rc_slice name);
/* Appends a URL with RC_MASK in the place of what such a parameter holds. */
void rc_channel_url_shown(struct rc_slice url, struct rc_buf *);
/* The next such value from *at on, 0 at first, which moves behind it. */
bool rc_channel_url_credential(
    struct rc_slice url, size_t *at, struct rc_slice *value);
/* The object, secrets masked. */
void rc_channel_write(struct rc_json_writer *, const struct rc_channel *);

/* Which message a channel's lookup_url asks for. */
struct rc_lookup_question {
	const char *to, *message_id, *campaign;
};
/* The lookup_url, which must be set, with each value percent-encoded. */
enum rc_err rc_channel_lookup_url(const struct rc_channel *,
    const struct rc_lookup_question *, struct rc_buf *,
    struct rc_error *) RC_MUST_USE;
struct rc_template;
/* The lookup_url, which must be set, compiled: its variables are asked by. */
enum rc_err rc_channel_lookup_template(const struct rc_channel *,
    struct rc_template **, struct rc_error *) RC_MUST_USE;

/* --- API keys ----------------------------------------------------------- */

#define RC_API_KEY_LEN 43 /* "rck_" and 39 base62 characters */

/* Draws a key for a channel; shown once, only its digest is kept. */
enum rc_err rc_api_key_add(struct rc_state *, uint32_t channel,
    const char *label, char key[RC_API_KEY_LEN + 1],
    struct rc_error *) RC_MUST_USE;
/* The channel a key speaks for; RC_NOTFOUND. */
enum rc_err rc_api_key_find(struct rc_txn *, struct rc_slice key,
    uint32_t *channel, struct rc_error *) RC_MUST_USE;
struct rc_api_key_info {
	char id[17]; /* 16 hex digits of its digest */
	uint32_t channel;
	uint64_t created_ms;
	struct rc_slice label;
};
/* Every key in order of ids; the label is borrowed for the call. */
enum rc_err rc_api_key_each(struct rc_state *,
    enum rc_err (*)(void *, const struct rc_api_key_info *, struct rc_error *),
    void *arg, struct rc_error *) RC_MUST_USE;
/* By id as listed; RC_NOTFOUND. */
enum rc_err rc_api_key_remove(
    struct rc_state *, const char *id, struct rc_error *) RC_MUST_USE;

#endif
