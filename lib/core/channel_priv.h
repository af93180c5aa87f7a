/*
 * What the files of the channel module share: the object as rc_channel_parse
 * takes it, and as the state keeps it, with every secret {"sealed":"BASE64"}.
 */
#ifndef RC_CORE_CHANNEL_PRIV_H
#define RC_CORE_CHANNEL_PRIV_H

#include "core/channel_key.h"

#define RC_CHANNEL_TEXT_MAX 4096 /* bytes of a value that is no secret */
#define RC_CHANNEL_FIELD_MAX 320 /* bytes of a field name, for the seal */
#define RC_HEADER_NAME_MAX 256

/* How the secrets of a kept object are opened. */
struct rc_channel_kept {
	uint32_t number;
	const struct rc_seal *seal; /* NULL: secrets stay NULL */
};

/* How an object changes a channel that is there. */
struct rc_channel_change {
	bool merge;	/* headers stand beside the others, not for them */
	uint64_t named; /* out: keys the object has, as rc_channel.given */
	/* The headers before, by which a mask is understood. */
	const struct rc_channel_header *header;
	size_t nheaders;
};

/* A reading under way. */
struct rc_channel_reading {
	struct rc_channel *channel;
	const struct rc_channel_kept *kept; /* NULL: a user's object */
	struct rc_channel_change *change;   /* NULL: a whole object */
	struct rc_error *e;
};
/* field is what the secret is sealed as: the key, "headers.X-Api-Key". */
enum rc_err rc_channel_read_secret(const struct rc_channel_reading *,
    const char *field, const struct rc_json_value *, char **out) RC_MUST_USE;
/* Whether a key's headers are parameters of token requests. */
bool rc_channel_key_is_params(const struct rc_channel_key *);
/* A token of RFC 9110, 5.6.2. */
bool rc_channel_is_header_name(struct rc_slice);
/* Headers that are ours or libcurl's to make. */
bool rc_channel_is_reserved_header(struct rc_slice);
/*
 * An array of {"name","value","secret"} into the headers of a key; with a
 * change, into what it makes of those that are there.
 */
enum rc_err rc_channel_read_headers(const struct rc_channel_reading *,
    const struct rc_channel_key *, const struct rc_json_value *) RC_MUST_USE;
/* The header of a name, in any case; NULL. */
const struct rc_channel_header *rc_channel_header_find(
    const struct rc_channel_header *, size_t n, struct rc_slice name);
/* Wipes and frees n headers. */
void rc_channel_headers_free(struct rc_channel_header *, size_t n);
/* Sets what a key fills from its text; not for headers. */
enum rc_err rc_channel_set(struct rc_channel *, const struct rc_channel_key *,
    struct rc_slice, struct rc_error *) RC_MUST_USE;
/* "KEY is wrong: it takes WHAT". */
enum rc_err rc_channel_wrong(
    const struct rc_channel_key *, const char *what, struct rc_error *);
/* Replaces *out by a copy; refuses control characters and more than max. */
enum rc_err rc_channel_copy(const char *name, struct rc_slice, size_t max,
    char **out, struct rc_error *) RC_MUST_USE;

/* Reads an object without checking how its values fit; kept NULL: plain. */
enum rc_err rc_channel_read(struct rc_channel *, const struct rc_json_value *,
    const struct rc_channel_kept *, struct rc_error *) RC_MUST_USE;
/*
 * Changes a channel by an object: null takes a key, or a header, away, and a
 * secret that is RC_MASK stays the one that is there.  Checks no more than
 * rc_channel_read.
 */
enum rc_err rc_channel_apply(struct rc_channel *, const struct rc_json_value *,
    struct rc_channel_change *, struct rc_error *) RC_MUST_USE;
/* A key as if it had never been given. */
void rc_channel_reset(struct rc_channel *, const struct rc_channel_key *);
/* Whether two channels have the same under a key, secrets too. */
bool rc_channel_same(const struct rc_channel *, const struct rc_channel *,
    const struct rc_channel_key *);
/* Fills in the defaults, and checks what needs more than one value. */
enum rc_err rc_channel_check(
    struct rc_channel *, struct rc_error *) RC_MUST_USE;
/* The same of what is there so far: nothing is missing yet. */
enum rc_err rc_channel_check_part(
    struct rc_channel *, struct rc_error *) RC_MUST_USE;
/*
 * What nobody can give a channel, though one that is kept may have it and goes
 * on as it is; after rc_channel_check.
 */
enum rc_err rc_channel_check_given(
    const struct rc_channel *, struct rc_error *) RC_MUST_USE;
/* Whether rc-import could make something of the list's source. */
enum rc_err rc_channel_check_list(
    const struct rc_channel *, struct rc_error *) RC_MUST_USE;
/*
 * A URL is no secret, but its query may hold one: of list_source it is shown as
 * RC_MASK, of others what rc_channel_url_shown masks.  rc_channel_url_is_mask:
 * whether text is what the URL kept (or NULL) under a key is shown as, masked;
 * RC_EUSAGE for another one that is masked.
 */
#define RC_CHANNEL_SHOWN_MAX ((size_t)3 * RC_CHANNEL_TEXT_MAX)
bool rc_channel_key_is_url(const struct rc_channel_key *);
void rc_channel_key_shown(
    const struct rc_channel_key *, const char *url, struct rc_buf *);
enum rc_err rc_channel_url_is_mask(const struct rc_channel_key *,
    const char *kept, struct rc_slice text, bool *is,
    struct rc_error *) RC_MUST_USE;
/* Whether no name of a token request is taken twice, and each will do. */
enum rc_err rc_channel_check_oauth2(
    const struct rc_channel *, struct rc_error *) RC_MUST_USE;
/* private: credentials go there; whole: nothing is missing. */
enum rc_err rc_channel_check_lookup(const struct rc_channel *, bool private,
    bool whole, struct rc_error *) RC_MUST_USE;
/*
 * Loopback is the one place where credentials may go unencrypted, those sent
 * along (private) and those of the URL's query.
 */
enum rc_err rc_channel_check_private(const char *key, const char *url,
    bool private, struct rc_error *) RC_MUST_USE;
/* Appends a key's value as it is shown; RC_NOTFOUND when it has none. */
enum rc_err rc_channel_shown(const struct rc_channel *,
    const struct rc_channel_key *, struct rc_buf *,
    struct rc_error *) RC_MUST_USE;
/* The object with its secrets sealed for the channel's number. */
enum rc_err rc_channel_write_sealed(struct rc_buf *, const struct rc_channel *,
    const struct rc_seal *, struct rc_error *) RC_MUST_USE;

#define RC_CHANNEL_HEAD_LEN 12 /* number and time, before a kept object */

struct rc_channels {
	struct rc_channel **v;
	size_t n;
};
void rc_channels_free(struct rc_channels *); /* repeatable */
/* Every channel, without secrets, into the struct rc_channels of arg. */
enum rc_err rc_channels_collect(
    struct rc_txn *, void *arg, struct rc_error *) RC_MUST_USE;
/* The channel of a record, with its secrets when there is a seal; unchecked. */
enum rc_err rc_channel_decode(struct rc_slice name, struct rc_slice record,
    const struct rc_seal *, struct rc_channel **,
    struct rc_error *) RC_MUST_USE;
/* Keeps a channel under its name and number, within a write. */
enum rc_err rc_channel_put(struct rc_txn *, const struct rc_channel *,
    const struct rc_seal *, struct rc_error *) RC_MUST_USE;
/* RC_ENOINPUT "there is no channel …", with the names there are. */
enum rc_err rc_channel_unknown(
    struct rc_state *, const char *name, struct rc_error *);
/* Every API key of a channel, within a write. */
enum rc_err rc_api_key_remove_all(
    struct rc_txn *, uint32_t channel, struct rc_error *) RC_MUST_USE;
/* What a channel is when nothing is said; it has no name. */
extern const struct rc_channel rc_channel_defaults;
/* A channel with nothing but its name and the defaults. */
enum rc_err rc_channel_new(
    struct rc_channel **, const char *name, struct rc_error *) RC_MUST_USE;

/* The member a key fills; its text, NULL when it has none. */
void *rc_channel_member(struct rc_channel *, const struct rc_channel_key *);
const void *rc_channel_value(
    const struct rc_channel *, const struct rc_channel_key *);
const char *rc_channel_text(
    const struct rc_channel *, const struct rc_channel_key *);
bool rc_channel_given(const struct rc_channel *, const struct rc_channel_key *);
/* Wipes and frees a text, and sets it NULL. */
void rc_channel_wipe(char **);
size_t rc_channel_header_count(
    const struct rc_channel *, const struct rc_channel_key *);
/* The headers of a key and where they are counted. */
struct rc_channel_header *rc_channel_headers(
    struct rc_channel *, const struct rc_channel_key *, size_t **count);
/* What a header's secret is sealed as: "headers.X-Api-Key". */
void rc_channel_header_field(char field[RC_CHANNEL_FIELD_MAX],
    const struct rc_channel_key *, const char *name);

#endif
