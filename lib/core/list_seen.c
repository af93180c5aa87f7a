#include "core/list.h"

#include "base/num.h"

/* reconnect-state(5), list_seen */
#define KEY_LEN (4 + 8)
#define VALUE_LEN 8

/*
 * A later time has a later reading, or its record is not there: so the first
 * record from a time on has the earliest reading of all from there on.
 */

static struct rc_slice
seen_key(unsigned char key[KEY_LEN], uint32_t channel, uint64_t list_time_ms)
{
	rc_put32(key, channel);
	rc_put64(key + 4, list_time_ms);
	return rc_slice_of(key, KEY_LEN);
}

typedef enum rc_err get_fn(struct rc_txn *, unsigned table, struct rc_slice key,
    struct rc_slice *found, struct rc_slice *value, struct rc_error *);

/* The record that get finds from a time on; RC_NOTFOUND. */
static enum rc_err
find(struct rc_txn *txn, get_fn *get, uint32_t channel, uint64_t list_time_ms,
    struct rc_list_seen *seen, struct rc_error *e)
{
	unsigned char wanted[KEY_LEN];
	struct rc_slice key, value;
	enum rc_err err = get(txn, RC_T_LIST_SEEN,
	    seen_key(wanted, channel, list_time_ms), &key, &value, e);

	if (err == RC_OK && (key.len != KEY_LEN || value.len != VALUE_LEN))
		err = rc_state_damaged(
		    e, "the times of lists of channel %u", channel);
	if (err == RC_OK && rc_get32(key.p) != channel)
		err = RC_NOTFOUND;
	if (err == RC_OK)
		*seen = (struct rc_list_seen){
		    rc_get64(key.p + 4), rc_get64(value.p)};
	return err;
}

enum rc_err
rc_list_seen_get(struct rc_txn *txn, uint32_t channel, uint64_t list_time_ms,
    struct rc_list_seen *seen, struct rc_error *e)
{
	return find(txn, rc_get_ge, channel, list_time_ms, seen, e);
}

static enum rc_err delete (struct rc_txn *txn, uint32_t channel,
    const struct rc_list_seen *seen, struct rc_error *e) {
	unsigned char key[KEY_LEN];

	    return rc_del(txn, RC_T_LIST_SEEN,
		seen_key(key, channel, seen->list_time_ms), e);
}

enum rc_err
rc_list_seen_put(struct rc_txn *txn, uint32_t channel,
    const struct rc_list_seen *seen, struct rc_error *e)
{
	unsigned char key[KEY_LEN], seq[VALUE_LEN];
	struct rc_list_seen other;
	enum rc_err err =
	    rc_list_seen_get(txn, channel, seen->list_time_ms, &other, e);

	if (err == RC_OK && other.seq <= seen->seq)
		return RC_OK;
	/* Earlier lists were not made later; nearly never is there any. */
	while (err == RC_OK || err == RC_NOTFOUND) {
		err = find(
		    txn, rc_get_le, channel, seen->list_time_ms, &other, e);
		if (err != RC_OK || other.seq < seen->seq)
			break;
		err = delete (txn, channel, &other, e);
	}
	if (err != RC_OK && err != RC_NOTFOUND)
		return err;
	rc_put64(seq, seen->seq);
	return rc_put(txn, RC_T_LIST_SEEN,
	    seen_key(key, channel, seen->list_time_ms),
	    rc_slice_of(seq, VALUE_LEN), e);
}

enum rc_err
rc_list_seen_forget(struct rc_txn *txn, uint32_t channel, uint64_t list_time_ms,
    struct rc_error *e)
{
	struct rc_list_seen seen;
	enum rc_err err;

	do {
		err =
		    rc_list_seen_get(txn, channel, list_time_ms + 1, &seen, e);
		if (err == RC_OK)
			err = delete (txn, channel, &seen, e);
	} while (err == RC_OK);
	return err == RC_NOTFOUND ? RC_OK : err;
}
