#include "core/provider_priv.h"

#include "text/url.h"

#include <string.h>

#define QUOTED_MIN 4 /* bytes; less is found by chance in any text */
#define WRITTEN_MAX ((size_t)RC_SECRET_MAX * 16)

struct masking {
	char *text;
	size_t len;
	bool plain;	       /* as it is alone */
	struct rc_buf written; /* a secret as it stood in a request */
};

/* Also a beginning of the secret that the text's end cuts off. */
static void
mask_bytes(struct masking *m, struct rc_slice secret)
{
	if (secret.len < QUOTED_MIN)
		return;
	for (size_t i = 0; i + QUOTED_MIN <= m->len; i++) {
		size_t n = m->len - i < secret.len ? m->len - i : secret.len;

		if (memcmp(m->text + i, secret.p, n) == 0)
			memset(m->text + i, '*', n);
	}
}

static void
mask_written(struct masking *m)
{
	mask_bytes(m, rc_buf_slice(&m->written));
	rc_wipe(&m->written);
}

/* As it is, as a form has it, and as JSON has it. */
static void
mask_one(struct masking *m, const char *secret)
{
	struct rc_json_writer jw;
	struct rc_slice quoted;

	if (secret == NULL)
		return;
	mask_bytes(m, rc_slice_str(secret));
	if (m->plain)
		return;
	rc_url_escape(&m->written, rc_slice_str(secret));
	mask_written(m);
	jw = rc_json_writer_start(&m->written);
	rc_jw_cstr(&jw, secret);
	quoted = rc_buf_slice(&m->written);
	if (quoted.len > 2)
		mask_bytes(m, rc_slice_of(quoted.p + 1, quoted.len - 2));
	rc_wipe(&m->written);
}

/* What stands behind "Basic"; form: of OAuth2, with both escaped. */
static void
mask_pair(struct masking *m, const char *user, const char *password, bool form)
{
	struct rc_buf pair = RC_BUF_INIT(WRITTEN_MAX);

	if (m->plain || user == NULL || password == NULL)
		return;
	if (form) {
		rc_url_escape(&pair, rc_slice_str(user));
		rc_buf_addc(&pair, ':');
		rc_url_escape(&pair, rc_slice_str(password));
	} else {
		rc_buf_addf(&pair, "%s:%s", user, password);
	}
	rc_base64(&m->written, rc_buf_slice(&pair));
	mask_written(m);
	rc_wipe(&pair);
	rc_buf_free(&pair);
}

/* "Bearer abc" is quoted without its scheme as well. */
static void
mask_headers(
    struct masking *m, const struct rc_channel_header *header, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *value = header[i].secret ? header[i].value : NULL;
		const char *space = value == NULL ? NULL : strrchr(value, ' ');

		mask_one(m, value);
		mask_one(m, space == NULL ? NULL : space + 1);
	}
}

/* What a URL holds that is called as credentials are. */
static void
mask_url(struct masking *m, const char *url)
{
	struct rc_slice text = rc_slice_str(url == NULL ? "" : url), value;
	size_t at = 0;

	while (!m->plain && rc_channel_url_credential(text, &at, &value)) {
		mask_bytes(m, value);
		if (rc_url_unescape(&m->written, value, true))
			mask_written(m);
		rc_wipe(&m->written);
	}
}

static void
mask_all(struct masking *m, const struct rc_channel *c, const char *token)
{
	if (m->len < QUOTED_MIN)
		return;
	mask_one(m, token);
	mask_one(m, c->auth_token);
	mask_one(m, c->api_key_secret);
	mask_one(m, c->password);
	mask_one(m, c->client_secret);
	mask_pair(m, c->account_sid, c->auth_token, false);
	mask_pair(m, c->api_key_sid, c->api_key_secret, false);
	mask_pair(m, c->username, c->password, false);
	mask_pair(m, c->client_id, c->client_secret, true);
	mask_headers(m, c->headers, c->nheaders);
	mask_headers(m, c->token_headers, c->ntoken_headers);
	mask_headers(m, c->token_params, c->ntoken_params);
	mask_url(m, c->url);
	mask_url(m, c->lookup_url);
	mask_url(m, c->token_url);
	rc_buf_free(&m->written);
}

void
rc_provider_mask(
    const struct rc_channel *c, const char *token, char *text, size_t len)
{
	struct masking m = {text, len, false, RC_BUF_INIT(WRITTEN_MAX)};

	mask_all(&m, c, token);
}

void
rc_provider_mask_id(const struct rc_channel *c, char *id)
{
	struct masking m = {id, strlen(id), true, RC_BUF_INIT(0)};

	mask_all(&m, c, NULL);
}
