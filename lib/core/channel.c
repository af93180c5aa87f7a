#include "core/channel_priv.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *
rc_channel_member(struct rc_channel *c, const struct rc_channel_key *k)
{
	return (char *)c + k->offset;
}

const void *
rc_channel_value(const struct rc_channel *c, const struct rc_channel_key *k)
{
	return (const char *)c + k->offset;
}

const char *
rc_channel_text(const struct rc_channel *c, const struct rc_channel_key *k)
{
	return *(char *const *)rc_channel_value(c, k);
}

bool
rc_channel_given(const struct rc_channel *c, const struct rc_channel_key *k)
{
	return (c->given >> (k - rc_channel_keys) & 1) != 0;
}

bool
rc_channel_key_is_params(const struct rc_channel_key *k)
{
	return k->offset == offsetof(struct rc_channel, token_params);
}

/* Behind each array of headers stands its count. */
#define COUNT_OFFSET (sizeof(struct rc_channel_header) * RC_CHANNEL_HEADERS)
#define IS_COUNTED(array, count)                                               \
	(offsetof(struct rc_channel, count) ==                                 \
	    offsetof(struct rc_channel, array) + COUNT_OFFSET)
_Static_assert(IS_COUNTED(headers, nheaders) &&
		   IS_COUNTED(token_headers, ntoken_headers) &&
		   IS_COUNTED(token_params, ntoken_params),
    "rc_channel_headers goes by it");

size_t
rc_channel_header_count(
    const struct rc_channel *c, const struct rc_channel_key *k)
{
	const char *array = rc_channel_value(c, k);

	return *(const size_t *)(const void *)(array + COUNT_OFFSET);
}

struct rc_channel_header *
rc_channel_headers(
    struct rc_channel *c, const struct rc_channel_key *k, size_t **count)
{
	char *array = rc_channel_member(c, k);

	*count = (size_t *)(void *)(array + COUNT_OFFSET);
	return (struct rc_channel_header *)(void *)array;
}

void
rc_channel_header_field(char field[RC_CHANNEL_FIELD_MAX],
    const struct rc_channel_key *k, const char *name)
{
	snprintf(field, RC_CHANNEL_FIELD_MAX, "%s.%s", k->name, name);
}

bool
rc_channel_key_is_secret(const char *key)
{
	const struct rc_channel_key *k = rc_channel_key_find(rc_slice_str(key));

	return k != NULL && k->secret;
}

bool
rc_channel_has(const struct rc_channel *c, const char *key)
{
	const struct rc_channel_key *k = rc_channel_key_find(rc_slice_str(key));

	return k != NULL && rc_channel_given(c, k);
}

enum rc_err
rc_channel_name_check(const char *name, struct rc_error *e)
{
	size_t len = strlen(name);
	bool fine = len >= 1 && len <= RC_CHANNEL_NAME_MAX;

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) &&
		    strchr("._-", name[i]) == NULL)
			fine = false;
	if (fine)
		return RC_OK;
	return rc_err_set(e, RC_EUSAGE,
	    "'%s' is no channel name: 1 to %d of letters, digits, '.', '_' "
	    "and '-'",
	    name, RC_CHANNEL_NAME_MAX);
}

const struct rc_channel rc_channel_defaults = {.identifier = RC_IDENT_PHONE,
    .status_min = 200,
    .status_max = 299,
    .concurrency = 64,
    .cap = 5,
    .cap_window_ms = 24ULL * 3600 * 1000};

enum rc_err
rc_channel_new(struct rc_channel **out, const char *name, struct rc_error *e)
{
	struct rc_channel *c = malloc(sizeof(*c));

	if (c == NULL)
		return rc_err_nomem(e);
	*c = rc_channel_defaults;
	c->name = strdup(name);
	if (c->name == NULL) {
		free(c);
		return rc_err_nomem(e);
	}
	*out = c;
	return RC_OK;
}

void
rc_channel_wipe(char **text)
{
	if (*text != NULL)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

void
rc_channel_headers_free(struct rc_channel_header *header, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(header[i].name);
		rc_channel_wipe(&header[i].value);
	}
}

void
rc_channel_free(struct rc_channel *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < rc_channel_nkeys; i++) {
		const struct rc_channel_key *k = &rc_channel_keys[i];

		if (k->type == RC_KEY_TEXT || k->type == RC_KEY_URL ||
		    k->type == RC_KEY_POINTER || k->type == RC_KEY_QUIET)
			rc_channel_wipe(rc_channel_member(c, k));
	}
	rc_channel_headers_free(c->headers, c->nheaders);
	rc_channel_headers_free(c->token_headers, c->ntoken_headers);
	rc_channel_headers_free(c->token_params, c->ntoken_params);
	free(c->name);
	free(c);
}
