#include "core/feed.h"

#include "base/num.h"

#define KEY_LEN (4 + RC_SHA256_LEN)

static struct rc_slice
feed_key(unsigned char key[KEY_LEN], uint32_t channel, const char *feed)
{
	rc_put32(key, channel);
	rc_sha256(rc_slice_str(feed), key + 4);
	return rc_slice_of(key, KEY_LEN);
}

/* Borrowed from the transaction. */
static enum rc_err
get(struct rc_txn *txn, struct rc_slice key, struct rc_slice *folder,
    struct rc_error *e)
{
	struct rc_slice record;
	struct rc_unpack u;
	enum rc_err err = rc_get(txn, RC_T_FEED, key, &record, e);

	if (err != RC_OK)
		return err;
	u = rc_unpack_start(record);
	(void)rc_unpack64(&u); /* when it was imported */
	*folder = rc_unpack_str(&u);
	if (u.short_read || u.p != u.end || folder->len > RC_FEED_FOLDER_MAX)
		return rc_state_damaged(e, "the record of a drop folder");
	return RC_OK;
}

enum rc_err
rc_feed_get(struct rc_txn *txn, uint32_t channel, const char *feed,
    struct rc_buf *folder, struct rc_error *e)
{
	unsigned char key[KEY_LEN];
	struct rc_slice found;
	enum rc_err err = get(txn, feed_key(key, channel, feed), &found, e);

	rc_buf_reset(folder);
	if (err != RC_OK)
		return err;
	rc_buf_addv(folder, found);
	return rc_buf_check(folder, "the name of a folder", e);
}

enum rc_err
rc_feed_put(struct rc_txn *txn, uint32_t channel, const char *feed,
    const char *folder, uint64_t now_ms, struct rc_error *e)
{
	unsigned char bytes[KEY_LEN];
	struct rc_slice key = feed_key(bytes, channel, feed), found;
	struct rc_slice name = rc_slice_str(folder);
	struct rc_buf record =
	    RC_BUF_INIT(8 + RC_VARINT_MAX + RC_FEED_FOLDER_MAX);
	enum rc_err err = get(txn, key, &found, e);

	if (err == RC_OK && rc_slice_cmp(found, name) >= 0)
		return RC_END;
	if (err != RC_OK && err != RC_NOTFOUND)
		return err;
	rc_buf_add64(&record, now_ms);
	rc_buf_add_str(&record, name);
	err = rc_buf_check(&record, "the name of a folder", e);
	if (err == RC_OK)
		err = rc_put(txn, RC_T_FEED, key, rc_buf_slice(&record), e);
	rc_buf_free(&record);
	return err;
}
