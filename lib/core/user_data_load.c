#include "core/user_data.h"

#include "core/run_lock.h"

#include <string.h>

#define KEY_MAX (4 + RC_PERSON_VALUE_MAX)
#define RECORD_MAX (64u << 10)

static struct rc_slice
generation_key(unsigned char key[4], uint32_t generation)
{
	rc_put32(key, generation);
	return rc_slice_of(key, 4);
}

/* --- a load --------------------------------------------------------------- */

static enum rc_err
draw(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_data_load *load = arg;

	return rc_state_take32(txn, "next_data", 1, &load->generation, e);
}

enum rc_err
rc_data_load_open(
    struct rc_data_load *load, struct rc_state *state, struct rc_error *e)
{
	enum rc_err err;

	*load = (struct rc_data_load){.state = state, .lock_fd = -1};
	err = rc_store_write(state->store, draw, load, e);
	if (err != RC_OK)
		return err;
	/* Nobody sees the generation before its first row. */
	return rc_run_lock_take(rc_store_path(state->store),
	    RC_RUN_LOCK_DATA + load->generation, &load->lock_fd, e);
}

void
rc_data_load_close(struct rc_data_load *load)
{
	rc_run_lock_drop(&load->lock_fd);
}

struct batch {
	const struct rc_data_load *load;
	const struct rc_data_row *row;
	size_t n, done;
	uint64_t fresh;
};

static enum rc_err
is_last(struct rc_txn *txn, struct rc_slice key, bool *last, struct rc_error *e)
{
	struct rc_slice found, value;
	enum rc_err err = rc_get_ge(txn, RC_T_DATA, key, &found, &value, e);

	*last = err == RC_NOTFOUND;
	return *last ? RC_OK : err;
}

static enum rc_err
put_row(struct rc_txn *txn, struct batch *b, struct rc_slice key, bool last,
    struct rc_slice values, struct rc_error *e)
{
	struct rc_slice old;
	enum rc_err err;

	if (last) {
		b->fresh++;
		return rc_put_last(txn, RC_T_DATA, key, values, e);
	}
	err = rc_get(txn, RC_T_DATA, key, &old, e);
	if (err != RC_OK && err != RC_NOTFOUND)
		return err;
	b->fresh += err == RC_NOTFOUND;
	return rc_put(txn, RC_T_DATA, key, values, e);
}

static enum rc_err
put_batch(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct batch *b = arg;
	unsigned char buf[KEY_MAX];
	size_t bytes = 0;
	enum rc_err err = RC_OK;
	bool last = false;

	b->done = b->fresh = 0;
	rc_put32(buf, b->load->generation);
	while (err == RC_OK && b->done < b->n && b->done < RC_DATA_BATCH &&
	       bytes < RC_DATA_BATCH_BYTES) {
		const struct rc_data_row *row = &b->row[b->done];
		struct rc_slice key;

		memcpy(buf + 4, row->id.p, row->id.len);
		key = rc_slice_of(buf, 4 + row->id.len);
		if (b->done == 0)
			err = is_last(txn, key, &last, e);
		if (err == RC_OK)
			err = put_row(txn, b, key, last, row->values, e);
		bytes += key.len + row->values.len;
		b->done++;
	}
	return err;
}

enum rc_err
rc_data_load_put(struct rc_data_load *load, const struct rc_data_row *row,
    size_t n, uint64_t *fresh, struct rc_error *e)
{
	struct batch b = {.load = load, .row = row, .n = n};
	enum rc_err err = RC_OK;

	*fresh = 0;
	while (err == RC_OK && b.n > 0) {
		err = rc_store_write_bulk(load->state->store, put_batch, &b, e);
		*fresh += b.fresh;
		b.row += b.done;
		b.n -= b.done;
	}
	return err;
}

/* --- feeds ---------------------------------------------------------------- */

struct commit {
	const struct rc_data_load *load;
	const struct rc_data_feed *feed;
};

static enum rc_err
count_feed(void *arg, const struct rc_data_feed *f, struct rc_error *e)
{
	(void)f;
	(void)e;
	++*(size_t *)arg;
	return RC_OK;
}

static enum rc_err
check_room(
    struct rc_txn *txn, const struct rc_data_feed *feed, struct rc_error *e)
{
	struct rc_data_feed old;
	size_t n = 0;
	enum rc_err err =
	    rc_data_feed_get(txn, rc_slice_str(feed->name), &old, e);

	if (err != RC_NOTFOUND)
		return err;
	err = rc_data_feed_each(txn, count_feed, &n, e);
	if (err == RC_OK && n >= RC_DATA_FEEDS)
		return rc_err_set(e, RC_EDATA,
		    "there are %d feeds already, which is the most: remove one "
		    "with --remove",
		    RC_DATA_FEEDS);
	return err;
}

static enum rc_err
put_feed(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct commit *c = arg;
	struct rc_buf record = RC_BUF_INIT(RECORD_MAX);
	enum rc_err err = check_room(txn, c->feed, e);

	rc_buf_add32(&record, c->load->generation);
	rc_buf_add64(&record, c->feed->loaded_ms);
	rc_buf_add64(&record, c->feed->rows);
	rc_buf_add(&record, c->feed->digest, RC_SHA256_LEN);
	rc_buf_add_str(&record, rc_slice_str(c->feed->by));
	rc_buf_add8(&record, (uint8_t)c->feed->nproperties);
	rc_buf_addv(&record, c->feed->properties);
	if (err == RC_OK)
		err = rc_buf_check(&record, "the record of a feed", e);
	if (err == RC_OK)
		err = rc_put(txn, RC_T_DATA_FEED, rc_slice_str(c->feed->name),
		    rc_buf_slice(&record), e);
	rc_buf_free(&record);
	return err;
}

enum rc_err
rc_data_load_commit(struct rc_data_load *load, const struct rc_data_feed *feed,
    struct rc_error *e)
{
	struct commit c = {load, feed};

	return rc_store_write(load->state->store, put_feed, &c, e);
}

static enum rc_err
remove_feed(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct rc_slice *name = arg;

	return rc_del(txn, RC_T_DATA_FEED, *name, e);
}

enum rc_err
rc_data_remove(struct rc_state *state, struct rc_slice name, struct rc_error *e)
{
	enum rc_err err =
	    rc_data_name_check(name, RC_DATA_NAME_MAX, "the feed", e);

	return err == RC_OK
		   ? rc_store_write(state->store, remove_feed, &name, e)
		   : err;
}

/* --- sweeping ------------------------------------------------------------- */

struct sweep {
	const char *path;
	uint32_t from, generation; /* where to look; what to delete */
	size_t done;
};

static enum rc_err
is_current(void *arg, const struct rc_data_feed *f, struct rc_error *e)
{
	uint32_t *generation = arg;

	(void)e;
	if (f->generation != *generation)
		return RC_OK;
	*generation = 0;
	return RC_END;
}

/* The first generation of rows, from one on, that is nobody's. */
static enum rc_err
find_garbage(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct sweep *s = arg;
	unsigned char key[4];
	struct rc_slice found, value;
	enum rc_err err = RC_OK;

	for (s->generation = 0; s->generation == 0; s->from++) {
		err = rc_get_ge(txn, RC_T_DATA, generation_key(key, s->from),
		    &found, &value, e);
		if (err != RC_OK)
			break;
		s->generation = s->from = rc_get32(found.p);
		if (rc_run_lock_held(s->path, RC_RUN_LOCK_DATA + s->from))
			s->generation = 0;
		else
			err = rc_data_feed_each(
			    txn, is_current, &s->generation, e);
		if (err != RC_OK)
			break;
	}
	return err;
}

/*
 * Who let go of the lock has put its generation in force before, which may have
 * been after the look at the feeds, or never will.
 */
static enum rc_err
delete_batch(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct sweep *s = arg;
	uint32_t generation = s->generation;
	unsigned char key[4];
	enum rc_err err = rc_data_feed_each(txn, is_current, &generation, e);

	s->done = 0;
	if (err != RC_OK || generation == 0)
		return err;
	return rc_del_prefix(txn, RC_T_DATA, generation_key(key, s->generation),
	    RC_DATA_BATCH, &s->done, e);
}

enum rc_err
rc_data_sweep(struct rc_state *state, struct rc_error *e)
{
	struct sweep s = {.path = rc_store_path(state->store)};
	enum rc_err err;

	for (;;) {
		err = rc_store_read(state->store, find_garbage, &s, e);
		if (err != RC_OK)
			return err == RC_NOTFOUND ? RC_OK : err;
		do {
			err = rc_store_write_bulk(
			    state->store, delete_batch, &s, e);
		} while (err == RC_OK && s.done == RC_DATA_BATCH);
		if (err != RC_OK)
			return err;
	}
}
