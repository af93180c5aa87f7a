#include "core/provider_priv.h"

#include <string.h>

#define QUOTED_MIN 4 /* bytes; less is found by chance in any text */

/* Also a beginning of the secret that the text's end cuts off. */
static void
mask_one(char *text, size_t len, const char *secret)
{
	size_t secret_len = secret == NULL ? 0 : strlen(secret);

	if (secret_len < QUOTED_MIN)
		return;
	for (size_t i = 0; i + QUOTED_MIN <= len; i++) {
		size_t n = len - i < secret_len ? len - i : secret_len;

		if (memcmp(text + i, secret, n) == 0)
			memset(text + i, '*', n);
	}
}

/* "Bearer abc" is quoted without its scheme as well. */
static void
mask_headers(
    char *text, size_t len, const struct rc_channel_header *header, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *value = header[i].secret ? header[i].value : NULL;
		const char *space = value == NULL ? NULL : strrchr(value, ' ');

		mask_one(text, len, value);
		mask_one(text, len, space == NULL ? NULL : space + 1);
	}
}

void
rc_provider_mask(
    const struct rc_channel *c, const char *token, char *text, size_t len)
{
	mask_one(text, len, token);
	mask_one(text, len, c->auth_token);
	mask_one(text, len, c->api_key_secret);
	mask_one(text, len, c->password);
	mask_one(text, len, c->client_secret);
	mask_headers(text, len, c->headers, c->nheaders);
	mask_headers(text, len, c->token_headers, c->ntoken_headers);
}
