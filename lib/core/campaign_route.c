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

static enum rc_err
route_of(const struct rc_channel *c, unsigned char route[RC_SHA256_LEN],
    struct rc_error *e)
{
	const char *const parts[] = {c->account_sid, c->from, c->base_url,
	    c->url, c->username, c->client_id};
	struct rc_buf all = RC_BUF_INIT(TEXT_MAX);
	enum rc_err err;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		rc_buf_add_str(
		    &all, rc_slice_str(parts[i] == NULL ? "" : parts[i]));
	err = rc_buf_check(&all, "channel", e);
	rc_sha256(rc_buf_slice(&all), route);
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
    const struct rc_channel *c, struct rc_error *e)
{
	unsigned char key[KEY_MAX], route[RC_SHA256_LEN];
	struct rc_slice new = rc_slice_of(route, sizeof(route)), noted;
	enum rc_err err = route_of(c, route, e);

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
    const struct rc_channel *c, bool *same, struct rc_error *e)
{
	unsigned char route[RC_SHA256_LEN];
	struct rc_slice noted = {"", 0};
	enum rc_err err = route_of(c, route, e);

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
