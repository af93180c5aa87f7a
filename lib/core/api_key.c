#include "core/channel_priv.h"

#include "base/clock.h"
#include "base/num.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX "rck_"
#define LABEL_MAX 200
#define ID_BYTES 8 /* of the digest, that make the id */

static const char base62[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* Bytes of 248 and more are dropped: they would favour some characters. */
static enum rc_err
draw(char key[RC_API_KEY_LEN + 1], struct rc_error *e)
{
	size_t len = sizeof(PREFIX) - 1;

	memcpy(key, PREFIX, len);
	while (len < RC_API_KEY_LEN) {
		unsigned char byte;
		enum rc_err err = rc_random(&byte, 1, e);

		if (err != RC_OK)
			return err;
		if (byte < 4 * 62)
			key[len++] = base62[byte % 62];
	}
	key[len] = '\0';
	return RC_OK;
}

struct addition {
	unsigned char digest[RC_SHA256_LEN];
	struct rc_buf record;
};

static enum rc_err
put_key(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct addition *a = arg;

	return rc_put(txn, RC_T_API_KEY,
	    rc_slice_of(a->digest, sizeof(a->digest)), rc_buf_slice(&a->record),
	    e);
}

enum rc_err
rc_api_key_add(struct rc_state *state, uint32_t channel, const char *label,
    char key[RC_API_KEY_LEN + 1], struct rc_error *e)
{
	struct addition a = {.record = RC_BUF_INIT(LABEL_MAX + 64)};
	enum rc_err err;

	if (strlen(label) > LABEL_MAX)
		return rc_err_set(e, RC_EUSAGE,
		    "the label is longer than %d bytes", LABEL_MAX);
	err = draw(key, e);
	if (err != RC_OK)
		return err;
	rc_sha256((struct rc_slice){key, RC_API_KEY_LEN}, a.digest);
	rc_buf_add32(&a.record, channel);
	rc_buf_add64(&a.record, rc_clock_now_ms());
	rc_buf_add_str(&a.record, rc_slice_str(label));
	err = rc_buf_check(&a.record, "the API key's record", e);
	if (err == RC_OK)
		err = rc_store_write(state->store, put_key, &a, e);
	rc_buf_free(&a.record);
	return err;
}

enum rc_err
rc_api_key_find(struct rc_txn *txn, struct rc_slice key, uint32_t *channel,
    struct rc_error *e)
{
	unsigned char digest[RC_SHA256_LEN];
	struct rc_slice record;
	enum rc_err err;

	rc_sha256(key, digest);
	err = rc_get(
	    txn, RC_T_API_KEY, rc_slice_of(digest, sizeof(digest)), &record, e);
	if (err != RC_OK)
		return err;
	if (record.len < sizeof(*channel))
		return rc_state_damaged(e, "an API key's record");
	*channel = rc_get32(record.p);
	return RC_OK;
}

struct kept_key {
	struct rc_api_key_info info;
	char *label; /* owns what info.label points at */
};

struct kept_keys {
	struct kept_key *v;
	size_t n;
};

static void
keys_free(struct kept_keys *keys)
{
	for (size_t i = 0; i < keys->n; i++)
		free(keys->v[i].label);
	free(keys->v);
	*keys = (struct kept_keys){0};
}

static enum rc_err
read_key(struct kept_key *k, struct rc_slice digest, struct rc_slice record,
    struct rc_error *e)
{
	struct rc_unpack u = rc_unpack_start(record);
	struct rc_slice label;

	k->info.channel = rc_unpack32(&u);
	k->info.created_ms = rc_unpack64(&u);
	label = rc_unpack_str(&u);
	if (u.short_read || digest.len != RC_SHA256_LEN)
		return rc_state_damaged(e, "an API key's record");
	rc_hex(digest.p, ID_BYTES, k->info.id);
	k->label = strndup(label.len == 0 ? "" : label.p, label.len);
	if (k->label == NULL)
		return rc_err_nomem(e);
	k->info.label = (struct rc_slice){k->label, label.len};
	return RC_OK;
}

static enum rc_err
append(void *arg, struct rc_slice digest, struct rc_slice record,
    struct rc_error *e)
{
	struct kept_keys *keys = arg;
	struct kept_key *v = realloc(keys->v, (keys->n + 1) * sizeof(*v));
	enum rc_err err;

	if (v == NULL)
		return rc_err_nomem(e);
	keys->v = v;
	err = read_key(&v[keys->n], digest, record, e);
	keys->n += err == RC_OK;
	return err;
}

static enum rc_err
collect(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	keys_free(arg);
	return rc_get_each(txn, RC_T_API_KEY, RC_SLICE_LIT(""), append, arg, e);
}

enum rc_err
rc_api_key_each(struct rc_state *state,
    enum rc_err (*fn)(
	void *, const struct rc_api_key_info *, struct rc_error *),
    void *arg, struct rc_error *e)
{
	struct kept_keys keys = {0};
	enum rc_err err;

	/* Copied out first: fn may print, and no snapshot may wait for that. */
	err = rc_store_read(state->store, collect, &keys, e);
	for (size_t i = 0; err == RC_OK && i < keys.n; i++)
		err = fn(arg, &keys.v[i].info, e);
	keys_free(&keys);
	return err;
}

/*
 * Deletes the first key from digest on that is the channel's; digest becomes
 * its own.  RC_NOTFOUND when there is none.
 */
static enum rc_err
delete_next(struct rc_txn *txn, uint32_t channel, char digest[RC_SHA256_LEN],
    struct rc_error *e)
{
	struct rc_slice from = {digest, RC_SHA256_LEN}, key, record;
	struct rc_cursor *cursor = NULL;
	enum rc_err err;

	err = rc_cursor_open(txn, RC_T_API_KEY, &cursor, e);
	if (err != RC_OK)
		return err;
	err = rc_cursor_ge(cursor, from, &key, &record, e);
	while (err == RC_OK &&
	       (record.len < sizeof(channel) || rc_get32(record.p) != channel))
		err = rc_cursor_next(cursor, &key, &record, e);
	if (err == RC_OK && key.len == RC_SHA256_LEN)
		memcpy(digest, key.p, RC_SHA256_LEN);
	rc_cursor_close(cursor);
	if (err == RC_OK)
		err = rc_del(txn, RC_T_API_KEY, from, e);
	return err == RC_END ? RC_NOTFOUND : err;
}

enum rc_err
rc_api_key_remove_all(struct rc_txn *txn, uint32_t channel, struct rc_error *e)
{
	char digest[RC_SHA256_LEN] = {0};
	enum rc_err err;

	do
		err = delete_next(txn, channel, digest, e);
	while (err == RC_OK);
	return err == RC_NOTFOUND ? RC_OK : err;
}

static enum rc_err
delete_by_id(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_slice id = {arg, ID_BYTES}, key, record;
	char digest[RC_SHA256_LEN];
	enum rc_err err = rc_get_ge(txn, RC_T_API_KEY, id, &key, &record, e);

	if (err != RC_OK)
		return err;
	if (key.len != sizeof(digest) || !rc_slice_starts(key, id, NULL))
		return RC_NOTFOUND;
	memcpy(digest, key.p, sizeof(digest));
	return rc_del(
	    txn, RC_T_API_KEY, (struct rc_slice){digest, sizeof(digest)}, e);
}

enum rc_err
rc_api_key_remove(struct rc_state *state, const char *id, struct rc_error *e)
{
	char bytes[ID_BYTES];

	if (!rc_unhex(rc_slice_str(id), bytes, sizeof(bytes)))
		return rc_err_set(e, RC_EUSAGE,
		    "'%s' is no id of an API key: rc-channel key list shows "
		    "them",
		    id);
	return rc_store_write(state->store, delete_by_id, bytes, e);
}
