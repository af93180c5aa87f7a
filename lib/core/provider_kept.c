#include "core/provider.h"

#include "base/clock.h"
#include "base/num.h"

#include <stdio.h>

#define FIELD "access_token."
#define FIELD_MAX 64
#define CREDENTIALS_MAX ((4 + 2 * RC_CHANNEL_HEADERS) * (size_t)RC_SECRET_MAX)

static void
add_part(struct rc_buf *text, const char *part)
{
	if (part != NULL)
		rc_buf_adds(text, part);
	rc_buf_addc(text, '\0');
}

static void
add_parts(struct rc_buf *text, const struct rc_channel_header *header, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		add_part(text, header[i].name);
		add_part(text, header[i].value);
	}
	add_part(text, NULL);
}

/*
 * What a kept token is sealed as.  It opens with the credentials it was had
 * with alone: one that a run kept after they were changed is nobody's.
 */
static enum rc_err
kept_field(
    const struct rc_channel *c, char field[FIELD_MAX], struct rc_error *e)
{
	unsigned char digest[RC_SHA256_LEN];
	struct rc_buf text = RC_BUF_INIT(CREDENTIALS_MAX);
	char hex[2 * RC_SHA256_LEN + 1];
	enum rc_err err;

	add_part(&text, c->token_url);
	add_part(&text, c->client_id);
	add_part(&text, c->client_secret);
	add_part(&text, c->scope);
	add_parts(&text, c->token_headers, c->ntoken_headers);
	add_parts(&text, c->token_params, c->ntoken_params);
	err = rc_buf_check(&text, "the credentials", e);
	rc_sha256(rc_buf_slice(&text), digest);
	rc_hex(digest, sizeof(digest), hex);
	snprintf(field, FIELD_MAX, "%s%.32s", FIELD, hex);
	rc_wipe(&text);
	rc_buf_free(&text);
	return err;
}

struct kept {
	const struct rc_state *state;
	uint32_t channel;
	char field[FIELD_MAX];
	uint64_t now_ms;
	struct rc_token *token; /* out, or what is kept */
};

static enum rc_err
kept_start(struct kept *k, const struct rc_state *state,
    const struct rc_channel *c, struct rc_error *e)
{
	*k = (struct kept){.state = state, .channel = c->number};
	return kept_field(c, k->field, e);
}

static enum rc_err
get_token(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct kept *k = arg;
	struct rc_token *token = k->token;
	struct rc_slice record;
	struct rc_unpack u;
	char number[4];
	enum rc_err err;

	rc_put32(number, k->channel);
	err = rc_get(txn, RC_T_TOKEN, (struct rc_slice){number, 4}, &record, e);
	if (err != RC_OK)
		return err;
	u = rc_unpack_start(record);
	rc_token_free(token);
	token->value = RC_BUF_INIT(RC_SECRET_MAX);
	token->expires_ms = rc_unpack64(&u);
	if (u.short_read || token->expires_ms <= k->now_ms)
		return RC_NOTFOUND;
	err = rc_seal_unlock(k->state->seal, k->channel, k->field,
	    rc_slice_of(u.p, (size_t)(u.end - u.p)), &token->value, e);
	/* It does not open: had with other credentials. */
	return err == RC_ECONFIG ? RC_NOTFOUND : err;
}

static enum rc_err
put_token(struct rc_txn *txn, const struct kept *k, const struct rc_seal *seal,
    struct rc_error *e)
{
	struct rc_buf record = RC_BUF_INIT(RC_SECRET_MAX + 64);
	char number[4];
	enum rc_err err;

	rc_put32(number, k->channel);
	rc_buf_add64(&record, k->token->expires_ms);
	err = rc_seal_lock(seal, k->channel, k->field,
	    rc_buf_slice(&k->token->value), &record, e);
	if (err == RC_OK)
		err = rc_buf_check(&record, "the access token", e);
	if (err == RC_OK)
		err = rc_put(txn, RC_T_TOKEN, (struct rc_slice){number, 4},
		    rc_buf_slice(&record), e);
	rc_buf_free(&record);
	return err;
}

static enum rc_err
store_token(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct kept *k = arg;

	return put_token(txn, k, k->state->seal, e);
}

enum rc_err
rc_token_load(struct rc_state *state, const struct rc_channel *c,
    uint64_t now_ms, struct rc_token *token, struct rc_error *e)
{
	struct kept k;
	enum rc_err err = kept_start(&k, state, c, e);

	k.now_ms = now_ms;
	k.token = token;
	return err == RC_OK ? rc_state_read_sealed(state, get_token, &k, e)
			    : err;
}

enum rc_err
rc_token_store(struct rc_state *state, const struct rc_channel *c,
    const struct rc_token *token, struct rc_error *e)
{
	struct rc_token copy = *token; /* borrowed, and not changed */
	struct kept k;
	enum rc_err err = kept_start(&k, state, c, e);

	k.token = &copy;
	return err == RC_OK ? rc_state_write_sealed(state, store_token, &k, e)
			    : err;
}

enum rc_err
rc_token_reseal(struct rc_txn *txn, struct rc_state *state,
    const struct rc_channel *c, const struct rc_seal *seal, struct rc_error *e)
{
	struct rc_token token = {0};
	struct kept k;
	char number[4];
	enum rc_err err = kept_start(&k, state, c, e);

	k.token = &token;
	if (err == RC_OK)
		err = get_token(txn, &k, e);
	if (err == RC_OK)
		err = put_token(txn, &k, seal, e);
	rc_token_free(&token);
	if (err != RC_NOTFOUND)
		return err;
	rc_put32(number, c->number);
	err = rc_del(txn, RC_T_TOKEN, (struct rc_slice){number, 4}, e);
	return err == RC_NOTFOUND ? RC_OK : err;
}

enum rc_err
rc_token_get(struct rc_state *state, struct rc_http *http,
    const struct rc_channel *c, bool fresh, struct rc_token *token,
    struct rc_error *e)
{
	enum rc_err err = RC_NOTFOUND;

	if (!fresh)
		err = rc_token_load(state, c, rc_clock_now_ms(), token, e);
	if (err != RC_NOTFOUND)
		return err;
	err = rc_token_fetch(http, c, token, e);
	return err == RC_OK ? rc_token_store(state, c, token, e) : err;
}
