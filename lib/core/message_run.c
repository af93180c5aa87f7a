#include "core/message_priv.h"

#include "base/clock.h"
#include "base/num.h"
#include "core/run_lock.h"

#include <string.h>

#define RUN_LEN 20 /* u32 campaign, u64 started, u32 low, u32 high */
#define AT_LOW 12
#define AT_HIGH 16
#define RUNS_MAX ((size_t)65536)
/* The row is written once for so many ordinals; some hold nothing yet. */
#define EXTEND_BY (10u * RC_MESSAGE_CHUNK)

/* Records of a dead run looked at in one transaction. */
#define RECOVER_BATCH (100u * RC_MESSAGE_CHUNK)

struct row {
	uint32_t run, campaign, low, high;
};

bool
rc_run_alive(const struct rc_state *state, uint32_t run)
{
	return rc_run_lock_held(rc_store_path(state->store), run);
}

void
rc_run_abandon(struct rc_run *run)
{
	rc_run_lock_drop(&run->lock_fd);
}

/* --- the run's row ------------------------------------------------------- */

static enum rc_err
row_parse(struct rc_slice key, struct rc_slice value, struct row *row,
    struct rc_error *e)
{
	if (key.len != 4 || value.len != RUN_LEN)
		return rc_state_damaged(e, "the table of runs");
	row->run = rc_get32(key.p);
	row->campaign = rc_get32(value.p);
	row->low = rc_get32(value.p + AT_LOW);
	row->high = rc_get32(value.p + AT_HIGH);
	return RC_OK;
}

/* The row and its value, borrowed; RC_NOTFOUND. */
static enum rc_err
row_get(struct rc_txn *txn, uint32_t run, struct row *row,
    struct rc_slice *value, struct rc_error *e)
{
	unsigned char key[4];
	enum rc_err err;

	rc_put32(key, run);
	err = rc_get(txn, RC_T_RUN, rc_slice_of(key, 4), value, e);
	return err == RC_OK ? row_parse(rc_slice_of(key, 4), *value, row, e)
			    : err;
}

static enum rc_err
row_set(struct rc_txn *txn, uint32_t run, uint32_t low, uint32_t high,
    struct rc_error *e)
{
	unsigned char key[4], copy[RUN_LEN];
	struct rc_slice value;
	struct row row = {0};
	enum rc_err err = row_get(txn, run, &row, &value, e);

	if (err != RC_OK)
		return err;
	if (row.low == low && row.high == high)
		return RC_OK;
	rc_put32(key, run);
	memcpy(copy, value.p, RUN_LEN);
	rc_put32(copy + AT_LOW, low);
	rc_put32(copy + AT_HIGH, high);
	return rc_put(
	    txn, RC_T_RUN, rc_slice_of(key, 4), rc_slice_of(copy, RUN_LEN), e);
}

enum rc_err
rc_run_extend(struct rc_txn *txn, uint32_t run, uint32_t low, uint32_t high,
    struct rc_error *e)
{
	struct rc_slice value;
	struct row row = {0};
	enum rc_err err = row_get(txn, run, &row, &value, e);

	if (err == RC_NOTFOUND)
		return rc_err_set(e, RC_EAGAIN,
		    "run %u lost its lock on '%s-runs' and was ended: begin "
		    "again",
		    run, rc_store_path(rc_txn_store(txn)));
	if (err != RC_OK)
		return err;
	if (low >= row.low && high <= row.high)
		return RC_OK;
	if (high > row.high)
		row.high = high + EXTEND_BY < high ? high : high + EXTEND_BY;
	return row_set(txn, run, low, row.high, e);
}

struct registration {
	struct rc_run *run;
	uint64_t now_ms;
};

static enum rc_err
take_number(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_run *run = arg;

	return rc_state_take32(txn, "next_run", 1, &run->number, e);
}

static enum rc_err
put_row(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct registration *r = arg;
	unsigned char key[4], value[RUN_LEN] = {0};

	rc_put32(key, r->run->number);
	rc_put32(value, r->run->campaign);
	rc_put64(value + 4, r->now_ms);
	return rc_put(
	    txn, RC_T_RUN, rc_slice_of(key, 4), rc_slice_of(value, RUN_LEN), e);
}

/*
 * The lock comes before the row, or somebody could take the run for dead in
 * between.
 */
enum rc_err
rc_run_open(struct rc_state *state, uint32_t campaign, struct rc_run *run,
    struct rc_error *e)
{
	struct registration r = {run, rc_clock_now_ms()};
	enum rc_err err;

	*run = (struct rc_run){.campaign = campaign, .lock_fd = -1};
	err = rc_store_write(state->store, take_number, run, e);
	if (err != RC_OK)
		return err;
	err = rc_run_lock_take(
	    rc_store_path(state->store), run->number, &run->lock_fd, e);
	if (err == RC_OK)
		err = rc_store_write(state->store, put_row, &r, e);
	if (err != RC_OK) {
		rc_run_abandon(run);
		run->number = 0;
	}
	return err;
}

/* --- recovery ------------------------------------------------------------ */

struct recovery {
	struct row row;
	uint64_t unknown; /* in this transaction */
	bool done;
};

static enum rc_err
recover_records(
    struct rc_txn *txn, struct recovery *r, uint32_t end, struct rc_error *e)
{
	uint64_t now_ms = rc_clock_now_ms(); /* the run is known to be dead */
	struct rc_ledger l;
	enum rc_err err = RC_OK;

	rc_ledger_open(&l, txn, r->row.campaign);
	for (uint32_t i = r->row.low; i < end && err == RC_OK; i++) {
		unsigned char *record;

		err = rc_ledger_at(&l, i, &record, e);
		if (err != RC_OK || record[RC_AT_STATE] != RC_M_CLAIMED ||
		    rc_get32(record + RC_AT_DETAIL) != r->row.run)
			continue;
		/* Not claimed then, but lost by now: that late it may have
		 * gone out. */
		rc_record_change(&l, record, RC_M_UNKNOWN, 0, now_ms);
		r->unknown++;
	}
	return err == RC_OK ? rc_ledger_flush(&l, e) : err;
}

/* One batch of a run's records, low to high; forgets the run behind the last.
 */
static enum rc_err
recover_some(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct recovery *r = arg;
	unsigned char key[4];
	struct rc_slice value;
	uint32_t end;
	enum rc_err err;

	r->unknown = 0;
	r->done = true;
	rc_put32(key, r->row.run);
	err = rc_get(txn, RC_T_RUN, rc_slice_of(key, 4), &value, e);
	if (err == RC_NOTFOUND) /* somebody else has done it */
		return RC_OK;
	if (err == RC_OK)
		err = row_parse(rc_slice_of(key, 4), value, &r->row, e);
	if (err != RC_OK)
		return err;
	end = r->row.high;
	if (end > r->row.low && end - r->row.low > RECOVER_BATCH)
		end = r->row.low + RECOVER_BATCH;
	err = recover_records(txn, r, end, e);
	if (err != RC_OK)
		return err;
	r->done = end == r->row.high;
	if (r->done)
		return rc_del(txn, RC_T_RUN, rc_slice_of(key, 4), e);
	return row_set(txn, r->row.run, end, r->row.high, e);
}

static enum rc_err
recover_run(
    struct rc_state *state, uint32_t run, uint64_t *n, struct rc_error *e)
{
	struct recovery r = {.row.run = run};
	enum rc_err err;

	do {
		err = rc_store_write_bulk(state->store, recover_some, &r, e);
		if (err == RC_OK)
			*n += r.unknown;
	} while (err == RC_OK && !r.done);
	return err;
}

enum rc_err
rc_run_close(struct rc_state *state, struct rc_run *run, struct rc_error *e)
{
	uint64_t left = 0;
	enum rc_err err = recover_run(state, run->number, &left, e);

	rc_run_abandon(run);
	return err;
}

struct listing {
	uint32_t campaign;
	struct rc_buf runs; /* u32 each */
};

static enum rc_err
list_runs(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct listing *l = arg;
	struct rc_cursor *c;
	struct rc_slice key, value;
	struct row row = {0};
	enum rc_err err = rc_cursor_open(txn, RC_T_RUN, &c, e);

	if (err != RC_OK)
		return err;
	rc_buf_reset(&l->runs);
	err = rc_cursor_ge(c, (struct rc_slice){"", 0}, &key, &value, e);
	while (err == RC_OK) {
		err = row_parse(key, value, &row, e);
		if (err != RC_OK)
			break;
		if (l->campaign == 0 || l->campaign == row.campaign)
			rc_buf_add32(&l->runs, row.run);
		err = rc_cursor_next(c, &key, &value, e);
	}
	rc_cursor_close(c);
	if (err != RC_END && err != RC_NOTFOUND)
		return err;
	return rc_buf_check(&l->runs, "the table of runs", e);
}

enum rc_err
rc_message_none(
    struct rc_txn *txn, uint32_t campaign, bool *none, struct rc_error *e)
{
	struct listing l = {campaign, RC_BUF_INIT(RUNS_MAX * 4)};
	enum rc_err err = rc_recipient_any(txn, campaign, none, e);

	*none = !*none;
	if (err == RC_OK && *none)
		err = list_runs(txn, &l, e);
	*none = *none && err == RC_OK && l.runs.len == 0;
	rc_buf_free(&l.runs);
	return err;
}

enum rc_err
rc_run_count(
    struct rc_state *state, uint32_t campaign, uint64_t *n, struct rc_error *e)
{
	struct listing l = {campaign, RC_BUF_INIT(RUNS_MAX * 4)};
	enum rc_err err = rc_store_read(state->store, list_runs, &l, e);

	*n = 0;
	for (size_t i = 0; i < l.runs.len && err == RC_OK; i += 4)
		*n += rc_run_alive(state, rc_get32(l.runs.data + i));
	rc_buf_free(&l.runs);
	return err;
}

enum rc_err
rc_run_recover(
    struct rc_state *state, uint32_t campaign, uint64_t *n, struct rc_error *e)
{
	struct listing l = {campaign, RC_BUF_INIT(RUNS_MAX * 4)};
	enum rc_err err = rc_store_read(state->store, list_runs, &l, e);

	*n = 0;
	for (size_t i = 0; i < l.runs.len && err == RC_OK; i += 4) {
		uint32_t run = rc_get32(l.runs.data + i);

		if (!rc_run_alive(state, run))
			err = recover_run(state, run, n, e);
	}
	rc_buf_free(&l.runs);
	return err;
}
