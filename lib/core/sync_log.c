#include "core/sync_log.h"

#include "base/num.h"
#include "core/run_lock.h"

#include <string.h>

#define KEY_LEN 12 /* u32 channel, u64 number */
#define VALUE_MAX 2300
/* A lock byte a sync: enough for all whose records are kept at one time. */
#define LOCKS_BITS 20
#define BEGIN_TRIES 1000 /* other syncs of the channel that begin just now */

const char *
rc_sync_action_name(enum rc_sync_action action)
{
	return action == RC_SYNC_UNDO ? "undo" : "sync";
}

const char *
rc_sync_outcome_name(enum rc_sync_outcome outcome)
{
	static const char *const names[] = {"never", "running", "ok",
	    "up to date", "refused", "failed", "undone"};

	return names[outcome];
}

static uint64_t
lock_byte(uint32_t channel, uint64_t number)
{
	return RC_RUN_LOCK_SYNCS + ((uint64_t)channel << LOCKS_BITS) +
	       (number & ((1U << LOCKS_BITS) - 1));
}

/* --- records ------------------------------------------------------------- */

static struct rc_slice
record_key(unsigned char key[KEY_LEN], uint32_t channel, uint64_t number)
{
	rc_put32(key, channel);
	rc_put64(key + 4, number);
	return rc_slice_of(key, KEY_LEN);
}

/* Where the numbers lie, in the order of reconnect-state(5). */
#define NUMBERS 17
static void
numbers_of(struct rc_sync_record *r, uint64_t *number[NUMBERS])
{
	uint64_t *const all[NUMBERS] = {&r->started_ms, &r->ended_ms,
	    &r->list_time_ms, &r->bytes, &r->rows, &r->accepted, &r->duplicates,
	    &r->rejected, &r->repaired, &r->added, &r->removed, &r->kept,
	    &r->opted_out, &r->kept_events, &r->reversed_optouts,
	    &r->suppressed, &r->seq};

	memcpy(number, all, sizeof(all));
}

static struct rc_slice
cut(struct rc_slice text)
{
	if (text.len > RC_SYNC_LOG_TEXT_MAX)
		text.len = RC_SYNC_LOG_TEXT_MAX;
	return text;
}

static enum rc_err
put_record(struct rc_txn *txn, uint32_t channel, uint64_t number,
    const struct rc_sync_record *r, struct rc_error *e)
{
	struct rc_buf value = RC_BUF_INIT(VALUE_MAX);
	struct rc_sync_record copy = *r;
	uint64_t *numbers[NUMBERS];
	unsigned char key[KEY_LEN];
	enum rc_err err;

	rc_buf_add8(&value, (uint8_t)r->action);
	rc_buf_add8(&value, (uint8_t)r->outcome);
	numbers_of(&copy, numbers);
	for (size_t i = 0; i < NUMBERS; i++)
		rc_buf_add64(&value, *numbers[i]);
	rc_buf_add(&value, r->digest, RC_SHA256_LEN);
	rc_buf_add_str(&value, cut(r->source));
	rc_buf_add_str(&value, cut(r->reason));
	err = rc_buf_check(&value, "the record of a sync", e);
	if (err == RC_OK)
		err = rc_put(txn, RC_T_SYNC, record_key(key, channel, number),
		    rc_buf_slice(&value), e);
	rc_buf_free(&value);
	return err;
}

static enum rc_err
parse_record(struct rc_slice key, struct rc_slice value,
    struct rc_sync_record *r, struct rc_error *e)
{
	struct rc_unpack u = rc_unpack_start(value);
	uint64_t *numbers[NUMBERS];
	struct rc_slice digest;

	*r = (struct rc_sync_record){.number = rc_get64(key.p + 4)};
	r->action = (enum rc_sync_action)rc_unpack8(&u);
	r->outcome = (enum rc_sync_outcome)rc_unpack8(&u);
	numbers_of(r, numbers);
	for (size_t i = 0; i < NUMBERS; i++)
		*numbers[i] = rc_unpack64(&u);
	digest = rc_unpack_bytes(&u, RC_SHA256_LEN);
	r->source = rc_unpack_str(&u);
	r->reason = rc_unpack_str(&u);
	if (u.short_read || u.p != u.end || r->action < RC_SYNC_OF_LIST ||
	    r->action > RC_SYNC_UNDO || r->outcome < RC_SYNC_RUNNING ||
	    r->outcome > RC_SYNC_UNDONE)
		return rc_state_damaged(e, "the record of a sync");
	memcpy(r->digest, digest.p, RC_SHA256_LEN);
	return RC_OK;
}

/* The newest record of a channel with at most that number; RC_NOTFOUND. */
static enum rc_err
newest_upto(struct rc_txn *txn, uint32_t channel, uint64_t number,
    struct rc_slice *key, struct rc_slice *value, struct rc_error *e)
{
	unsigned char want[KEY_LEN];
	enum rc_err err = rc_get_le(
	    txn, RC_T_SYNC, record_key(want, channel, number), key, value, e);

	if (err == RC_OK && key->len != KEY_LEN)
		return rc_state_damaged(e, "the table of syncs");
	if (err == RC_OK && rc_get32(key->p) != channel)
		return RC_NOTFOUND;
	return err;
}

/* The newest record's number; 0 when there is none. */
static enum rc_err
newest_number(
    struct rc_txn *txn, uint32_t channel, uint64_t *number, struct rc_error *e)
{
	struct rc_slice key, value;
	enum rc_err err =
	    newest_upto(txn, channel, UINT64_MAX, &key, &value, e);

	*number = err == RC_OK ? rc_get64(key.p + 4) : 0;
	return err == RC_NOTFOUND ? RC_OK : err;
}

/* Deletes what RC_SYNC_LOG_MAX newer ones have followed. */
static enum rc_err
drop_old(
    struct rc_txn *txn, uint32_t channel, uint64_t newest, struct rc_error *e)
{
	struct rc_slice key, value;
	unsigned char copy[KEY_LEN];
	enum rc_err err = RC_OK;

	while (err == RC_OK && newest > RC_SYNC_LOG_MAX) {
		err = newest_upto(
		    txn, channel, newest - RC_SYNC_LOG_MAX, &key, &value, e);
		if (err != RC_OK)
			break;
		memcpy(copy, key.p, KEY_LEN);
		err = rc_del(txn, RC_T_SYNC, rc_slice_of(copy, KEY_LEN), e);
	}
	return err == RC_NOTFOUND ? RC_OK : err;
}

/* --- writing ------------------------------------------------------------- */

struct beginning {
	struct rc_sync_lock *lock;
	struct rc_sync_record record;
};

static enum rc_err
read_newest(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_sync_lock *lock = arg;

	return newest_number(txn, lock->channel, &lock->number, e);
}

/* RC_NOTFOUND: somebody was faster and has that number. */
static enum rc_err
put_first(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct beginning *b = arg;
	const struct rc_sync_lock *lock = b->lock;
	uint64_t newest;
	enum rc_err err = newest_number(txn, lock->channel, &newest, e);

	if (err != RC_OK || newest >= lock->number)
		return err == RC_OK ? RC_NOTFOUND : err;
	err = put_record(txn, lock->channel, lock->number, &b->record, e);
	return err == RC_OK ? drop_old(txn, lock->channel, lock->number, e)
			    : err;
}

enum rc_err
rc_sync_log_begin(struct rc_state *state, uint32_t channel,
    struct rc_slice source, uint64_t started_ms, struct rc_sync_lock *lock,
    struct rc_error *e)
{
	struct beginning b = {.lock = lock,
	    .record = {.action = RC_SYNC_OF_LIST,
		.outcome = RC_SYNC_RUNNING,
		.started_ms = started_ms,
		.source = source}};
	const char *path = rc_store_path(state->store);
	uint64_t busy = 0; /* numbers that are locked but not written yet */
	enum rc_err err;

	*lock = (struct rc_sync_lock){.channel = channel, .fd = -1};
	for (int i = 0; i < BEGIN_TRIES; i++) {
		err = rc_store_read(state->store, read_newest, lock, e);
		if (err != RC_OK)
			return err;
		lock->number += 1 + busy;
		err = rc_run_lock_take(
		    path, lock_byte(channel, lock->number), &lock->fd, e);
		if (err == RC_EAGAIN) {
			busy++;
			continue;
		}
		if (err == RC_OK)
			err = rc_store_write(state->store, put_first, &b, e);
		if (err == RC_OK)
			return RC_OK;
		rc_run_lock_drop(&lock->fd);
		if (err != RC_NOTFOUND)
			return err;
		busy = 0;
	}
	return rc_err_set(e, RC_EAGAIN,
	    "other syncs of the channel keep beginning: try again");
}

/* The place of an "up to date" that the newer one takes; else its own. */
static enum rc_err
merge_up_to_date(
    struct rc_txn *txn, uint32_t channel, uint64_t *number, struct rc_error *e)
{
	struct rc_slice key, value;
	struct rc_sync_record before = {0};
	unsigned char own[KEY_LEN];
	uint64_t n = *number;
	enum rc_err err = newest_upto(txn, channel, n - 1, &key, &value, e);

	if (err == RC_OK)
		err = parse_record(key, value, &before, e);
	if (err == RC_OK && before.outcome == RC_SYNC_UP_TO_DATE) {
		*number = before.number;
		err = rc_del(txn, RC_T_SYNC, record_key(own, channel, n), e);
	}
	return err == RC_NOTFOUND ? RC_OK : err;
}

enum rc_err
rc_sync_log_put(struct rc_txn *txn, uint32_t channel,
    const struct rc_sync_record *r, struct rc_error *e)
{
	uint64_t number = r->number;
	enum rc_err err = RC_OK;

	if (r->outcome == RC_SYNC_UP_TO_DATE)
		err = merge_up_to_date(txn, channel, &number, e);
	return err == RC_OK ? put_record(txn, channel, number, r, e) : err;
}

void
rc_sync_log_end(struct rc_sync_lock *lock)
{
	rc_run_lock_drop(&lock->fd);
}

enum rc_err
rc_sync_log_add(struct rc_txn *txn, uint32_t channel, struct rc_sync_record *r,
    struct rc_error *e)
{
	enum rc_err err = newest_number(txn, channel, &r->number, e);

	if (err != RC_OK)
		return err;
	r->number++;
	err = put_record(txn, channel, r->number, r, e);
	return err == RC_OK ? drop_old(txn, channel, r->number, e) : err;
}

enum rc_err
rc_sync_log_undone(
    struct rc_txn *txn, uint32_t channel, uint64_t seq, struct rc_error *e)
{
	struct rc_slice key, value;
	struct rc_sync_record r = {.number = UINT64_MAX};
	struct rc_buf text = RC_BUF_INIT(VALUE_MAX);
	enum rc_err err;

	do {
		err = newest_upto(txn, channel, r.number - 1, &key, &value, e);
		if (err == RC_OK)
			err = parse_record(key, value, &r, e);
	} while (err == RC_OK && (r.action != RC_SYNC_OF_LIST || r.seq != seq));
	if (err != RC_OK)
		return err;
	/* A copy: putting a record moves the one it was read from. */
	rc_buf_addv(&text, r.source);
	r.source = rc_buf_slice(&text);
	r.reason = RC_SLICE_LIT("");
	r.outcome = RC_SYNC_UNDONE;
	err = rc_buf_check(&text, "the record of a sync", e);
	if (err == RC_OK)
		err = put_record(txn, channel, r.number, &r, e);
	rc_buf_free(&text);
	return err;
}

/* --- reading ------------------------------------------------------------- */

struct reading {
	uint32_t channel;
	uint64_t upto; /* records with at most this number */
	size_t max;
	struct rc_buf records; /* u64 number, str value; newest first */
};

static enum rc_err
copy_records(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct reading *r = arg;
	uint64_t upto = r->upto;
	struct rc_slice key, value;
	enum rc_err err = RC_OK;

	rc_buf_reset(&r->records);
	for (size_t n = 0; n < r->max && upto > 0; n++) {
		err = newest_upto(txn, r->channel, upto, &key, &value, e);
		if (err != RC_OK)
			break;
		rc_buf_addv(&r->records, key);
		rc_buf_add_str(&r->records, value);
		upto = rc_get64(key.p + 4) - 1;
	}
	if (err != RC_OK && err != RC_NOTFOUND)
		return err;
	return rc_buf_check(&r->records, "the history of syncs", e);
}

/* Takes the first record off what was copied; RC_END. */
static enum rc_err
next_record(
    struct rc_slice *from, struct rc_sync_record *record, struct rc_error *e)
{
	struct rc_unpack u = rc_unpack_start(*from);
	struct rc_slice key = rc_unpack_bytes(&u, KEY_LEN);
	struct rc_slice value = rc_unpack_str(&u);

	if (from->len == 0)
		return RC_END;
	*from = rc_slice_of(u.p, (size_t)(u.end - u.p));
	return parse_record(key, value, record, e);
}

/*
 * Tells a sync that was killed from one that ended just now: a lock is let go
 * after the outcome is committed, so a newer snapshot has it, be it in the
 * record it was merged into.  RC_END: it is not kept any more.
 */
static enum rc_err
look_again(struct rc_state *state, struct reading *again,
    struct rc_sync_record *record, struct rc_error *e)
{
	struct rc_slice copy;
	uint64_t number = record->number;
	enum rc_err err;

	if (rc_run_lock_held(
		rc_store_path(state->store), lock_byte(again->channel, number)))
		return RC_OK;
	again->upto = number;
	again->max = 1;
	err = rc_store_read(state->store, copy_records, again, e);
	copy = rc_buf_slice(&again->records);
	if (err == RC_OK)
		err = next_record(&copy, record, e);
	if (err == RC_OK && record->number == number &&
	    record->outcome == RC_SYNC_RUNNING) {
		record->outcome = RC_SYNC_FAILED;
		record->reason = RC_SLICE_LIT("killed");
	}
	return err;
}

/* Hands over what was copied, each number once. */
static enum rc_err
hand_over(struct rc_state *state, struct rc_slice copy, struct reading *again,
    rc_sync_log_fn *fn, void *arg, struct rc_error *e)
{
	uint64_t below = UINT64_MAX;
	struct rc_sync_record record;
	enum rc_err err = RC_OK, looked;

	while (err == RC_OK) {
		looked = err = next_record(&copy, &record, e);
		if (err != RC_OK || record.number >= below)
			continue;
		if (record.outcome == RC_SYNC_RUNNING)
			looked = look_again(state, again, &record, e);
		if (looked == RC_OK) {
			below = record.number;
			err = fn(arg, &record, e);
		} else if (looked != RC_END) {
			err = looked;
		}
	}
	return err == RC_END ? RC_OK : err;
}

enum rc_err
rc_sync_log_each(struct rc_state *state, uint32_t channel, size_t max,
    rc_sync_log_fn *fn, void *arg, struct rc_error *e)
{
	struct reading r = {channel, UINT64_MAX, max,
	    RC_BUF_INIT((size_t)RC_SYNC_LOG_MAX * VALUE_MAX)};
	struct reading again = {
	    .channel = channel, .records = RC_BUF_INIT((size_t)VALUE_MAX)};
	enum rc_err err = rc_store_read(state->store, copy_records, &r, e);

	if (err == RC_OK)
		err = hand_over(
		    state, rc_buf_slice(&r.records), &again, fn, arg, e);
	rc_buf_free(&again.records);
	rc_buf_free(&r.records);
	return err;
}
