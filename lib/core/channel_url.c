#include "core/channel_priv.h"

#include "text/url.h"

#include <string.h>
#include <strings.h>

#define QUERY_MASK "?" RC_MASK

/* Of a parameter's name, in any case; rather too many than too few. */
static const char *const CREDENTIALS[] = {
    "key", "token", "secret", "pass", "pwd", "auth", "sig", "cred"};

bool
rc_channel_is_credential(struct rc_slice name)
{
	size_t n = sizeof(CREDENTIALS) / sizeof(CREDENTIALS[0]);

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(CREDENTIALS[i]);

		for (size_t at = 0; at + len <= name.len; at++)
			if (strncasecmp(name.p + at, CREDENTIALS[i], len) == 0)
				return true;
	}
	return false;
}

bool
rc_channel_url_credential(
    struct rc_slice url, size_t *at, struct rc_slice *value)
{
	size_t i = *at, start, end;
	bool query = i > 0;

	for (; i < url.len; i = end) {
		struct rc_slice name;

		for (start = i; i < url.len && !strchr("?&;#", url.p[i]); i++)
			;
		end = i < url.len ? i + 1 : i;
		name = rc_slice_of(url.p + start, i - start);
		value->p = query ? memchr(name.p, '=', name.len) : NULL;
		query = true;
		if (value->p == NULL)
			continue;
		name.len = (size_t)(value->p++ - name.p);
		value->len = (size_t)(url.p + i - value->p);
		*at = end;
		if (value->len > 0 && rc_channel_is_credential(name))
			return true;
	}
	return false;
}

void
rc_channel_url_shown(struct rc_slice url, struct rc_buf *shown)
{
	struct rc_slice value;
	size_t at = 0, done = 0;

	while (rc_channel_url_credential(url, &at, &value)) {
		rc_buf_add(
		    shown, url.p + done, (size_t)(value.p - url.p) - done);
		rc_buf_adds(shown, RC_MASK);
		done = (size_t)(value.p - url.p) + value.len;
	}
	rc_buf_add(shown, url.p + done, url.len - done);
}

static bool
is_source(const struct rc_channel_key *k)
{
	return strcmp(k->name, "list_source") == 0;
}

/* A signature may have any name. */
static void
show_source(const char *source, struct rc_buf *shown)
{
	size_t n = rc_url_scheme_len(rc_slice_str(source)) > 0
		       ? strcspn(source, "?")
		       : strlen(source);

	rc_buf_add(shown, source, n);
	if (source[n] != '\0')
		rc_buf_adds(shown, QUERY_MASK);
}

bool
rc_channel_key_is_url(const struct rc_channel_key *k)
{
	return k->type == RC_KEY_URL || strcmp(k->name, "lookup_url") == 0 ||
	       is_source(k);
}

void
rc_channel_key_shown(
    const struct rc_channel_key *k, const char *url, struct rc_buf *shown)
{
	if (is_source(k))
		show_source(url, shown);
	else
		rc_channel_url_shown(rc_slice_str(url), shown);
}

static bool
is_masked(const struct rc_channel_key *k, struct rc_slice text)
{
	size_t mask = strlen(QUERY_MASK), at = 0;
	struct rc_slice value;

	if (is_source(k))
		return rc_url_scheme_len(text) > 0 && text.len >= mask &&
		       memcmp(text.p + text.len - mask, QUERY_MASK, mask) == 0;
	while (rc_channel_url_credential(text, &at, &value))
		if (rc_slice_is(value, RC_MASK))
			return true;
	return false;
}

enum rc_err
rc_channel_url_is_mask(const struct rc_channel_key *k, const char *kept,
    struct rc_slice text, bool *is, struct rc_error *e)
{
	struct rc_buf shown = RC_BUF_INIT(RC_CHANNEL_SHOWN_MAX);
	enum rc_err err;

	*is = false;
	if (!is_masked(k, text))
		return RC_OK;
	if (kept != NULL)
		rc_channel_key_shown(k, kept, &shown);
	err = rc_buf_check(&shown, k->name, e);
	*is = err == RC_OK && rc_slice_eq(text, rc_buf_slice(&shown));
	rc_buf_free(&shown);
	if (err != RC_OK || *is)
		return err;
	return rc_err_set(e, RC_EUSAGE,
	    "'%s' is masked, and there is no such query to keep: give the "
	    "whole address",
	    k->name);
}
