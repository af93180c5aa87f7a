#include "core/provider.h"

#include "base/clock.h"
#include "base/num.h"

#include <stdio.h>
#include <string.h>

#define FIELD "access_token."
#define FIELD_MAX 64

/*
 * What a kept token is sealed as.  It opens with the credentials it was had
 * with alone: one that a run kept after they were changed is nobody's.
 */
static enum rc_err
kept_field(
    const struct rc_channel *c, char field[FIELD_MAX], struct rc_error *e)
{
	const char *part[] = {
	    c->token_url, c->client_id, c->client_secret, c->scope};
	unsigned char digest[RC_SHA256_LEN];
	struct rc_buf text = RC_BUF_INIT(4 * (size_t)RC_SECRET_MAX);
	char hex[2 * RC_SHA256_LEN + 1];
	enum rc_err err;

	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (part[i] != NULL)
			rc_buf_adds(&text, part[i]);
		rc_buf_addc(&text, '\0');
	}
	err = rc_buf_check(&text, "the credentials", e);
	rc_sha256(rc_buf_slice(&text), digest);
	rc_hex(digest, sizeof(digest), hex);
	snprintf(field, FIELD_MAX, "%s%.32s", FIELD, hex);
	rc_wipe(&text);
	rc_buf_free(&text);
	return err;
}

struct kept {
	char number[4];
	struct rc_buf record;
};

static struct kept
kept_start(const struct rc_channel *c)
{
	struct kept k = {.record = RC_BUF_INIT(RC_SECRET_MAX + 64)};

	rc_put32(k.number, c->number);
	return k;
}

static enum rc_err
copy_record(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct kept *k = arg;
	struct rc_slice record;
	enum rc_err err;

	err = rc_get(
	    txn, RC_T_TOKEN, (struct rc_slice){k->number, 4}, &record, e);
	if (err != RC_OK)
		return err;
	rc_buf_reset(&k->record);
	rc_buf_addv(&k->record, record);
	return rc_buf_check(&k->record, "the kept access token", e);
}

static enum rc_err
put_record(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct kept *k = arg;

	return rc_put(txn, RC_T_TOKEN, (struct rc_slice){k->number, 4},
	    rc_buf_slice(&k->record), e);
}

enum rc_err
rc_token_load(struct rc_state *state, const struct rc_channel *c,
    uint64_t now_ms, struct rc_token *token, struct rc_error *e)
{
	struct kept k = kept_start(c);
	char field[FIELD_MAX];
	struct rc_unpack u;
	enum rc_err err = kept_field(c, field, e);

	if (err == RC_OK)
		err = rc_store_read(state->store, copy_record, &k, e);
	if (err != RC_OK)
		goto out;
	u = rc_unpack_start(rc_buf_slice(&k.record));
	rc_token_free(token);
	token->value = RC_BUF_INIT(RC_SECRET_MAX);
	token->expires_ms = rc_unpack64(&u);
	if (u.short_read || token->expires_ms <= now_ms)
		err = RC_NOTFOUND;
	else
		err = rc_seal_unlock(state->seal, c->number, field,
		    rc_slice_of(u.p, (size_t)(u.end - u.p)), &token->value, e);
	/* It does not open: had with other credentials. */
	if (err == RC_ECONFIG)
		err = RC_NOTFOUND;
out:
	rc_buf_free(&k.record);
	return err;
}

enum rc_err
rc_token_store(struct rc_state *state, const struct rc_channel *c,
    const struct rc_token *token, struct rc_error *e)
{
	struct kept k = kept_start(c);
	char field[FIELD_MAX];
	enum rc_err err = kept_field(c, field, e);

	rc_buf_add64(&k.record, token->expires_ms);
	if (err == RC_OK)
		err = rc_seal_lock(state->seal, c->number, field,
		    rc_buf_slice(&token->value), &k.record, e);
	if (err == RC_OK)
		err = rc_buf_check(&k.record, "the access token", e);
	if (err == RC_OK)
		err = rc_store_write(state->store, put_record, &k, e);
	rc_buf_free(&k.record);
	return err;
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
