#include "core/provider_priv.h"

#include "text/url.h"

#include <string.h>

#define QUOTED_MIN 4 /* bytes; less is found by chance in any text */
#define NO_DIGIT 99
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

/* --- escapes -------------------------------------------------------------- */

static int
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return NO_DIGIT;
}

/* What a number is written as: its base, most digits, and an end or none. */
struct notation {
	size_t at; /* bytes in front of the digits */
	int base;
	size_t width; /* just as many where there is no end */
	char end;
};

/* The bytes that the number takes in s if it is this byte's, or 0. */
static size_t
match_number(struct rc_slice s, const struct notation *as, unsigned char byte)
{
	size_t at = as->at, most = as->at + as->width;
	int value = 0;

	while (at < s.len && at < most && digit_of(s.p[at]) < as->base)
		value = value * as->base + digit_of(s.p[at++]);
	if (at == s.len && (at < most || as->end != '\0'))
		return s.len; /* cut off */
	if (value != byte || (as->end == '\0' && at < most))
		return 0;
	if (as->end == '\0')
		return at;
	return at > as->at && s.p[at] == as->end ? at + 1 : 0;
}

static size_t
match_name(struct rc_slice s, unsigned char byte)
{
	static const struct {
		unsigned char byte;
		const char *text;
	} names[] = {{'/', "\\/"}, {'"', "\\\""}, {'\\', "\\\\"}, {'\'', "\\'"},
	    {'\t', "\\t"}, {'\n', "\\n"}, {'\r', "\\r"}, {'&', "&amp;"},
	    {'"', "&quot;"}, {'\'', "&apos;"}, {'<', "&lt;"}, {'>', "&gt;"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i].text);

		if (n > s.len)
			n = s.len;
		if (names[i].byte == byte && memcmp(s.p, names[i].text, n) == 0)
			return n;
	}
	return 0;
}

/* As a form or a URL has it, JSON, or HTML; also one that the end cuts off. */
static size_t
match_escape(struct rc_slice s, unsigned char byte)
{
	static const struct notation form = {1, 16, 2, '\0'},
				     json = {2, 16, 4, '\0'},
				     decimal = {2, 10, 7, ';'},
				     hexadecimal = {3, 16, 6, ';'};

	if (s.p[0] == '%')
		return match_number(s, &form, byte);
	if (s.len == 1)
		return 1;
	if (s.p[0] == '\\' && s.p[1] == 'u')
		return match_number(s, &json, byte);
	if (s.p[0] == '\\' || s.p[1] != '#')
		return match_name(s, byte);
	if (s.len > 2 && (s.p[2] == 'x' || s.p[2] == 'X'))
		return match_number(s, &hexadecimal, byte);
	return match_number(s, &decimal, byte);
}

/*
 * Which leads begin an escape: not all do wherever a secret is quoted, and it
 * may hold what looks like one.
 */
enum {
	PERCENT = 1,
	BACKSLASH = 2,
	AMPERSAND = 4,
	EVERY = 7
};

static unsigned
lead_of(char c)
{
	return c == '%'	   ? PERCENT
	       : c == '\\' ? BACKSLASH
	       : c == '&'  ? AMPERSAND
			   : 0;
}

/* How many bytes at the beginning of s are this one of a secret; 0: none. */
static size_t
match_byte(struct rc_slice s, unsigned char byte, unsigned leads)
{
	size_t n = 0;

	if ((lead_of(s.p[0]) & leads) != 0)
		n = match_escape(s, byte);
	if (n > 0)
		return n;
	return (unsigned char)s.p[0] == byte || (s.p[0] == '+' && byte == ' ');
}

static size_t
match_escaped(struct rc_slice s, struct rc_slice secret, unsigned leads)
{
	size_t at = 0;

	for (size_t i = 0; i < secret.len && at < s.len; i++) {
		struct rc_slice rest = {s.p + at, s.len - at};
		size_t n = match_byte(rest, (unsigned char)secret.p[i], leads);

		if (n == 0)
			return 0;
		at += n;
	}
	return at;
}

static void
mask_secret(struct masking *m, struct rc_slice secret)
{
	mask_bytes(m, secret);
	if (m->plain || secret.len < QUOTED_MIN)
		return;
	for (size_t i = 0; i + QUOTED_MIN <= m->len; i++) {
		struct rc_slice rest = {m->text + i, m->len - i};

		if (rest.p[0] != secret.p[0] && rest.p[0] != '+' &&
		    lead_of(rest.p[0]) == 0)
			continue;
		for (unsigned leads = 1; leads <= EVERY; leads++) {
			size_t n = match_escaped(rest, secret, leads);

			if (n >= QUOTED_MIN)
				memset(m->text + i, '*', n);
		}
	}
}

/* --- secrets -------------------------------------------------------------- */

static void
mask_written(struct masking *m)
{
	mask_secret(m, rc_buf_slice(&m->written));
	rc_wipe(&m->written);
}

static void
mask_one(struct masking *m, const char *secret)
{
	if (secret != NULL)
		mask_secret(m, rc_slice_str(secret));
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
		mask_secret(m, value);
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
