#include "core/campaign.h"

#include "base/num.h"

#include <string.h>

#define KEY_MAX 16
#define TEXT_MAX (1u << 20)

/* Of a campaign whose runs sent by more than one. */
static const unsigned char SEVERAL[RC_SHA256_LEN];

static struct rc_slice
key_of(unsigned char key[KEY_MAX], const char *what, uint32_t campaign)
{
	size_t len = strlen(what);

	memcpy(key, what, len);
	rc_put32(key + len, campaign);
	return rc_slice_of(key, len + 4);
}

static struct rc_slice
route_key(unsigned char key[KEY_MAX], uint32_t campaign)
{
	return key_of(key, "route", campaign);
}

static void
add_text(struct rc_buf *all, const char *text)
{
	rc_buf_add_str(all, rc_slice_str(text == NULL ? "" : text));
}

static void
add_headers(struct rc_buf *all, const struct rc_channel_header *h, size_t n)
{
	rc_buf_add32(all, (uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		add_text(all, h[i].name);
		add_text(all, h[i].value);
	}
}

static void
add_credentials(struct rc_buf *all, const struct rc_channel *c)
{
	const char *const parts[] = {
	    c->password, c->token_url, c->client_secret, c->scope};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		add_text(all, parts[i]);
	add_headers(all, c->headers, c->nheaders);
	add_headers(all, c->token_headers, c->ntoken_headers);
	add_headers(all, c->token_params, c->ntoken_params);
}

static enum rc_err
route_of(const struct rc_channel *c, const struct rc_seal *seal,
    unsigned char route[RC_SHA256_LEN], struct rc_error *e)
{
	const char *const parts[] = {c->account_sid, c->from, c->base_url,
	    c->url, c->username, c->client_id};
	struct rc_buf all = RC_BUF_INIT(TEXT_MAX);
	bool http = c->provider == RC_PROVIDER_HTTP;
	enum rc_err err;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		add_text(&all, parts[i]);
	if (http)
		add_credentials(&all, c);
	err = rc_buf_check(&all, "channel", e);
	if (http)
		rc_seal_digest(seal, rc_buf_slice(&all), route);
	else
		rc_sha256(rc_buf_slice(&all), route);
	rc_wipe(&all);
	rc_buf_free(&all);
	return err;
}

/* RC_NOTFOUND where no run has noted any. */
static enum rc_err
get(struct rc_txn *txn, uint32_t campaign, struct rc_slice *route,
    struct rc_error *e)
{
	unsigned char key[KEY_MAX];
	enum rc_err err =
	    rc_get(txn, RC_T_META, route_key(key, campaign), route, e);

	if (err == RC_OK && route->len != RC_SHA256_LEN)
		return rc_state_damaged(e, "the route of a campaign");
	return err;
}

enum rc_err
rc_campaign_note_route(struct rc_txn *txn, uint32_t campaign,
    const struct rc_channel *c, const struct rc_seal *seal, struct rc_error *e)
{
	unsigned char key[KEY_MAX], route[RC_SHA256_LEN];
	struct rc_slice new = rc_slice_of(route, sizeof(route)), noted;
	enum rc_err err = route_of(c, seal, route, e);

	if (err == RC_OK)
		err = get(txn, campaign, &noted, e);
	if (err == RC_OK && rc_slice_eq(noted, new))
		return RC_OK;
	if (err == RC_OK)
		memcpy(route, SEVERAL, sizeof(route));
	else if (err != RC_NOTFOUND)
		return err;
	return rc_put(txn, RC_T_META, route_key(key, campaign), new, e);
}

enum rc_err
rc_campaign_same_route(struct rc_txn *txn, uint32_t campaign,
    const struct rc_channel *c, const struct rc_seal *seal, bool *same,
    struct rc_error *e)
{
	unsigned char route[RC_SHA256_LEN];
	struct rc_slice noted = {"", 0};
	enum rc_err err = route_of(c, seal, route, e);

	if (err == RC_OK)
		err = get(txn, campaign, &noted, e);
	*same = err == RC_NOTFOUND ||
		(err == RC_OK &&
		    rc_slice_eq(noted, rc_slice_of(route, sizeof(route))));
	return err == RC_NOTFOUND ? RC_OK : err;
}

enum rc_err
rc_campaign_note_amended(
    struct rc_txn *txn, uint32_t campaign, struct rc_error *e)
{
	unsigned char key[KEY_MAX];

	return rc_put(txn, RC_T_META, key_of(key, "amended", campaign),
	    RC_SLICE_LIT("\1"), e);
}

enum rc_err
rc_campaign_was_amended(
    struct rc_txn *txn, uint32_t campaign, bool *amended, struct rc_error *e)
{
	unsigned char key[KEY_MAX];
	struct rc_slice value;
	enum rc_err err =
	    rc_get(txn, RC_T_META, key_of(key, "amended", campaign), &value, e);

	*amended = err == RC_OK;
	return err == RC_NOTFOUND ? RC_OK : err;
}
